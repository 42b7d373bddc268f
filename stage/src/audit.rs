//! What the bytes say, against what a package claims.
//!
//! Releases break because a package claims what its bytes cannot keep: a C library that it does
//! not have, a system older than its code allows, an architecture under another's name. No
//! registry looks, and the first to notice is a user. So the executables and libraries of a
//! package are read here, on any host and without running them:
//!
//! - [`facts`] reads one file and says what it is and what it needs, never what that means.

pub mod facts;
