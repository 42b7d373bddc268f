//! npm packages.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &PACKAGE_JSON,
    &ENCODING,
    &NAME,
    &OLD_NAME,
    &VERSION,
    &PRIVATE,
    &DEPENDENCY,
    &OUTSIDE,
    &TOP_FOLDER,
    &FILE_NAME,
    &RENAMED,
    &INSTALL_SCRIPT,
    &OTHER_INSTALL_SCRIPT,
    &BIN_MISSING,
    &BIN_NOT_A_PROGRAM,
    &BIN_LINE_ENDS,
    &BIN_MODE,
    &SYSTEM,
    &CPU,
    &LIBC,
    &LIBC_UNSAID,
    &LIBC_HELPER,
    &FOREIGN,
    &UNKNOWN_MACHINE,
    &PLATFORM,
    &VENDOR,
    &ALIAS,
];

pub static PACKAGE_JSON: Rule = Rule {
    code: "npm-package-json",
    severity: Severity::Error,
    wrong: "`package.json` is not there where npm reads it, or not a JSON object.",
    matters: "npm does not install the package, and others install one without commands.",
    remedy: "Correct `package.json` as the finding says, and pack it as `package/package.json`, as `npm pack` does.",
    source: "The documentation of npm, package.json",
};

pub static ENCODING: Rule = Rule {
    code: "npm-package-json-encoding",
    severity: Severity::Warning,
    wrong: "`package.json` is not UTF-8.",
    matters: "Package managers install the package, and the registry shows U+FFFD for every letter that cannot be read; a file named in such letters is not found.",
    remedy: "Save `package.json` as UTF-8.",
    source: "RFC 8259, section 8.1; npm 11 installs, packs and publishes such a package",
};

pub static NAME: Rule = Rule {
    code: "npm-name",
    severity: Severity::Error,
    wrong: "The name is none that npm takes.",
    matters: "The registry refuses the package.",
    remedy: "Name it `name` or `@scope/name`, of small letters, digits and, after the first, `._-`.",
    source: "The documentation of npm, package.json: name",
};

pub static OLD_NAME: Rule = Rule {
    code: "npm-name-old",
    severity: Severity::Warning,
    wrong: "The name has characters that npm takes in names of old packages only.",
    matters: "The registry refuses it for a package that is new.",
    remedy: "Name a new package `name` or `@scope/name`, of small letters, digits and, after the first, `._-`.",
    source: "The documentation of npm, package.json: name",
};

pub static VERSION: Rule = Rule {
    code: "npm-version",
    severity: Severity::Error,
    wrong: "The version is not one exact semantic version.",
    matters: "The registry refuses the package, or publishes it as another version.",
    remedy: "Write three numbers and, for a pre-release, what follows them: `1.2.3-beta.1`.",
    source: "Semantic Versioning 2.0.0; the documentation of npm, package.json: version",
};

pub static PRIVATE: Rule = Rule {
    code: "npm-private",
    severity: Severity::Error,
    wrong: "`package.json` says that the package is private.",
    matters: "npm refuses to publish it.",
    remedy: "Take `private` out of `package.json`.",
    source: "The documentation of npm, package.json: private",
};

pub static DEPENDENCY: Rule = Rule {
    code: "npm-dependency-local",
    severity: Severity::Error,
    wrong: "A dependency is one that only the workspace of the author has.",
    matters: "Installing the package fails on every other machine.",
    remedy: "Write a version that is in the registry.",
    source: "The documentation of npm, pnpm and Yarn: `workspace:`, `catalog:`, `link:`, `portal:`",
};

pub static OUTSIDE: Rule = Rule {
    code: "npm-outside-package",
    severity: Severity::Error,
    wrong: "A file lies in no directory, or comes to lie where another one does.",
    matters: "npm takes the first directory off every path: the file is lost, or overwrites another one.",
    remedy: "Pack everything below `package/`, as `npm pack` does.",
    source: "The tarballs of `npm pack`; the option `strip` of node-tar, with which npm unpacks",
};

