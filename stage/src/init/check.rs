//! Whether a product fits its archives: each is opened as it is when it is staged.

use std::num::NonZeroUsize;
use std::path::Path;

use super::archive::{Candidate, without_suffixes};
use super::error::InitError;
use super::folder::Files;
use super::read::{is_something_else, short};
use super::rival;
use super::target;
use super::version::Release;
use super::words::Words;
use crate::audit;
use crate::base::digest::Digest;
use crate::base::failure::{Advice, with_causes};
use crate::bundle::{self, Bundle, CommandFault, OpenRequest};
use crate::contents::Contents;
use crate::product::{PackageFormat, Product, Selection};
use crate::version::ReleaseVersion;

/// What was found in an archive.
#[derive(Debug)]
pub struct Found {
    /// Its target.
    pub target: String,
    /// The product's commands, each with its executable.
    pub commands: Vec<(String, String)>,
    /// The tags of the wheels that would be made.
    pub wheels: Vec<String>,
    /// Wheels that somebody may miss, and why.
    pub dropped: Vec<String>,
}

/// An archive that was checked.
#[derive(Debug)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// What was found, or why it is wrong and what can be done.
    pub result: Result<Found, (String, String)>,
}

/// What a check has found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The archives, in the order of their names.
    pub archives: Vec<Checked>,
    /// Targets of the product without an archive.
    pub missing: Vec<String>,
}

/// Checks the candidates among files. What is no archive goes to those that are passed over.
pub fn check(
    product: &Product,
    files: &mut Files,
    tag: Option<&str>,
    jobs: NonZeroUsize,
    scratch: &Path,
) -> Result<Outcome, InitError> {
    let candidates = of_one_release(files, tag)?;
    let checker = Checker {
        product,
        version: version(product, &candidates, tag)?,
        is_given: tag.is_some(),
        jobs,
        scratch,
    };
    let mut opened = Vec::new();
    let mut open = Vec::new();
    for candidate in candidates {
        match checker.open(&candidate, None)? {
            Err(error) if is_something_else(&error) => {
                let reason = short(&error, &candidate);
                files.passed_over.push((candidate.name, reason));
            }
            Err(bundle::Error::Command {
                fault: CommandFault::Ambiguous { targets, .. },
                ..
            }) => open.push((candidate, targets)),
            result => opened.push((candidate, result)),
        }
    }
    // What the bytes leave open is for the target that the name says, or for the one that is left.
    for (candidate, targets) in open {
        let words = Words::of(without_suffixes(&candidate.name));
        let known = product
            .platforms
            .iter()
            .filter_map(|platform| platform.known);
        let mut likely = known.filter(|known| targets.iter().any(|target| target == known.triple));
        let named = likely
            .clone()
            .find(|known| words.name_abi() && words.fit(known));
        let taken = |triple: &str| opened.iter().any(|(_, result)| is_of(result, triple));
        let chosen = named.or_else(|| likely.find(|known| !taken(known.triple)));
        let target = chosen.map_or(&*targets[0], |known| known.triple).to_owned();
        let result = checker.open(&candidate, Some(&target))?;
        opened.push((candidate, result));
    }
    opened.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    for (name, why) in rivals(product, &checker.version, &opened) {
        opened.retain(|(candidate, _)| candidate.name != name);
        files.passed_over.push((name, why));
    }
    let mut outcome = Outcome::default();
    let mut seen: Vec<(String, String, Digest)> = Vec::new();
    for (candidate, result) in opened {
        let name = candidate.name.clone();
        let result = match result {
            Err(error) => Err((short(&error, &candidate), error.help())),
            Ok(Opened {
                target,
                digest,
                found,
            }) => match seen.iter().find(|(_, other, _)| *other == target) {
                _ if says_another(&name, &target).is_some() => {
                    Err(contradiction(product, &name, &target))
                }
                Some((other, _, same)) if *same == digest => {
                    let reason = format!("it has the same program as {other}");
                    files.passed_over.push((name, reason));
                    continue;
                }
                Some((other, ..)) => Err((
                    format!("{other} is for {target} already"),
                    "move one of the two away".to_owned(),
                )),
                None => {
                    seen.push((name.clone(), target, digest));
                    found
                }
            },
        };
        outcome.archives.push(Checked { name, result });
    }
    let platforms = product
        .platforms
        .iter()
        .map(|platform| platform.target.to_string());
    let missing = platforms.filter(|target| !seen.iter().any(|(_, there, _)| there == target));
    outcome.missing = missing.collect();
    Ok(outcome)
}

