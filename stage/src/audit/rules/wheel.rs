//! Wheels, apart from the archive they are in.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &FILE_NAME,
    &NAME_FORM,
    &VERSION_FORM,
    &PLATFORM_TAG,
    &PLATFORM_TAG_NEW,
    &TAG_REPEATED,
    &DIST_INFO,
    &FILE_MISSING,
    &WHEEL_MALFORMED,
    &FORMAT_VERSION,
    &FORMAT_MINOR,
    &TAGS_DIFFER,
    &TAGS_UNFIT,
    &TAGS_COMPRESSED,
    &BUILD_DIFFERS,
    &PURELIB,
    &ANY_NATIVE,
    &ANY_HELPER,
    &MODULE_TAG,
    &MODULE_TAG_OTHER,
    &DATA_SCHEME,
    &DATA_NAME,
    &DATA_SCRIPTS,
    &SCRIPT_MODE,
    &BYTECODE,
    &RECORD_MALFORMED,
    &RECORD_MISSING,
    &RECORD_SURPLUS,
    &RECORD_REPEATED,
    &RECORD_HASH,
    &RECORD_SIZE,
    &RECORD_UNHASHED,
    &RECORD_WEAK,
    &RECORD_SELF,
    &ENTRY_POINTS,
    &COMMAND,
];

pub static FILE_NAME: Rule = Rule {
    code: "wheel-file-name",
    severity: Severity::Error,
    wrong: "The file name is not that of a wheel.",
    matters: "Indexes refuse the file, and installers pass it over.",
    remedy: "Name it NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl, as the tool that made it did.",
    source: "Binary distribution format, file name convention (PEP 427)",
};

pub static NAME_FORM: Rule = Rule {
    code: "wheel-name-form",
    severity: Severity::Warning,
    wrong: "The project's name in the file name is not in its normal form.",
    matters: "PyPI asks for the normal form, and tools that search by file name do not find the wheel.",
    remedy: "Build it with a current tool: small letters, and one `_` for each run of `-`, `_` and `.`.",
    source: "Binary distribution format, escaping and Unicode (PEP 427); PEP 503",
};

pub static VERSION_FORM: Rule = Rule {
    code: "wheel-version-form",
    severity: Severity::Warning,
    wrong: "The version in the file name is not in its normal form.",
    matters: "Tools that search by file name do not find the wheel.",
    remedy: "Build it with a current tool, which writes `1.0a1` for `1.0-alpha.1`.",
    source: "Version specifiers, normalization (PEP 440)",
};

pub static PLATFORM_TAG: Rule = Rule {
    code: "wheel-platform-tag",
    severity: Severity::Error,
    wrong: "The package index takes no wheel for this platform tag, or no installer looks for it.",
    matters: "The upload is refused, or the wheel is there and installs nowhere.",
    remedy: "Use a tag of manylinux, musllinux, macosx (from 11 on with minor version 0) or win that says where the code runs.",
    source: "PEP 425, PEP 600, PEP 656, PEP 783; the list of platforms of PyPI; the module `tags` of packaging",
};

pub static PLATFORM_TAG_NEW: Rule = Rule {
    code: "wheel-platform-tag-new",
    severity: Severity::Warning,
    wrong: "The platform tag names a newer macOS than PyPI was known to take wheels for when this rule was written.",
    matters: "PyPI adds a version weeks after its release. Until then the upload is refused.",
    remedy: "Look whether others have published a wheel with that tag, or use a tag of an older macOS that the code runs on.",
    source: "The list of platforms of PyPI",
};

pub static TAG_REPEATED: Rule = Rule {
    code: "wheel-tag-repeated",
    severity: Severity::Warning,
    wrong: "A tag is twice in the file name.",
    matters: "The name is longer than it needs to be, and some tools compare names.",
    remedy: "Write each tag once.",
    source: "PEP 425, compressed tag sets",
};

