//! Python platform wheels.
//!
//! A runtime that is a tree lies in the import package as it is, beside a few Python files that say
//! where they are. One of executables alone is installed as a native program is: `layout` decides it.
//! There is no sdist: a wheel is made from binaries, not from source.
//!
//! Specifications: [binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/)
//! (PEP 427), [core metadata](https://packaging.python.org/en/latest/specifications/core-metadata/)
//! 2.4 with the licence fields of PEP 639, [recording installed projects](https://packaging.python.org/en/latest/specifications/recording-installed-packages/)
//! (PEP 376), [entry points](https://packaging.python.org/en/latest/specifications/entry-points/),
//! [bills of materials](https://peps.python.org/pep-0770/) (PEP 770, which has a directory and no field).

mod layout;
mod metadata;
mod python;

use std::io::BufWriter;

use fs_err::File;

use super::entry::Entry;
use super::error::PackageError;
use super::input::Input;
use super::{sbom, zip};
use crate::bundle::{WHEEL_FILES, WHEEL_HOOKS};
use crate::contents::Contents;
use crate::record::names::wheel::{data_stem, file_name_before_tags};
use crate::record::{Artifact, ArtifactKind};
use layout::Layout;
use native_claims::WheelTags;
use python::Filler;

/// Returns the file name of a wheel.
fn file_name(input: &Input, tags: &WheelTags) -> String {
    format!(
        "{}{tags}.whl",
        file_name_before_tags(input.product, input.version)
    )
}

/// Writes the wheel for a set of tags.
pub fn write(input: &Input, tags: &WheelTags) -> Result<(Artifact, Contents), PackageError> {
    let product = input.product;
    let import_package = &*product.wheel.import_package;
    let stem = data_stem(product, input.version);
    let dist_info = format!("{stem}.dist-info");
    let Layout {
        commands,
        executables,
        mut entries,
        licenses,
        listed,
    } = Layout::new(input, &stem)?;
    let templates = python::templates(commands, product);
    let filler = Filler::new(input, &templates, &executables, &dist_info);
    for (name, template) in WHEEL_FILES.into_iter().zip(templates.files) {
        entries.push(Entry::text(
            format!("{import_package}/{name}"),
            filler.fill(template),
        ));
    }
    for (name, template) in [
        ("__init__.py", python::HOOKS),
        (python::HOOK, templates.hook),
    ] {
        let name = filler.fill(name);
        entries.push(Entry::text(
            format!("{import_package}/{WHEEL_HOOKS}/{name}"),
            filler.fill(template),
        ));
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    // The metadata comes last: installers find it there without reading what is before it.
    let license_names = product.license_files.keys().map(String::as_str);
    let license_names = license_names.chain(licenses.iter().map(|(name, _)| name.as_str()));
    entries.push(Entry::text(
        format!("{dist_info}/METADATA"),
        metadata::metadata(input, license_names),
    ));
    entries.push(Entry::text(
        format!("{dist_info}/WHEEL"),
        metadata::wheel(tags),
    ));
    entries.push(Entry::text(
        format!("{dist_info}/entry_points.txt"),
        filler.entry_points(commands, &executables),
    ));
    let own = product.license_files.iter();
    let own = own.map(|(name, text)| (name.clone(), text.clone().into_bytes()));
    for (name, text) in own.chain(licenses) {
        entries.push(Entry::text(format!("{dist_info}/licenses/{name}"), text));
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
    let bill = match &listed {
        Some(files) => {
            let files = files.iter().map(|(path, sha256)| (path.as_str(), *sha256));
            sbom::text_of(input, &subject, files)?
        }
        None => sbom::text(input, &subject)?,
    };
    entries.push(Entry::text(
        format!("{dist_info}/sboms/{distribution}{}", sbom::SUFFIX),
        bill,
    ));
    let record_name = format!("{dist_info}/RECORD");
    let record = metadata::record(&entries, &record_name);
    entries.push(Entry::text(record_name, record));

    let path = format!("{}/{file_name}", ArtifactKind::Wheel.directory());
    let file = BufWriter::new(File::create_new(input.out.join(&path))?);
    let written = zip::write(&entries, input.compressed, input.timestamp, file)?;
    let artifact = Artifact::file(ArtifactKind::Wheel, path, written);
    Ok((artifact, Contents::of_entries(entries, input.contents)))
}
