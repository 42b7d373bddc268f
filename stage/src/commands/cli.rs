//! The command line: only types and help text.
#![expect(
    missing_docs,
    reason = "doc comments here are the help text, and some fields need none"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::fetch::ReleaseUrl;
use crate::fetch::address::BaseUrl;
use crate::product::{LicenseExpression, ProductName, SizeLimit, WebUrl};

/// Package a prebuilt native runtime as wheels, npm packages and crates, and verify its releases.
#[derive(Debug, Parser)]
#[command(name = "stage", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub output: Output,

    #[command(subcommand)]
    pub command: Command,
}

/// How a command reports.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// How to write results, warnings and errors: as text for people, as JSON (one object per
    /// line), or as text with warnings and errors as GitHub annotations
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub message_format: MessageFormat,

    /// Print only results and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print each step as it happens
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The form of results, warnings and errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    #[default]
    Text,
    Json,
    Github,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Init(Init),
    StageRuntime(StageRuntime),
    Fetch(Fetch),
    Matrix(Matrix),
    Assemble(Assemble),
    Verify(Verify),
    StageSdk(StageSdk),
    GenerateTypes(GenerateTypes),
    Normalize(Normalize),
    Schema(Schema),
    Completions(Completions),
}

/// Make a product of the archives of a release: write its stage.toml
///
/// Takes from the archives what they say: targets from the bytes of the programs, commands, licence,
/// and the pattern of their names. Writes a stage.toml with nothing but that, and prints what it took
/// from where, what it could not know, and the commands that come next. Nothing is overwritten. On a
/// terminal it asks for what nothing says.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder with the archives, which becomes the product's; with --from, it is created if it
    /// does not exist [default: .]
    pub dir: Option<PathBuf>,

    /// Take the archives of this release: the page of a repository or of a release on GitHub, or an
    /// address at the API of a forge, …/repos/OWNER/NAME/releases/tags/TAG. The digests that the API
    /// has are checked
    #[arg(long, value_name = "URL")]
    pub from: Option<ReleaseUrl>,

    /// Write nothing. Open each archive with the stage.toml of the folder, and say what is wrong:
    /// archives that do not fit, targets without an archive
    #[arg(long, conflicts_with_all = ["name", "license", "repository"])]
    pub check: bool,

    /// The product's name [default: that of the repository, or what the names of the archives begin
    /// with]
    #[arg(long, value_name = "NAME")]
    pub name: Option<ProductName>,

    /// The licence, as an SPDX expression [default: by the texts of licence files, or from a manifest]
    #[arg(long, value_name = "SPDX")]
    pub license: Option<LicenseExpression>,

    /// The address of the source [default: that of the release, or from a manifest or git]
    #[arg(long, value_name = "URL")]
    pub repository: Option<WebUrl>,

    /// The tag of the release that the archives are of [default: that of --from, or the version in
    /// their names]
    #[arg(long, value_name = "TAG")]
    pub release_tag: Option<String>,

    /// How often to retry after a temporary failure; progress resets the count
    #[arg(long, value_name = "N", default_value = "5", help_heading = "Download")]
    pub retries: u32,

    /// How long to wait for a server that sends nothing, or less than 1 KiB a second
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "30",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        help_heading = "Download"
    )]
    pub timeout: u64,

    /// Do not read or write the cache of downloads
    #[arg(long, help_heading = "Download")]
    pub no_cache: bool,
}

/// Turn a runtime into wheels, crates and npm packages in a staging directory
///
/// Run it once per platform. All platforms can share one directory, or each can have its own and be
/// copied into one later. A call stages everything or nothing: if it fails or is killed, it leaves
/// no artifact that looks finished.
#[derive(Debug, Args)]
pub struct StageRuntime {
    /// The directory that collects a release; created if it does not exist
    pub staging_dir: PathBuf,

    /// The runtime: a package directory, a .tar.gz, .tar.xz, .tar.zst or .zip archive of one, a published
    /// wheel or npm platform tarball, or a bare executable. The kind is detected from the bytes.
    /// Without it, the runtime of the platform in --platform-tag is downloaded, as by `stage fetch`
    #[arg(conflicts_with_all = ["base_url", "allow_unverified", "retries", "timeout"])]
    pub runtime: Option<PathBuf>,

    /// The release, as a tag or version: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_aliases = ["codex-version", "runtime-version"], value_name = "TAG")]
    pub release_tag: String,

