//! A client of the Codex app-server that brings its own Codex.

mod answers;
mod background;
mod both;
mod client;
mod codex;
mod config;
mod connection;
mod error;
mod event;
mod input;
mod item;
mod json;
mod message;
mod options;
mod process;
pub mod protocol;
mod queue;
mod request;
mod result;
mod retry;
mod router;
mod rpc;
mod stderr;
mod stream;
mod thread;
mod turn;
mod types;
mod version;

pub use client::ServerInfo;
pub use codex::{AsyncCodex, Codex};
pub use config::Config;
pub use error::{Error, Result};
pub use event::{Delta, Event, Notification, Plan, PlanStep};
pub use input::{Input, InputItem};
pub use item::{FileChange, Item, ItemKind, ItemStatus, MessagePhase};
pub use json::Json;
pub use options::{
    ApprovalPolicy, ApprovalsReviewer, ForkOptions, ListOptions, Personality, ResumeOptions,
    Sandbox, ThreadOptions, TurnOptions,
};
pub use request::{
    CommandApproval, FileChangeApproval, PermissionsApproval, Reply, RequestKind, ServerRequest,
};
pub use result::TurnResult;
pub use retry::{Retry, retry_on_overload, retry_on_overload_async};
pub use rpc::{RpcError, RpcErrorKind};
pub use stream::{AsyncNotifications, AsyncTurnStream, Notifications, TurnStream};
pub use thread::{AsyncThread, Thread};
pub use turn::{AsyncTurnHandle, TurnHandle};
pub use types::{
    Account, AccountKind, AccountState, Model, Page, ThreadInfo, TokenUsage, Turn, TurnError,
    TurnStatus, Usage,
};
