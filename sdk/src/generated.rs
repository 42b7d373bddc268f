//! Types of the whole protocol, where an SDK is staged with the schema of its runtime.
//!
//! In this repository, and in an SDK that was staged without one, there are none: the high-level API
//! does not need them. `stage stage-sdk --codex-bin PATH` puts generated ones here.
