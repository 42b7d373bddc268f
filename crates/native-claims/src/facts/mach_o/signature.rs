//! Whether the signature of a Mach-O file is about its bytes.
//!
//! macOS kills a program on Apple silicon when a page of it is not the one that was signed. This
//! checks what the kernel and `codesign --verify --strict` check of the bytes: that the signature is
//! where it has to be, covers all that comes before it, and has the hash of each page, and of its
//! requirements and entitlements. Where an ad hoc signature is enough, that is all there is.
//!
//! Not checked: who signed it (certificates, notarization), constraints on the launch (slots 8 to
//! 11), and what lies in other files (the resources and the property list of an application's
//! directory).

mod check;
mod directory;
mod hash;
mod pages;
mod plan;
mod reader;
mod state;
mod superblob;
#[cfg(test)]
mod tests;

pub(super) use check::check;
pub use pages::{PageHasher, PageHashes};
pub use state::{Signature, SignatureFault};
