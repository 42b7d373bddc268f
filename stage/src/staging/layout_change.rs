//! What differs between two records of one runtime. Where the content of the files is the same, it is
//! what stage.toml says of them: which are commands, and where they go.

use std::collections::BTreeSet;

use crate::base::digest::Digest;
use crate::product::Product;
use crate::record::manifest::BundleRecord;

/// Returns what differs between two records of files with the same content, as parts of a sentence.
/// Empty: the content differs, or only paths do, which upstream decides.
pub(super) fn differences(
    product: &Product,
    staged: &BundleRecord,
    new: &BundleRecord,
) -> Vec<String> {
    if content(product, staged) != content(product, new) {
        return Vec::new();
    }
    let mut differences = Vec::new();
    let names = |bundle: &BundleRecord| bundle.commands.keys().cloned().collect::<BTreeSet<_>>();
    let (before, now) = (names(staged), names(new));
    let added = now.difference(&before);
    differences.extend(added.map(|name| format!("the command {name:?} is new")));
    let removed = before.difference(&now);
    differences.extend(removed.map(|name| format!("the command {name:?} is gone")));
    let mut compare = |what: &str, before: Option<&str>, now: Option<&str>| {
        if before != now {
            let [before, now] = [before, now].map(|path| path.unwrap_or("none"));
            differences.push(format!("the {what} was {before} and is {now}"));
        }
    };
    compare(
        "entrypoint",
        Some(&staged.entrypoint),
        Some(&new.entrypoint),
    );
    compare(
        "directory for PATH",
        staged.path_dir.as_deref(),
        new.path_dir.as_deref(),
    );
    let places = |bundle: &BundleRecord| {
        let files = bundle.files.iter();
        let places = files.filter(|file| !is_written(product, &file.path));
        places.map(|file| file.path.clone()).collect::<Vec<_>>()
    };
    if differences.is_empty() && places(staged) == places(new) {
        differences.push(format!("{} has another text", &*product.bundle.metadata));
    }
    differences
}

/// Returns the content of the files that upstream has made, in an order that paths do not change.
fn content(product: &Product, bundle: &BundleRecord) -> Vec<Digest> {
    let files = bundle.files.iter();
    let files = files.filter(|file| !is_written(product, &file.path));
    let mut content = files.map(|file| file.sha256).collect::<Vec<_>>();
    content.sort();
    content
}

/// Returns whether `stage` itself writes a file: the one that describes the runtime, if upstream's have
/// none.
fn is_written(product: &Product, path: &str) -> bool {
    !product.bundle.brings_metadata && *path == *product.bundle.metadata
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::{FileRecord, Mode};
    use crate::product::ProductSource;

    fn record(files: &[(&str, &str)]) -> BundleRecord {
        let files = files.iter().map(|(path, content)| FileRecord {
            path: (*path).to_owned(),
            mode: Mode::new(0o644),
            size: 1,
            sha256: Digest::of(content.as_bytes()),
        });
        let files = files.collect::<Vec<_>>();
        BundleRecord {
            sha256: BundleRecord::digest(&files),
            entrypoint: files[0].path.clone(),
            commands: std::collections::BTreeMap::new(),
            path_dir: None,
            files,
        }
    }

    #[test]
    fn what_stage_toml_decides_is_told_from_other_files() {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        product.bundle.brings_metadata = false;
        let of = |new: &BundleRecord| {
            let staged = record(&[("bin/a", "a"), ("b", "b"), ("codex-package.json", "1")]);
            differences(&product, &staged, new)
        };
        let mut moved = record(&[("bin/a", "a"), ("bin/b", "b"), ("codex-package.json", "1")]);
        // Upstream has packed them in another way.
        assert_eq!(of(&moved), [""; 0]);
        moved.commands = [("b".to_owned(), "bin/b".to_owned())].into();
        assert_eq!(of(&moved), ["the command \"b\" is new"]);
        let renamed = record(&[("bin/x", "a"), ("b", "b"), ("codex-package.json", "2")]);
        assert_eq!(of(&renamed), ["the entrypoint was bin/a and is bin/x"]);
        let text = record(&[("bin/a", "a"), ("b", "b"), ("codex-package.json", "2")]);
        assert_eq!(of(&text), ["codex-package.json has another text"]);
        for other in [
            [("bin/a", "a"), ("b", "c"), ("codex-package.json", "1")],
            [("bin/a", "a"), ("b", "b"), ("c", "c")],
        ] {
            assert_eq!(of(&record(&other)), [""; 0]);
        }
        product.bundle.brings_metadata = true;
        let staged = record(&[("bin/a", "a"), ("codex-package.json", "1")]);
        let other = record(&[("bin/a", "a"), ("codex-package.json", "2")]);
        assert_eq!(differences(&product, &staged, &other), [""; 0]);
    }
}
