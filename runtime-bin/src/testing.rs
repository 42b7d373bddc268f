//! What the tests share: a payload made on the spot, and a scene to try it in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::carried::Carried;
use crate::digest;
use crate::entry;
use crate::error::Error;
use crate::locate::Locator;
use crate::manifest::FRAME;
use crate::part::Part;
use crate::payload::PRODUCT;
use crate::place::{self, Surroundings};
use crate::prune::Pruned;
use crate::runtime::Runtime;
use crate::sys;

/// A file of a bundle: path, mode, content.
pub(crate) type TestFile = (&'static str, u32, Vec<u8>);

/// What the entrypoint of the test runtime is: something that can be run.
const SCRIPT: &[u8] = b"#!/bin/sh\ncase $1 in wait) read line ;; esac\necho \"runtime $*\"\n";

/// The runtime that the tests use: a file of two frames, an empty one, a name with a space, a program.
pub(crate) fn tree() -> Vec<TestFile> {
    let mut numbers = Vec::new();
    for block in (0..FRAME + 100_000).step_by(512) {
        numbers.extend_from_slice(&block.to_le_bytes().repeat(64));
    }
    vec![
        ("bin/command", 0o755, SCRIPT.to_vec()),
        ("bin/large", 0o755, numbers),
        ("tool-package.json", 0o644, b"{}\n".to_vec()),
        ("tool-path/rg", 0o755, b"#!/bin/sh\nexit 0\n".to_vec()),
        ("tool-resources/an empty file", 0o644, Vec::new()),
    ]
}

/// A payload with that tree, over two parts.
pub(crate) fn carried(version: &str) -> &'static Carried {
    let (manifest, parts) = payload(version, &tree());
    leak(manifest, parts).unwrap()
}

pub(crate) fn leak(manifest: String, parts: Vec<Vec<u8>>) -> Result<&'static Carried, Error> {
    let parts = parts.into_iter().map(|part| Part::Memory(part.leak()));
    let parts = parts.collect();
    Ok(Box::leak(Box::new(Carried::read(manifest.leak(), parts)?)))
}

/// The manifest and the parts of a payload, as the packager makes them.
pub(crate) fn payload(version: &str, tree: &[TestFile]) -> (String, Vec<Vec<u8>>) {
    let mut manifest = format!("payload 2\nversion {version}\ntarget test-target\n");
    manifest.push_str("entrypoint bin/command\npath-dir tool-path\n");
    let mut frames = Vec::new();
    for (path, mode, content) in tree {
        let hash = digest::hex(&Sha256::digest(content));
        writeln!(manifest, "file {mode:o} {} {hash} {path}", content.len()).unwrap();
        for content in content.chunks(usize::try_from(FRAME).unwrap()) {
            let mut frame = vec![0; zstd_safe::compress_bound(content.len())];
            let length = zstd_safe::compress(&mut frame[..], content, 1).unwrap();
            frame.truncate(length);
            let hash = digest::hex(&Sha256::digest(&frame));
            frames.push((
                format!("frame {} {} {hash}\n", content.len(), length),
                frame,
            ));
        }
    }
    let mut parts = Vec::new();
    for frames in frames.chunks(frames.len().div_ceil(2).max(1)) {
        let part: Vec<u8> = frames
            .iter()
            .flat_map(|(_, frame)| frame.iter().copied())
            .collect();
        writeln!(manifest, "part {}", part.len()).unwrap();
        manifest.extend(frames.iter().map(|(line, _)| line.as_str()));
        parts.push(part);
    }
    (manifest, parts)
}

/// A new directory, removed with everything in it when the test is over.
#[derive(Debug)]
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("runtime-bin-test-{}-{count}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Self(path),
                // A killed process left it, which had the same id.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }

    /// Writes a file with a mode, and the directories above it.
    pub(crate) fn write(&self, path: &str, mode: u32, content: &[u8]) -> PathBuf {
        let path = self.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        chmod(&path, mode);
        path
    }
}

impl std::ops::Deref for Dir {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, mode).unwrap();
    }
    #[cfg(windows)]
    let _ = (path, mode);
}

/// A machine for a test: its variables, its directory for temporary files, its user.
pub(crate) struct Scene {
    pub(crate) dir: Dir,
    pub(crate) carried: &'static Carried,
    pub(crate) locator: Locator,
    pub(crate) variables: BTreeMap<&'static str, OsString>,
    pub(crate) user: Option<u32>,
}

impl Scene {
    /// One where `HOME` is a directory with nothing in it.
    pub(crate) fn new() -> Self {
        let dir = Dir::new();
        for name in ["home", "tmp"] {
            std::fs::create_dir(dir.join(name)).unwrap();
        }
        Self {
            variables: BTreeMap::from([("HOME", dir.join("home").into())]),
            carried: carried("1.2.3"),
            locator: Locator::new(),
            user: sys::user(),
            dir,
        }
    }

    pub(crate) fn locate(&self) -> Result<Runtime, Error> {
        self.here(|surroundings| {
            self.locator
                .locate_in(surroundings, || Ok(Some(self.carried)))
        })
    }