pub static DIST_INFO: Rule = Rule {
    code: "wheel-dist-info",
    severity: Severity::Error,
    wrong: "The directory of metadata is not the one that the file name asks for.",
    matters: "PyPI refuses the file, and pip does not install it.",
    remedy: "Do not rename wheels: build it again, or use `wheel tags`.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static FILE_MISSING: Rule = Rule {
    code: "wheel-file-missing",
    severity: Severity::Error,
    wrong: "WHEEL, METADATA or RECORD is missing.",
    matters: "PyPI refuses the file, and pip does not install it.",
    remedy: "Build the wheel again.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static WHEEL_MALFORMED: Rule = Rule {
    code: "wheel-malformed",
    severity: Severity::Error,
    wrong: "The file WHEEL cannot be read, or lacks a field.",
    matters: "Neither pip nor uv installs the wheel.",
    remedy: "Build the wheel again.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static FORMAT_VERSION: Rule = Rule {
    code: "wheel-format-version",
    severity: Severity::Error,
    wrong: "The wheel is of a version of the format that installers do not know.",
    matters: "Neither pip nor uv installs it.",
    remedy: "Build it with `Wheel-Version: 1.0`, which is the only version there is.",
    source: "Binary distribution format, installing a wheel (PEP 427)",
};

pub static FORMAT_MINOR: Rule = Rule {
    code: "wheel-format-minor",
    severity: Severity::Warning,
    wrong: "The wheel is of a minor version of the format that installers do not know.",
    matters: "With pip, all who install it get a warning.",
    remedy: "Build it with `Wheel-Version: 1.0`, which is the only version there is.",
    source: "Binary distribution format, installing a wheel (PEP 427)",
};

pub static TAGS_DIFFER: Rule = Rule {
    code: "wheel-tags-differ",
    severity: Severity::Warning,
    wrong: "The tags in WHEEL are not those of the file name, and fit the same systems.",
    matters: "The wheel installs, and `pip check` and `uv pip check` accept it. A tool that names the wheel by its WHEEL gives it another name.",
    remedy: "Use `wheel tags` to change tags: it writes both.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static TAGS_UNFIT: Rule = Rule {
    code: "wheel-tags-unfit",
    severity: Severity::Error,
    wrong: "A tag in WHEEL does not fit a system that the file name is for, or the executables in the wheel.",
    matters: "The wheel installs by its file name, and then `pip check` and `uv pip check` say that it does not fit the system.",
    remedy: "Use `wheel tags` to change tags: it writes both.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static TAGS_COMPRESSED: Rule = Rule {
    code: "wheel-tags-compressed",
    severity: Severity::Warning,
    wrong: "WHEEL has several tags in one line, as file names do.",
    matters: "Tools that compare the lines with the tags of a system find none that fits.",
    remedy: "Write a line for each tag, as `wheel tags` does.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static BUILD_DIFFERS: Rule = Rule {
    code: "wheel-build-differs",
    severity: Severity::Warning,
    wrong: "The build number in WHEEL is not that of the file name.",
    matters: "Of two builds of a version, tools that look inside take another for the later one.",
    remedy: "Use `wheel tags --build` to change it: it writes both.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static PURELIB: Rule = Rule {
    code: "wheel-purelib",
    severity: Severity::Warning,
    wrong: "`Root-Is-Purelib` does not say where native code has to go.",
    matters: "Where systems keep native code apart (lib64), it is installed where another architecture finds it too.",
    remedy: "Write `Root-Is-Purelib: false` for a wheel with native code.",
    source: "Binary distribution format, the .dist-info directory (PEP 427)",
};

pub static ANY_NATIVE: Rule = Rule {
    code: "wheel-any-native",
    severity: Severity::Error,
    wrong: "The wheel is for every platform, and most of it is machine code for one system and CPU.",
    matters: "It installs everywhere, and works on such machines only.",
    remedy: "Use the tag of the platform that the code is for (`wheel tags --platform-tag`); where Python code does without, publish a wheel without the machine code beside it.",
    source: "PEP 425; binary distribution format, file name convention (PEP 427)",
};

