//! Machine code in a wheel for every platform.
//!
//! Many such wheels have some, and are right: launchers for Windows that an installer copies
//! (setuptools, distlib), programs for each system (selenium, `PuLP`), a helper that only macOS needs
//! (wandb), files that tests read (delocate). What gives away a wheel that lost its platform tag is
//! that all of its code is for one system and CPU, and that most of its bytes are that code (semgrep).

use std::collections::BTreeSet;

use super::data;
use super::name::FileName;
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::contents::{Contents, File};
use native_claims::ObjectFormat;
use native_claims::facts::{Cpu, Facts};
use native_claims::machine;

/// Most bytes of a launcher: a small program for Windows that installers copy and rename. Those of
/// distlib have up to 183 kB, and installers that were built in up to 600 kB.
const LAUNCHER: u64 = 1 << 20;

/// Checks a wheel whose only platform is `any`. Beside others, `any` is nobody's mistake.
pub(super) fn check(name: &FileName, contents: &Contents, findings: &mut Findings) {
    if !name.platforms.iter().all(|platform| platform == "any") {
        return;
    }
    let code = code(contents);
    let Some((first, facts, _)) = code.iter().max_by_key(|(_, _, file)| file.size) else {
        return;
    };
    let formats = code
        .iter()
        .filter_map(|(_, facts, _)| machine::format_of(facts));
    let formats = formats.collect::<BTreeSet<_>>();
    if formats.len() > 1 {
        return;
    }
    let usual = code.iter().filter(|file| is_usual(file));
    let native = usual.map(|(_, _, file)| pages(file)).sum::<u64>();
    let installed = contents.iter().filter(|(path, _)| !data::is_metadata(path));
    let all = installed.map(|(_, file)| pages(file)).sum::<u64>();
    // A build is for one CPU. Code for several was put together on purpose (pyarmor).
    let is_one_build = !is_for_several_cpus(&code);
    let rule = if native != 0 && native * 2 >= all && is_one_build {
        &rules::wheel::ANY_NATIVE
    } else if formats.contains(&ObjectFormat::Pe) && !is_one_build {
        // What chooses among them does so on Windows only.
        return;
    } else {
        &rules::wheel::ANY_HELPER
    };
    let what = machine::describe(facts);
    let detail = match code.len() - 1 {
        0 => format!("it is {what}"),
        1 => format!("it is {what}, and 1 more file is for the same system"),
        more => format!("it is {what}, and {more} more files are for the same system"),
    };
    findings.add_at(rule, *first, detail);
}

/// Files that a machine runs or loads, but for launchers and what only tests read.
fn code(contents: &Contents) -> Vec<(&str, &Facts, &File)> {
    let files = contents.iter().filter_map(|(path, file)| {
        let facts = file.facts()?;
        let is_code = machine::format_of(facts).is_some() && is_for_a_platform(facts);
        let is_launcher = matches!(facts, Facts::Pe(pe) if !pe.dll) && file.size <= LAUNCHER;
        (is_code && !is_launcher && !data::is_for_tests(path)).then_some((path, facts, file))
    });
    files.collect()
}

/// Whether Python could run on the CPU. What is for others (firmware, programs of the kernel) is
/// data, and so is .NET code, which is compiled where it runs.
fn is_for_a_platform(facts: &Facts) -> bool {
    match facts {
        Facts::Elf(elf) => !matches!(elf.cpu, Cpu::Other(_)),
        Facts::MachO(mach_o) => {
            let mut slices = mach_o.slices.iter();
            slices.any(|slice| !matches!(slice.cpu, Cpu::Other(_)))
        }
        Facts::Pe(pe) => !pe.managed && !matches!(pe.cpu, Cpu::Other(_)),
        Facts::Xcoff(xcoff) => !matches!(xcoff.cpu, Cpu::Other(_)),
        Facts::Script(_) => false,
    }
}

/// Whether it is to be run or loaded on a CPU on which nearly everybody installs wheels. Code for
/// others may be there for an emulator or a board (speculos), and a program that may not be executed
/// for another program to read.
fn is_usual((_, facts, file): &(&str, &Facts, &File)) -> bool {
    const USUAL: [Cpu; 3] = [Cpu::X86, Cpu::X86_64, Cpu::Aarch64];
    let may_run = file.mode.is_none() || file.is_executable();
    let is_for_us = match facts {
        Facts::Elf(elf) => USUAL.contains(&elf.cpu),
        Facts::MachO(_) => true,
        // Windows asks for no such bit.
        Facts::Pe(pe) => return USUAL.contains(&pe.cpu),
        Facts::Xcoff(_) | Facts::Script(_) => false,
    };
    is_for_us && (may_run || !machine::is_native_program(facts))
}

/// How much of a disk a file takes. What a test or a tutorial packs is smaller than that.
fn pages(file: &File) -> u64 {
    file.size.div_ceil(4096)
}

/// Whether files are for different CPUs. One for macOS may itself be for several.
fn is_for_several_cpus(code: &[(&str, &Facts, &File)]) -> bool {
    let cpus = code.iter().filter_map(|(_, facts, _)| match facts {
        Facts::Elf(elf) => Some(elf.cpu),
        Facts::Pe(pe) => Some(pe.cpu),
        Facts::Xcoff(xcoff) => Some(xcoff.cpu),
        Facts::MachO(_) | Facts::Script(_) => None,
    });
    cpus.collect::<BTreeSet<_>>().len() > 1
}