    /// Package the same release again, as a repair of packages that are published: the wheel is
    /// version `.postN`, and npm packages and crates get a version that is newer too. 0 is the first
    /// packaging of a release in a series with revisions. docs/versions.md has the rules
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=999))]
    pub revision: Option<u16>,

    /// A wheel platform tag, several tags joined by dots (one wheel for all of them), or a target
    /// triple (the tags listed for it). Repeat it for more wheels. All values must belong to one
    /// target [default: the tags listed for the runtime's target]
    #[arg(long, value_name = "TAG")]
    pub platform_tag: Vec<String>,

    /// The kind of artifact to make; repeat it for several [default: all]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Vec<Format>,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Accept findings with this code, which `stage verify` reports for the staged artifacts; the
    /// manifest records them. Repeat it for several
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,

    /// If another runtime is staged for the target, discard it and start again with this one
    #[arg(long)]
    pub replace: bool,

    /// The largest crate that the registry accepts, such as 20MB or 10MiB; `none` makes one crate
    /// per platform [default: the value in stage.toml, 10MiB for crates.io]
    #[arg(long, value_name = "SIZE|none")]
    pub max_crate_size: Option<SizeLimit>,

    /// How much time to spend on smaller artifacts; use `best` for releases
    #[arg(long, value_enum, default_value_t, value_name = "EFFORT")]
    pub compression: Compression,

    /// Number of threads that hash and compress [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Do not read or write the caches of compressed content and of downloads
    #[arg(long)]
    pub no_cache: bool,

    #[command(flatten)]
    pub download: Download,
}

impl StageRuntime {
    /// Returns the kinds of artifacts to make.
    pub fn formats(&self) -> &[Format] {
        match &*self.format {
            [] => Format::value_variants(),
            formats => formats,
        }
    }
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

/// How much time to spend on smaller artifacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// Seconds faster, artifacts a tenth larger
    Fast,
    /// Artifacts a little smaller than those of each ecosystem's own tool
    #[default]
    Default,
    /// Minutes slower, artifacts several percent smaller
    Best,
}

/// Download and verify the runtimes of a release
///
/// Every file must have the digest that the release API and the release's own file of digests give.
/// A file appears in DIR only after it is verified. An interrupted download is resumed, by the same
/// call or by the next one.
#[derive(Debug, Args)]
pub struct Fetch {
    /// The release, as a tag or version: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_aliases = ["codex-version", "runtime-version"], value_name = "TAG")]
    pub release_tag: String,

    /// The directory for the files; created if it does not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// A platform, as a wheel platform tag or a target triple; repeat it for several [default: all]
    #[arg(long, value_name = "TAG|TARGET")]
    pub platform_tag: Vec<String>,

    #[command(flatten)]
    pub download: Download,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Number of simultaneous downloads
    #[arg(long, value_name = "N", default_value = "4")]
    pub jobs: NonZeroUsize,

    /// Do not read or write the cache of downloads
    #[arg(long)]
    pub no_cache: bool,
}

/// How a runtime is downloaded.
#[derive(Debug, Args)]
#[command(next_help_heading = "Download")]
pub struct Download {
    /// A mirror: replaces scheme and host in the addresses of stage.toml
    #[arg(long, value_name = "URL")]
    pub base_url: Option<BaseUrl>,

    /// Accept an asset for which the release has no digest
    #[arg(long)]
    pub allow_unverified: bool,

    /// How often to retry after a temporary failure; progress resets the count
    #[arg(long, value_name = "N", default_value = "5")]
    pub retries: u32,

    /// How long to wait for a server that sends nothing, or less than 1 KiB a second
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
/// Prints one line of JSON in every message format: `{"include": [{"target": …, "runner": …,
/// "platform-tags": […], "fallback-tags": […], "asset": …, "artifact": …}]}`, with one object per
/// target. The runtime decides which tags its wheels get: those of "platform-tags" that are true of
/// it, or else of "fallback-tags".
#[derive(Debug, Args)]
pub struct Matrix {
    /// The release, as a tag or version: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_aliases = ["codex-version", "runtime-version"], value_name = "TAG")]
    pub release_tag: String,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}

/// Make a release from a staging directory, if nothing in it is missing, wrong or unexpected
///
/// Reads every artifact and compares it with its manifest. Checks that all formats contain the same
/// runtime. Lists everything that is wrong. If the set is complete, writes the facade crate and the
/// npm root package again, and then release.json and SHA256SUMS, which mark a finished release.
#[derive(Debug, Args)]
pub struct Assemble {
    /// The directory that the platforms were staged or copied into
    pub staging_dir: PathBuf,

