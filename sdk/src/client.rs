//! What all handles of one client share: its configuration, and the connection once there is one.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{OnceCell, watch};

use crate::brief::brief_debug;
use crate::config::Config;
use crate::connection::{Connection, Keep};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::queue::Queue;
use crate::version;

pub(crate) struct Client {
    config: Config,
    keep: Keep,
    started: OnceCell<Started>,
    closed: watch::Sender<bool>,
}

struct Started {
    connection: Connection,
    server: ServerInfo,
}

/// Who the app-server says it is.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ServerInfo {
    /// Its version.
    #[serde(skip)]
    pub version: String,
    /// How it introduces itself to others.
    #[serde(default)]
    pub user_agent: String,
    /// The directory of its configuration, logins and threads. Older servers do not say.
    #[serde(default)]
    pub codex_home: Option<String>,
}

brief_debug! { struct ServerInfo { version, user_agent, codex_home } }

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.started.get().map(|started| &started.server);
        f.debug_struct("Client")
            .field("config", &self.config)
            .field("server", &server)
            .field("closed", &*self.closed.borrow())
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(config: Config, keep: Keep) -> Arc<Self> {
        let (started, closed) = (OnceCell::new(), watch::Sender::new(false));
        Arc::new(Self {
            config,
            keep,
            started,
            closed,
        })
    }

    /// The server, which is started if it has not been.
    pub(crate) async fn server(&self) -> Result<&ServerInfo> {
        Ok(&self.started().await?.server)
    }

    async fn connection(&self) -> Result<&Connection> {
        Ok(&self.started().await?.connection)
    }

    async fn started(&self) -> Result<&Started> {
        if *self.closed.borrow() {
            return Err(Error::Closed);
        }
        self.started.get_or_try_init(|| self.start()).await
    }

    async fn start(&self) -> Result<Started> {
        let connection = Connection::start(&self.config, self.keep.clone());
        let connection = self.unless_closed(connection).await?;
        match self.unless_closed(self.initialize(&connection)).await {
            Ok(server) => Ok(Started { connection, server }),
            Err(error) => {
                connection.close().await;
                Err(error)
            }
        }
    }

    /// Gives up as soon as the client is closed.
    async fn unless_closed<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            // The sender is here: it does not go.
            _ = closed.wait_for(|closed| *closed) => Err(Error::Closed),
            result = work => result,
        }
    }

    async fn initialize(&self, connection: &Connection) -> Result<ServerInfo> {
        let Config {
            client_name,
            client_version,
            ..
        } = &self.config;
        let params = json!({
            "clientInfo": {"name": client_name, "title": null, "version": client_version},
            "capabilities": {"experimentalApi": true},
        });
        let method = "initialize";
        let answer = connection
            .send(method, params, None, self.config.start_timeout)
            .await?;
        let mut server: ServerInfo = read(method, &answer)?;
        let version = version::of_user_agent(&server.user_agent, client_name).ok_or_else(|| {
            Error::Protocol(format!(
                "the answer to initialize has no version: {}",
                answer.get()
            ))
        })?;
        if !self.config.any_version {
            version::check(version)?;
        }
        server.version = version.to_owned();
        connection.notify("initialized").await?;
        Ok(server)
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn request<R: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<R> {
        let answer = self.connection().await?.request(method, params).await?;
        read(method, &answer)
    }

    /// Starts a turn, whose notifications go to the queue.
    pub(crate) async fn start_turn(
        &self,
        params: impl Serialize,
        queue: Arc<Queue>,
    ) -> Result<Json> {
        let connection = self.connection().await?;
        connection
            .send(
                "turn/start",
                params,
                Some(queue),
                self.config.request_timeout,
            )
            .await
    }

    /// Sends a request whose answer nobody waits for.
    pub(crate) fn post(&self, method: &str, params: impl Serialize) {
        if let Some(started) = self.started.get() {
            // Where it cannot be sent, the server has other troubles.
            let _ = started.connection.post(method, params);
        }
    }

    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::new(Queue::new(self.config.event_buffer))
    }

    /// A queue of what belongs to no turn that somebody reads.
    pub(crate) async fn subscribe(&self) -> Result<Arc<Queue>> {
        let queue = self.queue();
        self.connection().await?.router.subscribe(&queue);
        Ok(queue)
    }

    /// Nobody reads this turn any longer.
    pub(crate) fn leave(&self, turn: &str, queue: &Arc<Queue>) {
        if let Some(started) = self.started.get() {
            started.connection.router.leave(turn, queue);
        }
    }

    pub(crate) async fn close(&self) {
        self.closed.send_replace(true);
        // A start in progress ends first, and none begins.
        let started = self.started.get_or_try_init(async || Err(Error::Closed));
        if let Ok(started) = started.await {
            started.connection.close().await;
        }
    }
}

fn read<R: DeserializeOwned>(method: &str, answer: &Json) -> Result<R> {
    answer
        .parse()
        .map_err(|error| Error::Protocol(format!("the answer to {method}: {error}")))
}
