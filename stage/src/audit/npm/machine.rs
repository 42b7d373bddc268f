//! `os`, `cpu` and `libc` of a package against the files in it.
//!
//! npm installs a package where all three fit the machine, and never looks into it. Only what is
//! said is held against the bytes: a package without the fields claims nothing, one that runs a
//! program when it is installed may still fetch what is missing, and of a package for several
//! machines nobody can tell which file is meant for which, but that each machine needs one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::commands::{commands, normal};
use super::install;
use super::package::{NpmPackage, PACKAGE_JSON};
use crate::audit::finding::Findings;
use crate::audit::rules;
use native_claims::facts::{Facts, Libc};
use native_claims::machine;
use native_claims::machine::Machine;

/// Values of `process.platform`: those that Node.js documents, those that its build can be
/// configured for, and those of ports that others maintain.
const SYSTEMS: [&str; 15] = [
    "aix",
    "android",
    "cygwin",
    "darwin",
    "freebsd",
    "haiku",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "openharmony",
    "os390",
    "os400",
    "sunos",
    "win32",
];

/// Values of `process.arch`: those that Node.js documents, those that its build can be configured
/// for, and those of older versions. `wasm32` is none, and asked for by name with
/// `npm install --cpu`.
const CPUS: [&str; 15] = [
    "arm", "arm64", "ia32", "loong64", "mips", "mips64el", "mipsel", "ppc", "ppc64", "riscv64",
    "s390", "s390x", "wasm32", "x32", "x64",
];

/// The values that npm tells C libraries apart by.
const LIBCS: [&str; 2] = ["glibc", "musl"];

/// What a field says.
struct MachineField<'a> {
    /// The values that it asks for. None: it asks for nothing, or only excludes some.
    wanted: Vec<&'a str>,
    excluded: Vec<&'a str>,
}

impl<'a> MachineField<'a> {
    fn read(package: &'a NpmPackage, key: &str) -> Self {
        let values = match package.json.get(key) {
            Some(Value::String(value)) => vec![value.as_str()],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut seen = BTreeSet::new();
        let mut values = values.into_iter();
        let values = values
            .by_ref()
            .filter(|value| *value != "any" && seen.insert(*value));
        let (excluded, wanted) = values.partition::<Vec<_>, _>(|value| value.starts_with('!'));
        let excluded = excluded.iter().map(|value| &value[1..]).collect();
        Self { wanted, excluded }
    }

    fn check(&self, key: &str, known: &[&str], findings: &mut Findings) {
        for value in self.wanted.iter().chain(&self.excluded) {
            if !known.contains(value) {
                let detail = format!("`{key}` has {value:?}");
                findings.add_at(&rules::npm::UNKNOWN_MACHINE, PACKAGE_JSON, detail);
            }
        }
    }

    /// Returns the values that it allows: those that it asks for, or else of those that there are.
    fn or_all(&self, known: &'a [&'a str]) -> Vec<&'a str> {
        if self.wanted.is_empty() {
            let known = known.iter().copied();
            known.filter(|value| self.allows(value)).collect()
        } else {
            self.wanted.clone()
        }
    }

    fn allows(&self, value: &str) -> bool {
        !self.excluded.contains(&value) && (self.wanted.is_empty() || self.wanted.contains(&value))
    }
}

/// Whether npm installs the package on Windows.
pub(super) fn names_windows(package: &NpmPackage) -> bool {
    MachineField::read(package, "os").allows("win32")
}

/// Whether npm installs the package on Windows and nowhere else.
pub(super) fn is_for_windows_alone(package: &NpmPackage) -> bool {
    MachineField::read(package, "os").wanted == ["win32"]
}

/// Holds the values of the fields against those that there are.
pub(super) fn check_fields(package: &NpmPackage, findings: &mut Findings) {
    for (key, known) in [("os", &SYSTEMS[..]), ("cpu", &CPUS), ("libc", &LIBCS)] {
        MachineField::read(package, key).check(key, known, findings);
    }
}

/// Holds `os` and `cpu` against the bytes.
pub(super) fn check_cpus(package: &NpmPackage, findings: &mut Findings) {
    let (systems, cpus) = (
        MachineField::read(package, "os"),
        MachineField::read(package, "cpu"),
    );
    let objects = native(package);
    let says_nothing = systems.wanted.is_empty() && cpus.wanted.is_empty();
    if says_nothing || objects.is_empty() || install::runs_something(package) {
        return;
    }
    let all = || objects.iter().map(|(_, facts)| *facts);
    let (all_systems, all_cpus) = (systems.or_all(&SYSTEMS), cpus.or_all(&CPUS));
    let machines = all_systems.iter().flat_map(|os| {
        let cpus = all_cpus.iter().copied();
        cpus.filter_map(|cpu| NodeMachine::new(os, cpu))
    });
    let machines = machines.collect::<Vec<_>>();
    let one = systems.wanted.len() == 1 && cpus.wanted.len() == 1;
    for (key, field) in [("os", &systems), ("cpu", &cpus)] {
        for value in &field.wanted {
            let machines = machines.iter().filter(|machine| match key {
                "os" => machine.os == *value,
                _ => machine.arch == *value,
            });
            let mut machines = machines.peekable();
            let is_known = machines.peek().is_some();
            let mut runs = machines.flat_map(|machine| {
                let objects = objects.iter();
                objects.filter(|(_, facts)| machine.runs_in(facts, all()))
            });
            if is_known && runs.next().is_none() {
                let detail = format!("`{key}` has {value:?}, and {}", what(&objects));
                findings.add_at(&rules::npm::SYSTEM, PACKAGE_JSON, detail);
                return;
            }
        }
    }
    if machines.is_empty() {
        return;
    }
    for (path, facts) in &objects {
        if machines.iter().any(|machine| machine.runs_in(facts, all())) {
            continue;
        }
        let same_system = machines.iter().any(|machine| machine.is_for_system(facts));
        let rule = if one && same_system {
            &rules::npm::CPU
        } else {
            &rules::npm::FOREIGN
        };
        findings.add_at(rule, *path, format!("it is {}", machine::describe(facts)));
    }
}

