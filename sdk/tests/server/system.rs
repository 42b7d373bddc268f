//! What a server asks of the system, which differs from one system to another.

use std::io::Read;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Does nothing any more.
pub fn hang() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// Ends this process as a killed one ends: nothing of it runs any more.
pub fn die() -> ! {
    #[cfg(unix)]
    {
        let own = rustix::process::getpid();
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
    std::process::abort()
}

/// Closes the pipe that is this process's stdin.
pub fn close_stdin() {
    #[cfg(unix)]
    {
        let nothing = fs_err::File::open("/dev/null").expect("every Unix has it");
        rustix::stdio::dup2_stdin(nothing).expect("stdin is open");
    }
    #[cfg(windows)]
    close(&std::io::stdin());
}

/// Closes the pipe that is this process's stdout.
pub fn close_stdout() {
    #[cfg(unix)]
    {
        let nothing = fs_err::OpenOptions::new().write(true).open("/dev/null");
        rustix::stdio::dup2_stdout(nothing.expect("every Unix has it")).expect("stdout is open");
    }
    #[cfg(windows)]
    close(&std::io::stdout());
}

#[cfg(windows)]
fn close(stream: &impl std::os::windows::io::AsRawHandle) {
    use std::os::windows::io::{FromRawHandle, OwnedHandle};
    // SAFETY: the handle is open, and nothing closes it again: the streams of std never do. What they
    // are asked for afterwards fails.
    drop(unsafe { OwnedHandle::from_raw_handle(stream.as_raw_handle()) });
}

/// Has this process survive a request to end. What Windows has of that kind does not reach it: it is in
/// a process group of its own.
pub fn stay() {
    #[cfg(unix)]
    std::thread::spawn(|| {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(async {
            let mut asked = signal(SignalKind::terminate()).expect("it can be caught");
            while asked.recv().await.is_some() {}
        });
    });
}

/// Whether this process leads a process group. `None` where the system has none.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has them")]
pub fn leads_a_group() -> Option<bool> {
    Some(rustix::process::getpgrp() == rustix::process::getpid())
}
#[cfg(windows)]
pub fn leads_a_group() -> Option<bool> {
    None
}

/// Starts a process that stays when this one ends, and that keeps a connection to a port.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
pub fn start_connected(port: u16) {
    let own = std::env::current_exe().expect("it is known");
    Command::new(own)
        .env("SCENARIO", format!("connected {port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
}

/// Keeps a connection to a port until the other side ends it.
pub fn stay_connected(port: u16) {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    let _ = connection.read(&mut [0]);
}
