use std::num::NonZeroUsize;
use std::path::Path;

use crate::product::{Platform, Product};

/// A staging directory, and what it must have to become a release.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The staging directory.
    pub root: &'a Path,
    /// What is released.
    pub product: &'a Product,
    /// The targets that must be present.
    pub required: &'a [&'a Platform],
    /// The number of threads that read.
    pub jobs: NonZeroUsize,
}
