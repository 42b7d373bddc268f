//! What there is to make of a runtime.

use native_claims::WheelTags;

use crate::audit;
use crate::bundle::Bundle;
use crate::commands::cli::{Format, StageRuntime};
use crate::commands::report::Report;
use crate::contents::Contents;
use crate::package::Task;
use crate::product::{PackageFormat, Product, Selection};

/// Returns the tasks: the wheels that the runtime allows, and one for each other format.
pub(super) fn tasks(
    bundle: &Bundle,
    contents: &Contents,
    selection: Option<&Selection>,
    arguments: &StageRuntime,
    product: &Product,
    report: &Report,
) -> Result<Vec<Task>, audit::AuditError> {
    let mut tasks = Vec::new();
    let wanted = |format| wanted(bundle, arguments, product, format);
    if wanted(Format::Wheel) {
        let wheels = choose_wheels(bundle, contents, selection, arguments, product, report)?;
        tasks.extend(wheels.into_iter().map(Task::Wheel));
    }
    if wanted(Format::Crate) {
        tasks.push(Task::Crates);
    }
    if wanted(Format::Npm) {
        tasks.push(Task::Npm);
    }
    Ok(tasks)
}

/// Returns whether a format is to be made: it was asked for, or nothing was, and the product has it.
fn wanted(bundle: &Bundle, arguments: &StageRuntime, product: &Product, format: Format) -> bool {
    if arguments.format.is_empty() {
        let format = match format {
            Format::Wheel => PackageFormat::Wheel,
            Format::Crate => PackageFormat::Crate,
            Format::Npm => PackageFormat::Npm,
        };
        return product.makes(format, bundle.platform());
    }
    arguments.format.contains(&format)
}

/// Returns the wheels to make: those that were asked for by their tags, and of the listed ones those
/// that are true. A listed one that is not is a warning.
fn choose_wheels(
    bundle: &Bundle,
    contents: &Contents,
    selection: Option<&Selection>,
    arguments: &StageRuntime,
    product: &Product,
    report: &Report,
) -> Result<Vec<WheelTags>, audit::AuditError> {
    let (mut wheels, listed) = selection.map_or_else(
        || (Vec::new(), true),
        |chosen| (chosen.wheels.clone(), chosen.listed),
    );
    let wrong = audit::tags::refused(&wheels, contents, &arguments.allow);
    if !wrong.is_empty() {
        return Err(audit::AuditError::Findings(wrong));
    }
    if listed {
        let choice = audit::wheels::choose(product, bundle, contents, &arguments.allow)?;
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
