//! The npm root package: a launcher, and the data about the platforms that it reads.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::compress::Compressed;
use crate::package::entry::Entry;
use crate::package::npm;
use crate::package::npm::launcher;
use crate::product::{NpmPlatforms, Platform, Product};
use crate::record::manifest::Manifest;
use crate::record::manual;
use crate::record::names::npm as names;
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

/// Returns the path of the root package in a staging directory.
pub fn path(product: &Product, version: &ReleaseVersion) -> String {
    let name = names::file_name(&product.npm.package, &version.to_string());
    format!("{}/{name}", ArtifactKind::Npm.directory())
}

/// Writes the root package for these platforms.
pub fn write(
    product: &Product,
    version: &ReleaseVersion,
    timestamp: Timestamp,
    platforms: &[(&Platform, &Manifest)],
    out: &Path,
) -> io::Result<Artifact> {
    let entries = entries(product, version, platforms);
    let name = names::file_name(&product.npm.package, &version.to_string());
    npm::write_tarball(&entries, &Compressed::default(), timestamp, out, &name)
}

/// Returns the entries of the root package for these platforms.
pub fn entries(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
) -> Vec<Entry<'static>> {
    let text = &product.npm;
    let version_text = version.to_string();
    let dependencies = platforms.iter().map(|(platform, _)| {
        let wanted = names::wanted(product, &version_text, platform);
        (names::alias(product, platform), json!(wanted))
    });
    let bins = npm::commands(product).map(|name| (name.to_owned(), json!(bin(name))));
    let mut package = npm::package_json(product, &text.package, &version_text, &text.summary);
    if !text.keywords.is_empty() {
        package["keywords"] = json!(text.keywords);
    }
    match &text.funding[..] {
        [] => {}
        [one] => package["funding"] = json!(one),
        several => package["funding"] = json!(several),
    }
    package["bin"] = Value::Object(bins.collect());
    let pages = manual::shared(platforms.iter().map(|(_, manifest)| &manifest.manual));
    if !pages.is_empty() {
        package["man"] = json!(pages.keys().map(|name| man_page(name)).collect::<Vec<_>>());
    }
    package["optionalDependencies"] = Value::Object(dependencies.collect());

    let readme = format!("# {}\n\n{}\n", text.package, text.description.trim());
    let mut entries = npm::package_entries(product, &package, &readme);
    let is_full = needs_full_launcher(product, platforms);
    let known = known_platforms(product, version, platforms, is_full);
    entries.push(Entry::text(
        "package/platforms.json",
        format!("{known:#}\n"),
    ));
    for name in npm::commands(product) {
        let program = if is_full {
            launcher::command(name)
        } else {
            launcher::plain()
        };
        let mut program = Entry::text(format!("package/{}", bin(name)), program);
        program.executable = true;
        entries.push(program);
    }
    for (name, page) in pages {
        entries.push(Entry::text(format!("package/{}", man_page(&name)), page));
    }
    if is_full {
        let path = format!("package/{}", launcher::PATH);
        entries.push(Entry::text(path, launcher::full()));
    }
    entries
}

/// Returns the file of a page of the manual in the root package. npm tells the section from its name.
fn man_page(name: &str) -> String {
    format!("man/{name}")
}

/// Returns the file of a command in the root package.
fn bin(name: &str) -> String {
    format!("bin/{name}.js")
}

/// Returns whether there are several commands, builds for several C libraries of one machine, or no
/// published packages whose launcher this one follows to the byte.
fn needs_full_launcher(product: &Product, platforms: &[(&Platform, &Manifest)]) -> bool {
    let several = npm::commands(product).nth(1).is_some();
    let is_new = product.npm.platforms == NpmPlatforms::Packages;
    let mut platforms_of_libc = platforms.iter();
    several || is_new || platforms_of_libc.any(|(platform, _)| has_other_libc(platform, platforms))
}

/// Returns whether a machine of a platform has another build too, for another C library.
fn has_other_libc(platform: &Platform, platforms: &[(&Platform, &Manifest)]) -> bool {
    let mut machines = machines(platform).into_iter();
    machines.any(|machine| is_told_by_libc(&machine, platform, platforms))
}

/// Returns whether this machine of a platform has another build too, for another C library.
fn is_told_by_libc(
    machine: &String,
    platform: &Platform,
    platforms: &[(&Platform, &Manifest)],
) -> bool {
    let mut others = platforms
        .iter()
        .filter(|(other, _)| other.target != platform.target);
    platform.npm.libc.is_some()
        && others.any(|(other, _)| other.npm.libc.is_some() && machines(other).contains(machine))
}

/// Returns the machines of a platform, as Node.js names them: system and CPU.
fn machines(platform: &Platform) -> Vec<String> {
    let npm = &platform.npm;
    let machines = npm
        .systems()
        .flat_map(|os| npm.cpus().iter().map(move |cpu| format!("{os}-{cpu}")));
    machines.collect()
}

