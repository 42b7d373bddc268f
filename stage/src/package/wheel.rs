//! Python platform wheels.
//!
//! The files of the runtime lie directly in the import package, beside a few Python files that say
//! where they are. There is no sdist: a wheel is made from binaries, not from source.
//!
//! Specifications: [binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/)
//! (PEP 427), [core metadata](https://packaging.python.org/en/latest/specifications/core-metadata/)
//! 2.4 with the licence fields of PEP 639, [recording installed projects](https://packaging.python.org/en/latest/specifications/recording-installed-packages/)
//! (PEP 376), [bills of materials](https://peps.python.org/pep-0770/) (PEP 770, which has a directory and no field).

use std::fmt::Write as _;
use std::io::BufWriter;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fs_err::File;

use super::entry::{Body, Entry};
use super::error::PackageError;
use super::input::Input;
use super::{sbom, zip};
use crate::base::digest::Digest;
use crate::bundle::{BundleFile, WHEEL_FILES, WHEEL_HOOKS};
use crate::contents::Contents;
use crate::product::Product;
use crate::record::names::wheel::{file_name_before_tags, file_name_prefix};
use crate::record::{Artifact, ArtifactKind};
use native_claims::WheelTags;
use strict_archive::PortablePath;

/// The contents of [`WHEEL_FILES`] in the same order, as templates.
const TEMPLATES: [&str; WHEEL_FILES.len()] = [
    include_str!("python/__init__.py"),
    include_str!("python/__main__.py"),
    "",
];

/// The package of hooks in [`WHEEL_HOOKS`], through which `PyInstaller` takes the runtime into a program:
/// <https://pyinstaller.org/en/stable/hooks.html#providing-pyinstaller-hooks-with-your-package>
const HOOKS: [(&str, &str); 2] = [
    (
        "__init__.py",
        include_str!("python/__pyinstaller/__init__.py"),
    ),
    (
        "hook-@import_package@.py",
        include_str!("python/__pyinstaller/hook.py"),
    ),
];

/// The file `entry_points.txt`, which tells `PyInstaller` where the hooks are.
const ENTRY_POINTS: &str =
    "[pyinstaller40]\nhook-dirs = @import_package@.__pyinstaller:get_hook_dirs\n";

/// Returns the file name of a wheel.
fn file_name(input: &Input, tags: &WheelTags) -> String {
    format!(
        "{}{tags}.whl",
        file_name_before_tags(input.product, &input.version)
    )
}

/// Writes the wheel for a set of tags.
pub fn write(input: &Input, tags: &WheelTags) -> Result<(Artifact, Contents), PackageError> {
    let product = input.product;
    let import_package = &*product.wheel.import_package;
    // With room for everything that is put beside the files.
    let beside = WHEEL_FILES.len() + HOOKS.len() + product.license_files.len() + 5;
    let mut entries = Vec::with_capacity(input.bundle.files().len() + beside);
    for name in WHEEL_FILES.into_iter().chain([WHEEL_HOOKS]) {
        // Without regard to case, like some file systems. A directory of the same name is refused
        // too.
        let in_the_way = |file: &&BundleFile| {
            let top = file.path.as_str().split('/').next();
            top.is_some_and(|top| top.eq_ignore_ascii_case(name))
        };
        if let Some(file) = input.bundle.files().iter().find(in_the_way) {
            return Err(PackageError::Conflict {
                path: file.path.display().to_string(),
                package: "wheel",
            });
        }
    }
    for (name, template) in WHEEL_FILES.into_iter().zip(TEMPLATES) {
        entries.push(Entry::text(
            format!("{import_package}/{name}"),
            python(input, template),
        ));
    }
    for (name, template) in HOOKS {
        let name = python(input, name);
        entries.push(Entry::text(
            format!("{import_package}/{WHEEL_HOOKS}/{name}"),
            python(input, template),
        ));
    }
    entries.extend(
        input
            .bundle
            .files()
            .iter()
            .map(|file| Entry::file(import_package, file)),
    );
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    // The metadata comes last: installers find it there without reading what is before it.
    let dist_info = format!(
        "{}-{}.dist-info",
        file_name_prefix(product),
        input.version.python()
    );
    entries.push(Entry::text(
        format!("{dist_info}/METADATA"),
        metadata(input),
    ));
    entries.push(Entry::text(format!("{dist_info}/WHEEL"), wheel(tags)));
    entries.push(Entry::text(
        format!("{dist_info}/entry_points.txt"),
        python(input, ENTRY_POINTS),
    ));
    for (name, text) in &product.license_files {
        entries.push(Entry::text(
            format!("{dist_info}/licenses/{name}"),
            text.clone(),
        ));
    }
    let file_name = file_name(input, tags);
    let distribution = &*product.wheel.distribution;
    let python_version = input.version.python();
    let subject = sbom::Subject {
        name: distribution,
        purl: sbom::pypi_purl(distribution, &python_version, &file_name),
        version: python_version,
        parts: Vec::new(),
    };
    entries.push(Entry::text(
        format!("{dist_info}/sboms/{distribution}{}", sbom::SUFFIX),
        sbom::text(input, &subject)?,
    ));
    let record_name = format!("{dist_info}/RECORD");
    let record = record(&entries, &record_name);
    entries.push(Entry::text(record_name, record));

    let path = format!("{}/{file_name}", ArtifactKind::Wheel.directory());
    let file = BufWriter::new(File::create_new(input.out.join(&path))?);
    let written = zip::write(&entries, input.compressed, input.timestamp, file)?;
    let artifact = Artifact::file(ArtifactKind::Wheel, path, written);
    Ok((artifact, Contents::of_entries(entries, input.contents)))
}