/// A machine by its names in Node.js.
struct NodeMachine<'a> {
    os: &'a str,
    arch: &'a str,
    machine: Machine,
}

impl<'a> NodeMachine<'a> {
    fn new(os: &'a str, arch: &'a str) -> Option<Self> {
        let format = machine::format_of_node(os)?;
        let cpu = machine::cpu_of_node_on(os, arch)?;
        let machine = Machine { format, cpu };
        Some(Self { os, arch, machine })
    }

    /// Whether it runs or loads a file of a package. Systems that share a format do not run each
    /// other's files.
    fn runs_in<'f>(&self, facts: &Facts, package: impl IntoIterator<Item = &'f Facts>) -> bool {
        self.machine.runs_in(facts, package) && machine::is_for_node_system(self.os, facts)
    }

    /// Whether a file is for its system, on any CPU.
    fn is_for_system(&self, facts: &Facts) -> bool {
        let format = machine::format_of(facts) == Some(self.machine.format);
        format && machine::is_for_node_system(self.os, facts)
    }
}

/// What the objects of a package are, for a person.
fn what(objects: &[(&str, &Facts)]) -> String {
    let (path, facts) = objects[0];
    let first = format!("{path} is {}", machine::describe(facts));
    match objects.len() {
        1 => first,
        len => format!("of {len} executables and libraries none is for it: {first}"),
    }
}

/// Holds `libc` against the bytes. `main` are paths of what the package is there for; of the rest,
/// nobody can tell whether it is missed.
pub(super) fn check_libc(package: &NpmPackage, main: &[String], findings: &mut Findings) {
    let (systems, libcs) = (
        MachineField::read(package, "os"),
        MachineField::read(package, "libc"),
    );
    if !systems.wanted.contains(&"linux") {
        return;
    }
    let objects = package.contents.objects();
    let objects = objects.filter_map(|(path, facts)| match facts {
        Facts::Elf(elf) => Some((path, elf.libc?)),
        Facts::MachO(_) | Facts::Pe(_) | Facts::Xcoff(_) | Facts::Script(_) => None,
    });
    let objects = objects.collect::<Vec<_>>();
    if !libcs.wanted.is_empty() {
        for (path, libc) in &objects {
            let Some(name) = name(*libc).filter(|name| !libcs.allows(name)) else {
                continue;
            };
            let said = libcs.wanted.join(" and ");
            let detail = format!("it needs {name}, and `libc` is {said}");
            findings.add_at(&rules::npm::LIBC, *path, detail);
        }
        return;
    }
    let has = |wanted| objects.iter().any(|(_, libc)| *libc == wanted);
    if has(Libc::Glibc) && has(Libc::Musl) || install::runs_something(package) {
        return;
    }
    let named = objects
        .iter()
        .filter_map(|(path, libc)| Some((*path, name(*libc)?)));
    let is_main = |path: &str| {
        let mut main = main.iter();
        main.any(|main| main == path)
    };
    let none_is_main = !package
        .contents
        .objects()
        .any(|(path, facts)| is_main(path) && matches!(facts, Facts::Elf(_)));
    let (main, rest) = named.partition::<Vec<_>, _>(|(path, _)| none_is_main || is_main(path));
    for (rule, objects) in [
        (&rules::npm::LIBC_UNSAID, main),
        (&rules::npm::LIBC_HELPER, rest),
    ] {
        let Some((path, name)) = objects.first() else {
            continue;
        };
        let detail = match objects.len() - 1 {
            0 => format!("it needs {name}"),
            more => format!("it needs {name}, and so do {more} files more"),
        };
        findings.add_at(rule, *path, detail);
    }
}

/// What the package is there for, as far as `package.json` says: its commands, and the file that
/// is loaded by its name.
pub(super) fn main(package: &NpmPackage) -> Vec<String> {
    let targets = commands(package).into_iter().map(|(_, target)| target);
    let main = package.text("main").map(normal);
    targets
        .chain(main)
        .map(|path| format!("{}/{path}", package.root))
        .collect()
}

/// Native code that a system runs or loads.
fn native<'a>(package: &'a NpmPackage) -> Vec<(&'a str, &'a Facts)> {
    let objects = package.contents.objects();
    objects
        .filter(|(_, facts)| machine::format_of(facts).is_some())
        .collect()
}

/// What npm calls a C library, if it tells it apart.
fn name(libc: Libc) -> Option<&'static str> {
    match libc {
        Libc::Glibc => Some("glibc"),
        Libc::Musl => Some("musl"),
        Libc::Other => None,
    }
}
