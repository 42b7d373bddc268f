//! The client: what starts an app-server, and its threads.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::background::Background;
use crate::both::both;
use crate::client::{Client, ServerInfo};
use crate::config::Config;
use crate::error::Result;
use crate::options::{ForkOptions, ListOptions, ResumeOptions, ThreadOptions};
use crate::protocol;
use crate::stream::{AsyncNotifications, Notifications};
use crate::thread::{AsyncThread, Thread};
use crate::types::{AccountState, Model, Page, ThreadInfo};

/// A client of an app-server of its own, in a tokio program.
///
/// The process is started on first use. It ends with [`close`](Self::close), or soon after this and all that
/// came from it has been dropped. Clones are the same client.
///
/// ```no_run
/// use codex_app_server_sdk::{AsyncCodex, ThreadOptions};
///
/// # async fn example() -> codex_app_server_sdk::Result<()> {
/// let codex = AsyncCodex::new();
/// let thread = codex.thread_start(ThreadOptions::new()).await?;
/// let result = thread.run("Describe this project.").await?;
/// println!("{}", result.final_response.unwrap_or_default());
/// codex.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AsyncCodex {
    client: Arc<Client>,
}

/// A client of an app-server of its own, in a program without tokio.
///
/// The process runs from the start. It ends with [`close`](Self::close), or when this and all that came from
/// it has been dropped, and has ended then. Clones are the same client.
///
/// ```no_run
/// use codex_app_server_sdk::{Codex, ThreadOptions};
///
/// let codex = Codex::new()?;
/// let thread = codex.thread_start(ThreadOptions::new())?;
/// let result = thread.run("Describe this project.")?;
/// println!("{}", result.final_response.unwrap_or_default());
/// # Ok::<(), codex_app_server_sdk::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Codex {
    // The order counts: the process is told to end before its end is awaited.
    inner: AsyncCodex,
    background: Arc<Background>,
}

impl AsyncCodex {
    /// Makes a client with defaults. Nothing is started yet.
    pub fn new() -> Self {
        Self::with(Config::new())
    }

    /// Makes a client with this configuration. Nothing is started yet.
    pub fn with(config: Config) -> Self {
        Self {
            client: Client::new(config, None),
        }
    }
}

impl Default for AsyncCodex {
    fn default() -> Self {
        Self::new()
    }
}

impl Codex {
    /// Makes a client with defaults, started and ready.
    pub fn new() -> Result<Self> {
        Self::with(Config::new())
    }

    /// Makes a client with this configuration, started and ready.
    pub fn with(config: Config) -> Result<Self> {
        let background = Background::start()?;
        let inner = AsyncCodex {
            client: Client::new(config, background.keep()),
        };
        background.block_on(inner.client.server())?;
        Ok(Self { inner, background })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfThread<'a, O: Serialize> {
    pub(crate) thread_id: &'a str,
    #[serde(flatten)]
    pub(crate) options: O,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    include_turns: bool,
}

/// An answer that has a thread in it.
#[derive(Deserialize)]
struct WithThread {
    thread: ThreadInfo,
}

/// An answer that says no more than that it was done.
#[derive(Deserialize)]
struct Done {}

both! { impl AsyncCodex, Codex {
    /// Who the server says it is.
    fn server(&self) -> ServerInfo {
        self.client.server().await.cloned()
    }

    /// Starts a thread.
    fn thread_start(&self, options: ThreadOptions) -> AsyncThread, Thread {
        let WithThread { thread } = self.client.request("thread/start", options).await?;
        Ok(AsyncThread::new(self.client.clone(), thread.id))
    }

    /// Takes up a thread that an earlier client has started, in this or another process.
    fn thread_resume(&self, thread_id: &str, options: ResumeOptions) -> AsyncThread, Thread {
        // The history is the server's affair; see `thread_read`.
        let options = options.set("excludeTurns", true);
        let params = OfThread { thread_id, options };
        let WithThread { thread } = self.client.request("thread/resume", params).await?;
        Ok(AsyncThread::new(self.client.clone(), thread.id))
    }

    /// Starts a thread that begins with the history of another one.
    fn thread_fork(&self, thread_id: &str, options: ForkOptions) -> AsyncThread, Thread {
        let options = options.set("excludeTurns", true);
        let params = OfThread { thread_id, options };
        let WithThread { thread } = self.client.request("thread/fork", params).await?;
        Ok(AsyncThread::new(self.client.clone(), thread.id))
    }

    /// Lists the threads that are kept, a page at a time.
    fn thread_list(&self, options: ListOptions) -> Page<ThreadInfo> {
        self.client.request("thread/list", options).await
    }

    /// What is known of a thread, with its turns if they are asked for.
    fn thread_read(&self, thread_id: &str, include_turns: bool) -> ThreadInfo {
        let params = OfThread { thread_id, options: Read { include_turns } };
        let WithThread { thread } = self.client.request("thread/read", params).await?;
        Ok(thread)
    }

    /// Puts a thread away. It is kept, and no longer listed among the others.
    fn thread_archive(&self, thread_id: &str) -> () {
        let params = OfThread { thread_id, options: Nothing {} };
        let Done {} = self.client.request("thread/archive", params).await?;
        Ok(())
    }

    /// Takes a thread out of the archive. It must be resumed before it is used.
    fn thread_unarchive(&self, thread_id: &str) -> ThreadInfo {
        let params = OfThread { thread_id, options: Nothing {} };
        let WithThread { thread } = self.client.request("thread/unarchive", params).await?;
        Ok(thread)
    }

    /// The models that threads can use, without those that are hidden.
    fn models(&self) -> Vec<Model> {
        #[derive(Serialize)]
        struct From {
            #[serde(skip_serializing_if = "Option::is_none")]
            cursor: Option<String>,
        }
        let mut models = Vec::new();
        let mut cursor = None;
        loop {
            let from = From { cursor: cursor.clone() };
            let page: Page<Model> = self.client.request("model/list", from).await?;
            models.extend(page.data);
            // A server that gives the same page again would never come to an end.
            if page.next_cursor.is_none() || page.next_cursor == cursor {
                return Ok(models);
            }
            cursor = page.next_cursor;
        }
    }

    /// The state of the user's account.
    fn account(&self) -> AccountState {
        self.client.request("account/read", Nothing {}).await
    }

    /// Sends any request that the server knows: see [`protocol`].
    fn request<M: protocol::Method>(&self, params: &M::Params) -> M::Result {
        self.client.request(M::NAME, params).await
    }

    /// What the server tells that belongs to no turn of this client's, from now on.
    fn notifications(&self) -> AsyncNotifications, Notifications {
        Ok(AsyncNotifications::new(self.client.subscribe().await?, self.client.clone()))
    }

    /// Ends the process, and waits until it has ended. What waits for an answer, in any handle of this
    /// client, gets [`Error::Closed`](crate::Error::Closed), and so does what comes later.
    fn close(&self) -> () {
        self.client.close().await;
        Ok(())
    }
} }
