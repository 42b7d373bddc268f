use std::num::NonZeroUsize;
use std::path::Path;

use crate::product::{Platform, Product};

/// What is asked of a staging directory.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// The staging directory.
    pub root: &'a Path,
    /// What is released.
    pub product: &'a Product,
    /// The targets without which it is no release.
    pub required: &'a [&'a Platform],
    /// Threads that read.
    pub jobs: NonZeroUsize,
}
