//! The lines of the protocol: JSON-RPC without its `jsonrpc` member, one message a line.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::rpc::RpcError;

/// A line from the server.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Answer(u64, Answer<'a>),
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    Request {
        id: &'a RawValue,
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    /// An answer to a request that has no id of ours: there is nobody to give it to.
    Stray,
}

#[derive(Debug)]
pub(crate) enum Answer<'a> {
    Result(&'a RawValue),
    Error(RpcError),
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<RpcError>,
}

/// A member that is there, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Message<'a> {
    /// Reads a line. The error says what is wrong with it.
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, String> {
        let bad = |why: &dyn std::fmt::Display| format!("{why}, in the line {}", excerpt(line));
        let line: Line<'a> = serde_json::from_slice(line).map_err(|error| bad(&error))?;
        Ok(match line {
            Line {
                method: Some(method),
                id: Some(id),
                params,
                ..
            } => Self::Request { id, method, params },
            Line {
                method: Some(method),
                id: None,
                params,
                ..
            } => Self::Notification { method, params },
            Line {
                id: Some(id),
                error,
                result,
                ..
            } => {
                let answer = match (error, result) {
                    (Some(error), _) => Answer::Error(error),
                    (None, Some(result)) => Answer::Result(result),
                    (None, None) => return Err(bad(&"neither a result nor an error")),
                };
                match id.get().parse() {
                    Ok(id) => Self::Answer(id, answer),
                    Err(_) => Self::Stray,
                }
            }
            Line { error: Some(_), .. } => Self::Stray,
            _ => return Err(bad(&"neither a method nor an id")),
        })
    }
}

/// The beginning of a line, for an error.
fn excerpt(line: &[u8]) -> String {
    const MOST: usize = 200;
    let beginning = String::from_utf8_lossy(line.get(..MOST).unwrap_or(line));
    let more = if line.len() > MOST { "…" } else { "" };
    format!("{:?}{more}", beginning.trim_end())
}

/// Which turn a notification belongs to.
pub(crate) fn turn_of(params: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ids<'a> {
        #[serde(borrow, default)]
        turn_id: Option<&'a RawValue>,
        #[serde(borrow, default)]
        turn: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Turn<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    // One after the other: whatever else is under one name, the other one may still say it.
    let Ids { turn_id, turn } = serde_json::from_str(params.get()).ok()?;
    let direct = turn_id.and_then(|id| serde_json::from_str::<String>(id.get()).ok());
    let nested = || serde_json::from_str::<Turn<'_>>(turn?.get()).ok();
    direct
        .map(Cow::Owned)
        .or_else(|| nested().map(|turn| turn.id))
}

/// A line to the server.
#[derive(Serialize)]
pub(crate) struct Outgoing<'a, P: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<u64>,
    pub(crate) method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) params: Option<P>,
}

/// Writes a message as a line.
pub(crate) fn line(message: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}
