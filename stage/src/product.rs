//! The product that is distributed: `stage.toml` and `platforms/`, read and checked.
//!
//! Maintainers write these files by hand, so an error names file, line and field. Everything is
//! checked in [`Product::load`], and not again after it.

mod author;
mod cargo_bin;
mod check;
mod checked;
mod defaults;
mod definition;
mod document;
mod environment;
mod error;
pub mod known_targets;
mod load;
mod mistake;
mod names;
mod origin;
mod platform;
mod python_names;
mod release;
mod schema;
mod selection;
mod size_limit;
mod source;
mod stage_toml;
mod texts;

pub use author::{Author, AuthorParts};
pub use cargo_bin::cargo_bin_name;
pub use checked::{Checked, Constraint, Unchecked};
pub use definition::Product;
pub(crate) use document::literal as toml_literal;
pub use environment::{LauncherVariable, PackageManager, Variable, VariableValue};
pub use error::ProductError;
pub use mistake::Mistake;
pub use names::*;
pub use platform::{Libc, Platform};
pub(crate) use python_names::taken as taken_in_python;
pub use release::{ApiUrl, AssetName, AssetNames, AssetValues, DownloadUrl};
pub use schema::ProductFileKind;
pub use selection::{Selection, SelectionError};
pub use size_limit::SizeLimit;
pub(crate) use source::{MOST_TEXT, embedded};
pub use source::{ProductSource, texts_in};
pub use stage_toml::{
    ArchiveLimits, BundleLayout, CrateText, Identity, LegacyContainer, LegacyLayout, NpmPlatforms,
    NpmText, PackageFormat, ReleaseText, SizeLimits, WheelCommands, WheelText,
};
pub use texts::*;