/// Returns the data that the launcher reads. The launcher describes the fields.
fn known_platforms(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
    is_full: bool,
) -> Value {
    let known = |(platform, manifest): &(&Platform, &Manifest)| {
        let bundle = &manifest.bundle;
        let mut known = json!({
            "package": names::alias(product, platform),
            "target": platform.target,
            "entrypoint": bundle.entrypoint,
        });
        if !bundle.commands.is_empty() {
            known["commands"] = json!(bundle.commands);
        }
        if let Some(path_dir) = &bundle.path_dir {
            known["pathDir"] = json!(path_dir);
        }
        let named = |machine: String| match platform.npm.libc {
            Some(libc) if is_told_by_libc(&machine, platform, platforms) => {
                format!("{machine}-{}", libc.as_str())
            }
            _ => machine,
        };
        let machines = machines(platform).into_iter();
        machines
            .map(|machine| (named(machine), known.clone()))
            .collect::<Vec<_>>()
    };
    let mut all = json!({
        "name": product.npm.package,
        "version": version,
        "title": product.identity.title,
        "pathEnv": product.identity.path_env,
        "metadata": &*product.bundle.metadata,
        "environment": product.npm.environment,
        "platforms": platforms.iter().flat_map(known).collect::<Map<_, _>>(),
    });
    if is_full {
        all["first"] = json!(npm::commands(product).next());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::entry::Body;
    use crate::product::{Libc, ProductSource};
    use crate::record::manifest::BundleRecord;

    /// Returns the texts of the root package for these C libraries of one machine.
    fn root(
        libcs: &[Option<Libc>],
        change: impl Fn(&mut Product),
    ) -> std::collections::BTreeMap<String, String> {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        change(&mut product);
        let version = product.parse_version("1.2.3").unwrap();
        let linux = product.platform("x86_64-unknown-linux-musl").unwrap();
        let platforms = libcs.iter().enumerate().map(|(index, libc)| {
            let mut platform = linux.clone();
            platform.target = format!("target-{index}").parse().unwrap();
            platform.npm.name = format!("linux-{index}").parse().unwrap();
            platform.npm.also_os.clear();
            platform.npm.libc = *libc;
            platform
        });
        let platforms = platforms.collect::<Vec<_>>();
        let record = BundleRecord {
            sha256: BundleRecord::digest(&[]),
            entrypoint: "bin/codex".to_owned(),
            commands: [("more".to_owned(), "bin/more".to_owned())].into(),
            path_dir: None,
            files: Vec::new(),
        };
        let manifests = platforms
            .iter()
            .map(|platform| Manifest::new(&product, &version, platform, record.clone()));
        let manifests = manifests.collect::<Vec<_>>();
        let both = platforms.iter().zip(&manifests).collect::<Vec<_>>();
        let entries = entries(&product, &version, &both).into_iter();
        let texts = entries.filter_map(|entry| match entry.body {
            Body::Literal(bytes) => Some((entry.name, String::from_utf8(bytes).ok()?)),
            Body::File(_) => None,
        });
        texts.collect()
    }

    /// Returns the machines that the launcher knows.
    fn machines_of(libcs: &[Option<Libc>]) -> (Vec<String>, bool) {
        let root = root(libcs, |_| ());
        let known: Value = serde_json::from_str(&root["package/platforms.json"]).unwrap();
        let machines = known["platforms"].as_object().unwrap().keys().cloned();
        (
            machines.collect(),
            root.contains_key("package/lib/launcher.js"),
        )
    }

    #[test]
    fn builds_for_both_c_libraries_are_told_apart() {
        let (glibc, musl) = (Some(Libc::Glibc), Some(Libc::Musl));
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let both = names(&["linux-x64-glibc", "linux-x64-musl"]);
        assert_eq!(machines_of(&[glibc, musl]), (both, true));
        // One build is for the machine, whatever it says of its library.
        for libc in [None, glibc, musl] {
            assert_eq!(machines_of(&[libc]), (names(&["linux-x64"]), false));
        }
    }

    #[test]
    fn several_commands_share_a_launcher() {
        let root = root(&[None], |product| {
            product.identity.commands.push("more".parse().unwrap());
        });
        let package: Value = serde_json::from_str(&root["package/package.json"]).unwrap();
        let bins = json!({ "codex": "bin/codex.js", "more": "bin/more.js" });
        assert_eq!(package["bin"], bins);
        assert!(
            root["package/bin/more.js"].ends_with("require(\"../lib/launcher.js\")(\"more\");\n")
        );
        let known: Value = serde_json::from_str(&root["package/platforms.json"]).unwrap();
        assert_eq!(known["first"], "codex");
        assert_eq!(
            known["platforms"]["linux-x64"]["commands"],
            json!({ "more": "bin/more" })
        );
    }

    #[test]
    fn packages_of_platforms_are_wanted_in_the_version_of_the_release() {
        let root = root(&[None], |product| {
            product.npm.platforms = NpmPlatforms::Packages;
            product.npm.funding = vec!["https://a.example".parse().unwrap()];
        });
        let package: Value = serde_json::from_str(&root["package/package.json"]).unwrap();
        let wanted = json!({ "@openai/codex-linux-0": "1.2.3" });
        assert_eq!(package["optionalDependencies"], wanted);
        assert_eq!(package["funding"], "https://a.example");
    }
}
