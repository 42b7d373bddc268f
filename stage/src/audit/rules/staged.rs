//! What the artifacts of a staging directory have to be together.

use super::{Rule, Severity};

rules! {
    MANIFEST: Error "staged-manifest" {
        wrong: "A manifest of the staging directory cannot be used.",
        matters: "Nothing says which artifacts are finished, and which runtime they carry.",
        remedy: "Stage the target again with `stage stage-runtime --replace`.",
        source: "The staging directory of `stage`",
    }
    VERSIONS: Error "staged-versions" {
        wrong: "The manifests are of several versions.",
        matters: "What is published together does not fit together.",
        remedy: "Stage every version into a directory of its own.",
        source: "The staging directory of `stage`",
    }
    MISSING: Error "staged-missing" {
        wrong: "An artifact that a manifest names is not there.",
        matters: "The release is published without it.",
        remedy: "Copy it again, or stage the target again.",
        source: "The staging directory of `stage`",
    }
    UNFINISHED: Error "staged-unfinished" {
        wrong: "An artifact of this product is there that no manifest names.",
        matters: "It is left over from a command that was killed, or of another version, and would be published.",
        remedy: "Remove it, or stage its target again.",
        source: "The staging directory of `stage`",
    }
    CHANGED: Error "staged-changed" {
        wrong: "An artifact is not the one that its manifest records.",
        matters: "What is published is not what was staged and checked.",
        remedy: "Copy it again, or stage the target again.",
        source: "The staging directory of `stage`",
    }
    RUNTIME: Error "staged-runtime" {
        wrong: "An artifact carries another runtime than its manifest records.",
        matters: "Users of one ecosystem get another program than those of the others.",
        remedy: "Stage the target again with `stage stage-runtime --replace`.",
        source: "The staging directory of `stage`",
    }
    ARTIFACT_VERSION: Error "staged-version" {
        wrong: "An artifact says another version than the manifests.",
        matters: "It is published as a release that it is not part of.",
        remedy: "Stage its target again.",
        source: "The staging directory of `stage`",
    }
    INDEX: Error "staged-index" {
        wrong: "A file of the facade crate or of the npm root package is not what the manifests give.",
        matters: "It was edited, or made by another `stage` or of another description of the product: nobody has checked what would be published.",
        remedy: "Run `stage assemble`, which writes it anew. If it was staged with `--product`, give that here too.",
        source: "The staging directory of `stage`",
    }
    ROOT: Error "staged-npm-root" {
        wrong: "The npm root package is missing, or does not name exactly the platforms whose packages are staged.",
        matters: "npm installs it without a runtime on some machines.",
        remedy: "Run `stage assemble`, which writes it anew.",
        source: "The staging directory of `stage`",
    }
    FACADE: Error "staged-facade" {
        wrong: "The facade crate is missing, or does not name exactly the platforms whose crates are staged.",
        matters: "Programs are built without a runtime on some targets, or not at all.",
        remedy: "Run `stage assemble`, which writes it anew.",
        source: "The staging directory of `stage`",
    }
}
