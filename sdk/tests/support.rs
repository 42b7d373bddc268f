//! What the tests share: the scripted server, and a limit of time for everything.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use codex_app_server_sdk::{Codex, Config, Thread, ThreadOptions};

/// The scripted server; see there for what it can do.
pub fn server() -> PathBuf {
    env!("CARGO_BIN_EXE_scripted-app-server").into()
}

/// A client of the scripted server. Its limits are short, and far beyond what this machine needs.
pub fn config(scenario: &str) -> Config {
    Config::new()
        .codex_bin(server())
        .env("SCENARIO", scenario)
        .close_timeout(Duration::from_millis(500))
}

/// A client of the scripted server.
pub fn codex(scenario: &str) -> Codex {
    Codex::with(config(scenario)).unwrap()
}

/// A thread of a client of its own.
pub fn thread_of(scenario: &str) -> Thread {
    codex(scenario).thread_start(ThreadOptions::new()).unwrap()
}

/// A limit of time on this machine. `SDK_TEST_SLOWNESS` says how many times longer everything takes,
/// under an emulator for instance.
pub fn limit(usual: Duration) -> Duration {
    let slowness = std::env::var("SDK_TEST_SLOWNESS").ok();
    slowness.map_or(usual, |times| {
        usual * times.parse::<u32>().expect("a number")
    })
}

/// Nothing may hang: a test that takes longer has failed.
pub fn within<T: Send + 'static>(
    at_most: Duration,
    test: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, finished) = mpsc::channel();
    let running = thread::spawn(move || {
        let value = test();
        let _ = done.send(());
        value
    });
    // A panic drops the sender, which is an end too.
    let waited = finished.recv_timeout(limit(at_most));
    assert_ne!(waited, Err(mpsc::RecvTimeoutError::Timeout), "it hangs");
    running.join().unwrap_or_else(|panic| resume_unwind(panic))
}
