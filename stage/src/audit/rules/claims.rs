//! What a package promises of the systems it runs on, against what its executables need.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &FOREIGN,
    &LOADER,
    &REFUSED,
    &LIBC,
    &VERSION,
    &VERSION_NEVER,
    &SYMBOL,
    &LIBRARY,
    &ALIGNMENT,
    &RELOCATIONS,
    &RELOCATIONS_MUSL,
    &PAGE_SIZE,
    &MACOS,
    &MACOS_UPDATE,
    &ANDROID,
    &WINDOWS_LIBRARY,
    &SEARCH_PATH,
    &SEARCH_PATH_RELATIVE,
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

pub static LOADER: Rule = Rule {
    code: "claim-loader",
    severity: Severity::Error,
    wrong: "A program names a loader that the systems it is for do not have.",
    matters: "It installs, and does not start: the kernel says \"No such file or directory\" (exit status 127) of a program that is there.",
    remedy: "Set the loader that the finding names: `patchelf --set-interpreter PATH FILE`. Or build the program outside of Nix, Guix or Conda, or link it statically.",
    source: "System V ABI, PT_INTERP; the ABI of each CPU with glibc and with musl",
};

pub static REFUSED: Rule = Rule {
    code: "claim-load",
    severity: Severity::Error,
    wrong: "An executable is one that no loader of Linux takes.",
    matters: "It installs, and nothing can start or load it: \"ELF load command address/offset not page-aligned\", \"DT_RELR without GLIBC_ABI_DT_RELR dependency\".",
    remedy: "Build it again. Segments break when `strip` follows an older patchelf: strip first. For packed relocations link with `-z pack-relative-relocs` and not with `--pack-dyn-relocs=relr`, or without either.",
    source: "System V ABI, PT_LOAD; elf/dl-load.c and elf/dl-version.c of glibc",
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

pub static VERSION_NEVER: Rule = Rule {
    code: "claim-symbol-version-never",
    severity: Severity::Error,
    wrong: "An executable needs a version of a system library that no tag promises.",
    matters: "GLIBC_PRIVATE is for the parts of one build of glibc: beside another build the executable does not start, or crashes. Other versions are newer than every policy.",
    remedy: "Find what refers to it (`objdump -T FILE`), and use the public function in its place, or build against an older system. No newer tag helps.",
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

pub static ALIGNMENT: Rule = Rule {
    code: "claim-alignment",
    severity: Severity::Error,
    wrong: "The segments of a library are not aligned as they say.",
    matters: "The loader of glibc before 2.35 refuses it: \"ELF load command address/offset not properly aligned\".",
    remedy: "Build it again without a tool that moves segments, or use the tag manylinux_2_35 or a newer one.",
    source: "System V ABI, p_align of PT_LOAD; elf/dl-load.c of glibc; pypa/auditwheel#716",
};

pub static RELOCATIONS: Rule = Rule {
    code: "claim-relocations",
    severity: Severity::Error,
    wrong: "An executable has packed relocations (DT_RELR), and the tag promises loaders that do not know them.",
    matters: "Older loaders do not apply them and say nothing: the program crashes.",
    remedy: "Link without `-z pack-relative-relocs` (and `--pack-dyn-relocs=relr`), or use the tag manylinux_2_36 or a newer one.",
    source: "Release notes of glibc 2.36 and of musl 1.2.4; PEP 600, PEP 656",
};

pub static RELOCATIONS_MUSL: Rule = Rule {
    code: "claim-relocations-musl",
    severity: Severity::Warning,
    wrong: "An executable has packed relocations (DT_RELR), which older releases of musl 1.2 do not know.",
    matters: "Before musl 1.2.4 (Alpine 3.18) the loader does not apply them and says nothing: the program crashes. No tag tells the releases apart. The libraries of Alpine's compiler have such relocations from 3.22 on.",
    remedy: "Link without `-z pack-relative-relocs`, build on Alpine 3.21 or an older one, or say in the description which Alpine the wheel needs.",
    source: "Release notes of musl 1.2.4; PEP 656",
};

pub static PAGE_SIZE: Rule = Rule {
    code: "claim-page-size",
    severity: Severity::Warning,
    wrong: "An executable can be loaded only where the kernel has small pages.",
    matters: "On kernels with larger pages it is not loaded, or crashes: those of RHEL 8 on aarch64 and of most systems on ppc64le have 64 KiB.",
    remedy: "Link with `-Wl,-z,max-page-size=65536`, which costs no memory, or use a patchelf that is told so (`--page-size 65536`).",
    source: "System V ABI, p_align of PT_LOAD; numpy/numpy#16677",
};

pub static MACOS: Rule = Rule {
    code: "claim-macos",
    severity: Severity::Error,
    wrong: "An executable needs a newer macOS or iOS than the tag promises.",
    matters: "On the older systems that the tag names the loader refuses it.",
    remedy: "Use the tag of the version that it needs, or build it with a lower MACOSX_DEPLOYMENT_TARGET (IPHONEOS_DEPLOYMENT_TARGET).",
    source: "PEP 425, PEP 730; LC_BUILD_VERSION and LC_VERSION_MIN_MACOSX of Mach-O",
};

pub static MACOS_UPDATE: Rule = Rule {
    code: "claim-macos-update",
    severity: Severity::Note,
    wrong: "An executable needs an update of the macOS release that the tag names.",
    matters: "From macOS 11 on tags have minor version 0: who has an earlier one of that year gets a program that was not built for it.",
    remedy: "Use the tag of the next major version, or build it with a lower MACOSX_DEPLOYMENT_TARGET.",
    source: "PEP 425; LC_BUILD_VERSION and LC_VERSION_MIN_MACOSX of Mach-O",
};

pub static ANDROID: Rule = Rule {
    code: "claim-android",
    severity: Severity::Error,
    wrong: "An executable needs a newer Android than the tag promises.",
    matters: "On the older systems that the tag names the loader may not find what it needs.",
    remedy: "Use the tag of the level that it needs, or build it with a lower one (the number in the names of the NDK's compilers: `aarch64-linux-android24-clang`).",
    source: "PEP 738; the note `Android` of the NDK",
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

pub static SEARCH_PATH_RELATIVE: Rule = Rule {
    code: "claim-search-path-relative",
    severity: Severity::Warning,
    wrong: "An executable looks for libraries in the directory that it is started in.",
    matters: "Whoever can write to the directory that a user stands in, a cloned repository for one, decides what the program runs. glibc takes an empty part (`a::b`, `:a`, `a:`) for that directory.",
    remedy: "Remove the part, or begin it with `$ORIGIN`: `patchelf --set-rpath '$ORIGIN/../lib' FILE`. Empty parts come from variables that were empty (`-rpath $DIR:`).",
    source: "System V ABI, DT_RPATH and DT_RUNPATH; ld.so(8)",
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
