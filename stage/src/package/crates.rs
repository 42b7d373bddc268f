//! Rust crates: the directories of a platform crate and its part crates, and what every staged
//! crate has in common.
//!
//! A staged crate depends on its siblings by exact version *and* relative path, and is a workspace
//! of its own: it builds where it lies, inside any other workspace too, and publishes as it is.
//!
//! How a program comes by the payload is a feature of all of them, handed on from the facade to the
//! platform crate to its parts: `embed` has its bytes compiled in, `on-disk` tells where the file is.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fs_err::File;
use serde::Serialize;

use super::hashed::Hashed;
use super::payload::Payload;
use super::{Artifact, Error, Input, Kind, Made};
use crate::digest::Digest;
use crate::platform::Platform;
use crate::product::{LicenseExpression, OneLine, Product, WebUrl};
use crate::version::ReleaseVersion;

/// The name of a target's platform crate.
#[must_use]
pub fn platform_crate(product: &Product, platform: &Platform) -> String {
    format!("{}-{}", product.krate.name, platform.target)
}

/// The name of a target's crate for the part with this index: part 0 is in the platform crate.
fn part_crate(input: &Input, index: usize) -> String {
    let name = platform_crate(input.product, input.platform);
    if index == 0 {
        name
    } else {
        format!("{name}-part{}", index + 1)
    }
}

/// A crate's name as Rust code has it.
#[must_use]
pub fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// Writes the platform crate and as many part crates as the payload takes. The platform crate is
/// the first.
pub fn write(input: &Input) -> Result<Vec<Made>, Error> {
    let payload = Payload::new(input)?;
    let mut made = Vec::new();
    for (index, frames) in payload.parts.iter().enumerate() {
        let start = Instant::now();
        let name = part_crate(input, index);
        let mut directory = CrateDirectory::create(input.out, &name)?;
        let siblings = match index {
            0 => (1..payload.parts.len())
                .map(|part| part_crate(input, part))
                .collect(),
            _ => Vec::new(),
        };
        let what = format!(
            "{} {} for {}",
            input.product.identity.title, input.version, input.platform.target
        );
        let manifest = CargoToml::new(input.product, &input.version, &name, &what, &siblings);
        directory.write("Cargo.toml", manifest.text().as_bytes())?;
        directory.write("README.md", readme(input, &name, &what).as_bytes())?;
        directory.write_licenses(input.product)?;
        let code = if index == 0 {
            platform_code(&what, &siblings)
        } else {
            part_code(&what)
        };
        directory.write("src/lib.rs", code.as_bytes())?;
        if index == 0 {
            directory.write("payload.manifest", payload.manifest.as_bytes())?;
        }
        directory.write_with("payload.bin", |file| {
            frames.iter().try_for_each(|frame| frame.write(file))
        })?;
        made.push(Made {
            artifact: directory.finish(),
            content_size: frames.iter().map(|frame| frame.content_length).sum(),
            elapsed: start.elapsed(),
        });
    }
    Ok(made)
}

/// The features of every staged crate.
pub const FEATURES: [&str; 2] = ["embed", "on-disk"];

/// The code of a platform crate.
fn platform_code(what: &str, siblings: &[String]) -> String {
    let arms = |function: &str| {
        let arms = siblings.iter().enumerate().map(|(index, name)| {
            let (index, name) = (index + 1, identifier(name));
            format!("        {index} => {name}::{function}(),\n")
        });
        arms.collect::<String>()
    };
    format!(
        "//! {what}: data, see README.md.\n\
         #![no_std]\n\
         \n\
         /// Says which files the payload holds and how they lie in its parts.\n\
         #[must_use]\n\
         pub fn manifest() -> &'static str {{\n    \
             include_str!(\"../payload.manifest\")\n\
         }}\n\
         \n\
         /// A part of the payload, `None` past the last one.\n\
         #[cfg(feature = \"embed\")]\n\
         #[must_use]\n\
         pub fn part(index: usize) -> Option<&'static [u8]> {{\n    \
             static PAYLOAD: &[u8] = include_bytes!(\"../payload.bin\");\n    \
             Some(match index {{\n        \
                 0 => PAYLOAD,\n{}        \
                 _ => return None,\n    \
             }})\n\
         }}\n\
         \n\
         /// The file of a part of the payload, `None` past the last one.\n\
         #[cfg(feature = \"on-disk\")]\n\
         #[must_use]\n\
         pub fn path(index: usize) -> Option<&'static str> {{\n    \
             Some(match index {{\n        \
                 0 => concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/payload.bin\"),\n{}        \
                 _ => return None,\n    \
             }})\n\
         }}\n",
        arms("payload"),
        arms("path")
    )
}

/// The code of a part crate.
fn part_code(what: &str) -> String {
    format!(
        "//! {what}: a part of the data, see README.md.\n\
         #![no_std]\n\
         \n\
         /// This part of the payload.\n\
         #[cfg(feature = \"embed\")]\n\
         #[must_use]\n\
         pub fn payload() -> &'static [u8] {{\n    \
             static PAYLOAD: &[u8] = include_bytes!(\"../payload.bin\");\n    \
             PAYLOAD\n\
         }}\n\
         \n\
         /// The file of this part of the payload.\n\
         #[cfg(feature = \"on-disk\")]\n\
         #[must_use]\n\
         pub fn path() -> &'static str {{\n    \
             concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/payload.bin\")\n\
         }}\n"
    )
}

