//! A complete product, read from its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use native_claims::{PlatformTag, WheelTags};
use serde::de::DeserializeOwned;

use super::names::TagPrefix;
use super::platform::Platform;
use super::stage_toml::{
    BundleLayout, CrateText, Identity, NpmText, ProductFile, ReleaseText, WheelText,
};
use crate::base::failure::{Advice, with_causes};
use crate::version::{self, ReleaseVersion};

/// Every file that is built into the executable, with its path in this repository.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Returns the built-in files below `folder`, with their paths relative to it.
pub(crate) fn embedded(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    EMBEDDED.iter().filter_map(move |(path, bytes)| {
        path.strip_prefix(folder)?
            .strip_prefix('/')
            .map(|path| (path, *bytes))
    })
}

/// A product: everything in which its packages differ from those of another product.
#[derive(Clone, Debug)]
pub struct Product {
    /// Names and texts that every ecosystem shows.
    pub identity: Identity,
    /// How the files of the runtime are laid out.
    pub bundle: BundleLayout,
    /// The Python wheels.
    pub wheel: WheelText,
    /// The Rust crates.
    pub krate: CrateText,
    /// The npm packages.
    pub npm: NpmText,
    /// Where upstream publishes the runtimes of a release, if it does.
    pub release: Option<ReleaseText>,
    /// The targets, in the order of their names.
    pub platforms: Vec<Platform>,
    /// The licence files: their texts by the names under which they are installed.
    pub license_files: BTreeMap<String, String>,
}

/// Where a product's files are.
#[derive(Clone, Debug)]
pub enum ProductSource {
    /// Built into the executable.
    BuiltIn,
    /// A folder that the caller names.
    Folder(PathBuf),
}

/// Why a product's files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    /// A file is wrong.
    #[error("{file}:{line}: {}{reason}", field.as_ref().map(|f| format!("`{f}`: ")).unwrap_or_default())]
    Field {
        /// The path of the file, as the user can open it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field, with its tables: `wheel.tags`.
        field: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be read.
    #[error("cannot read the product's file")]
    Read(#[from] std::io::Error),
    /// There is no platform.
    #[error("there is no .toml file in {0}: a product needs at least one platform")]
    NoPlatform(String),
}

impl Advice for ProductError {
    fn help(&self) -> String {
        match self {
            Self::Field { file, line, .. } => format!("correct line {line} of {file}"),
            Self::Read(_) | Self::NoPlatform(_) => {
                "--product takes a folder with stage.toml, platforms/*.toml and the licence files \
                 that stage.toml names"
                    .to_owned()
            }
        }
    }
}

impl ProductSource {
    /// Reads one file of the product.
    fn read(&self, name: &str) -> Result<String, ProductError> {
        match self {
            Self::BuiltIn => {
                let found = EMBEDDED.iter().find(|(path, _)| *path == name);
                let text = found.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
                text.map(str::to_owned)
                    .ok_or_else(|| std::io::ErrorKind::NotFound.into())
            }
            Self::Folder(folder) => fs_err::read_to_string(folder.join(name)),
        }
        .map_err(ProductError::Read)
    }

    /// Lists the names of the platform files, sorted.
    fn platform_files(&self) -> Result<Vec<String>, ProductError> {
        let mut names = match self {
            Self::BuiltIn => embedded("platforms")
                .map(|(name, _)| name.to_owned())
                .collect(),
            Self::Folder(folder) => {
                let entries = fs_err::read_dir(folder.join("platforms"))?;
                let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
                names
                    .filter_map(Result::transpose)
                    .collect::<std::io::Result<Vec<_>>>()?
            }
        };
        names.retain(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "toml")
        });
        names.sort();
        Ok(names)
    }

    /// Returns a file's name as the user knows it.
    fn show(&self, name: &str) -> String {
        match self {
            Self::BuiltIn => name.to_owned(),
            Self::Folder(folder) => folder.join(name).display().to_string(),
        }
    }
}

