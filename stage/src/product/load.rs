//! Reads and checks the files of a product. Everything that is wrong with them is found in one run.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::Path;

use super::check::check_names;
use super::defaults;
use super::definition::Product;
use super::document::Document;
use super::error::ProductError;
use super::known_targets;
use super::mistake::Mistake;
use super::names::TargetTriple;
use super::origin;
use super::platform::Platform;
use super::source::{MOST_TEXT, MOST_TOML, ProductSource, Unread};
use super::stage_toml::{PackageFormat, ProductFile};
use super::texts::{LicenseFile, Prose, is_license_name};

/// The fields without which nothing can be packaged, and what they are.
pub(super) const REQUIRED: [(&str, &str); 3] = [
    ("product.name", "name the product: name = \"ruff\""),
    (
        "product.license",
        "name its licence, as an SPDX expression: license = \"MIT\"",
    ),
    (
        "product.repository",
        "say where its source is: repository = \"https://…\"",
    ),
];

impl Product {
    /// Reads and checks the files of a product.
    pub fn load(source: &ProductSource) -> Result<Self, ProductError> {
        let mut mistakes = Vec::new();
        let text = match source.read("stage.toml", MOST_TOML) {
            Ok(text) => text,
            Err(Unread::Io(error)) => return Err(ProductError::Read(error)),
            Err(unread) => {
                let mistake = unread.mistake(source.show("stage.toml"));
                return Err(ProductError::Mistakes(vec![mistake]));
            }
        };
        let mut document = Document::parse(source.show("stage.toml"), text, &mut mistakes);
        let readme = readme(source, &document, &mut mistakes);
        document.set_defaults(defaults::of_product(&document, readme.as_deref()));
        if document.is_sound() {
            for (field, what) in REQUIRED {
                if !document.has(field) {
                    mistakes.push(document.mistake(field, format!("is missing: {what}")));
                }
            }
        }
        let file: Option<ProductFile> = document.read(&mut mistakes);
        let platforms = platforms(source, &document, &mut mistakes)?;
        let Some(mut file) = file else {
            mistakes.sort();
            mistakes.dedup();
            return Err(ProductError::Mistakes(mistakes));
        };
        file.bundle.brings_metadata = document.has("bundle.metadata");
        let license_files = license_files(source, &document, &file, &mut mistakes)?;
        mistakes.extend(check_names(&document, &file));
        mistakes.extend(check_platforms(&document, &file, &platforms));
        if !mistakes.is_empty() {
            mistakes.sort();
            mistakes.dedup();
            return Err(ProductError::Mistakes(mistakes));
        }
        let shared = origin::of_product(&document, &license_files);
        let origins = platforms.iter().map(|found| {
            let origin = origin::of_target(shared, &found.document);
            (found.platform.target.to_string(), origin)
        });
        Ok(Self {
            origins: origins.collect(),
            identity: file.product,
            bundle: file.bundle,
            wheel: file.wheel,
            krate: file.krate,
            npm: file.npm,
            release: file.release,
            platforms: platforms.into_iter().map(|found| found.platform).collect(),
            license_files,
        })
    }
}

/// Reads the README that stage.toml names.
fn readme(
    source: &ProductSource,
    document: &Document,
    mistakes: &mut Vec<Mistake>,
) -> Option<String> {
    let name = document.text_of("product.readme")?;
    if Path::new(&name).components().count() != 1 {
        // The type of the field says what is wrong.
        return None;
    }
    let text = match source.read(&name, MOST_TEXT) {
        Ok(text) => text,
        Err(unread) => {
            mistakes.push(named(source, &name, &unread, document, "product.readme"));
            return None;
        }
    };
    // Windows writes other ends of lines, and a mark before the first one.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if let Err(error) = text.parse::<Prose>() {
        let reason = format!("{name} {}", error.reason());
        mistakes.push(document.mistake("product.readme", reason));
        return None;
    }
    Some(text)
}

/// Makes a mistake of a file that a field names, or that has the name that its default finds.
fn named(
    source: &ProductSource,
    name: &str,
    unread: &Unread,
    document: &Document,
    field: &str,
) -> Mistake {
    // What is wrong in the file is corrected there.
    if matches!(unread, Unread::Encoding { .. }) || !document.has(field) {
        return unread.mistake(source.show(name));
    }
    document.mistake(field, format!("{name} {}", unread.reason()))
}

