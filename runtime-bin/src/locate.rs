//! The search: override, what is ready, and only then work.

use std::env;
use std::fmt;
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::embedded::{self, Embedded};
use crate::entry::{Entry, Failure, Miss, Ready};
use crate::error::Error;
use crate::extract::Progress;
use crate::fs;
use crate::overrides;
use crate::payload::PRODUCT;
use crate::place::{self, Env, Place};
use crate::runtime::{Runtime, Source, Warning};
use crate::sys;

/// The file that is locked by the process that works on a cache.
const LOCK: &str = "lock";

/// How long a process waits for another that extracts, unless told otherwise. Extraction takes seconds,
/// on slow machines and network file systems minutes.
const WAIT: Duration = Duration::from_secs(300);

/// Finds the runtime, with choices of the program's own.
///
/// ```no_run
/// let runtime = codex_cli_bin::Locator::new()
///     .cache_dir("/var/cache/my-program")
///     .progress(|progress| eprint!("\r{} of {} bytes", progress.written, progress.total))
///     .locate()?;
/// # Ok::<(), codex_cli_bin::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Locator {
    runtime: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    wait: Duration,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

impl Locator {
    /// A locator that does what [`locate`](crate::locate) does.
    pub fn new() -> Self {
        Self {
            runtime: None,
            cache_dir: None,
            wait: WAIT,
            progress: Arc::new(|_| ()),
        }
    }

    /// Uses the runtime at this path: a package directory, or an executable. It goes before the
    /// environment variable that does the same.
    pub fn runtime(mut self, path: impl Into<PathBuf>) -> Self {
        self.runtime = Some(path.into());
        self
    }

    /// Extracts into this directory and no other. It goes before the environment variable that does
    /// the same.
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(dir.into());
        self
    }

    /// How long to wait for another process that is extracting. Five minutes unless said otherwise.
    pub fn wait(mut self, at_most: Duration) -> Self {
        self.wait = at_most;
        self
    }

    /// Calls a function while the runtime is extracted, and not at all where nothing is to be done.
    ///
    /// It is called in the thread that called [`locate`](Self::locate), every few megabytes.
    pub fn progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(callback);
        self
    }

    /// Finds the runtime, and extracts it if that has not been done.
    pub fn locate(&self) -> Result<Runtime, Error> {
        self.locate_in(&|name| env::var_os(name), Embedded::of_this_build)
    }

    fn locate_in(
        &self,
        env: Env<'_>,
        embedded: impl FnOnce() -> Result<Option<&'static Embedded>, Error>,
    ) -> Result<Runtime, Error> {
        if let Some(path) = &self.runtime {
            return open_override("Locator::runtime", path);
        }
        if let Some(path) = env(PRODUCT.path_env).filter(|path| !path.is_empty()) {
            return open_override(PRODUCT.path_env, Path::new(&path));
        }
        let Some(embedded) = embedded()? else {
            let target = embedded::target();
            return Err(Error::NotStaged {
                target,
                staged: PRODUCT.staged_targets,
            });
        };
        let places = place::places(&PRODUCT, self.cache_dir.as_deref(), env);
        for place in places.iter().flatten() {
            if let Ok(ready) = Entry::new(&place.path, &embedded.bundle).look()
                && place.check().is_ok()
            {
                return Ok(found(ready, embedded));
            }
        }
        let mut tried = Vec::new();
        for place in places {
            let place = match place {
                Ok(place) => place,
                Err(why) => {
                    tried.push(why);
                    continue;
                }
            };
            match self.make(&place, embedded) {
                Ok(ready) => return Ok(found(ready, embedded)),
                Err(Failure::Place(why)) => tried.push(place.tried(why)),
                Err(Failure::Final(error)) => return Err(error),
            }
        }
        Err(Error::NoPlace { tried })
    }

    /// Makes the entry in a place, or waits until another process has.
    fn make(&self, place: &Place, embedded: &'static Embedded) -> Result<Ready, Failure> {
        place.create().map_err(Failure::Place)?;
        let entry = Entry::new(&place.path, &embedded.bundle);
        let path = place.path.join(LOCK);
        let lock = fs::open_lock(&path).map_err(|error| Failure::Place(error.to_string()))?;
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        let mut locked = false;
        loop {
            if !locked {
                locked = match lock.try_lock() {
                    Ok(()) => true,
                    Err(TryLockError::WouldBlock) => false,
                    // Without locks two processes may do the same work; neither disturbs the other.
                    Err(TryLockError::Error(error)) if sys::knows_no_locks(&error) => true,
                    Err(TryLockError::Error(error)) => {
                        let why = format!("cannot lock {}: {error}", path.display());
                        return Err(Failure::Place(why));
                    }
                };
            }
            // Another may have made it by now, whether it still has the lock or not.
            match entry.look() {
                Ok(ready) => return Ok(ready),
                Err(Miss::Absent | Miss::Damaged(_)) if locked => break,
                Err(_) => {}
            }
            let waited = start.elapsed();
            if waited >= self.wait {
                return Err(Failure::Final(Error::TimedOut { lock: path, waited }));
            }
            thread::sleep(pause.min(self.wait.saturating_sub(waited)));
            pause = (2 * pause).min(Duration::from_millis(32));
        }
        entry.make(embedded, &*self.progress)
    }
}

