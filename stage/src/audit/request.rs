use std::num::NonZeroUsize;

use crate::product::Product;

/// What an audit needs to know.
#[derive(Clone, Copy, Debug)]
pub struct AuditRequest<'a> {
    /// Names, limits and platforms of the product that is released here. Packages of others are
    /// held against general rules only.
    pub product: &'a Product,
    /// Threads that read.
    pub jobs: NonZeroUsize,
}

impl AuditRequest<'_> {
    /// How much is read of one artifact.
    pub(super) fn limits(&self) -> strict_archive::Limits {
        self.product.bundle.limits.into()
    }
}
