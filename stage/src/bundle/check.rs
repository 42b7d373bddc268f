//! A tree that is a bundle and nothing else, checked against the layout and what the caller
//! expects.

use std::io::Read;
use std::path::Path;

use fs_err as fs;

use super::command;
use super::error::Error;
use super::fault::CommandFault;
use super::measure::Content;
use super::metadata::{self, Metadata, MetadataFault};
use super::mode;
use super::program;
use super::request::OpenRequest;
use super::runtime::{Bundle, BundleFile};
use super::tree::{Tree, TreeFile};
use native_claims::WheelTags;
use native_claims::facts::Identity;
use strict_archive::PortablePath;

/// Checks a tree that is a bundle and nothing else.
pub(super) fn check(
    tree: &Tree,
    runtime: &Path,
    request: &OpenRequest<'_>,
) -> Result<Bundle, Error> {
    Checker { runtime, request }.check(tree)
}

/// What a tree is checked against.
struct Checker<'a> {
    runtime: &'a Path,
    request: &'a OpenRequest<'a>,
}

impl Checker<'_> {
    fn check(&self, tree: &Tree) -> Result<Bundle, Error> {
        let runtime = || self.runtime.to_owned();
        let request = self.request;
        let metadata = self.read_metadata(tree)?;
        if !request.version.names(&metadata.version) {
            return Err(Error::Version {
                runtime: runtime(),
                found: metadata.version,
                expected: request.version.upstream(),
            });
        }
        let variant = &request.product.bundle.variant;
        if metadata.variant != *variant {
            return Err(self.wrong_metadata(MetadataFault::Variant {
                found: metadata.variant,
                expected: variant.to_string(),
            }));
        }
        let Some(platform) = request
            .product
            .platforms
            .iter()
            .find(|platform| platform.target == metadata.target)
        else {
            return Err(Error::UnknownTarget {
                runtime: runtime(),
                target: metadata.target,
                targets: request.targets(),
            });
        };
        if let Some(selection) = request.selection
            && selection.platform.target != platform.target
        {
            let tags = |tags: &[WheelTags]| {
                tags.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            return Err(Error::Target {
                runtime: runtime(),
                found: metadata.target,
                found_tags: tags(&platform.wheel.tags),
                expected: selection.platform.target.to_string(),
                expected_tags: tags(&selection.wheels),
            });
        }

        let files = tree.files.iter().map(|file| file.to_bundle_file(&tree.dir));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let path_dir = metadata
            .path_dir()
            .map_err(|fault| self.wrong_metadata(fault))?;
        if let Some(path_dir) = &path_dir
            && files.iter().any(|file| file.path == *path_dir)
        {
            return Err(
                self.wrong_metadata(MetadataFault::PathDirIsFile(path_dir.display().to_string()))
            );
        }
        let path_dir = path_dir.filter(|path_dir| {
            files
                .iter()
                .any(|file| file.path.below(path_dir.as_str()).is_some())
        });
        let more_commands = self.more_commands(&files)?;
        let bundle = Bundle {
            root: tree.dir.clone(),
            files,
            entrypoint: metadata
                .entrypoint()
                .map_err(|fault| self.wrong_metadata(fault))?,
            more_commands,
            metadata_file: request.product.bundle.metadata.to_string(),
            path_dir,
            left_out: Vec::new(),
            metadata,
            platform: platform.clone(),
        };
        self.check_program(&bundle, &bundle.entrypoint, tree)?;
        for (_, path) in bundle.more_commands() {
            self.check_program(&bundle, path, tree)?;
        }
        Ok(bundle)
    }

    /// Finds the commands after the first one.
    fn more_commands(&self, files: &[BundleFile]) -> Result<Vec<(String, PortablePath)>, Error> {
        let names = self.request.product.identity.commands.iter().skip(1);
        let found = names.map(|name| {
            let paths = files.iter().map(|file| &file.path);
            let path = command::find(paths, name).and_then(|path| {
                path.ok_or_else(|| CommandFault::Missing {
                    command: name.to_string(),
                    programs: Vec::new(),
                })
            });
            match path {
                Ok(path) => Ok((name.to_string(), path.clone())),
                Err(fault) => Err(Error::Command {
                    runtime: self.runtime.to_owned(),
                    fault,
                }),
            }
        });
        found.collect()
    }

    /// Checks that the program of a command is there, can be executed, and is one for the bundle's
    /// target.
    fn check_program(
        &self,
        bundle: &Bundle,
        path: &PortablePath,
        tree: &Tree,
    ) -> Result<(), Error> {
        let runtime = self.runtime.to_owned();
        let entrypoint = path.display().to_string();
        let Some(file) = bundle.files.iter().find(|file| file.path == *path) else {
            return Err(Error::NoEntrypoint {
                runtime,
                entrypoint,
            });
        };
        let recorded = tree.files.iter().find(|file| file.path == *path);
        if recorded.is_some_and(|file| file.executable == Some(false)) {
            return Err(Error::NotExecutable {
                runtime,
                entrypoint,
            });
        }
        let path = bundle.path_of(file);
        let identity = program::identify(&path, self.runtime, Some(&entrypoint))?;
        let found = match identity {
            Identity::Program(found) if program::is_of(&found, &bundle.platform, self.request) => {
                return Ok(());
            }
            Identity::Program(found) => program::describe(&found, self.request),
            Identity::Unfit(what) => what,
            Identity::Other => "no executable".to_owned(),
        };
        let target = bundle.platform.target.to_string();
        Err(Error::ForeignEntrypoint {
            runtime,
            entrypoint,
            found,
            target,
        })
    }

    fn wrong_metadata(&self, fault: MetadataFault) -> Error {
        Error::Metadata {
            runtime: self.runtime.to_owned(),
            file: self.request.product.bundle.metadata.to_string(),
            fault,
        }
    }

    fn read_metadata(&self, tree: &Tree) -> Result<Metadata, Error> {
        let layout = &self.request.product.bundle;
        let name: &str = &layout.metadata;
        let mut bytes = Vec::new();
        fs::File::open(tree.dir.join(name))
            .and_then(|file| file.take(metadata::MAX_LEN + 1).read_to_end(&mut bytes))
            .map_err(Error::Read)?;
        if bytes.len() as u64 > metadata::MAX_LEN {
            return Err(self.wrong_metadata(MetadataFault::TooLarge));
        }
        Metadata::parse(&bytes, layout.layout_version).map_err(|fault| self.wrong_metadata(fault))
    }
}

impl TreeFile {
    /// Decides the mode, where none was recorded, by the bytes of the file in `dir`.
    fn to_bundle_file(&self, dir: &Path) -> Result<BundleFile, Error> {
        let executable = match self.executable {
            Some(recorded) => recorded,
            None => fs::File::open(self.path.in_dir(dir))
                .and_then(|mut file| mode::by_bytes(&mut file))
                .map_err(Error::Read)?,
        };
        let Content {
            size,
            sha256,
            crc32,
            pages,
        } = self.content.clone();
        Ok(BundleFile {
            path: self.path.clone(),
            executable,
            size,
            sha256,
            crc32,
            pages,
            copy_of: self.copy_of.clone(),
        })
    }
}
