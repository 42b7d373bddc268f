//! The product that is distributed: `stage.toml` and `platforms/`, read and checked.
//!
//! Maintainers write these files by hand, so an error names file, line and field. Everything is
//! checked in [`Product::load`], and not again after it.

mod cargo_bin;
mod checked;
mod definition;
mod environment;
mod names;
mod platform;
mod release;
mod selection;
mod size_limit;
mod stage_toml;
mod texts;

pub use cargo_bin::cargo_bin_name;
pub use checked::{Checked, Constraint, Unchecked};
pub(crate) use definition::embedded;
pub use definition::{Product, ProductError, ProductSource};
pub use environment::{LauncherVariable, PackageManager, Variable, VariableValue};
pub use names::*;
pub use platform::Platform;
pub use release::{ApiUrl, AssetName, AssetNames, DownloadUrl};
pub use selection::{Selection, SelectionError};
pub use size_limit::SizeLimit;
pub use stage_toml::{
    ArchiveLimits, BundleLayout, CrateText, Identity, LegacyContainer, LegacyLayout, NpmPlatforms,
    NpmText, ReleaseText, SizeLimits, WheelCommands, WheelText,
};
pub use texts::*;
