//! Answers to what the server asks.
//!
//! The reader of the connection does not wait for them: each is a task, and one that takes its time stops
//! nobody.

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::message;
use crate::request::{Handler, Outcome, Reply, ServerRequest};

/// Requests that are open at once. A server that asks for more does not read the answers.
const OPEN: usize = 1024;

pub(crate) struct Answers {
    handler: Handler,
    outgoing: mpsc::Sender<Vec<u8>>,
    /// Ends with the connection.
    tasks: JoinSet<()>,
}

#[derive(Serialize)]
struct Line {
    id: Box<RawValue>,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Answers {
    pub(crate) fn new(handler: Handler, outgoing: mpsc::Sender<Vec<u8>>) -> Self {
        Self {
            handler,
            outgoing,
            tasks: JoinSet::new(),
        }
    }

    pub(crate) fn answer(
        &mut self,
        id: &RawValue,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<(), String> {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() >= OPEN {
            return Err(format!("{OPEN} requests at once, and it takes no answer"));
        }
        let id = id.to_owned();
        let params = params.unwrap_or(RawValue::NULL).into();
        let request = ServerRequest {
            method: method.to_owned(),
            params,
        };
        let handler = self.handler.clone();
        let outgoing = self.outgoing.clone();
        self.tasks.spawn(async move {
            let reply = reply(handler, request.clone()).await;
            let outcome = reply.answer_to(&request);
            if let Ok(line) = message::line(&Line { id, outcome }) {
                // If nobody takes it, the connection is about to end.
                let _ = outgoing.send(line).await;
            }
        });
        Ok(())
    }
}

/// Asks the handler. One that panics has given no answer, and so the default holds.
async fn reply(handler: Handler, request: ServerRequest) -> Reply {
    match handler {
        Handler::None => Reply::default(),
        Handler::Blocking(handler) => {
            let (sender, answer) = oneshot::channel();
            let thread = std::thread::Builder::new().name("codex-request".to_owned());
            // The receiver is gone only if the connection is.
            let spawned = thread.spawn(move || sender.send(handler(&request)));
            match spawned {
                Ok(_) => answer.await.unwrap_or_default(),
                Err(_) => Reply::default(),
            }
        }
        Handler::Future(handler) => {
            let mut task = Task(tokio::spawn(async move { handler(request).await }));
            (&mut task.0).await.unwrap_or_default()
        }
    }
}

/// A task that ends with whoever waits for it.
#[derive(Debug)]
pub(crate) struct Task<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
