//! `stage init [DIR]`

mod ask;
mod check;
mod find;
mod show;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::commands::cli::Init;
use crate::commands::failure::Advised;
use crate::commands::report::Report;
use crate::init::{self, Answers, InitError, ProductFiles, Proposal, Release, STAGE_TOML, Source};
use crate::staging::Private;

pub fn run(arguments: &Init, report: &Report) -> anyhow::Result<()> {
    let folder = arguments.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    if arguments.check {
        return check::run(arguments, &folder, report);
    }
    write(arguments, &folder, report)
        .with_context(|| format!("cannot write {}", folder.join(STAGE_TOML).display()))
}

fn write(arguments: &Init, folder: &Path, report: &Report) -> Result<(), Advised> {
    refuse_existing(folder)?;
    // Before anything is downloaded.
    if let Some(tag) = &arguments.release_tag
        && Release::of_tag(tag).is_none()
    {
        return Err(InitError::Tag(tag.clone()).into());
    }
    if arguments.from.is_none() && !folder.is_dir() {
        return Err(InitError::NoFolder(folder.to_owned()).into());
    }
    let mut private = Private::open(folder).map_err(InitError::from)?;
    // Another process may have been faster.
    refuse_existing(folder)?;
    let scratch = private.scratch();
    let mut found = find::find(arguments, folder, &scratch, report)?;
    let jobs = super::common::jobs(None);
    let (archives, unreadable) = init::read(&mut found.files, &found.place, jobs, &scratch)?;
    for one in &unreadable {
        let text = format!("{} is left out: {}", one.name, one.reason);
        report.warning_with_help(&text, &one.help);
    }
    let answers = Answers {
        name: arguments.name.as_ref().map(ToString::to_string),
        license: arguments.license.as_ref().map(ToString::to_string),
        repository: arguments.repository.as_ref().map(ToString::to_string),
        release_tag: arguments.release_tag.clone(),
    };
    let mut proposal = Proposal::of(&archives, folder, &answers, &found.forge, &scratch)?;
    if ask::may_ask(report) {
        ask::ask(&mut proposal, found.source).map_err(InitError::Io)?;
    }
    let files = init::files(&proposal, folder, &scratch)?;
    place(&files, folder, &mut private)?;
    drop(private);
    let source = match found.source {
        Source::Release { .. }
            if !found.forge.is_found
                || files.product.as_ref().is_none_or(|it| it.release.is_none()) =>
        {
            Source::Elsewhere
        }
        source => source,
    };
    show::Shown {
        folder,
        proposal: &proposal,
        files: &files,
        passed_over: &found.files.passed_over,
        source,
    }
    .show(report);
    Ok(())
}

/// Puts the files of a product into its folder: all of them, and over none that is there.
fn place(files: &ProductFiles, folder: &Path, private: &mut Private) -> Result<(), InitError> {
    let new = private.scratch().join("new");
    init::write(&new, &files.texts)?;
    let paths = files.texts.iter().map(|(path, _)| path.clone());
    let paths = paths.collect::<Vec<_>>();
    let Err(error) = private.place_new(&new, &paths) else {
        return Ok(());
    };
    if error.kind() != ErrorKind::AlreadyExists {
        return Err(error.into());
    }
    let mut there = paths.iter().map(|path| folder.join(path));
    let there = there.find(|path| path.symlink_metadata().is_ok());
    Err(InitError::AlreadyThere(
        there.unwrap_or_else(|| folder.join(STAGE_TOML)),
    ))
}

fn refuse_existing(folder: &Path) -> Result<(), InitError> {
    let path = folder.join(STAGE_TOML);
    if path.symlink_metadata().is_ok() {
        return Err(InitError::AlreadyThere(path));
    }
    Ok(())
}
