//! The library behind the `stage` command.
