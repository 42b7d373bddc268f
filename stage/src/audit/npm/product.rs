//! What the packages of the product have to be: those of the platforms, and the root package.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::commands::commands;
use super::machine;
use super::package::{NpmPackage, PACKAGE_JSON};
use crate::audit::finding::Findings;
use crate::audit::outcome::Compared;
use crate::audit::runtime::tree::RuntimeTree;
use crate::audit::{rules, sbom};
use crate::contents::FileRecord;
use crate::package::npm;
use crate::package::sbom::FILE as SBOM_FILE;
use crate::product::{LegacyContainer, NpmPlatforms, Platform, Product};
use crate::record::names::npm as names;
use crate::version::ReleaseVersion;

/// What the launcher reads.
const KNOWN: &str = "platforms.json";

/// Holds a package of the product against what was staged, or should have been.
pub(super) fn check(package: &NpmPackage, product: &Product, findings: &mut Findings) -> Compared {
    let Some(version) = package.text("version") else {
        return Compared::default();
    };
    let mut compared = Compared {
        version: Some(version.to_owned()),
        ..Compared::default()
    };
    if let Some((platform, version)) = of_platform(package, product, version) {
        compared.runtime = check_platform(package, product, platform, version, findings);
        return compared;
    }
    let carried = product.platforms.iter().filter(|platform| {
        let directory = tree(package, platform);
        package.contents.has_directory(&directory)
    });
    match carried.collect::<Vec<_>>()[..] {
        [] => {
            compared.files = package.contents.records("");
            compared.siblings = check_root(package, product, version, findings);
        }
        // As the root package was, before the platforms had packages of their own.
        [_, _, ..] => {}
        [platform] => {
            let name = &platform.npm.name;
            let what = match product.npm.platforms {
                NpmPlatforms::Versions => format!("its version {version:?}"),
                NpmPlatforms::Packages => format!("its name {:?}", &*product.npm.package),
            };
            let detail = format!(
                "it carries the runtime of {}, and {what} does not end in \"-{name}\"",
                platform.target
            );
            findings.add_at(&rules::npm::PLATFORM, PACKAGE_JSON, detail);
        }
    }
    compared
}

/// Returns the platform that a package is for, and the version of the release; `None` for the root
/// package.
fn of_platform<'a>(
    package: &NpmPackage,
    product: &'a Product,
    version: &'a str,
) -> Option<(&'a Platform, &'a str)> {
    let name = package.text("name");
    product.platforms.iter().find_map(|platform| {
        let version = match product.npm.platforms {
            NpmPlatforms::Versions => version
                .strip_suffix(&*platform.npm.name)?
                .strip_suffix('-')?,
            NpmPlatforms::Packages => {
                (name? == names::alias(product, platform)).then_some(version)?
            }
        };
        Some((platform, version))
    })
}

/// Where the runtime of a platform lies in a tarball.
fn tree(package: &NpmPackage, platform: &Platform) -> String {
    format!("{}/{}", package.root, npm::tree_directory(&platform.target))
}

fn check_platform(
    package: &NpmPackage,
    product: &Product,
    platform: &Platform,
    version: &str,
    findings: &mut Findings,
) -> Vec<FileRecord> {
    let systems = json!(platform.npm.systems().collect::<Vec<_>>());
    // A package that is for its own system alone claims less than it may.
    let systems = vec![systems, json!([platform.npm.os])];
    let cpus = vec![json!(platform.npm.cpus())];
    let libc = platform.npm.libc.map(|libc| vec![json!([libc.as_str()])]);
    let fields = [
        ("os", Some(systems)),
        ("cpu", Some(cpus)),
        // Where it is not said, the bytes alone decide.
        ("libc", libc),
    ];
    for (key, accepted) in fields {
        let Some(accepted) = accepted else {
            continue;
        };
        let found = package.json.get(key).unwrap_or(&Value::Null);
        if !accepted.contains(found) {
            let detail = format!(
                "`{key}` is {found}, and that of {} is {}",
                platform.target, accepted[0]
            );
            findings.add_at(&rules::npm::PLATFORM, PACKAGE_JSON, detail);
        }
    }
    let directory = tree(package, platform);
    if !package.contents.has_directory(&directory) {
        findings.add(
            &rules::npm::VENDOR,
            format!("there is no file below {directory}/"),
        );
        return Vec::new();
    }
    let mut main = machine::main(package);
    if is_legacy(product, version) {
        machine::check_cpus(package, findings);
    } else {
        let tree = RuntimeTree {
            contents: package.contents,
            directory: &directory,
            version: Some(version),
            platform: Some(platform),
        };
        main.extend(
            tree.check(product, findings)
                .map(|metadata| format!("{directory}/{}", metadata.entrypoint)),
        );
    }
    machine::check_libc(package, &main, findings);
    let prefix = format!("{directory}/");
    check_bill(package, &prefix, findings);
    package.contents.records(&prefix)
}

