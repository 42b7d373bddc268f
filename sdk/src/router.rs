//! Who gets what the server sends.
//!
//! An answer goes to the request with its id, a notification to the turns that it belongs to. A turn has no
//! id before its `turn/start` is answered, so the answer itself opens its queue, here and not where it is
//! awaited: nothing that follows the answer can slip through. What comes before the answer, which no known
//! server does, is kept until then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::event::Notification;
use crate::json::Json;
use crate::message::{Answer, turn_of};
use crate::queue::{End, Queue};

/// Early notifications that are kept for all turns together, in bytes, without those that end a turn.
const EARLY_LIMIT: usize = 1 << 20;

/// The last notification of a turn.
const LAST: &str = "turn/completed";

#[derive(Debug, Default)]
pub(crate) struct Router {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Why the connection ended.
    ended: Option<Error>,
    last_id: u64,
    requests: HashMap<u64, Pending>,
    /// Whoever reads a turn keeps its queue.
    turns: HashMap<String, Vec<Weak<Queue>>>,
    /// Readers of what belongs to no turn.
    others: Vec<Weak<Queue>>,
    early: Vec<(String, Notification)>,
    /// What has been filled since its reader was last woken.
    filled: Vec<Arc<Queue>>,
}

#[derive(Debug)]
struct Pending {
    method: String,
    answer: oneshot::Sender<Result<Json>>,
    /// Where the notifications of the turn go that this request starts.
    turn: Option<Arc<Queue>>,
}

/// A request that waits for its answer. Dropping it says that nobody waits any longer.
pub(crate) struct Expected {
    pub(crate) id: u64,
    pub(crate) answer: oneshot::Receiver<Result<Json>>,
    router: Arc<Router>,
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.router.lock().forget(self.id);
    }
}

impl Router {
    /// Makes an id for a request, whose answer is then awaited.
    pub(crate) fn expect(
        self: &Arc<Self>,
        method: &str,
        turn: Option<Arc<Queue>>,
    ) -> Result<Expected> {
        let mut state = self.lock();
        if let Some(error) = &state.ended {
            return Err(error.clone());
        }
        let (sender, answer) = oneshot::channel();
        state.last_id += 1;
        let id = state.last_id;
        let method = method.to_owned();
        state.requests.insert(
            id,
            Pending {
                method,
                answer: sender,
                turn,
            },
        );
        Ok(Expected {
            id,
            answer,
            router: self.clone(),
        })
    }

    /// Hands an answer to its request. An answer that nobody waits for any longer, or that comes twice, is
    /// dropped.
    pub(crate) fn answer(&self, id: u64, answer: Answer<'_>) {
        let mut state = self.lock();
        let Some(Pending {
            method,
            answer: waiting,
            turn,
        }) = state.requests.remove(&id)
        else {
            return;
        };
        let result = match answer {
            Answer::Result(result) => match turn {
                Some(queue) if !waiting.is_closed() => state.open(result, &queue),
                _ => Ok(()),
            }
            .map(|()| Json::from(result)),
            Answer::Error(mut error) => {
                error.method = method;
                Err(Error::Rpc(Box::new(error)))
            }
        };
        state.forget_early();
        drop(state);
        // Whoever asked may have gone.
        let _ = waiting.send(result);
    }

    pub(crate) fn notify(&self, method: &str, params: Option<&RawValue>) {
        let turn = params.and_then(turn_of);
        let turn = turn.as_deref();
        let last = method == LAST;
        let mut state = self.lock();
        let queues = match turn {
            Some(turn) if last => state.turns.remove(turn),
            Some(turn) => state.turns.get(turn).cloned(),
            None => None,
        };
        let queues = alive(queues.iter().flatten());
        if !queues.is_empty() {
            let notification = Notification::new(method, params);
            state.deliver(&queues, &notification);
            // Who is about to join this turn must learn of its end too.
            if let Some(turn) = turn
                && last
                && state.opens()
            {
                state.keep(turn, notification);
            }
            drop(state);
            if last {
                for queue in &queues {
                    queue.finish(End::Completed);
                }
            }
            return;
        }
        if let Some(turn) = turn
            && state.opens()
        {
            state.keep(turn, Notification::new(method, params));
        }
        state.others.retain(|queue| queue.strong_count() > 0);
        let queues = alive(&state.others);
        if !queues.is_empty() {
            state.deliver(&queues, &Notification::new(method, params));
        }
    }

