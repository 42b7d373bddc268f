//! Rust crates: the directories of a platform crate and its part crates, and what all staged
//! crates have in common.
//!
//! A staged crate depends on its siblings by exact version *and* relative path, and is a workspace
//! of its own. So it builds where it lies, even inside another workspace, and is published as it is.
//!
//! Features select how a program gets the payload: `embed` compiles its bytes in, `on-disk` gives
//! the path of the file. The facade passes them on to the platform crate, and that one to its parts.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fs_err::File;
use serde::Serialize;

use super::error::PackageError;
use super::input::{Input, Made};
use super::payload::Payload;
use super::sbom;
use super::text::markdown;
use crate::base::files;
use crate::base::hashed::Hashed;
use crate::base::template::replace_all;
use crate::compress::LiteralEncoder;
use crate::contents::{Contents, File as Content, Object};
use crate::product::{Author, LicenseExpression, Product, WebUrl};
use crate::record::names::crates::{GENERATED, part_crate};
use crate::record::{Artifact, ArtifactKind, ListedFile};
use crate::version::ReleaseVersion;

/// Returns a crate's name as Rust code spells it.
#[must_use]
pub fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// The platform crate and as many part crates as the payload needs, before they are written.
pub struct Crates<'a> {
    input: &'a Input<'a>,
    payload: Payload<'a>,
}

impl<'a> Crates<'a> {
    /// Spreads the payload over crates.
    pub fn new(input: &'a Input<'a>) -> Result<Self, PackageError> {
        // It has to fit beside the payload. The names of the parts are not known yet, but they are
        // short.
        let beside = packed_size(&bill_of_materials(input, &[])?);
        let payload = Payload::new(input, beside)?;
        Ok(Self { input, payload })
    }

    /// Returns the number of crates.
    pub fn count(&self) -> usize {
        self.payload.parts.len()
    }

    /// Writes one of the crates; the first one is the platform crate.
    pub fn write(&self, index: usize) -> Result<(Made, Contents), PackageError> {
        let start = Instant::now();
        let (input, Payload { manifest, parts }) = (self.input, &self.payload);
        let name = part_crate(input.product, input.platform, index);
        let mut directory = CrateDirectory::create(input.out, &name)?;
        let siblings = match index {
            0 => (1..parts.len())
                .map(|part| part_crate(input.product, input.platform, part))
                .collect(),
            _ => Vec::new(),
        };
        let upstream = input.version.upstream();
        let of = |title: &str| format!("{title} {upstream} for {}", input.platform.target);
        let title = &input.product.identity.title;
        let (what, shown) = (of(title), of(&markdown(title)));
        let cargo_toml = CargoToml::new(input.product, input.version, &name, &what, &siblings);
        directory.write("Cargo.toml", cargo_toml.text())?;
        directory.write("README.md", readme(input, &name, &shown))?;
        directory.write_licenses(input.product)?;
        let code = if index == 0 {
            platform_code(&shown, &siblings)
        } else {
            part_code(&shown)
        };
        directory.write("src/lib.rs", allow_own_spelling(&name, &code, "#![no_std]"))?;
        if index == 0 {
            directory.write("payload.manifest", manifest.as_str())?;
            let bill = bill_of_materials(input, &siblings)?;
            directory.write(sbom::FILE, bill)?;
        }
        let frames = &parts[index];
        directory.write_with("payload.bin", |file| {
            frames.iter().try_for_each(|frame| frame.write(file))
        })?;
        let (artifact, contents) = directory.finish();
        let made = Made {
            artifact,
            content_size: frames.iter().map(|frame| frame.content_length).sum(),
            elapsed: start.elapsed(),
        };
        Ok((made, contents))
    }
}

/// Returns the bill of materials of a platform crate with these part crates.
fn bill_of_materials(input: &Input, siblings: &[String]) -> Result<Vec<u8>, serde_json::Error> {
    let name = part_crate(input.product, input.platform, 0);
    let version = input.version.to_string();
    let siblings = siblings.iter();
    let subject = sbom::Subject {
        name: &name,
        purl: sbom::cargo_purl(&name, &version),
        parts: siblings
            .map(|name| sbom::cargo_purl(name, &version))
            .collect(),
        version,
    };
    sbom::text(input, &subject)
}

/// Returns how many bytes a text takes in a packaged crate, approximately.
fn packed_size(text: &[u8]) -> u64 {
    LiteralEncoder::default().piece(text).len() as u64
}

/// The features of every staged crate.
pub const FEATURES: [&str; 2] = ["embed", "on-disk"];

