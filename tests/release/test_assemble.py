"""`stage assemble`: what a release is, whoever staged its platforms and in whatever order."""

import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path

import bundles
import pytest
import release
from bundles import HOST, TARGETS, snapshot
from clients import tomllib
from release import (
    FACADE,
    RELEASE_FILES,
    ROOT_PACKAGE,
    edit,
)

# What a release is


def test_release_files(assembled, staged):
    assert set(release.files(assembled)) == set(release.files(staged)) | set(RELEASE_FILES)


def test_sums_are_checked_by_sha256sum(assembled):
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=assembled, check=True)
    listed = [
        line.split("  ", 1)[1] for line in (assembled / "SHA256SUMS").read_text().splitlines()
    ]
    assert listed == sorted(listed)
    assert set(listed) == set(release.files(assembled)) - {"SHA256SUMS"}


def test_facade_and_root_name_these_platforms_and_this_version(assembled):
    manifest = tomllib.loads((assembled / FACADE / "Cargo.toml").read_text())
    pins = {}
    for target in manifest["target"].values():
        pins |= {name: pin["version"] for name, pin in target["dependencies"].items()}
    assert pins == {f"codex-cli-bin-{target}": f"={bundles.VERSION}" for target in TARGETS}
    with tarfile.open(assembled / ROOT_PACKAGE) as archive:
        package = json.load(archive.extractfile("package/package.json"))
    wanted = {pin.split("@")[-1] for pin in package["optionalDependencies"].values()}
    staged = {path.name for path in (assembled / "npm").iterdir()} - {Path(ROOT_PACKAGE).name}
    assert {f"openai-codex-{version}.tgz" for version in wanted} == staged


def test_results(stage, staged, tmp_path):
    staging = release.copy(staged, tmp_path / "s")
    result = stage("assemble", staging, "--message-format", "json", check=True)
    assert result.stderr == ""
    *platforms, whole = [json.loads(line) for line in result.stdout.splitlines()]
    assert [platform["target"] for platform in platforms] == sorted(TARGETS)
    sums = (staging / "SHA256SUMS").read_bytes()
    assert whole == {
        "type": "release",
        "version": bundles.VERSION,
        "path": "SHA256SUMS",
        "sha256": hashlib.sha256(sums).hexdigest(),
    }
    again = stage("assemble", staging, check=True)
    assert hashlib.sha256(sums).hexdigest() in again.stdout
    assert "is whole" in again.stderr


def test_again_is_the_same(stage, assembled, tmp_path):
    again = release.copy(assembled, tmp_path / "again")
    stage("assemble", again, "--jobs", "1", check=True)
    assert snapshot(again) == snapshot(assembled)


@pytest.mark.parametrize("order", [TARGETS, TARGETS[::-1], TARGETS[3:] + TARGETS[:3]])
def test_jobs_of_their_own_give_the_same_bytes(stage, assembled, runtimes, tmp_path, order):
    for target in order:
        stage.runtime(tmp_path / target, runtimes[target])
    for target in order:
        shutil.copytree(tmp_path / target, tmp_path / "all", dirs_exist_ok=True)
    stage("assemble", tmp_path / "all", check=True)
    assert snapshot(tmp_path / "all") == snapshot(assembled)


@pytest.mark.parametrize("what", [FACADE, ROOT_PACKAGE])
def test_what_a_smaller_set_brought_is_rewritten(
    stage, assembled, runtimes, broken, tmp_path, what
):
    stage.runtime(tmp_path / "one", runtimes[HOST])
    small, place = tmp_path / "one" / what, broken / what
    if small.is_dir():
        shutil.rmtree(place)
        shutil.copytree(small, place)
        (place / "src" / "old.rs").write_text("// of another version\n")
    else:
        shutil.copyfile(small, place)
    stage("assemble", broken, check=True)
    assert snapshot(broken) == snapshot(assembled)


@pytest.mark.parametrize("what", [FACADE, ROOT_PACKAGE])
def test_what_is_written_anyhow_may_be_missing(stage, assembled, broken, what):
    place = broken / what
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    stage("assemble", broken, check=True)
    assert snapshot(broken) == snapshot(assembled)


def test_another_platform_makes_it_unfinished(stage, assembled, tmp_path, small_runtime):
    staging = release.copy(assembled, tmp_path / "s")
    stage.runtime(staging, small_runtime)
    assert not [name for name in RELEASE_FILES if (staging / name).exists()]
    stage("assemble", staging, check=True)
    assert snapshot(staging) == snapshot(assembled)


def test_a_refused_runtime_leaves_a_release_as_it_was(stage, assembled, tmp_path):
    staging = release.copy(assembled, tmp_path / "s")
    newer = release.runtime(HOST, tmp_path, version="0.164.0")
    stage.refuses("stage-runtime", staging, newer, "--codex-version", "0.164.0")
    assert snapshot(staging) == snapshot(assembled)


# Locks, kills and allowed findings


def test_lock_is_held(stage, broken):
    (broken / ".stage").mkdir()
    with (broken / ".stage" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another `stage` is writing" in stage.refuses("assemble", broken)


def test_old_release_files_go_first(stage, assembled, tmp_path):
    staging = release.copy(assembled, tmp_path / "s")
    bundles.save(staging / "notes.txt", b"")
    stage.refuses("assemble", staging)
    assert set(release.files(staging)) == set(release.files(assembled)) - set(RELEASE_FILES) | {
        "notes.txt"
    }


def test_facade_of_the_users_own_is_in_the_way(stage, broken):
    edit(broken / FACADE / "Cargo.toml", "# Generated by `stage`.\n", "")
    before = snapshot(broken)
    assert "in the way" in stage.refuses("assemble", broken)
    assert snapshot(broken) == before


def test_kill_at_each_step(stage, assembled, staged, tmp_path):
    log = tmp_path / "steps"
    whole = release.copy(assembled, tmp_path / "whole")
    stage("assemble", whole, check=True, env={"STAGE_FAILPOINT_LOG": str(log)})
    steps = log.read_text().splitlines()
    assert len(steps) == len(set(steps)) >= 10, steps
    for number, step in enumerate(steps):
        staging = release.copy(assembled, tmp_path / str(number))
        result = stage("assemble", staging, env={"STAGE_FAILPOINT": step})
        assert result.returncode in (-signal.SIGABRT, -signal.SIGKILL), step
        left = snapshot(staging)
        if "release.json" in left:
            whole_set = {p: e for p, e in left.items() if not p.startswith(".stage")}
            # Before it is withdrawn, or when all is done.
            assert whole_set == snapshot(assembled), step
        stage("assemble", staging, check=True)
        assert snapshot(staging) == snapshot(assembled), step
