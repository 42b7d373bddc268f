//! The traits of the methods: those of the generated file, or of another module.

use syn::Path;
use syn::parse::Parser as _;

use crate::error::Error;

/// The traits that tie a method to its types.
#[derive(Clone, Default)]
pub enum Traits {
    /// The file has its own.
    #[default]
    Own,
    /// Those of a module, by its path from the crate's root or that of a dependency.
    At(Path),
}

impl Traits {
    /// Those of a module, such as `codex_app_server_sdk::protocol`.
    pub fn at(path: &str) -> Result<Self, Error> {
        match Path::parse_mod_style.parse_str(path) {
            Ok(path) => Ok(Self::At(path)),
            Err(source) => Err(Error::NotAPath {
                path: path.to_owned(),
                source,
            }),
        }
    }
}
