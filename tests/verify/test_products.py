"""`stage verify` and `stage assemble` of other products: wheels with commands, npm packages of
platforms."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, VERSION
from damage import findings
from node import PLATFORMS
from tampered import drop, fields, put
from wheels import Wheel

import products
from products import NPM, PACKAGE, STEM

HERE = PLATFORMS[HOST]
SCRIPT = f"{STEM}.data/scripts/acme-x"
MAN = f"{STEM}.data/data/share/man/man1/acme.1"
LICENSE = f"{STEM}.dist-info/licenses/LICENSE-APACHE"
BILL = f"{STEM}.dist-info/sboms/acme-tool.cdx.json"
ENTRY_POINTS = f"{STEM}.dist-info/entry_points.txt"


class Staged:
    def __init__(self, stage, work: Path, tree: bundles.Tree, *args: object, **product: str):
        self.stage, self.product = stage, products.folder(work, **product)
        self.staging = work / "staging"
        runtime = bundles.write(tree, work / "runtime")
        stage.runtime(self.staging, runtime, "--product", self.product, *args)

    def wheel(self) -> Wheel:
        (path,) = (self.staging / "wheels").iterdir()
        return Wheel.read(path)

    def codes(self, path: Path) -> set[str]:
        found = findings(self.stage, "--product", self.product, path)
        return {finding["code"] for finding in found}


@pytest.fixture(scope="module")
def scripts(stage, tmp_path_factory) -> Staged:
    return Staged(stage, tmp_path_factory.mktemp("scripts"), products.only_commands())


@pytest.fixture(scope="module")
def tree(stage, tmp_path_factory) -> Staged:
    work = tmp_path_factory.mktemp("tree")
    return Staged(stage, work, products.tree(), "--format", "wheel")


FOREIGN = bundles.executable(OTHER, "foreign")
WINDOWS = bundles.executable(bundles.WINDOWS_X64, "windows")

# What is done to a wheel of scripts, and a rule that it breaks.
SCRIPTS = {
    "no script": (lambda wheel: wheel.drop(SCRIPT), "runtime-entrypoint"),
    "other name": (
        lambda wheel: wheel.drop(SCRIPT).put(f"{SCRIPT}y", wheel.tree[SCRIPT].data, 0o755),
        "runtime-entrypoint",
    ),
    "lost mode": (lambda wheel: wheel.mode(SCRIPT, 0o644), "runtime-not-executable"),
    "foreign program": (lambda wheel: wheel.put(SCRIPT, FOREIGN, 0o755), "runtime-machine"),
    "program of Windows": (lambda wheel: wheel.put(SCRIPT, WINDOWS, 0o755), "runtime-machine"),
    "text": (lambda wheel: wheel.put(SCRIPT, "#!/bin/sh\n", 0o755), "runtime-machine"),
    "edited page": (lambda wheel: wheel.put(MAN, "other"), "sbom-hash"),
    "page that is gone": (lambda wheel: wheel.drop(MAN), "sbom-file-unknown"),
    "licence that is gone": (lambda wheel: wheel.drop(LICENSE), "wheel-license-file"),
    "one file more": (
        lambda wheel: wheel.put(f"{STEM}.data/data/share/acme/x", "x"),
        "sbom-file-missing",
    ),
    "below the scripts": (
        lambda wheel: wheel.put(f"{STEM}.data/scripts/a/b", "#!python\n", 0o755),
        "wheel-data-scripts",
    ),
    "tag of another platform": (
        lambda wheel: replace(wheel, name=f"{STEM}-py3-none-win_amd64.whl"),
        "runtime-entrypoint",
    ),
    "tag of no platform": (
        lambda wheel: replace(wheel, name=f"{STEM}-py3-none-any.whl"),
        "runtime-target",
    ),
    "record": (
        lambda wheel: wheel.record(lambda row: [row[0], row[1], "1"], SCRIPT),
        "wheel-record-size",
    ),
}


@pytest.mark.parametrize(("change", "code"), SCRIPTS.values(), ids=SCRIPTS)
def test_damaged_wheel_of_scripts(scripts, tmp_path, change, code):
    assert code in scripts.codes(change(scripts.wheel()).write(tmp_path))


def test_all_scripts_are_gone(scripts, tmp_path):
    wheel = scripts.wheel()
    for name in ("acme", "acme-x"):
        wheel = wheel.drop(f"{STEM}.data/scripts/{name}")
    assert "runtime-entrypoint" in scripts.codes(wheel.write(tmp_path))


def test_wheel_of_another_project_is_not_held_to_the_commands(scripts, tmp_path):
    """The commands of a product say nothing of the wheels of others."""
    wheel = scripts.wheel()
    tree = {
        path.replace("acme_tool-", "other-"): file
        for path, file in wheel.tree.items()
        if path not in (SCRIPT, BILL)
    }
    name = wheel.name.replace("acme_tool-", "other-")
    wheel = replace(wheel, tree=tree, name=name, dist_info=f"other-{VERSION}.dist-info")
    assert scripts.codes(wheel.field("Name: other", instead_of="Name").write(tmp_path)) == set()


# The same of a wheel with entry points.
TREE = {
    "no entry point": (
        lambda wheel: wheel.edit(ENTRY_POINTS, f"acme-x = {PACKAGE}.__main__:main_2\n", ""),
        "wheel-command",
    ),
    "none at all": (lambda wheel: wheel.put(ENTRY_POINTS, ""), "wheel-command"),
    "no such module": (
        lambda wheel: wheel.edit(ENTRY_POINTS, "__main__:main\n", "gone:main\n"),
        "wheel-command",
    ),
    "of another group": (
        lambda wheel: wheel.edit(ENTRY_POINTS, "[console_scripts]", "[gui_scripts]"),
        "wheel-command",
    ),
    "data that is gone": (
        lambda wheel: wheel.drop(f"{PACKAGE}/share/data.bin"),
        "sbom-file-unknown",
    ),
    "entrypoint that is gone": (
        lambda wheel: wheel.drop(f"{PACKAGE}/bin/acme"),
        "runtime-entrypoint",
    ),
}


@pytest.mark.parametrize(("change", "code"), TREE.values(), ids=TREE)
def test_damaged_wheel_of_a_tree(tree, tmp_path, change, code):
    assert code in tree.codes(change(tree.wheel()).write(tmp_path))


def test_more_entry_points_are_right(tree, tmp_path):
    more = f"[console_scripts]\nother = {PACKAGE}.__main__:main\n"
    wheel = tree.wheel().edit(ENTRY_POINTS, "[console_scripts]\n", more)
    assert tree.codes(wheel.write(tmp_path)) == set()


# Against the manifest

# What the runtime of the wheel differs in, with RECORD and the bill of materials made to fit.
DIFFERENCES = {
    "script": (SCRIPT, '"scripts/acme-x" has different content'),
    "page": (MAN, '"data/share/man/man1/acme.1" has different content'),
    "licence": (LICENSE, '"licenses/LICENSE-APACHE" has different content'),
}


@pytest.mark.parametrize(("path", "detail"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_another_runtime_than_in_the_manifest(scripts, tmp_path, path, detail):
    staging = shutil.copytree(scripts.staging, tmp_path / "staging")
    wheel = scripts.wheel()
    other = bundles.executable(HOST, "other") if path == SCRIPT else b"other"
    wheel.put(path, other, wheel.tree[path].mode).write(staging / "wheels")
    found = findings(scripts.stage, "--product", scripts.product, staging)
    details = {finding["code"]: finding["detail"] for finding in found}
    assert detail in details["staged-runtime"]
    assert "staged-changed" in details


def test_the_set_carries_one_runtime(stage, scripts, tmp_path):
    staging = shutil.copytree(scripts.staging, tmp_path / "staging")
    assemble = ["assemble", "--product", scripts.product, staging, "--require", HOST]
    stage(*assemble, check=True)
    stage("verify", "--product", scripts.product, staging / "release.json", check=True)
    # A wheel that is staged from a product that says something else.
    edited = shutil.copytree(scripts.product, tmp_path / "product")
    text = (edited / "stage.toml").read_text(encoding="utf-8")
    text = text.replace("[wheel]\n", '[wheel]\ncommands = "entry-points"\n')
    (edited / "stage.toml").write_text(text, encoding="utf-8")
    error = stage.refuses("assemble", "--product", edited, staging, "--require", HOST)
    assert '"CHANGELOG.md" is missing' in error


# npm


@pytest.fixture(scope="module")
def npm(stage, tmp_path_factory) -> Staged:
    work = tmp_path_factory.mktemp("npm")
    product = 'platforms = "packages"'
    return Staged(stage, work, products.only_commands(), "--format", "npm", npm=product)


JSON = "package/package.json"
ALIAS = f"{NPM}-{HERE}"
PLATFORM = f"acme-tool-{HERE}-{VERSION}.tgz"
ROOT = f"acme-tool-{VERSION}.tgz"

NPM_PACKAGES = {
    "name of the root": (PLATFORM, fields(JSON, name=NPM), "npm-platform"),
    "other cpu": (PLATFORM, fields(JSON, cpu=["riscv64"]), "npm-platform"),
    "no tree": (PLATFORM, drop(f"package/vendor/{HOST}/acme-package.json"), "runtime-metadata"),
    "no program": (PLATFORM, drop(f"package/vendor/{HOST}/bin/acme"), "runtime-entrypoint"),
    "no second command": (ROOT, fields(JSON, bin={"acme": "bin/acme.js"}), "npm-bin-missing"),
    "a command that leads nowhere": (ROOT, drop("package/bin/acme-x.js"), "npm-bin-missing"),
    "an alias": (
        ROOT,
        fields(JSON, optionalDependencies={ALIAS: f"npm:{NPM}@{VERSION}-{HERE}"}),
        "npm-alias",
    ),
    "a range": (ROOT, fields(JSON, optionalDependencies={ALIAS: f"^{VERSION}"}), "npm-alias"),
    "a script": (ROOT, fields(JSON, scripts={"postinstall": "x"}), "npm-install-script"),
    "nothing known": (ROOT, put("package/platforms.json", "{"), "npm-alias"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change", "code"), NPM_PACKAGES.values(), ids=NPM_PACKAGES)
def test_damaged_npm_package(npm, tmp_path, name, change, code):
    entries = bundles.read_tar(npm.staging / "npm" / name)
    path = bundles.save(tmp_path / name, bundles.gzip_bytes(bundles.tar_bytes(change(entries))))
    assert code in npm.codes(path)


def test_npm_packages_that_no_manifest_names(npm, tmp_path):
    staging = shutil.copytree(npm.staging, tmp_path / "staging")
    for path in list((staging / "npm").iterdir()):
        shutil.copy(path, path.with_name(path.name.replace(VERSION, "0.1.0")))
    shutil.copy(staging / "npm" / ROOT, staging / "npm/acme-tool-box-1.0.0.tgz")
    found = findings(npm.stage, "--product", npm.product, staging)
    unfinished = [finding for finding in found if finding["code"] == "staged-unfinished"]
    assert len(unfinished) == 2


def test_libc_that_the_platform_says(stage, tmp_path):
    """glibc and musl builds of one CPU: each package says which it is."""
    targets = [bundles.LINUX_X64, "x86_64-unknown-linux-gnu"]
    product = products.folder(tmp_path, npm='platforms = "packages"')
    text = (product / "stage.toml").read_text(encoding="utf-8")
    text = text.replace(json.dumps(bundles.TARGETS), json.dumps(targets))
    (product / "stage.toml").write_text(text, encoding="utf-8")
    runtime = bundles.write(
        products.programs(bundles.LINUX_X64), tmp_path / "x86_64-unknown-linux-musl"
    )
    tag = ["--platform-tag", "musllinux_1_1_x86_64"]
    staging = tmp_path / "staging"
    stage.runtime(staging, runtime, "--product", product, "--format", "npm", *tag)
    (archive,) = (path for path in (staging / "npm").iterdir() if "linux" in path.name)
    entries = bundles.read_tar(archive)
    assert json.loads(entries[JSON].data)["libc"] == ["musl"]
    stage("verify", "--product", product, staging, check=True)
    wrong = fields(JSON, libc=["glibc"])(entries)
    path = bundles.save(tmp_path / archive.name, bundles.gzip_bytes(bundles.tar_bytes(wrong)))
    found = findings(stage, "--product", product, path)
    assert "npm-platform" in {finding["code"] for finding in found}
