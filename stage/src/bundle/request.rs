use std::num::NonZeroUsize;

use crate::product::{Platform, Product, Selection};
use crate::version::ReleaseVersion;
use strict_archive::Limits;

/// What a caller knows of the RUNTIME before it is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    /// The layout of bundles, how large they may be, and the targets that there are.
    pub product: &'a Product,
    /// The release that the bundle must be of.
    pub version: &'a ReleaseVersion,
    /// The tags that it must be for, if the caller named some.
    pub selection: Option<&'a Selection<'a>>,
    /// Threads that hash.
    pub jobs: NonZeroUsize,
}

impl OpenRequest<'_> {
    /// Returns how much a RUNTIME may hold.
    pub(super) fn limits(&self) -> Limits {
        self.product.bundle.limits.into()
    }

    /// Returns the path of the first command's executable where no runtime says it.
    pub(super) fn default_entrypoint(&self, platform: &Platform) -> String {
        let suffix = &platform.executable.suffix;
        match &self.product.bundle.entrypoint {
            Some(entrypoint) => format!("{entrypoint}{suffix}"),
            // A product has at least one command.
            None => format!("bin/{}{suffix}", self.product.identity.commands[0]),
        }
    }

    /// Returns the targets that there are, for a message.
    pub(super) fn targets(&self) -> Vec<String> {
        self.product
            .platforms
            .iter()
            .map(|platform| platform.target.to_string())
            .collect()
    }
}
