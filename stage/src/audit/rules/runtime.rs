//! Runtimes, as upstream publishes them and as every package carries one.

use super::{Rule, Severity};

rules! {
    METADATA: Error "runtime-metadata" {
        wrong: "The file that describes the runtime is missing or cannot be used.",
        matters: "Neither `stage` nor a program that looks for the runtime finds its parts.",
        remedy: "Take the file from the release as upstream published it.",
        source: "The layout of upstream's packages; `bundle` of stage.toml",
    }
    VERSION: Error "runtime-version" {
        wrong: "The runtime is of another version than the package that carries it, or says.",
        matters: "A client that pins the version gets a runtime that speaks another protocol.",
        remedy: "Stage the runtime of the release that the package is named after.",
        source: "The layout of upstream's packages: version",
    }
    TARGET: Error "runtime-target" {
        wrong: "The runtime is for another target than the package that carries it, or for one that is not known.",
        matters: "The package is installed on machines that cannot run it.",
        remedy: "Stage the runtime of the right target, or add a file to platforms/ for a new one.",
        source: "The layout of upstream's packages: target",
    }
    ENTRYPOINT_MISSING: Error "runtime-entrypoint-missing" {
        wrong: "The program that the runtime names is not in it.",
        matters: "There is nothing to run.",
        remedy: "Take the runtime from the release as upstream published it.",
        source: "The layout of upstream's packages: entrypoint",
    }
    NOT_EXECUTABLE: Error "runtime-not-executable" {
        wrong: "The program of the runtime may not be executed.",
        matters: "Starting it fails: permission denied.",
        remedy: "Give it mode 0755 before it is packed; a zip made on Windows has no modes.",
        source: "The layout of upstream's packages: entrypoint",
    }
    HELPER_NOT_EXECUTABLE: Warning "runtime-helper-not-executable" {
        wrong: "A program beside the runtime's own may not be executed.",
        matters: "What needs it fails: permission denied.",
        remedy: "Give it mode 0755 before it is packed.",
        source: "The layout of upstream's packages",
    }
    MACHINE: Error "runtime-machine" {
        wrong: "The program of the runtime is not one for its target.",
        matters: "It does not start on the machines that it is installed on.",
        remedy: "Build or download the runtime of that target.",
        source: "platforms/: executable",
    }
    HELPER_MACHINE: Error "runtime-helper-machine" {
        wrong: "An executable or a library of the runtime is for another CPU than its target.",
        matters: "What needs it fails on the machines that it is installed on.",
        remedy: "Build or download the file for that target.",
        source: "platforms/: executable",
    }
    FOREIGN: Note "runtime-foreign-executable" {
        wrong: "An executable or a library of the runtime is for another system than its target.",
        matters: "It is downloaded by everybody and used by nobody, unless the program hands it to another machine.",
        remedy: "Leave it out if nothing needs it.",
        source: "platforms/: executable",
    }
    PATH_DIR: Error "runtime-path-dir" {
        wrong: "The runtime names a directory that is a file.",
        matters: "Programs that should be found by `PATH` are not.",
        remedy: "Take the runtime from the release as upstream published it.",
        source: "The layout of upstream's packages: pathDir, resourcesDir",
    }
    DIRECTORY_MISSING: Note "runtime-directory-missing" {
        wrong: "The runtime names a directory that is not in it.",
        matters: "Some releases have no such directory on some systems; on others the helpers are missing.",
        remedy: "Compare with the release as upstream published it.",
        source: "The layout of upstream's packages: pathDir, resourcesDir",
    }
    FILE_NAME: Error "runtime-file-name" {
        wrong: "The archive is named after another target than it holds.",
        matters: "Whoever chooses by the name gets a runtime that does not start.",
        remedy: "Name the archive after its target, or take the runtime of the target it is named after.",
        source: "The archives of upstream's releases: codex-package-<target>.tar.gz",
    }
}
