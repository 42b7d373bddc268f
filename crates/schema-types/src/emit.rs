//! The model as Rust: functions from and to [`serde_json::Value`], since serde's derives would cost a
//! user far more (see the crate's documentation).

mod context;
mod enumeration;
mod file;
mod item;
mod methods;
mod reach;
mod rust_type;
mod structure;
mod traits;

pub use file::file;
pub use traits::Traits;
