"""A kill at each step: nothing looks finished, and the next run completes and clears up."""

import signal
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, snapshot


@pytest.fixture(scope="module")
def other_runtime(tmp_path_factory) -> Path:
    tree = bundles.bundle(OTHER, size="small")
    return bundles.directory(tree, tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def steps(stage, small_runtime, tmp_path_factory) -> list[str]:
    """The names of all steps, in order, each once."""
    work = tmp_path_factory.mktemp("steps")
    log = work / "log"
    stage.runtime(work / "staging", small_runtime, env={"STAGE_FAILPOINT_LOG": str(log)})
    steps = list(dict.fromkeys(log.read_text().split()))
    assert len(steps) >= 5, steps
    return steps


def kill_at(stage, step: str, staging: Path, runtime: Path, *options: str) -> None:
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options]
    result = stage(*call, env={"STAGE_FAILPOINT": step})
    assert result.returncode in (-signal.SIGABRT, -signal.SIGKILL), f"{step}: {result.stderr}"


def beside(staging: Path) -> set[str]:
    """What lies next to STAGING_DIR, where unpacked archives and temporaries are."""
    return {path.name for path in staging.parent.iterdir()}


def test_killed_first_run(stage, steps, small_runtime, tmp_path):
    stage.runtime(tmp_path / "expected" / "staging", small_runtime)
    expected = snapshot(tmp_path / "expected" / "staging")
    for step in steps:
        staging = tmp_path / step / "staging"
        staging.parent.mkdir()
        kill_at(stage, step, staging, small_runtime)
        finished = (staging / "manifests" / f"{HOST}.json").exists()
        assert not finished or snapshot(staging) == expected, step
        assert not (staging / "release.json").exists()
        stage.runtime(staging, small_runtime)
        assert snapshot(staging) == expected, step
        assert beside(staging) == {"staging"}, step


def test_killed_run_beside_another_platform(stage, steps, small_runtime, other_runtime, tmp_path):
    stage.runtime(tmp_path / "expected" / "staging", other_runtime)
    others = snapshot(tmp_path / "expected" / "staging")
    stage.runtime(tmp_path / "expected" / "staging", small_runtime)
    expected = snapshot(tmp_path / "expected" / "staging")
    for step in steps:
        staging = tmp_path / step / "staging"
        stage.runtime(staging, other_runtime)
        kill_at(stage, step, staging, small_runtime)
        facade = "crates/codex-cli-bin/"
        killed = snapshot(staging)
        assert {k: killed.get(k) for k in others if not k.startswith(facade)} == {
            k: v for k, v in others.items() if not k.startswith(facade)
        }, step
        stage.runtime(staging, small_runtime)
        assert snapshot(staging) == expected, step


def test_killed_replacement(stage, steps, small_runtime, tmp_path):
    """Between the removal of the old and the end of the new one there is no manifest to believe."""
    tree = bundles.bundle(size="small")
    path = bundles.entrypoint()
    tree = bundles.replace(tree, path, tree[path].data + b"\0")
    changed = bundles.directory(tree, tmp_path / "changed")
    stage.runtime(tmp_path / "old", small_runtime)
    stage.runtime(tmp_path / "new", changed)
    old, new = snapshot(tmp_path / "old"), snapshot(tmp_path / "new")
    for step in steps:
        staging = tmp_path / step / "staging"
        stage.runtime(staging, small_runtime)
        kill_at(stage, step, staging, changed, "--replace")
        if (staging / "manifests" / f"{HOST}.json").exists():
            assert snapshot(staging) in (old, new), step
        stage.runtime(staging, changed, "--replace")
        assert snapshot(staging) == new, step


def test_killed_while_unpacking_an_archive(stage, steps, tmp_path):
    tree = bundles.bundle(size="small")
    for step in steps:
        parent = tmp_path / step
        archive = bundles.tar_gz(tree, parent)
        kill_at(stage, step, parent / "staging", archive)
        stage.runtime(parent / "staging", archive)
        assert beside(parent / "staging") == {"staging", archive.name}, step
