//! Signatures of Mach-O files, against the bytes of the files.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[&ABSENT, &BROKEN, &INTEL_ABSENT, &INTEL_BROKEN];

pub static ABSENT: Rule = Rule {
    code: "signature-absent",
    severity: Severity::Error,
    wrong: "A program or a library for Apple silicon has no signature.",
    matters: "The system kills the program when it starts, or when it loads the library (\"Killed: 9\").",
    remedy: "Sign it after the last change: `codesign --sign - FILE` signs ad hoc, and linkers for arm64 do so too.",
    source: "Apple: Code Signing Tasks; release notes of macOS 11 (arm64 code must be signed)",
};

pub static BROKEN: Rule = Rule {
    code: "signature-broken",
    severity: Severity::Error,
    wrong: "A program or a library for Apple silicon is not what was signed.",
    matters: "The system kills the program when it needs a page that was changed (\"Killed: 9\", `CODESIGNING` in the crash report).",
    remedy: "Take the file as it was signed, or sign it again after the last change: `codesign --force --sign - FILE`. Nothing may change it or be appended to it after that, and that includes `strip` and `install_name_tool`.",
    source: "XNU: cs_blobs.h and ubc_subr.c; `codesign --verify --strict`",
};

pub static INTEL_ABSENT: Rule = Rule {
    code: "signature-intel-absent",
    severity: Severity::Note,
    wrong: "A program or a library for Macs with a CPU of Intel has no signature.",
    matters: "It runs. Where rules demand a signature (Gatekeeper, device management), the user is asked or it is refused.",
    remedy: "Nothing, or sign it.",
    source: "Apple: Code Signing Tasks",
};

pub static INTEL_BROKEN: Rule = Rule {
    code: "signature-intel-broken",
    severity: Severity::Warning,
    wrong: "A program or a library for Macs with a CPU of Intel is not what was signed.",
    matters: "The system may kill it: when the signature has the hardened runtime, when rules demand a signature, and when it runs on Apple silicon.",
    remedy: "Take the file as it was signed, sign it again after the last change, or remove the signature: `codesign --remove-signature FILE`.",
    source: "XNU: cs_blobs.h and ubc_subr.c; `codesign --verify --strict`",
};
