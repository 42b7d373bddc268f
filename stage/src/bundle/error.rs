use std::io;
use std::path::{Path, PathBuf};

use super::fault::{BadLink, CommandFault, LegacyFault};
use super::metadata::MetadataFault;
use crate::base::failure::{Advice, raise_limit};
use strict_archive::PortableFault;
use strict_archive::{Escaped, LimitFault, TreeFault};

/// Why a RUNTIME is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing of this name.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// A file of no bytes.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),
    /// A device, a FIFO or a socket.
    #[error("{} is {what}, not a file or a directory", path.display())]
    Special {
        /// The RUNTIME, or a file in it.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A text with a `#!` line.
    #[error(
        "{} is a script (its first line is `{}`), not a runtime",
        path.display(), Escaped(first_line)
    )]
    Script {
        /// The RUNTIME.
        path: PathBuf,
        /// Its first line, or the beginning of it.
        first_line: Vec<u8>,
    },
    /// Bytes that begin like nothing that is known.
    #[error("{} is of no kind that a runtime comes in: {reason}", path.display())]
    Unknown {
        /// The RUNTIME.
        path: PathBuf,
        /// How it begins.
        reason: String,
    },
    /// An executable that is no program, or one for several targets.
    #[error("{} is {what}, not a program for one target", path.display())]
    Unfit {
        /// The RUNTIME.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// A program whose end is missing.
    #[error(
        "{}{} is truncated: it ends at byte {len}, before what its headers describe: {part} would \
         end at byte {end}",
        runtime.display(), in_runtime(program.as_deref())
    )]
    Truncated {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The program's path in it, if it is not the RUNTIME itself.
        program: Option<String>,
        /// The part that is missing, or its end.
        part: &'static str,
        /// Where it would end.
        end: u64,
        /// Bytes of the program.
        len: u64,
    },
    /// An executable of a machine that no platform file describes.
    #[error("{} is {what}, which is none of the targets: {}", path.display(), targets.join(", "))]
    NoPlatform {
        /// The RUNTIME.
        path: PathBuf,
        /// Format and machine.
        what: String,
        /// The targets that there are.
        targets: Vec<String>,
    },
    /// The system could not read the RUNTIME.
    #[error("cannot read the runtime")]
    Read(#[source] io::Error),
    /// The system could not write the unpacked files.
    #[error("cannot unpack the runtime into the temporary directory beside the staging directory")]
    Scratch(#[source] io::Error),
    /// The archive is malformed or hostile.
    #[error(transparent)]
    Container(#[from] strict_archive::Error),
    /// A name that not every system can hold.
    #[error("{}: `{}`: {fault}", runtime.display(), Escaped(name))]
    Path {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The name, as the RUNTIME has it.
        name: Vec<u8>,
        /// What is wrong with it.
        fault: PortableFault,
    },
    /// Two names in a directory that cannot lie side by side everywhere.
    #[error("{}: `{}`: {fault}", runtime.display(), Escaped(name.as_bytes()))]
    Tree {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The name.
        name: String,
        /// What is wrong with it.
        fault: TreeFault,
    },
    /// A directory that holds too much, or links that multiply what an archive holds.
    #[error("{}: {fault}", runtime.display())]
    Limit {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The limit.
        fault: LimitFault,
    },
    /// A link that leads to no file of the bundle.
    #[error("{}: `{}`: {fault}", runtime.display(), Escaped(name.as_bytes()))]
    Link {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The link.
        name: String,
        /// What is wrong with it.
        fault: BadLink,
    },
    /// Metadata in two places, or programs for two targets outside of a plain archive.
    #[error("{} holds two runtimes: `{first}` and `{second}`", runtime.display())]
    TwoRuntimes {
        /// The RUNTIME.
        runtime: PathBuf,
        /// A file of the one.
        first: String,
        /// A file of the other.
        second: String,
    },
    /// An archive of bare programs.
    #[error(
        "{} holds {count} executables and no {metadata}: {}",
        runtime.display(), first_two(first, second, *count)
    )]
    Executables {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The name of the file that would say which of them is the runtime.
        metadata: String,
        /// The first of them.
        first: String,
        /// The second.
        second: String,
        /// How many there are.
        count: usize,
    },
    /// No metadata, and not just one program.
    #[error("{} is no runtime: there is no {metadata} {place}", runtime.display())]
    NoMetadata {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The name of the file.
        metadata: String,
        /// Where it was looked for.
        place: &'static str,
    },
    /// Metadata in a place where no bundle begins.
    #[error("{}: `{found}` is not {expected}", runtime.display())]
    MetadataPlace {
        /// The RUNTIME.
        runtime: PathBuf,
        /// Where the metadata are.
        found: String,
        /// Where they may be.
        expected: &'static str,
    },
    /// A file beside the bundle.
    #[error("{}: `{file}` lies outside of the runtime, whose root is `{root}/`", runtime.display())]
    OutsideRoot {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The file.
        file: String,
        /// The directory of the metadata.
        root: String,
    },
    /// Metadata that cannot be used.
    #[error("{}: `{file}`: {fault}", runtime.display())]
    Metadata {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The metadata's path in it.
        file: String,
        /// What is wrong with it.
        fault: MetadataFault,
    },
    /// Another release than the caller expects.
    #[error("{} is version {found}, but --release-tag says {expected}", runtime.display())]
    Version {
        /// The RUNTIME.
        runtime: PathBuf,
        /// What the RUNTIME says.
        found: String,
        /// What the caller says.
        expected: String,
    },
    /// A target without a platform file.
    #[error(
        "{} is for {target:?}, which is none of the targets: {}",
        runtime.display(), targets.join(", ")
    )]
    UnknownTarget {
        /// The RUNTIME.
        runtime: PathBuf,
        /// What the RUNTIME says.
        target: String,
        /// The targets that there are.
        targets: Vec<String>,
    },
    /// Another target than the caller expects.
    #[error("{} is for {found}{}", runtime.display(), other_target(found_tags, expected, expected_tags))]
    Target {
        /// The RUNTIME.
        runtime: PathBuf,
        /// What the RUNTIME is for.
        found: String,
        /// The tags that are listed for it.
        found_tags: String,
        /// The target that the caller's tags name.
        expected: String,
        /// The caller's tags.
        expected_tags: String,
    },
    /// An npm tarball whose folder and metadata disagree.
    #[error(
        "{}: the folder `{folder}` and the metadata in it, which say {target}, disagree",
        runtime.display()
    )]
    Vendor {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The folder that is named after a target.
        folder: String,
        /// The target in the metadata.
        target: String,
    },
    /// No entrypoint.
    #[error("{} has no `{entrypoint}`, which its metadata name as entrypoint", runtime.display())]
    NoEntrypoint {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The path that the metadata name.
        entrypoint: String,
    },
    /// An entrypoint without the executable bit.
    #[error("{}: the entrypoint `{entrypoint}` is not executable", runtime.display())]
    NotExecutable {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The entrypoint.
        entrypoint: String,
    },
    /// An entrypoint for another target than the metadata say.
    #[error(
        "{}: the entrypoint `{entrypoint}` is {found}, but the metadata say {target}",
        runtime.display()
    )]
    ForeignEntrypoint {
        /// The RUNTIME.
        runtime: PathBuf,
        /// The entrypoint.
        entrypoint: String,
        /// What its bytes say.
        found: String,
        /// What the metadata say.
        target: String,
    },
    /// A package without metadata that its container does not make up for.
    #[error("{}: {fault}", runtime.display())]
    Legacy {
        /// The RUNTIME.
        runtime: PathBuf,
        /// What is wrong.
        fault: LegacyFault,
    },
    /// A runtime without metadata in which the commands are not found.
    #[error("{}: {fault}", runtime.display())]
    Command {
        /// The RUNTIME.
        runtime: PathBuf,
        /// What is wrong.
        fault: CommandFault,
    },
}

