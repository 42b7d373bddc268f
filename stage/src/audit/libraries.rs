//! Libraries that an executable names by a path of the machine that built it.
//!
//! A wheel's tag promises libraries, and what it does not promise is held against it in
//! [`tags`](super::tags). npm packages and runtimes promise nothing of libraries, and many need
//! some that users install. But no user has `/opt/homebrew/lib/libz.dylib` of a build machine.

use super::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use native_claims::claims;

/// Checks every executable and library.
pub(super) fn check(contents: &Contents, findings: &mut Findings) {
    let claims = claims::allowed(contents.objects(), None);
    for (path, library) in claims.libraries_by_path() {
        let detail = format!("it needs {library}, a path that only the machine that built it has");
        findings.add_at(&rules::claims::LIBRARY, path, detail);
    }
}
