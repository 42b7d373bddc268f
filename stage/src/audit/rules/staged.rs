//! What the artifacts of a staging directory have to be together.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &MANIFEST,
    &VERSIONS,
    &PRODUCT,
    &MISSING,
    &UNFINISHED,
    &CHANGED,
    &RUNTIME,
    &ARTIFACT_VERSION,
    &INDEX,
    &ROOT,
    &FACADE,
];

pub static MANIFEST: Rule = Rule {
    code: "staged-manifest",
    severity: Severity::Error,
    wrong: "A manifest of the staging directory cannot be used.",
    matters: "Nothing says which artifacts are finished, and which runtime they carry.",
    remedy: "Stage the target again with `stage stage-runtime --replace`.",
    source: "The staging directory of `stage`",
};

pub static VERSIONS: Rule = Rule {
    code: "staged-versions",
    severity: Severity::Error,
    wrong: "The manifests are of several versions.",
    matters: "What is published together does not fit together.",
    remedy: "Stage every version into a directory of its own.",
    source: "The staging directory of `stage`",
};

pub static PRODUCT: Rule = Rule {
    code: "staged-product",
    severity: Severity::Error,
    wrong: "The artifacts were made from another `stage.toml`, or another file beside it, than the one at hand.",
    matters: "Its packages differ from those of other targets in licence, dependencies or names.",
    remedy: "Name the folder of the product with `--product`, or stage the target again with `stage stage-runtime --replace`.",
    source: "The staging directory of `stage`",
};

pub static MISSING: Rule = Rule {
    code: "staged-missing",
    severity: Severity::Error,
    wrong: "An artifact that a manifest names is not there.",
    matters: "The release is published without it.",
    remedy: "Copy it again, or stage the target again.",
    source: "The staging directory of `stage`",
};

pub static UNFINISHED: Rule = Rule {
    code: "staged-unfinished",
    severity: Severity::Error,
    wrong: "An artifact of this product is there that no manifest names.",
    matters: "It is left over from a command that was killed, or of another version, and would be published.",
    remedy: "Remove it, or stage its target again.",
    source: "The staging directory of `stage`",
};

pub static CHANGED: Rule = Rule {
    code: "staged-changed",
    severity: Severity::Error,
    wrong: "An artifact is not the one that its manifest records.",
    matters: "What is published is not what was staged and checked.",
    remedy: "Copy it again, or stage the target again.",
    source: "The staging directory of `stage`",
};

pub static RUNTIME: Rule = Rule {
    code: "staged-runtime",
    severity: Severity::Error,
    wrong: "An artifact carries another runtime than its manifest records.",
    matters: "Users of one ecosystem get another program than those of the others.",
    remedy: "Stage the target again with `stage stage-runtime --replace`.",
    source: "The staging directory of `stage`",
};

pub static ARTIFACT_VERSION: Rule = Rule {
    code: "staged-version",
    severity: Severity::Error,
    wrong: "An artifact says another version than the manifests.",
    matters: "It is published as a release that it is not part of.",
    remedy: "Stage its target again.",
    source: "The staging directory of `stage`",
};

pub static INDEX: Rule = Rule {
    code: "staged-index",
    severity: Severity::Error,
    wrong: "A file of the facade crate or of the npm root package is not what the manifests give.",
    matters: "It was edited, or made by another `stage` or of another description of the product: nobody has checked what would be published.",
    remedy: "Run `stage assemble`, which writes it anew. If it was staged with `--product`, give that here too.",
    source: "The staging directory of `stage`",
};

pub static ROOT: Rule = Rule {
    code: "staged-npm-root",
    severity: Severity::Error,
    wrong: "The npm root package is missing, or does not name exactly the platforms whose packages are staged.",
    matters: "npm installs it without a runtime on some machines.",
    remedy: "Run `stage assemble`, which writes it anew.",
    source: "The staging directory of `stage`",
};

pub static FACADE: Rule = Rule {
    code: "staged-facade",
    severity: Severity::Error,
    wrong: "The facade crate is missing, or does not name exactly the platforms whose crates are staged.",
    matters: "Programs are built without a runtime on some targets, or not at all.",
    remedy: "Run `stage assemble`, which writes it anew.",
    source: "The staging directory of `stage`",
};
