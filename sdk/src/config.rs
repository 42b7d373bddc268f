//! How a client is set up.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::brief::Brief;
use crate::request::{Handler, Reply, ServerRequest};

/// How a client is set up: which Codex it starts, and how it talks to it.
///
/// ```no_run
/// use codex_app_server_sdk::{Codex, Config};
///
/// let codex = Codex::with(
///     Config::new()
///         .client("my-program", env!("CARGO_PKG_VERSION"))
///         .option("model_reasoning_effort=\"low\""),
/// )?;
/// # Ok::<(), codex_app_server_sdk::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Config {
    pub(crate) codex_bin: Option<PathBuf>,
    pub(crate) options: Vec<OsString>,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) client_name: String,
    pub(crate) client_version: String,
    pub(crate) start_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) max_message: usize,
    pub(crate) event_buffer: usize,
    pub(crate) any_version: bool,
    pub(crate) handler: Handler,
}

impl Config {
    /// Makes a configuration with defaults only: the Codex that this program carries, set up as its user has set it up.
    pub fn new() -> Self {
        Self {
            codex_bin: None,
            options: Vec::new(),
            cwd: None,
            env: Vec::new(),
            client_name: "codex_rust_sdk".to_owned(),
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            start_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(2),
            max_message: 64 << 20,
            event_buffer: 16 << 20,
            any_version: false,
            handler: Handler::default(),
        }
    }

    /// Sets the Codex to start: a package directory, or an executable.
    ///
    /// Without it, it is what [`codex_cli_bin::locate`] finds.
    pub fn codex_bin(mut self, path: impl Into<PathBuf>) -> Self {
        self.codex_bin = Some(path.into());
        self
    }

    /// Adds a value of the configuration of Codex, as `codex --config` takes it: `model="gpt-5.2"`.
    pub fn option(mut self, option: impl Into<OsString>) -> Self {
        self.options.push(option.into());
        self
    }

    /// Sets the working directory of the process, and of threads that have none of their own.
    pub fn cwd(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cwd = Some(dir.into());
        self
    }

    /// Adds an environment variable of the process to those that it inherits.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets what this program calls itself, which the makers of Codex see in its telemetry.
    pub fn client(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.client_name = name.into();
        self.client_version = version.into();
        self
    }

    /// Sets how long the process may take to start and to say who it is. 30 s unless set.
    pub fn start_timeout(mut self, at_most: Duration) -> Self {
        self.start_timeout = at_most;
        self
    }

    /// Sets how long the server may take to answer a request. 60 s unless set.
    ///
    /// A turn is answered as soon as it has begun; [`TurnOptions::timeout`](crate::TurnOptions::timeout)
    /// bounds how long it runs.
    pub fn request_timeout(mut self, at_most: Duration) -> Self {
        self.request_timeout = at_most;
        self
    }

    /// Sets how long the process may take to end once its stdin is closed. Then it is killed. 2 s unless
    /// set.
    pub fn close_timeout(mut self, at_most: Duration) -> Self {
        self.close_timeout = at_most;
        self
    }

    /// Sets the longest message that is taken from the server, in bytes. 64 MiB unless set. A longer one ends
    /// the connection with [`Error::Protocol`](crate::Error::Protocol).
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// Sets how much of a turn waits for its reader, in bytes. 16 MiB unless set.
    ///
    /// A stream that is read slowly does not stop the others. When more than this waits, the oldest
    /// deltas are left out, whose text comes again with their item; then the oldest of the rest, but
    /// never the end of the turn. [`Event::Missed`](crate::Event::Missed) says how many. Memory is thus
    /// bounded by this times the turns that somebody holds a handle of, and one message of
    /// [`max_message`](Self::max_message).
    pub fn event_buffer(mut self, bytes: usize) -> Self {
        self.event_buffer = bytes;
        self
    }

    /// Allows an app-server of any version. Without it, one that is too old or too new for this SDK is
    /// an error.
    pub fn any_version(mut self, any: bool) -> Self {
        self.any_version = any;
        self
    }

    /// Answers what the server asks: approvals, and the rest.
    ///
    /// Without it, everything is declined: nothing is done that the user would have to be asked about.
    /// The function runs in a thread of its own and may take its time. If it panics, the answer is the
    /// default.
    ///
    /// ```no_run
    /// use codex_app_server_sdk::{Config, Reply, RequestKind};
    ///
    /// let config = Config::new().on_request(|request| match request.kind() {
    ///     RequestKind::CommandApproval(approval) if approval.command.as_deref() == Some("make") => {
    ///         Reply::accept()
    ///     }
    ///     _ => Reply::decline(),
    /// });
    /// ```
    pub fn on_request(
        mut self,
        handler: impl Fn(&ServerRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        self.handler = Handler::blocking(handler);
        self
    }

    /// Answers what the server asks, like [`on_request`](Self::on_request), in a task.
    ///
    /// A blocking call of the same [`Codex`](crate::Codex) in there waits for ever: the task runs in the
    /// thread that would read the answer.
    pub fn on_request_async<F>(
        mut self,
        handler: impl Fn(ServerRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        self.handler = Handler::future(handler);
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            codex_bin,
            options,
            cwd,
            env,
            client_name,
            client_version,
            start_timeout,
            request_timeout,
            close_timeout,
            max_message,
            event_buffer,
            any_version,
            // A function has nothing to show.
            handler: _,
        } = self;
        // Options and variables may hold secrets: names only.
        let options: Vec<_> = options.iter().map(|option| option_name(option)).collect();
        let env: Vec<_> = env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Config")
            .field("codex_bin", &Brief(codex_bin))
            .field("options", &Brief(&options))
            .field("cwd", &Brief(cwd))
            .field("env", &Brief(&env))
            .field("client_name", &Brief(client_name))
            .field("client_version", &Brief(client_version))
            .field("start_timeout", start_timeout)
            .field("request_timeout", request_timeout)
            .field("close_timeout", close_timeout)
            .field("max_message", max_message)
            .field("event_buffer", event_buffer)
            .field("any_version", any_version)
            .finish_non_exhaustive()
    }
}

/// Returns the name in `NAME=VALUE`. An option without `=` has no name, and may be a value.
fn option_name(option: &OsStr) -> String {
    let option = option.to_string_lossy();
    option
        .split_once('=')
        .map_or("(hidden)", |(name, _)| name)
        .to_owned()
}
