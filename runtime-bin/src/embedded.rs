//! What `stage` puts into a staged crate, and how the rest of the crate sees it.
//!
//! A staged crate is this source as it lies plus two generated files. `commands.rs` lists the commands of
//! the runtime; `payload.rs` names the payloads. They hold data and nothing else, so that the files that
//! nobody reviews are those in which nothing can go wrong:
//!
//! ```ignore
//! use crate::embedded::{Payload, Product};
//!
//! pub(crate) static PRODUCT: Product = Product {
//!     crate_name: "codex-cli-bin",
//!     version: "1.2.3",
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
