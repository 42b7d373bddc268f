//! PE files, against tags for Windows.

use super::carried::Carried;
use super::file::NativeFile;
use crate::facts::{Cpu, Pe};
use crate::format::ObjectFormat;
use crate::machine::{self, Machine};
use crate::tag::PlatformTag;

fn tag_cpu(cpu: Cpu) -> Option<&'static str> {
    Some(match cpu {
        Cpu::X86 => "x86",
        Cpu::X86_64 => "amd64",
        Cpu::Aarch64 => "arm64",
        _ => return None,
    })
}

/// The CPU of the tag that a file is for; none for ARM64EC, which Windows on x64 does not run and
/// programs for arm64 do not load.
pub(super) fn tag_cpu_of(pe: &Pe) -> Option<&'static str> {
    let is_arm64ec = pe.hybrid && pe.cpu == Cpu::X86_64;
    tag_cpu(pe.cpu).filter(|_| !is_arm64ec)
}

/// Whether a system of the tag runs a program that is for an older CPU: each Windows does.
pub(super) fn emulates(file: NativeFile<'_>, tag: &PlatformTag) -> bool {
    let cpu = match tag.to_string().as_str() {
        "win_amd64" => Cpu::X86_64,
        "win_arm64" => Cpu::Aarch64,
        _ => return false,
    };
    let machine = Machine {
        format: ObjectFormat::Pe,
        cpu,
    };
    machine::is_native_program(file.facts) && machine.runs(file.facts)
}

/// The tag of a package with this file.
pub(super) fn candidates(pe: &Pe) -> Vec<PlatformTag> {
    let tag = match tag_cpu_of(pe) {
        Some("x86") => "win32".parse().ok(),
        Some(cpu) => format!("win_{cpu}").parse().ok(),
        None => None,
    };
    tag.into_iter().collect()
}

/// What the names begin with of libraries that Windows does not have: those of Microsoft's
/// compilers, which an installer of their own brings, since the first that had one; and of these
/// the parts of the C++ library that programs need. `msvcrt.dll` is part of Windows, and so is
/// `ucrtbase.dll` from Windows 10 on.
const REDISTRIBUTED: [&str; 10] = [
    "concrt1",
    "mfc1",
    "msvcp1",
    "msvcp7",
    "msvcp8",
    "msvcp9",
    "msvcr1",
    "ucrtbased",
    "vcomp1",
    "vcruntime1",
];

/// The libraries of these that each Python for Windows brings, from 3.5 and from 3.8 on.
const OF_PYTHON: [&str; 2] = ["vcruntime140.dll", "vcruntime140_1.dll"];

/// Libraries that a plain Windows does not have.
pub(super) fn missing<'a>(carried: &Carried<'_>, file: NativeFile<'_>, pe: &'a Pe) -> Vec<&'a str> {
    let names = pe.imports.iter().map(String::as_str);
    names
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            let is_ours = REDISTRIBUTED.iter().any(|prefix| lower.starts_with(prefix));
            let is_pythons = OF_PYTHON.contains(&&*lower) && carried.is_loaded_by_python(file);
            is_ours && !is_pythons && !carried.has(file, name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{Package, pe};
    use crate::facts::Facts;

    #[test]
    fn the_libraries_of_a_compiler_have_to_be_carried() {
        let imports = [
            "KERNEL32.dll",
            "VCRUNTIME140.dll",
            "MSVCP140.dll",
            "msvcrt.dll",
        ];
        let mut library = pe(Cpu::X86_64, &[]);
        library.dll = true;
        let package = Package(vec![
            ("bin/a.exe", Facts::Pe(pe(Cpu::X86_64, &imports))),
            ("tools/b.exe", Facts::Pe(pe(Cpu::Aarch64, &imports))),
            ("bin/vcruntime140.DLL", Facts::Pe(library)),
        ]);
        assert_eq!(
            package.claims().missing(),
            [
                ("bin/a.exe", "MSVCP140.dll"),
                // The one that is carried is for another CPU.
                ("tools/b.exe", "VCRUNTIME140.dll"),
                ("tools/b.exe", "MSVCP140.dll"),
            ]
        );
    }

    #[test]
    fn python_brings_its_own_runtime_to_what_it_loads() {
        let imports = ["VCRUNTIME140.dll", "vcruntime140_1.dll", "MSVCP140.dll"];
        let library = |imports: &[&str]| {
            let mut library = pe(Cpu::X86_64, imports);
            library.dll = true;
            Facts::Pe(library)
        };
        let missing = |path, others: &[&'static str]| {
            let mut files = vec![(path, library(&imports))];
            files.extend(others.iter().map(|other| {
                let program = Facts::Pe(pe(Cpu::X86_64, &[]));
                (
                    *other,
                    if other.ends_with("exe") {
                        program
                    } else {
                        library(&[])
                    },
                )
            }));
            Package(files).claims().missing().len()
        };
        // The C++ library it does not bring.
        assert_eq!(missing("a/module.PYD", &["a/tool.exe"]), 1);
        assert_eq!(missing("a.libs/liba.dll", &["a/tool.exe"]), 1);
        assert_eq!(missing("a/liba.dll", &[]), 1);
        assert_eq!(missing("a/liba.dll", &["a/tool.exe"]), 3);
        assert_eq!(missing("a/tool.dll", &["b/tool.exe"]), 3);
        // As delvewheel carries it, and hand-written wheels.
        assert_eq!(missing("a/module.pyd", &["A.libs/msvcp140.dll"]), 0);
        assert_eq!(missing("a/b/module.pyd", &["a/.libs/MSVCP140.dll"]), 0);
        assert_eq!(missing("a/module.pyd", &["a/libs/msvcp140.dll"]), 1);
        assert_eq!(missing("a/module.pyd", &["a.libs/b/msvcp140.dll"]), 1);
    }
}
