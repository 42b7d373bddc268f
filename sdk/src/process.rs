//! The process of the app-server: how it is started, and how it ends.
//!
//! It is in a process group of its own, so that Ctrl-C reaches this program and not the process behind its
//! back. It ends when its stdin does, and so it ends with this program, however that ends: the system
//! closes the pipe even of a program that is killed. (Linux can also send a signal to the children of a
//! dying *thread*. That takes `unsafe`, and a thread of tokio's may end long before its program does.)

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_cli_bin::{BadOverride, Locator, Runtime};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::config::Config;
use crate::error::{Error, Result};

/// A process that does not outlive this value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// While it lives, nobody removes its files.
    _runtime: Runtime,
}

pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

/// Finds the runtime. This blocks, and may take a second where the runtime must be extracted.
pub(crate) fn locate(codex_bin: Option<&Path>) -> Result<Runtime> {
    use codex_cli_bin::Error as Located;
    let mut locator = Locator::new();
    if let Some(path) = codex_bin {
        locator = locator.runtime(path);
    }
    locator.locate().map_err(|error| match (codex_bin, error) {
        (
            Some(_),
            Located::Override {
                path,
                reason: BadOverride::Missing,
                ..
            },
        ) => Error::CodexBinMissing(path),
        (
            Some(_),
            Located::Override {
                reason: BadOverride::NotExecutable(path),
                ..
            },
        ) => Error::CodexBinNotExecutable(path),
        (Some(_), error) => Error::CodexBin(Arc::new(error)),
        (None, error @ Located::NotStaged { .. }) => Error::NoRuntime(Arc::new(error)),
        (None, error) => Error::Runtime(Arc::new(error)),
    })
}

/// Starts the app-server of a runtime.
pub(crate) fn start(runtime: &Runtime, config: &Config) -> Result<(Process, Pipes)> {
    let mut command = Command::from(runtime.command());
    for option in &config.options {
        command.arg("--config").arg(option);
    }
    command.args(["app-server", "--listen", "stdio://"]);
    command.envs(config.env.iter().map(|(name, value)| (name, value)));
    if let Some(path) = path_variable(runtime, config) {
        command.env("PATH", path);
    }
    if let Some(dir) = &config.cwd {
        command.current_dir(dir);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        command.creation_flags(CREATE_NEW_PROCESS_GROUP);
    }
    let failed = |source: std::io::Error| Error::Start {
        path: runtime.entrypoint().to_owned(),
        source: Arc::new(source),
    };
    let mut child = command.spawn().map_err(failed)?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let process = Process {
        child,
        _runtime: runtime.clone(),
    };
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed(std::io::Error::other("it has no pipes")));
    };
    Ok((
        process,
        Pipes {
            stdin,
            stdout,
            stderr,
        },
    ))
}

/// The caller's own `PATH`, with the helpers of the runtime in front as in the one that is inherited.
fn path_variable(runtime: &Runtime, config: &Config) -> Option<std::ffi::OsString> {
    let helpers = runtime.path_dir()?;
    let (_, path) = config.env.iter().rev().find(|(name, _)| name == "PATH")?;
    let rest = std::env::split_paths(path).filter(|dir| !dir.as_os_str().is_empty());
    std::env::join_paths(std::iter::once(helpers.to_owned()).chain(rest)).ok()
}

impl Process {
    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// Gives it so much time to end, and kills it then. `None` if it was killed.
    pub(crate) async fn end(&mut self, grace: Duration) -> Option<ExitStatus> {
        if let Ok(status) = tokio::time::timeout(grace, self.ended()).await {
            return status;
        }
        self.kill();
        self.ended().await;
        None
    }

    /// Kills the process, and what it has started: on Unix, its group, unless something left that.
    fn kill(&mut self) {
        // Nobody has waited for the process yet, so its id is not another one's.
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(group) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // It fails only if the process has ended in the meantime.
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    /// Only where the tokio runtime goes first: then nobody else is left to reap it.
    fn drop(&mut self) {
        const AT_MOST: Duration = Duration::from_secs(1);
        if self.child.id().is_none() {
            return;
        }
        self.kill();
        let begin = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begin.elapsed() < AT_MOST {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The process group that a process leads.
#[cfg(unix)]
fn group(leader: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(leader.try_into().ok()?)
}
