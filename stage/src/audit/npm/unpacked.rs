//! Where the files of a tarball come to lie.
//!
//! npm takes the first component off every name, whatever it is, and pnpm does the same: that of
//! `./package/x` is `.`, and the file comes to lie at `package/x`. What has no other component is
//! left out by npm. (Tried with npm 11 and pnpm 10; the option `strip` of node-tar.)

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::package::{DIRECTORY, PACKAGE_JSON};
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use strict_archive::{EntryName, NameTree};

/// The files of a package as npm unpacks them.
pub(super) struct Unpacked<'a> {
    /// The files.
    pub contents: Cow<'a, Contents>,
    /// The directory of the package in these.
    pub root: String,
    /// How the directory in the tarball is called, or the directories are, if not as `npm pack`
    /// has it.
    pub other_top: Option<String>,
}

impl<'a> Unpacked<'a> {
    /// Unpacks a tarball, and holds the names in it against the rules.
    pub fn new(contents: &'a Contents, findings: &mut Findings) -> Self {
        let mut firsts = BTreeSet::new();
        for (path, _) in contents.iter() {
            if let Some((first, _)) = split(path, contents) {
                firsts.insert(first);
            } else {
                let detail = "it lies in no directory, and npm leaves it out";
                findings.add_at(&rules::npm::OUTSIDE, path, detail);
            }
        }
        let firsts = firsts.into_iter().collect::<Vec<_>>();
        let other_top = match firsts[..] {
            [] | [DIRECTORY] => None,
            [first] => Some(format!("it is {first:?}")),
            [first, second] => Some(format!("there are {first:?} and {second:?}")),
            [first, second, ..] => Some(format!("{first:?}, {second:?} and more are there")),
        };
        let (contents, root) = match firsts[..] {
            [first] if first != "." => (Cow::Borrowed(contents), first),
            _ => (Cow::Owned(moved(contents, findings)), DIRECTORY),
        };
        Self {
            contents,
            root: root.to_owned(),
            other_top,
        }
    }
}

/// The files in the directory that `npm pack` puts them in.
fn moved(packed: &Contents, findings: &mut Findings) -> Contents {
    let mut contents = Contents::default();
    let mut names = NameTree::default();
    for (path, file) in packed.iter() {
        let Some((_, rest)) = split(path, packed) else {
            continue;
        };
        // What a reader takes is the name of an entry without its first component too.
        let name = EntryName::parse(rest.as_bytes());
        match name.map(|name| names.insert(&name, false)) {
            Ok(Ok(())) => contents.insert(format!("{DIRECTORY}/{rest}"), file.clone()),
            Ok(Err(fault)) => {
                let detail = format!("npm unpacks it as {rest:?}, and {fault}");
                findings.add_at(&rules::npm::OUTSIDE, path, detail);
            }
            Err(fault) => findings.add_at(&rules::archive::NAME, path, fault.to_string()),
        }
    }
    contents
}

/// The first component of a name as the archive spells it, and what npm leaves of the name.
fn split<'a>(path: &'a str, contents: &Contents) -> Option<(&'a str, &'a str)> {
    if contents.spelling(path).dotted {
        Some((".", path))
    } else {
        path.split_once('/')
    }
}

/// Why there is no `package.json` where npm looks for it.
pub(super) fn why_missing(packed: &Contents) -> String {
    let directory = packed.directories_with(PACKAGE_JSON).next();
    match directory {
        Some(directory) => format!(
            "npm takes the first directory, `.`, off \"./{directory}/{PACKAGE_JSON}\", and looks \
             for it in the directory above"
        ),
        None if packed.get(PACKAGE_JSON).is_some() => {
            "it lies in no directory, and npm takes the first directory off every path".to_owned()
        }
        None => "there is none".to_owned(),
    }
}
