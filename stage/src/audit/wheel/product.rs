//! What the wheels of the product have to be beside what every wheel is.
//!
//! A runtime that is a tree lies in the import package, and says itself what it is. One of executables
//! alone is installed with the scripts, and only the names of the wheel and of the commands tell what
//! has to be there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::entry_points;
use super::name::{FileName, normal_name};
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::audit::runtime::tree::{RuntimeTree, check_program};
use crate::bundle::is_wheel_file;
use crate::contents::{Contents, File, FileRecord};
use crate::product::{Platform, Product, WheelCommands};
use crate::record::installed::{LICENSES, SCRIPTS};
use native_claims::PlatformTag;

/// How a wheel of the product carries the runtime.
pub(super) enum Carried {
    /// As a tree, in the import package.
    Tree,
    /// As scripts and what belongs to them. The name is that of the directories `.data` and
    /// `.dist-info`, without the ending.
    Scripts(String),
}

impl Carried {
    /// Tells how a wheel carries the runtime; `None` if it is not a wheel of the product.
    pub fn find(dist_info: Option<&str>, contents: &Contents, product: &Product) -> Option<Self> {
        let package = &product.wheel.import_package;
        let metadata = format!("{package}/{}", product.bundle.metadata);
        if contents.get(&metadata).is_some() {
            return Some(Self::Tree);
        }
        if !matches!(product.wheel.commands, None | Some(WheelCommands::Scripts)) {
            return None;
        }
        let stem = dist_info?.strip_suffix(".dist-info")?;
        let (name, _) = stem.rsplit_once('-')?;
        let prefix = format!("{package}/");
        let mut inside = contents.below(&prefix).peekable();
        // As it is where all scripts were taken out.
        let is_empty = inside.peek().is_some() && inside.all(|(path, _)| is_wheel_file(path));
        let has_scripts = contents.has_directory(&format!("{stem}.data/{SCRIPTS}"));
        let is_own = normal_name(name) == normal_name(&product.wheel.distribution);
        (is_own && (has_scripts || is_empty)).then(|| Self::Scripts(stem.to_owned()))
    }

    /// Returns the directory of the executables.
    pub fn directory(&self, product: &Product) -> String {
        match self {
            Self::Tree => format!("{}/", product.wheel.import_package),
            Self::Scripts(stem) => format!("{stem}.data/"),
        }
    }

    /// Returns the files of the runtime, as a manifest or a bill of materials names them.
    pub fn files<'a>(
        &self,
        contents: &'a Contents,
        product: &Product,
    ) -> BTreeMap<Cow<'a, str>, &'a File> {
        let below = |directory: String| {
            let files = contents.iter();
            files.filter_map(move |(path, file)| Some((path.strip_prefix(&*directory)?, file)))
        };
        let files = below(self.directory(product));
        let files = files.map(|(path, file)| (Cow::Borrowed(path), file));
        let Self::Scripts(stem) = self else {
            return files.filter(|(path, _)| !is_wheel_file(path)).collect();
        };
        let is_own = |path: &str| {
            let mut names = product.license_files.keys();
            names.any(|name| name.eq_ignore_ascii_case(path))
        };
        let licenses = below(format!("{stem}.dist-info/{LICENSES}/"));
        let licenses = licenses.filter(|(path, _)| !is_own(path));
        let licenses = licenses.map(|(path, file)| (format!("{LICENSES}/{path}").into(), file));
        files.chain(licenses).collect()
    }

    /// Returns the files of the runtime, as a manifest records them.
    pub fn records(&self, contents: &Contents, product: &Product) -> Vec<FileRecord> {
        let files = self.files(contents, product).into_iter();
        files
            .map(|(path, file)| file.record(path.into_owned()))
            .collect()
    }

    /// Checks the runtime and its commands against the name of the wheel.
    pub fn check(
        &self,
        name: &FileName,
        dist_info: &str,
        contents: &Contents,
        product: &Product,
        findings: &mut Findings,
    ) {
        match self {
            Self::Tree => {
                check_tree(name, contents, product, findings);
                // The wheel has neither where the product says so.
                if product.wheel.commands != Some(WheelCommands::None) {
                    check_entry_points(dist_info, contents, product, findings);
                }
            }
            Self::Scripts(stem) => check_scripts(stem, name, contents, product, findings),
        }
    }
}

