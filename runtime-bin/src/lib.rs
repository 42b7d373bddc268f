//! The Codex CLI runtime, embedded in your program and located when it runs.
