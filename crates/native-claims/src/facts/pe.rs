//! PE (Microsoft's "PE Format"), PE32 and PE32+.

mod headers;
mod imports;
#[cfg(test)]
mod testing;

pub(super) use headers::read;
pub use headers::{Pe, WindowsVersion};