pub static ANY_HELPER: Rule = Rule {
    code: "wheel-any-helper",
    severity: Severity::Warning,
    wrong: "The wheel is for every platform, and its machine code is for one system.",
    matters: "It installs everywhere. What needs that code works on that system only.",
    remedy: "Nothing, if the package does without the code elsewhere. Otherwise use the tag of the platform that it is for.",
    source: "PEP 425; binary distribution format, file name convention (PEP 427)",
};

pub static MODULE_TAG: Rule = Rule {
    code: "wheel-module-tag",
    severity: Severity::Error,
    wrong: "The extension modules of the wheel are for other interpreters or platforms than the wheel, by their names.",
    matters: "The wheel installs, and importing the module ends with \"No module named …\".",
    remedy: "Build the wheel with the Python that it is for, and do not rename wheels.",
    source: "PEP 3149, PEP 384, PEP 803; the list EXTENSION_SUFFIXES of each Python",
};

pub static MODULE_TAG_OTHER: Rule = Rule {
    code: "wheel-module-tag-other",
    severity: Severity::Warning,
    wrong: "An extension module is for other interpreters or platforms than the wheel, or for some of them only, by its name.",
    matters: "Where the name does not fit, importing the module ends with \"No module named …\".",
    remedy: "Leave out what an earlier build left behind. Where the module is needed, use the tag of its interpreter, or build it for the stable ABI.",
    source: "PEP 3149, PEP 384, PEP 803; the list EXTENSION_SUFFIXES of each Python",
};

pub static DATA_SCHEME: Rule = Rule {
    code: "wheel-data-scheme",
    severity: Severity::Error,
    wrong: "A file of a .data directory is for a place that installers do not know.",
    matters: "The wheel does not install with pip.",
    remedy: "Put it below `purelib`, `platlib`, `headers`, `scripts` or `data`. What is no such directory must not end in `.data`, at the top of a wheel.",
    source: "Binary distribution format, the .data directory (PEP 427); tried with pip",
};

pub static DATA_NAME: Rule = Rule {
    code: "wheel-data-name",
    severity: Severity::Error,
    wrong: "A .data directory is not the one of the wheel.",
    matters: "With pip its files go to their places. With uv they stay beside the Python code, and a command among them is not there.",
    remedy: "Name it as the .dist-info directory is named, with `.data` at the end.",
    source: "Binary distribution format, the .data directory (PEP 427); tried with pip and uv",
};

pub static DATA_SCRIPTS: Rule = Rule {
    code: "wheel-data-scripts",
    severity: Severity::Error,
    wrong: "There is a directory in the scripts of the .data directory.",
    matters: "The wheel does not install with uv.",
    remedy: "Put all programs into `scripts` itself.",
    source: "Binary distribution format, the .data directory (PEP 427); tried with uv",
};

pub static SCRIPT_MODE: Rule = Rule {
    code: "wheel-script-mode",
    severity: Severity::Warning,
    wrong: "A program for the scripts directory may not be executed.",
    matters: "Installed by pip it lacks that bit: starting it ends with \"permission denied\".",
    remedy: "Set the file's mode to 0755 before packing.",
    source: "Binary distribution format, recommended installer features (PEP 427)",
};

pub static BYTECODE: Rule = Rule {
    code: "wheel-bytecode",
    severity: Severity::Warning,
    wrong: "There is compiled Python code in the wheel.",
    matters: "It is for one version of Python, can be older than its source, and is not what a reviewer read.",
    remedy: "Leave out __pycache__ and *.pyc: installers compile what they install.",
    source: "The rule is our own; installers write these files themselves",
};

pub static RECORD_MALFORMED: Rule = Rule {
    code: "wheel-record-malformed",
    severity: Severity::Error,
    wrong: "RECORD is not a list of path, digest and size.",
    matters: "PyPI refuses the wheel, and uv does not install it.",
    remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
    source: "Recording installed projects, the RECORD file (PEP 376)",
};

