//! What a turn consists of: messages, commands, changes of files.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::brief::{Brief, brief_debug};
use crate::json::{Json, open_enum};

/// One thing that happened in a turn.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Item {
    /// Its id, unique in its thread.
    pub id: String,
    /// What it is.
    pub kind: ItemKind,
    json: Json,
}

impl Item {
    /// Returns all of it, as the server wrote it.
    pub fn json(&self) -> &Json {
        &self.json
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `kind` shows what matters of the text.
        let Self { id, kind, json: _ } = self;
        f.debug_struct("Item")
            .field("id", &Brief(id))
            .field("kind", kind)
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Identity {
            #[serde(default)]
            id: String,
        }
        let json = Json::deserialize(deserializer)?;
        let Identity { id } = json.parse().map_err(serde::de::Error::custom)?;
        // A kind that this version has no name for, or that has changed, is kept as it is.
        let kind = json.parse().unwrap_or(ItemKind::Other);
        Ok(Self { id, kind, json })
    }
}

/// What an [`Item`] is.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum ItemKind {
    /// What the user said.
    #[non_exhaustive]
    UserMessage {
        /// Its parts, as [`InputItem`](crate::InputItem) writes them.
        #[serde(default)]
        content: Vec<Value>,
    },
    /// What the agent said.
    #[non_exhaustive]
    AgentMessage {
        /// The text.
        text: String,
        /// Which part of the turn it belongs to, if the model says so.
        #[serde(default)]
        phase: Option<MessagePhase>,
    },
    /// What the agent intends to do.
    #[non_exhaustive]
    Plan {
        /// The text.
        text: String,
    },
    /// What the agent thought.
    #[non_exhaustive]
    Reasoning {
        /// The summary, in parts.
        #[serde(default)]
        summary: Vec<String>,
        /// The whole of it, in parts, where the model gives it.
        #[serde(default)]
        content: Vec<String>,
    },
    /// A command that was run, or was to be run.
    #[non_exhaustive]
    CommandExecution {
        /// The command line.
        command: String,
        /// Its working directory.
        #[serde(default)]
        cwd: String,
        /// What came of it.
        status: ItemStatus,
        /// What it wrote to stdout and stderr.
        #[serde(default)]
        aggregated_output: Option<String>,
        /// Its exit status.
        #[serde(default)]
        exit_code: Option<i32>,
        /// How long it took, in milliseconds.
        #[serde(default)]
        duration_ms: Option<i64>,
    },
    /// A change of files.
    #[non_exhaustive]
    FileChange {
        /// The files.
        #[serde(default)]
        changes: Vec<FileChange>,
        /// What came of it.
        status: ItemStatus,
    },
    /// A call of a tool of an MCP server.
    #[non_exhaustive]
    McpToolCall {
        /// The server.
        server: String,
        /// The tool.
        tool: String,
        /// What came of it.
        status: ItemStatus,
        /// What it was called with.
        #[serde(default)]
        arguments: Value,
        /// What it gave.
        #[serde(default)]
        result: Option<Value>,
        /// Why it failed.
        #[serde(default)]
        error: Option<Value>,
    },
    /// A search of the web.
    #[non_exhaustive]
    WebSearch {
        /// What was searched for.
        query: String,
    },
    /// Anything else: see [`Item::json`].
    #[serde(other)]
    Other,
}

brief_debug! { enum ItemKind {
    UserMessage { content },
    AgentMessage { text, phase },
    Plan { text },
    Reasoning { summary, content },
    CommandExecution { command, cwd, status, aggregated_output, exit_code, duration_ms },
    FileChange { changes, status },
    McpToolCall { server, tool, status, arguments, result, error },
    WebSearch { query },
    Other,
} }

open_enum! {
    /// Which part of a turn a message belongs to.
    pub enum MessagePhase {
        /// Said on the way.
        Commentary = "commentary",
        /// A part of the answer.
        PartialAnswer = "partial_answer",
        /// The answer.
        FinalAnswer = "final_answer",
    }
}

open_enum! {
    /// What came of something that the agent did.
    pub enum ItemStatus {
        /// It runs.
        InProgress = "inProgress",
        /// It succeeded.
        Completed = "completed",
        /// It failed.
        Failed = "failed",
        /// It was not allowed.
        Declined = "declined",
    }
}

/// A file that was changed.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct FileChange {
    /// The file.
    pub path: String,
    /// The change, as a unified diff.
    #[serde(default)]
    pub diff: String,
}

brief_debug! { struct FileChange { path, diff } }
