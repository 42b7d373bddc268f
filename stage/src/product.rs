//! What is distributed: `stage.toml` and `platforms/`, read and checked.
//!
//! A mistake in these files is the maintainer's who wrote them, so an error names file, line and
//! field. After [`Product::load`] nothing is checked again.

mod checked;
mod definition;
mod names;
mod platform;
mod release;
mod selection;
mod size_limit;
mod stage_toml;
mod texts;

pub use checked::{Checked, Rule, Unchecked};
pub(crate) use definition::embedded;
pub use definition::{Error, Product, Source};
pub use names::*;
pub use platform::Platform;
pub use release::{ApiUrl, AssetName, AssetNames, DownloadUrl};
pub use selection::{Selection, SelectionError};
pub use size_limit::SizeLimit;
pub use stage_toml::{
    ArchiveLimits, BundleLayout, CrateText, Identity, LegacyContainer, LegacyLayout, NpmText,
    ReleaseText, SizeLimits, WheelText,
};
pub use texts::*;
