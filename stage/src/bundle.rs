//! The runtime as a directory: the first slice, archives and validation follow.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
use crate::{
    digest::Digest, failure::Advice, platform::Platform, product::Product, version::ReleaseVersion,
};
use std::path::{Path, PathBuf};
#[derive(Clone, Debug)]
pub struct BundlePath(String);
impl BundlePath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Display for BundlePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
pub struct BundleFile {
    pub path: BundlePath,
    pub executable: bool,
    pub size: u64,
    pub sha256: Digest,
    pub crc32: u32,
}
pub struct OpenRequest<'a> {
    pub product: &'a Product,
    pub version: &'a ReleaseVersion,
    pub platform: Option<&'a Platform>,
}
pub struct Bundle {
    root: PathBuf,
    files: Vec<BundleFile>,
    platform: Platform,
    entry: BundlePath,
    pd: Option<BundlePath>,
}
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] std::io::Error);
impl Advice for Error {
    fn help(&self) -> String {
        String::new()
    }
}
impl Bundle {
    pub fn files(&self) -> &[BundleFile] {
        &self.files
    }
    pub fn path_of(&self, f: &BundleFile) -> PathBuf {
        self.root.join(f.path.as_str())
    }
    pub fn platform(&self) -> &Platform {
        &self.platform
    }
    pub fn entrypoint(&self) -> &BundlePath {
        &self.entry
    }
    pub fn path_dir(&self) -> Option<&BundlePath> {
        self.pd.as_ref()
    }
}
fn walk(root: &Path, dir: &Path, files: &mut Vec<BundleFile>) -> std::io::Result<()> {
    for e in fs_err::read_dir(dir)? {
        let e = e?;
        let p = e.path();
        if p.is_dir() {
            walk(root, &p, files)?;
        } else {
            use std::os::unix::fs::PermissionsExt;
            let c = fs_err::read(&p)?;
            files.push(BundleFile {
                path: BundlePath(p.strip_prefix(root).unwrap().to_str().unwrap().to_owned()),
                executable: p.metadata()?.permissions().mode() & 0o100 != 0,
                size: c.len() as u64,
                sha256: Digest::of(&c),
                crc32: crc32fast::hash(&c),
            });
        }
    }
    Ok(())
}
pub fn open(runtime: &Path, r: &OpenRequest, _s: &Path) -> Result<Bundle, Error> {
    let mut files = vec![];
    walk(runtime, runtime, &mut files)?;
    files.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    Ok(Bundle {
        root: runtime.to_path_buf(),
        files,
        platform: r
            .product
            .platforms
            .iter()
            .find(|p| p.target == "x86_64-unknown-linux-musl")
            .unwrap()
            .clone(),
        entry: BundlePath("bin/codex".into()),
        pd: Some(BundlePath("codex-path".into())),
    })
}
