//! The tokio runtime of a blocking client.
//!
//! Whoever waits for something drives the runtime meanwhile, and so hears of it without another thread. When
//! nobody has waited for a moment, one thread in the background drives it, so that what the server asks is
//! answered and what it tells is read.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Notify, mpsc};
use tokio::task::unconstrained;

use crate::error::{Error, Result};

/// How long nobody waits before the thread in the background takes over: who makes one call after the other
/// would only have to take turns with it.
const MOMENT: Duration = Duration::from_millis(2);

pub(crate) struct Background {
    /// There until this is dropped.
    shared: Option<Arc<Shared>>,
    /// The runtime is needed until this and its clones are gone: until the last process has ended.
    keep: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// The thread in the background drops it: inside of another runtime that would panic.
    runtime: Runtime,
    signals: Arc<Signals>,
}

/// How the threads that drive the runtime agree who does.
#[derive(Debug, Default)]
struct Signals {
    state: Mutex<State>,
    changed: Condvar,
    /// The thread in the background is to leave the runtime to somebody who waits.
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Calls that wait, and drive the runtime meanwhile.
    calls: usize,
    /// Calls that have ended.
    ended: u64,
    /// What the thread in the background does.
    background: Doing,
    /// All handles are gone.
    last: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Doing {
    /// It looks every moment whether there is something to do.
    #[default]
    Looks,
    /// A call takes its time, and says when it ends.
    Sleeps,
    /// It drives the runtime.
    Drives,
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What tokio says of its runtime helps nobody who looks at a client.
        f.write_str("Background")
    }
}

impl Background {
    pub(crate) fn start() -> Result<Arc<Self>> {
        let failed = |error: std::io::Error| Error::NoTokio(error.to_string());
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let signals = Arc::default();
        let shared = Arc::new(Shared { runtime, signals });
        let (keep, kept) = mpsc::channel(1);
        let idle = shared.clone();
        let thread = thread::Builder::new().name("codex-client".to_owned());
        match thread.spawn(move || idle.drive(kept)) {
            Ok(thread) => Ok(Arc::new(Self {
                shared: Some(shared),
                keep: Some(keep),
                thread: Some(thread),
            })),
            Err(error) => {
                if let Some(Shared { runtime, .. }) = Arc::into_inner(shared) {
                    runtime.shutdown_background();
                }
                Err(failed(error))
            }
        }
    }

    pub(crate) fn keep(&self) -> Option<mpsc::Sender<()>> {
        self.keep.clone()
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(shared) = &self.shared else {
            return Err(Error::Closed);
        };
        if Handle::try_current().is_ok() {
            return shared.park_on(future);
        }
        let _call = shared.signals.call();
        shared.runtime.block_on(future)
    }
}

impl Drop for Background {
    /// Waits for the process, so that none is left when the last handle is gone.
    fn drop(&mut self) {
        self.keep = None;
        if let Some(shared) = self.shared.take() {
            let signals = shared.signals.clone();
            // Before the thread may end, so that the runtime goes with the thread.
            drop(shared);
            signals.say_last();
        }
        if let Some(thread) = self.thread.take()
            // A function that answers requests may own the client, and go with the connection.
            && thread.thread().id() != thread::current().id()
        {
            // A panic in there has been reported, and there is nothing left to do.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// The thread in the background.
    fn drive(&self, mut kept: mpsc::Receiver<()>) {
        loop {
            let last = self.signals.until_nobody_waits();
            if last {
                self.runtime.block_on(kept.recv());
                return;
            }
            self.runtime.block_on(self.signals.wanted.notified());
            self.signals.lock().background = Doing::Looks;
        }
    }

    /// Waits without the runtime, which another thread drives. Inside of another runtime there is no other
    /// way: it blocks there like any call that blocks, but does not panic.
    fn park_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _context = self.runtime.enter();
        // The task around this has a budget, which is not refilled before this returns.
        let mut future = pin!(unconstrained(future));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
            thread::park();
        }
    }
}

impl Signals {
    /// Returns when there has been no call for a moment. Whether all handles are gone.
    fn until_nobody_waits(&self) -> bool {
        let mut state = self.lock();
        loop {
            let (calls, ended) = (state.calls, state.ended);
            if calls == 0 && state.last {
                return true;
            }
            let waited = self.changed.wait_timeout(state, MOMENT);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.ended != ended || state.last {
                continue;
            }
            if calls == 0 && state.calls == 0 {
                state.background = Doing::Drives;
                return false;
            }
            state.background = Doing::Sleeps;
            let slept = self
                .changed
                .wait_while(state, |state| state.calls > 0 && !state.last);
            state = slept.unwrap_or_else(PoisonError::into_inner);
            state.background = Doing::Looks;
        }
    }

    /// A call that waits until this is dropped.
    fn call(&self) -> Call<'_> {
        let mut state = self.lock();
        state.calls += 1;
        if state.background == Doing::Drives {
            self.wanted.notify_one();
        }
        Call(self)
    }

    /// Says that all handles are gone.
    fn say_last(&self) {
        self.lock().last = true;
        self.wanted.notify_one();
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Call<'a>(&'a Signals);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.calls -= 1;
        state.ended = state.ended.wrapping_add(1);
        if state.calls == 0 && state.background == Doing::Sleeps {
            self.0.changed.notify_all();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
