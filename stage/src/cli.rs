//! The command line: types and help text, nothing else.
#![expect(
    missing_docs,
    reason = "doc comments here are the help text, and some fields need none"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::product::SizeLimit;

/// Package a native runtime that somebody has already built, and stage its releases.
#[derive(Debug, Parser)]
#[command(name = "stage", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub output: Output,

    #[command(subcommand)]
    pub command: Command,
}

/// How a command talks.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How results, warnings and errors are written: for people, as JSON (one object a line), or
    /// with warnings and errors as GitHub annotations
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub message_format: MessageFormat,

    /// Print results and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say what is being done, step by step
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// How results, warnings and errors are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    #[default]
    Text,
    Json,
    Github,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    StageRuntime(StageRuntime),
    GenerateTypes(GenerateTypes),
    Normalize(Normalize),
}

/// Turn a runtime into wheels, crates and npm packages in a staging directory
///
/// Run it once per platform, into one directory or into one each that are copied together. All or
/// nothing is staged: a failed or killed call leaves no artifact that looks finished.
#[derive(Debug, Args)]
pub struct StageRuntime {
    /// The directory that collects a release; created if it is not there
    pub staging_dir: PathBuf,

    /// The runtime: a package directory, a .tar.gz, .tar.zst or .zip of one, a published wheel or
    /// npm platform tarball, or a bare executable. Which one is told from the bytes
    pub runtime: PathBuf,

    /// The release: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_alias = "runtime-version", value_name = "TAG")]
    pub codex_version: String,

    /// A wheel platform tag, several joined by dots (one wheel for all of them), or a target triple
    /// (the tags listed for it); repeat it for a wheel each. All name one target [default: the tags
    /// listed for the runtime's target]
    #[arg(long, value_name = "TAG")]
    pub platform_tag: Vec<String>,

    /// What to make; repeat it for several [default: all]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Vec<Format>,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// If another runtime is staged for the target, start it again with this one
    #[arg(long)]
    pub replace: bool,

    /// The most bytes that the registry takes for a crate, such as 20MB or 10MiB; `none` for one
    /// crate a platform [default: that of stage.toml, 10MiB on crates.io]
    #[arg(long, value_name = "SIZE|none")]
    pub max_crate_size: Option<SizeLimit>,

    /// How much time to give for how much size; `best` is for releases
    #[arg(long, value_enum, default_value_t, value_name = "EFFORT")]
    pub compression: Compression,

    /// Threads that hash and compress [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Neither use nor fill the cache of compressed content
    #[arg(long)]
    pub no_cache: bool,
}

/// A kind of artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Python platform wheels
    Wheel,
    /// Rust crates
    Crate,
    /// npm packages
    Npm,
}

/// How much time to give for how much size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// Seconds less, a tenth larger
    Fast,
    /// A little smaller than what each ecosystem's own tool makes
    #[default]
    Default,
    /// Minutes more, several percent smaller
    Best,
}

/// Write the Rust types of a runtime's app-server protocol
///
/// One file: a type for all that a method takes or gives, and the methods by name, each tied to its
/// types. It needs `serde` and `serde_json`. What a newer runtime adds is kept, and never an error.
#[derive(Debug, Args)]
pub struct GenerateTypes {
    #[command(flatten)]
    pub schema: SchemaSource,

    /// The file to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Implement the traits of this module, such as `codex_app_server_sdk::protocol` [default: traits
    /// in the file itself]
    #[arg(long, value_name = "MODULE")]
    pub traits: Option<String>,
}

/// Where the schema is from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct SchemaSource {
    /// A runtime's entrypoint, which prints its schema
    #[arg(long, value_name = "PATH")]
    pub codex_bin: Option<PathBuf>,

    /// A directory that `codex app-server generate-json-schema --out DIR` wrote
    #[arg(long, value_name = "DIR")]
    pub schema_dir: Option<PathBuf>,
}

/// Print a release's version in every spelling
#[derive(Debug, Args)]
pub struct Normalize {
    /// A release tag, version or Python version
    pub tag: String,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}
