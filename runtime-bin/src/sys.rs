//! What differs between systems, and nothing else.
//!
//! A system that is neither a Unix nor Windows gets one error, and functions that compile for the
//! compiler to find no other.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

#[cfg(not(any(unix, windows)))]
compile_error!(
    "a runtime is a program to start, and this target can start none: it is neither a Unix nor Windows"
);

/// Writes all of `bytes` at `offset`, wherever other threads are writing.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_all_at(file, bytes, offset);
    #[cfg(windows)]
    {
        let (mut bytes, mut offset) = (bytes, offset);
        while !bytes.is_empty() {
            match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => (bytes, offset) = (&bytes[written..], offset + written as u64),
            }
        }
        Ok(())
    }
    #[cfg(not(any(unix, windows)))]
    {
        _ = (file, bytes, offset);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Gives a file the permissions of the manifest, whatever the umask is.
#[cfg_attr(
    not(unix),
    expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")
)]
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(mode))
    }
    #[cfg(not(unix))]
    {
        _ = (file, mode);
        Ok(())
    }
}

/// Returns the permissions of a file. `None` where the system has none.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has them")]
pub(crate) fn mode(metadata: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777)
}
#[cfg(not(unix))]
pub(crate) fn mode(_: &Metadata) -> Option<u32> {
    None
}

/// Returns whether a file may be executed by anybody, as far as its metadata tells.
pub(crate) fn is_executable(metadata: &Metadata) -> bool {
    metadata.is_file() && mode(metadata).is_none_or(|mode| mode & 0o111 != 0)
}

/// Creates a directory that only its owner can enter; one that is there already is left as it is.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    #[cfg(not(unix))]
    builder.recursive(false);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// The user on whose behalf the process acts.
///
/// On Windows nobody asks: the directories that are asked about lie in the user's profile.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has them")]
pub(crate) fn user() -> Option<u32> {
    // SAFETY: the signature is that of POSIX, with `uid_t` as it is on every Unix that Rust has. The
    // function takes nothing, has no preconditions and cannot fail. std has no way to the same end.
    unsafe extern "C" {
        safe fn geteuid() -> u32;
    }
    Some(geteuid())
}
#[cfg(not(unix))]
pub(crate) fn user() -> Option<u32> {
    None
}

/// The user that something belongs to.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has them")]
pub(crate) fn owner(metadata: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(metadata))
}
#[cfg(not(unix))]
pub(crate) fn owner(_: &Metadata) -> Option<u32> {
    None
}

/// Returns a name of this boot of the system. It changes with each restart. `None` outside Linux.
pub(crate) fn boot() -> Option<&'static str> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let id = id.trim_ascii();
        let good = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        (!id.is_empty() && id.bytes().all(good)).then(|| id.to_owned())
    };
    if cfg!(target_os = "linux") {
        BOOT.get_or_init(read).as_deref()
    } else {
        None
    }
}

/// Lets a command inherit an open file, and with it the lock that is on it.
///
/// Locks of this kind belong to the open file and not to the process: a program that is started, or
/// that takes the place of this one, goes on holding the lock after this one is gone.
#[cfg(unix)]
pub(crate) fn inherit(command: &mut std::process::Command, file: std::sync::Arc<File>) {
    use std::ffi::c_int;
    use std::os::fd::AsRawFd;
    use std::os::unix::process::CommandExt;
    // The same on every Unix.
    const F_SETFD: c_int = 2;
    unsafe extern "C" {
        fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    }
    let keep_open = move || {
        // SAFETY: the signature is that of POSIX; `file` keeps the descriptor open.
        unsafe { fcntl(file.as_raw_fd(), F_SETFD, 0 as c_int) };
        // Without it, the program runs as well.
        Ok(())
    };
    // SAFETY: between fork and exec only what is async-signal-safe may be called, and `fcntl` is.
    unsafe { command.pre_exec(keep_open) };
}
/// On Windows a program that runs cannot be removed, lock or no lock.
#[cfg(not(unix))]
pub(crate) fn inherit(_: &mut std::process::Command, _: std::sync::Arc<File>) {}