/// Returns the platform of each tag of a file name.
fn platforms<'a>(name: &FileName, product: &'a Product) -> Vec<Option<&'a Platform>> {
    let platforms = name.platforms.iter().map(|tag| {
        let tag = tag.parse::<PlatformTag>().ok();
        tag.and_then(|tag| product.platform_of_tag(&tag))
    });
    platforms.collect()
}

/// Checks a tree against the version and the platform of the file name.
fn check_tree(name: &FileName, contents: &Contents, product: &Product, findings: &mut Findings) {
    let platforms = platforms(name, product);
    let tree = RuntimeTree {
        contents,
        directory: &product.wheel.import_package,
        version: Some(&name.version),
        platform: platforms.first().copied().flatten(),
    };
    let Some(metadata) = tree.check(product, findings) else {
        return;
    };
    // The first one is checked already, if it is that of a platform.
    let first = tree.platform.map(|first| &*first.target);
    for (tag, platform) in name.platforms.iter().zip(&platforms) {
        let target = &*metadata.target;
        let is_other = platform.is_none_or(|platform| {
            *platform.target != *target && first.is_none_or(|first| first != &*platform.target)
        });
        if is_other {
            let detail =
                format!("the runtime is for {target}, and the wheel goes by the tag `{tag}`");
            findings.add(&rules::tree::TARGET, detail);
        }
    }
}

/// Checks that there is an entry point for each command, and that it leads to a module of the wheel.
fn check_entry_points(
    dist_info: &str,
    contents: &Contents,
    product: &Product,
    findings: &mut Findings,
) {
    let path = format!("{dist_info}/entry_points.txt");
    let text = contents.text(&path).unwrap_or_default();
    let scripts = entry_points::console_scripts(text).collect::<BTreeMap<_, _>>();
    for command in &product.identity.commands {
        let Some(value) = scripts.get(&**command) else {
            let detail = format!("no entry point is the command {:?}", &**command);
            findings.add_at(&rules::wheel::COMMAND, &*path, detail);
            continue;
        };
        let module = value.split(':').next().unwrap_or_default().trim();
        let file = module.replace('.', "/");
        let files = [format!("{file}.py"), format!("{file}/__init__.py")];
        if !files.iter().any(|file| contents.get(file).is_some()) {
            let detail = format!(
                "the command {:?} runs {value:?}, which is not there",
                &**command
            );
            findings.add_at(&rules::wheel::COMMAND, &*path, detail);
        }
    }
}

/// Checks that each command is a script, and a program of the platform of the file name.
fn check_scripts(
    stem: &str,
    name: &FileName,
    contents: &Contents,
    product: &Product,
    findings: &mut Findings,
) {
    let platforms = platforms(name, product);
    let first = platforms.iter().flatten().next();
    let Some(first) = first else {
        let tags = name.platforms.join(".");
        let detail = format!("no platform of the product has the tag `{tags}`");
        findings.add(&rules::tree::TARGET, detail);
        return;
    };
    for (tag, platform) in name.platforms.iter().zip(&platforms) {
        if platform.is_none_or(|platform| platform.target != first.target) {
            let target = &first.target;
            let detail = format!("the wheel is for {target}, and goes by the tag `{tag}` too");
            findings.add(&rules::tree::TARGET, detail);
        }
    }
    let suffix = &first.executable.suffix;
    for command in &product.identity.commands {
        let path = format!("{stem}.data/{SCRIPTS}/{command}{suffix}");
        check_program(&path, contents, first, findings);
    }
}
