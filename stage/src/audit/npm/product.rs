//! What the packages of the product have to be: those of the platforms, and the root package.

use serde_json::{Value, json};

use super::{Findings, PACKAGE_JSON, Package, bin, machine, rules};
use crate::audit::runtime::Tree;
use crate::package::npm;
use crate::platform::Platform;
use crate::product::{LegacyContainer, Product};
use crate::version::ReleaseVersion;

/// Holds a package of the product against what was staged, or should have been. Gives the
/// directory in the tarball of the runtime that it carries.
pub(super) fn check(
    package: &Package,
    product: &Product,
    findings: &mut Findings,
) -> Option<String> {
    let version = package.text("version")?;
    let of_platform = product.platforms.iter().find_map(|platform| {
        let version = version.strip_suffix(&*platform.npm.name)?;
        Some((platform, version.strip_suffix('-')?))
    });
    if let Some((platform, version)) = of_platform {
        return check_platform(package, product, platform, version, findings);
    }
    let carried = product.platforms.iter().filter(|platform| {
        let directory = tree(package, platform);
        package.contents.has_directory(&directory)
    });
    match carried.collect::<Vec<_>>()[..] {
        [] => {
            check_root(package, product, version, findings);
            None
        }
        // As the root package was, before the platforms had packages of their own.
        [_, _, ..] => None,
        [platform] => {
            let name = &platform.npm.name;
            let detail = format!(
                "it carries the runtime of {}, and its version {version:?} does not end in \
                 \"-{name}\"",
                platform.target
            );
            findings.add_at(&rules::PLATFORM, PACKAGE_JSON, detail);
            None
        }
    }
}

/// Where the runtime of a platform lies in a tarball.
fn tree(package: &Package, platform: &Platform) -> String {
    format!("{}/{}", package.root, npm::tree_directory(&platform.target))
}

fn check_platform(
    package: &Package,
    product: &Product,
    platform: &Platform,
    version: &str,
    findings: &mut Findings,
) -> Option<String> {
    for (key, expected) in [("os", &platform.npm.os), ("cpu", &platform.npm.cpu)] {
        let found = package.json.get(key).unwrap_or(&Value::Null);
        if *found != json!([expected]) {
            let detail = format!(
                "`{key}` is {found}, and that of {} is [\"{expected}\"]",
                platform.target
            );
            findings.add_at(&rules::PLATFORM, PACKAGE_JSON, detail);
        }
    }
    let directory = tree(package, platform);
    if !package.contents.has_directory(&directory) {
        findings.add(
            &rules::VENDOR,
            format!("there is no file below {directory}/"),
        );
        return None;
    }
    let mut main = machine::main(package);
    if is_legacy(product, version) {
        machine::check_cpus(package, findings);
    } else {
        let tree = Tree {
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
    Some(directory)
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

fn check_root(package: &Package, product: &Product, version: &str, findings: &mut Findings) {
    let command = &*product.npm.bin;
    if !bin::commands(package)
        .iter()
        .any(|(name, _)| name == command)
    {
        let detail = format!("there is no command {command:?}");
        findings.add_at(&rules::BIN_MISSING, PACKAGE_JSON, detail);
    }
    let dependencies = package.json.get("optionalDependencies");
    let dependencies = dependencies.and_then(Value::as_object);
    let prefix = format!("{}-", product.npm.package);
    let mut named = 0;
    for (alias, wanted) in dependencies.into_iter().flatten() {
        let Some(name) = alias.strip_prefix(&prefix) else {
            continue;
        };
        named += 1;
        let expected = format!("npm:{}@{version}-{name}", product.npm.package);
        if wanted.as_str() != Some(&expected) {
            let detail = format!("{alias:?} is {wanted}, and not {expected:?}");
            findings.add_at(&rules::ALIAS, PACKAGE_JSON, detail);
        } else if !product.platforms.iter().any(|p| *p.npm.name == *name) {
            let detail = format!("{alias:?} is the package of no platform of the product");
            findings.add_at(&rules::ALIAS, PACKAGE_JSON, detail);
        }
    }
    if named == 0 {
        let detail = "`optionalDependencies` names the package of no platform";
        findings.add_at(&rules::ALIAS, PACKAGE_JSON, detail);
    }
}