/// Returns the code of a platform crate.
fn platform_code(what: &str, siblings: &[String]) -> String {
    let arms = |function: &str| {
        let arms = siblings.iter().enumerate().map(|(index, name)| {
            let (index, name) = (index + 1, identifier(name));
            format!("        {index} => {name}::{function}(),\n")
        });
        arms.collect::<String>()
    };
    include_str!("crates/platform.rs.in")
        .replace("@payload_arms@\n", &arms("payload"))
        .replace("@path_arms@\n", &arms("path"))
        .replace("@what@", what)
}

/// Returns the code of a part crate.
fn part_code(what: &str) -> String {
    include_str!("crates/part.rs.in").replace("@what@", what)
}

/// Lets a crate have its name, if Rust would spell it otherwise. `before` is an attribute of the crate
/// in its code.
pub fn allow_own_spelling(name: &str, code: &str, before: &str) -> String {
    let odd = name.contains(|c: char| c.is_ascii_uppercase()) || identifier(name).contains("__");
    if odd {
        code.replacen(before, &format!("#![allow(non_snake_case)]\n{before}"), 1)
    } else {
        code.to_owned()
    }
}

/// Returns the README of a crate that nobody should depend on directly.
fn readme(input: &Input, name: &str, what: &str) -> String {
    let words = [
        ("@name@", name),
        ("@what@", what),
        ("@facade@", &input.product.krate.name),
    ];
    replace_all(include_str!("crates/README.md.in"), &words)
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
    authors: Vec<Author>,
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
    /// The directory of the crate, a sibling of the one that depends on it.
    pub path: String,
    /// `false`: the program chooses how it gets the payload.
    #[serde(rename = "default-features")]
    pub default_features: bool,
    /// The registry in which it is published; `None` for crates.io.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
}

impl Dependency {
    /// Makes the dependency on a crate of the same release.
    #[must_use]
    pub fn sibling(product: &Product, name: &str, version: &ReleaseVersion) -> Self {
        Self {
            version: format!("={version}"),
            path: format!("../{name}"),
            default_features: false,
            registry: product.krate.registry.as_ref().map(ToString::to_string),
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
        let dependency =
            |name: &String| (name.clone(), Dependency::sibling(product, name, version));
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
                include: included(
                    product,
                    &[
                        "/README.md",
                        "/payload.*",
                        &format!("/{}", sbom::FILE),
                        "/src",
                    ],
                ),
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
        format!("{GENERATED}{}", toml::to_string(self).unwrap_or_default())
    }
}

/// Returns what a feature of a crate turns on: the same feature of the crates it depends on.
#[must_use]
pub fn handed_on(feature: &str, siblings: &[String]) -> Vec<String> {
    siblings
        .iter()
        .map(|name| format!("{name}/{feature}"))
        .collect()
}

/// Returns the files that `cargo package` includes: the licence files, and these patterns.
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
    /// The path in a staging directory.
    path: String,
    contents: Contents,
}

impl CrateDirectory {
    /// Creates the directory of a crate below `out`, at its path in a staging directory.
    pub fn create(out: &Path, name: &str) -> io::Result<Self> {
        let path = format!("{}/{name}", ArtifactKind::Crate.directory());
        let root = out.join(&path);
        fs_err::create_dir(&root)?;
        Ok(Self {
            root,
            path,
            contents: Contents::default(),
        })
    }

    /// Writes a file.
    pub fn write(&mut self, name: &str, content: impl Into<Vec<u8>>) -> io::Result<()> {
        let content = content.into();
        self.create_file(name)?.write_all(&content)?;
        let content = Content::of_literal(name, content);
        self.contents.insert(name.to_owned(), content);
        Ok(())
    }

    /// Writes the licence files of a product.
    pub fn write_licenses(&mut self, product: &Product) -> io::Result<()> {
        product
            .license_files
            .iter()
            .try_for_each(|(name, text)| self.write(name, &**text))
    }

    /// Writes a file of data that is not held in memory.
    fn write_with(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Hashed<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = Hashed::new(self.create_file(name)?);
        content(&mut file)?;
        let (size, sha256) = file.finish()?;
        let content = Content {
            mode: None,
            size,
            sha256,
            object: Object::None,
            text: None,
            kept: None,
        };
        self.contents.insert(name.to_owned(), content);
        Ok(())
    }

    fn create_file(&self, name: &str) -> io::Result<File> {
        let path = self.root.join(name);
        files::create_parents(&path)?;
        File::create_new(path)
    }

    /// Returns the finished artifact and its contents.
    #[must_use]
    pub fn finish(self) -> (Artifact, Contents) {
        let files = self.contents.iter().map(|(path, file)| ListedFile {
            path: path.to_owned(),
            size: file.size,
            sha256: file.sha256,
        });
        let artifact = Artifact::directory(self.path, files.collect());
        (artifact, self.contents)
    }
}
