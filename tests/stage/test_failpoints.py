"""A kill at each step: nothing looks finished, and the next run completes and clears up."""

from pathlib import Path

import bundles
import pytest
from bundles import OTHER, snapshot
from failpoints import Killed


@pytest.fixture(scope="module")
def other_runtime(tmp_path_factory) -> Path:
    tree = bundles.bundle(OTHER, size="small")
    return bundles.directory(tree, tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def changed_runtime(tmp_path_factory) -> Path:
    """Another runtime for the same target."""
    tree = bundles.bundle(size="small")
    path = bundles.entrypoint()
    tree = bundles.replace(tree, path, tree[path].data + b"\0")
    return bundles.directory(tree, tmp_path_factory.mktemp("changed"))


def test_first_run(stage, small_runtime, tmp_path):
    killed = Killed(stage, tmp_path, small_runtime)
    for step, staging in killed.at_each_step():
        killed.holds_old_or_new(step, staging, {})
        assert "release.json" not in snapshot(staging)
        killed.completes(step, staging)


def test_beside_another_platform(stage, small_runtime, other_runtime, tmp_path):
    killed = Killed(stage, tmp_path, small_runtime)
    for step, staging in killed.at_each_step(other_runtime):
        left = snapshot(staging)
        others = [path for path in killed.expected if OTHER in path or "macosx" in path]
        assert others
        assert {path: left.get(path) for path in others} == {
            path: killed.expected[path] for path in others
        }, step
        killed.completes(step, staging)


def test_replacement(stage, small_runtime, changed_runtime, tmp_path):
    """Between the removal of the old one and the end of the new one, no manifest says a word."""
    killed = Killed(stage, tmp_path, changed_runtime, "--replace")
    stage.runtime(tmp_path / "old", small_runtime)
    old = snapshot(tmp_path / "old")
    for step, staging in killed.at_each_step(small_runtime):
        killed.holds_old_or_new(step, staging, old)
        killed.completes(step, staging)


def test_unpacking_an_archive(stage, tmp_path):
    archive = bundles.tar_gz(bundles.bundle(size="small"), tmp_path / "input")
    killed = Killed(stage, tmp_path, archive)
    for step, staging in killed.at_each_step():
        killed.completes(step, staging)
