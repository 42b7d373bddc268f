//! ELF files by themselves: what every loader of Linux says of them, whatever the package promises.

use super::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use native_claims::claims;
use native_claims::facts::Facts;

/// Checks every ELF file for Linux.
pub(super) fn check(contents: &Contents, findings: &mut Findings) {
    for (path, facts) in contents.objects() {
        let Facts::Elf(elf) = facts else { continue };
        // Systems of another ABI have its loader: tags promise none, and other packages may.
        let fault = claims::loader_fault(elf);
        if let Some(fault) = fault.filter(|fault| !claims::is_other_abi(fault)) {
            findings.add_at(&rules::claims::LOADER, path, fault.to_string());
        }
        if let Some(fault) = claims::load_fault(elf) {
            findings.add_at(&rules::claims::REFUSED, path, fault.to_string());
        } else if let Some((fits, largest)) = claims::needs_small_pages(elf) {
            let detail = format!(
                "its segments fit pages of {} KiB at most, and kernels of {} have pages of up to {} \
                 KiB",
                fits >> 10,
                elf.cpu,
                largest >> 10
            );
            findings.add_at(&rules::claims::PAGE_SIZE, path, detail);
        }
    }
    for (path, directory) in claims::allowed(contents.objects(), None).relative_search_paths() {
        let detail = match directory {
            "" => "one of its search paths for libraries is empty".to_owned(),
            directory => format!("it looks for libraries in {directory:?}"),
        };
        findings.add_at(&rules::claims::SEARCH_PATH_RELATIVE, path, detail);
    }
}
