//! A runtime in a package: that it is all there, and for the machines that the package is for.

use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::bundle::{Metadata, MetadataFault, WHEEL_FILES};
use crate::contents::{Contents, File, Object};
use crate::product::Platform;
use crate::product::Product;
use native_claims::ObjectFormat;
use native_claims::facts::Facts;
use native_claims::machine;

/// A runtime in a package, and what the package says of it.
pub(in crate::audit) struct RuntimeTree<'a> {
    /// What the package holds.
    pub contents: &'a Contents,
    /// Where in it the runtime lies; empty for the root.
    pub directory: &'a str,
    /// The version that the package says, as its ecosystem spells it.
    pub version: Option<&'a str>,
    /// The platform that the package says.
    pub platform: Option<&'a Platform>,
}

impl RuntimeTree<'_> {
    /// Checks all of it. Gives what the runtime says of itself, if that can be read.
    pub fn check(&self, product: &Product, findings: &mut Findings) -> Option<Metadata> {
        let metadata = self.metadata(product, findings)?;
        let place = self.path(&product.bundle.metadata);
        if let Some(detail) = self.wrong_version(product, &metadata) {
            findings.add_at(&rules::tree::VERSION, &place, detail);
        }
        self.check_directories(&metadata, product, findings);
        match self.platform_of(product, &metadata) {
            Ok(platform) => {
                let entrypoint = self.path(&metadata.entrypoint);
                check_program(&entrypoint, self.contents, platform, findings);
                self.check_helpers(&metadata, platform, findings);
            }
            // What its files are for is then no finding of its own.
            Err(detail) => findings.add_at(&rules::tree::TARGET, &place, detail),
        }
        Some(metadata)
    }

    /// The path in the package of a file of the runtime.
    fn path(&self, path: &str) -> String {
        match self.directory {
            "" => path.to_owned(),
            directory => format!("{directory}/{path}"),
        }
    }

    fn metadata(&self, product: &Product, findings: &mut Findings) -> Option<Metadata> {
        let layout = &product.bundle;
        let place = self.path(&layout.metadata);
        let Some(file) = self.contents.get(&place) else {
            findings.add_at(&rules::tree::METADATA, place, "it is not there");
            return None;
        };
        // One that is too large to be kept is a finding of its own.
        let bytes = file.text.as_deref()?;
        let fault = match Metadata::parse(bytes, layout.layout_version) {
            Ok(metadata) if metadata.variant == *layout.variant => return Some(metadata),
            Ok(metadata) => MetadataFault::Variant {
                found: metadata.variant,
                expected: layout.variant.to_string(),
            },
            Err(fault) => fault,
        };
        findings.add_at(&rules::tree::METADATA, place, fault.to_string());
        None
    }

    fn wrong_version(&self, product: &Product, metadata: &Metadata) -> Option<String> {
        let found = &metadata.version;
        match self.version {
            Some(version) if version == found => None,
            Some(version) => {
                let own = product.parse_version(found).ok();
                let fits = own.is_some_and(|own| own.is_packaged_as(version));
                let wanted = product.parse_version(version);
                let wanted = wanted.map_or_else(|_| version.to_owned(), |it| it.upstream());
                (!fits).then(|| format!("its version is {found:?}, not {wanted:?}"))
            }
            None => {
                let error = product.parse_version(found).err()?;
                Some(error.to_string())
            }
        }
    }

    /// The platform of the runtime, if it is that of the package.
    fn platform_of<'a>(
        &self,
        product: &'a Product,
        metadata: &Metadata,
    ) -> Result<&'a Platform, String> {
        let target = &metadata.target;
        match self.platform {
            Some(wanted) if *wanted.target != **target => {
                return Err(format!(
                    "its target is {target:?}, not {:?}",
                    &*wanted.target
                ));
            }
            _ => {}
        }
        let platform = product.platform(target);
        platform.ok_or_else(|| format!("no file in platforms/ is for its target {target:?}"))
    }

    fn check_directories(&self, metadata: &Metadata, product: &Product, findings: &mut Findings) {
        // A runtime of one program, as older releases were, has no files for such a directory.
        let known = [&metadata.entrypoint, &*product.bundle.metadata].map(|path| self.path(path));
        let is_known = |path: &str| known.iter().any(|known| known == path);
        let added = WHEEL_FILES.map(|path| self.path(path));
        let is_added = |path: &str| added.iter().any(|added| added == path);
        let below = self.path("");
        let is_bare = self
            .contents
            .iter()
            .all(|(path, _)| !path.starts_with(&below) || is_known(path) || is_added(path));
        let named = [
            ("resourcesDir", &metadata.resources_dir),
            ("pathDir", &metadata.path_dir),
        ];
        for (key, directory) in named {
            let Some(directory) = directory else {
                continue;
            };
            let path = self.path(directory);
            if self.contents.get(&path).is_some() {
                findings.add_at(&rules::runtime::PATH_DIR, path, format!("`{key}` names it"));
            } else if !is_bare && !self.contents.has_directory(&path) {
                let detail = format!("`{key}` names it, and there is no file in it");
                findings.add_at(&rules::runtime::DIRECTORY_MISSING, path, detail);
            }
        }
    }

    fn check_helpers(&self, metadata: &Metadata, platform: &Platform, findings: &mut Findings) {
        let Some(own) = platform.machine() else {
            return;
        };
        let entrypoint = self.path(&metadata.entrypoint);
        let directory = self.path("");
        let objects = self.contents.iter().filter_map(|(path, file)| {
            let is_helper = path.starts_with(&directory) && path != entrypoint;
            let facts = file.facts().filter(|_| is_helper)?;
            Some((path, file, facts, machine::format_of(facts)?))
        });
        for (path, file, facts, format) in objects {
            let detail = format!(
                "it is {}, and the target is {}",
                machine::describe(facts),
                platform.target
            );
            if format != own.format || !is_for(facts, platform) {
                findings.add_at(&rules::runtime::FOREIGN, path, detail);
            } else if !own.runs_in(facts, self.contents.objects().map(|(_, facts)| facts)) {
                findings.add_at(&rules::runtime::HELPER_MACHINE, path, detail);
            } else if machine::is_native_program(facts) && lacks_mode(file, platform) {
                findings.add_at(&rules::runtime::HELPER_NOT_EXECUTABLE, path, mode(file));
            }
        }
    }
}

