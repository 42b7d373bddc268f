use std::fmt;

use super::load::LoadFault;
use super::loader::LoaderFault;
use crate::facts::{AppleVersion, Libc};

/// Why a tag is not true of a file: what the file needs and what the tag promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A version of a library's symbols that is newer than promised.
    Version {
        /// The version.
        version: String,
        /// The library that has to have it.
        library: String,
        /// The newest one that is promised; none when the tag promises none of the kind.
        promised: Option<String>,
        /// Whether a newer tag promises it.
        newer: bool,
        /// The tag.
        tag: String,
    },
    /// Symbols of a library of the system that the tag forbids: they are internal to the library,
    /// or some systems of the tag do not have them.
    Symbols {
        /// The symbols; never empty.
        symbols: Vec<String>,
        /// The library that they are taken from.
        library: String,
        /// The tag.
        tag: String,
    },
    /// A library that is neither promised nor carried.
    Library {
        /// The library, as the file names it.
        library: String,
        /// The tag.
        tag: String,
    },
    /// A C library that the tag's systems do not have.
    Libc {
        /// The one that is needed.
        needs: Libc,
        /// The tag.
        tag: String,
    },
    /// A loader that no system has where the program looks for it.
    Loader(LoaderFault),
    /// No loader takes the file.
    Load(LoadFault),
    /// The loaders of some systems of the tag do not take the file as its segments are aligned.
    Alignment {
        /// The tag.
        tag: String,
    },
    /// Packed relocations (`DT_RELR`), which the loaders of some systems of the tag do not apply.
    Relocations {
        /// The C library, with its first version that applies them.
        since: &'static str,
        /// The tag.
        tag: String,
    },
    /// A system that is newer than promised.
    System {
        /// Its name.
        system: &'static str,
        /// The oldest one that will do.
        minimum: AppleVersion,
        /// The tag.
        tag: String,
    },
    /// An Android that is newer than promised.
    Android {
        /// The oldest level of its interfaces that will do.
        api: u32,
        /// The tag.
        tag: String,
    },
    /// Nothing, since it is for another system or CPU, and is the entrypoint or all that there is.
    Foreign {
        /// What it is for.
        what: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version {
                version,
                library,
                promised,
                newer: _,
                tag,
            } => {
                write!(f, "it needs {version} of {library}, and {tag} promises ")?;
                match promised {
                    Some(promised) => write!(f, "{promised} at most"),
                    None => f.write_str("none of that name"),
                }
            }
            Self::Symbols {
                symbols,
                library,
                tag,
            } => write!(
                f,
                "it uses {} of {library}, which {tag} does not promise",
                symbols.join(" and ")
            ),
            Self::Library { library, tag } => write!(
                f,
                "it needs {library}, which {tag} does not promise and the package does not carry \
                 where the loader looks"
            ),
            Self::Libc { needs, tag } => {
                let (needs, promised) = match needs {
                    Libc::Glibc => ("glibc", "musl"),
                    Libc::Musl => ("musl", "glibc"),
                    Libc::Other => ("another C library", "none"),
                };
                let is_plain = tag.starts_with("linux_");
                let promised = if is_plain { "none" } else { promised };
                write!(f, "it needs {needs}, and {tag} promises {promised}")
            }
            Self::Loader(fault) => write!(f, "{fault}"),
            Self::Load(fault) => write!(f, "{fault}"),
            Self::Alignment { tag } => write!(
                f,
                "its segments are not aligned as they say, and glibc before 2.35 refuses such a \
                 library: {tag} promises no newer one"
            ),
            Self::Relocations { since, tag } => write!(
                f,
                "it has packed relocations (DT_RELR), which are applied from {since} on: {tag} \
                 promises no version of that"
            ),
            Self::System {
                system,
                minimum,
                tag,
            } => {
                write!(f, "it needs {system} {minimum}, and {tag} promises less")
            }
            Self::Android { api, tag } => write!(
                f,
                "it needs level {api} of Android's interfaces, and {tag} promises less"
            ),
            Self::Foreign { what } => write!(f, "it is for {what}"),
        }
    }
}

/// What is worth knowing of a file and breaks no promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It is for another system or CPU than the tag.
    Foreign {
        /// What it is for.
        what: String,
    },
    /// It needs a version that is newer than the tag's number, and that the systems of the tag
    /// have all the same.
    Backported {
        /// The version.
        version: String,
        /// The tag.
        tag: String,
    },
    /// It has packed relocations (`DT_RELR`), which the older releases of the tag's musl do not
    /// apply. There are no tags between the releases.
    Relocations {
        /// The tag.
        tag: String,
    },
    /// It needs an update of the system's release, for which there are no tags.
    Update {
        /// Its name.
        system: &'static str,
        /// The oldest version that will do.
        minimum: AppleVersion,
        /// The tag.
        tag: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { what } => write!(f, "it is for {what}, and the tag is not"),
            Self::Backported { version, tag } => write!(
                f,
                "it needs {version}, which the systems of {tag} have although their glibc is older"
            ),
            Self::Relocations { tag } => write!(
                f,
                "it has packed relocations (DT_RELR), which musl applies from 1.2.4 on, and systems \
                 with an older one are among those of {tag}"
            ),
            Self::Update {
                system,
                minimum,
                tag,
            } => write!(
                f,
                "it needs {system} {minimum}, an update of the release that {tag} promises"
            ),
        }
    }
}
