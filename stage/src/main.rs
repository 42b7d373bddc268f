//! The `stage` command.
fn main() {}
