//! What came of a turn.

use crate::brief::brief_debug;
use crate::item::Item;
use crate::types::{TurnError, TurnStatus, Usage};

/// What came of a turn.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct TurnResult {
    /// The turn.
    pub turn_id: String,
    /// How it ended.
    pub status: TurnStatus,
    /// What the agent said last. `None` if it said nothing.
    pub final_response: Option<String>,
    /// All that happened, in the order in which it was completed.
    pub items: Vec<Item>,
    /// The tokens that were used.
    pub usage: Option<Usage>,
    /// Why it failed, if it did.
    pub error: Option<TurnError>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Notifications that are not in it, because nobody read them for too long: 0 unless a stream of the
    /// turn was left unread.
    pub missed: u64,
}

brief_debug! { struct TurnResult { turn_id, status, final_response, items, usage, error, duration_ms, missed } }
