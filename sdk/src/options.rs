//! Options, as builders.
//!
//! One macro makes them all: an option is a line with its meaning, its name and its type; the name on the
//! wire is the same in camelCase. What nobody has set is not sent, so the server's own default holds.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::brief::Brief;
use crate::json::open_enum;

/// The option whose values may be secrets, such as the key of a provider: `Debug` hides them.
const CONFIG: &str = "config";

macro_rules! options {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Serialize)]
        #[serde(rename_all = "camelCase")]
        #[must_use]
        pub struct $name {
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                $(#[serde($($serde)+)])?
                pub(crate) $field: Option<$type>,
            )*
            #[serde(flatten)]
            other: Map<String, Value>,
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(
                    if let Some(value) = &self.$field {
                        if stringify!($field) == CONFIG {
                            shown.field(CONFIG, &format_args!("(hidden)"));
                        } else {
                            shown.field(stringify!($field), &Brief(value));
                        }
                    }
                )*
                let names: Vec<&String> = self.other.keys().collect();
                shown.field("other", &Brief(&names)).finish()
            }
        }

        impl $name {
            /// Makes options that are all defaults.
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[doc = $doc])+
                pub fn $field(mut self, $field: impl Into<$type>) -> Self {
                    self.$field = Some($field.into());
                    self
                }
            )*

            /// Sets an option that this SDK has no name for, by its name on the wire.
            pub fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
                self.other.insert(name.into(), value.into());
                self
            }
        }
    };
}

/// Options of a thread, which starting, resuming and forking have in common; and those that one alone has.
macro_rules! thread_options {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        options! {
            $(#[$meta])*
            pub struct $name {
                /// The model, such as `gpt-5.2-codex`.
                model: String,
                /// The provider of the model, as named in the configuration of Codex.
                model_provider: String,
                /// The working directory of its commands.
                cwd: PathBuf,
                /// What its commands may do.
                sandbox: Sandbox,
                /// When somebody is asked before something is done.
                approval_policy: ApprovalPolicy,
                /// Who is asked.
                approvals_reviewer: ApprovalsReviewer,
                /// Instructions in place of those that Codex gives the model.
                base_instructions: String,
                /// Instructions beside those that Codex gives the model.
                developer_instructions: String,
                /// Values of the configuration of Codex, by their names there.
                config: Map<String, Value>,
                /// The service tier: how fast the model is, and what it costs.
                service_tier: String,
                $($own)*
            }
        }
    };
}

thread_options! {
    /// Options of a new thread. Whatever is not set is as the configuration of Codex says.
    ///
    /// ```
    /// use codex_app_server_sdk::{Sandbox, ThreadOptions};
    ///
    /// let options = ThreadOptions::new()
    ///     .cwd("/srv/project")
    ///     .sandbox(Sandbox::ReadOnly);
    /// ```
    pub struct ThreadOptions {
        /// How the model talks.
        personality: Personality,
        /// Whether it is kept in memory only; such a thread cannot be resumed.
        ephemeral: bool,
        /// What this program calls itself in the telemetry of Codex.
        service_name: String,
    }
}

thread_options! {
    /// Options of a thread that is resumed. Whatever is not set is as it was.
    pub struct ResumeOptions {
        /// How the model talks.
        personality: Personality,
    }
}

thread_options! {
    /// Options of a thread that is forked. Whatever is not set is as in the thread that it comes from.
    pub struct ForkOptions {
        /// Whether it is kept in memory only; such a thread cannot be resumed.
        ephemeral: bool,
        /// The last turn that it takes over. All of them unless set.
        last_turn_id: String,
    }
}

