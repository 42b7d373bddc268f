//! Mach-O (`mach-o/loader.h`, `mach-o/fat.h`), for one CPU or for several.

mod head;
mod slice;
#[cfg(test)]
mod testing;
mod universal;

pub(super) use head::head;
pub use slice::{AppleVersion, Dylib, MachOKind, MachOSlice};
pub use universal::MachO;
pub(super) use universal::{begins, read};
