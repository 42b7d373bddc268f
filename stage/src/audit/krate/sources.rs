//! What Cargo builds of a crate, and what it packs.

use ignore::gitignore::GitignoreBuilder;
use toml::Value;

use super::manifest::CARGO_TOML;
use super::package::Krate;
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::package::sbom;

/// Sources that Cargo finds by itself.
const LIBRARY: &str = "src/lib.rs";
const PROGRAM: &str = "src/main.rs";
const PROGRAMS: &str = "src/bin/";

/// Holds the library, the programs and the build script against the files that are there.
pub(super) fn check(krate: &Krate, findings: &mut Findings) {
    let manifest = &krate.manifest;
    let path = |table: &Value| Some(table.get("path")?.as_str()?.to_owned());
    let library = manifest.get("lib");
    let programs = manifest.get("bin").and_then(Value::as_array);
    let programs = programs.map(Vec::as_slice).unwrap_or_default();
    let named = library.into_iter().chain(programs).filter_map(path);
    let build = manifest.field("build").and_then(Value::as_str);
    let mut has_any = [LIBRARY, PROGRAM].iter().any(|path| krate.has(path))
        || krate.files().any(|path| path.starts_with(PROGRAMS));
    for path in named.chain(build.map(str::to_owned)) {
        has_any = true;
        let path = path.trim_start_matches("./");
        if !krate.has(path) {
            let detail = format!("it names {path:?}, which is not there");
            findings.add_at(&rules::crates::NO_TARGET_FILE, CARGO_TOML, detail);
        }
    }
    if !has_any {
        let detail = format!("there is neither {LIBRARY} nor {PROGRAM}");
        findings.add(&rules::crates::NO_TARGET_FILE, detail);
    }
}

/// Holds `include` against the files without which the packaged crate is not whole, with Cargo's
/// own matcher.
pub(super) fn check_include(krate: &Krate, findings: &mut Findings) {
    let include = krate.manifest.field("include").and_then(Value::as_array);
    let Some(include) = include else {
        findings.add_at(&rules::crates::INCLUDE, CARGO_TOML, "there is no `include`");
        return;
    };
    let mut patterns = GitignoreBuilder::new("");
    for pattern in include.iter().filter_map(Value::as_str) {
        if let Err(error) = patterns.add_line(None, pattern) {
            findings.add_at(&rules::crates::INCLUDE, CARGO_TOML, error.to_string());
            return;
        }
    }
    let patterns = match patterns.build() {
        Ok(patterns) => patterns,
        Err(error) => {
            findings.add_at(&rules::crates::INCLUDE, CARGO_TOML, error.to_string());
            return;
        }
    };
    let readme = krate.manifest.field("readme").and_then(Value::as_str);
    let is_needed = |path: &&str| {
        let is_payload = path.starts_with("payload.") || *path == sbom::FILE;
        let is_text = Some(*path) == readme || krate.product.license_files.contains_key(*path);
        path.starts_with("src/") || is_payload || is_text
    };
    for path in krate.files().filter(is_needed) {
        if !patterns
            .matched_path_or_any_parents(path, false)
            .is_ignore()
        {
            findings.add_at(
                &rules::crates::INCLUDE,
                path,
                "no pattern of `include` takes it",
            );
        }
    }
}
