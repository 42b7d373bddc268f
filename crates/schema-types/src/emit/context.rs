//! What is known while items are written.

use std::collections::BTreeMap;

use super::reach::Reach;
use crate::cycle::Cycles;
use crate::model::Item;

/// What is known while items are written.
pub struct Emit {
    pub items: BTreeMap<String, Item>,
    pub cycles: Cycles,
    /// What a client sends: it gets constructors.
    pub sent: Reach,
    /// What is tried among others: it says what in it is new.
    pub tried: Reach,
}
