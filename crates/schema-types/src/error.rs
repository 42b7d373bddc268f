//! What can be wrong with a schema, or with the runtime that should print one.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::well_known::{FILE, LISTS};

/// Why there are no types.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or directory could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),

    /// There is no place for what the runtime writes.
    #[error("cannot make a temporary directory")]
    NoTemporaryDirectory(#[source] io::Error),

    /// The directory has no bundle of all schemas.
    #[error("there is no {} in {}", FILE, .0.display())]
    NoSchema(PathBuf),

    /// What should be the bundle of all schemas is a directory, a pipe or a device.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),

    /// The schema is larger than any schema.
    #[error("{} is larger than {} MiB", path.display(), limit >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        limit: u64,
    },

    /// The schema is not JSON.
    #[error("{} is not JSON", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },

    /// A part of the schema is not what JSON Schema wants there.
    #[error("{at}: {problem}")]
    Malformed {
        /// The place, as a JSON pointer.
        at: String,
        /// What is wrong.
        problem: &'static str,
    },

    /// A `$ref` leads nowhere.
    #[error("{at}: there is no {reference}")]
    NoSuchDefinition {
        /// The place, as a JSON pointer.
        at: String,
        /// Where the reference should lead.
        reference: String,
    },

    /// A `$ref` leads out of the file.
    #[error("{at}: {reference} is not in this file")]
    ForeignReference {
        /// The place, as a JSON pointer.
        at: String,
        /// The reference.
        reference: String,
    },

    /// A definition says nothing but its own name.
    #[error("{at} is defined only by itself")]
    Circular {
        /// The definition, as a JSON pointer.
        at: String,
    },

    /// The schema unfolds into more than anyone has use for.
    #[error("{at}: the schema unfolds without end")]
    TooManyParts {
        /// The place that was reached, as a JSON pointer.
        at: String,
    },

    /// The schema is not that of an app-server.
    #[error("{} has no methods: no definition {} is a list of them", path.display(), LISTS.join(", "))]
    NoMethods {
        /// The file.
        path: PathBuf,
    },

    /// A program could not be started.
    #[error("{} cannot be run", program.display())]
    NotRunnable {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A program did not end.
    #[error("`{command}` did not end within {} s", limit.as_secs())]
    TimeOut {
        /// The program and its arguments.
        command: String,
        /// How long it was given.
        limit: Duration,
    },

    /// A program wrote without end.
    #[error("`{command}` wrote more than {} MiB", limit >> 20)]
    WroteTooMuch {
        /// The program and its arguments.
        command: String,
        /// The most bytes that it may write.
        limit: u64,
    },

    /// A program failed.
    #[error("`{command}` failed: {status}{}", said(stderr))]
    Failed {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },

    /// A program ran, and is not a Codex.
    #[error("`{command}` printed {printed:?}, which is not `codex-cli VERSION`")]
    NotCodex {
        /// The program and its arguments.
        command: String,
        /// The beginning of what it printed.
        printed: String,
    },

    /// A program ran, and wrote no schema.
    #[error("{} succeeded and wrote no schema", program.display())]
    PrintedNothing {
        /// The program.
        program: PathBuf,
    },

    /// What should name a module does not.
    #[error("{path:?} is not the path of a module")]
    NotAPath {
        /// What was given.
        path: String,
        /// What is wrong with it.
        source: syn::Error,
    },

    /// The code that was made is not Rust, which is a fault of this crate.
    #[error("the generated code does not parse")]
    Generated(#[from] syn::Error),
}

fn said(stderr: &str) -> String {
    match stderr {
        "" => ", and it wrote nothing to its standard error".to_owned(),
        text => format!("; it wrote\n{text}"),
    }
}

impl Error {
    /// Returns what the user can do: one sentence, in the imperative, without a full stop.
    pub fn help(&self) -> String {
        match self {
            Self::Io(_) | Self::NotAFile(_) | Self::TooLarge { .. } => {
                "name a directory that `codex app-server generate-json-schema --out DIR` wrote"
            }
            Self::NoTemporaryDirectory(_) => {
                let variable = if cfg!(windows) { "TMP" } else { "TMPDIR" };
                return format!("set {variable} to a directory in which you may write");
            }
            Self::NoSchema(_) | Self::NoMethods { .. } => {
                "write the schema with `codex app-server generate-json-schema --out DIR`"
            }
            Self::NotJson { .. }
            | Self::Malformed { .. }
            | Self::NoSuchDefinition { .. }
            | Self::ForeignReference { .. }
            | Self::Circular { .. }
            | Self::TooManyParts { .. } => {
                "let the runtime write its schema again; it is not meant to be edited"
            }
            Self::NotRunnable { .. }
            | Self::NotCodex { .. }
            | Self::PrintedNothing { .. }
            | Self::WroteTooMuch { .. } => {
                "name the entrypoint of a runtime for this machine, such as bin/codex"
            }
            Self::NotAPath { .. } => {
                "name a module as Rust code does, from the root, such as crate::protocol"
            }
            Self::TimeOut { .. } | Self::Failed { .. } => {
                "run the command by hand to see what it waits for or lacks"
            }
            Self::Generated(_) => "report the schema as a bug of `stage generate-types`",
        }
        .to_owned()
    }
}
