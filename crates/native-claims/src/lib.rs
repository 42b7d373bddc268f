#![doc = include_str!("../README.md")]

pub mod claims;
pub mod facts;
mod format;
pub mod machine;
mod numbers;
mod policy;
mod tag;

pub use format::ObjectFormat;
pub use tag::{PlatformTag, System, TagError, WheelTags};