options! {
    /// Options of a turn. All but `output_schema` and `timeout` hold for the turns that follow as well.
    pub struct TurnOptions {
        /// The model.
        model: String,
        /// How long the model thinks, such as `low` or `high`.
        effort: String,
        /// How the model sums up what it thinks: `auto`, `concise`, `detailed` or `none`.
        summary: String,
        /// How the model talks.
        personality: Personality,
        /// The working directory of its commands.
        cwd: PathBuf,
        /// What its commands may do.
        #[serde(rename = "sandboxPolicy", serialize_with = "as_policy")]
        sandbox: Sandbox,
        /// When somebody is asked before something is done.
        approval_policy: ApprovalPolicy,
        /// Who is asked.
        approvals_reviewer: ApprovalsReviewer,
        /// A JSON Schema for the final response, which is then JSON.
        output_schema: Value,
        /// The service tier: how fast the model is, and what it costs.
        service_tier: String,
        /// How long the turn may take. After that it is interrupted, and
        /// [`Error::TimedOut`](crate::Error::TimedOut) is its end. No limit unless set.
        #[serde(skip)]
        timeout: std::time::Duration,
    }
}

options! {
    /// Which threads to list, and in which order.
    pub struct ListOptions {
        /// Where the page begins: `next_cursor` of the page before.
        cursor: String,
        /// How many at most.
        limit: u32,
        /// Archived threads instead of the others.
        archived: bool,
        /// Only threads with this working directory.
        cwd: PathBuf,
        /// Only threads with this in their text.
        search_term: String,
        /// Only threads with these providers of models.
        model_providers: Vec<String>,
        /// `created_at` or `updated_at`.
        sort_key: String,
        /// `asc` or `desc`.
        sort_direction: String,
    }
}

open_enum! {
    /// What the commands of a thread may do.
    pub enum Sandbox {
        /// Read files.
        ReadOnly = "read-only",
        /// Read files, and write in the working directory.
        WorkspaceWrite = "workspace-write",
        /// Anything that this user may.
        DangerFullAccess = "danger-full-access",
    }
}

open_enum! {
    /// When somebody is asked before something is done.
    pub enum ApprovalPolicy {
        /// Before all but commands that are known to be harmless.
        Untrusted = "untrusted",
        /// When the model finds that it needs more than the sandbox allows.
        OnRequest = "on-request",
        /// Never. What the sandbox does not allow fails.
        Never = "never",
    }
}

open_enum! {
    /// Who is asked.
    pub enum ApprovalsReviewer {
        /// This program: see [`Config::on_request`](crate::Config::on_request).
        User = "user",
        /// A model.
        AutoReview = "auto_review",
    }
}

open_enum! {
    /// How the model talks.
    pub enum Personality {
        /// In no particular way.
        None = "none",
        /// Friendly.
        Friendly = "friendly",
        /// To the point.
        Pragmatic = "pragmatic",
    }
}

/// A turn takes what a thread calls a sandbox as an object, under another name.
#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn as_policy<S: serde::Serializer>(sandbox: &Option<Sandbox>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Policy<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
    }
    let kind = match sandbox.as_ref() {
        None => return to.serialize_none(),
        Some(Sandbox::ReadOnly) => "readOnly",
        Some(Sandbox::WorkspaceWrite) => "workspaceWrite",
        Some(Sandbox::DangerFullAccess) => "dangerFullAccess",
        Some(Sandbox::Other(other)) => other,
    };
    Policy { kind }.serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_set_goes_out_in_camel_case_and_nothing_else() {
        assert_eq!(
            serde_json::to_value(ThreadOptions::new()).unwrap(),
            json!({})
        );
        let options = ThreadOptions::new()
            .model("m")
            .sandbox(Sandbox::WorkspaceWrite)
            .approval_policy("granular")
            .developer_instructions("d")
            .set("sessionStartSource", "startup");
        assert_eq!(
            serde_json::to_value(options).unwrap(),
            json!({
                "model": "m",
                "sandbox": "workspace-write",
                "approvalPolicy": "granular",
                "developerInstructions": "d",
                "sessionStartSource": "startup",
            })
        );
    }

    #[test]
    fn a_turn_names_its_sandbox_as_the_server_wants_it() {
        let options = TurnOptions::new()
            .sandbox(Sandbox::DangerFullAccess)
            .timeout(std::time::Duration::from_secs(1));
        assert_eq!(
            serde_json::to_value(options).unwrap(),
            json!({"sandboxPolicy": {"type": "dangerFullAccess"}})
        );
    }
}
