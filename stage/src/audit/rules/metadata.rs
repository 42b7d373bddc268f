//! The file METADATA of wheels.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &METADATA_MALFORMED,
    &METADATA_VERSION,
    &METADATA_VERSION_NEW,
    &METADATA_MISSING,
    &METADATA_NAME,
    &METADATA_RELEASE,
    &LOCAL_VERSION,
    &FIELD_TOO_NEW,
    &FIELD_UNKNOWN,
    &FIELD_REPEATED,
    &FIELD_VALUE,
    &REQUIRES_PYTHON,
    &REQUIRES_DIST,
    &REQUIRES_URL,
    &LICENSE_EXPRESSION,
    &LICENSE_FILE,
    &LICENSE_TWICE,
    &CLASSIFIER,
    &PROJECT_URL,
    &SUMMARY,
    &DYNAMIC,
    &DESCRIPTION_TYPE,
    &DESCRIPTION_UNTYPED,
    &DESCRIPTION_RST,
];

pub static METADATA_MALFORMED: Rule = Rule {
    code: "wheel-metadata-malformed",
    severity: Severity::Error,
    wrong: "METADATA is not a list of fields and a description in UTF-8.",
    matters: "What follows the fault is not read as fields: dependencies and the licence are lost.",
    remedy: "Build the wheel again with a current tool.",
    source: "Core metadata specifications",
};

pub static METADATA_VERSION: Rule = Rule {
    code: "wheel-metadata-version",
    severity: Severity::Error,
    wrong: "METADATA is of a version that is not known.",
    matters: "PyPI refuses the wheel, and pip does not install one of a later major version.",
    remedy: "Write one of the versions 1.0, 1.1, 1.2 and 2.0 to 2.5.",
    source: "Core metadata specifications, Metadata-Version",
};

pub static METADATA_VERSION_NEW: Rule = Rule {
    code: "wheel-metadata-version-new",
    severity: Severity::Warning,
    wrong: "METADATA is of a version that PyPI was not known to take when this rule was written.",
    matters: "The wheel installs. PyPI takes a new version months after tools write it, and until then it refuses the upload.",
    remedy: "Look whether others have published a wheel with that version, or write 2.5: a wheel needs nothing that came with 2.6.",
    source: "PEP 808, with which version 2.6 came; PyPI's list of versions, which ended with 2.5 in August 2026",
};

pub static METADATA_MISSING: Rule = Rule {
    code: "wheel-metadata-missing",
    severity: Severity::Error,
    wrong: "METADATA lacks a field that every package has.",
    matters: "PyPI refuses the wheel, and pip does not install it.",
    remedy: "Write Metadata-Version, Name and Version.",
    source: "Core metadata specifications",
};

pub static METADATA_NAME: Rule = Rule {
    code: "wheel-metadata-name",
    severity: Severity::Error,
    wrong: "The name in METADATA is not that of the file name.",
    matters: "PyPI refuses the wheel, and pip and uv do not install it.",
    remedy: "Do not rename wheels: build it under the other name.",
    source: "Core metadata specifications, Name; binary distribution format (PEP 427)",
};

pub static METADATA_RELEASE: Rule = Rule {
    code: "wheel-metadata-release",
    severity: Severity::Error,
    wrong: "The version in METADATA is not that of the file name.",
    matters: "PyPI refuses the wheel, and pip and uv do not install it.",
    remedy: "Do not rename wheels: build it under the other version.",
    source: "Core metadata specifications, Version; binary distribution format (PEP 427)",
};

pub static LOCAL_VERSION: Rule = Rule {
    code: "wheel-local-version",
    severity: Severity::Error,
    wrong: "The version has a local part.",
    matters: "PyPI refuses the wheel.",
    remedy: "Build it without what follows the `+`.",
    source: "Version specifiers, local version identifiers (PEP 440); PyPI",
};

pub static FIELD_TOO_NEW: Rule = Rule {
    code: "wheel-field-too-new",
    severity: Severity::Error,
    wrong: "METADATA has a field that came with a later version than the one it says it is of.",
    matters: "PyPI refuses the wheel, and tools that know the older version pass the field over.",
    remedy: "Raise Metadata-Version to the version that has the field.",
    source: "Core metadata specifications",
};

pub static FIELD_UNKNOWN: Rule = Rule {
    code: "wheel-field-unknown",
    severity: Severity::Warning,
    wrong: "METADATA has a field that no version has.",
    matters: "Strict tools refuse it, others pass it over.",
    remedy: "Correct the spelling of the field, or leave it out.",
    source: "Core metadata specifications",
};

pub static FIELD_REPEATED: Rule = Rule {
    code: "wheel-field-repeated",
    severity: Severity::Error,
    wrong: "METADATA has a field twice that may be there once.",
    matters: "PyPI refuses the wheel; of the others each believes one of the two.",
    remedy: "Leave one of them.",
    source: "Core metadata specifications",
};

pub static FIELD_VALUE: Rule = Rule {
    code: "wheel-field-value",
    severity: Severity::Error,
    wrong: "A field of METADATA has a value that it cannot have.",
    matters: "PyPI refuses the wheel.",
    remedy: "Write the value as the specification of the field asks.",
    source: "Core metadata specifications",
};