/// Fills in a template, with names that were checked when they were read.
fn python(input: &Input, template: &str) -> String {
    let product = input.product;
    [
        ("title", &*product.identity.title),
        ("name", &product.identity.identifier()),
        ("version", &input.version.to_string()),
        ("python_version", &input.version.python()),
        ("distribution", &product.wheel.distribution),
        ("import_package", &product.wheel.import_package),
        ("metadata", &product.bundle.metadata),
        ("entrypoint", input.bundle.entrypoint().as_str()),
        (
            "path_dir",
            input
                .bundle
                .path_dir()
                .map(PortablePath::as_str)
                .or(product.bundle.path_dir.as_deref())
                .unwrap_or_default(),
        ),
    ]
    .iter()
    .fold(template.to_owned(), |text, (key, value)| {
        text.replace(&format!("@{key}@"), value)
    })
}

/// Returns the file METADATA.
fn metadata(input: &Input) -> String {
    let Product {
        identity,
        wheel,
        license_files,
        ..
    } = input.product;
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    };
    field("Metadata-Version", "2.4");
    field("Name", &wheel.distribution);
    field("Version", &input.version.python());
    field("Summary", &wheel.summary);
    field("Keywords", &wheel.keywords.join(","));
    field("Author", &identity.authors.join(", "));
    field("License-Expression", &identity.license);
    for name in license_files.keys() {
        field("License-File", name);
    }
    for classifier in &wheel.classifiers {
        field("Classifier", classifier);
    }
    field("Requires-Python", &wheel.requires_python);
    field("Project-URL", &format!("Homepage, {}", identity.homepage));
    field(
        "Project-URL",
        &format!("Repository, {}", identity.repository),
    );
    if let Some(issues) = &identity.issues {
        field("Project-URL", &format!("Issues, {issues}"));
    }
    field("Description-Content-Type", "text/markdown");
    format!("{text}\n{}", wheel.description)
}

/// Returns the file WHEEL. It lists each tag of a compressed set in full.
fn wheel(tags: &WheelTags) -> String {
    let mut text = format!(
        "Wheel-Version: 1.0\nGenerator: stage {}\nRoot-Is-Purelib: false\n",
        env!("CARGO_PKG_VERSION")
    );
    for tag in tags.iter() {
        let _ = writeln!(text, "Tag: py3-none-{tag}");
    }
    text
}

/// Returns the file RECORD: path, digest and size of every file but itself.
fn record(entries: &[Entry], own_name: &str) -> String {
    let mut text = String::new();
    for entry in entries {
        let digest = match &entry.body {
            Body::Literal(bytes) => Digest::of(bytes),
            Body::File(file) => file.sha256,
        };
        let digest = URL_SAFE_NO_PAD.encode(digest.as_bytes());
        let _ = writeln!(
            text,
            "{},sha256={digest},{}",
            csv_field(&entry.name),
            entry.size()
        );
    }
    text += &csv_field(own_name);
    text += ",,\n";
    text.shrink_to_fit();
    text
}

/// Returns a field of RECORD, quoted if needed, as Python's csv module does.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
