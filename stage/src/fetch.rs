//! `stage fetch`: downloads and verifies the runtimes of a release.
//!
//! Two sources say what a release contains: the forge's API, and a file of digests among the assets
//! of the release. Where both have a digest, the two must agree. An asset without a digest is
//! accepted only on request. A mirror that has only the downloads answers 404 for the API; the file
//! of digests is then the only source.
//!
//! A file streams into the cache of downloads, under a name that marks it as incomplete, and is
//! hashed on the way. When it has the right digest it is renamed to that digest. From there it is
//! copied to its destination. The copy reads and hashes it once more, so a file that was damaged in
//! the cache is downloaded again. Without the cache, or without a digest to name it by, a file
//! streams into a private directory and is renamed from there.

pub mod address;
mod checksums;
mod error;
mod fetcher;
mod http;
mod listing;
mod pace;
mod partial;
mod place;
mod plan;
mod proxies;
mod published;
mod request;
mod retry;
mod token;
mod transfer;

pub use error::{FetchError, FetchFault};
pub use fetcher::fetch;
pub use published::{Published, PublishedFile, Reach, ReleaseUrl};
pub use request::{Events, Fetched, Origin, Request, VerifiedBy};
