//! Wheels, apart from the archive they are in.

use super::{Rule, Severity};

rules! {
    FILE_NAME: Error "wheel-file-name" {
        wrong: "The file name is not that of a wheel.",
        matters: "Indexes refuse the file, and installers pass it over.",
        remedy: "Name it NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl, as the tool that made it did.",
        source: "Binary distribution format, file name convention (PEP 427)",
    }
    NAME_FORM: Warning "wheel-name-form" {
        wrong: "The project's name in the file name is not in its normal form.",
        matters: "PyPI asks for the normal form, and tools that search by file name do not find the wheel.",
        remedy: "Build it with a current tool: small letters, and one `_` for each run of `-`, `_` and `.`.",
        source: "Binary distribution format, escaping and Unicode (PEP 427); PEP 503",
    }
    VERSION_FORM: Warning "wheel-version-form" {
        wrong: "The version in the file name is not in its normal form.",
        matters: "Tools that search by file name do not find the wheel.",
        remedy: "Build it with a current tool, which writes `1.0a1` for `1.0-alpha.1`.",
        source: "Version specifiers, normalization (PEP 440)",
    }
    PLATFORM_TAG: Error "wheel-platform-tag" {
        wrong: "The package index takes no wheel for this platform tag, or no installer looks for it.",
        matters: "The upload is refused, or the wheel is there and installs nowhere.",
        remedy: "Use a tag of manylinux, musllinux, macosx (from 11 on with minor version 0) or win that says where the code runs.",
        source: "PEP 425, PEP 600, PEP 656, PEP 783; the list of platforms of PyPI; the module `tags` of packaging",
    }
    PLATFORM_TAG_NEW: Warning "wheel-platform-tag-new" {
        wrong: "The platform tag names a newer macOS than PyPI was known to take wheels for when this rule was written.",
        matters: "PyPI adds a version weeks after its release. Until then the upload is refused.",
        remedy: "Look whether others have published a wheel with that tag, or use a tag of an older macOS that the code runs on.",
        source: "The list of platforms of PyPI",
    }
    TAG_REPEATED: Warning "wheel-tag-repeated" {
        wrong: "A tag is twice in the file name.",
        matters: "The name is longer than it needs to be, and some tools compare names.",
        remedy: "Write each tag once.",
        source: "PEP 425, compressed tag sets",
    }
    DIST_INFO: Error "wheel-dist-info" {
        wrong: "The directory of metadata is not the one that the file name asks for.",
        matters: "PyPI refuses the file, and pip does not install it.",
        remedy: "Do not rename wheels: build it again, or use `wheel tags`.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    FILE_MISSING: Error "wheel-file-missing" {
        wrong: "WHEEL, METADATA or RECORD is missing.",
        matters: "PyPI refuses the file, and pip does not install it.",
        remedy: "Build the wheel again.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    WHEEL_MALFORMED: Error "wheel-malformed" {
        wrong: "The file WHEEL cannot be read, or lacks a field.",
        matters: "Neither pip nor uv installs the wheel.",
        remedy: "Build the wheel again.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    FORMAT_VERSION: Error "wheel-format-version" {
        wrong: "The wheel is of a version of the format that installers do not know.",
        matters: "Neither pip nor uv installs it.",
        remedy: "Build it with `Wheel-Version: 1.0`, which is the only version there is.",
        source: "Binary distribution format, installing a wheel (PEP 427)",
    }
    FORMAT_MINOR: Warning "wheel-format-minor" {
        wrong: "The wheel is of a minor version of the format that installers do not know.",
        matters: "With pip, all who install it get a warning.",
        remedy: "Build it with `Wheel-Version: 1.0`, which is the only version there is.",
        source: "Binary distribution format, installing a wheel (PEP 427)",
    }
    TAGS_DIFFER: Error "wheel-tags-differ" {
        wrong: "The tags in WHEEL are not those of the file name.",
        matters: "The wheel installs by its file name, and then `pip check` and uv say that it does not fit the system.",
        remedy: "Use `wheel tags` to change tags: it writes both.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    TAGS_COMPRESSED: Warning "wheel-tags-compressed" {
        wrong: "WHEEL has several tags in one line, as file names do.",
        matters: "Tools that compare the lines with the tags of a system find none that fits.",
        remedy: "Write a line for each tag, as `wheel tags` does.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    BUILD_DIFFERS: Warning "wheel-build-differs" {
        wrong: "The build number in WHEEL is not that of the file name.",
        matters: "Of two builds of a version, tools that look inside take another for the later one.",
        remedy: "Use `wheel tags --build` to change it: it writes both.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    PURELIB: Warning "wheel-purelib" {
        wrong: "`Root-Is-Purelib` does not say where native code has to go.",
        matters: "Where systems keep native code apart (lib64), it is installed where another architecture finds it too.",
        remedy: "Write `Root-Is-Purelib: false` for a wheel with native code.",
        source: "Binary distribution format, the .dist-info directory (PEP 427)",
    }
    DATA_SCHEME: Error "wheel-data-scheme" {
        wrong: "A file of a .data directory is for a place that installers do not know.",
        matters: "The wheel does not install with pip.",
        remedy: "Put it below `purelib`, `platlib`, `headers`, `scripts` or `data`. What is no such directory must not end in `.data`, at the top of a wheel.",
        source: "Binary distribution format, the .data directory (PEP 427); tried with pip",
    }
    DATA_NAME: Error "wheel-data-name" {
        wrong: "A .data directory is not the one of the wheel.",
        matters: "With pip its files go to their places. With uv they stay beside the Python code, and a command among them is not there.",
        remedy: "Name it as the .dist-info directory is named, with `.data` at the end.",
        source: "Binary distribution format, the .data directory (PEP 427); tried with pip and uv",
    }
    DATA_SCRIPTS: Error "wheel-data-scripts" {
        wrong: "There is a directory in the scripts of the .data directory.",
        matters: "The wheel does not install with uv.",
        remedy: "Put all programs into `scripts` itself.",
        source: "Binary distribution format, the .data directory (PEP 427); tried with uv",
    }
    SCRIPT_MODE: Warning "wheel-script-mode" {
        wrong: "A program for the scripts directory may not be executed.",
        matters: "Installed by pip it lacks that bit: starting it ends with \"permission denied\".",
        remedy: "Set the file's mode to 0755 before packing.",
        source: "Binary distribution format, recommended installer features (PEP 427)",
    }
    BYTECODE: Warning "wheel-bytecode" {
        wrong: "There is compiled Python code in the wheel.",
        matters: "It is for one version of Python, can be older than its source, and is not what a reviewer read.",
        remedy: "Leave out __pycache__ and *.pyc: installers compile what they install.",
        source: "The rule is our own; installers write these files themselves",
    }
    RECORD_MALFORMED: Error "wheel-record-malformed" {
        wrong: "RECORD is not a list of path, digest and size.",
        matters: "PyPI refuses the wheel, and uv does not install it.",
        remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
        source: "Recording installed projects, the RECORD file (PEP 376)",
    }
    RECORD_MISSING: Error "wheel-record-missing" {
        wrong: "RECORD does not list a file of the wheel.",
        matters: "PyPI refuses the wheel, and uninstalling leaves the file behind.",
        remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
        source: "PyPI's check of RECORD; recording installed projects, the RECORD file (PEP 376)",
    }
    RECORD_SURPLUS: Error "wheel-record-surplus" {
        wrong: "RECORD lists a file that is not in the wheel.",
        matters: "PyPI refuses the wheel.",
        remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
        source: "PyPI's check of RECORD; recording installed projects, the RECORD file (PEP 376)",
    }
    RECORD_REPEATED: Warning "wheel-record-repeated" {
        wrong: "RECORD lists a file twice.",
        matters: "Tools that check it believe one line or the other.",
        remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
        source: "Recording installed projects, the RECORD file (PEP 376)",
    }
    RECORD_HASH: Error "wheel-record-hash" {
        wrong: "A file has another digest than RECORD says.",
        matters: "The file was changed after the wheel was made, or RECORD was. Installers that check refuse it.",
        remedy: "Find out what changed it; then build the wheel again.",
        source: "Binary distribution format, signed wheel files (PEP 427)",
    }
    RECORD_SIZE: Error "wheel-record-size" {
        wrong: "A file has another size than RECORD says.",
        matters: "The file was changed after the wheel was made, or RECORD was.",
        remedy: "Find out what changed it; then build the wheel again.",
        source: "Recording installed projects, the RECORD file (PEP 376)",
    }
    RECORD_UNHASHED: Error "wheel-record-unhashed" {
        wrong: "RECORD has no digest for a file.",
        matters: "Nobody can tell whether that file is the one that was packed.",
        remedy: "Build the wheel again; change wheels with `wheel unpack` and `wheel pack` only.",
        source: "Binary distribution format, signed wheel files (PEP 427)",
    }
    RECORD_WEAK: Error "wheel-record-weak-hash" {
        wrong: "RECORD has a digest that is weaker than SHA-256, or that no installer knows.",
        matters: "Another file of the same digest can be made, and installers that check refuse it.",
        remedy: "Build the wheel again with a tool that writes SHA-256.",
        source: "Binary distribution format, signed wheel files (PEP 427)",
    }
    RECORD_SELF: Warning "wheel-record-self" {
        wrong: "RECORD has a digest of itself or of its signatures.",
        matters: "It cannot be right: the signatures sign RECORD.",
        remedy: "Leave the two fields after RECORD, RECORD.jws and RECORD.p7s empty.",
        source: "Binary distribution format, signed wheel files (PEP 427)",
    }
    METADATA_MALFORMED: Error "wheel-metadata-malformed" {
        wrong: "METADATA is not a list of fields and a description in UTF-8.",
        matters: "What follows the fault is not read as fields: dependencies and the licence are lost.",
        remedy: "Build the wheel again with a current tool.",
        source: "Core metadata specifications",
    }
    METADATA_VERSION: Error "wheel-metadata-version" {
        wrong: "METADATA is of a version that is not known.",
        matters: "PyPI refuses the wheel, and pip does not install one of a later major version.",
        remedy: "Write one of the versions 1.0, 1.1, 1.2 and 2.0 to 2.5.",
        source: "Core metadata specifications, Metadata-Version",
    }
    METADATA_MISSING: Error "wheel-metadata-missing" {
        wrong: "METADATA lacks a field that every package has.",
        matters: "PyPI refuses the wheel, and pip does not install it.",
        remedy: "Write Metadata-Version, Name and Version.",
        source: "Core metadata specifications",
    }
    METADATA_NAME: Error "wheel-metadata-name" {
        wrong: "The name in METADATA is not that of the file name.",
        matters: "PyPI refuses the wheel, and pip and uv do not install it.",
        remedy: "Do not rename wheels: build it under the other name.",
        source: "Core metadata specifications, Name; binary distribution format (PEP 427)",
    }
    METADATA_RELEASE: Error "wheel-metadata-release" {
        wrong: "The version in METADATA is not that of the file name.",
        matters: "PyPI refuses the wheel, and pip and uv do not install it.",
        remedy: "Do not rename wheels: build it under the other version.",
        source: "Core metadata specifications, Version; binary distribution format (PEP 427)",
    }
    LOCAL_VERSION: Error "wheel-local-version" {
        wrong: "The version has a local part.",
        matters: "PyPI refuses the wheel.",
        remedy: "Build it without what follows the `+`.",
        source: "Version specifiers, local version identifiers (PEP 440); PyPI",
    }
    FIELD_TOO_NEW: Error "wheel-field-too-new" {
        wrong: "METADATA has a field that came with a later version than the one it says it is of.",
        matters: "PyPI refuses the wheel, and tools that know the older version pass the field over.",
        remedy: "Raise Metadata-Version to the version that has the field.",
        source: "Core metadata specifications",
    }
    FIELD_UNKNOWN: Warning "wheel-field-unknown" {
        wrong: "METADATA has a field that no version has.",
        matters: "Strict tools refuse it, others pass it over.",
        remedy: "Correct the spelling of the field, or leave it out.",
        source: "Core metadata specifications",
    }
    FIELD_REPEATED: Error "wheel-field-repeated" {
        wrong: "METADATA has a field twice that may be there once.",
        matters: "PyPI refuses the wheel; of the others each believes one of the two.",
        remedy: "Leave one of them.",
        source: "Core metadata specifications",
    }
    FIELD_VALUE: Error "wheel-field-value" {
        wrong: "A field of METADATA has a value that it cannot have.",
        matters: "PyPI refuses the wheel.",
        remedy: "Write the value as the specification of the field asks.",
        source: "Core metadata specifications",
    }
    REQUIRES_PYTHON: Error "wheel-requires-python" {
        wrong: "Requires-Python is not a version specifier.",
        matters: "PyPI refuses the wheel, and installers do not know for which Python it is.",
        remedy: "Write one such as `>=3.10`.",
        source: "Core metadata specifications, Requires-Python; version specifiers (PEP 440)",
    }
    REQUIRES_DIST: Error "wheel-requires-dist" {
        wrong: "A dependency is not a dependency specifier.",
        matters: "PyPI refuses the wheel, and pip and uv do not install it.",
        remedy: "Write it as `NAME[EXTRA] >=1.0; MARKER`.",
        source: "Dependency specifiers (PEP 508)",
    }
    REQUIRES_URL: Error "wheel-requires-url" {
        wrong: "A dependency is named by an address.",
        matters: "PyPI refuses the wheel.",
        remedy: "Name a release of the dependency that is in the index.",
        source: "Dependency specifiers (PEP 508); PyPI takes no direct references",
    }
    LICENSE_EXPRESSION: Error "wheel-license-expression" {
        wrong: "License-Expression is not an SPDX expression.",
        matters: "PyPI refuses the wheel, and scanners do not know under which licence it may be used.",
        remedy: "Write identifiers of the SPDX list with AND, OR and WITH; `LicenseRef-NAME` for others.",
        source: "PEP 639; SPDX specification, annex on licence expressions",
    }
    LICENSE_FILE: Error "wheel-license-file" {
        wrong: "A file that License-File names is not in the wheel.",
        matters: "PyPI refuses the wheel, and it is handed out without the text of its licence.",
        remedy: "Put the file into .dist-info/licenses/, at the path that the field says.",
        source: "PEP 639; core metadata specifications, License-File",
    }
    LICENSE_TWICE: Warning "wheel-license-twice" {
        wrong: "The licence is said twice, by License-Expression and in the older way.",
        matters: "The two can contradict each other, and PyPI may refuse the wheel.",
        remedy: "Leave out the field License and the classifiers that begin with `License ::`.",
        source: "PEP 639",
    }
    CLASSIFIER: Error "wheel-classifier" {
        wrong: "A classifier is not one of the index.",
        matters: "PyPI refuses the wheel.",
        remedy: "Write one of the list, such as `Programming Language :: Python :: 3`.",
        source: "Core metadata specifications, Classifier; PyPI's list, of which `Private ::` is never part",
    }
    PROJECT_URL: Error "wheel-project-url" {
        wrong: "A Project-URL is not a label of up to 32 characters and an address.",
        matters: "PyPI refuses the wheel.",
        remedy: "Write it as `Label, https://…`.",
        source: "Core metadata specifications, Project-URL; PyPI",
    }
    SUMMARY: Error "wheel-summary" {
        wrong: "The summary is not one line of up to 512 characters.",
        matters: "PyPI refuses the wheel.",
        remedy: "Write one line; the description has room for the rest.",
        source: "Core metadata specifications, Summary; PyPI",
    }
    DYNAMIC: Error "wheel-dynamic" {
        wrong: "Dynamic names what cannot be dynamic.",
        matters: "PyPI refuses the wheel.",
        remedy: "Name fields of METADATA other than Name, Version and Metadata-Version.",
        source: "Core metadata specifications, Dynamic (PEP 643)",
    }
    DESCRIPTION_TYPE: Error "wheel-description-type" {
        wrong: "Description-Content-Type is not one that is rendered.",
        matters: "PyPI refuses the wheel.",
        remedy: "Write `text/markdown`, `text/x-rst` or `text/plain`, with no other charset than UTF-8.",
        source: "Core metadata specifications, Description-Content-Type",
    }
    DESCRIPTION_UNTYPED: Note "wheel-description-untyped" {
        wrong: "The description has no content type, and is taken for reStructuredText.",
        matters: "Markdown is shown to readers as it was typed.",
        remedy: "Write `Description-Content-Type: text/markdown`.",
        source: "Core metadata specifications, Description-Content-Type",
    }
    DESCRIPTION_RST: Warning "wheel-description-rst" {
        wrong: "The description uses roles or directives that the index does not render, or an underline is shorter than its title.",
        matters: "The index cannot render it, and refuses the wheel or shows the text as it was typed.",
        remedy: "Look at it with `twine check`, or write the description in Markdown.",
        source: "Core metadata specifications, Description-Content-Type; docutils",
    }
    ENTRY_POINTS: Error "wheel-entry-points" {
        wrong: "The file `entry_points.txt` cannot be read.",
        matters: "PyPI refuses the wheel, and its commands are not installed.",
        remedy: "Write groups in brackets, and lines of the form `name = package.module:function`.",
        source: "Entry points specification",
    }
}
