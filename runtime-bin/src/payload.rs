//! What this build carries: nothing. `stage` replaces this file when it stages the crate; the form
//! of a staged one is shown in `embedded.rs`.

use crate::embedded::{Payload, Product};

pub(crate) static PRODUCT: Product = Product {
    crate_name: "codex-cli-bin",
    version: "0.0.0",
    path_env: "CODEX_CLI_BIN_PATH",
    cache_dir_env: "CODEX_CLI_BIN_CACHE_DIR",
    metadata_file: "codex-package.json",
    version_field: "version",
    entrypoint_field: "entrypoint",
    path_dir_field: "pathDir",
    staged_targets: &[],
};

pub(crate) static PAYLOAD: Option<Payload> = None;
