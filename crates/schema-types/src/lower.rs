//! From schemas to types.
//!
//! Only what a method leads to becomes a type. Definitions are taken from a queue and never by
//! recursion, so a schema may go in circles; what recursion is left is within one definition, and
//! its depth and the number of its steps have a limit.

mod definition;
mod merge;
mod naming;
mod schema;
mod state;
mod union;

pub use naming::Naming;
pub use state::Lowering;
