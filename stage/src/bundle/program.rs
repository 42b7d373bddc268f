//! What an executable is, and which of the product's targets it is for.

use std::path::Path;

use super::error::Error;
use super::request::OpenRequest;
use crate::product::Platform;
use native_claims::ObjectFormat;
use native_claims::facts::{self, Damage, Head, Program};

/// Reads what the file at `path` is as a program, and refuses one that was cut short. `name` is its
/// path in the RUNTIME; `None` if it is the RUNTIME itself.
pub(super) fn head(path: &Path, runtime: &Path, name: Option<&str>) -> Result<Head, Error> {
    let mut file = fs_err::File::open(path).map_err(Error::Read)?;
    match facts::head(&mut file) {
        Ok(head) => Ok(head),
        Err(facts::FactsError::Io(error)) => Err(Error::Read(error)),
        Err(facts::FactsError::Damaged {
            damage: Damage::Truncated { part, end, len },
            ..
        }) => Err(Error::Truncated {
            runtime: runtime.to_owned(),
            program: name.map(str::to_owned),
            part,
            end,
            len,
        }),
        Err(facts::FactsError::Damaged { format, damage }) => Ok(Head::Unfit(format!(
            "{} file whose headers are damaged ({damage})",
            name_of(format)
        ))),
    }
}

/// Returns the platform whose executables look like this one.
pub(super) fn platform<'a>(
    runtime: &Path,
    program: Program,
    request: &OpenRequest<'a>,
) -> Result<&'a Platform, Error> {
    let platforms = &request.product.platforms;
    find(program, platforms).ok_or_else(|| Error::NoPlatform {
        path: runtime.to_owned(),
        what: describe(program, platforms),
        targets: request.targets(),
    })
}

fn find(program: Program, platforms: &[Platform]) -> Option<&Platform> {
    platforms.iter().find(|platform| is_of(program, platform))
}

/// Whether executables of `platform` look like this one.
pub(super) fn is_of(program: Program, platform: &Platform) -> bool {
    let Program { format, machine } = program;
    (platform.executable.format, platform.executable.machine) == (format, machine)
}

/// Returns what it is, for a person: the target if it is known, the number of the CPU otherwise.
pub(super) fn describe(program: Program, platforms: &[Platform]) -> String {
    match find(program, platforms) {
        Some(platform) => format!("a program for {}", platform.target),
        None => format!(
            "{} program for the machine {:#x}",
            name_of(program.format),
            program.machine
        ),
    }
}

fn name_of(format: ObjectFormat) -> &'static str {
    match format {
        ObjectFormat::Elf => "an ELF",
        ObjectFormat::MachO => "a Mach-O",
        ObjectFormat::Pe => "a PE",
        ObjectFormat::Xcoff => "an XCOFF",
    }
}