impl Default for Locator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runtime,
            cache_dir,
            wait,
            progress: _,
        } = self;
        f.debug_struct("Locator")
            .field("runtime", runtime)
            .field("cache_dir", cache_dir)
            .field("wait", wait)
            .finish_non_exhaustive()
    }
}

fn found(ready: Ready, embedded: &'static Embedded) -> Runtime {
    let bundle = &embedded.bundle;
    let below = |path: &str| {
        path.split('/')
            .fold(ready.package.clone(), |dir, name| dir.join(name))
    };
    Runtime {
        entrypoint: below(bundle.entrypoint),
        path_dir: bundle.path_dir.map(below),
        version: Some(bundle.version.to_owned()),
        source: Source::Embedded,
        warnings: Vec::new(),
        package_dir: Some(ready.package),
        held: Some((Arc::new(ready.marker), embedded)),
    }
}

fn open_override(setting: &str, path: &Path) -> Result<Runtime, Error> {
    let own = overrides::open(&PRODUCT, path).map_err(|reason| Error::Override {
        setting: setting.to_owned(),
        path: path.to_owned(),
        reason,
    })?;
    let (package_dir, path_dir, version) = match own.package {
        Some(package) => (Some(package.dir), package.path_dir, Some(package.version)),
        None => (None, None, None),
    };
    // In the source repository there is no version to compare with.
    let expected = (!PRODUCT.staged_targets.is_empty()).then_some(PRODUCT.version);
    let warnings = match (&version, expected) {
        (Some(found), Some(expected)) if found != expected => vec![Warning::OtherVersion {
            setting: setting.to_owned(),
            found: found.clone(),
            expected: expected.to_owned(),
        }],
        _ => Vec::new(),
    };
    Ok(Runtime {
        entrypoint: own.entrypoint,
        package_dir,
        path_dir,
        version,
        source: Source::Override(setting.to_owned()),
        warnings,
        held: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Dir};

    #[test]
    fn extracts_once_and_then_only_looks() {
        let (dir, embedded) = (Dir::new(), testing::embedded("1.2.3"));
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let locator = Locator::new().cache_dir(&*dir).progress({
            let seen = seen.clone();
            move |progress| seen.lock().unwrap().push(progress)
        });
        let runtime = locator.locate_in(&|_| None, || Ok(Some(embedded))).unwrap();
        let (first, last) = {
            let mut seen = seen.lock().unwrap();
            let ends = (seen[0], *seen.last().unwrap());
            seen.clear();
            ends
        };
        assert_eq!((first.written, last.written), (0, last.total));
        for (path, mode, content) in testing::tree() {
            let path = runtime.package_dir().unwrap().join(path);
            assert_eq!(std::fs::read(&path).unwrap(), content);
            let found = sys::mode(&std::fs::metadata(&path).unwrap());
            assert!(found.is_none_or(|found| found == mode));
        }
        let output = runtime.command().args(["a", "b"]).output().unwrap();
        assert_eq!(output.stdout, b"runtime a b\n");
        assert!(runtime.verify().unwrap().is_intact());

        let again = locator.locate_in(&|_| None, || Ok(Some(embedded))).unwrap();
        assert_eq!(again.entrypoint(), runtime.entrypoint());
        assert!(seen.lock().unwrap().is_empty());
    }
}
