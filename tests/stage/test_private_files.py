"""The private files of a command in STAGING_DIR: none stays, whenever it is interrupted."""

import os
import signal
import subprocess
import time
from pathlib import Path

import bundles
import pytest
from bundles import snapshot

# How often a command is interrupted. More runs find rarer faults.
RUNS = int(os.environ.get("STAGE_INTERRUPTIONS", "24"))


def call(staging: Path, runtime: Path, *options: str) -> list[object]:
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_leaves_nothing(stage, runtime, tmp_path, number):
    staging = tmp_path / "new" / "staging"
    command = [stage.binary, *call(staging, runtime, "--no-cache", "--compression", "best")]
    with subprocess.Popen(
        list(map(str, command)), env=stage.env, stderr=subprocess.PIPE
    ) as process:
        while not list(staging.glob(".stage/scratch/spool*")):
            assert process.poll() is None, process.stderr.read()
        process.send_signal(number)
        assert process.wait(timeout=60) == 130
    assert not staging.parent.exists()


def test_interruption_at_any_moment(stage, tmp_path):
    """From before the first directory until after the last: all of the release, or nothing."""
    archive = bundles.tar_gz(bundles.bundle(), tmp_path)

    def start(staging: Path) -> subprocess.Popen:
        command = [stage.binary, *call(staging, archive, "--no-cache")]
        return subprocess.Popen(
            list(map(str, command)), env=stage.env, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    begin = time.monotonic()
    assert start(tmp_path / "whole").wait(timeout=60) == 0
    duration = time.monotonic() - begin
    whole = snapshot(tmp_path / "whole")
    statuses = set()
    for run in range(RUNS):
        parent = tmp_path / f"run-{run}"
        process = start(parent / "staging")
        time.sleep(duration * 1.1 * run / RUNS)
        process.send_signal(signal.SIGINT)
        statuses.add(process.wait(timeout=60))
        if parent.exists():
            assert snapshot(parent / "staging") == whole, f"after run {run} of {RUNS}"
    # -2 is the signal itself, where it came before the handler.
    assert 130 in statuses and statuses <= {0, 130, -signal.SIGINT}


# Something else in the place of a private file


def elsewhere(path: Path) -> Path:
    """Beside the staging directory."""
    staging = next(parent for parent in path.parents if parent.name == "staging")
    return staging.with_name("elsewhere")


def no_link(path: Path) -> None:
    path.symlink_to("nowhere")


def link_to_directory(path: Path) -> None:
    elsewhere(path).mkdir()
    path.symlink_to(elsewhere(path))


def link_to_file(path: Path) -> None:
    path.symlink_to(bundles.save(elsewhere(path), b"mine"))


@pytest.mark.parametrize("make", [no_link, link_to_directory, link_to_file, Path.touch])
def test_something_else_in_place_of_the_private_directory(stage, small_runtime, staging, make):
    staging.mkdir()
    private = staging / ".stage"
    make(private)
    before = snapshot(staging)
    error = stage.refuses(*call(staging, small_runtime))
    assert f"{private} is not a directory" in error
    assert f"help: remove {private}: `stage` keeps private files there while it works" in error
    assert snapshot(staging) == before


@pytest.mark.parametrize("make", [no_link, link_to_directory, link_to_file, Path.mkdir])
def test_something_else_in_place_of_the_lock(stage, small_runtime, staging, make):
    lock = staging / ".stage" / "lock"
    lock.parent.mkdir(parents=True)
    make(lock)
    before = snapshot(staging)
    error = stage.refuses(*call(staging, small_runtime))
    assert f"{lock} is not a file" in error and f"help: remove {lock}: " in error
    assert snapshot(staging) == before


@pytest.mark.parametrize("make", [no_link, link_to_directory, link_to_file, Path.mkdir, Path.touch])
def test_something_else_in_place_of_the_scratch(stage, small_runtime, tmp_path, make):
    """It is left by a command that was killed, so it goes; what a link leads to stays."""
    scratch = tmp_path / "staging/.stage/scratch"
    scratch.parent.mkdir(parents=True)
    make(scratch)
    there = elsewhere(scratch).exists()
    stage.runtime(tmp_path / "staging", small_runtime)
    assert not (tmp_path / "staging/.stage").is_symlink()
    assert not (tmp_path / "staging/.stage").exists()
    assert elsewhere(scratch).exists() == there