pub static REQUIRES_PYTHON: Rule = Rule {
    code: "wheel-requires-python",
    severity: Severity::Error,
    wrong: "Requires-Python is not a version specifier.",
    matters: "PyPI refuses the wheel, and installers do not know for which Python it is.",
    remedy: "Write one such as `>=3.10`.",
    source: "Core metadata specifications, Requires-Python; version specifiers (PEP 440)",
};

pub static REQUIRES_DIST: Rule = Rule {
    code: "wheel-requires-dist",
    severity: Severity::Error,
    wrong: "A dependency is not a dependency specifier.",
    matters: "PyPI refuses the wheel, and pip and uv do not install it.",
    remedy: "Write it as `NAME[EXTRA] >=1.0; MARKER`.",
    source: "Dependency specifiers (PEP 508)",
};

pub static REQUIRES_URL: Rule = Rule {
    code: "wheel-requires-url",
    severity: Severity::Error,
    wrong: "A dependency is named by an address.",
    matters: "PyPI refuses the wheel.",
    remedy: "Name a release of the dependency that is in the index.",
    source: "Dependency specifiers (PEP 508); PyPI takes no direct references",
};

pub static LICENSE_EXPRESSION: Rule = Rule {
    code: "wheel-license-expression",
    severity: Severity::Error,
    wrong: "License-Expression is not an SPDX expression.",
    matters: "PyPI refuses the wheel, and scanners do not know under which licence it may be used.",
    remedy: "Write identifiers of the SPDX list with AND, OR and WITH; `LicenseRef-NAME` for others.",
    source: "PEP 639; SPDX specification, annex on licence expressions",
};

pub static LICENSE_FILE: Rule = Rule {
    code: "wheel-license-file",
    severity: Severity::Error,
    wrong: "A file that License-File names is not in the wheel.",
    matters: "PyPI refuses the wheel, and it is handed out without the text of its licence.",
    remedy: "Put the file into .dist-info/licenses/, at the path that the field says.",
    source: "PEP 639; core metadata specifications, License-File",
};

pub static LICENSE_TWICE: Rule = Rule {
    code: "wheel-license-twice",
    severity: Severity::Warning,
    wrong: "The licence is said twice, by License-Expression and in the older way.",
    matters: "The two can contradict each other, and PyPI may refuse the wheel.",
    remedy: "Leave out the field License and the classifiers that begin with `License ::`.",
    source: "PEP 639",
};

pub static CLASSIFIER: Rule = Rule {
    code: "wheel-classifier",
    severity: Severity::Error,
    wrong: "A classifier is not one of the index.",
    matters: "PyPI refuses the wheel.",
    remedy: "Write one of the list, such as `Programming Language :: Python :: 3`.",
    source: "Core metadata specifications, Classifier; PyPI's list, of which `Private ::` is never part",
};

pub static PROJECT_URL: Rule = Rule {
    code: "wheel-project-url",
    severity: Severity::Error,
    wrong: "A Project-URL is not a label of up to 32 characters and an address.",
    matters: "PyPI refuses the wheel.",
    remedy: "Write it as `Label, https://…`.",
    source: "Core metadata specifications, Project-URL; PyPI",
};

pub static SUMMARY: Rule = Rule {
    code: "wheel-summary",
    severity: Severity::Error,
    wrong: "The summary is not one line of up to 512 characters.",
    matters: "PyPI refuses the wheel.",
    remedy: "Write one line; the description has room for the rest.",
    source: "Core metadata specifications, Summary; PyPI",
};

pub static DYNAMIC: Rule = Rule {
    code: "wheel-dynamic",
    severity: Severity::Error,
    wrong: "Dynamic names what cannot be dynamic.",
    matters: "PyPI refuses the wheel.",
    remedy: "Name fields of METADATA other than Name, Version and Metadata-Version.",
    source: "Core metadata specifications, Dynamic (PEP 643)",
};

pub static DESCRIPTION_TYPE: Rule = Rule {
    code: "wheel-description-type",
    severity: Severity::Error,
    wrong: "Description-Content-Type is not one that is rendered.",
    matters: "PyPI refuses the wheel.",
    remedy: "Write `text/markdown`, `text/x-rst` or `text/plain`, with no other charset than UTF-8.",
    source: "Core metadata specifications, Description-Content-Type",
};

pub static DESCRIPTION_UNTYPED: Rule = Rule {
    code: "wheel-description-untyped",
    severity: Severity::Note,
    wrong: "The description has no content type, and is taken for reStructuredText.",
    matters: "Markdown is shown to readers as it was typed.",
    remedy: "Write `Description-Content-Type: text/markdown`.",
    source: "Core metadata specifications, Description-Content-Type",
};

pub static DESCRIPTION_RST: Rule = Rule {
    code: "wheel-description-rst",
    severity: Severity::Warning,
    wrong: "The description uses roles or directives that the index does not render, or an underline is shorter than its title.",
    matters: "The index cannot render it, and refuses the wheel or shows the text as it was typed.",
    remedy: "Look at it with `twine check`, or write the description in Markdown.",
    source: "Core metadata specifications, Description-Content-Type; docutils",
};