/// Reads the licence files.
fn license_files(
    source: &ProductSource,
    document: &Document,
    file: &ProductFile,
    mistakes: &mut Vec<Mistake>,
) -> Result<BTreeMap<String, String>, ProductError> {
    let field = "product.license-files";
    let names = match &file.product.license_files {
        Some(names) => names.iter().map(ToString::to_string).collect(),
        None if document.has(field) => Vec::new(),
        None => {
            let mut names = source.list("")?;
            names.retain(|name| is_license_name(name) && name.parse::<LicenseFile>().is_ok());
            names
        }
    };
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        // On some systems, names that differ only in case are the same file.
        let same = |other: &&String| other.eq_ignore_ascii_case(&name);
        if let Some(other) = texts.keys().find(same) {
            let reason = format!("{name:?} and {other:?} are the same file");
            mistakes.push(document.mistake(field, reason));
            continue;
        }
        match source.read(&name, MOST_TEXT) {
            Ok(text) => {
                // Windows checks out other ends of lines, and a release has one text.
                texts.insert(name, text.replace("\r\n", "\n"));
            }
            Err(unread) => mistakes.push(named(source, &name, &unread, document, field)),
        }
    }
    Ok(texts)
}

/// A platform, and the file that describes it. One that `stage` knows may have none.
struct Found {
    platform: Platform,
    document: Document,
}