/// Checks that a program that the package is for is there, may be executed, and is one for the
/// platform.
pub(in crate::audit) fn check_program(
    path: &str,
    contents: &Contents,
    platform: &Platform,
    findings: &mut Findings,
) {
    let Some(file) = contents.get(path) else {
        findings.add_at(&rules::tree::ENTRYPOINT, path, "it is not there");
        return;
    };
    if lacks_mode(file, platform) {
        findings.add_at(&rules::tree::NOT_EXECUTABLE, path, mode(file));
    }
    let runs = |facts| platform.machine().is_none_or(|own| own.runs(facts));
    let found = match &file.object {
        Object::None => "no executable".to_owned(),
        Object::Facts(facts) if !machine::is_native_program(facts) => {
            format!("no program, but {}", machine::describe(facts))
        }
        Object::Facts(facts) if !(runs(facts) && is_for(facts, platform)) => {
            machine::describe(facts)
        }
        // The latter is a finding of its own.
        Object::Facts(_) | Object::Malformed(_) => return,
    };
    let detail = format!("it is {found}, and the target is {}", platform.target);
    findings.add_at(&rules::runtime::MACHINE, path, detail);
}

/// Whether a file is for the system of a platform, among those that share its format.
fn is_for(facts: &Facts, platform: &Platform) -> bool {
    machine::is_for_node_system(&platform.npm.os, facts)
}

/// Whether the container says that a program may not be executed. Windows has no modes.
fn lacks_mode(file: &File, platform: &Platform) -> bool {
    platform.executable.format != ObjectFormat::Pe && !file.is_executable()
}

fn mode(file: &File) -> String {
    match file.mode {
        Some(mode) => format!("its mode is {:04o}", mode & 0o7777),
        None => "it has no mode".to_owned(),
    }
}
