//! Zip archives: what readers and registries demand of one beyond that it can be read.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &ENCRYPTED,
    &METHOD,
    &TRAILING,
    &HIDDEN,
    &DISAGREE,
    &CORRUPT,
    &EXTENSIBLE,
    &DESCRIPTOR,
    &ENTRY_COMMENT,
    &COMMENT,
    &RATIO,
    &MODE_SPECIAL,
    &MODE_UNREADABLE,
    &MODE_WRITABLE,
];

pub static ENCRYPTED: Rule = Rule {
    code: "zip-encrypted",
    severity: Severity::Error,
    wrong: "An entry of the archive is encrypted.",
    matters: "No installer asks for a password: the package does not install.",
    remedy: "Pack the files again without encryption.",
    source: "PKWARE APPNOTE.TXT 6.3.10, sections 4.4.4 and 7; the binary distribution format of wheels",
};

pub static METHOD: Rule = Rule {
    code: "zip-compression",
    severity: Severity::Error,
    wrong: "An entry is compressed in a way that installers do not know.",
    matters: "Package indexes refuse it, and pip and uv cannot unpack it.",
    remedy: "Pack the archive again with deflate, or without compression.",
    source: "PyPI takes stored and deflated entries only; PKWARE APPNOTE.TXT 6.3.10, section 4.4.5",
};

pub static TRAILING: Rule = Rule {
    code: "zip-trailing-bytes",
    severity: Severity::Error,
    wrong: "Bytes follow the end of the archive.",
    matters: "PyPI refuses it. Some readers take the last archive in a file, others the first: they see different packages.",
    remedy: "Make the archive again, and compare the SHA-256 of the copy with that of the original.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.16",
};

pub static HIDDEN: Rule = Rule {
    code: "zip-hidden-bytes",
    severity: Severity::Error,
    wrong: "There are bytes in the archive that belong to no entry, or to two.",
    matters: "A reader that goes from the front finds other content than one that goes by the directory. PyPI refuses it.",
    remedy: "Make the archive again with an ordinary zip writer.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.6",
};

pub static DISAGREE: Rule = Rule {
    code: "zip-headers-disagree",
    severity: Severity::Error,
    wrong: "Two records of the archive say different things about one entry.",
    matters: "Which of the two a reader believes decides what is installed. PyPI refuses it.",
    remedy: "Make the archive again with an ordinary zip writer.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.12",
};

pub static CORRUPT: Rule = Rule {
    code: "zip-corrupt",
    severity: Severity::Error,
    wrong: "The content of an entry is damaged.",
    matters: "The package does not install.",
    remedy: "Make or copy the archive again, and compare the SHA-256 of the copy with that of the original.",
    source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.7; RFC 1951",
};

pub static EXTENSIBLE: Rule = Rule {
    code: "zip-extensible-data",
    severity: Severity::Error,
    wrong: "The ZIP64 end record has extensible data.",
    matters: "PyPI refuses it.",
    remedy: "Make the archive again with an ordinary zip writer.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.14",
};

pub static DESCRIPTOR: Rule = Rule {
    code: "zip-data-descriptor",
    severity: Severity::Error,
    wrong: "The size of an entry stands after its content and not before it.",
    matters: "PyPI refuses archives with data descriptors, since a reader cannot know where such an entry ends.",
    remedy: "Write the archive to a file and not to a pipe, so that sizes can go into the headers.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.9",
};

pub static ENTRY_COMMENT: Rule = Rule {
    code: "zip-entry-comment",
    severity: Severity::Error,
    wrong: "An entry of the archive has a comment.",
    matters: "PyPI refuses it.",
    remedy: "Make the archive again without comments.",
    source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.4.18",
};

pub static COMMENT: Rule = Rule {
    code: "zip-comment",
    severity: Severity::Warning,
    wrong: "The archive has a comment.",
    matters: "Nobody sees it, and the strictest readers refuse what could hide another archive.",
    remedy: "Make the archive again without a comment.",
    source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.26",
};

pub static RATIO: Rule = Rule {
    code: "zip-ratio",
    severity: Severity::Error,
    wrong: "The archive unpacks to more than 50 times its size.",
    matters: "PyPI takes it for an attack and refuses it.",
    remedy: "Leave out what compresses so well: it is mostly zeros.",
    source: "PyPI's checks of archives: 50 times, from 64 MiB of content on",
};

pub static MODE_SPECIAL: Rule = Rule {
    code: "zip-mode-special",
    severity: Severity::Warning,
    wrong: "A file has the set-user-ID, set-group-ID or sticky bit.",
    matters: "A tool that keeps modes makes a program that runs with the rights of whoever unpacked it.",
    remedy: "Clear the bit before packing: `chmod a-st FILE`.",
    source: "POSIX.1-2024, chmod",
};

pub static MODE_UNREADABLE: Rule = Rule {
    code: "zip-mode-unreadable",
    severity: Severity::Warning,
    wrong: "A file's mode does not let its owner read it.",
    matters: "Tools that keep modes, such as unzip, leave a file that nobody can open.",
    remedy: "Give it mode 0644, or 0755 if it is a program, before packing.",
    source: "POSIX.1-2024, chmod",
};

pub static MODE_WRITABLE: Rule = Rule {
    code: "zip-mode-writable",
    severity: Severity::Note,
    wrong: "A file's mode lets everybody write to it.",
    matters: "Tools that keep modes, such as unzip, let any user of the machine change what runs. pip and uv do not keep them.",
    remedy: "Give it mode 0644, or 0755 if it is a program, before packing.",
    source: "POSIX.1-2024, chmod",
};
