"""RUNTIME: links that become copies, and those whose copies may not work."""

import tarfile

import bundles
import hostile
import pytest
from bundles import File, Tree
from hostile import entry, tgz, zip_of
from npm_packages import dynamic_elf
from runtime_inputs import call, small, symlink

SCRIPT = File(b"#!/usr/bin/env node\nrequire('../lib/cli.js')\n", 0o755)
MODULE = File(b"module.exports = 1\n", 0o644)
STATIC = File(bundles.elf(0x3E, "tool"), 0o755)
LOADER = "/lib64/ld-linux-x86-64.so.2"
BESIDE = File(dynamic_elf(LOADER, "$ORIGIN/libx.so"), 0o755)
SYSTEM = File(dynamic_elf(LOADER, "libz.so.1"), 0o755)

# The file, and the link to it.
WARNED = {
    "script": ("lib/npm/bin/npm-cli.js", SCRIPT, "bin/npm"),
    "module": ("src/cli.js", MODULE, "lib/cli.js"),
    "shell": ("share/tool/run", File(b"#!/bin/sh\n", 0o755), "bin/run"),
    "library beside it": ("lib/tool/tool", BESIDE, "bin/tool"),
}
SILENT = {
    "same directory": ("bin/run-1.0", SCRIPT, "bin/run"),
    "library": ("lib/libx.so.1", STATIC, "lib/libx.so"),
    "static": ("libexec/tool", STATIC, "bin/tool"),
    "libraries of the system": ("libexec/tool", SYSTEM, "bin/tool"),
    "data": ("share/data.json", File(b"{}"), "lib/data.json"),
    "Python": ("share/a.py", File(b"x = 1\n"), "lib/a.py"),
}


def relative(target: str, link: str) -> str:
    return "../" * link.count("/") + target


def archives(tree: Tree, target: str, link: str, tmp_path):
    text = relative(target, link)
    yield tgz(hostile.entries(tree), entry(link, tarfile.SYMTYPE, text))
    yield zip_of(*hostile.members(tree), symlink(link, text))
    folder = bundles.directory(tree, tmp_path)
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(text)
    yield folder


def warnings(stage, tmp_path, runtime, number: int = 0) -> list[str]:
    if isinstance(runtime, bytes):
        runtime = bundles.save(tmp_path / "runtime.bin", runtime)
    staging = tmp_path / f"staging-{number}"
    result = stage(*call(staging, runtime, "--format", "crate", "--format", "npm"), check=True)
    return [line for line in result.stderr.splitlines() if "[runtime-link]" in line]


@pytest.mark.parametrize(("target", "file", "link"), WARNED.values(), ids=WARNED)
def test_copy_that_may_not_work_is_a_warning(stage, tmp_path, target, file, link):
    runtimes = archives(small() | {target: file}, target, link, tmp_path)
    for number, runtime in enumerate(runtimes):
        (warning,) = warnings(stage, tmp_path, runtime, number)
        assert f"{link} leads to {target}" in warning


@pytest.mark.parametrize(("target", "file", "link"), SILENT.values(), ids=SILENT)
def test_copy_that_works_is_none(stage, tmp_path, target, file, link):
    runtimes = archives(small() | {target: file}, target, link, tmp_path)
    for number, runtime in enumerate(runtimes):
        assert warnings(stage, tmp_path, runtime, number) == []


def test_all_links_are_one_warning(stage, tmp_path):
    tree = small() | {"lib/a/cli.js": SCRIPT, "lib/b/cli.js": SCRIPT}
    links = {"bin/a": "../lib/a/cli.js", "bin/b": "b-1", "bin/b-1": "../lib/b/cli.js"}
    entries = [entry(f"pkg/{link}", tarfile.SYMTYPE, target) for link, target in links.items()]
    archive = tgz(hostile.entries(tree, "pkg/"), *entries)
    (warning,) = warnings(stage, tmp_path, archive)
    for link, target in [("bin/a", "a"), ("bin/b", "b"), ("bin/b-1", "b")]:
        assert f"{link} leads to lib/{target}/cli.js" in warning


def test_hard_link_is_the_file_itself(stage, tmp_path):
    tree = small() | {"lib/cli.js": SCRIPT}
    archive = tgz(hostile.entries(tree), entry("bin/cli", tarfile.LNKTYPE, "lib/cli.js"))
    assert warnings(stage, tmp_path, archive) == []