impl Product {
    /// Reads and checks the files of a product.
    pub fn load(source: &ProductSource) -> Result<Self, ProductError> {
        let text = source.read("stage.toml")?;
        let wrong =
            |field: &str, reason: String| at_field(source, "stage.toml", &text, field, reason);
        let file: ProductFile = parse(source, "stage.toml", &text)?;
        let mut identity = file.product;
        if identity.commands.is_empty() {
            identity.commands.push(file.npm.bin.clone());
        }
        if identity.tag_prefixes.is_empty() {
            return Err(wrong(
                "product.tag-prefixes",
                "needs at least one prefix".to_owned(),
            ));
        }
        let mut license_files = BTreeMap::new();
        for name in &identity.license_files {
            let field = "product.license-files";
            let text = source
                .read(name)
                .map_err(|error| wrong(field, with_causes(&error)))?;
            // On some systems, names that differ only in case are the same file.
            let same = |other: &&String| other.eq_ignore_ascii_case(name);
            if let Some(other) = license_files.keys().find(same) {
                return Err(wrong(
                    field,
                    format!("{name:?} and {other:?} are the same file"),
                ));
            }
            license_files.insert(name.to_string(), text);
        }
        if file.krate.cache_dir_env == identity.path_env {
            let reason = format!(
                "{} is also the value of `product.path-env`",
                identity.path_env
            );
            return Err(wrong("crate.cache-dir-env", reason));
        }
        let mut environment = file.npm.environment.iter();
        if environment.any(|variable| variable.name.eq_ignore_ascii_case(&identity.path_env)) {
            let reason = format!("sets {}, which is `product.path-env`", identity.path_env);
            return Err(wrong("npm.environment", reason));
        }
        let mut platforms: Vec<Platform> = Vec::new();
        for name in source.platform_files()? {
            let path = format!("platforms/{name}");
            let text = source.read(&path)?;
            let platform: Platform = parse(source, &path, &text)?;
            if let Some((field, reason)) = too_long(&file.krate, &file.npm, &platform) {
                return Err(wrong(field, reason));
            }
            let wrong = |field: &str, reason| Err(at_field(source, &path, &text, field, reason));
            if format!("{}.toml", platform.target) != name {
                return wrong(
                    "target",
                    format!("{:?} is not the name of this file", platform.target),
                );
            }
            for other in &platforms {
                let both =
                    |what: &str| format!("platforms/{}.toml already has {what}", other.target);
                if other.accepts(platform.wheel.tags[0].first()) {
                    return wrong("wheel.tags", both("tags of this machine"));
                }
                if other.npm.name == platform.npm.name {
                    return wrong("npm.name", both(&format!("{:?}", platform.npm.name)));
                }
                if let Some((os, cpu)) = platform.npm.shared_with(&other.npm) {
                    return wrong("npm.cpu", both(&format!("`{os}` and `{cpu}`")));
                }
                if other.krate.cfg == platform.krate.cfg {
                    return wrong("crate.cfg", both("this cfg"));
                }
            }
            platforms.push(platform);
        }
        if platforms.is_empty() {
            return Err(ProductError::NoPlatform(source.show("platforms")));
        }
        Ok(Self {
            identity,
            bundle: file.bundle,
            wheel: file.wheel,
            krate: file.krate,
            npm: file.npm,
            release: file.release,
            platforms,
            license_files,
        })
    }

    /// Reads a version in any spelling, see [`ReleaseVersion::parse`].
    pub fn parse_version(&self, text: &str) -> Result<ReleaseVersion, version::Error> {
        let prefixes = self.identity.tag_prefixes.iter().map(TagPrefix::to_string);
        ReleaseVersion::parse(text, &prefixes.collect::<Vec<_>>())
    }

    /// Returns the release tag of a version.
    #[must_use]
    pub fn release_tag(&self, version: &ReleaseVersion) -> String {
        version.tag(&self.identity.tag_prefixes[0])
    }

    /// Returns the platform of a target triple.
    #[must_use]
    pub fn platform(&self, target: &str) -> Option<&Platform> {
        self.platforms
            .iter()
            .find(|platform| *platform.target == *target)
    }

    /// Returns the platform that a wheel tag is for.
    #[must_use]
    pub fn platform_of_tag(&self, tag: &PlatformTag) -> Option<&Platform> {
        self.platforms.iter().find(|platform| platform.accepts(tag))
    }

    /// Lists every wheel tag with its target, for messages about a tag that cannot be used.
    #[must_use]
    pub fn listed_tags(&self) -> String {
        let listed = self.platforms.iter().map(|platform| {
            let tags = platform.wheel.tags.iter().map(WheelTags::to_string);
            format!(
                "{} ({})",
                tags.collect::<Vec<_>>().join(", "),
                platform.target
            )
        });
        listed.collect::<Vec<_>>().join("; ")
    }
}

