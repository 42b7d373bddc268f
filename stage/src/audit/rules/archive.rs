//! Containers, whatever is in them.

use super::{Rule, Severity};

rules! {
    MALFORMED: Error "archive-malformed" {
        wrong: "The archive is damaged or ambiguous.",
        matters: "Two programs read two different trees from it, or none.",
        remedy: "Make the archive again, and compare the SHA-256 of the copy with that of the original.",
        source: "PKWARE APPNOTE.TXT 6.3.10; RFC 1952; RFC 8878; POSIX pax",
    }
    NAME: Error "archive-name" {
        wrong: "An entry has a name that leads out of the place it is unpacked to, or that some system cannot hold.",
        matters: "Unpacking it overwrites files elsewhere, or fails.",
        remedy: "Do not unpack it. Pack the files again from their directory, with plain relative names.",
        source: "PKWARE APPNOTE.TXT 6.3.10, section 4.4.17; POSIX pax; CWE-22",
    }
    DUPLICATE: Error "archive-duplicate" {
        wrong: "Two entries have one name.",
        matters: "Which of the two is installed depends on the installer. PyPI refuses such a wheel.",
        remedy: "Make the archive again, with each file once.",
        source: "PyPI's checks of archives; PKWARE APPNOTE.TXT 6.3.10; POSIX pax",
    }
    COLLISION: Error "archive-collision" {
        wrong: "Two entries cannot lie beside each other: their names differ in case only, or one is a file and a directory.",
        matters: "On Windows and macOS one overwrites the other.",
        remedy: "Rename one of the two.",
        source: "The rule is our own, from the file systems NTFS and APFS",
    }
    TOO_LARGE: Error "archive-too-large" {
        wrong: "The archive holds more than any real package.",
        matters: "It fills the disk of whoever unpacks it.",
        remedy: "If it is what it should be, raise the limit in a stage.toml of your own and name its folder with --product.",
        source: "`bundle.limits` of stage.toml",
    }
    LINK: Error "archive-link" {
        wrong: "The package holds a link or a special file.",
        matters: "Installers refuse it, or put a copy or nothing in its place, each as it likes.",
        remedy: "Pack a copy of the file that the link leads to.",
        source: "The binary distribution format of wheels; npm leaves links out",
    }
    OBJECT_MALFORMED: Error "object-malformed" {
        wrong: "A file begins like an executable and is not a whole one.",
        matters: "The system refuses to load it.",
        remedy: "Build or download the file again: it was cut short or damaged.",
        source: "System V ABI; Mach-O; Microsoft PE format",
    }
    OBJECT_FRAGMENT: Note "object-fragment" {
        wrong: "A file that nobody starts begins like an executable and is not a whole one.",
        matters: "None, if it is data: a test has use for such a file. A program lacks the executable bit too.",
        remedy: "If it is a program, build or download it again.",
        source: "System V ABI; Mach-O; Microsoft PE format",
    }
    METADATA_TOO_LARGE: Error "metadata-too-large" {
        wrong: "A metadata file is larger than any real one.",
        matters: "Registries and installers that read it whole refuse the package.",
        remedy: "Look at what wrote that file.",
        source: "The rule is our own: 16 MiB for one file, 64 MiB for all of a package",
    }
}
