//! The manifests of a staging directory, read by one function, so that every command agrees on
//! which of them can be used.

use std::io;
use std::path::Path;

use super::manifest::{self, Manifest, ManifestFault, ManifestFile};
use crate::base::files::names_in;
use crate::base::regular;
use crate::product::Product;

/// Reads every manifest of a staging directory, in the order of their targets. A manifest that
/// cannot be used says why; the error is that of listing them.
pub fn read_all(staging: &Path, product: &Product) -> io::Result<Vec<ManifestFile>> {
    let names = names_in(&staging.join(manifest::DIRECTORY))?;
    let targets = names.iter().filter_map(|name| name.strip_suffix(".json"));
    Ok(targets
        .map(|target| read(staging, target, product))
        .collect())
}

fn read(staging: &Path, target: &str, product: &Product) -> ManifestFile {
    let path = staging.join(Manifest::path(target));
    let (text, content) = match regular::read(&path, manifest::MAX_SIZE) {
        Ok(text) => {
            let content = parse(&text, target, product);
            (text, content)
        }
        Err(error) => (Vec::new(), Err(ManifestFault::Unreadable(error))),
    };
    ManifestFile {
        target: target.to_owned(),
        text,
        content,
    }
}

/// Reads the text of the manifest that is named after a target.
fn parse(text: &[u8], target: &str, product: &Product) -> Result<Manifest, ManifestFault> {
    let manifest = Manifest::parse(text, product)?;
    if manifest.text().as_bytes() != text {
        Err(ManifestFault::Edited(Box::new(manifest)))
    } else if manifest.target != target {
        let target = manifest.target;
        Err(ManifestFault::Damaged(format!(
            "it is of the target {target}"
        )))
    } else {
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::Digest;
    use crate::product::ProductSource;
    use crate::record::manifest::BundleRecord;

    /// What is said of the manifest of a target of ours, after `change` to its text, in a file that
    /// is named after `target`.
    fn said(target: &str, change: impl Fn(String) -> String) -> Result<(), String> {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let bundle = BundleRecord {
            sha256: Digest::of(b""),
            entrypoint: "bin/a".to_owned(),
            commands: std::collections::BTreeMap::new(),
            path_dir: None,
            files: Vec::new(),
        };
        let version = product.parse_version("1.2.3").unwrap();
        let platform = product.platform("x86_64-unknown-linux-musl").unwrap();
        let manifest = Manifest::new(&product, &version, platform, bundle);
        let staging = tempfile::tempdir().unwrap();
        let directory = staging.path().join(manifest::DIRECTORY);
        fs_err::create_dir(&directory).unwrap();
        fs_err::write(directory.join("README"), "not a manifest").unwrap();
        let file = directory.join(format!("{target}.json"));
        fs_err::write(file, change(manifest.text())).unwrap();
        let files = read_all(staging.path(), &product).unwrap();
        let [file] = <[ManifestFile; 1]>::try_from(files).unwrap();
        assert_eq!(file.target, target);
        let content = file
            .content
            .map(|read| assert_eq!(read.text().as_bytes(), file.text));
        content.map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_manifest_is_used_as_it_was_written_and_under_its_own_name_only() {
        let own = "x86_64-unknown-linux-musl";
        assert_eq!(said(own, |text| text), Ok(()));
        let other = said("aarch64-apple-darwin", |text| text).unwrap_err();
        assert_eq!(other, format!("it is of the target {own}"));
        let edited = said(own, |text| text.replace("bin/a", "bin/b")).unwrap_err();
        assert_eq!(edited, "it was changed since `stage` wrote it");
        let spaced = said(own, |text| text + "\n").unwrap_err();
        assert_eq!(spaced, "it was changed since `stage` wrote it");
        let cut = said(own, |text| text[..100].to_owned()).unwrap_err();
        assert!(cut.contains("EOF"), "{cut}");
    }

    #[test]
    fn a_manifest_that_cannot_be_read_does_not_hide_the_others() {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let staging = tempfile::tempdir().unwrap();
        let directory = staging.path().join(manifest::DIRECTORY);
        fs_err::create_dir_all(directory.join("a.json")).unwrap();
        fs_err::write(directory.join("b.json"), "{}").unwrap();
        let files = read_all(staging.path(), &product).unwrap();
        let faults = files.iter().map(|file| (&*file.target, &file.content));
        assert!(matches!(
            faults.collect::<Vec<_>>()[..],
            [
                ("a", Err(ManifestFault::Unreadable(_))),
                ("b", Err(ManifestFault::Damaged(_)))
            ]
        ));
    }
}
