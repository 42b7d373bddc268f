//! `stage fetch`: the runtimes of a release, downloaded and verified.
//!
//! What the release has is known from two sources, the forge's API and a file of digests that the
//! release has among its assets. Where both say a digest they must agree, and an asset without any
//! is taken only on demand. A mirror of the downloads alone has no API: it answers 404 there, and
//! the file of digests is what remains.
//!
//! A file streams into the cache of downloads, under a name that says that it is incomplete, and is
//! hashed on the way. When it has the right digest it is renamed to that digest. From there it is
//! copied to where it is wanted, which reads and hashes it once more: what has been damaged in the
//! cache is downloaded again. Without the cache, or without a digest to name it by, it streams into
//! a private directory and is renamed from there.

pub mod address;
mod checksums;
mod error;
mod fetcher;
mod http;
mod listing;
mod partial;
mod plan;
mod request;
mod retry;
mod token;
mod transfer;

pub use error::{Error, Fault};
pub use fetcher::fetch;
pub use request::{Events, Fetched, Origin, Request, VerifiedBy};
