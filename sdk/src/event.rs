//! What the server tells without being asked.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::brief::brief_debug;
use crate::error::{Error, Result};
use crate::item::Item;
use crate::json::Json;
use crate::protocol;
use crate::types::{Turn, TurnError, Usage};

/// A notification of the server's.
#[derive(Clone, PartialEq)]
pub struct Notification {
    method: String,
    params: Json,
}

brief_debug! { struct Notification { method, params } }

impl Notification {
    pub(crate) fn new(method: &str, params: Option<&RawValue>) -> Self {
        Self {
            method: method.to_owned(),
            params: params.unwrap_or(RawValue::NULL).into(),
        }
    }

    /// What a reader gets in place of notifications that it has missed.
    pub(crate) fn missed(count: u64) -> Self {
        let params = serde_json::value::to_raw_value(&Missed { count }).unwrap_or_default();
        Self::new(Missed::METHOD, Some(&params))
    }

    /// Returns what happened, as far as this crate has a name for it.
    pub fn event(&self) -> Event {
        // What does not look as this version expects is kept, as what it has no name for is.
        Event::known(self).unwrap_or_else(|| Event::Other(self.clone()))
    }

    /// Returns its method, such as `item/completed`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns its parameters, as the server wrote them.
    pub fn params(&self) -> &Json {
        &self.params
    }

    /// Reads it as a notification that has a type of its own. `None` if it is another one.
    pub fn parse<N: protocol::ServerNotification>(&self) -> Result<Option<N::Params>> {
        if self.method != N::NAME {
            return Ok(None);
        }
        let params = self.params.parse().map_err(|error| {
            Error::Protocol(format!("the parameters of {}: {error}", self.method))
        })?;
        Ok(Some(params))
    }

    /// Bytes that it takes in a queue.
    pub(crate) fn size(&self) -> usize {
        // What the struct, its allocations and its place in a queue take, measured and rounded up.
        const OVERHEAD: usize = 160;
        OVERHEAD + self.method.len() + self.params.get().len()
    }

    /// See [`is_delta`].
    pub(crate) fn is_delta(&self) -> bool {
        is_delta(&self.method)
    }
}

/// Whether a notification is a piece of something that comes again as a whole when its item is completed.
pub(crate) fn is_delta(method: &str) -> bool {
    method.ends_with("/delta") || method.ends_with("Delta")
}

/// What a [`Notification`] says.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The turn has begun.
    TurnStarted(Turn),
    /// An item has begun.
    ItemStarted(Item),
    /// An item is complete.
    ItemCompleted(Item),
    /// The agent says something: the next piece of a message.
    MessageDelta(Delta),
    /// The agent thinks: the next piece of a reasoning, or of its summary.
    ReasoningDelta(Delta),
    /// A command writes something.
    CommandOutputDelta(Delta),
    /// The agent made or changed its plan.
    PlanUpdated(Plan),
    /// What all changes of files in the turn come to, as a unified diff.
    DiffUpdated(String),
    /// Tokens were used.
    UsageUpdated(Usage),
    /// Something went wrong. If `will_retry` is not set, the turn is about to fail.
    Error {
        /// What.
        error: TurnError,
        /// Whether Codex tries again by itself.
        will_retry: bool,
    },
    /// The turn has ended, whatever its status. Nothing follows.
    TurnCompleted(Turn),
    /// Notifications were left out, because nobody read them for too long: see
    /// [`Config::event_buffer`](crate::Config::event_buffer).
    Missed(u64),
    /// Anything else.
    Other(Notification),
}

brief_debug! { enum Event {
    TurnStarted(turn),
    ItemStarted(item),
    ItemCompleted(item),
    MessageDelta(delta),
    ReasoningDelta(delta),
    CommandOutputDelta(delta),
    PlanUpdated(plan),
    DiffUpdated(diff),
    UsageUpdated(usage),
    Error { error, will_retry },
    TurnCompleted(turn),
    Missed(count),
    Other(notification),
} }

/// The next piece of a text.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Delta {
    /// The item that it belongs to.
    pub item_id: String,
    /// The piece.
    #[serde(rename = "delta")]
    pub text: String,
}

brief_debug! { struct Delta { item_id, text } }

/// What the agent intends to do.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// Why it was made or changed.
    #[serde(default)]
    pub explanation: Option<String>,
    /// Its steps, in order.
    #[serde(rename = "plan")]
    pub steps: Vec<PlanStep>,
}

brief_debug! { struct Plan { explanation, steps } }

/// A step of a [`Plan`].
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PlanStep {
    /// What is to be done.
    pub step: String,
    /// How far it is: `pending`, `inProgress` or `completed`.
    pub status: String,
}

brief_debug! { struct PlanStep { step, status } }

/// Of this crate's own making.
#[derive(Serialize, Deserialize)]
struct Missed {
    count: u64,
}

impl Missed {
    const METHOD: &'static str = "sdk/missed";
}

impl Event {
    fn known(notification: &Notification) -> Option<Self> {
        #[derive(Deserialize)]
        struct WithTurn {
            turn: Turn,
        }
        #[derive(Deserialize)]
        struct WithItem {
            item: Item,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct WithUsage {
            token_usage: Usage,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct WithError {
            error: TurnError,
            #[serde(default)]
            will_retry: bool,
        }
        #[derive(Deserialize)]
        struct WithDiff {
            diff: String,
        }

        let params = &notification.params;
        Some(match notification.method.as_str() {
            "turn/started" => Self::TurnStarted(params.parse::<WithTurn>().ok()?.turn),
            "turn/completed" => Self::TurnCompleted(params.parse::<WithTurn>().ok()?.turn),
            "item/started" => Self::ItemStarted(params.parse::<WithItem>().ok()?.item),
            "item/completed" => Self::ItemCompleted(params.parse::<WithItem>().ok()?.item),
            "item/agentMessage/delta" => Self::MessageDelta(params.parse().ok()?),
            "item/reasoning/textDelta" | "item/reasoning/summaryTextDelta" => {
                Self::ReasoningDelta(params.parse().ok()?)
            }
            "item/commandExecution/outputDelta" => Self::CommandOutputDelta(params.parse().ok()?),
            "turn/plan/updated" => Self::PlanUpdated(params.parse().ok()?),
            "turn/diff/updated" => Self::DiffUpdated(params.parse::<WithDiff>().ok()?.diff),
            "thread/tokenUsage/updated" => {
                Self::UsageUpdated(params.parse::<WithUsage>().ok()?.token_usage)
            }
            "error" => {
                let WithError { error, will_retry } = params.parse().ok()?;
                Self::Error { error, will_retry }
            }
            Missed::METHOD => Self::Missed(params.parse::<Missed>().ok()?.count),
            _ => return None,
        })
    }
}
