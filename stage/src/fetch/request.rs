use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::address::BaseUrl;
use crate::base::digest::Digest;
use crate::product::{Platform, Product};
use crate::version::ReleaseVersion;

/// What is to be fetched, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// Says where releases are.
    pub product: &'a Product,
    /// The release.
    pub version: &'a ReleaseVersion,
    /// The platforms whose runtimes are wanted.
    pub platforms: &'a [&'a Platform],
    /// What takes the place of scheme and host of every address.
    pub base: Option<&'a BaseUrl>,
    /// Downloads at once.
    pub jobs: NonZeroUsize,
    /// The cache of downloads, if there is to be one.
    pub cache: Option<&'a Path>,
    /// Whether an asset is taken of which the release says no digest.
    pub allow_unverified: bool,
    /// Tries after one that brought nothing.
    pub retries: u32,
    /// How long a server may be silent.
    pub silence: Duration,
}

/// Is told what happens, from several threads.
pub trait Events: Sync {
    /// An asset of this many bytes is going to be downloaded.
    fn size(&self, name: &str, bytes: u64);
    /// So many bytes of an asset are there.
    fn position(&self, name: &str, bytes: u64);
    /// Something is waited for, or done again.
    fn note(&self, text: &str);
    /// Something that the user should know.
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
    /// Who says that this is the right digest.
    pub verified_by: VerifiedBy,
    /// Where its bytes come from.
    pub origin: Origin,
}

/// Who says which digest an asset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifiedBy {
    /// The file of digests.
    Checksums,
    /// The forge's API.
    Api,
    /// The two of them.
    Both,
    /// Nobody.
    Unverified,
}

/// Where the bytes of a file come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// They were there.
    Present,
    /// From the cache of downloads.
    Cache,
    /// They were downloaded.
    Download,
}
