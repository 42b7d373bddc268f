//! Containers, whatever is in them.

use super::{Rule, Severity};

rules! {
    MALFORMED: Error "archive-malformed" {
        wrong: "The archive is damaged or ambiguous.",
        matters: "Two programs read two different trees from it, or none.",
        remedy: "Make the archive again, and compare the SHA-256 of the copy with that of the original.",
        source: "PKWARE APPNOTE.TXT 6.3.10; RFC 1952; RFC 8878; POSIX pax",
    }
    LINK: Error "archive-link" {
        wrong: "The package holds a link or a special file.",
        matters: "Installers refuse it, or put a copy or nothing in its place, each as it likes.",
        remedy: "Pack a copy of the file that the link leads to.",
        source: "The binary distribution format of wheels; npm and Cargo leave links out",
    }
    OBJECT_MALFORMED: Error "object-malformed" {
        wrong: "A file begins like an executable and is not a whole one.",
        matters: "The system refuses to load it.",
        remedy: "Build or download the file again: it was cut short or damaged.",
        source: "System V ABI; Mach-O; Microsoft PE format",
    }
    METADATA_TOO_LARGE: Error "metadata-too-large" {
        wrong: "A metadata file is larger than any real one.",
        matters: "Registries and installers that read it whole refuse the package.",
        remedy: "Look at what wrote that file.",
        source: "The rule is our own: 16 MiB for one file, 64 MiB for all of a package",
    }
}