    pub(crate) fn prune(&self, keep: Duration) -> Result<Pruned, Error> {
        self.here(|surroundings| {
            self.locator
                .prune_in(surroundings, keep, Some(self.carried))
        })
    }

    pub(crate) fn here<T>(&self, work: impl FnOnce(Surroundings<'_>) -> T) -> T {
        work(Surroundings {
            variable: &|name| self.variables.get(name).cloned(),
            temp_dir: &self.dir.join("tmp"),
            convention: place::XDG,
            user: self.user,
        })
    }

    /// The cache in `HOME`.
    pub(crate) fn cache(&self) -> PathBuf {
        self.dir.join("home/.cache").join(PRODUCT.crate_name)
    }

    /// The entry in the cache in `HOME`.
    pub(crate) fn entry(&self) -> PathBuf {
        self.cache().join(entry::name(&self.carried.bundle))
    }
}

/// The names in a directory, sorted; none if there is no directory.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Asserts that a runtime is the test tree, byte for byte and mode for mode, and can be run.
pub(crate) fn assert_good(runtime: &Runtime) {
    for (path, mode, content) in tree() {
        let path = runtime.package_dir().unwrap().join(path);
        assert!(
            std::fs::read(&path).unwrap() == content,
            "{}",
            path.display()
        );
        let found = sys::mode(&std::fs::metadata(&path).unwrap());
        assert!(
            found.is_none_or(|found| found == mode),
            "{} has {found:?}",
            path.display()
        );
    }
    #[cfg(unix)]
    assert_eq!(run(runtime, "a"), "runtime a\n");
}

/// What the test runtime says.
#[cfg(unix)]
pub(crate) fn run(runtime: &Runtime, argument: &str) -> String {
    let output = runtime.command().arg(argument).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

const CHILD: &str = "RUNTIME_BIN_TEST_CHILD";
const KILL_AT: &str = "RUNTIME_BIN_TEST_KILL_AT";
const SLOW: &str = "RUNTIME_BIN_TEST_SLOW";

/// A command that runs one test of this program in a process of its own. There, [`child`] tells the
/// directory, and its temporary files are in it.
pub(crate) fn child_command(test: &str, dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(CHILD, dir);
    let variable = if cfg!(windows) { "TMP" } else { "TMPDIR" };
    command.env(variable, dir.join("tmp"));
    command
}

/// The directory that [`child_command`] was given, in the process that it started.
pub(crate) fn child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Has the process die at a step.
pub(crate) fn kill_at(command: &mut Command, step: &str) {
    command.env(KILL_AT, step);
}

/// Whether a process was killed, by [`kill_at`] or by another process.
pub(crate) fn was_killed(status: std::process::ExitStatus) -> bool {
    if cfg!(windows) {
        // There are no signals, but codes of exceptions, and 101 is that of a panic.
        !matches!(status.code(), Some(0 | 101))
    } else {
        status.code().is_none()
    }
}

/// Has the process take its time for each frame, and say so when it begins.
pub(crate) fn slow(command: &mut Command) {
    command.env(SLOW, "1");
}

/// Where a process dies that was started for that.
pub(crate) fn step(name: &str) {
    if std::env::var(KILL_AT).is_ok_and(|at| at == name) {
        std::process::abort();
    }
    if std::env::var_os(SLOW).is_some() {
        if name == "probed" {
            println!("begun");
        }
        if name == "placed" {
            std::thread::sleep(Duration::from_millis(6));
        }
    }
}

/// Runs a test where it can mount file systems: in a mount namespace of its own, which takes a user
/// namespace or root.
#[cfg(target_os = "linux")]
pub(crate) fn with_mounts(test: &str, body: impl FnOnce()) {
    if child().is_some() {
        return body();
    }
    let allowed = |flags: &str| {
        Command::new("unshare")
            .args([flags, "true"])
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let flags = ["-Urm", "-m"].into_iter().find(|flags| allowed(flags));
    let Some(flags) = flags else {
        return not_run("no user namespaces, and no right to mount");
    };
    let scene = Scene::new();
    let child = child_command(test, &scene.dir);
    let mut command = Command::new("unshare");
    command
        .arg(flags)
        .arg(child.get_program())
        .args(child.get_args());
    command.envs(
        child
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Tells `scripts/test` why a test is not run: by a line in the file that it names. Where `CI` is set,
/// that is a failure.
#[cfg(target_os = "linux")]
fn not_run(reason: &str) {
    use std::io::Write as _;

    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!in_ci, "{reason}; where CI is set, every test must run");
    println!("not run: {reason}");
    if let Some(file) = std::env::var_os("TESTS_NOT_RUN") {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.append(true).open(file).unwrap();
        file.write_all(format!("{reason}\n").as_bytes()).unwrap();
    }
}

/// Mounts a tmpfs with these options.
#[cfg(target_os = "linux")]
pub(crate) fn mount(options: &str, at: &Path) {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(at);
    assert!(command.status().unwrap().success(), "{command:?}");
}