pub static TOP_FOLDER: Rule = Rule {
    code: "npm-top-folder",
    severity: Severity::Note,
    wrong: "The directory of the package has another name than `package`, or there are several.",
    matters: "npm and pnpm do not mind, and take the first directory off every path; a tool that unpacks `package/` finds nothing, or not all.",
    remedy: "Pack it with `npm pack`.",
    source: "The tarballs of `npm pack`",
};

pub static FILE_NAME: Rule = Rule {
    code: "npm-file-name",
    severity: Severity::Warning,
    wrong: "A file has a name that Windows cannot hold.",
    matters: "On Windows the file is missing or has another name.",
    remedy: "Rename the file, or say in `os` that the package is not for win32.",
    source: "Microsoft: Naming Files, Paths, and Namespaces",
};

pub static RENAMED: Rule = Rule {
    code: "npm-file-renamed",
    severity: Severity::Warning,
    wrong: "npm does not install a file under its name.",
    matters: "npm installs `.gitignore` as `.npmignore`, or not at all beside a `.npmignore`: what looks for it finds nothing. pnpm, pip and Cargo install it as it is.",
    remedy: "Leave the file out of the package, or see that the program does without it.",
    source: "npm 9, 10 and 11, tried with names that `npm pack` leaves out; all other names are installed",
};

pub static INSTALL_SCRIPT: Rule = Rule {
    code: "npm-install-script",
    severity: Severity::Error,
    wrong: "The package runs a program when it is installed.",
    matters: "Nobody who installs with --ignore-scripts, pnpm, Bun or behind a firewall gets what it makes, and the others run code that they did not ask for.",
    remedy: "Take the script out of `package.json`, and `binding.gyp` out of the package: a staged package is complete as it is.",
    source: "The documentation of npm, scripts, and `npm rebuild` for binding.gyp",
};

pub static OTHER_INSTALL_SCRIPT: Rule = Rule {
    code: "npm-install-script-other",
    severity: Severity::Warning,
    wrong: "A package that is not this product's runs a program when it is installed.",
    matters: "Nobody who installs with --ignore-scripts, pnpm or Bun gets what it makes.",
    remedy: "Ship what the script makes, or have the program make it when it is first needed.",
    source: "The documentation of npm, scripts, and `npm rebuild` for binding.gyp",
};

pub static BIN_MISSING: Rule = Rule {
    code: "npm-bin-missing",
    severity: Severity::Error,
    wrong: "A command that the package installs leads to a file that is not in it.",
    matters: "The command is not there after the installation, or the installation fails.",
    remedy: "Pack the file, or correct `bin` in `package.json`.",
    source: "The documentation of npm, package.json: bin",
};

pub static BIN_NOT_A_PROGRAM: Rule = Rule {
    code: "npm-bin-not-a-program",
    severity: Severity::Error,
    wrong: "A command that the package installs leads to a file that no system runs: it begins with no `#!` line and is no executable.",
    matters: "A Unix shell runs the file line by line as a shell script.",
    remedy: "Begin the file with `#!/usr/bin/env node`.",
    source: "The documentation of npm, package.json: bin",
};

pub static BIN_LINE_ENDS: Rule = Rule {
    code: "npm-bin-line-ends",
    severity: Severity::Warning,
    wrong: "The `#!` line of a command ends as lines on Windows do.",
    matters: "Where the package manager does not repair it, Unix looks for an interpreter whose name ends in a carriage return.",
    remedy: "Write the file with Unix line ends.",
    source: "The manual page execve(2)",
};

pub static BIN_MODE: Rule = Rule {
    code: "npm-bin-mode",
    severity: Severity::Note,
    wrong: "A command is not executable in the tarball.",
    matters: "npm, pnpm and Yarn make it executable; a tool that only unpacks does not.",
    remedy: "Pack it with mode 0755.",
    source: "The tarballs of `npm pack`",
};

