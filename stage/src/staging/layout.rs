//! The paths of a command's private files inside a staging directory.

/// The name of the private directory. It is removed when the command ends.
pub(super) const PRIVATE: &str = ".stage";

/// The name of the directory in it for unfinished files.
pub(super) const SCRATCH: &str = "scratch";

/// The name of the lock file in it.
pub const LOCK: &str = "lock";

/// The beginnings of the paths of all private files of the command that holds the lock.
pub const OWN: [&str; 2] = [".stage/lock", ".stage/scratch/"];