/// Holds the bill of materials, if there is one, against the runtime.
fn check_bill(package: &NpmPackage, prefix: &str, findings: &mut Findings) {
    let bill = format!("{}/{}", package.root, SBOM_FILE);
    if package.contents.get(&bill).is_some() {
        let files = package.contents.below(prefix).collect();
        sbom::check(&bill, package.contents.text(&bill), &files, findings);
    }
}

/// Whether a version was published before runtimes had metadata.
fn is_legacy(product: &Product, version: &str) -> bool {
    let version = product.parse_version(version).ok();
    let before = |version: &ReleaseVersion| {
        let layouts = product.bundle.legacy.iter();
        let mut layouts = layouts.filter(|layout| layout.container == LegacyContainer::Npm);
        layouts.any(|layout| *version < layout.before)
    };
    version.as_ref().is_some_and(before)
}

/// Gives the aliases of the platforms' packages.
fn check_root(
    package: &NpmPackage,
    product: &Product,
    version: &str,
    findings: &mut Findings,
) -> BTreeSet<String> {
    let installed = commands(package);
    for command in npm::commands(product) {
        if !installed.iter().any(|(name, _)| name == command) {
            let detail = format!("there is no command {command:?}");
            findings.add_at(&rules::npm::BIN_MISSING, PACKAGE_JSON, detail);
        }
    }
    let dependencies = package.json.get("optionalDependencies");
    let dependencies = dependencies.and_then(Value::as_object);
    let prefix = format!("{}-", product.npm.package);
    let mut named = BTreeSet::new();
    for (alias, wanted) in dependencies.into_iter().flatten() {
        let Some(name) = alias.strip_prefix(&prefix) else {
            continue;
        };
        named.insert(alias.clone());
        let mut platforms = product.platforms.iter();
        let platform = platforms.find(|platform| *platform.npm.name == *name);
        let detail = match platform.map(|platform| names::wanted(product, version, platform)) {
            Some(expected) if wanted.as_str() == Some(&expected) => continue,
            Some(expected) => format!("{alias:?} is {wanted}, and not {expected:?}"),
            None => format!("{alias:?} is the package of no platform of the product"),
        };
        findings.add_at(&rules::npm::ALIAS, PACKAGE_JSON, detail);
    }
    if named.is_empty() {
        let detail = "`optionalDependencies` names the package of no platform";
        findings.add_at(&rules::npm::ALIAS, PACKAGE_JSON, detail);
    }
    check_known(package, &named, findings);
    named
}

/// Holds what the launcher knows of the platforms, in packages that `stage` made, against what npm
/// installs.
fn check_known(package: &NpmPackage, named: &BTreeSet<String>, findings: &mut Findings) {
    #[derive(Deserialize)]
    struct Known {
        platforms: BTreeMap<String, KnownPlatform>,
    }
    #[derive(Deserialize)]
    struct KnownPlatform {
        package: String,
    }
    let path = format!("{}/{KNOWN}", package.root);
    if package.contents.get(&path).is_none() {
        return;
    }
    let text = package.contents.text(&path).unwrap_or_default();
    let detail = match serde_json::from_str::<Known>(text) {
        Ok(known) => {
            let known = known.platforms.into_values().map(|known| known.package);
            let known = known.collect::<BTreeSet<_>>();
            let mut differ = known.symmetric_difference(named);
            differ
                .next()
                .map(|alias| format!("only one of it and {PACKAGE_JSON} names {alias:?}"))
        }
        Err(error) => Some(error.to_string()),
    };
    if let Some(detail) = detail {
        findings.add_at(&rules::npm::ALIAS, KNOWN, detail);
    }
}