pub static RECORD_MISSING: Rule = Rule {
    code: "wheel-record-missing",
    severity: Severity::Error,
    wrong: "RECORD does not list a file of the wheel.",
    matters: "PyPI refuses the wheel, and uninstalling leaves the file behind.",
    remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
    source: "PyPI's check of RECORD; recording installed projects, the RECORD file (PEP 376)",
};

pub static RECORD_SURPLUS: Rule = Rule {
    code: "wheel-record-surplus",
    severity: Severity::Error,
    wrong: "RECORD lists a file that is not in the wheel.",
    matters: "PyPI refuses the wheel.",
    remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
    source: "PyPI's check of RECORD; recording installed projects, the RECORD file (PEP 376)",
};

pub static RECORD_REPEATED: Rule = Rule {
    code: "wheel-record-repeated",
    severity: Severity::Warning,
    wrong: "RECORD lists a file twice.",
    matters: "Tools that check it believe one line or the other.",
    remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
    source: "Recording installed projects, the RECORD file (PEP 376)",
};

pub static RECORD_HASH: Rule = Rule {
    code: "wheel-record-hash",
    severity: Severity::Error,
    wrong: "A file has another digest than RECORD says.",
    matters: "The file was changed after the wheel was made, or RECORD was. Installers that check refuse it.",
    remedy: "Find out what changed it; then build the wheel again.",
    source: "Binary distribution format, signed wheel files (PEP 427)",
};

pub static RECORD_SIZE: Rule = Rule {
    code: "wheel-record-size",
    severity: Severity::Error,
    wrong: "A file has another size than RECORD says.",
    matters: "The file was changed after the wheel was made, or RECORD was.",
    remedy: "Find out what changed it; then build the wheel again.",
    source: "Recording installed projects, the RECORD file (PEP 376)",
};

pub static RECORD_UNHASHED: Rule = Rule {
    code: "wheel-record-unhashed",
    severity: Severity::Error,
    wrong: "RECORD has no digest for a file.",
    matters: "Nobody can tell whether that file is the one that was packed.",
    remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
    source: "Binary distribution format, signed wheel files (PEP 427)",
};

pub static RECORD_WEAK: Rule = Rule {
    code: "wheel-record-weak-hash",
    severity: Severity::Error,
    wrong: "RECORD has a digest that is weaker than SHA-256, or that no installer knows.",
    matters: "Another file of the same digest can be made, and installers that check refuse it.",
    remedy: "Build the wheel again with a tool that writes SHA-256.",
    source: "Binary distribution format, signed wheel files (PEP 427)",
};

pub static RECORD_SELF: Rule = Rule {
    code: "wheel-record-self",
    severity: Severity::Warning,
    wrong: "RECORD has a digest of itself or of its signatures.",
    matters: "It cannot be right: the signatures sign RECORD.",
    remedy: "Leave the two fields after RECORD, RECORD.jws and RECORD.p7s empty.",
    source: "Binary distribution format, signed wheel files (PEP 427)",
};

pub static ENTRY_POINTS: Rule = Rule {
    code: "wheel-entry-points",
    severity: Severity::Error,
    wrong: "The file `entry_points.txt` cannot be read.",
    matters: "PyPI refuses the wheel, and its commands are not installed.",
    remedy: "Write groups in brackets, and lines of the form `name = package.module:function`.",
    source: "Entry points specification",
};

pub static COMMAND: Rule = Rule {
    code: "wheel-command",
    severity: Severity::Error,
    wrong: "A wheel of this product installs no script for one of the product's commands.",
    matters: "`pip install` succeeds, and the shell does not find the command.",
    remedy: "Stage the runtime again, or set `wheel.commands` in stage.toml to \"none\" if the wheel is to bring no commands.",
    source: "`product.commands` and `wheel.commands` in stage.toml; entry points specification",
};
