use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::address::BaseUrl;
use crate::base::digest::Digest;
use crate::product::{Platform, Product};
use crate::version::ReleaseVersion;

/// What to fetch, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// The product, which says where its releases are.
    pub product: &'a Product,
    /// The release.
    pub version: &'a ReleaseVersion,
    /// The platforms whose runtimes are wanted.
    pub platforms: &'a [&'a Platform],
    /// The replacement for scheme and host of every address.
    pub base: Option<&'a BaseUrl>,
    /// The number of simultaneous downloads.
    pub jobs: NonZeroUsize,
    /// The cache of downloads; `None` for no cache.
    pub cache: Option<&'a Path>,
    /// Whether to accept an asset for which the release has no digest.
    pub allow_unverified: bool,
    /// The number of retries after a try that made no progress.
    pub retries: u32,
    /// How long to wait for a server that sends nothing.
    pub silence: Duration,
}

/// Receives events, from several threads.
pub trait Events: Sync {
    /// Reports that an asset of this many bytes will be downloaded.
    fn size(&self, name: &str, bytes: u64);
    /// Reports how many bytes of an asset are downloaded.
    fn position(&self, name: &str, bytes: u64);
    /// Reports a wait or a retry.
    fn note(&self, text: &str);
    /// Reports something that the user should know.
    fn warning(&self, text: &str);
}

/// A file that was fetched.
#[derive(Debug)]
pub struct Fetched<'a> {
    /// Its platform.
    pub platform: &'a Platform,
    /// Its name as an asset of the release.
    pub name: String,
    /// Where it is now.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
    /// Which source gave this digest.
    pub verified_by: VerifiedBy,
    /// Where its bytes came from.
    pub origin: Origin,
}

/// Which source gave the digest of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifiedBy {
    /// The file of digests.
    Checksums,
    /// The forge's API.
    Api,
    /// Both of them.
    Both,
    /// None: the asset was not verified.
    Unverified,
}

/// Where the bytes of a file came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The file was already present.
    Present,
    /// From the cache of downloads.
    Cache,
    /// They were downloaded by this call.
    Download,
}