    /// Wakes the readers of all that has come since the last time.
    pub(crate) fn wake(&self) {
        let filled = std::mem::take(&mut self.lock().filled);
        for queue in filled {
            queue.wake();
        }
    }

    /// Whether somebody waits for an answer.
    pub(crate) fn is_asked(&self) -> bool {
        !self.lock().requests.is_empty()
    }

    /// A reader of all that belongs to no turn that is read.
    pub(crate) fn subscribe(&self, queue: &Arc<Queue>) {
        let mut state = self.lock();
        match &state.ended {
            Some(error) => queue.finish(End::Failed(error.clone())),
            None => state.others.push(Arc::downgrade(queue)),
        }
    }

    /// Nobody reads this turn any longer.
    pub(crate) fn leave(&self, turn: &str, queue: &Arc<Queue>) {
        let mut state = self.lock();
        if let Some(queues) = state.turns.get_mut(turn) {
            queues.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(queue)));
            if queues.is_empty() {
                state.turns.remove(turn);
            }
        }
    }

    /// The connection has ended: nothing waits any longer. The first reason is the one that counts.
    pub(crate) fn end(&self, error: &Error) {
        let mut state = self.lock();
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(error.clone());
        let requests = std::mem::take(&mut state.requests);
        let turns = std::mem::take(&mut state.turns);
        let others = std::mem::take(&mut state.others);
        state.early = Vec::new();
        drop(state);
        for pending in requests.into_values() {
            let _ = pending.answer.send(Err(error.clone()));
        }
        for queue in alive(turns.values().flatten().chain(&others)) {
            queue.finish(End::Failed(error.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives a notification to readers, who are woken later.
    fn deliver(&mut self, queues: &[Arc<Queue>], notification: &Notification) {
        for queue in queues {
            queue.push(notification.clone());
            if !self.filled.iter().any(|other| Arc::ptr_eq(other, queue)) {
                self.filled.push(queue.clone());
            }
        }
    }

    /// Whether the answer to a request may open the queue of a turn.
    fn opens(&self) -> bool {
        self.requests.values().any(|pending| pending.turn.is_some())
    }

    fn forget(&mut self, id: u64) {
        self.requests.remove(&id);
        self.forget_early();
    }

    fn forget_early(&mut self) {
        if !self.early.is_empty() && !self.opens() {
            self.early = Vec::new();
        }
    }

    /// Keeps a notification of a turn that may be about to have a queue. The last one is kept whatever its
    /// size: without it, a reader would wait for ever.
    fn keep(&mut self, turn: &str, notification: Notification) {
        if notification.method() != LAST {
            let limited = self
                .early
                .iter()
                .filter(|(_, early)| early.method() != LAST);
            let kept: usize = limited.map(|(_, early)| early.size()).sum();
            if kept + notification.size() > EARLY_LIMIT {
                return;
            }
        }
        self.early.push((turn.to_owned(), notification));
    }

    /// Opens the queue of the turn that this answer to `turn/start` names.
    fn open(&mut self, result: &RawValue, queue: &Arc<Queue>) -> Result<()> {
        let id = turn_id(result.get())?;
        let early = std::mem::take(&mut self.early);
        let (own, rest) = early.into_iter().partition(|(turn, _)| *turn == id);
        self.early = rest;
        let mut completed = false;
        for (_, notification) in own {
            completed = notification.method() == LAST;
            queue.push(notification);
        }
        // Nobody waits for it yet who could be woken.
        if completed {
            queue.finish(End::Completed);
        } else {
            self.turns
                .entry(id)
                .or_default()
                .push(Arc::downgrade(queue));
        }
        Ok(())
    }
}

/// The turn that an answer to `turn/start` names.
pub(crate) fn turn_id(result: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Started {
        turn: Id,
    }
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    let started: Started = serde_json::from_str(result)
        .map_err(|error| Error::Protocol(format!("the answer to turn/start: {error}")))?;
    Ok(started.turn.id)
}

fn alive<'a>(queues: impl IntoIterator<Item = &'a Weak<Queue>>) -> Vec<Arc<Queue>> {
    queues.into_iter().filter_map(Weak::upgrade).collect()
}
