use std::fmt;
use std::num::NonZeroUsize;
use std::time::Instant;

use native_claims::WheelTags;

use super::error::PackageError;
use super::input::{Input, Made};
use super::{crates, npm, wheel};
use crate::base::{failpoint, parallel};
use crate::contents::Contents;
use crate::record::{Artifact, Recipe};

/// An artifact, or several that belong together, to make.
#[derive(Clone, Debug)]
pub enum Task {
    /// The wheel for a set of tags.
    Wheel(WheelTags),
    /// The platform crate and its part crates.
    Crates,
    /// The npm package.
    Npm,
}

/// Makes artifacts, several at once on as many threads. Returns them in the order of the tasks, each
/// with the result of `look` for it and its contents. The contents are not returned: they are
/// large, since they have a record of each file of the runtime.
pub fn write<T: Send>(
    input: &Input,
    tasks: &[Task],
    jobs: NonZeroUsize,
    look: impl Fn(&Artifact, &Contents) -> T + Sync,
) -> Result<Vec<(Made, T)>, PackageError> {
    let recipe = Recipe {
        stage: env!("CARGO_PKG_VERSION").to_owned(),
        source_date_epoch: input.timestamp.seconds(),
        compression: input.effort,
    };
    let made = parallel::map(jobs, tasks, |task| -> Result<Vec<_>, PackageError> {
        let made = task.write(input)?.into_iter();
        let seen = made.map(|(mut made, contents)| {
            made.artifact.recipe = Some(recipe.clone());
            let seen = look(&made.artifact, &contents);
            (made, seen)
        });
        Ok(seen.collect())
    })?;
    let made = made.into_iter().flatten().collect::<Vec<_>>();
    for (Made { artifact, .. }, _) in &made {
        let hard = artifact.kind.limits(input.product).hard_bytes;
        if let Some(limit) = hard.filter(|limit| artifact.size > *limit) {
            let (path, size) = (artifact.path.clone(), artifact.size);
            return Err(PackageError::TooLarge { path, size, limit });
        }
    }
    Ok(made)
}

impl Task {
    /// Makes the artifacts. Returns each with its contents.
    fn write(&self, input: &Input) -> Result<Vec<(Made, Contents)>, PackageError> {
        let start = Instant::now();
        let whole = |(artifact, contents)| {
            let made = Made {
                artifact,
                content_size: input.bundle.files().iter().map(|file| file.size).sum(),
                elapsed: start.elapsed(),
            };
            (made, contents)
        };
        let made = match self {
            Self::Wheel(tags) => vec![whole(wheel::write(input, tags)?)],
            Self::Npm => vec![whole(npm::write(input)?)],
            Self::Crates => crates::write(input)?,
        };
        failpoint::step(&format!("{self} written"));
        Ok(made)
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wheel(tags) => write!(f, "wheel for {tags}"),
            Self::Crates => f.write_str("crates"),
            Self::Npm => f.write_str("npm package"),
        }
    }
}
