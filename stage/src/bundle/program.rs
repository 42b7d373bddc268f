//! What an executable is, and which of the product's targets it is for.

use std::io::Seek as _;
use std::path::Path;

use super::error::Error;
use super::fault::CommandFault;
use super::request::OpenRequest;
use crate::product::Platform;
use crate::product::known_targets;
use native_claims::ObjectFormat;
use native_claims::facts::{self, Damage, Head, Identity, Origin};

/// Reads what the file at `path` is as a program, and refuses one that was cut short. `name` is its
/// path in the RUNTIME; `None` if it is the RUNTIME itself.
pub(super) fn identify(
    path: &Path,
    runtime: &Path,
    name: Option<&str>,
) -> Result<Identity<Origin>, Error> {
    let mut file = fs_err::File::open(path).map_err(Error::Read)?;
    let head = facts::head(&mut file);
    file.rewind().map_err(Error::Read)?;
    // The head says in few words what is no program for one target. The rest says it of programs for
    // several, and of CPUs of which the head knows nothing.
    let error = match (head, facts::origin(&mut file)) {
        (Err(error), _) => error,
        // One that not every machine with the CPU runs, or another system of Apple's.
        (Ok(Head::Unfit(what)), Ok(Identity::Program(Origin::MachO(one)))) if !one.universal => {
            return Ok(Identity::Unfit(what));
        }
        (_, Ok(Identity::Program(origin))) => return Ok(Identity::Program(origin)),
        (Ok(Head::Unfit(what)), _) => return Ok(Identity::Unfit(what)),
        (Ok(_), Ok(identity)) => return Ok(identity),
        (Ok(_), Err(error)) => error,
    };
    match error {
        facts::FactsError::Io(error) => Err(Error::Read(error)),
        facts::FactsError::Damaged {
            damage: Damage::Truncated { part, end, len },
            ..
        } => Err(Error::Truncated {
            runtime: runtime.to_owned(),
            program: name.map(str::to_owned),
            part,
            end,
            len,
        }),
        facts::FactsError::Damaged { format, damage } => Ok(Identity::Unfit(format!(
            "{} file whose headers are damaged ({damage})",
            name_of(format)
        ))),
    }
}

/// Returns the platform whose executables look like this one. Where bytes leave several open, a target
/// triple in a name says which one it is: in that of the RUNTIME, or in `around`, the directory in it.
pub(super) fn platform<'a>(
    runtime: &Path,
    around: &str,
    origin: &Origin,
    request: &OpenRequest<'a>,
) -> Result<&'a Platform, Error> {
    let platforms = request.product.platforms.iter();
    let found = platforms.filter(|platform| is_of(origin, platform, request));
    let found = found.collect::<Vec<_>>();
    let asked = request.selection.map(|selection| selection.platform);
    let chosen = found
        .iter()
        .find(|platform| asked.is_none_or(|asked| asked.target == platform.target));
    match (&found[..], chosen) {
        ([], _) if machine_of(origin).is_none() => Err(Error::Unfit {
            path: runtime.to_owned(),
            what: "a universal Mach-O file, which holds programs for several CPUs".to_owned(),
        }),
        ([], _) => Err(Error::NoPlatform {
            path: runtime.to_owned(),
            what: describe(origin, request),
            targets: request.targets(),
        }),
        ([_], _) => Ok(found[0]),
        (_, Some(chosen)) if asked.is_some() => Ok(chosen),
        _ if let Some(named) = named(&found, runtime, around) => Ok(named),
        _ => Err(Error::Command {
            runtime: runtime.to_owned(),
            fault: CommandFault::Ambiguous {
                what: origin.to_string(),
                targets: found
                    .iter()
                    .map(|platform| platform.target.to_string())
                    .collect(),
            },
        }),
    }
}

/// Returns the platform whose triple stands in a name.
fn named<'a>(found: &[&'a Platform], runtime: &Path, around: &str) -> Option<&'a Platform> {
    let name = runtime.file_name().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default();
    let is_named = |platform: &&&Platform| {
        name.contains(&*platform.target) || around.contains(&*platform.target)
    };
    let named = found.iter().filter(is_named).copied();
    // `…-gnueabi` stands in `…-gnueabihf`.
    named.max_by_key(|platform| platform.target.len())
}

/// Whether executables of `platform` look like this one.
///
/// The metadata of upstream's runtimes say for which target they are. Then format and CPU must agree,
/// and the rules about wheels and npm packages look at the rest.
pub(super) fn is_of(origin: &Origin, platform: &Platform, request: &OpenRequest<'_>) -> bool {
    match platform.known {
        Some(known) if !request.product.bundle.brings_metadata => {
            known_targets::matches(known, origin)
        }
        _ => looks_like(origin, platform),
    }
}

/// Whether format and CPU are a platform's.
fn looks_like(origin: &Origin, platform: &Platform) -> bool {
    let executable = &platform.executable;
    // One number stands for CPUs that differ in byte order or width: those of x32 have that of x86-64.
    let cpu = match (origin, platform.known) {
        (Origin::Elf(elf), Some(known)) => known.cpus.iter().any(|cpu| cpu.cpu == elf.cpu),
        _ => true,
    };
    cpu && executable.format == origin.format() && machine_of(origin) == Some(executable.machine)
}

/// Whether two programs are of one format and CPU.
pub(super) fn is_of_machine(one: &Origin, other: &Origin) -> bool {
    (one.format(), machine_of(one)) == (other.format(), machine_of(other))
}

/// Returns the number of the CPU; `None` for a universal file of macOS.
fn machine_of(origin: &Origin) -> Option<u32> {
    match origin {
        Origin::Elf(elf) => Some(elf.machine),
        Origin::MachO(mach_o) if mach_o.universal => None,
        Origin::MachO(mach_o) => mach_o.slices.first().map(|slice| slice.machine),
        Origin::Pe(pe) => Some(pe.machine),
        Origin::Xcoff(xcoff) => Some(xcoff.machine),
    }
}

/// Returns what it is, for a person: the target if the product's targets differ by format and CPU,
/// the number of a CPU that it does not know, or all that the bytes say.
pub(super) fn describe(origin: &Origin, request: &OpenRequest<'_>) -> String {
    let product = request.product;
    let mut platforms = product.platforms.iter();
    let target = platforms.find(|platform| looks_like(origin, platform));
    match (target, machine_of(origin)) {
        _ if !product.bundle.brings_metadata => format!("a program for {origin}"),
        (Some(platform), _) => format!("a program for {}", platform.target),
        (None, Some(machine)) => format!(
            "{} program for the machine {machine:#x}",
            name_of(origin.format()),
        ),
        (None, None) => format!("a program for {origin}"),
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