impl Error {
    /// Returns the error for a failed read of a compressed stream: a fault of the stream, or of the
    /// system.
    pub(super) fn of_stream(runtime: &Path, error: io::Error) -> Self {
        strict_archive::Error::new(runtime, error).into()
    }
}

fn first_two(first: &str, second: &str, count: usize) -> String {
    match count.saturating_sub(2) {
        0 => format!("`{first}` and `{second}`"),
        more => format!("`{first}`, `{second}` and {more} more"),
    }
}

/// Completes a sentence about a runtime for another target than the caller expects.
fn other_target(found_tags: &str, expected: &str, expected_tags: &str) -> String {
    let tagged = match found_tags {
        "" => String::new(),
        tags => format!(", whose wheels are tagged {tags}"),
    };
    match expected_tags {
        "" => format!("{tagged}, and --platform-tag asks for {expected}"),
        tags => format!("{tagged}, but {tags} is for {expected}"),
    }
}

fn in_runtime(program: Option<&str>) -> String {
    program.map_or_else(String::new, |program| format!(": the program `{program}`"))
}

impl Advice for Error {
    fn help(&self) -> String {
        let text = match self {
            Self::Container(error) => return error.help(),
            Self::Missing(_) => "check the path: a relative one begins in the current directory",
            Self::Empty(_) => "download it again: nothing arrived",
            Self::Script { .. } => {
                "give the native runtime and not the script that starts it: in an npm \
                 installation it is in the platform package, under vendor/<target>/"
            }
            Self::Special { .. } | Self::Unknown { .. } => ACCEPTED,
            Self::Unfit { what, .. } if what.contains("universal") => {
                "give a program for one target; `lipo -thin` takes one CPU's out of a universal \
                 file; a product can have the target universal2-apple-darwin"
            }
            Self::Unfit { .. } => {
                "give the program itself, built for one of the product's targets (its platforms/)"
            }
            Self::Truncated { .. } => {
                "the program is damaged or incomplete: download or build it again, and compare its \
                 SHA-256 with the published one"
            }
            Self::NoPlatform { .. } | Self::UnknownTarget { .. } => {
                "add the target to a stage.toml of your own (`product.targets`, or a file in platforms/) and \
                 name its folder with --product"
            }
            Self::Read(_) => "check that the runtime can be read, then try again",
            Self::Scratch(_) => "free some space, or choose a staging directory on another disk",
            Self::Path { .. } | Self::Tree { .. } => {
                "rename it: a bundle holds only names that Linux, macOS and Windows can all hold"
            }
            Self::Limit { fault, .. } => return raise_limit(fault),
            Self::Link { .. } => {
                "replace the link by the file that is meant: packages cannot hold links, so each \
                 becomes a copy of a file of the bundle"
            }
            Self::TwoRuntimes { .. } => {
                "give one runtime at a time, and call stage once for each; of an npm tarball with \
                 several, --platform-tag selects one"
            }
            Self::Executables { .. } => {
                "give one executable at a time, or a whole package: the file that describes it says \
                 which of its executables is the runtime"
            }
            Self::NoMetadata { .. } | Self::MetadataPlace { .. } => {
                "give the root of a package (the directory that holds the file that describes it), an \
                 archive of it, or one executable"
            }
            Self::OutsideRoot { .. } => "pack the runtime again without the files beside it",
            Self::Metadata {
                fault: MetadataFault::Variant { .. },
                ..
            } => {
                "give the package of that variant, or name a product that has the other one with \
                 --product"
            }
            Self::Metadata { .. } => {
                "give a package as it was published, or a newer version of stage for a newer layout"
            }
            Self::Version { .. } => {
                "give the runtime of that version, or the version of that runtime"
            }
            Self::Target { .. } => {
                "give the runtime of that target, or leave --platform-tag out: the target is in \
                 the bundle"
            }
            Self::Vendor { .. } | Self::ForeignEntrypoint { .. } => {
                "do not publish this: the package was put together from the parts of two targets"
            }
            Self::NoEntrypoint { .. } => {
                "give a complete package: the program itself is missing from this one"
            }
            Self::NotExecutable { .. } => {
                "make it executable (chmod +x) and pack the runtime again"
            }
            Self::Legacy { fault, .. } => fault.help(),
            Self::Command { fault, .. } => fault.help(),
        };
        text.to_owned()
    }
}

/// Every kind of RUNTIME.
const ACCEPTED: &str = "a runtime is a package directory, a .tar.gz, .tar.xz, .tar.zst or .zip of one, \
     a published wheel, an npm platform tarball, or an executable (ELF, Mach-O or PE); \
     the bytes tell which, not the name";
