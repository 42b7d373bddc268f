//! `Debug` that stays short: what a server, a model or a user says may be megabytes, and ends up in logs.

use std::fmt::{self, Debug, Write};

/// The bytes that a field may take. What is longer is cut, and ends in `…`.
const FIELD: usize = 300;

/// Shows the beginning of a value.
pub(crate) struct Brief<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Debug + ?Sized> Debug for Brief<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pretty = f.alternate();
        let mut cut = Cut {
            out: f,
            left: FIELD,
            full: false,
        };
        let written = if pretty {
            write!(cut, "{:#?}", self.0)
        } else {
            write!(cut, "{:?}", self.0)
        };
        if cut.full {
            return f.write_str("…");
        }
        written
    }
}

/// Passes on so many bytes, and fails after that, which ends the formatting.
struct Cut<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    left: usize,
    full: bool,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.left {
            self.left -= text.len();
            return self.out.write_str(text);
        }
        self.full = true;
        self.out.write_str(beginning(text, self.left))?;
        Err(fmt::Error)
    }
}

/// Returns the characters that fit into so many bytes.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let fits = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=bytes.min(text.len())).rev().find(fits);
    &text[..end.unwrap_or_default()]
}

/// Implements `Debug` for a type as the derive does, with each field cut.
macro_rules! brief_debug {
    (struct $name:ident $(<$generic:ident>)? { $($field:ident),* $(,)? }) => {
        impl $(<$generic: std::fmt::Debug>)? std::fmt::Debug for $name $(<$generic>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // A new field is an error here.
                let Self { $($field),* } = self;
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &$crate::brief::Brief($field)))*
                    .finish()
            }
        }
    };
    (enum $name:ident {
        $($variant:ident $(($($inner:ident),*))? $({ $($field:ident),* })?,)*
    }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant $(($($inner),*))? $({ $($field),* })? => {
                        $crate::brief::brief_debug!(
                            @show f $variant $(($($inner),*))? $({ $($field),* })?
                        )
                    })*
                }
            }
        }
    };
    (@show $f:ident $variant:ident) => {
        $f.write_str(stringify!($variant))
    };
    (@show $f:ident $variant:ident ($($inner:ident),*)) => {
        $f.debug_tuple(stringify!($variant))$(.field(&$crate::brief::Brief($inner)))*.finish()
    };
    (@show $f:ident $variant:ident { $($field:ident),* }) => {
        $f.debug_struct(stringify!($variant))
            $(.field(stringify!($field), &$crate::brief::Brief($field)))*
            .finish()
    };
}
pub(crate) use brief_debug;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::client::ServerInfo;
    use crate::codex::AsyncCodex;
    use crate::config::Config;
    use crate::error::Error;
    use crate::event::{Event, Notification};
    use crate::input::{Input, InputItem};
    use crate::item::{Item, ItemStatus};
    use crate::json::Json;
    use crate::options::{ListOptions, ThreadOptions, TurnOptions};
    use crate::queue::Queue;
    use crate::request::{Reply, ServerRequest};
    use crate::result::TurnResult;
    use crate::rpc::RpcError;
    use crate::types::{AccountState, Model, Page, ThreadInfo, Turn, TurnError, TurnStatus};

    /// The most bytes that any of them prints.
    const MOST: usize = 4 << 10;

    const SECRET: &str = "sk-secret";

    /// A megabyte, with a character at each end of a cut.
    fn large() -> String {
        "ü".repeat(1 << 19)
    }

    fn read<T: DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    fn raw(value: &Value) -> Json {
        let raw = serde_json::value::to_raw_value(value).unwrap();
        Json::from(&*raw)
    }

    /// Prints a value in both forms, and says how it begins.
    #[track_caller]
    fn short(value: &dyn Debug) -> String {
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            assert!(text.len() <= MOST, "{} bytes: {text}", text.len());
        }
        format!("{value:?}")
    }

    fn item(fields: &Value) -> Value {
        let mut item = json!({"id": large()});
        let object = item.as_object_mut().unwrap();
        object.extend(fields.as_object().unwrap().clone());
        item
    }

    /// An item of each kind.
    fn items() -> Vec<Value> {
        let large = large();
        [
            json!({"type": "userMessage", "content": [large]}),
            json!({"type": "agentMessage", "text": large, "phase": large}),
            json!({"type": "plan", "text": large}),
            json!({"type": "reasoning", "summary": [large], "content": [large]}),
            json!({
                "type": "commandExecution", "command": large, "cwd": large, "status": large,
                "aggregatedOutput": large, "exitCode": 1, "durationMs": 1,
            }),
            json!({
                "type": "fileChange", "status": "failed",
                "changes": vec![json!({"path": "a", "diff": "b"}); 10_000],
            }),
            json!({
                "type": "mcpToolCall", "server": large, "tool": large, "status": large,
                "arguments": large, "result": large, "error": large,
            }),
            json!({"type": "webSearch", "query": large}),
            json!({"type": "of tomorrow", "text": large}),
        ]
        .map(|fields| item(&fields))
        .into()
    }

    fn error() -> Value {
        json!({"message": large(), "additionalDetails": large(), "codexErrorInfo": large()})
    }

    fn turn() -> Value {
        json!({"id": large(), "status": large(), "error": error(), "items": items()})
    }

    fn result() -> TurnResult {
        TurnResult {
            turn_id: large(),
            status: TurnStatus::Other(large()),
            final_response: Some(large()),
            items: items().into_iter().map(read).collect(),
            usage: None,
            error: Some(read(error())),
            duration_ms: None,
            missed: 0,
        }
    }

    #[test]
    fn what_a_server_says_is_cut() {
        for value in items() {
            short(&read::<Item>(value));
        }
        short(&ItemStatus::Other(large()));
        short(&read::<Turn>(turn()));
        short(&read::<TurnError>(error()));
        short(&result());
        short(&raw(&json!(large())));
        short(&read::<Page<ThreadInfo>>(json!({
            "data": vec![json!({"id": large(), "turns": [turn()]}); 2], "nextCursor": large(),
        })));
        short(&read::<Model>(
            json!({"id": large(), "model": large(), "description": large()}),
        ));
        short(&read::<AccountState>(json!({
            "account": {"type": large(), "email": large(), "planType": large()},
            "requiresOpenaiAuth": true,
        })));
        short(&read::<ServerInfo>(
            json!({"userAgent": large(), "codexHome": large()}),
        ));
    }

    #[test]
    fn notifications_and_requests_are_cut() {
        for (method, params) in [
            ("turn/started", json!({"turn": turn()})),
            ("item/completed", json!({"item": items()[4]})),
            (
                "item/agentMessage/delta",
                json!({"itemId": large(), "delta": large()}),
            ),
            (
                "turn/plan/updated",
                json!({"explanation": large(), "plan": [{"step": large(), "status": large()}]}),
            ),
            ("turn/diff/updated", json!({"diff": large()})),
            ("error", json!({"error": error()})),
            ("of/tomorrow", json!(large())),
        ] {
            let params = serde_json::value::to_raw_value(&params).unwrap();
            let notification = Notification::new(method, Some(&params));
            short(&notification);
            let event = notification.event();
            let known = !matches!(event, Event::Other(_));
            assert_eq!(known, method != "of/tomorrow", "{event:?}");
            short(&event);
        }
        for method in [
            "item/commandExecution/requestApproval",
            "item/fileChange/requestApproval",
            "item/permissions/requestApproval",
            "of/tomorrow",
        ] {
            let params = json!({
                "threadId": large(), "turnId": large(), "itemId": large(), "command": large(),
                "cwd": large(), "reason": large(), "grantRoot": large(), "permissions": large(),
            });
            let request = ServerRequest {
                method: method.to_owned(),
                params: raw(&params),
            };
            short(&request);
            short(&request.kind());
        }
        short(&Reply::result(large()));
        short(&Reply::error(large()));
    }

    #[test]
    fn errors_are_cut() {
        let rpc = json!({"code": 1, "message": large(), "data": large()});
        for error in [
            Error::Rpc(Box::new(read::<RpcError>(rpc))),
            Error::TurnFailed(Box::new(result())),
            Error::Protocol(large()),
            Error::NotLoggedIn(large()),
            Error::Response {
                why: large(),
                text: large(),
            },
            Error::Ended {
                status: None,
                stderr: large(),
            },
        ] {
            short(&error);
        }
    }

    #[test]
    fn what_a_program_says_is_cut_and_its_secrets_are_hidden() {
        short(&Input::from(vec![InputItem::text(large()); 3]));
        short(&InputItem::image(large()));
        short(&TurnOptions::new().output_schema(large()).model(large()));
        short(&ListOptions::new().search_term(large()));
        let values = json!({"api_key": SECRET}).as_object().unwrap().clone();
        let thread = ThreadOptions::new()
            .model("m")
            .base_instructions(large())
            .config(values)
            .set("token", SECRET);
        let config = Config::new()
            .option(format!("provider.key={SECRET}"))
            .option(SECRET)
            .env("API_KEY", SECRET)
            .env("LARGE", large())
            .cwd(large());
        for (value, shown) in [
            (&thread as &dyn Debug, vec!["model: \"m\"", "\"token\""]),
            (&config, vec!["provider.key", "API_KEY", "LARGE"]),
            (
                &AsyncCodex::with(config.clone()),
                vec!["provider.key", "API_KEY", "LARGE"],
            ),
        ] {
            let text = short(value);
            assert!(!text.contains(SECRET), "{text}");
            for shown in shown {
                assert!(text.contains(shown), "{shown}: {text}");
            }
        }
    }

    #[test]
    fn a_queue_shows_what_it_holds_as_numbers() {
        let queue = Arc::new(Queue::new(usize::MAX));
        for _ in 0..100 {
            queue.push(Notification::missed(1));
        }
        assert!(short(&queue).contains("waiting: 100"));
    }

    #[test]
    fn what_is_short_is_shown_in_full_and_a_cut_is_seen() {
        assert_eq!(format!("{:?}", Brief("aü")), r#""aü""#);
        let text = format!("{:?}", Brief(&*large()));
        assert!(text.ends_with("ü…") && text.len() <= FIELD + "…".len());
        assert_eq!(beginning("aü", 2), "a");
        assert_eq!(beginning("aü", 3), "aü");
        assert_eq!(
            format!("{:?}", raw(&json!(large())))
                .split_once('…')
                .unwrap()
                .1,
            " (1048578 bytes)"
        );
        assert_eq!(format!("{:?}", raw(&json!([1]))), "[1]");
    }
}
