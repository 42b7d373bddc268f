use super::ecosystem::Ecosystem;
use super::error::SdkError;
use super::pinned::{Edited, Pin, Pinned};
use super::source::SdkSource;
use super::{cargo, manifest, python};

/// Reads an SDK and returns it with its pin. Fails if it has no manifest or two, or if the manifest
/// cannot be pinned.
pub fn pin(source: &SdkSource, pin: &Pin) -> Result<Pinned, SdkError> {
    let mut files = source.read()?;
    let has = |ecosystem: &Ecosystem| files.contains_key(ecosystem.manifest());
    let found = [Ecosystem::Cargo, Ecosystem::Python]
        .into_iter()
        .filter(has);
    let ecosystem = match found.collect::<Vec<_>>()[..] {
        [ecosystem] => ecosystem,
        [] => return Err(SdkError::NoManifest(source.to_string())),
        _ => return Err(SdkError::TwoManifests(source.to_string())),
    };
    let file = ecosystem.manifest();
    let text = files
        .get(file)
        .and_then(|file| String::from_utf8(file.content.clone()).ok());
    let at = |reason: String| SdkError::Manifest {
        file: format!("{source}/{file}"),
        reason,
    };
    let text = text.ok_or_else(|| at("it is not UTF-8".to_owned()))?;
    let edited = manifest::parse(&text).and_then(|document| match ecosystem {
        Ecosystem::Cargo => cargo::pin(document, pin, *source == SdkSource::BuiltIn),
        Ecosystem::Python => python::pin(document, pin),
    });
    let Edited {
        name,
        version,
        requirement,
        document,
    } = edited.map_err(|fault| fault.at(&format!("{source}/{file}")))?;
    if let Some(manifest) = files.get_mut(file) {
        manifest.content = manifest::print(&document, &text).into_bytes();
    }
    Ok(Pinned {
        ecosystem,
        name,
        version,
        requirement,
        files,
    })
}
