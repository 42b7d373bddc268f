//! Rules that hold for every kind of artifact.

use super::finding::Findings;
use super::kind::SubjectKind;
use super::{elf, rules, signature};
use crate::contents::{Contents, Object, is_metadata};

/// Checks what every kind of artifact has.
pub(super) fn check(contents: &Contents, kind: SubjectKind, findings: &mut Findings) {
    // What npm makes of such names is for the rules of its packages to say.
    let spellings = contents.spellings().filter(|_| kind != SubjectKind::Npm);
    for (path, _) in spellings.filter(|(_, spelling)| spelling.loose) {
        let detail = "its name has a `.` component or an empty one";
        findings.add_at(&rules::archive::NAME, path, detail);
    }
    for path in contents.links() {
        findings.add_at(
            &rules::archive::LINK,
            path,
            "it is a link or a special file",
        );
    }
    for (path, file) in contents.iter() {
        if is_metadata(path) && file.text.is_none() {
            let detail = format!("it has {} bytes", file.size);
            findings.add_at(&rules::archive::METADATA_TOO_LARGE, path, detail);
        }
    }
    check_objects(contents, findings);
}

/// Checks the executables and libraries by themselves, wherever they lie.
pub(super) fn check_objects(contents: &Contents, findings: &mut Findings) {
    for (path, file) in contents.iter() {
        if let Object::Malformed(reason) = &file.object {
            let rule = if file.is_executable() || is_named_like_code(path) {
                &rules::archive::OBJECT_MALFORMED
            } else {
                &rules::archive::OBJECT_FRAGMENT
            };
            findings.add_at(rule, path, reason);
        }
    }
    signature::check(contents, findings);
    elf::check(contents, findings);
}

/// Whether a file is a program or a library by its name.
fn is_named_like_code(path: &str) -> bool {
    const ENDS: [&str; 6] = [".so", ".dylib", ".dll", ".exe", ".pyd", ".node"];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end)) || name.contains(".so.")
}
