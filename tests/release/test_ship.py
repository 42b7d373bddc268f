"""`stage` ships itself: products/stage, scripts/ship-stage, and release-stage.yml, run here."""

import json
import re
import shutil
import sys
import tarfile

import bundles
import pytest
import yaml
from bundles import File
from clients import ROOT, must, run, tomllib, unpack
from workflow import Workflow, WorkflowError

PRODUCT = ROOT / "products/stage"
PATH = ROOT / ".github/workflows/release-stage.yml"
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
VERSION = PACKAGE["version"]
TAG = f"stage-v{VERSION}"
HOST = f"{bundles.HOST.split('-')[0]}-unknown-linux-gnu"
"""What the compiler of this machine makes."""
NODE_ARCH = {"x86_64": "x64", "aarch64": "arm64"}[bundles.HOST.split("-")[0]]


# products/stage


def test_it_says_what_cargo_toml_says():
    product = tomllib.loads((PRODUCT / "stage.toml").read_text())["product"]
    assert (product["license"], product["repository"]) == (
        PACKAGE["license"],
        PACKAGE["repository"],
    )
    assert (PRODUCT / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_jobs_of_the_workflow_are_those_of_the_product(stage):
    result = stage("matrix", "--product", PRODUCT, "--release-tag", TAG, check=True)
    jobs = json.loads(result.stdout)["include"]
    written = yaml.safe_load(PATH.read_text())["jobs"]["build"]["strategy"]["matrix"]["include"]
    assert [(job["target"], job["runner"]) for job in jobs] == [
        (job["target"], job["runner"]) for job in written
    ]
    assert {job["asset"] for job in jobs} == {f"stage-{job['target']}.tar.gz" for job in written}
    for job in written:
        assert job["exe"] == "stage" + bundles.suffix(job["target"])


# scripts/ship-stage


def ship(*args: object, **kwargs):
    return run(sys.executable, ROOT / "scripts/ship-stage", *args, **kwargs)


@pytest.fixture(scope="module")
def built(stage, tmp_path_factory):
    """The `stage` for tests, without what only debuggers read: a third of it is left."""
    stripped = tmp_path_factory.mktemp("built") / "stage"
    must("strip", "-o", stripped, stage.binary)
    return stripped


def test_pip_npm_and_cargo_install_the_stage_that_was_built(stage, built, tmp_path):
    result = ship(tmp_path / "work", "--binary", built, env=stage.env)
    assert result.returncode == 0, result.stdout + result.stderr
    digest = File(built.read_bytes()).sha256
    assert result.stdout.count(digest) == 4
    said = re.findall(rf"^(\w+): stage {VERSION}, (.+)$", result.stdout, re.MULTILINE)
    assert [client for client, _ in said] == ["pip", "npm", "cargo"]
    for client, command in said:
        assert command.startswith(str(tmp_path / "work" / client))
        assert must(command, "--version").stdout == f"stage {VERSION}\n"


def test_another_executable_than_the_one_that_was_built_is_seen(stage, tmp_path):
    """The script stages with a `stage` that packages another file."""
    says = bundles.executable(bundles.HOST, f"stage {VERSION}")
    other = bundles.save(tmp_path / "other", says, 0o755)
    liar = f"""#!/bin/sh
        [ "$1" = --version ] && echo "stage {VERSION}" && exit
        [ "$1" = verify ] && exit
        shift 3
        exec {stage.binary} stage-runtime {tmp_path}/work/staged {other} "$@"
    """
    built = bundles.save(tmp_path / "liar", liar.encode(), 0o755)
    result = ship(tmp_path / "work", "--binary", built, env=stage.env)
    assert result.returncode == 1
    assert "error: pip has installed another executable" in result.stderr, result.stderr


def test_it_writes_into_a_new_directory_only(tmp_path):
    file = bundles.save(tmp_path / "work/file", b"")
    result = ship(tmp_path / "work", "--binary", file)
    assert result.returncode == 1 and "is not empty\nhelp: " in result.stderr
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["file"]


# release-stage.yml, as it runs


def released(stage, work, tag: str = TAG) -> Workflow:
    """The workflow for this machine alone, whose compiler makes a program for glibc."""
    workflow = Workflow(PATH, stage, work, {})
    workflow.ref_name = tag
    workflow.repository = work / "repository"
    folder = shutil.copytree(PRODUCT, workflow.repository / "products/stage")
    text = (folder / "stage.toml").read_text()
    text = re.sub(r"(?s)targets = \[.*?\]", f'targets = ["{HOST}"]', text)
    (folder / "stage.toml").write_text(text)
    build = workflow.jobs["build"]
    build["strategy"]["matrix"]["include"] = [{"target": HOST, "runner": "-", "exe": "stage"}]
    steps = {step["name"]: step for step in build["steps"] if "name" in step}
    # A `stage` for tests is several times as large as a release.
    staging = steps["Stage it with itself"]
    staging["run"] = staging["run"].replace("--compression best", "--compression fast")
    # Tested above.
    steps["Install and run it"]["run"] = ":"
    job = next(step for step in workflow.jobs["assemble"]["steps"] if "tool" in step.get("run", ""))
    job["run"] = job["run"].replace("x86_64-unknown-linux-musl", HOST)
    return workflow


def test_from_a_tag_to_a_release_of_stage(stage, built, tmp_path):
    workflow = released(stage, tmp_path)
    # The compiler writes a file. In the tests of release.yml, a link to one is enough.
    cargo = tmp_path / "tools/cargo"
    cargo.write_text(cargo.read_text().replace('ln -s "$STAGE_BIN"', f"cp {built}"))
    workflow.run()
    assert workflow.ran == [
        *["Install the compiler of musl", "Build stage", "Compare its version with the tag"],
        *["Install and run it", "Pack it", "Stage it with itself", "Pack the staged files"],
        *["Join the staged directories", "Assemble the release with the stage in it"],
        *["Pack the release", "Pack what is uploaded", "Unpack the release", "Make the release"],
    ]
    wheel = f"binstage-{VERSION}-py3-none-manylinux"
    files = {"SHA256SUMS", f"stage-{HOST}.tar.gz", f"binstage-{VERSION}.tgz"}
    files |= {f"binstage-linux-{NODE_ARCH}-{VERSION}.tgz"}
    attested = set(workflow.attested)
    assert files < attested and all(name.startswith(wheel) for name in attested - files)

    release = (tmp_path / "gh.log").read_text().split()
    assert release[:5] == ["release", "create", TAG, "--repo", "o/r"]
    uploaded = {name.removeprefix("./") for name in release[release.index("release.tar") :]}
    assert uploaded == attested | {"release.tar", "attestation.sigstore.json"}

    # The archive is the runtime of the packages.
    unpacked = tmp_path / "unpacked"
    with tarfile.open(tmp_path / "artifacts/assembled/assembled.tar") as tar:
        unpack(tar, unpacked)
    with tarfile.open(unpacked / f"stage-{HOST}.tar.gz") as tar:
        names = sorted(tar.getnames())
        unpack(tar, unpacked / "archive")
    assert names == ["LICENSE", "README.md", "stage"]
    assert (unpacked / "archive/stage").read_bytes() == built.read_bytes()


@pytest.mark.parametrize("tag", ["stage-v9.9.9", "stage-v", f"v{VERSION}", "$(touch pwned)"])
def test_a_tag_of_another_version_ends_it(stage, tmp_path, tag):
    workflow = released(stage, tmp_path, tag)
    with pytest.raises(WorkflowError, match=r"Compare its version|Stage it with itself"):
        workflow.run()
    assert not (tmp_path / "gh.log").exists() and not list(tmp_path.rglob("pwned"))
