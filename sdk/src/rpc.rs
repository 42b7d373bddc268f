//! Errors that the server answers with.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::brief::brief_debug;

/// An error that the server answered a request with.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RpcError {
    /// The request that it answers.
    #[serde(skip)]
    pub method: String,
    /// The code of JSON-RPC; [`kind`](Self::kind) gives it a name.
    pub code: i64,
    /// What the server says about it.
    #[serde(default)]
    pub message: String,
    /// Whatever else it says.
    #[serde(default)]
    pub data: Option<Value>,
}

brief_debug! { struct RpcError { method, code, message, data } }

/// What an [`RpcError`] means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RpcErrorKind {
    /// -32700: the server could not read the request as JSON.
    Parse,
    /// -32600: the request is not one that this server takes, or not now.
    InvalidRequest,
    /// -32601: the server does not know the method.
    MethodNotFound,
    /// -32602: the parameters are wrong.
    InvalidParams,
    /// -32603: something failed in the server.
    Internal,
    /// -32000 to -32099 with `server_overloaded`: the same request may succeed later.
    Overloaded,
    /// Another one from -32000 to -32099.
    Server,
    /// Any other code.
    Other,
}

impl RpcError {
    /// Returns what it means.
    pub fn kind(&self) -> RpcErrorKind {
        match self.code {
            -32700 => RpcErrorKind::Parse,
            -32600 => RpcErrorKind::InvalidRequest,
            -32601 => RpcErrorKind::MethodNotFound,
            -32602 => RpcErrorKind::InvalidParams,
            -32603 => RpcErrorKind::Internal,
            -32099..=-32000 if self.data.as_ref().is_some_and(says_overloaded) => {
                RpcErrorKind::Overloaded
            }
            -32099..=-32000 => RpcErrorKind::Server,
            _ => RpcErrorKind::Other,
        }
    }
}

/// Whether `server_overloaded` is in it, however deep: servers differ in where they put it.
fn says_overloaded(data: &Value) -> bool {
    match data {
        Value::String(text) => {
            text.eq_ignore_ascii_case("server_overloaded") || text == "serverOverloaded"
        }
        Value::Array(values) => values.iter().any(says_overloaded),
        Value::Object(values) => values.values().any(says_overloaded),
        _ => false,
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            code,
            message,
            ..
        } = self;
        write!(f, "Codex refused {method}: {message} ({code})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(code: i64, data: &Value) -> RpcErrorKind {
        serde_json::from_value::<RpcError>(json!({"code": code, "data": data}))
            .unwrap()
            .kind()
    }

    #[test]
    fn each_code_has_its_kind() {
        assert_eq!(kind(-32700, &Value::Null), RpcErrorKind::Parse);
        assert_eq!(kind(-32600, &Value::Null), RpcErrorKind::InvalidRequest);
        assert_eq!(kind(-32601, &Value::Null), RpcErrorKind::MethodNotFound);
        assert_eq!(kind(-32602, &Value::Null), RpcErrorKind::InvalidParams);
        assert_eq!(kind(-32603, &Value::Null), RpcErrorKind::Internal);
        assert_eq!(kind(-32000, &Value::Null), RpcErrorKind::Server);
        assert_eq!(kind(-32100, &Value::Null), RpcErrorKind::Other);
        assert_eq!(kind(7, &Value::Null), RpcErrorKind::Other);
    }

    #[test]
    fn overload_is_found_wherever_it_is_said_and_only_in_server_errors() {
        let deep = json!({"details": [{"codex_error_info": "server_overloaded"}]});
        assert_eq!(
            kind(-32099, &json!("SERVER_OVERLOADED")),
            RpcErrorKind::Overloaded
        );
        assert_eq!(kind(-32001, &deep), RpcErrorKind::Overloaded);
        assert_eq!(
            kind(-32001, &json!({"codexErrorInfo": "other"})),
            RpcErrorKind::Server
        );
        assert_eq!(kind(-32603, &deep), RpcErrorKind::Internal);
    }
}
