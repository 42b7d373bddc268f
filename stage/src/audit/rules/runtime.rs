//! The executables of a runtime, and how upstream packs it.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &HELPER_NOT_EXECUTABLE,
    &MACHINE,
    &HELPER_MACHINE,
    &FOREIGN,
    &PATH_DIR,
    &DIRECTORY_MISSING,
    &FILE_NAME,
    &LINK,
];

pub static HELPER_NOT_EXECUTABLE: Rule = Rule {
    code: "runtime-helper-not-executable",
    severity: Severity::Warning,
    wrong: "A program beside the runtime's own may not be executed.",
    matters: "What needs it fails: permission denied.",
    remedy: "Give it mode 0755 before it is packed.",
    source: "The layout of upstream's packages",
};

pub static MACHINE: Rule = Rule {
    code: "runtime-machine",
    severity: Severity::Error,
    wrong: "The program of the runtime is not one for its target.",
    matters: "It does not start on the machines that it is installed on.",
    remedy: "Build or download the runtime of that target.",
    source: "The files of platforms/: executable",
};

pub static HELPER_MACHINE: Rule = Rule {
    code: "runtime-helper-machine",
    severity: Severity::Error,
    wrong: "An executable or a library of the runtime is for another CPU than its target.",
    matters: "What needs it fails on the machines that it is installed on.",
    remedy: "Build or download the file for that target.",
    source: "The files of platforms/: executable",
};

pub static FOREIGN: Rule = Rule {
    code: "runtime-foreign-executable",
    severity: Severity::Note,
    wrong: "An executable or a library of the runtime is for another system than its target.",
    matters: "It is downloaded by everybody and used by nobody, unless the program hands it to another machine.",
    remedy: "Leave it out if nothing needs it.",
    source: "The files of platforms/: executable",
};

pub static PATH_DIR: Rule = Rule {
    code: "runtime-path-dir",
    severity: Severity::Error,
    wrong: "The runtime names a directory that is a file.",
    matters: "Programs that should be found by `PATH` are not.",
    remedy: "Take the runtime from the release as upstream published it.",
    source: "The layout of upstream's packages: pathDir, resourcesDir",
};

pub static DIRECTORY_MISSING: Rule = Rule {
    code: "runtime-directory-missing",
    severity: Severity::Note,
    wrong: "The runtime names a directory that is not in it.",
    matters: "Some releases have no such directory on some systems; on others the helpers are missing.",
    remedy: "Compare with the release as upstream published it.",
    source: "The layout of upstream's packages: pathDir, resourcesDir",
};

pub static FILE_NAME: Rule = Rule {
    code: "runtime-file-name",
    severity: Severity::Error,
    wrong: "The archive is named after another target than it holds.",
    matters: "Whoever chooses by the name gets a runtime that does not start.",
    remedy: "Name the archive after its target, or take the runtime of the target it is named after.",
    source: "The archives of upstream's releases: codex-package-<target>.tar.gz",
};

pub static LINK: Rule = Rule {
    code: "runtime-link",
    severity: Severity::Warning,
    wrong: "A symbolic link of the runtime leads to a script, or to a program with libraries beside it, in another directory. `stage-runtime` puts a copy in the place of the link.",
    matters: "Packages hold no links. A script that looks for its files from where it really lies does not find them from the copy; nor does a program find the libraries beside it.",
    remedy: "Replace the link by a file that starts its target (`require(\"../lib/cli.js\")`, `exec \"$(dirname \"$0\")/../lib/tool\" \"$@\"`), or put its target there.",
    source: "The binary distribution format of wheels; npm leaves links out; tried with the `bin/npm` of Node.js",
};