    /// A target that must be present; repeat it for several [default: every target of the product]
    #[arg(long, value_name = "TARGET")]
    pub require: Vec<String>,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Number of threads that read and hash [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// Check packages against what is really in them
///
/// Reads wheels, npm tarballs, crates, runtimes and staging directories. Any machine can check the
/// packages of any platform, because nothing in them is executed. Fails if there is an error that
/// is not allowed.
#[derive(Debug, Args)]
pub struct Verify {
    /// Wheels, npm tarballs, crates (directories or .crate files), runtimes as upstream publishes
    /// them, staging directories, or the release.json of a complete set, every file of which is
    /// compared with it
    #[arg(value_name = "PATH", required_unless_present = "explain")]
    pub paths: Vec<PathBuf>,

    /// Accept findings with this code; they are still shown. Repeat it for several
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,

    /// Print what the code of a finding means and what to do about it
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "allow"])]
    pub explain: Option<String>,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,

    /// Number of threads that read [default: one per processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// Generate the Rust types of a runtime's app-server protocol
///
/// Writes one file, with a type for everything that a method takes or returns, and the methods by
/// name, each linked to its types. The file needs `serde` and `serde_json`. The types keep whatever
/// a newer runtime adds; it is never an error.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("one schema").required(true).args(["codex_bin", "schema_dir"])))]
pub struct GenerateTypes {
    #[command(flatten)]
    pub schema: SchemaSource,

    /// The file to write; an existing file is replaced
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    /// Implement the traits of this module, such as `codex_app_server_sdk::protocol` [default:
    /// traits in the generated file itself]
    #[arg(long, value_name = "MODULE")]
    pub traits: Option<String>,
}

/// Pin an SDK to one runtime, ready to publish
///
/// Without --sdk-source, stages the built-in Rust SDK. In any other SDK, only two things are
/// replaced: its version and its requirement of the runtime.
#[derive(Debug, Args)]
pub struct StageSdk {
    /// The directory that collects a release; created if it does not exist
    pub staging_dir: PathBuf,

    /// The runtime that the SDK requires: `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1` or `0.116.0a1`
    #[arg(long, visible_aliases = ["runtime-version", "codex-version"], value_name = "TAG")]
    pub release_tag: String,

    /// The revision of the runtime's packages that the SDK requires, as `stage-runtime` had it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=999))]
    pub revision: Option<u16>,

    /// The SDK's own version, as its registry spells it [default: the runtime's version]
    #[arg(long, value_name = "VERSION")]
    pub sdk_version: Option<String>,

    /// The source of another SDK: a Cargo package, or a Python project with a pyproject.toml
    /// [default: the built-in Rust SDK]
    #[arg(long, value_name = "DIR")]
    pub sdk_source: Option<PathBuf>,

    /// Add types that are generated from a schema of the same runtime
    #[command(flatten)]
    pub schema: Option<SchemaSource>,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}

/// Where the schema comes from.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct SchemaSource {
    /// A runtime's entrypoint; it is executed to get its schema
    #[arg(long, value_name = "PATH")]
    pub codex_bin: Option<PathBuf>,

    /// A directory written by `codex app-server generate-json-schema --out DIR`
    #[arg(long, value_name = "DIR")]
    pub schema_dir: Option<PathBuf>,
}

/// Print a release's version in every spelling
#[derive(Debug, Args)]
pub struct Normalize {
    /// A release tag, version or Python version
    pub tag: String,

    /// The revision of the packages, see `stage-runtime`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=999))]
    pub revision: Option<u16>,

    /// A directory with another product's stage.toml [default: the built-in product]
    #[arg(long, value_name = "DIR")]
    pub product: Option<PathBuf>,
}

/// Print the JSON Schema of a product's files, with which editors complete and check them
///
/// A first line such as `#:schema stage.schema.json` tells an editor with Taplo or Even Better TOML
/// which schema a file has.
#[derive(Debug, Args)]
pub struct Schema {
    /// The file
    #[arg(value_enum, value_name = "FILE", default_value_t)]
    pub file: SchemaOf,
}

/// A file of a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// stage.toml
    #[default]
    Stage,
    /// platforms/TARGET.toml
    Platform,
}

/// Print a script with which a shell completes the commands and options of `stage`
///
/// For bash, add this line to ~/.bashrc: `source <(stage completions bash)`. Other shells read the
/// script from a file; their manuals say where to put it.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell to print the script for
    #[arg(value_enum)]
    pub shell: Shell,
}