/// Reads the platforms: those that stage.toml lists, or else those that have a file.
fn platforms(
    source: &ProductSource,
    document: &Document,
    mistakes: &mut Vec<Mistake>,
) -> Result<Vec<Found>, ProductError> {
    let mut files = source.list("platforms")?;
    files.retain(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
    let stem = |name: &String| name.strip_suffix(".toml").unwrap_or(name).to_owned();
    let listed = document.texts_of("product.targets");
    let mut targets = listed
        .clone()
        .unwrap_or_else(|| files.iter().map(stem).collect());
    targets.sort();
    for pair in targets.windows(2).filter(|pair| pair[0] == pair[1]) {
        let reason = format!("has {:?} twice", pair[0]);
        mistakes.push(document.mistake("product.targets", reason));
    }
    targets.dedup();
    if targets.is_empty() && document.is_sound() {
        let reason = format!(
            "is missing, and {} has no file: list the target triples that a release is made for, \
             such as \"x86_64-unknown-linux-gnu\"",
            source.show("platforms")
        );
        mistakes.push(document.mistake("product.targets", reason));
    }
    for file in &files {
        if listed.is_some() && !targets.contains(&stem(file)) {
            let path = format!("platforms/{file}");
            let reason = format!("{path} describes a target that is not in the list");
            mistakes.push(document.mistake("product.targets", reason));
        }
    }
    let all_known = targets
        .iter()
        .filter_map(|target| known_targets::known(target));
    let all_known = all_known.collect::<Vec<_>>();
    let mut found = Vec::new();
    for target in &targets {
        let path = format!("platforms/{target}.toml");
        let known = known_targets::known(target);
        let own = files.iter().any(|file| stem(file) == *target);
        if !own && known.is_none() {
            // A list with something else in it is refused by its type.
            if target.parse::<TargetTriple>().is_ok() {
                mistakes.push(document.mistake("product.targets", unknown(target)));
            }
            continue;
        }
        let text = if own {
            match source.read(&path, MOST_TOML) {
                Ok(text) => text,
                Err(unread) => {
                    mistakes.push(unread.mistake(source.show(&path)));
                    continue;
                }
            }
        } else {
            String::new()
        };
        let mut file = Document::parse(source.show(&path), text, mistakes);
        if let Some(known) = known {
            file.set_defaults(defaults::of_platform(known, &all_known));
        }
        let Some(mut platform) = file.read::<Platform>(mistakes) else {
            continue;
        };
        platform.known = known;
        if platform.target != *target {
            let reason = format!("{:?} is not the name of this file", platform.target);
            mistakes.push(file.mistake("target", reason));
            continue;
        }
        found.push(Found {
            platform,
            document: file,
        });
    }
    Ok(found)
}

/// Says that nothing is known of a target.
fn unknown(target: &str) -> String {
    let cpu = |target: &str| target.split('-').next().unwrap_or_default().to_owned();
    let near = known_targets::all().map(|known| known.triple);
    let near = near
        .filter(|triple| cpu(triple) == cpu(target))
        .collect::<Vec<_>>();
    let near = if near.is_empty() {
        String::new()
    } else {
        format!(" (known are {})", near.join(", "))
    };
    format!(
        "{target:?} is not a target that stage knows{near}; describe it in platforms/{target}.toml"
    )
}

/// Checks the platforms against each other, and against the limits of registries.
fn check_platforms(document: &Document, file: &ProductFile, found: &[Found]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let makes = |format| file.product.formats.contains(&format);
    for (at, one) in found.iter().enumerate() {
        let platform = &one.platform;
        let target = &platform.target;
        if let Some((field, why)) = too_long(file, platform) {
            // A name that is too long is so for each platform.
            let said = |mistake: &Mistake| mistake.field.as_deref() == Some(field);
            if !mistakes.iter().any(said) {
                mistakes.push(document.mistake(field, why));
            }
        }
        // What comes from a file of `platforms/` is corrected there.
        let mut wrong = |field: &str, reason: String| {
            mistakes.push(if one.document.has(field) {
                one.document.mistake(field, reason)
            } else {
                document.mistake("product.targets", format!("{target}: {reason}"))
            });
        };
        for other in found[..at].iter().map(|found| &found.platform) {
            let both = |what: &str| format!("{} already has {what}", other.target);
            let mut tags = platform.example_tags();
            if makes(PackageFormat::Wheel) && tags.any(|tag| other.accepts(&tag)) {
                wrong("wheel.tags", both("tags of this machine"));
            }
            if makes(PackageFormat::Npm) {
                if other.npm.name == platform.npm.name {
                    wrong("npm.name", both(&format!("{:?}", platform.npm.name)));
                }
                if let Some((os, cpu)) = platform.npm.shared_with(&other.npm) {
                    let both = both(&format!("`{os}` and `{cpu}`"));
                    let advice = one_for_both("npm", target, &other.target);
                    wrong("npm.cpu", format!("{both}; {advice}"));
                }
            }
            if makes(PackageFormat::Crate) && other.krate.cfg == platform.krate.cfg {
                let (both, advice) = (
                    both("this cfg"),
                    one_for_both("crate", target, &other.target),
                );
                wrong("crate.cfg", format!("{both}; {advice}"));
            }
        }
    }
    mistakes
}

/// Says what to do about two targets that packages of a format cannot tell apart.
fn one_for_both(format: &str, target: &str, other: &str) -> String {
    /// CPUs of ARM, as target triples begin with them. Each runs what is built for one before it.
    const ARM: [&str; 4] = ["armv5te-", "arm-", "armv7-", "thumbv7neon-"];
    let age = |target: &str| ARM.iter().position(|cpu| target.starts_with(cpu));
    let serving = match (age(target), age(other)) {
        (Some(one), Some(two)) if one < two => format!(": the build for {target} serves both"),
        (Some(one), Some(two)) if one > two => format!(": the build for {other} serves both"),
        _ => String::new(),
    };
    format!(
        "a package cannot tell the two apart; leave one of them out of `product.targets`{serving}; or leave \
         {format:?} out of `product.formats`"
    )
}

/// Finds a name that is too long for its registry once a platform's part is added: the field that
/// it comes from, and the reason.
fn too_long(file: &ProductFile, platform: &Platform) -> Option<(&'static str, String)> {
    let ProductFile { krate, npm, .. } = file;
    let parts = platform.krate.parts.map_or(9, NonZeroU16::get);
    let part = format!("{}-{}-part{parts}", krate.name, platform.target);
    let alias = format!("{}-{}", npm.package, platform.npm.name);
    [
        (
            PackageFormat::Crate,
            "crate.name",
            part,
            "crate",
            MAX_CRATE_NAME,
        ),
        (
            PackageFormat::Npm,
            "npm.package",
            alias,
            "npm package",
            MAX_NPM_NAME,
        ),
    ]
    .into_iter()
    .find(|(format, _, name, _, limit)| {
        name.len() > *limit && file.product.formats.contains(format)
    })
    .map(|(_, field, name, what, limit)| {
        let length = name.len();
        let reason = format!(
            "the name of the {what} `{name}` has {length} characters; a registry takes {limit}; \
             set another one, or leave them out of `product.formats`"
        );
        (field, reason)
    })
}

/// crates.io's limit of a crate's name, in characters.
const MAX_CRATE_NAME: usize = 64;

/// npm's limit of a package's name, in characters.
const MAX_NPM_NAME: usize = 214;
