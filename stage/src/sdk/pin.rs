use super::ecosystem::Ecosystem;
use super::error::Error;
use super::pinned::{Edited, Pin, Pinned};
use super::source::Source;
use super::{cargo, manifest, python};

/// Pins an SDK.
pub fn pin(source: &Source, pin: &Pin) -> Result<Pinned, Error> {
    let mut files = source.read()?;
    let has = |ecosystem: &Ecosystem| files.contains_key(ecosystem.manifest());
    let found = [Ecosystem::Cargo, Ecosystem::Python]
        .into_iter()
        .filter(has);
    let ecosystem = match found.collect::<Vec<_>>()[..] {
        [ecosystem] => ecosystem,
        [] => return Err(Error::NoManifest(source.to_string())),
        _ => return Err(Error::TwoManifests(source.to_string())),
    };
    let file = ecosystem.manifest();
    let text = files
        .get(file)
        .and_then(|file| String::from_utf8(file.content.clone()).ok());
    let at = |reason: String| Error::Manifest {
        file: format!("{source}/{file}"),
        reason,
    };
    let text = text.ok_or_else(|| at("it is not UTF-8".to_owned()))?;
    let edited = manifest::parse(&text).and_then(|document| match ecosystem {
        Ecosystem::Cargo => cargo::pin(document, pin, *source == Source::BuiltIn),
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