/// Takes the candidates of one release, as they are taken when the product is made. The others are passed
/// over.
fn of_one_release(files: &mut Files, tag: Option<&str>) -> Result<Vec<Candidate>, InitError> {
    let candidates = std::mem::take(&mut files.candidates);
    let names = candidates
        .iter()
        .map(|candidate| without_suffixes(&candidate.name));
    let names = names.collect::<Vec<_>>();
    let Some(release) = tag.and_then(Release::of_tag) else {
        let several = Release::several(&names);
        if several.is_empty() || tag.is_some() {
            return Ok(candidates);
        }
        return Err(InitError::Versions(several));
    };
    let is_of = release.is_of(&names);
    let mut kept = Vec::new();
    for (candidate, is_of) in candidates.into_iter().zip(is_of) {
        if is_of {
            kept.push(candidate);
        } else {
            let why = format!("its name says another version than {}", release.version);
            files.passed_over.push((candidate.name, why));
        }
    }
    Ok(kept)
}

/// Finds the archives that another one for the same target is taken for: the one whose name the product
/// has, or else the one that is taken when the product is made.
fn rivals(
    product: &Product,
    version: &ReleaseVersion,
    opened: &[(Candidate, Result<Opened, bundle::Error>)],
) -> Vec<(String, String)> {
    let mut left_out: Vec<(String, String)> = Vec::new();
    let fine = opened.iter().filter_map(|(candidate, result)| {
        let opened = result.as_ref().ok()?;
        let fits = says_another(&candidate.name, &opened.target).is_none();
        fits.then_some((&candidate.name, opened))
    });
    let mut taken: Vec<(&String, &Opened)> = Vec::new();
    for (name, one) in fine {
        let same = taken
            .iter()
            .position(|(_, other)| other.target == one.target);
        let Some(same) = same else {
            taken.push((name, one));
            continue;
        };
        let (other_name, other) = taken[same];
        if other.digest == one.digest {
            continue;
        }
        let is_named = |name: &String| {
            let platform = product.platform(&one.target)?;
            // A pattern for all targets does not say which of two builds is meant.
            platform.release.assets.as_ref()?;
            let release = product.release.as_ref()?;
            let tag = product.release_tag(version);
            let names = release.assets_of(platform, &version.upstream(), &tag);
            names.contains(name).then_some(())
        };
        let of_product = |other: &str| format!("{other} is the one that stage.toml names");
        let chosen = match (is_named(other_name), is_named(name)) {
            (Some(()), None) => Some((true, of_product(other_name))),
            (None, Some(())) => Some((false, of_product(name))),
            _ => rival::choose(other_name, name, Some(&*product.identity.name)),
        };
        match chosen {
            Some((true, why)) => left_out.push((name.clone(), why)),
            Some((false, why)) => {
                left_out.push((other_name.clone(), why));
                taken[same] = (name, one);
            }
            None => {}
        }
    }
    left_out
}

/// The version of the archives: that of a tag, or what their names say. Most runtimes say none.
fn version(
    product: &Product,
    candidates: &[Candidate],
    tag: Option<&str>,
) -> Result<ReleaseVersion, InitError> {
    if let Some(tag) = tag {
        return product
            .parse_version(tag)
            .map_err(|_| InitError::Tag(tag.to_owned()));
    }
    let names = candidates
        .iter()
        .map(|candidate| without_suffixes(&candidate.name));
    let release = Release::of_names(&names.collect::<Vec<_>>());
    let text = release.map_or_else(|| "0.0.0".to_owned(), |release| release.version);
    product
        .parse_version(&text)
        .map_err(|_| InitError::Tag(text))
}

/// An archive that could be opened.
struct Opened {
    target: String,
    /// Of the first command's executable.
    digest: Digest,
    found: Result<Found, (String, String)>,
}

/// Returns the triple that stands in a name, if it is not this one.
fn says_another(name: &str, target: &str) -> Option<&'static str> {
    Words::of(without_suffixes(name)).contradicts(target)
}

