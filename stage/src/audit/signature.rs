//! The signatures of Mach-O files, for every kind of artifact.

use super::finding::Findings;
use super::rule::Rule;
use super::rules;
use crate::contents::Contents;
use native_claims::facts::{Cpu, Facts, MachO, MachOSlice, Signature};

/// Checks that code for macOS is signed, and is what was signed.
///
/// A package for iOS is signed with the application that it becomes a part of. Code for older CPUs
/// is from before macOS asked for signatures.
pub(super) fn check(contents: &Contents, findings: &mut Findings) {
    for (path, facts) in contents.objects() {
        let Facts::MachO(mach_o) = facts else {
            continue;
        };
        let slices = mach_o.slices.iter();
        for slice in slices.filter(|slice| slice.is_loaded() && slice.is_for_macos()) {
            if let Some((rule, detail)) = fault(mach_o, slice) {
                findings.add_at(rule, path, detail);
            }
        }
    }
}

/// What is wrong with the signature of the code for one CPU.
fn fault(mach_o: &MachO, slice: &MachOSlice) -> Option<(&'static Rule, String)> {
    let (absent, broken) = match slice.cpu {
        Cpu::Aarch64 => (&rules::signature::ABSENT, &rules::signature::BROKEN),
        Cpu::X86_64 => (
            &rules::signature::INTEL_ABSENT,
            &rules::signature::INTEL_BROKEN,
        ),
        _ => return None,
    };
    let cpu = slice.cpu_name();
    match &slice.signature {
        Signature::Absent if mach_o.universal => {
            Some((absent, format!("its code for {cpu} has no signature")))
        }
        Signature::Absent => Some((absent, "it has no signature".to_owned())),
        Signature::Broken(fault) if mach_o.universal => {
            let detail = format!("the signature of its code for {cpu} is broken: {fault}");
            Some((broken, detail))
        }
        Signature::Broken(fault) => Some((broken, format!("its signature is broken: {fault}"))),
        Signature::Intact | Signature::Unchecked => None,
    }
}
