//! Where the private files of a command lie in a staging directory.

/// The name of the private directory. Nothing of it outlives the command.
pub(super) const PRIVATE: &str = ".stage";

/// In it, whatever is being made.
pub(super) const SCRATCH: &str = "scratch";

/// The name of the lock's file.
pub const LOCK: &str = "lock";

/// What the command that holds the lock has in the directory, as the beginning of a path.
pub const OWN: [&str; 2] = [".stage/lock", ".stage/scratch/"];
