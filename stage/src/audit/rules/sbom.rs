//! Bills of materials.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[&MALFORMED, &MISSING, &UNKNOWN, &HASH];

pub static MALFORMED: Rule = Rule {
    code: "sbom-malformed",
    severity: Severity::Error,
    wrong: "A bill of materials cannot be read.",
    matters: "A scanner that looks for it reports the package as unknown.",
    remedy: "Write it again with a tool that knows CycloneDX, or leave it out.",
    source: "PEP 770; CycloneDX 1.6 (ECMA-424)",
};

pub static MISSING: Rule = Rule {
    code: "sbom-file-missing",
    severity: Severity::Error,
    wrong: "The bill of materials does not list a file of the runtime.",
    matters: "A scanner that looks for the file's digest does not find it: the program runs unseen.",
    remedy: "Stage the package again: the bill is made of the files that are in it.",
    source: "PEP 770; CycloneDX 1.6 (ECMA-424), components",
};

pub static UNKNOWN: Rule = Rule {
    code: "sbom-file-unknown",
    severity: Severity::Error,
    wrong: "The bill of materials lists a file that the package does not have.",
    matters: "Scanners report a program that nobody has.",
    remedy: "Stage the package again: the bill is made of the files that are in it.",
    source: "PEP 770; CycloneDX 1.6 (ECMA-424), components",
};

pub static HASH: Rule = Rule {
    code: "sbom-hash",
    severity: Severity::Error,
    wrong: "The bill of materials has another digest for a file than the file has.",
    matters: "Either the file or the bill was changed after the package was made.",
    remedy: "Find out which of the two was changed; then stage the package again.",
    source: "PEP 770; CycloneDX 1.6 (ECMA-424), hashes",
};
