//! Notifications on their way from the connection to whoever reads them.
//!
//! The one task that reads the connection never waits for a reader: a slow one would stop all others. So a
//! queue takes what comes, and has a bound in bytes. When it is passed, the oldest deltas go, since their
//! text comes again when the item is completed; if that is not enough, the oldest of the rest. The last
//! notification of a turn stays whatever happens. A reader learns how many it has missed.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Error;
use crate::event::Notification;

pub(crate) struct Queue {
    /// In bytes, as [`Notification::size`] counts them.
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Notification>,
    bytes: usize,
    missed: u64,
    end: Option<End>,
    /// Who waits: one reader as a rule, and whoever waits for the end.
    wakers: Vec<Waker>,
}

/// Why nothing more comes.
#[derive(Debug, Clone)]
pub(crate) enum End {
    Completed,
    Failed(Error),
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Queue")
            .field("waiting", &state.waiting.len())
            .field("bytes", &state.bytes)
            .field("missed", &state.missed)
            .field("has_ended", &state.end.is_some())
            .finish_non_exhaustive()
    }
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
        }
    }

    /// Adds a notification. Nobody is woken: more may follow at once.
    pub(crate) fn push(&self, notification: Notification) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        state.bytes += notification.size();
        state.waiting.push_back(notification);
        if state.bytes > self.limit {
            state.make_room(self.limit / 2);
        }
    }

    /// Wakes whoever waits for what has been pushed.
    pub(crate) fn wake(&self) {
        wake(self.lock());
    }

    /// Nothing more comes. The first end is the one that counts.
    pub(crate) fn finish(&self, end: End) {
        let mut state = self.lock();
        state.end.get_or_insert(end);
        wake(state);
    }

    /// The next notification; `None` after the last one.
    pub(crate) fn poll_next(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Notification, Error>>> {
        let mut state = self.lock();
        if state.missed > 0 {
            let missed = std::mem::take(&mut state.missed);
            return Poll::Ready(Some(Ok(Notification::missed(missed))));
        }
        if let Some(notification) = state.waiting.pop_front() {
            state.bytes -= notification.size();
            return Poll::Ready(Some(Ok(notification)));
        }
        match &state.end {
            Some(End::Completed) => Poll::Ready(None),
            Some(End::Failed(error)) => {
                let error = error.clone();
                // It is said once: a stream that goes on failing never ends.
                state.end = Some(End::Completed);
                Poll::Ready(Some(Err(error)))
            }
            None => {
                state.wait(context);
                Poll::Pending
            }
        }
    }

    /// Ready when the last notification is here, or it is known that none comes.
    pub(crate) fn poll_end(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.end.is_some() {
            return Poll::Ready(());
        }
        state.wait(context);
        Poll::Pending
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, context: &Context<'_>) {
        if !self
            .wakers
            .iter()
            .any(|waker| waker.will_wake(context.waker()))
        {
            self.wakers.push(context.waker().clone());
        }
    }

    /// Drops notifications until no more than so many bytes are left, but never the newest one.
    fn make_room(&mut self, room: usize) {
        let Some(newest) = self.waiting.pop_back() else {
            return;
        };
        let (bytes, missed) = (&mut self.bytes, &mut self.missed);
        let mut drop_one = |notification: &Notification| {
            *bytes -= notification.size();
            *missed += 1;
            *bytes > room
        };
        let mut more = true;
        self.waiting.retain(|notification| {
            if more && notification.is_delta() {
                more = drop_one(notification);
                return false;
            }
            true
        });
        while more && let Some(oldest) = self.waiting.pop_front() {
            more = drop_one(&oldest);
        }
        self.waiting.push_back(newest);
    }
}

/// Wakes all who wait, after the lock: a waker may do anything.
fn wake(mut state: MutexGuard<'_, State>) {
    let wakers = std::mem::take(&mut state.wakers);
    drop(state);
    wakers.into_iter().for_each(Waker::wake);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll::Ready;

    fn notification(method: &str, length: usize) -> Notification {
        let text = serde_json::value::to_raw_value(&"x".repeat(length)).unwrap();
        Notification::new(method, Some(&text))
    }

    /// The methods of all that is in a queue, and how many were missed.
    fn drain(queue: &Queue) -> (Vec<String>, u64) {
        let mut context = Context::from_waker(Waker::noop());
        let (mut methods, mut missed) = (Vec::new(), 0);
        while let Ready(Some(Ok(next))) = queue.poll_next(&mut context) {
            if let crate::Event::Missed(count) = next.event() {
                missed += count;
            } else {
                methods.push(next.method().to_owned());
            }
        }
        (methods, missed)
    }

    #[test]
    fn the_oldest_deltas_go_first() {
        let queue = Queue::new(10_000);
        queue.push(notification("item/started", 100));
        for _ in 0..100 {
            queue.push(notification("item/agentMessage/delta", 500));
        }
        assert!(queue.lock().bytes <= 10_000);
        let (methods, missed) = drain(&queue);
        assert_eq!(methods[0], "item/started");
        assert_eq!(methods.len() as u64 - 1 + missed, 100);
        assert!(missed > 80, "{missed}");
        assert_eq!(queue.lock().bytes, 0);
    }

    #[test]
    fn the_rest_goes_when_there_are_no_deltas_and_the_end_never() {
        let queue = Queue::new(10_000);
        for _ in 0..100 {
            queue.push(notification("item/completed", 500));
        }
        queue.push(notification("turn/completed", 20_000));
        queue.finish(End::Completed);
        assert_eq!(drain(&queue), (vec!["turn/completed".to_owned()], 100));
        // What comes after the end belongs to nobody.
        queue.push(notification("item/started", 1));
        assert_eq!(drain(&queue), (vec![], 0));
    }

    #[test]
    fn a_failure_comes_after_all_else_and_once() {
        let queue = Queue::new(10_000);
        queue.push(notification("item/started", 1));
        queue.finish(End::Failed(Error::Closed));
        queue.finish(End::Completed);
        assert!(queue.has_ended());
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(queue.poll_next(&mut context), Ready(Some(Ok(_)))));
        assert!(matches!(
            queue.poll_next(&mut context),
            Ready(Some(Err(Error::Closed)))
        ));
        assert!(matches!(queue.poll_next(&mut context), Ready(None)));
    }
}
