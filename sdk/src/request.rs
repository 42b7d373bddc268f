//! What the server asks: approvals, and the rest.
//!
//! Whatever is not answered otherwise is declined. The user has not been asked, so nobody has agreed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::brief::brief_debug;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::protocol;

/// A request of the server's.
#[derive(Clone, PartialEq)]
pub struct ServerRequest {
    pub(crate) method: String,
    pub(crate) params: Json,
}

brief_debug! { struct ServerRequest { method, params } }

/// What a [`ServerRequest`] asks for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RequestKind {
    /// May this command be run?
    CommandApproval(CommandApproval),
    /// May these files be changed?
    FileChangeApproval(FileChangeApproval),
    /// May the agent have these permissions?
    PermissionsApproval(PermissionsApproval),
    /// Anything else, such as a question to the user or a call of a tool that this program offers: see
    /// [`ServerRequest::params`].
    Other,
}

/// May this command be run?
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CommandApproval {
    /// The thread.
    pub thread_id: String,
    /// The turn.
    pub turn_id: String,
    /// The item that shows the command.
    pub item_id: String,
    /// The command line.
    #[serde(default)]
    pub command: Option<String>,
    /// Its working directory.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Why it is asked.
    #[serde(default)]
    pub reason: Option<String>,
}

brief_debug! { struct CommandApproval { thread_id, turn_id, item_id, command, cwd, reason } }

/// May these files be changed?
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileChangeApproval {
    /// The thread.
    pub thread_id: String,
    /// The turn.
    pub turn_id: String,
    /// The item that shows the change.
    pub item_id: String,
    /// Why it is asked.
    #[serde(default)]
    pub reason: Option<String>,
    /// The directory that the agent would be allowed to write to for the rest of the session.
    #[serde(default)]
    pub grant_root: Option<String>,
}

brief_debug! { struct FileChangeApproval { thread_id, turn_id, item_id, reason, grant_root } }

/// May the agent have these permissions?
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PermissionsApproval {
    /// The thread.
    pub thread_id: String,
    /// The turn.
    pub turn_id: String,
    /// The permissions, as the server describes them.
    pub permissions: Value,
    /// Why it is asked.
    #[serde(default)]
    pub reason: Option<String>,
}

brief_debug! { struct PermissionsApproval { thread_id, turn_id, permissions, reason } }

impl ServerRequest {
    /// Returns its method, such as `item/commandExecution/requestApproval`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns its parameters, as the server wrote them.
    pub fn params(&self) -> &Json {
        &self.params
    }

    /// Returns what it asks for, as far as this crate has a name for it.
    pub fn kind(&self) -> RequestKind {
        let params = &self.params;
        let known = match self.method.as_str() {
            COMMAND => params.parse().ok().map(RequestKind::CommandApproval),
            FILE_CHANGE => params.parse().ok().map(RequestKind::FileChangeApproval),
            PERMISSIONS => params.parse().ok().map(RequestKind::PermissionsApproval),
            _ => None,
        };
        known.unwrap_or(RequestKind::Other)
    }

    /// Reads it as a request that has a type of its own. `None` if it is another one.
    pub fn parse<R: protocol::ServerRequest>(&self) -> Result<Option<R::Params>> {
        if self.method != R::NAME {
            return Ok(None);
        }
        let params = self.params.parse().map_err(|error| {
            Error::Protocol(format!("the parameters of {}: {error}", self.method))
        })?;
        Ok(Some(params))
    }
}

const COMMAND: &str = "item/commandExecution/requestApproval";
const FILE_CHANGE: &str = "item/fileChange/requestApproval";
const PERMISSIONS: &str = "item/permissions/requestApproval";
const ELICITATION: &str = "mcpServer/elicitation/request";
const USER_INPUT: &str = "item/tool/requestUserInput";
const TOOL_CALL: &str = "item/tool/call";

/// The answer to a [`ServerRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(Choice);

#[derive(Clone, PartialEq)]
enum Choice {
    Accept { session: bool },
    Decline,
    Cancel,
    Result(Value),
    Error(String),
}

