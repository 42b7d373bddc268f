//! What a product is, as far as its archives and what lies around them say it.

use std::path::Path;

use super::archive::{Archive, plain_name, without_suffixes};
use super::around;
use super::commands;
use super::error::InitError;
use super::known::Known;
use super::license::{self, Licenses};
use super::narrow::narrow;
use super::target::{self, Assigned, Remarks};
use super::version::Release;
use crate::product::{LicenseExpression, LicenseFile, ProductName, WebUrl, is_license_name};

/// What the caller says up front.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The product's name.
    pub name: Option<String>,
    /// Its licence, as an SPDX expression.
    pub license: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// The tag of the release.
    pub release_tag: Option<String>,
}

/// What a forge says of a release.
#[derive(Clone, Debug, Default)]
pub struct Forge {
    /// The page of the repository, and what it was taken from.
    pub repository: Option<Known>,
    /// The tag.
    pub tag: Option<String>,
    /// `release.download-url` and `release.api-url`, where the repository does not say them.
    pub addresses: Option<(String, String)>,
}

/// What a product is.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// Its name.
    pub name: Option<Known>,
    /// Its licence.
    pub license: Option<Known>,
    /// Where its source is.
    pub repository: Option<Known>,
    /// Its archives, each with its target.
    pub archives: Vec<Assigned<'a>>,
    /// Its commands, the first one first; empty if no executable is in all archives.
    pub commands: Vec<String>,
    /// The release of the archives, and what it was taken from.
    pub release: Option<(Release, String)>,
    /// `release.download-url` and `release.api-url`, where the repository does not say them.
    pub addresses: Option<(String, String)>,
    /// Whether the folder has a README.md.
    pub has_readme: bool,
    /// Licence files to put into the folder, which has none: their names and texts.
    pub license_files: Vec<(String, String)>,
    /// What somebody should know who reads the product.
    pub notes: Vec<String>,
    /// What was left out, and why.
    pub left_out: Vec<(String, String)>,
    /// Why a field is not known.
    pub reasons: Vec<(&'static str, String)>,
}

impl<'a> Proposal<'a> {
    /// Works out what a product is. `folder` is where its files will be, and `scratch` a directory of the
    /// caller's.
    pub fn of(
        archives: &'a [Archive],
        folder: &Path,
        answers: &Answers,
        forge: &Forge,
        scratch: &Path,
    ) -> Result<Self, InitError> {
        let mut remarks = Remarks::default();
        let mut assigned = target::assign(archives, &mut remarks)?;
        if assigned.is_empty() {
            let reasons = remarks.left_out.iter();
            let reasons = reasons.map(|(name, reason)| format!("{name}: {reason}"));
            let reasons = reasons.collect::<Vec<_>>();
            return Err(InitError::Nothing {
                place: folder.display().to_string(),
                files: reasons.len(),
                reasons,
            });
        }
        remarks.left_out.extend(narrow(&mut assigned, scratch)?);
        let around = around::look(folder);
        let release = release(&assigned, answers, forge)?;
        let repository = answered(answers.repository.as_ref(), "--repository");
        let mut proposal = Self {
            name: answered(answers.name.as_ref(), "--name"),
            license: answered(answers.license.as_ref(), "--license"),
            repository: repository
                .or(forge.repository.clone())
                .or(around.repository),
            commands: Vec::new(),
            release,
            addresses: forge.addresses.clone(),
            has_readme: folder.join("README.md").is_file(),
            license_files: Vec::new(),
            notes: Vec::new(),
            left_out: remarks.left_out,
            reasons: Vec::new(),
            archives: assigned,
        };
        let contradictions = proposal.archives.iter();
        let contradictions = contradictions.filter_map(|assigned| assigned.contradiction.clone());
        proposal.notes.extend(contradictions.collect::<Vec<_>>());
        proposal.find_name(forge);
        proposal.find_commands();
        proposal.find_license(folder, around.license)?;
        Ok(proposal)
    }

    fn find_name(&mut self, forge: &Forge) {
        if self.name.is_some() {
            return;
        }
        let of_page = |page: &Known| {
            let name = page.value.rsplit('/').next()?.to_owned();
            Some(Known::new(name, page.from.clone()))
        };
        let names = self
            .archives
            .iter()
            .map(|assigned| plain_name(without_suffixes(&assigned.archive.name)));
        let mut names = names.collect::<Vec<_>>();
        names.dedup();
        let of_archives = match names.pop() {
            Some(name) if names.is_empty() => Some(Known::new(name, "the names of the archives")),
            _ => None,
        };
        let candidates = [forge.repository.as_ref().and_then(of_page), of_archives];
        let good = |known: &Known| known.value.parse::<ProductName>().is_ok();
        self.name = candidates.into_iter().flatten().find(good);
        if self.name.is_none() {
            let commands = commands::find(&self.archives, None).names;
            let of_commands = commands
                .first()
                .map(|name| Known::new(name, "the first command"));
            let of_repository = self.repository.as_ref().and_then(of_page);
            self.name = [of_commands, of_repository]
                .into_iter()
                .flatten()
                .find(good);
        }
        if self.name.is_none() {
            let why = "the archives have different names, and no executable in common";
            self.reasons.push(("name", why.to_owned()));
        }
    }

