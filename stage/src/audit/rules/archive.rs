//! Containers, whatever is in them.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &MALFORMED,
    &NAME,
    &DUPLICATE,
    &COLLISION,
    &TOO_LARGE,
    &LINK,
    &OBJECT_MALFORMED,
    &OBJECT_FRAGMENT,
    &METADATA_TOO_LARGE,
];

pub static MALFORMED: Rule = Rule {
    code: "archive-malformed",
    severity: Severity::Error,
    wrong: "The archive is damaged or ambiguous.",
    matters: "Two programs read two different trees from it, or none.",
    remedy: "Make the archive again, and compare the SHA-256 of the copy with that of the original.",
    source: "PKWARE APPNOTE.TXT 6.3.10; RFC 1952; RFC 8878; POSIX pax",
};

pub static NAME: Rule = Rule {
    code: "archive-name",
    severity: Severity::Error,
    wrong: "An entry has a name that leads out of the place it is unpacked to, or that some system cannot hold.",
    matters: "Unpacking it overwrites files elsewhere, or fails.",
    remedy: "Do not unpack it. Pack the files again from their directory, with plain relative names.",
    source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.17; POSIX pax; CWE-22",
};

pub static DUPLICATE: Rule = Rule {
    code: "archive-duplicate",
    severity: Severity::Error,
    wrong: "Two entries have one name.",
    matters: "Which of the two is installed depends on the installer. PyPI refuses such a wheel.",
    remedy: "Make the archive again, with each file once.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10; POSIX pax",
};

pub static COLLISION: Rule = Rule {
    code: "archive-collision",
    severity: Severity::Error,
    wrong: "Two entries cannot lie beside each other: their names differ in case only, or one is a file and a directory.",
    matters: "On Windows and macOS one overwrites the other.",
    remedy: "Rename one of the two.",
    source: "The rule is our own, from the file systems NTFS and APFS",
};

pub static TOO_LARGE: Rule = Rule {
    code: "archive-too-large",
    severity: Severity::Error,
    wrong: "The archive holds more than any real package.",
    matters: "It fills the disk of whoever unpacks it.",
    remedy: "If it is what it should be, raise the limit in a stage.toml of your own and name its folder with --product.",
    source: "`bundle.limits` of stage.toml",
};

pub static LINK: Rule = Rule {
    code: "archive-link",
    severity: Severity::Error,
    wrong: "The package holds a link or a special file.",
    matters: "Installers refuse it, or put a copy or nothing in its place, each as it likes.",
    remedy: "Pack a copy of the file that the link leads to.",
    source: "The binary distribution format of wheels; npm leaves links out",
};

pub static OBJECT_MALFORMED: Rule = Rule {
    code: "object-malformed",
    severity: Severity::Error,
    wrong: "A file begins like an executable and is not a whole one.",
    matters: "The system refuses to load it.",
    remedy: "Build or download the file again: it was cut short or damaged.",
    source: "System V ABI; Mach-O; Microsoft PE format",
};

pub static OBJECT_FRAGMENT: Rule = Rule {
    code: "object-fragment",
    severity: Severity::Note,
    wrong: "A file that nobody starts begins like an executable and is not a whole one.",
    matters: "None, if it is data: a test has use for such a file. A program lacks the executable bit too.",
    remedy: "If it is a program, build or download it again.",
    source: "System V ABI; Mach-O; Microsoft PE format",
};

pub static METADATA_TOO_LARGE: Rule = Rule {
    code: "metadata-too-large",
    severity: Severity::Error,
    wrong: "A metadata file is larger than any real one.",
    matters: "Registries and installers that read it whole refuse the package.",
    remedy: "Look at what wrote that file.",
    source: "The rule is our own: 16 MiB for one file, 64 MiB for all of a package",
};