/// Says that the name of an archive and its bytes do not fit together.
fn contradiction(product: &Product, name: &str, target: &str) -> (String, String) {
    let said = says_another(name, target).unwrap_or_default();
    if product.platform(said).is_some() {
        return (
            target::contradiction(said, target),
            "take the archive that was built for the target of its name".to_owned(),
        );
    }
    (
        format!("its name says {said}, which stage.toml does not list"),
        "add the target to `product.targets`, or move the archive away".to_owned(),
    )
}

fn is_of(result: &Result<Opened, bundle::Error>, triple: &str) -> bool {
    result.as_ref().is_ok_and(|opened| opened.target == triple)
}

struct Checker<'a> {
    product: &'a Product,
    version: ReleaseVersion,
    /// Whether the caller says the version.
    is_given: bool,
    jobs: NonZeroUsize,
    scratch: &'a Path,
}

impl Checker<'_> {
    /// Opens an archive. A full disk is no fault of it.
    fn open(
        &self,
        candidate: &Candidate,
        target: Option<&str>,
    ) -> Result<Result<Opened, bundle::Error>, InitError> {
        tracing::info!("opening {}", candidate.name);
        let mut result = self.open_as(candidate, target, &self.version)?;
        if let Err(bundle::Error::Version { found, .. }) = &result
            && !self.is_given
            && let Ok(version) = self.product.parse_version(found)
        {
            result = self.open_as(candidate, target, &version)?;
        }
        match result {
            Err(bundle::Error::Scratch(error)) => Err(error.into()),
            result => Ok(result),
        }
    }

    fn open_as(
        &self,
        candidate: &Candidate,
        target: Option<&str>,
        version: &ReleaseVersion,
    ) -> Result<Result<Opened, bundle::Error>, InitError> {
        let targets = target.map(str::to_owned).into_iter().collect::<Vec<_>>();
        // It is one of the product's own.
        let selection = Selection::parse(&targets, self.product).ok().flatten();
        let scratch = self.scratch.join("archive");
        fs_err::create_dir_all(&scratch)?;
        let request = OpenRequest {
            product: self.product,
            version,
            selection: selection.as_ref(),
            jobs: self.jobs,
        };
        let bundle = bundle::open(&candidate.path, &request, &scratch);
        let opened = bundle.map(|bundle| self.look(&bundle));
        fs_err::remove_dir_all(&scratch)?;
        match opened {
            Ok(opened) => Ok(Ok(opened?)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Looks at a bundle, which lies on disk as long as this lasts.
    fn look(&self, bundle: &Bundle) -> Result<Opened, InitError> {
        let target = bundle.platform().target.to_string();
        let entrypoint = bundle.entrypoint();
        let program = bundle.files().iter().find(|file| file.path == *entrypoint);
        let digest = program.map_or_else(|| Digest::of(b""), |file| file.sha256);
        let first = self.product.identity.commands.first();
        let first = first.map(|name| (name.to_string(), entrypoint.as_str().to_owned()));
        let more = bundle.more_commands();
        let more = more.map(|(name, path)| (name.to_owned(), path.as_str().to_owned()));
        let commands = first.into_iter().chain(more).collect();
        let found = match self.wheels(bundle)? {
            Ok(choice) => Ok(Found {
                target: target.clone(),
                commands,
                wheels: choice.wheels.iter().map(ToString::to_string).collect(),
                dropped: choice
                    .dropped
                    .into_iter()
                    .map(|dropped| dropped.text)
                    .collect(),
            }),
            Err(error) => {
                let details = error.details().into_iter();
                let reasons = std::iter::once(with_causes(&error)).chain(details);
                Err((reasons.collect::<Vec<_>>().join("; "), error.help()))
            }
        };
        Ok(Opened {
            target,
            digest,
            found,
        })
    }

    fn wheels(
        &self,
        bundle: &Bundle,
    ) -> Result<Result<audit::tags::Choice, audit::AuditError>, InitError> {
        let none = audit::tags::Choice {
            wheels: Vec::new(),
            dropped: Vec::new(),
        };
        if !self.product.makes(PackageFormat::Wheel, bundle.platform()) {
            return Ok(Ok(none));
        }
        let contents = Contents::of_bundle(bundle, self.jobs)?;
        Ok(audit::wheels::choose(self.product, bundle, &contents, &[]))
    }
}