/// Returns whether a process has a file open for writing. `None` where the system does not tell.
///
/// Linux refuses to execute such a file, with `ETXTBSY`. It grants a lease for reading exactly if nobody
/// has the file open for writing: it looks at the same counter.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_open_for_writing(file: &File) -> Option<bool> {
    use std::ffi::c_int;
    use std::os::fd::AsRawFd;
    // From the kernel's `fcntl.h` and `signal.h`, for all CPUs but a few.
    const F_SETSIG: c_int = 10;
    const F_SETLEASE: c_int = 1024;
    const F_RDLCK: c_int = 0;
    const F_UNLCK: c_int = 2;
    const SIGURG: c_int = 23;
    unsafe extern "C" {
        fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    }
    let has_other_numbers = cfg!(any(
        target_arch = "mips",
        target_arch = "mips32r6",
        target_arch = "mips64",
        target_arch = "mips64r6",
        target_arch = "sparc",
        target_arch = "sparc64"
    ));
    if has_other_numbers {
        return None;
    }
    let fd = file.as_raw_fd();
    let call = |command: c_int, argument: c_int| {
        // SAFETY: the signature is that of POSIX; these commands take a number, and `file` keeps the
        // descriptor open.
        let result = unsafe { fcntl(fd, command, argument) };
        if result == -1 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    };
    // Whoever opens the file for writing while the lease is held has a signal sent: one that a process
    // ignores, unlike the usual one, which would end it.
    call(F_SETSIG, SIGURG).ok()?;
    match call(F_SETLEASE, F_RDLCK) {
        Ok(()) => {
            // Where this fails, closing the file has the same effect.
            _ = call(F_SETLEASE, F_UNLCK);
            Some(false)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(true),
        // A file of another user, or a file system without leases.
        Err(_) => None,
    }
}
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn is_open_for_writing(_: &File) -> Option<bool> {
    None
}

/// Whether files in a directory may be executed, found out by trying. `probe` is a file to be made
/// for that.
///
/// An empty file with the right mode is refused with `EACCES` where the file system is mounted
/// `noexec` (or some policy of the system forbids it), and with `ENOEXEC` elsewhere, without
/// anything having run. Where the attempt itself is impossible, the answer is yes.
#[cfg_attr(
    not(unix),
    expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")
)]
pub(crate) fn allows_execution(probe: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::process::{Command, Stdio};
        const EACCES: i32 = 13;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .open(probe)?;
        set_mode(&file, 0o755)?;
        drop(file);
        let mut command = Command::new(probe);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let refused = match command.spawn() {
            Ok(mut child) => {
                // macOS hands a file of no known format to the shell, to which an empty one is a
                // script that succeeds.
                _ = child.wait();
                false
            }
            Err(error) => error.raw_os_error() == Some(EACCES),
        };
        std::fs::remove_file(probe)?;
        Ok(!refused)
    }
    #[cfg(not(unix))]
    {
        _ = probe;
        Ok(true)
    }
}

/// Has a command take the place of this process, and returns only if that fails.
///
/// On Unix the process becomes the command, so that signals, the terminal and the exit status are its own.
#[cfg(unix)]
pub(crate) fn become_command(command: &mut std::process::Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}
/// Windows has nothing of that kind: the command is a child, and this process ends with its exit code.
///
/// Ctrl+C and Ctrl+Break reach the child as well, which decides what they mean. So this process handles
/// them without doing anything. It must not tell the system to ignore them, which the child would inherit.
#[cfg(windows)]
pub(crate) fn become_command(command: &mut std::process::Command) -> io::Error {
    unsafe extern "system" fn handled(_: u32) -> i32 {
        1
    }
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetConsoleCtrlHandler(
            handler: Option<unsafe extern "system" fn(u32) -> i32>,
            add: i32,
        ) -> i32;
    }
    // SAFETY: the signatures are those of the system's `consoleapi.h`. The handler touches nothing and
    // lives as long as the program.
    unsafe { SetConsoleCtrlHandler(Some(handled), 1) };
    match command.status() {
        // The exit codes of Windows have 32 bits, and those of `ExitCode` 8.
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
#[cfg(not(any(unix, windows)))]
pub(crate) fn become_command(_: &mut std::process::Command) -> io::Error {
    io::ErrorKind::Unsupported.into()
}
