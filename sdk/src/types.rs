//! What the server says, as far as the high-level API has names for it.

use serde::Deserialize;
use serde_json::Value;

use crate::brief::brief_debug;
use crate::item::Item;
use crate::json::{open_enum, record};

open_enum! {
    /// How far a turn is.
    pub enum TurnStatus {
        /// It runs.
        InProgress = "inProgress",
        /// It ended by itself.
        Completed = "completed",
        /// It was interrupted.
        Interrupted = "interrupted",
        /// It ended with an error.
        Failed = "failed",
    }
}

record! {
    /// A turn: an input of the user's, and all that the agent does about it.
    pub struct Turn {
        /// Its id, unique on the server.
        id: String,
        /// How far it is.
        status: TurnStatus,
        /// Why it failed, if it did.
        #[serde(default)]
        error: Option<TurnError>,
        /// Its items. Empty unless history was asked for; then only as many as the server includes.
        #[serde(default)]
        items: Vec<Item>,
        /// When it began, in seconds since 1970.
        #[serde(default)]
        started_at: Option<i64>,
        /// When it ended, in seconds since 1970.
        #[serde(default)]
        completed_at: Option<i64>,
        /// How long it took, in milliseconds.
        #[serde(default)]
        duration_ms: Option<i64>,
    }
}

record! {
    /// Why a turn failed.
    pub struct TurnError {
        /// What the server says about it.
        message: String,
        /// More of it, where there is more.
        #[serde(default)]
        additional_details: Option<String>,
        /// Which kind of error it is: a string such as `serverOverloaded`, or an object with one key.
        #[serde(default)]
        codex_error_info: Option<Value>,
    }
}

impl TurnError {
    /// Returns the name of the kind of error, such as `usageLimitExceeded` or `httpConnectionFailed`.
    pub fn kind(&self) -> Option<&str> {
        match self.codex_error_info.as_ref()? {
            Value::String(kind) => Some(kind),
            Value::Object(object) => object.keys().next().map(String::as_str),
            _ => None,
        }
    }

    /// Returns the HTTP status that the model provider answered with, if it did.
    pub fn http_status(&self) -> Option<u16> {
        let details = self
            .codex_error_info
            .as_ref()?
            .as_object()?
            .values()
            .next()?;
        details.get("httpStatusCode")?.as_u64()?.try_into().ok()
    }

    /// Returns whether the model provider wants a login or a key, or another one.
    pub fn is_unauthorized(&self) -> bool {
        const UNAUTHORIZED: u16 = 401;
        self.kind() == Some("unauthorized") || self.http_status() == Some(UNAUTHORIZED)
    }

    /// Returns whether the model was too busy: the same turn may succeed later.
    pub fn is_overload(&self) -> bool {
        self.kind() == Some("serverOverloaded")
    }
}

record! {
    /// The tokens that a thread has used.
    pub struct Usage {
        /// In all its turns.
        total: TokenUsage,
        /// In the last request to the model.
        last: TokenUsage,
        /// The size of the model's context window.
        #[serde(default)]
        model_context_window: Option<i64>,
    }
}

record! {
    /// Numbers of tokens.
    pub struct TokenUsage {
        /// All of them.
        total_tokens: i64,
        /// What the model read.
        input_tokens: i64,
        /// How many of these came out of a cache.
        cached_input_tokens: i64,
        /// What the model wrote.
        output_tokens: i64,
        /// How many of these were reasoning.
        reasoning_output_tokens: i64,
    }
}

record! {
    /// What the server knows of a thread.
    pub struct ThreadInfo {
        /// Its id, with which it is resumed.
        id: String,
        /// The name that a user gave it.
        #[serde(default)]
        name: Option<String>,
        /// The beginning of its first message.
        #[serde(default)]
        preview: String,
        /// The working directory of its commands.
        #[serde(default)]
        cwd: String,
        /// The provider of its model.
        #[serde(default)]
        model_provider: String,
        /// When it was started, in seconds since 1970.
        #[serde(default)]
        created_at: i64,
        /// When it was last written to, in seconds since 1970.
        #[serde(default)]
        updated_at: i64,
        /// Whether it is kept in memory only.
        #[serde(default)]
        ephemeral: bool,
        /// The thread that it was forked from.
        #[serde(default)]
        forked_from_id: Option<String>,
        /// Its turns, where they were asked for.
        #[serde(default)]
        turns: Vec<Turn>,
    }
}

/// A page of something that the server has much of.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on this page.
    pub data: Vec<T>,
    /// What to ask for the next page with. `None` on the last one.
    #[serde(default = "Option::default")]
    pub next_cursor: Option<String>,
}

brief_debug! { struct Page<T> { data, next_cursor } }

record! {
    /// A model that threads can use.
    pub struct Model {
        /// Its id.
        id: String,
        /// What `ThreadOptions::model` takes.
        model: String,
        /// What it is called.
        #[serde(default)]
        display_name: String,
        /// What it is for.
        #[serde(default)]
        description: String,
        /// Whether it is left out of lists that users see.
        #[serde(default)]
        hidden: bool,
        /// Whether it is what a thread uses when nothing is said.
        #[serde(default)]
        is_default: bool,
    }
}

record! {
    /// The state of the user's account.
    pub struct AccountState {
        /// The account, if somebody has logged in.
        #[serde(default)]
        account: Option<Account>,
        /// Whether the model provider in use needs a login.
        requires_openai_auth: bool,
    }
}

impl AccountState {
    /// Returns whether a turn would fail because nobody has logged in.
    pub fn needs_login(&self) -> bool {
        self.requires_openai_auth && self.account.is_none()
    }
}

open_enum! {
    /// The kind of an account.
    pub enum AccountKind {
        /// An API key.
        ApiKey = "apiKey",
        /// A `ChatGPT` plan.
        ChatGpt = "chatgpt",
        /// Amazon Bedrock.
        AmazonBedrock = "amazonBedrock",
    }
}

record! {
    /// An account that is logged in.
    pub struct Account {
        /// Which kind it is.
        #[serde(rename = "type")]
        kind: AccountKind,
        /// Whose it is, where that is known.
        #[serde(default)]
        email: Option<String>,
        /// The plan, such as `plus`, of an account that has one.
        #[serde(default)]
        plan_type: Option<String>,
    }
}
