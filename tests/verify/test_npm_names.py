"""`stage verify` of npm tarballs by how they name their files, and what npm and pnpm make of it."""

import json
from pathlib import Path

import pytest
from bundles import File
from clients import Project
from damage import findings
from tampered import raw_tgz, tgz

TREE = {
    "package.json": File(json.dumps({"name": "other", "version": "1.2.3"}).encode()),
    "bin/other.js": File(b"#!/usr/bin/env node\n"),
    "index.js": File(b"module.exports = 1\n"),
}

# How a tarball names its files, and whether npm installs it. pnpm installs them all, and those that
# npm does not, in a directory too deep.
NAMES = {
    "package/": True,
    "other/": True,
    "./": True,
    "package/./": True,
    "package//": True,
    "./package/": False,
    ".//package/": False,
    "": False,
}


@pytest.mark.parametrize(("directory", "installs"), NAMES.items(), ids=str)
def test_npm_agrees_where_the_files_of_a_package_lie(stage, tmp_path, directory, installs):
    names = [(path, file.data) for path, file in TREE.items()]
    package = tmp_path / "other.tgz"
    package.write_bytes(raw_tgz([(directory + name, data) for name, data in names]))

    def installed(client: str) -> Path:
        project = Project(tmp_path / client, client, "http://127.0.0.1:9")
        project.manifest(dependencies={"other": f"file:{package}"})
        project("install", "--offline")
        return project.directory / "node_modules/other"

    if installs:
        there = installed("npm")
        assert {path: (there / path).read_bytes() for path, _ in names} == dict(names)
    else:
        with pytest.raises(AssertionError, match=r"ENOENT.*package\.json"):
            installed("npm")
    assert (installed("pnpm") / "index.js").exists() == (installs or not directory)
    errors = {found["code"] for found in findings(stage, package) if found["severity"] == "error"}
    assert bool(errors) != installs
    if directory:
        assert errors == (set() if installs else {"npm-package-json"})


@pytest.mark.parametrize(
    ("path", "place", "why"),
    [
        ("lib/index.js", "package/index.js", 'as "index.js", and there are two entries'),
        ("lib/Index.js", "package/index.js", 'as "index.js", and its name and that of'),
        ("lib/index.js/a", "package/index.js", 'as "index.js", and'),
    ],
)
def test_one_place_for_two_files(stage, tmp_path, path, place, why):
    """The later one is what npm leaves there, or none."""
    tree = {f"package/{name}": file for name, file in TREE.items()} | {path: File(b"other")}
    package = tmp_path / "other.tgz"
    package.write_bytes(tgz(tree))
    (found,) = [one for one in findings(stage, package) if one["severity"] == "error"]
    assert (found["code"], found["place"]) == ("npm-outside-package", place)
    assert why in found["detail"]
