//! The command line: types and help text, nothing else.
#![expect(
    missing_docs,
    reason = "doc comments here are the help text, and some fields need none"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::fetch::address::BaseUrl;
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
    Fetch(Fetch),
    Matrix(Matrix),
    Assemble(Assemble),
    Verify(Verify),
    StageSdk(StageSdk),
    GenerateTypes(GenerateTypes),
    Normalize(Normalize),
    Completions(Completions),
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
    /// npm platform tarball, or a bare executable. Which one is told from the bytes. Without it, that
    /// of the platform that --platform-tag names is downloaded, as `stage fetch` does
    #[arg(conflicts_with_all = ["base_url", "allow_unverified", "retries", "timeout"])]
    pub runtime: Option<PathBuf>,

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

    /// Let findings of this code stand, which `stage verify` has against what is staged; the
    /// manifest records them. Repeat it for several
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,

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

    /// Neither use nor fill the caches of compressed content and of downloads
    #[arg(long)]
    pub no_cache: bool,

    #[command(flatten)]
    pub download: Download,
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

/// Download the runtimes of a release, and verify them
///
/// The release API and the release's own file of digests say what is right. A file appears in DIR
/// when it is verified. A download that was cut off is resumed, by the next call too.
#[derive(Debug, Args)]
pub struct Fetch {
    /// The release: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_alias = "runtime-version", value_name = "TAG")]
    pub codex_version: String,

    /// The directory that gets the files; created if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// A platform, by a wheel platform tag or a target triple; repeat it for several [default: all]
    #[arg(long, value_name = "TAG|TARGET")]
    pub platform_tag: Vec<String>,

    #[command(flatten)]
    pub download: Download,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Downloads at once
    #[arg(long, value_name = "N", default_value = "4")]
    pub jobs: NonZeroUsize,

    /// Neither use nor fill the cache of downloads
    #[arg(long)]
    pub no_cache: bool,
}

/// How a runtime is downloaded.
#[derive(Debug, Args)]
#[command(next_help_heading = "Download")]
pub struct Download {
    /// A mirror: takes the place of scheme and host in the addresses of stage.toml
    #[arg(long, value_name = "URL")]
    pub base_url: Option<BaseUrl>,

    /// Take an asset of which the release says no digest
    #[arg(long)]
    pub allow_unverified: bool,

    /// How often to try again what may work later, each time that nothing came
    #[arg(long, value_name = "N", default_value = "5")]
    pub retries: u32,

    /// How long a server may be silent
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub timeout: u64,
}

/// Print the jobs that stage a release, for `fromJson` in GitHub Actions
///
/// One line of JSON, in every message format: `{"include": [{"target": …, "runner": …,
/// "platform-tags": […], "asset": …, "artifact": …}]}`, one object a target.
#[derive(Debug, Args)]
pub struct Matrix {
    /// The release: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_alias = "runtime-version", value_name = "TAG")]
    pub codex_version: String,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}

/// Make a release of a staging directory, if nothing in it is missing, wrong or too much
///
/// Every artifact is read and compared with its manifest, and the runtime in it with those in the
/// other formats. All that is wrong is listed. What is whole gets its facade crate and npm root
/// package anew, and at last release.json and SHA256SUMS, by which it is told from one that is not.
#[derive(Debug, Args)]
pub struct Assemble {
    /// The directory that the platforms were staged into, or copied together in
    pub staging_dir: PathBuf,

    /// A target that has to be there; repeat it for several [default: every one of platforms/]
    #[arg(long, value_name = "TARGET")]
    pub require: Vec<String>,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Threads that read and hash [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// Hold packages against what their bytes say
///
/// Reads wheels, npm tarballs, crates, runtimes and staging directories, of any platform on any
/// machine, and executes nothing of them. Fails if there is an error that is not allowed.
#[derive(Debug, Args)]
pub struct Verify {
    /// Wheels, npm tarballs, crates (directories or .crate files), runtimes as upstream publishes
    /// them, staging directories, or the release.json of a whole set, every file of which is compared
    /// with it
    #[arg(value_name = "PATH", required_unless_present = "explain")]
    pub paths: Vec<PathBuf>,

    /// Let findings of this code stand; they are shown all the same. Repeat it for several
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,

    /// Print what a finding's code means, and what to do about it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "allow"])]
    pub explain: Option<String>,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Threads that read [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// Write the Rust types of a runtime's app-server protocol
///
/// One file: a type for all that a method takes or gives, and the methods by name, each tied to its
/// types. It needs `serde` and `serde_json`. What a newer runtime adds is kept, and never an error.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("one schema").required(true).args(["codex_bin", "schema_dir"])))]
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

/// Pin an SDK to a runtime, ready to be published
///
/// Without --sdk-source it is the Rust SDK that is built in. Of another one, the version and the
/// requirement of the runtime are replaced, and nothing else.
#[derive(Debug, Args)]
pub struct StageSdk {
    /// The directory that collects a release; created if it is not there
    pub staging_dir: PathBuf,

    /// The runtime that the SDK requires: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_alias = "codex-version", value_name = "TAG")]
    pub runtime_version: String,

    /// The SDK's own version, as its registry spells it [default: the runtime's]
    #[arg(long, value_name = "VERSION")]
    pub sdk_version: Option<String>,

    /// The source of another SDK: a Cargo package, or a Python project with a pyproject.toml
    #[arg(long, value_name = "DIR")]
    pub sdk_source: Option<PathBuf>,

    /// Add types that are generated from a schema, of the same runtime
    #[command(flatten)]
    pub schema: Option<SchemaSource>,

    /// A folder with another product's stage.toml and platforms/
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}

/// Where the schema is from.
#[derive(Debug, Args)]
#[group(multiple = false)]
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

/// Print the script by which a shell completes the options and commands of `stage`
///
/// For bash, add this line to ~/.bashrc: `source <(stage completions bash)`. Other shells read the
/// script from a file; their manuals say from where.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that reads the script
    #[arg(value_enum)]
    pub shell: Shell,
}
