//! Windows' rules for open and locked files, imposed on Linux, so that what breaks them fails here too.
//! (Wine does not impose them either.) The tests of `stage` use this file as well.
//!
//! - A lock is mandatory. While one handle holds an exclusive lock on a file, no other reads or writes
//!   it. While any holds a shared one, nobody writes it, its holder included.
//! - A file that is removed while it is open keeps its name until the last handle is closed. Until then,
//!   nothing can be opened or created there, and its directory is not empty. (NTFS of today gives the
//!   name back at once. FAT, network shares and older systems do not.)
//! - A file that is open is not replaced by another, and a directory with open files in it is not moved.
//!
//! The checks look at what this process has open, and at the locks that the kernel lists.

#![allow(dead_code, reason = "each crate uses a part")]

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Imposes the rules on a process from its start.
pub(crate) const VARIABLE: &str = "TEST_WINDOWS_RULES";

static IMPOSED: AtomicBool = AtomicBool::new(false);

/// Imposes the rules on this process from now on.
pub(crate) fn impose() {
    IMPOSED.store(true, Ordering::Relaxed);
}

pub(crate) fn are_imposed() -> bool {
    let imposed = || IMPOSED.load(Ordering::Relaxed) || std::env::var_os(VARIABLE).is_some();
    cfg!(target_os = "linux") && imposed()
}

/// Whether an error is a refusal of these rules that passes when a file is closed.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    are_imposed() && error.kind() == io::ErrorKind::PermissionDenied && error.get_ref().is_some()
}

/// Whether this handle may read its file.
pub(crate) fn check_read(file: &File) -> io::Result<()> {
    if are_imposed() && system::other_lock(file)? == Some(system::Kind::Exclusive) {
        return Err(locked());
    }
    Ok(())
}

/// Whether this handle may write to its file.
pub(crate) fn check_write(file: &File) -> io::Result<()> {
    if are_imposed() && system::other_lock(file)?.is_some() {
        return Err(locked());
    }
    Ok(())
}

/// Whether something may be opened or created at a path.
pub(crate) fn check_open(path: &Path) -> io::Result<()> {
    if are_imposed()
        && system::open_files()?
            .iter()
            .any(|open| open.removed && open.path == path)
    {
        return Err(denied("it is removed and still open"));
    }
    Ok(())
}

/// Whether a directory may be removed, as far as open files go.
pub(crate) fn check_remove_dir(dir: &Path) -> io::Result<()> {
    let below = |open: &system::Open| open.path != dir && open.path.starts_with(dir);
    if are_imposed() && system::open_files()?.iter().any(below) {
        return Err(io::ErrorKind::DirectoryNotEmpty.into());
    }
    Ok(())
}

/// Whether one path may become another.
pub(crate) fn check_rename(from: &Path, to: &Path) -> io::Result<()> {
    if !are_imposed() {
        return Ok(());
    }
    for open in system::open_files()? {
        if open.path == to {
            return Err(denied("what it replaces is open"));
        }
        if open.path != from && open.path.starts_with(from) {
            return Err(denied("a file in it is open"));
        }
    }
    Ok(())
}

fn denied(why: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("{why} (Windows' error 5)"),
    )
}

fn locked() -> io::Error {
    io::Error::other("another handle has locked it (Windows' error 33)")
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    /// A file that this process has open.
    pub(super) struct Open {
        pub(super) path: PathBuf,
        pub(super) removed: bool,
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) enum Kind {
        Shared,
        Exclusive,
    }

    pub(super) fn open_files() -> io::Result<Vec<Open>> {
        let links = std::fs::read_dir("/proc/self/fd")?
            // Another thread may close one in between.
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        Ok(links
            .map(|link| {
                let text = link.to_str().unwrap_or_default();
                match text.strip_suffix(" (deleted)") {
                    Some(path) => Open {
                        path: path.into(),
                        removed: true,
                    },
                    None => Open {
                        path: link,
                        removed: false,
                    },
                }
            })
            .collect())
    }

    /// The lock that keeps a handle from its file: that of another one, or its own shared one.
    pub(super) fn other_lock(file: &File) -> io::Result<Option<Kind>> {
        let found = file.metadata()?;
        let (device, inode) = (found.dev(), found.ino());
        let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
        let minor = (device & 0xff) | (device >> 12 & !0xff);
        let place = format!(" {major:02x}:{minor:02x}:{inode} ");
        let locks = std::fs::read_to_string("/proc/locks")?;
        // Those that wait for a lock have an arrow.
        let held = |line: &&str| line.contains(&place) && !line.contains("->");
        let Some(kind) = locks.lines().find(held).and_then(kind) else {
            return Ok(None);
        };
        let own = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", file.as_raw_fd()))?;
        let own = own
            .lines()
            .find(|line| line.starts_with("lock:"))
            .and_then(self::kind);
        Ok((own != Some(Kind::Exclusive)).then_some(kind))
    }

    fn kind(line: &str) -> Option<Kind> {
        if line.contains(" WRITE ") {
            Some(Kind::Exclusive)
        } else {
            line.contains(" READ ").then_some(Kind::Shared)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::fs::File;
    use std::io;
    use std::path::PathBuf;

    pub(super) struct Open {
        pub(super) path: PathBuf,
        pub(super) removed: bool,
    }

    #[derive(PartialEq, Eq)]
    pub(super) enum Kind {
        Exclusive,
    }

    pub(super) fn open_files() -> io::Result<Vec<Open>> {
        Ok(Vec::new())
    }

    pub(super) fn other_lock(_: &File) -> io::Result<Option<Kind>> {
        Ok(None)
    }
}

/// On Windows, these rules are the system's own.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// A file in a directory of its own, which is removed at the end.
    struct Scene(std::path::PathBuf);

    impl Scene {
        fn new(name: &str) -> Self {
            impose();
            let dir =
                std::env::temp_dir().join(format!("windows-rules-{}-{name}", std::process::id()));
            std::fs::create_dir(&dir).unwrap();
            std::fs::write(dir.join("file"), "x").unwrap();
            Self(dir)
        }

        fn open(&self) -> File {
            File::options()
                .read(true)
                .write(true)
                .open(self.0.join("file"))
                .unwrap()
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_locked_file_is_for_its_holder() {
        let scene = Scene::new("lock");
        let (holder, other) = (scene.open(), scene.open());
        for file in [&holder, &other] {
            check_read(file).unwrap();
            check_write(file).unwrap();
        }
        holder.lock().unwrap();
        check_write(&holder).unwrap();
        check_read(&holder).unwrap();
        assert!(check_read(&other).is_err() && check_write(&other).is_err());
        holder.unlock().unwrap();
        check_write(&other).unwrap();
        holder.lock_shared().unwrap();
        check_read(&other).unwrap();
        assert!(check_write(&other).is_err() && check_write(&holder).is_err());
    }

    #[test]
    fn a_removed_file_keeps_its_name_until_it_is_closed() {
        let scene = Scene::new("removed");
        let (dir, path) = (&scene.0, scene.0.join("file"));
        let open = scene.open();
        assert!(check_remove_dir(dir).is_err());
        assert!(check_rename(dir, &dir.with_extension("x")).is_err());
        assert!(check_rename(&dir.join("new"), &path).is_err());
        check_rename(&path, &dir.join("new")).unwrap();
        check_open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(check_open(&path).is_err() && check_remove_dir(dir).is_err());
        drop(open);
        check_open(&path).unwrap();
        check_remove_dir(dir).unwrap();
    }
}