/// Finds a name that is too long for its registry once a platform's part is added: the field that
/// it comes from, and the reason.
fn too_long(
    krate: &CrateText,
    npm: &NpmText,
    platform: &Platform,
) -> Option<(&'static str, String)> {
    let parts = platform.krate.parts;
    let part = format!("{}-{}-part{parts}", krate.name, platform.target);
    let alias = format!("{}-{}", npm.package, platform.npm.name);
    [
        ("crate.name", part, "crate", MAX_CRATE_NAME),
        ("npm.package", alias, "npm package", MAX_NPM_NAME),
    ]
    .into_iter()
    .find(|(_, name, _, limit)| name.len() > *limit)
    .map(|(field, name, what, limit)| {
        let length = name.len();
        let reason = format!(
            "the name of the {what} `{name}` has {length} characters; a registry takes {limit}"
        );
        (field, reason)
    })
}

/// crates.io's limit of a crate's name, in characters.
const MAX_CRATE_NAME: usize = 64;

/// npm's limit of a package's name, in characters.
const MAX_NPM_NAME: usize = 214;

/// Reads a TOML file into a type. An error names the place of the mistake.
fn parse<T: DeserializeOwned>(
    source: &ProductSource,
    name: &str,
    text: &str,
) -> Result<T, ProductError> {
    let fail = |error: &toml::de::Error, field: Option<String>| ProductError::Field {
        file: source.show(name),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        field,
        reason: error.message().to_owned(),
    };
    let document = toml::Deserializer::parse(text).map_err(|error| fail(&error, None))?;
    serde_path_to_error::deserialize(document).map_err(|error| {
        let field = error.path().to_string();
        fail(error.inner(), (field != ".").then_some(field))
    })
}

/// Makes the error about a field whose value is well-formed but wrong.
fn at_field(
    source: &ProductSource,
    name: &str,
    text: &str,
    field: &str,
    reason: String,
) -> ProductError {
    let line = toml::de::DeTable::parse(text).ok().and_then(|table| {
        let (mut table, mut start) = (table.into_inner(), 0);
        for key in field.split('.') {
            let (key, value) = table.remove_entry(key)?;
            start = key.span().start;
            match value.into_inner() {
                toml::de::DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        Some(line_of(text, start))
    });
    ProductError::Field {
        file: source.show(name),
        line: line.unwrap_or(1),
        field: Some(field.to_owned()),
        reason,
    }
}

/// Returns the line, from 1, of a byte of a text.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_product_is_right() {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        assert_eq!(product.platforms.len(), 6);
        assert!(product.license_files["LICENSE"].contains("Apache License"));
        let tag = "manylinux_2_28_aarch64".parse().unwrap();
        assert_eq!(
            &*product.platform_of_tag(&tag).unwrap().target,
            "aarch64-unknown-linux-musl"
        );
        let version = product.parse_version("v1.2.3").unwrap();
        assert_eq!(product.release_tag(&version), "rust-v1.2.3");
    }

    #[test]
    fn a_mistake_has_a_file_a_line_and_a_field() {
        let built_in = ProductSource::BuiltIn;
        let good = built_in.read("stage.toml").unwrap();
        for (from, to, expected) in [
            (
                "layout-version = 1",
                "layout-version = \"1\"",
                "stage.toml:23: `bundle.layout-version`: invalid type",
            ),
            (
                "entries = 100_000",
                "entries = -1",
                "`bundle.limits.entries`: invalid value",
            ),
            (
                "variant = \"codex\"",
                "",
                "stage.toml:21: `bundle`: missing field `variant`",
            ),
            (
                "[wheel]",
                "[wheel]\ncolour = 1",
                "`wheel.colour`: unknown field `colour`",
            ),
            (
                "metadata = \"codex-package.json\"",
                "metadata = \"a/b\"",
                "`bundle.metadata`: \"a/b\" is not the name",
            ),
            ("layout-version = 1", "layout-version =", "stage.toml:23: "),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(good, bad, "{from}");
            let error = parse::<ProductFile>(&built_in, "stage.toml", &bad)
                .err()
                .unwrap()
                .to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = at_field(
            &built_in,
            "stage.toml",
            &good,
            "bundle.limits.entries",
            "x".to_owned(),
        );
        let line = 1 + good
            .lines()
            .position(|line| line.starts_with("entries"))
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with(&format!("stage.toml:{line}: `bundle.limits.entries`: x"))
        );
    }
}
