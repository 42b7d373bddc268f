//! A client of the Codex app-server that brings its own Codex.
//!
//! ```no_run
//! use codex_app_server_sdk::{Codex, ThreadOptions};
//!
//! let codex = Codex::new()?;
//! let thread = codex.thread_start(ThreadOptions::new())?;
//! let result = thread.run("What does this project do?")?;
//! println!("{}", result.final_response.unwrap_or_default());
//! # Ok::<(), codex_app_server_sdk::Error>(())
//! ```
//!
//! [`Codex`] is for programs without tokio, and [`AsyncCodex`] for those with it; they have the same methods.
//! Each starts an app-server of its own, which ends with it. It is the one that [`codex_cli_bin`] carries, in
//! exactly the version that this crate was made for, unless [`Config::codex_bin`] names another.
//!
//! A [`Thread`] is a conversation, and a turn one step of it. [`Thread::run`] waits for the
//! [`TurnResult`]; [`Thread::turn`] gives a [`TurnHandle`], to follow the turn with
//! [`stream`](TurnHandle::stream), to [`steer`](TurnHandle::steer) and to
//! [`interrupt`](TurnHandle::interrupt) it. Any number of turns may run at once, in any number of threads.
//!
//! # What holds
//!
//! - **Nothing is agreed to in silence.** What the server asks, such as whether it may run a command, is
//!   declined, unless [`Config::on_request`] says otherwise.
//! - **Everything ends.** Requests have time limits, and turns if you set one. A process that ends, that
//!   talks nonsense or does not end is an [`Error`] of its own kind for all who wait. No process is left
//!   behind by a drop, a panic, Ctrl-C or the death of the program.
//! - **Memory has a bound**, and a slow reader stops nobody: see [`Config::event_buffer`].
//! - **What is new is kept.** Notifications, fields and names that this version does not know are no errors:
//!   see [`Event::Other`], [`Json`] and [`protocol`].
//!
//! # Features
//!
//! Those of `codex-cli-bin`: `embed` and `libzstd`, which are defaults, `on-disk` and `pure-rust`.
#![deny(missing_docs)]

mod answers;
mod background;
mod both;
mod brief;
mod client;
mod codex;
mod collected;
mod config;
mod connection;
mod error;
mod event;
pub mod generated;
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
mod turn_state;
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