brief_debug! { enum Choice {
    Accept { session },
    Decline,
    Cancel,
    Result(result),
    Error(message),
} }

impl Reply {
    /// Yes, this once. It answers approvals; anything else takes more than a yes, and is declined.
    pub fn accept() -> Self {
        Self(Choice::Accept { session: false })
    }

    /// Yes, and the same for the rest of the session.
    pub fn accept_for_session() -> Self {
        Self(Choice::Accept { session: true })
    }

    /// No, and the turn goes on without. This is the default.
    pub fn decline() -> Self {
        Self(Choice::Decline)
    }

    /// No, and the turn is interrupted, where the request allows that; else no.
    pub fn cancel() -> Self {
        Self(Choice::Cancel)
    }

    /// An answer in the words of the protocol.
    pub fn result(result: impl Into<Value>) -> Self {
        Self(Choice::Result(result.into()))
    }

    /// The answer to a request that has a type of its own.
    pub fn typed<R: protocol::ServerRequest>(result: &R::Result) -> Result<Self> {
        let result = serde_json::to_value(result).map_err(|error| Error::Params {
            method: R::NAME.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self(Choice::Result(result)))
    }

    /// An error, with its text.
    pub fn error(message: impl Into<String>) -> Self {
        Self(Choice::Error(message.into()))
    }

    /// What goes out.
    pub(crate) fn answer_to(self, request: &ServerRequest) -> Outcome {
        let method = request.method.as_str();
        let result = match self.0 {
            Choice::Result(result) => result,
            Choice::Error(message) => return Outcome::error(message),
            Choice::Accept { session } => match method {
                COMMAND | FILE_CHANGE if session => json!({"decision": "acceptForSession"}),
                COMMAND | FILE_CHANGE => json!({"decision": "accept"}),
                PERMISSIONS => {
                    let scope = if session { "session" } else { "turn" };
                    match request.params.parse() {
                        Ok(PermissionsApproval { permissions, .. }) => {
                            json!({"permissions": permissions, "scope": scope})
                        }
                        Err(_) => return Self::decline().answer_to(request),
                    }
                }
                _ => return Self::decline().answer_to(request),
            },
            Choice::Cancel => match method {
                COMMAND | FILE_CHANGE => json!({"decision": "cancel"}),
                ELICITATION => json!({"action": "cancel"}),
                _ => return Self::decline().answer_to(request),
            },
            Choice::Decline => match method {
                COMMAND | FILE_CHANGE => json!({"decision": "decline"}),
                PERMISSIONS => json!({"permissions": {}}),
                ELICITATION => json!({"action": "decline"}),
                USER_INPUT => json!({"answers": {}}),
                TOOL_CALL => json!({"contentItems": [], "success": false}),
                _ => return Outcome::error(format!("this client does not answer {method}")),
            },
        };
        Outcome::Result(result)
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::decline()
    }
}

/// A [`Reply`] as it goes out.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    Result(Value),
    Error { code: i32, message: String },
}

impl Outcome {
    fn error(message: String) -> Self {
        const METHOD_NOT_FOUND: i32 = -32601;
        Self::Error {
            code: METHOD_NOT_FOUND,
            message,
        }
    }
}

type BoxFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Who answers.
#[derive(Clone, Default)]
pub(crate) enum Handler {
    /// Runs in a thread for each request.
    Blocking(Arc<dyn Fn(&ServerRequest) -> Reply + Send + Sync>),
    /// Runs in a task for each request.
    Future(Arc<dyn Fn(ServerRequest) -> BoxFuture + Send + Sync>),
    /// Declines at once.
    #[default]
    None,
}

impl Handler {
    pub(crate) fn blocking(
        handler: impl Fn(&ServerRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::Blocking(Arc::new(handler))
    }

    pub(crate) fn future<F>(handler: impl Fn(ServerRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        Self::Future(Arc::new(move |request| Box::pin(handler(request))))
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}
