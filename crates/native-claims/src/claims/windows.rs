//! PE files, against tags for Windows.

use super::carried::Carried;
use super::file::NativeFile;
use crate::facts::{Cpu, Pe};
use crate::format::ObjectFormat;
use crate::machine::{self, Machine};
use crate::tag::PlatformTag;

pub(super) fn tag_cpu(cpu: Cpu) -> Option<&'static str> {
    Some(match cpu {
        Cpu::X86 => "x86",
        Cpu::X86_64 => "amd64",
        Cpu::Aarch64 => "arm64",
        _ => return None,
    })
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
    let tag = match tag_cpu(pe.cpu) {
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

/// Libraries that a plain Windows does not have.
pub(super) fn missing<'a>(carried: &Carried<'_>, file: NativeFile<'_>, pe: &'a Pe) -> Vec<&'a str> {
    let names = pe.imports.iter().map(String::as_str);
    names
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            let is_ours = REDISTRIBUTED.iter().any(|prefix| lower.starts_with(prefix));
            is_ours && !carried.has(file, name)
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
}
