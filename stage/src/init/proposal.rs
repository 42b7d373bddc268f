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
use crate::product::{
    LicenseExpression, LicenseFile, Mistake, ProductError, ProductName, WebUrl, is_license_name,
    texts_in,
};

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
    /// Whether a product finds its releases: by the repository, or by the addresses.
    pub is_found: bool,
    /// What somebody should know.
    pub notes: Vec<String>,
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
    /// Texts of the folder with which the product cannot be loaded.
    pub mistakes: Vec<Mistake>,
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
        let said = said_release(answers, forge)?;
        let archives = of_one_release(archives, said.as_ref(), &mut remarks)?;
        let of_forge = forge.repository.as_ref().and_then(name_of_page);
        let product = answers.name.as_ref().or(of_forge.as_ref());
        let mut assigned = target::assign(&archives, product.map(|name| &**name), &mut remarks)?;
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
        let of_macos = assigned.iter().map(|assigned| assigned.archive);
        let of_macos = of_macos.filter_map(|one| Some((one.name.clone(), one.left_out.clone()?)));
        remarks.left_out.extend(of_macos);
        let around = around::look(folder);
        let release = said.or_else(|| release_of_names(&assigned));
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
            has_readme: false,
            license_files: Vec::new(),
            notes: forge.notes.clone(),
            mistakes: Vec::new(),
            left_out: remarks.left_out,
            reasons: Vec::new(),
            archives: assigned,
        };
        let contradictions = proposal.archives.iter();
        let contradictions = contradictions.filter_map(|assigned| assigned.contradiction.clone());
        proposal.notes.extend(contradictions.collect::<Vec<_>>());
        proposal.find_name(forge);
        for (_, text) in texts_of(folder, |name| name == README)? {
            proposal.has_readme = true;
            proposal.mistakes.extend(text.err());
        }
        proposal.find_commands();
        proposal.find_license(folder, around.license)?;
        Ok(proposal)
    }

    fn find_name(&mut self, forge: &Forge) {
        if self.name.is_some() {
            return;
        }
        let of_page = |page: &Known| Some(Known::new(name_of_page(page)?, page.from.clone()));
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
        let own = texts_of(folder, is_license_name)?;
        let own = own.into_iter().map(|(name, text)| match text {
            Ok(text) => (name, text),
            // It is no licence that anybody knows.
            Err(mistake) => {
                self.mistakes.push(mistake);
                (name, String::new())
            }
        });
        let (files, place) = match own.collect::<Vec<_>>() {
            files if !files.is_empty() => (files, String::new()),
            _ => {
                let with = self.archives.iter().map(|assigned| assigned.archive);
                match with
                    .into_iter()
                    .find(|archive| !archive.licenses.is_empty())
                {
                    Some(archive) => {
                        for name in &archive.odd_licenses {
                            self.notes.push(format!(
                                "{name} in {} is not UTF-8, so it is not taken over: save it as UTF-8 in \
                                 the folder of stage.toml",
                                archive.name
                            ));
                        }
                        let good = |name: &str| {
                            let is_odd = archive.odd_licenses.iter().any(|odd| odd == name);
                            !is_odd && name.parse::<LicenseFile>().is_ok()
                        };
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
            Licenses::None => "neither the folder nor an archive has a licence file".to_owned(),
            Licenses::Unknown(unknown) => {
                let unknown = unknown.into_iter().map(|(name, has)| match has {
                    Some(id) => format!("{name}{place} has the text of {id}, and more"),
                    None => format!("{name}{place} is no text that stage knows"),
                });
                unknown.collect::<Vec<_>>().join("; ")
            }
        };
        self.license = around;
        if let Some(license) = &self.license {
            if !files.is_empty() {
                let Known { value, from } = license;
                self.notes.push(format!(
                    "{from} says that the licence is {value}, which the files do not show: {why}"
                ));
            }
        } else {
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

const README: &str = "README.md";

fn name_of_page(page: &Known) -> Option<String> {
    page.value.rsplit('/').next().map(str::to_owned)
}

/// The release that the caller or the forge says.
fn said_release(answers: &Answers, forge: &Forge) -> Result<Option<(Release, String)>, InitError> {
    let said = answers
        .release_tag
        .as_ref()
        .map(|tag| (tag, "--release-tag"));
    let said = said.or(forge.tag.as_ref().map(|tag| (tag, "the release")));
    let Some((tag, from)) = said else {
        return Ok(None);
    };
    let release = Release::of_tag(tag).ok_or_else(|| InitError::Tag(tag.clone()))?;
    Ok(Some((release, from.to_owned())))
}

/// The release that the names of the archives say.
fn release_of_names(archives: &[Assigned<'_>]) -> Option<(Release, String)> {
    let names = archives
        .iter()
        .map(|assigned| without_suffixes(&assigned.archive.name));
    let release = Release::of_names(&names.collect::<Vec<_>>())?;
    Some((release, "the names of the archives".to_owned()))
}

/// Leaves out the archives of other releases.
fn of_one_release<'a>(
    archives: &'a [Archive],
    said: Option<&(Release, String)>,
    remarks: &mut Remarks,
) -> Result<Vec<&'a Archive>, InitError> {
    let names = archives
        .iter()
        .map(|archive| without_suffixes(&archive.name));
    let names = names.collect::<Vec<_>>();
    let Some((release, _)) = said else {
        let several = Release::several(&names);
        if several.is_empty() {
            return Ok(archives.iter().collect());
        }
        return Err(InitError::Versions(several));
    };
    let (of_it, others): (Vec<_>, Vec<_>) = archives
        .iter()
        .zip(release.is_of(&names))
        .partition(|(_, is_of)| *is_of);
    let why = format!("its name says another version than {}", release.version);
    let others = others.into_iter();
    let others = others.map(|(archive, _)| (archive.name.clone(), why.clone()));
    remarks.left_out.extend(others);
    Ok(of_it.into_iter().map(|(archive, _)| archive).collect())
}

/// The texts of a folder whose names are wanted, as a product reads them.
fn texts_of(
    folder: &Path,
    is_wanted: fn(&str) -> bool,
) -> Result<Vec<(String, Result<String, Mistake>)>, InitError> {
    texts_in(folder, is_wanted).map_err(|error| match error {
        ProductError::Read(error) => error.into(),
        error => InitError::Io(std::io::Error::other(error)),
    })
}
