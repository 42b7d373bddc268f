//! What executables and libraries need, and which Python platform tags are true of them.
//!
//! TODO
pub mod claims;
pub mod facts;
mod format;
pub mod machine;
mod numbers;
mod policy;
mod tag;

pub use format::ObjectFormat;
pub use tag::{PlatformTag, System, TagError, WheelTags};