pub static SYSTEM: Rule = Rule {
    code: "npm-os-cpu",
    severity: Severity::Error,
    wrong: "Nothing in the package runs on a machine that `os` and `cpu` name.",
    matters: "npm installs the package on that machine, and it fails there when it runs.",
    remedy: "Correct `os` and `cpu`, or pack the files of that machine.",
    source: "The documentation of npm, package.json: os, cpu",
};

pub static CPU: Rule = Rule {
    code: "npm-cpu",
    severity: Severity::Error,
    wrong: "An executable or a library is for another CPU than the one in `cpu`.",
    matters: "npm installs the package on machines that cannot run the file.",
    remedy: "Pack the file of the right CPU, or correct `cpu`.",
    source: "The documentation of npm, package.json: cpu",
};

pub static LIBC: Rule = Rule {
    code: "npm-libc",
    severity: Severity::Error,
    wrong: "An executable or a library needs another C library than the one in `libc`.",
    matters: "npm installs the package on machines that cannot load the file.",
    remedy: "Pack the file that was built against the right C library, or correct `libc`.",
    source: "The documentation of npm, package.json: libc",
};

pub static LIBC_UNSAID: Rule = Rule {
    code: "npm-libc-unsaid",
    severity: Severity::Warning,
    wrong: "The package is for Linux with any C library, and what it runs needs one of them.",
    matters: "npm installs it on Alpine too, or on every other Linux, where it does not start.",
    remedy: "Say which in `libc`, and publish a package for the other one; or link the program statically.",
    source: "The documentation of npm, package.json: libc",
};

pub static LIBC_HELPER: Rule = Rule {
    code: "npm-libc-helper",
    severity: Severity::Note,
    wrong: "The package is for Linux with any C library, and a file beside its program needs one of them.",
    matters: "Where that C library is missing, what needs the file does not work.",
    remedy: "Link the file statically, or see that the program does without it.",
    source: "The documentation of npm, package.json: libc",
};

pub static FOREIGN: Rule = Rule {
    code: "npm-foreign-executable",
    severity: Severity::Note,
    wrong: "An executable or a library is for a machine that the package does not name.",
    matters: "It is downloaded by everybody and used by nobody.",
    remedy: "Leave it out unless the program hands it to another machine.",
    source: "The documentation of npm, package.json: os, cpu",
};

pub static UNKNOWN_MACHINE: Rule = Rule {
    code: "npm-os-cpu-unknown",
    severity: Severity::Warning,
    wrong: "`os`, `cpu` or `libc` has a value that Node.js has for no machine.",
    matters: "npm installs the package nowhere.",
    remedy: "Write values of `process.platform` and `process.arch`; for `libc`, glibc or musl.",
    source: "The documentation of Node.js, process.platform and process.arch; the systems and CPUs that its build can be configured for",
};

pub static PLATFORM: Rule = Rule {
    code: "npm-platform",
    severity: Severity::Error,
    wrong: "The package of a platform does not say what platforms/ says of it.",
    matters: "npm installs it on other machines, or the launcher does not find it.",
    remedy: "Stage it again with `stage stage-runtime`.",
    source: "The files of platforms/: npm.name, npm.os, npm.cpu",
};

pub static VENDOR: Rule = Rule {
    code: "npm-vendor-tree",
    severity: Severity::Error,
    wrong: "The package of a platform does not hold the runtime where the launcher looks.",
    matters: "The command that the root package installs ends with an error.",
    remedy: "Stage it again with `stage stage-runtime`.",
    source: "The published packages: vendor/<target>/",
};

pub static ALIAS: Rule = Rule {
    code: "npm-alias",
    severity: Severity::Error,
    wrong: "The root package does not name a platform's package by its alias and exact version.",
    matters: "npm installs another version of the runtime, or none.",
    remedy: "Run `stage assemble`, which writes the root package anew.",
    source: "The published root package: optionalDependencies",
};
