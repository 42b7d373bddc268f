//! Which platform tags a package can honestly bear, and why not another one.
//!
//! A tag promises that everything in the package runs on a system that is no newer, and has no
//! more libraries, than it says. One file decides for all: a helper that needs glibc 2.28 makes a
//! package of static programs unfit for `manylinux_2_17`, and for every `musllinux`, and the user
//! notices when the helper is called for the first time.
//!
//! So each executable and each library is checked against the tag by itself: its C library and the
//! versions of symbols that it needs (manylinux: PEP 600; musllinux: PEP 656), the system that it
//! was built for, and the libraries that it needs, save those that the package itself carries
//! where a loader looks.
//!
//! Code for another system or CPU than the tag's is no broken promise: packages carry programs
//! for others on purpose. It is noted, and it is a reason where nothing else is there or where it
//! is the entrypoint.
//!
//! What cannot be told from the bytes is not claimed either way: system calls, and the version of
//! musl, whose symbols have none, but for the functions that musl 1.1 lacks.

mod android;
mod carried;
mod check;
mod file;
mod linux;
mod load;
mod loader;
mod macos;
mod manylinux;
mod reason;
mod scope;
mod single;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod windows;

pub use check::{Claims, allowed};
pub use load::{LoadFault, load_fault, needs_small_pages};
pub use loader::{LoaderFault, LoaderFaultKind, is_other_abi, loader_fault};
pub use reason::{Note, Reason};
pub use single::single;
pub use verdict::Verdict;
