//! What can go wrong, each with what to do about it.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use crate::brief::brief_debug;
use crate::result::TurnResult;
use crate::rpc::{RpcError, RpcErrorKind};
use crate::types::TurnError;

/// The result of everything that this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something failed.
///
/// `Display` says what happened, and [`help`](Self::help) what to do about it. It can be cloned: what
/// ends the connection is the answer to everything that waits for it.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This program was built without a runtime, and none was named.
    #[error("this program carries no Codex: {0}")]
    NoRuntime(Arc<codex_cli_bin::Error>),
    /// This program carries a runtime, or the environment names one, and it cannot be used.
    #[error("the Codex of this program cannot be used: {0}")]
    Runtime(Arc<codex_cli_bin::Error>),
    /// There is nothing where `codex_bin` points to.
    #[error("codex_bin is {}: there is nothing there", .0.display())]
    CodexBinMissing(PathBuf),
    /// What `codex_bin` points to may not be executed.
    #[error("codex_bin is {}: it is not executable", .0.display())]
    CodexBinNotExecutable(PathBuf),
    /// `codex_bin` points to something else that cannot be used.
    #[error("{0}")]
    CodexBin(Arc<codex_cli_bin::Error>),
    /// The process could not be started.
    #[error("cannot start {}: {source}", path.display())]
    Start {
        /// The executable.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// The process ended, and nobody had asked it to.
    #[error("Codex ended{}{}", status_text(*status), stderr_text(stderr))]
    Ended {
        /// How it ended, where that is known.
        status: Option<ExitStatus>,
        /// The end of what it wrote to stderr: at most the last 40 lines, and 8 KiB.
        stderr: String,
    },
    /// Something took longer than it was allowed to.
    #[error("{what} took longer than {} s", after.as_secs_f32())]
    TimedOut {
        /// What did: a method of the protocol, or a turn.
        what: String,
        /// How long it was allowed to take.
        after: Duration,
    },
    /// The model refused because nobody has logged in, or the login is no longer valid.
    #[error("Codex is not logged in: {0}")]
    NotLoggedIn(String),
    /// The app-server is older than any that this SDK can talk to.
    #[error("this is Codex {found}, and this SDK needs {oldest} or newer")]
    TooOld {
        /// The version of the app-server.
        found: String,
        /// The oldest version that this SDK supports.
        oldest: &'static str,
    },
    /// The app-server is newer than any that this SDK can talk to.
    #[error("this is Codex {found}, and this SDK is made for versions before {before}")]
    TooNew {
        /// The version of the app-server.
        found: String,
        /// The first version that this SDK does not support.
        before: &'static str,
    },
    /// The process said something that is not the protocol.
    #[error("this is not what a Codex app-server says: {0}")]
    Protocol(String),
    /// The server answered with an error.
    #[error("{0}")]
    Rpc(Box<RpcError>),
    /// The turn ran, and failed.
    #[error("the turn failed: {}", .0.error.as_ref().map_or("no reason was given", |error| &error.message))]
    TurnFailed(Box<TurnResult>),
    /// The final response is not of the type that was asked for.
    #[error("the final response is not what was asked for: {why}")]
    Response {
        /// What is wrong with it.
        why: String,
        /// The final response.
        text: String,
    },
    /// The parameters of a request cannot be written as JSON.
    #[error("the parameters of {method} are not JSON: {why}")]
    Params {
        /// The method.
        method: String,
        /// What is wrong with them.
        why: String,
    },
    /// The client was closed.
    #[error("this client was closed")]
    Closed,
    /// `AsyncCodex` was used where no tokio runtime with I/O and time is at hand.
    #[error("AsyncCodex needs a tokio runtime: {0}")]
    NoTokio(String),
}

brief_debug! { enum Error {
    NoRuntime(error),
    Runtime(error),
    CodexBinMissing(path),
    CodexBinNotExecutable(path),
    CodexBin(error),
    Start { path, source },
    Ended { status, stderr },
    TimedOut { what, after },
    NotLoggedIn(message),
    TooOld { found, oldest },
    TooNew { found, before },
    Protocol(why),
    Rpc(error),
    TurnFailed(result),
    Response { why, text },
    Params { method, why },
    Closed,
    NoTokio(why),
} }

