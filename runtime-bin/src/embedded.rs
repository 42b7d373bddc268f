//! What `stage` puts into a staged crate, and how the rest of the crate sees it.
//!
//! A staged crate is this source as it lies plus one generated file, `payload.rs`. It holds data and
//! nothing else, so that the file that nobody reviews is the one in which nothing can go wrong:
//!
//! ```ignore
//! use crate::embedded::{Payload, Product};
//!
//! pub(crate) static PRODUCT: Product = Product {
//!     crate_name: "codex-cli-bin",
//!     version: "0.163.0",
//!     path_env: "CODEX_CLI_BIN_PATH",
//!     cache_dir_env: "CODEX_CLI_BIN_CACHE_DIR",
//!     metadata_file: "codex-package.json",
//!     version_field: "version",
//!     entrypoint_field: "entrypoint",
//!     path_dir_field: "pathDir",
//!     staged_targets: &["aarch64-apple-darwin", "x86_64-unknown-linux-musl"],
//! };
//!
//! #[cfg(all(target_os = "macos", target_arch = "aarch64"))]
//! pub(crate) static PAYLOAD: Option<Payload> = Some(Payload {
//!     manifest: codex_cli_bin_aarch64_apple_darwin::manifest,
//!     #[cfg(feature = "embed")]
//!     part: codex_cli_bin_aarch64_apple_darwin::part,
//!     #[cfg(not(feature = "embed"))]
//!     path: codex_cli_bin_aarch64_apple_darwin::path,
//! });
//!
//! #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
//! pub(crate) static PAYLOAD: Option<Payload> = Some(Payload {
//!     manifest: codex_cli_bin_x86_64_unknown_linux_musl::manifest,
//!     #[cfg(feature = "embed")]
//!     part: codex_cli_bin_x86_64_unknown_linux_musl::part,
//!     #[cfg(not(feature = "embed"))]
//!     path: codex_cli_bin_x86_64_unknown_linux_musl::path,
//! });
//!
//! #[cfg(not(any(
//!     all(target_os = "macos", target_arch = "aarch64"),
//!     all(target_os = "linux", target_arch = "x86_64"),
//! )))]
//! pub(crate) static PAYLOAD: Option<Payload> = None;
//! ```
//!
//! The payload is reached through functions, not through another crate's `static`s: those cannot be
//! named in a constant, and a `const` would be copied into every crate that mentions it.

use std::sync::OnceLock;

use crate::error::Error;
use crate::manifest::Bundle;
use crate::part::Part;

/// The names of the product. They are data: the same source serves another product.
#[derive(Debug)]
pub(crate) struct Product {
    /// The crate's name, which is also that of its directory in a cache.
    pub(crate) crate_name: &'static str,
    /// The version of the runtime that was staged.
    pub(crate) version: &'static str,
    /// The environment variable that names a runtime of the user's own.
    pub(crate) path_env: &'static str,
    /// The environment variable that moves the cache.
    pub(crate) cache_dir_env: &'static str,
    /// The file at the root of a package directory that describes it.
    pub(crate) metadata_file: &'static str,
    /// Its field for the version.
    pub(crate) version_field: &'static str,
    /// Its field for the path of the executable.
    pub(crate) entrypoint_field: &'static str,
    /// Its field for the directory that goes in front of `PATH`.
    pub(crate) path_dir_field: &'static str,
    /// The targets for which a runtime was staged.
    pub(crate) staged_targets: &'static [&'static str],
}

/// What a platform crate exports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payload {
    /// The payload manifest, see `manifest.rs`.
    pub(crate) manifest: fn() -> &'static str,
    /// The parts in order from 0; `None` past the last.
    #[cfg(feature = "embed")]
    pub(crate) part: fn(usize) -> Option<&'static [u8]>,
    /// The files of the parts in order from 0; `None` past the last.
    #[cfg(not(feature = "embed"))]
    pub(crate) path: fn(usize) -> Option<&'static str>,
}

impl Payload {
    fn parts(&self) -> Vec<Part> {
        #[cfg(feature = "embed")]
        let parts = (0..).map_while(self.part).map(Part::Memory);
        #[cfg(not(feature = "embed"))]
        let parts = (0..)
            .map_while(self.path)
            .map(|path| Part::File(path.as_ref()));
        parts.collect()
    }
}

/// A payload whose manifest has been read.
#[derive(Debug)]
pub(crate) struct Embedded {
    pub(crate) bundle: Bundle<'static>,
    pub(crate) parts: Vec<Part>,
}

impl Embedded {
    /// Reads the manifest as far as the files. No byte of a part is touched.
    pub(crate) fn read(manifest: &'static str, parts: Vec<Part>) -> Result<Self, Error> {
        let bundle = Bundle::parse(manifest).map_err(Error::Payload)?;
        Ok(Self { bundle, parts })
    }

    /// The payload of this build, read once per process.
    pub(crate) fn of_this_build() -> Result<Option<&'static Self>, Error> {
        static EMBEDDED: OnceLock<Embedded> = OnceLock::new();
        let Some(payload) = &crate::payload::PAYLOAD else {
            return Ok(None);
        };
        if let Some(embedded) = EMBEDDED.get() {
            return Ok(Some(embedded));
        }
        let embedded = Self::read((payload.manifest)(), payload.parts())?;
        if embedded.bundle.version != crate::payload::PRODUCT.version {
            return Err(Error::Payload(format!(
                "its manifest is of version {}, the crate of {}",
                embedded.bundle.version,
                crate::payload::PRODUCT.version
            )));
        }
        Ok(Some(EMBEDDED.get_or_init(|| embedded)))
    }
}

/// The target triple of this build, as near as `cfg` tells.
pub(crate) fn target() -> String {
    let arch = std::env::consts::ARCH;
    let env = if cfg!(target_env = "musl") {
        "musl"
    } else if cfg!(target_env = "msvc") {
        "msvc"
    } else {
        "gnu"
    };
    match std::env::consts::OS {
        "linux" => format!("{arch}-unknown-linux-{env}"),
        "macos" => format!("{arch}-apple-darwin"),
        "windows" => format!("{arch}-pc-windows-{env}"),
        os => format!("{arch}-unknown-{os}"),
    }
}
