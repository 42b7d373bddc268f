//! The pages of the manual that the npm root package carries.
//!
//! npm links the pages of the package that the user installs, and not those of its dependencies. The
//! root package is made from the manifests alone, on whatever machine assembles the release. So a
//! manifest has the pages of its runtime. They are small.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::digest::Digest;
use crate::bundle::{Bundle, Role};
use crate::contents::FileRecord;

/// The most bytes of all pages of a runtime. Of a larger manual, the root package has nothing.
const MOST: u64 = 2 << 20;

/// Reads the pages of a runtime: their contents in base64, by the names of their files.
pub fn read(bundle: &Bundle) -> io::Result<BTreeMap<String, String>> {
    let files = bundle.files().iter();
    let pages = files.filter(|file| matches!(bundle.role(file), Role::ManPage(_)));
    let pages = pages.collect::<Vec<_>>();
    let mut manual = BTreeMap::new();
    if pages.iter().map(|page| page.size).sum::<u64>() > MOST {
        return Ok(manual);
    }
    for page in pages {
        let content = fs_err::read(bundle.path_of(page))?;
        if Digest::of(&content) != page.sha256 {
            let path = bundle.path_of(page);
            let path = path.display();
            return Err(io::Error::other(format!(
                "{path} changed while it was being staged"
            )));
        }
        let name = page.path.file_name().to_owned();
        manual
            .entry(name)
            .or_insert_with(|| STANDARD.encode(content));
    }
    Ok(manual)
}

/// Returns a page that is not one of the runtime.
pub fn unknown<'a>(
    manual: &'a BTreeMap<String, String>,
    runtime: &[FileRecord],
) -> Option<&'a str> {
    let is_page = |file: &FileRecord, name: &str, digest: Digest| {
        let own = file.path.rsplit('/').next();
        file.sha256 == digest && own == Some(name)
    };
    let mut pages = manual.iter();
    let unknown = pages.find(|(name, text)| {
        let Ok(content) = STANDARD.decode(text) else {
            return true;
        };
        let digest = Digest::of(&content);
        let mut files = runtime.iter();
        !files.any(|file| is_page(file, name, digest))
    });
    unknown.map(|(name, _)| name.as_str())
}

/// Returns the pages on which all runtimes agree that have any: their contents by the names of their
/// files. None, if they do not agree.
pub fn shared<'a>(
    manuals: impl Iterator<Item = &'a BTreeMap<String, String>>,
) -> BTreeMap<String, Vec<u8>> {
    let mut manuals = manuals.filter(|manual| !manual.is_empty());
    let Some(first) = manuals.next() else {
        return BTreeMap::new();
    };
    if manuals.any(|other| other != first) {
        return BTreeMap::new();
    }
    let pages = first.iter();
    pages
        .filter_map(|(name, text)| Some((name.clone(), STANDARD.decode(text).ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Mode;

    fn manual(pages: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pages = pages.iter();
        pages
            .map(|(name, text)| ((*name).to_owned(), STANDARD.encode(text)))
            .collect()
    }

    #[test]
    fn pages_are_those_on_which_all_agree_that_have_any() {
        let (one, other) = (manual(&[("a.1", "a")]), manual(&[("a.1", "b")]));
        let none = BTreeMap::new();
        let names = |manuals: &[&BTreeMap<String, String>]| {
            let shared = shared(manuals.iter().copied());
            shared.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(&[&one, &none, &one]), ["a.1"]);
        for manuals in [&[&one, &other][..], &[&none], &[]] {
            assert!(names(manuals).is_empty());
        }
    }

    #[test]
    fn a_page_is_one_of_the_runtime() {
        let runtime = [FileRecord {
            path: "doc/a.1".to_owned(),
            mode: Mode::new(0o644),
            size: 1,
            sha256: Digest::of(b"a"),
        }];
        assert_eq!(unknown(&manual(&[("a.1", "a")]), &runtime), None);
        for (name, text) in [("a.1", "b"), ("b.1", "a"), ("doc/a.1", "a")] {
            assert_eq!(unknown(&manual(&[(name, text)]), &runtime), Some(name));
        }
        let odd = [("a.1".to_owned(), "!".to_owned())].into();
        assert_eq!(unknown(&odd, &runtime), Some("a.1"));
    }
}
