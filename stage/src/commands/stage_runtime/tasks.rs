//! What there is to make of a runtime.

use native_claims::WheelTags;

use crate::audit;
use crate::bundle::Bundle;
use crate::commands::cli::{Format, StageRuntime};
use crate::commands::report::Report;
use crate::contents::Contents;
use crate::package::Task;
use crate::product::Selection;

/// Returns the tasks: the wheels that the runtime allows, and one for each other format.
pub(super) fn tasks(
    bundle: &Bundle,
    contents: &Contents,
    selection: Option<&Selection>,
    arguments: &StageRuntime,
    report: &Report,
) -> Result<Vec<Task>, audit::AuditError> {
    let mut tasks = Vec::new();
    if wanted(arguments, Format::Wheel) {
        let wheels = choose_wheels(bundle, contents, selection, arguments, report)?;
        tasks.extend(wheels.into_iter().map(Task::Wheel));
    }
    if wanted(arguments, Format::Crate) {
        tasks.push(Task::Crates);
    }
    if wanted(arguments, Format::Npm) {
        tasks.push(Task::Npm);
    }
    Ok(tasks)
}

/// Returns whether a format is to be made.
fn wanted(arguments: &StageRuntime, format: Format) -> bool {
    arguments.formats().contains(&format)
}

/// Returns the wheels to make: those that were asked for by their tags, and of the listed ones those
/// that are true. A listed one that is not is a warning.
fn choose_wheels(
    bundle: &Bundle,
    contents: &Contents,
    selection: Option<&Selection>,
    arguments: &StageRuntime,
    report: &Report,
) -> Result<Vec<WheelTags>, audit::AuditError> {
    let (mut wheels, listed) = selection.map_or_else(
        || (Vec::new(), true),
        |chosen| (chosen.wheels.clone(), chosen.listed),
    );
    let entrypoint = bundle.entrypoint().as_str();
    let wrong = audit::tags::refused(&wheels, contents, &arguments.allow);
    if !wrong.is_empty() {
        return Err(audit::AuditError::Findings(wrong));
    }
    if listed {
        let choice =
            audit::tags::choose(bundle.platform(), contents, entrypoint, &arguments.allow)?;
        for dropped in choice.dropped {
            tracing::debug!(why = dropped.text, "wheel dropped");
            report.warning_with_help(&dropped.text, &dropped.help);
        }
        wheels.extend(choice.wheels);
        wheels.sort();
        wheels.dedup();
    }
    for tags in &wheels {
        tracing::debug!(%tags, "wheel chosen");
    }
    Ok(wheels)
}
