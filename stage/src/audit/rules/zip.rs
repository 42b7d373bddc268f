//! Zip archives: what readers and registries demand of one beyond that it can be read.

use super::{Rule, Severity};

rules! {
    ENCRYPTED: Error "zip-encrypted" {
        wrong: "An entry of the archive is encrypted.",
        matters: "No installer asks for a password: the package does not install.",
        remedy: "Pack the files again without encryption.",
        source: "PKWARE APPNOTE.TXT 6.3.10, sections 4.4.4 and 7; the binary distribution format of wheels",
    }
    METHOD: Error "zip-compression" {
        wrong: "An entry is compressed in a way that installers do not know.",
        matters: "Package indexes refuse it, and pip and uv cannot unpack it.",
        remedy: "Pack the archive again with deflate, or without compression.",
        source: "PyPI takes stored and deflated entries only; PKWARE APPNOTE.TXT 6.3.10, section 4.4.5",
    }
    TRAILING: Error "zip-trailing-bytes" {
        wrong: "Bytes follow the end of the archive.",
        matters: "PyPI refuses it. Some readers take the last archive in a file, others the first: they see different packages.",
        remedy: "Make the archive again, and compare the SHA-256 of the copy with that of the original.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.16",
    }
    HIDDEN: Error "zip-hidden-bytes" {
        wrong: "There are bytes in the archive that belong to no entry, or to two.",
        matters: "A reader that goes from the front finds other content than one that goes by the directory. PyPI refuses it.",
        remedy: "Make the archive again with an ordinary zip writer.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.6",
    }
    DISAGREE: Error "zip-headers-disagree" {
        wrong: "Two records of the archive say different things about one entry.",
        matters: "Which of the two a reader believes decides what is installed. PyPI refuses it.",
        remedy: "Make the archive again with an ordinary zip writer.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.12",
    }
    CORRUPT: Error "zip-corrupt" {
        wrong: "The content of an entry is damaged.",
        matters: "The package does not install.",
        remedy: "Make or copy the archive again, and compare the SHA-256 of the copy with that of the original.",
        source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.7; RFC 1951",
    }
    EXTENSIBLE: Error "zip-extensible-data" {
        wrong: "The ZIP64 end record has extensible data.",
        matters: "PyPI refuses it.",
        remedy: "Make the archive again with an ordinary zip writer.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.14",
    }
    DESCRIPTOR: Error "zip-data-descriptor" {
        wrong: "The size of an entry stands after its content and not before it.",
        matters: "PyPI refuses archives with data descriptors, since a reader cannot know where such an entry ends.",
        remedy: "Write the archive to a file and not to a pipe, so that sizes can go into the headers.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.3.9",
    }
    ENTRY_COMMENT: Error "zip-entry-comment" {
        wrong: "An entry of the archive has a comment.",
        matters: "PyPI refuses it.",
        remedy: "Make the archive again without comments.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10, section 4.4.18",
    }
    COMMENT: Warning "zip-comment" {
        wrong: "The archive has a comment.",
        matters: "Nobody sees it, and the strictest readers refuse what could hide another archive.",
        remedy: "Make the archive again without a comment.",
        source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.26",
    }
    RATIO: Error "zip-ratio" {
        wrong: "The archive unpacks to more than 50 times its size.",
        matters: "PyPI takes it for an attack and refuses it.",
        remedy: "Leave out what compresses so well: it is mostly zeros.",
        source: "PyPI's checks of archives: 50 times, from 64 MiB of content on",
    }
    MODE_SPECIAL: Warning "zip-mode-special" {
        wrong: "A file has the set-user-ID, set-group-ID or sticky bit.",
        matters: "A tool that keeps modes makes a program that runs with the rights of whoever unpacked it.",
        remedy: "Clear the bit before packing: `chmod a-st FILE`.",
        source: "POSIX.1-2024, chmod",
    }
    MODE_UNREADABLE: Warning "zip-mode-unreadable" {
        wrong: "A file's mode does not let its owner read it.",
        matters: "Tools that keep modes, such as unzip, leave a file that nobody can open.",
        remedy: "Give it mode 0644, or 0755 if it is a program, before packing.",
        source: "POSIX.1-2024, chmod",
    }
    MODE_WRITABLE: Note "zip-mode-writable" {
        wrong: "A file's mode lets everybody write to it.",
        matters: "Tools that keep modes, such as unzip, let any user of the machine change what runs. pip and uv do not keep them.",
        remedy: "Give it mode 0644, or 0755 if it is a program, before packing.",
        source: "POSIX.1-2024, chmod",
    }
}
