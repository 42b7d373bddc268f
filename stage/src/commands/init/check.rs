//! `stage init --check`: whether a product fits its archives.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use strict_archive::escaped_sentence;

use super::find::{FoundFiles, find};
use crate::commands::cli::Init;
use crate::commands::common;
use crate::commands::failure::Advised;
use crate::commands::report::Report;
use crate::init::{self, Checked, InitError, Outcome};
use crate::product::Product;
use crate::staging::Private;

pub(super) fn run(arguments: &Init, folder: &Path, report: &Report) -> anyhow::Result<()> {
    let product = common::product(Some(folder.to_owned()))?;
    check(arguments, folder, &product, report)
        .with_context(|| format!("cannot say that the product in {} fits", folder.display()))
}

fn check(
    arguments: &Init,
    folder: &Path,
    product: &Product,
    report: &Report,
) -> Result<(), Advised> {
    // Before anything is downloaded.
    if let Some(tag) = &arguments.release_tag
        && product.parse_version(tag).is_err()
    {
        return Err(InitError::Tag(tag.clone()).into());
    }
    // The folder stays as it is: nobody need be able to write into it.
    let name = format!(
        "stage-check-{}-{:016x}",
        std::process::id(),
        fastrand::u64(..)
    );
    let private = Private::open(&std::env::temp_dir().join(name)).map_err(InitError::from)?;
    let scratch = private.scratch();
    let FoundFiles {
        mut files,
        forge,
        place,
        ..
    } = find(arguments, folder, &scratch, report)?;
    let jobs = common::jobs(None);
    let tag = arguments.release_tag.as_deref().or(forge.tag.as_deref());
    let outcome = init::check(product, &mut files, tag, jobs, &scratch)?;
    for (name, reason) in &files.passed_over {
        tracing::debug!("{} is passed over: {reason}", escaped_sentence(name));
    }
    if outcome.archives.is_empty() {
        let reasons = files
            .passed_over
            .iter()
            .map(|(name, reason)| format!("{name}: {reason}"));
        let reasons = reasons.collect::<Vec<_>>();
        return Err(InitError::Nothing {
            place,
            files: reasons.len(),
            reasons,
        }
        .into());
    }
    show(&outcome, report);
    let wrong = outcome
        .archives
        .iter()
        .filter(|checked| checked.result.is_err())
        .count();
    let wrong = wrong + outcome.missing.len();
    let all = outcome.archives.len() + outcome.missing.len();
    if wrong > 0 {
        return Err(InitError::Check { wrong, all }.into());
    }
    let archives = if all == 1 {
        "one archive".to_owned()
    } else {
        format!("{all} archives")
    };
    report.summary(&format!(
        "{archives}: the product fits, and no target is without one"
    ));
    Ok(())
}

fn show(outcome: &Outcome, report: &Report) {
    for Checked { name, result } in &outcome.archives {
        match result {
            Ok(found) => {
                let commands = found.commands.iter().map(|(name, path)| format!("{name} ({path})"));
                let commands = commands.collect::<Vec<_>>().join(", ");
                let wheels = match &found.wheels[..] {
                    [] => "no wheel".to_owned(),
                    wheels => format!("wheel {}", wheels.join(", ")),
                };
                let mut text = format!("OK: {name}: {}, {commands}, {wheels}", found.target);
                for dropped in &found.dropped {
                    text = format!("{text}; {dropped}");
                }
                report.result(
                    &escaped_sentence(&text),
                    &json!({
                        "type": "archive",
                        "name": name,
                        "ok": true,
                        "target": found.target,
                        "commands": found.commands.iter().map(|(name, path)| json!({"name": name, "path": path})).collect::<Vec<_>>(),
                        "wheel_tags": found.wheels,
                        "dropped": found.dropped,
                    }),
                );
            }
            Err((reason, help)) => report.result(
                &format!(
                    "{}\n  help: {}",
                    escaped_sentence(&format!("wrong: {name}: {reason}")),
                    escaped_sentence(help)
                ),
                &json!({"type": "archive", "name": name, "ok": false, "reason": reason, "help": help}),
            ),
        }
    }
    for target in &outcome.missing {
        report.result(
            &format!("missing: {target}: stage.toml lists it, and no archive is for it"),
            &json!({"type": "missing", "target": target}),
        );
    }
}
