//! What ties the name of a method to its types.
//!
//! The high-level API of this crate has types of its own, few and written by hand, and does not depend on
//! what is here. For everything else that an app-server can do there are three traits, and generic calls
//! that take them: [`AsyncCodex::request`](crate::AsyncCodex::request),
//! [`Notification::parse`](crate::Notification::parse) and
//! [`ServerRequest::parse`](crate::ServerRequest::parse).
//!
//! # Who implements them
//!
//! `stage generate-types` makes a module from the schema of a runtime, in which each method is a type
//! without values:
//!
//! ```
//! use codex_app_server_sdk::protocol::Method;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! #[serde(rename_all = "camelCase")]
//! struct ThreadSetNameParams {
//!     thread_id: String,
//!     name: String,
//! }
//!
//! #[derive(Deserialize)]
//! struct ThreadSetNameResponse {}
//!
//! enum ThreadNameSet {}
//!
//! impl Method for ThreadNameSet {
//!     const NAME: &'static str = "thread/name/set";
//!     type Params = ThreadSetNameParams;
//!     type Result = ThreadSetNameResponse;
//! }
//! ```
//!
//! The method is a type apart from its parameters because several methods share one type of parameters,
//! and some have none: these have `()`, which is sent as `null`. An implementation that is written by hand
//! is as good as a generated one.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request that a client sends, such as `thread/start`.
pub trait Method {
    /// The name on the wire.
    const NAME: &'static str;
    /// What is sent.
    type Params: Serialize;
    /// What the server answers.
    type Result: DeserializeOwned;
}

/// A notification that the server sends, such as `turn/completed`.
pub trait ServerNotification {
    /// The name on the wire.
    const NAME: &'static str;
    /// What it says.
    type Params: DeserializeOwned;
}

/// A request that the server sends, such as `item/commandExecution/requestApproval`.
pub trait ServerRequest {
    /// The name on the wire.
    const NAME: &'static str;
    /// What is asked.
    type Params: DeserializeOwned;
    /// What the client answers.
    type Result: Serialize;
}
