use std::fmt;
use std::num::NonZeroUsize;
use std::time::Instant;

use native_claims::WheelTags;

use super::crates::Crates;
use super::error::PackageError;
use super::input::{Input, Made};
use super::{npm, wheel};
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
    let crates = tasks
        .iter()
        .any(|task| matches!(task, Task::Crates))
        .then(|| Crates::new(input));
    let crates = crates.transpose()?;
    let units = units(tasks, crates.as_ref());
    let mut made = parallel::map(jobs, &units, |(place, unit)| {
        let (mut made, contents) = unit.write(input)?;
        made.artifact.recipe = Some(recipe.clone());
        let seen = match unit {
            // The platform crate is seen with its parts, which other threads still write.
            Unit::Crate(..) => Err(contents),
            Unit::Wheel(_) | Unit::Npm => Ok(look(&made.artifact, &contents)),
        };
        Ok::<_, PackageError>((*place, made, seen))
    })?;
    made.sort_by_key(|(place, ..)| *place);
    let made = made.into_iter().map(|(_, made, seen)| {
        let seen = seen.unwrap_or_else(|contents| look(&made.artifact, &contents));
        (made, seen)
    });
    let made = made.collect::<Vec<_>>();
    for (Made { artifact, .. }, _) in &made {
        let hard = artifact.kind.limits(input.product).hard_bytes;
        if let Some(limit) = hard.filter(|limit| artifact.size > *limit) {
            let (path, size) = (artifact.path.clone(), artifact.size);
            return Err(PackageError::TooLarge { path, size, limit });
        }
    }
    Ok(made)
}

/// What one thread makes: one artifact.
enum Unit<'a> {
    Wheel(&'a WheelTags),
    Npm,
    Crate(&'a Crates<'a>, usize),
}

/// Returns the units of these tasks, each with its place in their order. The crates, which are
/// small, come last: they fill the time of a thread that would wait for another one.
fn units<'a>(tasks: &'a [Task], crates: Option<&'a Crates<'a>>) -> Vec<(usize, Unit<'a>)> {
    let units = tasks.iter().flat_map(|task| match task {
        Task::Wheel(tags) => vec![Unit::Wheel(tags)],
        Task::Npm => vec![Unit::Npm],
        Task::Crates => crates.map_or_else(Vec::new, |crates| {
            let indices = 0..crates.count();
            indices.map(|index| Unit::Crate(crates, index)).collect()
        }),
    });
    let mut units = units.enumerate().collect::<Vec<_>>();
    units.sort_by_key(|(place, unit)| (matches!(unit, Unit::Crate(..)), *place));
    units
}

impl Unit<'_> {
    /// Makes the artifact. Returns it with its contents.
    fn write(&self, input: &Input) -> Result<(Made, Contents), PackageError> {
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
            Self::Wheel(tags) => whole(wheel::write(input, tags)?),
            Self::Npm => whole(npm::write(input)?),
            Self::Crate(crates, index) => crates.write(*index)?,
        };
        failpoint::step(&format!("{} written", made.0.artifact.path));
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