    fn find_commands(&mut self) {
        let name = self.name.as_ref().map(|name| &*name.value);
        let found = commands::find(&self.archives, name);
        self.commands = found.names;
        self.left_out.extend(found.left_out);
        if self.commands.is_empty() {
            let why = "no executable is in all archives";
            self.reasons.push(("commands", why.to_owned()));
        }
    }

    fn find_license(&mut self, folder: &Path, around: Option<Known>) -> Result<(), InitError> {
        let (files, place) = match own_licenses(folder)? {
            files if !files.is_empty() => (files, String::new()),
            _ => {
                let with = self.archives.iter().map(|assigned| assigned.archive);
                match with
                    .into_iter()
                    .find(|archive| !archive.licenses.is_empty())
                {
                    Some(archive) => {
                        let good = |name: &str| name.parse::<LicenseFile>().is_ok();
                        let files = archive
                            .licenses
                            .iter()
                            .filter(|(name, _)| good(name))
                            .cloned();
                        self.license_files = files.collect();
                        (archive.licenses.clone(), format!(" in {}", archive.name))
                    }
                    None => (Vec::new(), String::new()),
                }
            }
        };
        if self.license.is_some() {
            return Ok(());
        }
        let why = match license::of_files(&files) {
            Licenses::One {
                expression,
                files,
                note,
            } => {
                let agrees = around.as_ref().is_some_and(|around| {
                    let plain = |text: &str| text.replace("-or-later", "-only");
                    plain(&around.value) == expression
                });
                match around {
                    // A manifest says what the text leaves open.
                    Some(around) if agrees => {
                        let from = format!("{} and {}{place}", around.from, files.join(" and "));
                        self.license = Some(Known::new(around.value, from));
                    }
                    around => {
                        if let Some(around) = around {
                            self.notes.push(format!(
                                "{} says that the licence is {}, and {}{place} is {expression}",
                                around.from,
                                around.value,
                                files.join(" and ")
                            ));
                        }
                        self.notes
                            .extend(note.map(|note| format!("licence: {note}")));
                        let from = format!("{}{place}", files.join(" and "));
                        self.license = Some(Known::new(expression, from));
                    }
                }
                return Ok(());
            }
            Licenses::Several(found) => {
                let found = found.iter().map(|(name, id)| format!("{name} is {id}"));
                let found = found.collect::<Vec<_>>().join(", ");
                format!("{found}{place}, and nothing says which holds")
            }
            Licenses::None if files.is_empty() => {
                "neither the folder nor an archive has a licence file".to_owned()
            }
            Licenses::None => {
                let names = files
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>();
                format!("{}{place} is no text that stage knows", names.join(", "))
            }
        };
        self.license = around;
        if self.license.is_none() {
            self.reasons.push(("license", why));
        }
        Ok(())
    }

    /// Returns the fields without which a product cannot be loaded, of those that are not known.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_none()),
            ("license", self.license.is_none()),
            ("repository", self.repository.is_none()),
            ("commands", self.commands.is_empty()),
        ]
        .into_iter()
        .filter_map(|(field, missing)| missing.then_some(field))
        .collect()
    }

    /// Takes an answer of a person. An error says why it cannot be the value.
    pub fn answer(&mut self, field: &str, text: &str) -> Result<(), String> {
        let from = "your answer";
        let known = Some(Known::new(text, from));
        let error = match field {
            "name" => text
                .parse::<ProductName>()
                .err()
                .map(|error| error.to_string()),
            "license" => text
                .parse::<LicenseExpression>()
                .err()
                .map(|error| error.to_string()),
            "repository" => text.parse::<WebUrl>().err().map(|error| error.to_string()),
            _ => Release::of_tag(text)
                .is_none()
                .then(|| InitError::Tag(text.to_owned()).to_string()),
        };
        if let Some(error) = error {
            return Err(error);
        }
        match field {
            "name" => self.name = known,
            "license" => self.license = known,
            "repository" => self.repository = known,
            _ => self.release = Release::of_tag(text).map(|release| (release, from.to_owned())),
        }
        Ok(())
    }
}

fn answered(answer: Option<&String>, option: &str) -> Option<Known> {
    answer.map(|answer| Known::new(answer, option))
}

/// The release: what the caller or the forge says, or the version in the names.
fn release(
    archives: &[Assigned<'_>],
    answers: &Answers,
    forge: &Forge,
) -> Result<Option<(Release, String)>, InitError> {
    let said = answers
        .release_tag
        .as_ref()
        .map(|tag| (tag, "--release-tag"));
    let said = said.or(forge.tag.as_ref().map(|tag| (tag, "the release")));
    if let Some((tag, from)) = said {
        let release = Release::of_tag(tag).ok_or_else(|| InitError::Tag(tag.clone()))?;
        return Ok(Some((release, from.to_owned())));
    }
    let names = archives
        .iter()
        .map(|assigned| without_suffixes(&assigned.archive.name));
    let names = names.collect::<Vec<_>>();
    let release = Release::of_names(&names);
    Ok(release.map(|release| (release, "the names of the archives".to_owned())))
}

/// The licence files of a folder: their names and texts.
fn own_licenses(folder: &Path) -> Result<Vec<(String, String)>, InitError> {
    let names = crate::base::files::names_in(folder)?.into_iter();
    let names = names.filter(|name| is_license_name(name) && folder.join(name).is_file());
    let files = names.map(|name| {
        let bytes = fs_err::read(folder.join(&name))?;
        Ok((name, String::from_utf8_lossy(&bytes).into_owned()))
    });
    files.collect()
}
