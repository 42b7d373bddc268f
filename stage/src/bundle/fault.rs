//! What is wrong with a part of a RUNTIME.

use strict_archive::LinkFault;

/// Why a link cannot be replaced by a copy of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Its target is no path in the tree.
    #[error(transparent)]
    Target(#[from] LinkFault),
    /// It leads out of the bundle.
    #[error("it is a link that leaves the tree: it points at `{0}`")]
    LeavesTree(String),
    /// There is nothing where it leads.
    #[error("it is a link to `{0}`, which does not exist")]
    Dangles(String),
    /// It leads to itself.
    #[error("it is a link that leads back to itself")]
    Loops,
    /// The system cannot follow it, for which it has its own words.
    #[error("it is a link that cannot be followed: {0}")]
    Unreadable(String),
    /// It leads to a directory.
    #[error("it is a link to the directory `{0}`; only links to files can be packaged")]
    Directory(String),
}

/// Why a package without metadata is no bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyFault {
    /// No native files.
    #[error("it is a package without native files")]
    Empty,
    /// The entrypoint is missing or is no program.
    #[error("it is an old package without metadata, and there is no program at `{0}` in it")]
    NoProgram(String),
    /// The package does not say its version.
    #[error("it is an old package without metadata, and `{0}` does not say its version")]
    NoVersion(String),
}

impl LegacyFault {
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Empty => {
                "give the platform package, whose version ends in the platform \
                 (0.163.0-linux-x64), and not the package that only depends on it"
            }
            Self::NoProgram(_) | Self::NoVersion(_) => "give a package as it was published",
        }
    }
}

/// Why the commands of a product are not found in a runtime without metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandFault {
    /// No file has the name of a command.
    #[error(
        "there is no executable `{command}` in it{}",
        if programs.is_empty() { String::new() } else { format!("; its executables are {}", list(programs)) }
    )]
    Missing {
        /// The command.
        command: String,
        /// The paths of all executables.
        programs: Vec<String>,
    },
    /// Several files have the name of a command.
    #[error("both `{first}` and `{second}` have the name of the command `{command}`")]
    Twice {
        /// The command.
        command: String,
        /// The path of one.
        first: String,
        /// The path of another one.
        second: String,
    },
    /// What has the name of a command is not a program.
    #[error("`{path}` has the name of a command, and is {what}")]
    Unfit {
        /// Its path.
        path: String,
        /// What it is.
        what: String,
    },
    /// Nothing in the bytes says for which of several targets a program is.
    #[error("it is a program for {what}, which may be that of {}", targets.join(" or "))]
    Ambiguous {
        /// What it is for.
        what: String,
        /// The targets.
        targets: Vec<String>,
    },
    /// A wheel in which the runtime cannot be told from other files.
    #[error(
        "it is a wheel without scripts, or with more code than the package of the product: nothing in it \
         says which of its files are the runtime"
    )]
    Wheel,
    /// The product has no command.
    #[error("the product has no command")]
    None,
}

/// Lists names, of many the first ones.
fn list(names: &[String]) -> String {
    const MOST: usize = 8;
    let shown = names.iter().take(MOST).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl CommandFault {
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::None => {
                "give a runtime that has it, or set `product.commands` of stage.toml to the names of \
                 its executables"
            }
            Self::Twice { .. } => {
                "say where the first command is with `bundle.entrypoint` of stage.toml, such as \
                 \"bin/tool\""
            }
            Self::Unfit { .. } => {
                "give the program itself: a script or a library cannot be a command"
            }
            Self::Wheel => "give the archive or the executable that the wheel was made from",
            Self::Ambiguous { .. } => "say which one it is: --platform-tag TARGET",
        }
    }
}
