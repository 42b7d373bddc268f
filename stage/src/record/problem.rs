//! The complete list of reasons why files are not a release.

use crate::base::failure::Advice;
use strict_archive::escaped_sentence;

use super::artifact::ArtifactKind;
use super::manifest::ManifestFault;

/// One thing that is wrong with a set.
#[derive(Debug)]
pub struct Problem {
    /// The path of the file in the set's directory, with `/`.
    pub path: String,
    /// What is wrong with it.
    pub fault: SetFault,
}

/// What can be wrong with a file of a set.
#[derive(Debug, thiserror::Error)]
pub enum SetFault {
    /// A file that should be there.
    #[error("it is missing")]
    Missing,
    /// A file that was changed after it was made.
    #[error("it was changed: it is not the file that {0} names")]
    Changed(&'static str),
    /// A file that does not belong to the release.
    #[error("{0} that is not part of the release")]
    Foreign(&'static str),
    /// A file that cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A target that was not staged.
    #[error("it is missing: {0} is not staged")]
    NotStaged(String),
    /// A target that lacks a kind of artifact.
    #[error("it is missing: {target} is staged without {}", a(*kind))]
    WithoutFormat {
        /// The target.
        target: String,
        /// The kind of artifact that it lacks.
        kind: ArtifactKind,
    },
    /// A manifest that cannot be used.
    #[error("the manifest cannot be used: {0}")]
    Manifest(#[from] ManifestFault),
    /// A manifest that was edited by hand.
    #[error("it was changed since `stage` wrote it")]
    Edited,
    /// Manifests of several releases.
    #[error("it is of version {version}, and the release is {release}")]
    OtherVersion {
        /// The version in the manifest.
        version: String,
        /// The version in most manifests.
        release: String,
    },
    /// Manifests of releases that have the same version in an ecosystem.
    #[error(
        "it is of the release {tag}, and the others are of {release}: {clash}, so they are not one \
         release"
    )]
    SameVersion {
        /// The release in the manifest, by its tag.
        tag: String,
        /// The release in most manifests, by its tag.
        release: String,
        /// Where the versions are the same.
        clash: String,
    },
    /// A manifest of artifacts that were made from another `stage.toml`.
    #[error(
        "it was staged with another stage.toml, or another file beside it, than the one of this \
         release"
    )]
    OtherOrigin,
    /// An artifact that carries another runtime.
    #[error("it does not carry the runtime that its manifest names: {0}")]
    OtherRuntime(String),
    /// An artifact that would not work for those who install it.
    #[error("{0}")]
    Finding(String),
    /// An SDK for another runtime.
    #[error("{0}")]
    Pin(String),
    /// The list of digests does not belong to the release.
    #[error("it does not list what release.json names: one of the two was changed")]
    Sums,
}

/// Returns the noun for an artifact, with its article.
fn a(kind: ArtifactKind) -> String {
    let noun = kind.noun();
    format!(
        "{} {noun}",
        if kind == ArtifactKind::Npm { "an" } else { "a" }
    )
}

impl Problem {
    /// Makes a problem of the file at this path.
    pub fn new(path: impl Into<String>, fault: impl Into<SetFault>) -> Self {
        Self {
            path: path.into(),
            fault: fault.into(),
        }
    }
}

/// All problems of a set. There is at least one.
#[derive(Debug, thiserror::Error)]
#[error("{}", summary(list))]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Fails with these problems if there are any, in the order of their paths.
    pub fn none_of(mut list: Vec<Problem>) -> Result<(), Self> {
        if list.is_empty() {
            return Ok(());
        }
        list.sort_by(|a, b| a.path.cmp(&b.path));
        Err(Self { list })
    }
}

fn summary(list: &[Problem]) -> String {
    match list {
        [_] => "one thing is wrong with it".to_owned(),
        _ => format!("{} things are wrong with it", list.len()),
    }
}

impl Advice for Problems {
    fn help(&self) -> String {
        if let [
            Problem {
                fault: SetFault::Finding(_),
                ..
            },
        ] = &*self.list
        {
            return "`stage verify --explain CODE` says what to do about a finding".to_owned();
        }
        let mut products = self.list.iter().filter_map(|problem| match &problem.fault {
            SetFault::Manifest(ManifestFault::OtherProduct(other)) => Some(other),
            _ => None,
        });
        if let Some(other) = products.next() {
            return format!("name the folder with the stage.toml of {other:?}: --product DIR");
        }
        let any = |of: fn(&SetFault) -> bool| self.list.iter().any(|problem| of(&problem.fault));
        let foreign = any(|fault| matches!(fault, SetFault::Foreign(_)));
        let other = any(|fault| !matches!(fault, SetFault::Foreign(_)));
        let stage = "stage again what is missing or was changed, from the runtimes of one release";
        match (foreign, other) {
            (true, false) => "move what is not part of the release out of the directory".to_owned(),
            (true, true) => format!("{stage}, and move what is not part of the release away"),
            (false, _) => stage.to_owned(),
        }
    }

    fn details(&self) -> Vec<String> {
        let shown =
            |Problem { path, fault }: &Problem| escaped_sentence(&format!("{path}: {fault}"));
        self.list.iter().map(shown).collect()
    }
}
