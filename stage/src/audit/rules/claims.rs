//! What a package promises of the systems it runs on, against what its executables need.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &FOREIGN,
    &LIBC,
    &VERSION,
    &SYMBOL,
    &LIBRARY,
    &MACOS,
    &MACOS_UPDATE,
    &WINDOWS_LIBRARY,
    &SEARCH_PATH,
    &OTHER_SYSTEM,
    &BACKPORTED,
    &EXECUTABLE_STACK,
    &ISA_LEVEL,
];

pub static FOREIGN: Rule = Rule {
    code: "claim-system",
    severity: Severity::Error,
    wrong: "The program is for another system or CPU than the package says.",
    matters: "It installs, and does not start (\"exec format error\"), or only where the system emulates that CPU.",
    remedy: "Put the program of that platform into the package, or use the tag of the platform that it is for.",
    source: "PEP 425; System V ABI, Mach-O and PE headers",
};

pub static LIBC: Rule = Rule {
    code: "claim-libc",
    severity: Severity::Error,
    wrong: "An executable needs another C library than the tag promises.",
    matters: "On systems of that tag it does not start: \"not found\" is said of a file that is there.",
    remedy: "Use the tag of the C library that it needs (manylinux for glibc, musllinux for musl), or link it statically.",
    source: "PEP 600, PEP 656",
};

pub static VERSION: Rule = Rule {
    code: "claim-symbol-version",
    severity: Severity::Error,
    wrong: "An executable needs a newer version of a system library than the tag promises.",
    matters: "On the oldest systems that the tag names it does not start: \"version `GLIBC_…' not found\".",
    remedy: "Use a newer tag, or build against an older system.",
    source: "PEP 600, and the policies of auditwheel",
};

pub static SYMBOL: Rule = Rule {
    code: "claim-symbol",
    severity: Severity::Error,
    wrong: "An executable uses a symbol of a system library that the tag forbids.",
    matters: "The symbol is internal to the library, or older systems of that tag do not have it: there the executable does not start (\"undefined symbol\").",
    remedy: "Build against the public interface of an older version of the library, use a newer tag, or put the library into the package.",
    source: "PEP 600, PEP 656, and the policies of auditwheel",
};

pub static LIBRARY: Rule = Rule {
    code: "claim-library",
    severity: Severity::Error,
    wrong: "An executable needs a library that the package does not bring: the tag does not promise it, or the executable names it by a path of the machine that built it.",
    matters: "Where nobody happened to install that library, it does not start.",
    remedy: "Put the library into the package where the loader looks (RPATH, @rpath), or link it statically.",
    source: "PEP 513, PEP 600, PEP 656, and the policies of auditwheel; Mach-O, LC_LOAD_DYLIB; System V ABI, DT_NEEDED",
};

pub static MACOS: Rule = Rule {
    code: "claim-macos",
    severity: Severity::Error,
    wrong: "An executable needs a newer macOS than the tag promises.",
    matters: "On the older systems that the tag names the loader refuses it.",
    remedy: "Use the tag of the version that it needs, or build it with a lower MACOSX_DEPLOYMENT_TARGET.",
    source: "PEP 425; LC_BUILD_VERSION and LC_VERSION_MIN_MACOSX of Mach-O",
};

pub static MACOS_UPDATE: Rule = Rule {
    code: "claim-macos-update",
    severity: Severity::Note,
    wrong: "An executable needs an update of the macOS release that the tag names.",
    matters: "From macOS 11 on tags have minor version 0: who has an earlier one of that year gets a program that was not built for it.",
    remedy: "Use the tag of the next major version, or build it with a lower MACOSX_DEPLOYMENT_TARGET.",
    source: "PEP 425; LC_BUILD_VERSION and LC_VERSION_MIN_MACOSX of Mach-O",
};

pub static WINDOWS_LIBRARY: Rule = Rule {
    code: "claim-windows-library",
    severity: Severity::Note,
    wrong: "A program needs a library that is not part of Windows.",
    matters: "Where nothing has installed it (Microsoft's C++ runtime, say), the program does not start.",
    remedy: "Link it statically (`/MT`, `-C target-feature=+crt-static`), or put the library beside the program.",
    source: "Microsoft's documentation of the search order of libraries",
};

pub static SEARCH_PATH: Rule = Rule {
    code: "claim-search-path",
    severity: Severity::Note,
    wrong: "An executable looks for libraries in directories outside of the package.",
    matters: "Whoever can write to such a directory decides what the program runs.",
    remedy: "Remove the path (`patchelf --remove-rpath`, `install_name_tool -delete_rpath`), or make it relative to the file.",
    source: "System V ABI, DT_RPATH and DT_RUNPATH; Mach-O, LC_RPATH",
};

pub static OTHER_SYSTEM: Rule = Rule {
    code: "claim-other-system",
    severity: Severity::Note,
    wrong: "An executable is for another system or CPU than the package says.",
    matters: "It does not run where the package is installed; that may be meant.",
    remedy: "Leave it out, unless it is there to be copied to such a system.",
    source: "PEP 425; System V ABI, Mach-O and PE headers",
};

pub static BACKPORTED: Rule = Rule {
    code: "claim-backported",
    severity: Severity::Note,
    wrong: "An executable needs a version of a symbol that is newer than the tag's number.",
    matters: "The systems that the tag was made for have it; others of that glibc have not.",
    remedy: "Nothing, or a tag of the newer version.",
    source: "The policies of auditwheel",
};

pub static EXECUTABLE_STACK: Rule = Rule {
    code: "executable-stack",
    severity: Severity::Warning,
    wrong: "An executable asks for a stack that can be executed.",
    matters: "Hardened systems, and glibc from 2.41 on, refuse to load it.",
    remedy: "Mark assembler sources with `.note.GNU-stack`, or link with `-z noexecstack`.",
    source: "System V ABI, PT_GNU_STACK; release notes of glibc 2.41",
};

pub static ISA_LEVEL: Rule = Rule {
    code: "isa-level",
    severity: Severity::Note,
    wrong: "An executable says that it needs a newer CPU than every one of its architecture.",
    matters: "On older machines the loader refuses it: \"CPU ISA level is lower than required\".",
    remedy: "Build it for x86-64 without a level, or say in the description what it needs.",
    source: "System V ABI for x86-64, micro-architecture levels",
};
