//! Names that the schema of the protocol uses: its file, and the definitions that list the methods.

/// The file that holds all schemas of version 2 of the protocol, and what is left of version 1. The
/// file for version 2 alone lacks the requests that the server sends.
pub const FILE: &str = "codex_app_server_protocol.schemas.json";

pub const CLIENT_REQUESTS: &str = "ClientRequest";
pub const CLIENT_NOTIFICATIONS: &str = "ClientNotification";
pub const SERVER_REQUESTS: &str = "ServerRequest";
pub const SERVER_NOTIFICATIONS: &str = "ServerNotification";

/// The definitions that list methods.
pub const LISTS: [&str; 4] = [
    CLIENT_REQUESTS,
    CLIENT_NOTIFICATIONS,
    SERVER_REQUESTS,
    SERVER_NOTIFICATIONS,
];
