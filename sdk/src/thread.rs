//! A thread: a conversation, in which one turn follows another.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::background::Background;
use crate::both::both;
use crate::client::Client;
use crate::input::Input;
use crate::options::TurnOptions;
use crate::result::TurnResult;
use crate::turn::{AsyncTurnHandle, TurnHandle};

/// A thread of an [`AsyncCodex`](crate::AsyncCodex). Clones are the same thread.
#[derive(Debug, Clone)]
pub struct AsyncThread {
    client: Arc<Client>,
    id: Arc<str>,
}

/// A thread of a [`Codex`](crate::Codex). Clones are the same thread.
#[derive(Debug, Clone)]
pub struct Thread {
    pub(crate) inner: AsyncThread,
    pub(crate) background: Arc<Background>,
}

impl AsyncThread {
    pub(crate) fn new(client: Arc<Client>, id: String) -> Self {
        Self {
            client,
            id: id.into(),
        }
    }

    /// Returns its id, with which a later client resumes it.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Thread {
    /// Returns its id, with which a later client resumes it.
    pub fn id(&self) -> &str {
        self.inner.id()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    thread_id: &'a str,
    input: Input,
    #[serde(flatten)]
    options: &'a TurnOptions,
}

both! { impl AsyncThread, Thread {
    /// Starts a turn, and waits until it has ended.
    ///
    /// A turn that fails is [`Error::TurnFailed`](crate::Error::TurnFailed), which has the result in it;
    /// one that is interrupted is a result with that status.
    fn run(&self, input: impl Into<Input>) -> TurnResult {
        self.run_with(input, TurnOptions::new()).await
    }

    /// Starts a turn with options, and waits until it has ended.
    fn run_with(&self, input: impl Into<Input>, options: TurnOptions) -> TurnResult {
        self.turn_with(input, options).await?.run().await
    }

    /// Starts a turn whose final response is JSON, and reads it as a type.
    ///
    /// The schema is a JSON Schema that describes the type. It must be an object that allows no other
    /// properties and requires all that it has, or most models refuse it.
    fn run_as<T: DeserializeOwned>(&self, input: impl Into<Input>, schema: impl Into<Value>) -> T {
        let options = TurnOptions::new().output_schema(schema);
        self.run_with(input, options).await?.parse()
    }

    /// Starts a turn.
    fn turn(&self, input: impl Into<Input>) -> AsyncTurnHandle, TurnHandle {
        self.turn_with(input, TurnOptions::new()).await
    }

    /// Starts a turn with options.
    ///
    /// While another turn of this thread runs, the server joins the input to that one, and the handle is
    /// one more of the same turn.
    fn turn_with(&self, input: impl Into<Input>, options: TurnOptions) -> AsyncTurnHandle, TurnHandle {
        let (thread_id, queue) = (&*self.id, self.client.queue());
        let params = Start { thread_id, input: input.into(), options: &options };
        let answer = self.client.start_turn(params, queue.clone()).await?;
        AsyncTurnHandle::new(self.client.clone(), self.id.clone(), &answer, queue, options.timeout)
    }
} }
