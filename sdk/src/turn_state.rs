//! What the handles and the streams of a turn share.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Serialize;

use crate::answers::Task;
use crate::brief::Brief;
use crate::client::Client;
use crate::collected::Collected;
use crate::error::{Error, Result};
use crate::event::Notification;
use crate::queue::{End, Queue};

/// The method that interrupts a turn.
pub(crate) const INTERRUPT: &str = "turn/interrupt";

/// What the handles and streams of a turn share.
pub(crate) struct TurnState {
    pub(crate) client: Arc<Client>,
    pub(crate) thread_id: Arc<str>,
    pub(crate) id: String,
    pub(crate) queue: Arc<Queue>,
    /// What has been read.
    collected: Mutex<Collected>,
    /// Ends a turn that takes too long.
    watchdog: Mutex<Option<Task<()>>>,
}

impl fmt::Debug for TurnState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnState")
            .field("thread_id", &Brief(&self.thread_id))
            .field("id", &Brief(&self.id))
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl TurnState {
    /// Takes a turn that has begun. With a time limit, a task interrupts it.
    pub(crate) fn start(
        client: Arc<Client>,
        thread_id: Arc<str>,
        id: String,
        queue: Arc<Queue>,
        timeout: Option<Duration>,
    ) -> Arc<Self> {
        let (collected, watchdog) = (Mutex::default(), Mutex::default());
        let turn = Arc::new(Self {
            client,
            thread_id,
            id,
            queue,
            collected,
            watchdog,
        });
        if let Some(at_most) = timeout {
            let watchdog = tokio::spawn(watch(Arc::downgrade(&turn), at_most));
            *turn.watchdog.lock().unwrap_or_else(PoisonError::into_inner) = Some(Task(watchdog));
        }
        turn
    }

    pub(crate) fn poll_next(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Notification>>> {
        // Whoever sees the end also finds what another reader has taken just before.
        let mut collected = self.collected();
        let next = self.queue.poll_next(context);
        match &next {
            Poll::Ready(Some(Ok(notification))) => collected.take(notification),
            Poll::Ready(Some(Err(error))) => {
                collected.fail(error);
                collected.say_failure();
            }
            // That it took too long is said after its end.
            Poll::Ready(None) => return Poll::Ready(collected.say_failure().map(Err)),
            Poll::Pending => {}
        }
        next
    }

    pub(crate) fn ids(&self) -> OfTurn<'_> {
        OfTurn {
            thread_id: &self.thread_id,
            turn_id: &self.id,
        }
    }

    pub(crate) fn collected(&self) -> MutexGuard<'_, Collected> {
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TurnState {
    fn drop(&mut self) {
        self.client.leave(&self.id, &self.queue);
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfTurn<'a> {
    thread_id: &'a str,
    turn_id: &'a str,
}

/// Interrupts a turn that takes too long, and waits a little for its end: until then, what is said in its
/// thread would be part of it.
async fn watch(turn: Weak<TurnState>, at_most: Duration) {
    const END: Duration = Duration::from_secs(2);
    tokio::time::sleep(at_most).await;
    let Some(turn) = turn.upgrade() else { return };
    if turn.queue.has_ended() {
        return;
    }
    let error = Error::TimedOut {
        what: "the turn".to_owned(),
        after: at_most,
    };
    turn.collected().fail(&error);
    turn.client.post(INTERRUPT, turn.ids());
    let queue = turn.queue.clone();
    // From here on, this keeps nothing from being dropped.
    drop(turn);
    let ended = poll_fn(|context| queue.poll_end(context));
    if tokio::time::timeout(END, ended).await.is_err() {
        queue.finish(End::Failed(error));
    }
}
