//! The schema that a runtime prints itself.

use std::ffi::OsStr;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fs_err::{File, OpenOptions};

use crate::document::Document;
use crate::error::Error;
use crate::process::{Home, Process};

/// What `codex --version` begins with.
const NAME: &str = "codex-cli ";

/// How much of what a program wrote is shown, in bytes.
const MOST_SHOWN: u64 = 2000;

/// How much a program may write to its standard output or error, in bytes: more fills a disk.
const MOST_WRITTEN: u64 = 64 << 20;

/// How often it is seen how much that is, and whether the program has ended.
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks a runtime for its version and its schema, and gives each answer `limit`. The runtime sees
/// an empty `CODEX_HOME`: what it prints depends on nobody's configuration.
pub fn print(program: &Path, limit: Duration) -> Result<(String, Document), Error> {
    let program = std::path::absolute(program)?;
    let home = Home::create().map_err(Error::NoTemporaryDirectory)?;
    let runtime = Runtime {
        program,
        home: home.path(),
        limit,
    };
    let version = runtime.version()?;
    let schemas = home.path().join("schemas");
    runtime.run(&[
        "app-server".as_ref(),
        "generate-json-schema".as_ref(),
        "--out".as_ref(),
        schemas.as_os_str(),
    ])?;
    if !schemas.exists() {
        return Err(Error::PrintedNothing {
            program: runtime.program,
        });
    }
    Ok((version, Document::read(&schemas)?))
}

struct Runtime<'a> {
    program: PathBuf,
    home: &'a Path,
    limit: Duration,
}

impl Runtime<'_> {
    fn version(&self) -> Result<String, Error> {
        let arguments = ["--version".as_ref()];
        let printed = self.run(&arguments)?;
        let version = printed
            .trim_end()
            .strip_prefix(NAME)
            .filter(|version| is_version(version));
        match version {
            Some(version) => Ok(version.to_owned()),
            None => Err(Error::NotCodex {
                command: self.command(&arguments),
                printed: (printed.lines().next().unwrap_or_default().chars())
                    .take(80)
                    .collect(),
            }),
        }
    }

    /// Runs the program to its end, and gives what it wrote to its standard output.
    fn run(&self, arguments: &[&OsStr]) -> Result<String, Error> {
        let file = |name| {
            OpenOptions::new()
                .create(true)
                .truncate(true)
                .read(true)
                .write(true)
                .open(self.home.join(name))
        };
        // Files, since a pipe that nobody empties would stop a talkative program for good.
        let (stdout, stderr) = (file("stdout")?, file("stderr")?);
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("CODEX_HOME", self.home)
            .stdin(Stdio::null())
            .stdout(stdout.try_clone()?.into_file())
            .stderr(stderr.try_clone()?.into_file());
        let process = Process::start(&mut command).map_err(|source| Error::NotRunnable {
            program: self.program.clone(),
            source,
        })?;
        let start = Instant::now();
        let status = loop {
            if let Some(status) = process.ended()? {
                break status;
            }
            let command = || self.command(arguments);
            if stdout.metadata()?.len().max(stderr.metadata()?.len()) > MOST_WRITTEN {
                let (command, limit) = (command(), MOST_WRITTEN);
                return Err(Error::WroteTooMuch { command, limit });
            }
            let left = self.limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                let (command, limit) = (command(), self.limit);
                return Err(Error::TimeOut { command, limit });
            }
            thread::sleep(left.min(INTERVAL));
        };
        if !status.success() {
            return Err(Error::Failed {
                command: self.command(arguments),
                status,
                stderr: end_of(stderr)?,
            });
        }
        Ok(end_of(stdout)?)
    }

    fn command(&self, arguments: &[&OsStr]) -> String {
        let mut command = self.program.display().to_string();
        for argument in arguments {
            // Where the schema goes is gone when this is read.
            let shown = if Path::new(argument).is_absolute() {
                "DIR".into()
            } else {
                argument.to_string_lossy()
            };
            command.extend([" ", &shown]);
        }
        command
    }
}

fn is_version(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-.+".contains(c);
    text.starts_with(|first: char| first.is_ascii_digit()) && text.chars().all(allowed)
}

/// The last of what was written, as text.
fn end_of(mut file: File) -> io::Result<String> {
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(size.saturating_sub(MOST_SHOWN)))?;
    let mut bytes = Vec::new();
    file.take(MOST_SHOWN).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
