//! A client of the Codex app-server that brings its own Codex.

pub mod protocol;