impl Error {
    /// Returns what to do about it, in one or two sentences.
    pub fn help(&self) -> String {
        match self {
            Self::NoRuntime(_) => {
                "depend on codex-app-server-sdk as it was published, which brings \
                 its Codex, or name one with Config::codex_bin"
                    .to_owned()
            }
            Self::Runtime(error) | Self::CodexBin(error) => error.help(),
            Self::CodexBinMissing(_) => {
                "point codex_bin at a package directory or an executable, or \
                 leave it out to use the Codex that this program carries"
                    .to_owned()
            }
            Self::CodexBinNotExecutable(path) => format!("chmod +x {}", path.display()),
            Self::Start { .. } => "see whether it is an executable for this system".to_owned(),
            Self::Ended { .. } => {
                "see what it wrote last; what was done in its threads is kept, and \
                 they can be resumed by a new client"
                    .to_owned()
            }
            Self::TimedOut { .. } => "allow more time (Config::request_timeout, \
                 Config::start_timeout, TurnOptions::timeout), or see what the process is doing"
                .to_owned(),
            Self::NotLoggedIn(_) => {
                "run `codex login`, or give the model provider its key".to_owned()
            }
            Self::TooOld { .. } => "use the Codex that this SDK brings (leave codex_bin and \
                 CODEX_CLI_BIN_PATH out), or an older SDK"
                .to_owned(),
            Self::TooNew { .. } => "use the Codex that this SDK brings (leave codex_bin and \
                 CODEX_CLI_BIN_PATH out), or a newer SDK"
                .to_owned(),
            Self::Protocol(_) => "see whether codex_bin is a Codex, and not a script that prints \
                 something of its own"
                .to_owned(),
            Self::Rpc(error) => rpc_help(error.kind()).to_owned(),
            Self::TurnFailed(result) => {
                if result.error.as_ref().is_some_and(TurnError::is_overload) {
                    rpc_help(RpcErrorKind::Overloaded).to_owned()
                } else {
                    "see the items of the turn; the thread can be used again".to_owned()
                }
            }
            Self::Response { .. } => "compare the schema that was sent with the type; not every \
                 model keeps to a schema"
                .to_owned(),
            Self::Params { .. } => "give values that JSON has: maps with text as keys".to_owned(),
            Self::Closed => "make a new client; threads are resumed by their id".to_owned(),
            Self::NoTokio(_) => "call it inside a tokio runtime built with enable_all(), or use \
                 Codex"
                .to_owned(),
        }
    }

    /// Returns whether the server, or the model behind it, was too busy: the same may succeed later.
    pub fn is_overload(&self) -> bool {
        match self {
            Self::Rpc(error) => error.kind() == RpcErrorKind::Overloaded,
            Self::TurnFailed(result) => result.error.as_ref().is_some_and(TurnError::is_overload),
            _ => false,
        }
    }
}

fn rpc_help(kind: RpcErrorKind) -> &'static str {
    match kind {
        RpcErrorKind::Overloaded => "try again later; retry_on_overload does",
        RpcErrorKind::MethodNotFound => "use an app-server that has the method",
        RpcErrorKind::InvalidRequest | RpcErrorKind::InvalidParams | RpcErrorKind::Parse => {
            "change the request as the message says"
        }
        RpcErrorKind::Internal | RpcErrorKind::Server | RpcErrorKind::Other => {
            "see the message; if it persists, report it to the makers of Codex"
        }
    }
}

fn status_text(status: Option<ExitStatus>) -> String {
    status
        .map(|status| format!(" with {status}"))
        .unwrap_or_default()
}

fn stderr_text(stderr: &str) -> String {
    if stderr.is_empty() {
        return ", and said nothing about it".to_owned();
    }
    format!(", after it wrote:\n{stderr}")
}
