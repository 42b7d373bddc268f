//! The search: override, what is ready, and only then work.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::carried::{self, Carried};
use crate::entry::{self, Entry, Miss, NotMade, Ready};
use crate::error::Error;
use crate::extract::Progress;
use crate::fs;
use crate::lock::{self, Outcome};
use crate::overrides;
use crate::payload::PRODUCT;
use crate::place::{self, Place, Surroundings};
use crate::prune::{self, Pruned};
use crate::runtime::{Held, Runtime, Source, Warning};
use crate::sys;

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
    sync: bool,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

impl Locator {
    /// Makes a locator that does what [`locate`](crate::locate) does.
    pub fn new() -> Self {
        Self {
            runtime: None,
            cache_dir: None,
            wait: WAIT,
            sync: false,
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

    /// Sets how long to wait for another process that is extracting. Five minutes unless set.
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

    /// Writes what is extracted through to the disk before it is used.
    ///
    /// Otherwise the files are on their way there when [`locate`](Self::locate) returns. Should the
    /// power fail, that is found out: the first call after a restart of the system reads every file
    /// once. A cache that is made part of an image of a system is better written through.
    pub fn sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Finds the runtime, and extracts it if that has not been done.
    pub fn locate(&self) -> Result<Runtime, Error> {
        here(|surroundings| self.locate_in(surroundings, Carried::of_this_build))
    }

    /// Removes from the cache what other versions left there and nobody has used for as long as `keep`,
    /// except what is in use now.
    ///
    /// The last use is known to the day.
    pub fn prune(&self, keep: Duration) -> Result<Pruned, Error> {
        here(|surroundings| self.prune_in(surroundings, keep, Carried::of_this_build()?))
    }

    pub(crate) fn locate_in(
        &self,
        surroundings: Surroundings<'_>,
        carried: impl FnOnce() -> Result<Option<&'static Carried>, Error>,
    ) -> Result<Runtime, Error> {
        // In the source repository there is none.
        let expected = (!PRODUCT.staged_targets.is_empty()).then_some(PRODUCT.version);
        if let Some(path) = &self.runtime {
            return open_override("Locator::runtime", path, expected);
        }
        if let Some(path) = surroundings.get(PRODUCT.path_env) {
            return open_override(PRODUCT.path_env, Path::new(&path), expected);
        }
        let Some(carried) = carried()? else {
            let target = carried::target();
            return Err(Error::NotStaged {
                target,
                staged: PRODUCT.staged_targets,
            });
        };
        let places = surroundings.places(&PRODUCT, self.cache_dir.as_deref());
        for place in places.iter().flatten() {
            if place.check().is_ok()
                && let Ok(ready) = Entry::new(&place.path, &carried.bundle).look()
            {
                return Ok(found(ready, carried));
            }
        }
        let mut tried = Vec::new();
        for place in places {
            let made = place.and_then(|place| match self.make(&place, carried) {
                Ok(ready) => Ok(Ok(ready)),
                Err(NotMade::Final(error)) => Ok(Err(error)),
                Err(NotMade::Place(why)) => Err(place.tried(why)),
            });
            match made {
                Ok(ready) => return Ok(found(ready?, carried)),
                Err(why) => tried.push(why),
            }
        }
        Err(Error::NoPlace { tried })
    }

    /// Makes the entry in a place, or waits until another process has.
    fn make(&self, place: &Place, carried: &'static Carried) -> Result<Ready, NotMade> {
        let unusable = |error| NotMade::of_write(error, carried.bundle.size);
        place.create().map_err(unusable)?;
        place.check().map_err(NotMade::Place)?;
        let entry = Entry::new(&place.path, &carried.bundle);
        let mut miss = Miss::Absent;
        let look = || match entry.look() {
            Ok(ready) => Some(ready),
            Err(found) => {
                miss = found;
                None
            }
        };
        let _held = match lock::wait(&place.path, self.wait, look) {
            Ok(Outcome::Came(ready)) => return Ok(ready),
            Ok(Outcome::Locked(held)) => held,
            Err(lock::NoLock::TimedOut(error)) => return Err(NotMade::Final(error)),
            Err(lock::NoLock::Unusable(error)) => {
                return match entry.look() {
                    // Who may write here has put it here for those who may not. That the power failed
                    // in the meantime is theirs to find out.
                    Ok(ready) | Err(Miss::Unread(ready, _)) => Ok(ready),
                    Err(_) => Err(unusable(error)),
                };
            }
        };
        entry.make(miss, carried, self.sync, &*self.progress)
    }

    pub(crate) fn prune_in(
        &self,
        surroundings: Surroundings<'_>,
        keep: Duration,
        carried: Option<&Carried>,
    ) -> Result<Pruned, Error> {
        let own = carried.map(|carried| entry::name(&carried.bundle));
        let mut pruned = Pruned::default();
        for place in surroundings
            .places(&PRODUCT, self.cache_dir.as_deref())
            .iter()
            .flatten()
        {
            if place.check().is_ok() {
                prune::prune(&place.path, own.as_deref(), keep, self.wait, &mut pruned)?;
            }
        }
        Ok(pruned)
    }
}

/// Does something with the surroundings of this process.
fn here<T>(work: impl FnOnce(Surroundings<'_>) -> T) -> T {
    work(Surroundings {
        variable: &|name| env::var_os(name),
        temp_dir: &env::temp_dir(),
        convention: place::CONVENTION,
        user: sys::user(),
    })
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
            sync,
            progress: _,
        } = self;
        f.debug_struct("Locator")
            .field("runtime", runtime)
            .field("cache_dir", cache_dir)
            .field("wait", wait)
            .field("sync", sync)
            .finish_non_exhaustive()
    }
}

fn found(ready: Ready, carried: &'static Carried) -> Runtime {
    let bundle = &carried.bundle;
    Runtime {
        entrypoint: fs::join(&ready.package, bundle.entrypoint),
        path_dir: bundle.path_dir.map(|dir| fs::join(&ready.package, dir)),
        version: Some(bundle.version.to_owned()),
        source: Source::Embedded,
        warnings: Vec::new(),
        package_dir: Some(ready.package),
        held: Some(Held {
            marker: Arc::new(ready.marker),
            modes: ready.modes,
            carried,
        }),
    }
}

fn open_override(setting: &str, path: &Path, expected: Option<&str>) -> Result<Runtime, Error> {
    let own = overrides::open(&PRODUCT, path).map_err(|reason| Error::Override {
        setting: setting.to_owned(),
        path: path.to_owned(),
        reason,
    })?;
    let (package_dir, path_dir, version) = match own.package {
        Some(package) => (Some(package.dir), package.path_dir, Some(package.version)),
        None => (None, None, None),
    };
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
    use crate::testing::{Dir, Scene};

    const METADATA: &[u8] =
        br#"{"version":"9.9.9","entrypoint":"bin/command","pathDir":"tool-path"}"#;

    #[test]
    fn the_caller_goes_before_the_environment_and_that_before_the_payload() {
        let dir = Dir::new();
        let package = dir.write(
            &format!("package/{}", PRODUCT.metadata_file),
            0o644,
            METADATA,
        );
        dir.write("package/bin/command", 0o755, b"");
        let alone = dir.write("alone", 0o755, b"");
        let mut scene = Scene::new();
        scene
            .variables
            .insert(PRODUCT.path_env, package.parent().unwrap().into());
        let runtime = scene.locate().unwrap();
        assert_eq!(
            runtime.source(),
            &Source::Override(PRODUCT.path_env.to_owned())
        );
        assert_eq!(runtime.version(), Some("9.9.9"));
        assert!(runtime.verify().is_none());
        scene.locator = scene.locator.clone().runtime(&alone);
        let runtime = scene.locate().unwrap();
        assert_eq!(runtime.entrypoint(), alone);
        assert_eq!((runtime.version(), runtime.package_dir()), (None, None));
        // Nothing was extracted; an empty variable is none.
        assert!(!scene.cache().exists());
        scene.locator = Locator::new();
        scene.variables.insert(PRODUCT.path_env, "".into());
        assert_eq!(scene.locate().unwrap().source(), &Source::Embedded);
    }

    #[test]
    fn another_version_is_a_warning() {
        let dir = Dir::new();
        dir.write(PRODUCT.metadata_file, 0o644, METADATA);
        dir.write("bin/command", 0o755, b"");
        let warnings = |expected| {
            let runtime = open_override("SETTING", &dir, expected).unwrap();
            runtime
                .warnings()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            warnings(Some("1.2.3")),
            ["SETTING names a runtime of version 9.9.9, and this program was made for 1.2.3"]
        );
        assert!(warnings(Some("9.9.9")).is_empty());
        assert!(warnings(None).is_empty());
    }

    #[test]
    fn an_unstaged_crate_says_so() {
        let scene = Scene::new();
        let error = scene
            .here(|here| Locator::new().locate_in(here, || Ok(None)))
            .unwrap_err();
        let text = error.to_string();
        assert!(text.contains(env::consts::ARCH), "{text}");
        assert!(error.help().contains(PRODUCT.path_env));
    }
}
