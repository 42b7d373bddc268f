//! Symbolic links of a runtime that became copies, and do not work as such.
//!
//! A copy in the directory of its target works as the link did, and so does one of data, or of an
//! executable that needs nothing beside it. What is left: a script may look for its files from where
//! it really lies (Node.js follows links for `require`, and shells are told to), and a loader looks
//! for libraries from where the executable lies.

use super::finding::{Finding, Findings};
use crate::audit::rules;
use crate::bundle::Bundle;
use crate::contents::Contents;
use native_claims::facts::Facts;
use strict_archive::PortablePath;

/// Most links that are named. The rest are counted.
const NAMED: usize = 50;

/// Names of JavaScript files. They load others from where they really lie, and need no `#!` line.
const JAVASCRIPT: [&str; 6] = ["js", "cjs", "mjs", "ts", "cts", "mts"];

/// Finds them in a runtime that was opened: one finding with all paths.
#[must_use]
pub fn copied_links(bundle: &Bundle, contents: &Contents) -> Vec<Finding> {
    let mut findings = Findings::default();
    let links = bundle.files().iter().filter_map(|file| {
        let target = file.copy_of.as_ref()?;
        let is_elsewhere = directory(&file.path) != directory(target);
        (is_elsewhere && depends_on_its_place(target, &file.path, contents))
            .then(|| format!("{} leads to {}", file.path.as_str(), target.as_str()))
    });
    let links = links.collect::<Vec<_>>();
    if !links.is_empty() {
        let more = links.len().saturating_sub(NAMED);
        let more = (more != 0).then(|| format!("and {more} more links"));
        let named = links.into_iter().take(NAMED).chain(more);
        let detail = named.collect::<Vec<_>>().join(", ");
        findings.add(&rules::runtime::LINK, detail);
    }
    findings.finish()
}

/// Whether a file may not work from another place.
fn depends_on_its_place(target: &PortablePath, link: &PortablePath, contents: &Contents) -> bool {
    let Some(file) = contents.get(target.as_str()) else {
        return false;
    };
    let relative = |path: &String| path.contains("ORIGIN") || path.starts_with('@');
    match file.facts() {
        Some(Facts::Script(_)) => true,
        Some(Facts::Elf(elf)) => {
            let paths = elf.runpath.iter().chain(&elf.rpath).chain(&elf.needed);
            // An executable without libraries needs none of its paths.
            !elf.needed.is_empty() && paths.into_iter().any(relative)
        }
        Some(Facts::MachO(mach_o)) => mach_o
            .slices
            .iter()
            .any(|slice| slice.needed.iter().any(|library| relative(&library.path))),
        Some(Facts::Pe(pe)) => {
            // Windows looks beside the program.
            let beside = |path: &PortablePath, name: &str| {
                let mut files = contents.iter();
                let wanted = join(directory(path), name);
                files.any(|(path, _)| path.eq_ignore_ascii_case(&wanted))
            };
            let mut imports = pe.imports.iter().chain(&pe.delay_imports);
            imports.any(|name| beside(target, name) && !beside(link, name))
        }
        Some(Facts::Xcoff(_)) => false,
        None => {
            let extension = target.file_name().rsplit_once('.').map(|(_, end)| end);
            extension.is_some_and(|end| JAVASCRIPT.contains(&end))
        }
    }
}

fn directory(path: &PortablePath) -> &str {
    path.as_str()
        .rsplit_once('/')
        .map_or("", |(above, _)| above)
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}
