//! Bills of materials.

use super::{Rule, Severity};

rules! {
    MALFORMED: Error "sbom-malformed" {
        wrong: "A bill of materials cannot be read.",
        matters: "A scanner that looks for it reports the package as unknown.",
        remedy: "Write it again with a tool that knows CycloneDX, or leave it out.",
        source: "PEP 770; CycloneDX 1.6 (ECMA-424)",
    }
    MISSING: Error "sbom-file-missing" {
        wrong: "The bill of materials does not list a file of the runtime.",
        matters: "A scanner that looks for the file's digest does not find it: the program runs unseen.",
        remedy: "Stage the package again: the bill is made of the files that are in it.",
        source: "PEP 770; CycloneDX 1.6 (ECMA-424), components",
    }
    UNKNOWN: Error "sbom-file-unknown" {
        wrong: "The bill of materials lists a file that the package does not have.",
        matters: "Scanners report a program that nobody has.",
        remedy: "Stage the package again: the bill is made of the files that are in it.",
        source: "PEP 770; CycloneDX 1.6 (ECMA-424), components",
    }
    HASH: Error "sbom-hash" {
        wrong: "The bill of materials has another digest for a file than the file has.",
        matters: "Either the file or the bill was changed after the package was made.",
        remedy: "Find out which of the two was changed; then stage the package again.",
        source: "PEP 770; CycloneDX 1.6 (ECMA-424), hashes",
    }
}
