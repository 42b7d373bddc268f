use std::path::Path;
use std::time::Duration;

use crate::bundle::Bundle;
use crate::compress::Compressed;
use crate::contents::Contents;
use crate::product::{Platform, Product};
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, Effort};
use crate::version::ReleaseVersion;

/// The input of every packager.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Names and texts.
    pub product: &'a Product,
    /// The version of the runtime, and of every artifact.
    pub version: &'a ReleaseVersion,
    /// The target of the bundle.
    pub platform: &'a Platform,
    /// The runtime.
    pub bundle: &'a Bundle,
    /// The contents of the bundle, for the audit of the artifacts.
    pub contents: &'a Contents,
    /// The compressed content of the bundle's files.
    pub compressed: &'a Compressed,
    /// How hard the content was compressed.
    pub effort: Effort,
    /// The time of every entry that records a time.
    pub timestamp: Timestamp,
    /// The directory to write artifacts below, at their paths in a staging directory.
    pub out: &'a Path,
}

/// An artifact that was made, and figures about it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The artifact.
    pub artifact: Artifact,
    /// Bytes of the runtime that it carries.
    pub content_size: u64,
    /// The time that it took, without the compression, which artifacts share.
    pub elapsed: Duration,
}
