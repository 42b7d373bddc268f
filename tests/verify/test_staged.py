"""`stage verify` of a staging directory: that what lies in it is one release."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
import release
from bundles import HOST, OTHER
from clients import FACADE, copy_product
from clients import edit as edit_product
from damage import findings
from node import machines
from tampered import codes, drop, fields, mode, put, read_tgz, repacked, tgz, then

VERSION = bundles.VERSION
PLATFORM = f"{FACADE}-{HOST}"
NAME = {bundles.LINUX_X64: "linux-x64", bundles.MACOS_ARM64: "darwin-arm64"}.get(HOST, "")
PACKAGE = f"npm/openai-codex-{VERSION}-{NAME}.tgz"
ROOT = f"npm/openai-codex-{VERSION}.tgz"
MANIFEST = f"manifests/{HOST}.json"
PACKAGE_JSON = "package/package.json"
KNOWN = "package/platforms.json"
HELPER = f"package/vendor/{HOST}/codex-resources/helper.sh"

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def good(stage, runtimes, tmp_path_factory) -> Path:
    """A directory with everything, for this machine and for another one."""
    work = tmp_path_factory.mktemp("good")
    product = copy_product(work)
    edit_product(product, "stage.toml", "default-bytes = 10_485_760", "default-bytes = 2_500_000")
    edit_product(product, f"platforms/{HOST}.toml", "parts = 24", "parts = 3")
    for one in runtimes.values():
        stage.runtime(work / "staging", one, "--product", product)
    return work / "staging"


@pytest.fixture(scope="module")
def runtimes(runtime, tmp_path_factory) -> dict[str, Path]:
    work = tmp_path_factory.mktemp("other")
    return {HOST: runtime, OTHER: bundles.directory(bundles.bundle(OTHER), work)}


@pytest.fixture
def copy(good, tmp_path) -> Path:
    return shutil.copytree(good, tmp_path / "staging")


def gone(path: str) -> Change:
    def change(staging: Path) -> None:
        target = staging / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    return change


def copied(old: str, new: str) -> Change:
    return lambda staging: shutil.copy(staging / old, staging / new)


def both(first: Change, second: Change) -> Change:
    def change(staging: Path) -> None:
        first(staging)
        second(staging)

    return change


def text(path: str, pattern: str, new: str) -> Change:
    def change(staging: Path) -> None:
        content, count = re.subn(pattern, new, (staging / path).read_text())
        assert count, pattern
        (staging / path).write_text(content)

    return change


def manifests(change: Callable[[dict], object]) -> Change:
    def change_all(staging: Path) -> None:
        for path in (staging / "manifests").iterdir():
            content = json.loads(path.read_text())
            change(content)
            release.resign(content, path)

    return change_all


def without(kind: str) -> Change:
    """Takes the artifacts of a kind away, and out of the manifests."""

    def change(staging: Path) -> None:
        def change_manifest(content: dict) -> None:
            for artifact in content["artifacts"]:
                if artifact["kind"] == kind:
                    gone(artifact["path"])(staging)
            content["artifacts"] = [a for a in content["artifacts"] if a["kind"] != kind]

        manifests(change_manifest)(staging)

    return change


def package(path: str, change: Callable[[bundles.Tree], bundles.Tree]) -> Change:
    """Changes a tarball, and what a manifest records of it."""

    def change_package(staging: Path) -> None:
        data = tgz(change(read_tgz(staging / path)))
        (staging / path).write_bytes(data)

        def record(content: dict) -> None:
            for artifact in content["artifacts"]:
                if artifact["path"] == path:
                    artifact |= {"size": len(data), "sha256": bundles.File(data).sha256}

        manifests(record)(staging)

    return change_package


def without_alias(tree: bundles.Tree) -> bundles.Tree:
    """The root package without the platform of this machine, which nothing in it names."""
    json_objects = {path: json.loads(tree[path].data) for path in [PACKAGE_JSON, KNOWN]}
    json_objects[PACKAGE_JSON]["optionalDependencies"].pop(f"@openai/codex-{NAME}")
    for machine in machines(HOST):
        json_objects[KNOWN]["platforms"].pop(machine)
    return tree | {
        path: bundles.File(json.dumps(content).encode()) for path, content in json_objects.items()
    }


def other_version(path: str) -> Callable[[bundles.Tree], bundles.Tree]:
    return lambda tree: bundles.replace(
        tree, path, tree[path].data.replace(VERSION.encode(), b"0.162.0")
    )


DEPENDENCY = rf"\[target[^\n]*\n{PLATFORM} = [^\n]*\n"

# What breaks a rule, and what nearly does.
MATRIX: dict[str, tuple[list[Change], list[Change]]] = {
    "staged-manifest": (
        [
            text(MANIFEST, r"^\{", "{{"),
            text(MANIFEST, '"schema": 1', '"schema": 2'),
            text(MANIFEST, '"product": "codex"', '"product": "other"'),
            text(MANIFEST, '"checksum": "[0-9a-f]{4}', '"checksum": "0000'),
            text(MANIFEST, '"entrypoint": "bin/', '"entrypoint": "evil/'),
            text(MANIFEST, '("size": )([0-9])', r"\g<1>1\g<2>"),
            lambda staging: (staging / MANIFEST).rename(staging / "manifests/other.json"),
        ],
        [manifests(lambda content: content)],
    ),
    "staged-product": (
        [manifests(lambda content: content.update(origin="0" * 64))],
        [manifests(lambda content: content.pop("origin"))],
    ),
    "staged-missing": (
        [gone(PACKAGE), lambda staging: next((staging / "wheels").iterdir()).unlink()],
        [without("wheel")],
    ),
    "staged-unfinished": (
        [
            copied(PACKAGE, f"npm/openai-codex-0.162.0-{NAME}.tgz"),
            copied(ROOT, "npm/openai-codex-0.162.0.tgz"),
            lambda staging: shutil.copytree(
                staging / f"crates/{PLATFORM}-part2", staging / f"crates/{PLATFORM}-part4"
            ),
        ],
        [
            lambda staging: (staging / "npm/README.md").write_text("# mine"),
            copied(ROOT, "npm/openai-codex-sdk-0.162.0.tgz"),
            lambda staging: (staging / "wheels/openai_codex_cli_bin-0.1.txt").touch(),
        ],
    ),
    "staged-changed": (
        [
            lambda staging: repacked(staging / PACKAGE),
            text(f"crates/{PLATFORM}/README.md", "data", "DATA"),
            lambda staging: (staging / f"crates/{PLATFORM}/more.txt").touch(),
        ],
        [
            lambda staging: repacked(staging / ROOT),
            lambda staging: (staging / f"crates/{FACADE}/more.txt").touch(),
        ],
    ),
    "staged-index": (
        [
            text(f"crates/{FACADE}/Cargo.toml", r"\[workspace\]", "# comment\n[workspace]"),
            text(f"crates/{FACADE}/Cargo.toml", r"cfg\(all\((.*)\)\)\'", r"cfg(any(\1))'"),
            text(f"crates/{FACADE}/src/payload.rs", r'version: "', 'version: "9'),
            text(f"crates/{FACADE}/src/lib.rs", r"\Z", "\n"),
            gone(f"crates/{FACADE}/README.md"),
            lambda staging: (staging / f"crates/{FACADE}/src/more.rs").touch(),
            lambda staging: (staging / f"crates/{FACADE}/build.rs").touch(),
            package(ROOT, fields(PACKAGE_JSON, keywords=[VERSION])),
            package(ROOT, fields(KNOWN, pathEnv="PATH")),
            package(ROOT, put("package/bin/codex.js", "#!/usr/bin/env node\n", 0o755)),
            package(ROOT, put("package/CHANGES.md", "more")),
            package(ROOT, drop("package/LICENSE")),
        ],
        [
            lambda staging: repacked(staging / ROOT),
            package(ROOT, mode("package/README.md", 0o600)),
            lambda staging: shutil.copytree(staging / "npm", staging / f"crates/{FACADE}/target"),
        ],
    ),
    "staged-runtime": (
        [
            package(PACKAGE, put(HELPER, "#!/bin/sh\n", 0o755)),
            package(PACKAGE, mode(HELPER, 0o644)),
            package(PACKAGE, drop(HELPER)),
            package(PACKAGE, put(f"{HELPER}.more", "more")),
        ],
        [package(PACKAGE, put("package/CHANGES.md", "more"))],
    ),
    "staged-version": (
        [package(ROOT, then(other_version(PACKAGE_JSON), other_version(KNOWN)))],
        [package(PACKAGE, put("package/CHANGES.md", "0.162.0"))],
    ),
    "staged-npm-root": (
        [gone(ROOT), package(ROOT, without_alias)],
        [both(without("npm"), gone(ROOT))],
    ),
    "staged-facade": (
        [gone(f"crates/{FACADE}"), text(f"crates/{FACADE}/Cargo.toml", DEPENDENCY, "")],
        [both(without("crate"), gone(f"crates/{FACADE}"))],
    ),
}


def changes(place: int) -> list:
    return [
        pytest.param(code, change, id=f"{code}-{number}")
        for code, both in MATRIX.items()
        for number, change in enumerate(both[place])
    ]


# What is changed in the runtime is not what the bill of materials lists either.
BILL = {"sbom-hash", "sbom-file-unknown", "sbom-file-missing"}


@pytest.mark.parametrize(("code", "change"), changes(0))
def test_damage_is_found_and_nothing_else(stage, copy, code, change):
    change(copy)
    assert codes(stage, copy) - BILL == {code}


@pytest.mark.parametrize(("code", "change"), changes(1))
def test_near_miss_passes(stage, copy, code, change):
    change(copy)
    assert codes(stage, copy) == set()


def test_what_is_staged_is_right(stage, good):
    before = bundles.snapshot(good)
    result = stage("verify", good, check=True)
    artifacts = [path for kind in ["wheels", "crates", "npm"] for path in (good / kind).iterdir()]
    assert result.stderr == f"{len(artifacts)} artifacts: 0 errors, 0 warnings\n"
    assert bundles.snapshot(good) == before


def test_manifests_of_two_versions(stage, copy, tmp_path):
    """Directories of two releases that were copied together."""
    older = bundles.bundle(bundles.WINDOWS_X64, "0.162.0")
    runtime = bundles.directory(older, tmp_path)
    other = tmp_path / "other"
    stage("stage-runtime", other, runtime, "--codex-version", "0.162.0", check=True)
    shutil.copytree(other, copy, dirs_exist_ok=True)
    assert codes(stage, copy) == {"staged-versions"}


def test_what_was_allowed_is_shown_and_does_no_harm(stage, copy):
    package(PACKAGE, fields(PACKAGE_JSON, scripts={"install": "true"}))(copy)
    (found,) = findings(stage, copy)
    assert (found["code"], found["allowed"]) == ("npm-install-script", False)
    detail = f"{found['place']}: {found['detail']}"

    def allow(detail: str) -> None:
        entry = {"code": found["code"], "artifact": PACKAGE, "detail": detail}
        manifests(lambda content: content.update(allowed=[entry]))(copy)

    allow(detail)
    result = stage("verify", copy, check=True)
    assert f"error[npm-install-script] (allowed): {detail}" in result.stdout
    allow(f"{detail}, or something else")
    assert stage("verify", copy).returncode == 1


def test_a_crate_with_a_directory_of_manifests_is_a_crate(stage, good, tmp_path):
    crate = shutil.copytree(good / f"crates/{FACADE}", tmp_path / "crates" / FACADE)
    for path in (good / "crates").iterdir():
        if path.name != FACADE:
            (crate.parent / path.name).symlink_to(path)
    (crate / "manifests").mkdir()
    (crate / "manifests/x.json").write_text("{")
    result = stage("verify", crate, check=True)
    assert result.stdout == f"{crate}: crate\n"


@pytest.mark.parametrize("formats", [["wheel"], ["crate"], ["npm"], ["npm", "crate"]])
def test_a_directory_that_grows_is_right_at_each_step(stage, tmp_path, runtimes, formats):
    staging = tmp_path / "staging"
    options = [option for name in formats for option in ["--format", name]]
    for target in [HOST, OTHER]:
        stage.runtime(staging, runtimes[target], *options)
        assert codes(stage, staging) == set()
    stage("stage-sdk", staging, "--runtime-version", bundles.TAG, check=True)
    stage.runtime(staging, runtimes[HOST])
    assert codes(stage, staging) == set()


def test_directories_that_were_copied_together_are_right_once_assembled(stage, tmp_path, runtimes):
    staging = tmp_path / "staging"
    for target in [HOST, OTHER]:
        alone = tmp_path / f"only-{target}"
        stage.runtime(alone, runtimes[target])
        shutil.copytree(alone, staging, dirs_exist_ok=True)
    assert codes(stage, staging) == {"staged-facade", "staged-npm-root"}
    stage("assemble", staging, "--require", HOST, check=True)
    assert codes(stage, staging) == set()


def test_what_another_stage_assembled_stays_right(stage, copy):
    """What it wrote into the facade crate was other, and is what its release says."""
    stage("assemble", copy, "--require", HOST, check=True)
    assert codes(stage, copy) == set()
    code = copy / f"crates/{FACADE}/src/lib.rs"
    code.write_text(code.read_text() + "// older\n")
    (found,) = findings(stage, copy)
    assert (found["code"], found["place"]) == ("staged-index", "src/lib.rs")
    assert found["detail"] == "it is not what the manifests give"

    content = json.loads((copy / "release.json").read_text())
    facade = next(one for one in content["shared"] if one["kind"] == "crate")
    record = next(one for one in facade["files"] if one["path"] == "src/lib.rs")
    written = bundles.File(code.read_bytes())
    facade["size"] += len(written.data) - record["size"]
    record |= {"size": len(written.data), "sha256": written.sha256}
    lines = "".join(f"{one['sha256']}  {one['path']}\n" for one in facade["files"])
    facade["sha256"] = bundles.File(lines.encode()).sha256
    (copy / "release.json").write_text(json.dumps(content))
    assert codes(stage, copy) == set()
    (copy / "release.json").write_text("{")
    assert codes(stage, copy) == {"staged-index"}
