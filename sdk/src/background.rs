//! The tokio runtime of a blocking client: one thread, which drives the connection.
//!
//! What blocks waits outside of it, parked, so it may be called anywhere; inside an asynchronous program it
//! blocks a thread there, like any other call that blocks, but does not panic.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;

use crate::error::{Error, Result};

#[derive(Debug)]
pub(crate) struct Background {
    handle: Handle,
    /// The thread ends when this and its clones are gone: when the last process has ended.
    keep: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start() -> Result<Arc<Self>> {
        let failed = |error: std::io::Error| Error::NoTokio(error.to_string());
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let handle = runtime.handle().clone();
        let (keep, mut kept) = mpsc::channel::<()>(1);
        let drive = move || {
            runtime.block_on(kept.recv());
        };
        let thread = thread::Builder::new()
            .name("codex-client".to_owned())
            .spawn(drive);
        let thread = Some(thread.map_err(failed)?);
        Ok(Arc::new(Self {
            handle,
            keep: Some(keep),
            thread,
        }))
    }

    pub(crate) fn keep(&self) -> Option<mpsc::Sender<()>> {
        self.keep.clone()
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _context = self.handle.enter();
        let mut future = pin!(future);
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

impl Drop for Background {
    /// Waits for the process, so that none is left when the last handle is gone.
    fn drop(&mut self) {
        self.keep = None;
        if let Some(thread) = self.thread.take()
            // A function that answers requests may own the client, and go with the connection.
            && thread.thread().id() != thread::current().id()
        {
            // A panic in there has been reported, and there is nothing left to do.
            let _ = thread.join();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
