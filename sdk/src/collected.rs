//! What is read of a turn, and the result that it adds up to.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::event::{Event, Notification};
use crate::item::{Item, ItemKind, MessagePhase};
use crate::result::TurnResult;
use crate::types::{Turn, TurnStatus, Usage};

impl TurnResult {
    /// Reads the final response as a type; for turns with an
    /// [`output_schema`](crate::TurnOptions::output_schema).
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self.final_response.as_deref().unwrap_or_default();
        serde_json::from_str(text).map_err(|error| Error::Response {
            why: error.to_string(),
            text: text.to_owned(),
        })
    }
}

/// What has been read of a turn.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    items: Vec<Item>,
    usage: Option<Usage>,
    missed: u64,
    turn: Option<Turn>,
    failure: Option<Error>,
    said: bool,
}

impl Collected {
    pub(crate) fn take(&mut self, notification: &Notification) {
        if notification.is_delta() {
            return;
        }
        match notification.event() {
            Event::ItemCompleted(item) => self.items.push(item),
            Event::UsageUpdated(usage) => self.usage = Some(usage),
            Event::Missed(count) => self.missed += count,
            Event::TurnCompleted(turn) => self.turn = Some(turn),
            _ => {}
        }
    }

    /// It has failed, whatever comes. The first failure is the one that counts.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.failure.get_or_insert_with(|| error.clone());
    }

    /// The failure, the first time that somebody asks.
    pub(crate) fn say_failure(&mut self) -> Option<Error> {
        let said = std::mem::replace(&mut self.said, true);
        self.failure.clone().filter(|_| !said)
    }

    pub(crate) fn result(&self) -> Result<TurnResult> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        let shapeless = || Error::Protocol("turn/completed has no turn in it".to_owned());
        let turn = self.turn.as_ref().ok_or_else(shapeless)?;
        let mut items = self.items.clone();
        for item in &turn.items {
            if !items.iter().any(|known| known.id == item.id) {
                items.push(item.clone());
            }
        }
        let result = TurnResult {
            turn_id: turn.id.clone(),
            status: turn.status.clone(),
            final_response: final_response(&items).map(str::to_owned),
            items,
            usage: self.usage.clone(),
            error: turn.error.clone(),
            duration_ms: turn.duration_ms,
            missed: self.missed,
        };
        match &result.error {
            Some(error) if error.is_unauthorized() => {
                Err(Error::NotLoggedIn(error.message.clone()))
            }
            _ if result.status == TurnStatus::Failed => Err(Error::TurnFailed(Box::new(result))),
            _ => Ok(result),
        }
    }
}

/// The last message that the model calls its answer; or else the last one that it calls nothing.
fn final_response(items: &[Item]) -> Option<&str> {
    let messages = || {
        items.iter().rev().filter_map(|item| match &item.kind {
            ItemKind::AgentMessage { text, phase } => Some((text.as_str(), phase.as_ref())),
            _ => None,
        })
    };
    let answer = messages().find(|(_, phase)| *phase == Some(&MessagePhase::FinalAnswer));
    let any = || messages().find(|(_, phase)| phase.is_none());
    answer.or_else(any).map(|(text, _)| text)
}
