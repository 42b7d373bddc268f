//! A turn that has begun.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::background::Background;
use crate::both::both;
use crate::client::Client;
use crate::error::Result;
use crate::input::Input;
use crate::json::Json;
use crate::queue::Queue;
use crate::result::TurnResult;
use crate::router;
use crate::stream::{AsyncTurnStream, TurnStream};
use crate::turn_state::{INTERRUPT, TurnState};

/// A turn of an [`AsyncThread`](crate::AsyncThread). Clones are the same turn.
///
/// When the last one is dropped, and no stream of it is left, the turn goes on, and nobody listens.
#[derive(Debug, Clone)]
pub struct AsyncTurnHandle {
    turn: Arc<TurnState>,
}

/// A turn of a [`Thread`](crate::Thread). Clones are the same turn.
///
/// When the last one is dropped, and no stream of it is left, the turn goes on, and nobody listens.
#[derive(Debug, Clone)]
pub struct TurnHandle {
    pub(crate) inner: AsyncTurnHandle,
    pub(crate) background: Arc<Background>,
}

impl AsyncTurnHandle {
    pub(crate) fn new(
        client: Arc<Client>,
        thread_id: Arc<str>,
        answer: &Json,
        queue: Arc<Queue>,
        timeout: Option<Duration>,
    ) -> Result<Self> {
        let id = router::turn_id(answer.get())?;
        let turn = TurnState::start(client, thread_id, id, queue, timeout);
        Ok(Self { turn })
    }

    /// Returns its id.
    pub fn id(&self) -> &str {
        &self.turn.id
    }

    /// Returns what happens in the turn, as it happens.
    ///
    /// All streams of a turn share what arrives: each notification goes to one of them.
    pub fn stream(&self) -> AsyncTurnStream {
        AsyncTurnStream::new(self.turn.clone())
    }
}

impl TurnHandle {
    /// Returns its id.
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// Returns what happens in the turn, as it happens.
    ///
    /// All streams of a turn share what arrives: each notification goes to one of them.
    pub fn stream(&self) -> TurnStream {
        TurnStream {
            inner: self.inner.stream(),
            background: self.background.clone(),
        }
    }
}

both! { impl AsyncTurnHandle, TurnHandle {
    /// Waits until the turn has ended, and returns its result.
    ///
    /// What a stream of this turn has read already is part of it, so it can follow a stream.
    fn run(&self) -> TurnResult {
        while let Some(Ok(_)) = poll_fn(|context| self.turn.poll_next(context)).await {}
        self.turn.collected().result()
    }

    /// Says something to the agent while it works.
    fn steer(&self, input: impl Into<Input>) -> () {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Steer<'a> {
            thread_id: &'a str,
            expected_turn_id: &'a str,
            input: Input,
        }
        #[derive(Deserialize)]
        struct Done {}
        let TurnState { client, thread_id, id, .. } = &*self.turn;
        let params = Steer { thread_id, expected_turn_id: id, input: input.into() };
        let Done {} = client.request("turn/steer", params).await?;
        Ok(())
    }

    /// Ends the turn. It is still completed, with the status that it was interrupted.
    ///
    /// Nothing happens if it has ended already.
    fn interrupt(&self) -> () {
        #[derive(Deserialize)]
        struct Done {}
        // Codex does not answer for a turn that has ended, nor for one that ends just now.
        let mut interrupted = std::pin::pin!(async {
            let Done {} = self.turn.client.request(INTERRUPT, self.turn.ids()).await?;
            Ok(())
        });
        poll_fn(|context| match self.turn.queue.poll_end(context) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => interrupted.as_mut().poll(context),
        })
        .await
    }
} }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::Notification;
    use crate::queue::End;
    use std::task::{Context, Waker};

    #[test]
    fn nobody_sees_the_end_before_the_last_notification_is_taken() {
        let client = Client::new(Config::new(), None);
        let queue = client.queue();
        let answer = r#"{"turn": {"id": "t"}}"#.to_owned();
        let answer = serde_json::value::RawValue::from_string(answer).unwrap();
        let answer = Json::from(&*answer);
        let handle =
            AsyncTurnHandle::new(client, "thread".into(), &answer, queue.clone(), None).unwrap();
        queue.push(Notification::new("turn/completed", None));
        queue.finish(End::Completed);

        let next = || {
            let mut context = Context::from_waker(Waker::noop());
            handle.turn.poll_next(&mut context)
        };
        std::thread::scope(|scope| {
            // A reader that comes to a halt where it takes what it has read.
            let collected = handle.turn.collected();
            let reader = scope.spawn(next);
            std::thread::sleep(Duration::from_millis(100));
            let mut context = Context::from_waker(Waker::noop());
            let unread = queue.poll_next(&mut context);
            assert!(matches!(unread, Poll::Ready(Some(Ok(_)))), "{unread:?}");
            drop(collected);
            assert!(matches!(reader.join().unwrap(), Poll::Ready(None)));
        });
    }
}
