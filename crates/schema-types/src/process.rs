//! The process of a runtime that is asked for its schema.
//!
//! A runtime starts processes of its own. On Unix it leads a process group, so that all of them can
//! be killed. Ctrl-C no longer reaches them there: a program that ends by it calls [`clean_up`].

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// The processes that have not ended.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// The directories that they have.
static HOMES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn lock<T>(list: &'static Mutex<Vec<T>>) -> MutexGuard<'static, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills the runtimes that are being asked for their schema, with what they have started, and removes
/// their directories. What waits for one of them sees that it has ended.
pub fn clean_up() {
    for child in lock(&RUNNING).iter_mut() {
        kill(child);
        // It ends, being killed.
        let _ = child.wait();
    }
    for home in lock(&HOMES).drain(..) {
        let _ = fs_err::remove_dir_all(home);
    }
}

/// The directory of a process, which goes with this value.
#[derive(Debug)]
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn create() -> io::Result<Self> {
        // Held meanwhile: whoever removes all removes this one too.
        let mut homes = lock(&HOMES);
        let home = TempDir::with_prefix("schema-types-")?;
        homes.push(home.path().to_owned());
        Ok(Self(home))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        lock(&HOMES).retain(|home| home != self.0.path());
    }
}

/// A process that does not outlive this value.
#[derive(Debug)]
pub(crate) struct Process {
    id: u32,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        // Held while it starts: whoever kills all kills this one too.
        let mut running = lock(&RUNNING);
        let child = command.spawn()?;
        let id = child.id();
        running.push(child);
        Ok(Self { id })
    }

    /// How it has ended, if it has.
    pub(crate) fn ended(&self) -> io::Result<Option<ExitStatus>> {
        let mut running = lock(&RUNNING);
        let child = running.iter_mut().find(|child| child.id() == self.id);
        child.map_or(Ok(None), Child::try_wait)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut running = lock(&RUNNING);
        let place = running.iter().position(|child| child.id() == self.id);
        let Some(mut child) = place.map(|place| running.swap_remove(place)) else {
            return;
        };
        // One that has ended was waited for, and its id may be another one's.
        if matches!(child.try_wait(), Ok(None)) {
            kill(&mut child);
            // It ends, being killed.
            let _ = child.wait();
        }
    }
}

/// Kills a process, and what it has started: on Unix, its group, unless something left that.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(None) = child.try_wait()
        && let Some(group) = child
            .id()
            .try_into()
            .ok()
            .and_then(rustix::process::Pid::from_raw)
    {
        // It fails only if all of them have ended in the meantime.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}
