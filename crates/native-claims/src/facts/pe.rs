//! PE (Microsoft's "PE Format"), PE32 and PE32+.

mod headers;
mod imports;
#[cfg(test)]
mod testing;

pub use headers::{Pe, WindowsVersion};
pub(super) use headers::{head, origin, read};
