use std::path::PathBuf;
use std::sync::Arc;

use super::metadata::Metadata;
use super::role::Role;
use crate::base::digest::Digest;
use crate::product::Platform;
use native_claims::facts::PageHashes;
use strict_archive::PortablePath;

/// A runtime that is complete and passed all checks: a directory, and what is in it.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub(super) root: PathBuf,
    pub(super) files: Vec<BundleFile>,
    pub(super) metadata: Metadata,
    pub(super) platform: Platform,
    pub(super) entrypoint: PortablePath,
    pub(super) metadata_file: String,
    pub(super) more_commands: Vec<(String, PortablePath)>,
    pub(super) path_dir: Option<PortablePath>,
    pub(super) left_out: Vec<String>,
}

impl Bundle {
    /// Returns every file, sorted by the bytes of the path.
    #[must_use]
    pub fn files(&self) -> &[BundleFile] {
        &self.files
    }

    /// Returns where a file of the bundle is on disk. It may be a link there, to another file of the
    /// bundle.
    #[must_use]
    pub fn path_of(&self, file: &BundleFile) -> PathBuf {
        file.path.in_dir(&self.root)
    }

    /// Returns what the bundle says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the target.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Returns the path of the program.
    #[must_use]
    pub fn entrypoint(&self) -> &PortablePath {
        &self.entrypoint
    }

    /// Returns the commands after the first one, which runs the entrypoint: their names, and the
    /// paths of their executables.
    pub fn more_commands(&self) -> impl Iterator<Item = (&str, &PortablePath)> {
        let commands = self.more_commands.iter();
        commands.map(|(name, path)| (name.as_str(), path))
    }

    /// Returns what a file of the bundle is for.
    #[must_use]
    pub fn role(&self, file: &BundleFile) -> Role {
        if file.path == self.entrypoint || self.more_commands().any(|(_, path)| *path == file.path)
        {
            return Role::Command;
        }
        match file.path.as_str() {
            path if path == self.metadata_file => Role::Metadata,
            path => Role::of(path),
        }
    }

    /// Returns whether the bundle is executables of commands and what is read about them. It is a
    /// tree if not, whose files find each other by their paths.
    #[must_use]
    pub fn is_commands_only(&self) -> bool {
        let mut files = self.files.iter();
        files.all(|file| self.role(file) != Role::Data)
    }

    /// Returns what of the RUNTIME is not in the bundle and why, a line for each reason.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Returns the directory that goes in front of `PATH`; `None` if the metadata name none, or it is
    /// not there.
    #[must_use]
    pub fn path_dir(&self) -> Option<&PortablePath> {
        self.path_dir.as_ref()
    }
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Its path from the root.
    pub path: PortablePath,
    /// Whether its owner may execute it; it is packaged with mode 0755 or 0644.
    pub executable: bool,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// What the signature of a Mach-O file is compared with.
    pub pages: Arc<PageHashes>,
    /// The file of the bundle that it is a copy of: packages hold no links. `None`: it was no
    /// symbolic link.
    pub copy_of: Option<PortablePath>,
}
