use std::path::Path;
use std::time::Duration;

use crate::bundle::Bundle;
use crate::compress::Compressed;
use crate::contents::Contents;
use crate::product::{Platform, Product};
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, Effort};
use crate::version::ReleaseVersion;

/// What every packager works from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Names and texts.
    pub product: &'a Product,
    /// The version of the runtime, and of every artifact.
    pub version: ReleaseVersion,
    /// The target of the bundle.
    pub platform: &'a Platform,
    /// The runtime.
    pub bundle: &'a Bundle,
    /// What is in the bundle, as the audit of the artifacts sees it.
    pub contents: &'a Contents,
    /// The content of the bundle's files.
    pub compressed: &'a Compressed,
    /// How hard the content was compressed.
    pub effort: Effort,
    /// The time of every entry that has one.
    pub timestamp: Timestamp,
    /// Where the artifact is written, at its path in a staging directory.
    pub out: &'a Path,
}

/// An artifact that was made, and what it took.
#[derive(Clone, Debug)]
pub struct Made {
    /// The artifact.
    pub artifact: Artifact,
    /// Bytes of the runtime that it carries.
    pub content_size: u64,
    /// The time that it took, without the compression that artifacts share.
    pub elapsed: Duration,
}
