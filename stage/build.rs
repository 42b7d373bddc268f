//! Builds the default product and the source of the facade crate into the executable, so that an
//! installed `stage` needs no checkout. The files are listed from their folders: a new platform
//! or a new source file is picked up without a change here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Files and folders of the workspace that are built in.
const EMBEDDED: [&str; 11] = [
    "LICENSE",
    "NOTICE",
    "stage.toml",
    "platforms",
    "runtime-bin/Cargo.toml",
    "runtime-bin/README.md",
    "runtime-bin/examples",
    "runtime-bin/src",
    "sdk/Cargo.toml",
    "sdk/README.md",
    "sdk/src",
];

fn main() -> io::Result<()> {
    let workspace =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let workspace = workspace.canonicalize()?;
    let mut files = Vec::new();
    for path in EMBEDDED {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
        collect(&workspace.join(path), &mut files)?;
    }
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let name = file
            .strip_prefix(&workspace)
            .expect("every file is below it");
        let name = name
            .to_str()
            .expect("our own names are UTF-8")
            .replace('\\', "/");
        let path = file.to_str().expect("the path of the checkout is UTF-8");
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").expect("a String takes it");
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("embedded.rs"), code)
}

/// Adds `path`, or every file below it.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_path_buf());
    }
    Ok(())
}
