//! Mach-O (`mach-o/loader.h`, `mach-o/fat.h`), for one CPU or for several.

mod head;
mod layout;
mod magic;
pub(super) mod origin;
pub(crate) mod platform;
mod signature;
mod slice;
#[cfg(test)]
pub(crate) mod testing;
mod universal;
mod version;

pub(super) use head::head;
#[cfg(test)]
pub(crate) use layout::SliceLayout;
pub(super) use magic::begins;
pub use platform::AppleSystem;
pub use signature::{PageHasher, PageHashes, Signature, SignatureFault};
pub use slice::{Dylib, MachOKind, MachOSlice};
pub use universal::MachO;
pub(super) use universal::read;
pub use version::AppleVersion;
