use serde::{Deserialize, Serialize};

use crate::product::BundleLayout;
use crate::product::Platform;
use crate::version::ReleaseVersion;
use strict_archive::PortablePath;

/// The file that describes a bundle: `codex-package.json`.
///
/// Keys that this version does not know are kept where the file is and mean nothing here; the
/// layout version says when they must not be passed over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The version of the layout, [`BundleLayout::layout_version`].
    pub layout_version: u64,
    /// The version of the release.
    pub version: String,
    /// The target triple.
    pub target: String,
    /// Which of several programs of one release it is.
    pub variant: String,
    /// The program's path in the bundle.
    pub entrypoint: String,
    /// The directory of helpers that the program finds by itself. It need not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources_dir: Option<String>,
    /// The directory that goes in front of `PATH`. It need not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_dir: Option<String>,
}

/// Most bytes of a metadata file. A real one has 215.
pub(super) const MAX_LEN: u64 = 64 * 1024;

impl Metadata {
    /// The metadata of a runtime that brings none.
    ///
    /// Directories of the layout are named though such a runtime may have neither: so do the published
    /// bundles of Codex for macOS, which have no `codex-resources`, and a reader that asks where a
    /// directory would be gets an answer.
    pub(super) fn of(
        layout: &BundleLayout,
        version: &ReleaseVersion,
        platform: &Platform,
        entrypoint: &str,
    ) -> Self {
        Self {
            layout_version: layout.layout_version,
            version: version.upstream(),
            target: platform.target.to_string(),
            variant: layout.variant.to_string(),
            entrypoint: entrypoint.to_owned(),
            resources_dir: layout.resources_dir.as_ref().map(ToString::to_string),
            path_dir: layout.path_dir.as_ref().map(ToString::to_string),
        }
    }

    /// Reads a metadata file. The version of the layout comes first: in another one, all else may
    /// be different.
    pub(crate) fn parse(bytes: &[u8], layout_version: u64) -> Result<Self, MetadataFault> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct LayoutVersion {
            layout_version: u64,
        }
        let found: LayoutVersion = serde_json::from_slice(bytes)?;
        if found.layout_version != layout_version {
            return Err(MetadataFault::LayoutVersion {
                found: found.layout_version,
                known: layout_version,
            });
        }
        let metadata: Self = serde_json::from_slice(bytes)?;
        metadata.entrypoint()?;
        if let Some(text) = &metadata.resources_dir {
            path("resourcesDir", text)?;
        }
        metadata.path_dir()?;
        Ok(metadata)
    }

    /// The program's path.
    pub(super) fn entrypoint(&self) -> Result<PortablePath, MetadataFault> {
        path("entrypoint", &self.entrypoint)
    }

    /// The directory that goes in front of `PATH`.
    pub(super) fn path_dir(&self) -> Result<Option<PortablePath>, MetadataFault> {
        self.path_dir
            .as_ref()
            .map(|text| path("pathDir", text))
            .transpose()
    }

    /// The file as it is written: the same keys in the same order, spaces and newlines as the
    /// published ones.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // A struct of texts and a number always has a JSON form.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

fn path(key: &'static str, text: &str) -> Result<PortablePath, MetadataFault> {
    PortablePath::parse(text).map_err(|fault| MetadataFault::Path {
        key,
        path: text.to_owned(),
        fault,
    })
}

/// Why a metadata file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetadataFault {
    /// No JSON, or a key is missing or of another type.
    #[error("it is not the JSON that describes a bundle: {0}")]
    Json(#[from] serde_json::Error),
    /// A layout that is not known.
    #[error("its layoutVersion is {found}, and this version of stage knows {known}")]
    LayoutVersion {
        /// The version in the file.
        found: u64,
        /// The version in stage.toml.
        known: u64,
    },
    /// A path that leaves the bundle or that some system cannot hold.
    #[error("its {key} is {path:?}: {fault}")]
    Path {
        /// The key.
        key: &'static str,
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: strict_archive::PortableFault,
    },
    /// Another of the programs of a release.
    #[error("its variant is {found:?}, and this product's is {expected:?}")]
    Variant {
        /// The variant in the file.
        found: String,
        /// The variant in stage.toml.
        expected: String,
    },
    /// A directory that is none.
    #[error("its pathDir is `{0}`, which is a file and not a directory")]
    PathDirIsFile(String),
    /// More bytes than metadata have.
    #[error("it is larger than {MAX_LEN} bytes")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = r#"{
  "layoutVersion": 1,
  "version": "0.163.0",
  "target": "x86_64-unknown-linux-musl",
  "variant": "codex",
  "entrypoint": "bin/codex",
  "resourcesDir": "codex-resources",
  "pathDir": "codex-path"
}
"#;

    #[test]
    fn what_is_read_is_written_as_it_was_published() {
        let metadata = Metadata::parse(PUBLISHED.as_bytes(), 1).unwrap();
        assert_eq!(metadata.entrypoint, "bin/codex");
        assert_eq!(String::from_utf8(metadata.to_bytes()).unwrap(), PUBLISHED);
    }

    #[test]
    fn directories_and_unknown_keys_may_be_there_or_not() {
        let text = r#"{"layoutVersion":1,"version":"1.0.0","target":"t","variant":"v",
            "entrypoint":"e","new":[]}"#;
        let metadata = Metadata::parse(text.as_bytes(), 1).unwrap();
        assert_eq!((metadata.resources_dir, metadata.path_dir), (None, None));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        for (from, to, expected) in [
            (
                "\"layoutVersion\": 1",
                "\"layoutVersion\": 2",
                "its layoutVersion is 2, and this version of stage knows 1",
            ),
            (
                "\"layoutVersion\": 1",
                "\"layoutVersion\": \"1\"",
                "invalid type",
            ),
            ("\"variant\": \"codex\",", "", "missing field `variant`"),
            (
                "\"variant\": \"codex\"",
                "\"variant\": \"codex\", \"variant\": \"x\"",
                "duplicate field",
            ),
            (
                "bin/codex",
                "../codex",
                "its entrypoint is \"../codex\": its name has a `..` component",
            ),
            (
                "codex-path",
                "/usr/bin",
                "its pathDir is \"/usr/bin\": its name is an absolute path",
            ),
            ("}", "", "EOF"),
        ] {
            let text = PUBLISHED.replacen(from, to, 1);
            let error = Metadata::parse(text.as_bytes(), 1).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