/// The README of a crate that nobody should depend on by hand.
fn readme(input: &Input, name: &str, what: &str) -> String {
    let facade = &input.product.krate.name;
    format!(
        "# {name}\n\
         \n\
         {what}, compressed. This crate is data: depend on `{facade}`, which takes the crates of \
         the platform that a program is built for and unpacks them when it runs.\n"
    )
}

/// The `Cargo.toml` of a crate that holds data.
#[derive(Serialize)]
struct CargoToml {
    package: Package,
    lib: Lib,
    features: BTreeMap<&'static str, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dependencies: BTreeMap<String, Dependency>,
    workspace: Workspace,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: String,
    edition: &'static str,
    authors: Vec<OneLine>,
    description: String,
    license: LicenseExpression,
    repository: WebUrl,
    homepage: WebUrl,
    readme: &'static str,
    include: Vec<String>,
}

#[derive(Serialize)]
struct Lib {
    doctest: bool,
    test: bool,
}

/// Empty: it says that the crate belongs to no workspace above it.
#[derive(Serialize)]
struct Workspace {}

/// A staged crate that another one depends on.
#[derive(Serialize)]
pub struct Dependency {
    /// Exactly the version of this release.
    pub version: String,
    /// The directory beside.
    pub path: String,
    /// No: how the payload is carried is for the program to say.
    #[serde(rename = "default-features")]
    pub default_features: bool,
}

impl Dependency {
    /// The dependency on a crate of the same release.
    #[must_use]
    pub fn sibling(name: &str, version: &ReleaseVersion) -> Self {
        Self {
            version: format!("={version}"),
            path: format!("../{name}"),
            default_features: false,
        }
    }
}

impl CargoToml {
    fn new(
        product: &Product,
        version: &ReleaseVersion,
        name: &str,
        what: &str,
        siblings: &[String],
    ) -> Self {
        let identity = &product.identity;
        let mut features = BTreeMap::from([("default", vec![FEATURES[0].to_owned()])]);
        features.extend(FEATURES.map(|feature| (feature, handed_on(feature, siblings))));
        let dependency = |name: &String| (name.clone(), Dependency::sibling(name, version));
        Self {
            package: Package {
                name: name.to_owned(),
                version: version.to_string(),
                edition: "2021",
                authors: identity.authors.clone(),
                description: format!("{what}: data for the crate {}", product.krate.name),
                license: identity.license.clone(),
                repository: identity.repository.clone(),
                homepage: identity.homepage.clone(),
                readme: "README.md",
                include: included(product, &["/README.md", "/payload.*", "/src"]),
            },
            lib: Lib {
                doctest: false,
                test: false,
            },
            features,
            dependencies: siblings.iter().map(dependency).collect(),
            workspace: Workspace {},
        }
    }

    fn text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

/// What a feature of a crate turns on: the same one of the crates that it depends on.
#[must_use]
pub fn handed_on(feature: &str, siblings: &[String]) -> Vec<String> {
    siblings
        .iter()
        .map(|name| format!("{name}/{feature}"))
        .collect()
}

/// What `cargo package` takes: the licence files, and these.
#[must_use]
pub fn included(product: &Product, patterns: &[&str]) -> Vec<String> {
    let licenses = product.license_files.keys().map(|name| format!("/{name}"));
    licenses
        .chain(patterns.iter().map(|pattern| (*pattern).to_owned()))
        .collect()
}

/// The directory of a crate, while it is written.
pub struct CrateDirectory {
    root: PathBuf,
    /// Where it lies in a staging directory.
    path: String,
    files: BTreeMap<String, (u64, Digest)>,
}

impl CrateDirectory {
    /// Creates the directory of a crate below `out`, at its path in a staging directory.
    pub fn create(out: &Path, name: &str) -> io::Result<Self> {
        let path = format!("{}/{name}", Kind::Crate.directory());
        let root = out.join(&path);
        fs_err::create_dir(&root)?;
        Ok(Self {
            root,
            path,
            files: BTreeMap::new(),
        })
    }

    /// Writes a file.
    pub fn write(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.write_with(name, |file| file.write_all(content))
    }

    /// Writes the licence files of a product.
    pub fn write_licenses(&mut self, product: &Product) -> io::Result<()> {
        product
            .license_files
            .iter()
            .try_for_each(|(name, text)| self.write(name, text.as_bytes()))
    }

    fn write_with(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Hashed<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.root.join(name);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let mut file = Hashed::new(File::create_new(path)?);
        content(&mut file)?;
        self.files.insert(name.to_owned(), file.finish()?);
        Ok(())
    }

    /// The finished artifact.
    #[must_use]
    pub fn finish(self) -> Artifact {
        let lines = self
            .files
            .iter()
            .map(|(name, (_, sha256))| format!("{sha256}  {name}\n"));
        Artifact {
            kind: Kind::Crate,
            sha256: Digest::of(lines.collect::<String>().as_bytes()),
            size: self.files.values().map(|(size, _)| size).sum(),
            path: self.path,
        }
    }
}
