"""`stage.exe` that is killed or interrupted: nothing looks finished, and the next run completes."""

import time

import bundles
import pytest
from bundles import WINDOWS_X64, snapshot
from failpoints import Killed
from wine import pressed


def tree() -> bundles.Tree:
    return bundles.bundle(WINDOWS_X64, size="small")


def test_at_each_step_of_a_replacement(exe, tmp_path):
    """Of what is there already, by what is in an archive."""
    old = bundles.directory(tree(), tmp_path / "old")
    path = bundles.entrypoint(WINDOWS_X64)
    changed = bundles.replace(tree(), path, tree()[path].data + b"\0")
    options = ["--format", "npm", "--replace"]
    killed = Killed(exe, tmp_path, bundles.tar_gz(changed, tmp_path / "new"), *options)
    exe.runtime(tmp_path / "staged", old, *options)
    before = snapshot(tmp_path / "staged")
    for step, staging in killed.at_each_step(old):
        killed.holds_old_or_new(step, staging, before)
        killed.completes(step, staging)


def test_assemble_at_each_step(exe, tmp_path):
    """A release is there with both of its files, or it is not there."""
    log = tmp_path / "steps"
    call = ["assemble", tmp_path / "staging", "--require", WINDOWS_X64]
    exe.runtime(tmp_path / "staging", bundles.directory(tree(), tmp_path))
    before = snapshot(tmp_path / "staging")
    exe(*call, env={"STAGE_FAILPOINT_LOG": str(log)}, check=True)
    expected = snapshot(tmp_path / "staging")
    steps = log.read_text().splitlines()
    assert len(steps) == len(set(steps)) >= 3, steps
    for step in steps:
        result = exe(*call, env={"STAGE_FAILPOINT": step})
        assert result.returncode in exe.ABORTED, f"{step}: {result}"
        exe(*call, check=True)
        assert snapshot(tmp_path / "staging") == expected, step
    assert before != expected


# What a user does


@pytest.fixture
def slow(tmp_path) -> list[object]:
    """A call that takes a second, with a directory of its own that it makes."""
    archive = bundles.tar_gz(bundles.bundle(WINDOWS_X64), tmp_path / "input")
    staging = tmp_path / "new/staging"
    call = ["stage-runtime", staging, archive, "--codex-version", bundles.TAG, "--no-cache"]
    return [*call, "--compression", "best"]


def wait_until_it_compresses(process, staging) -> None:
    while not list(staging.glob(".stage/scratch/spool*")):
        assert process.poll() is None
        time.sleep(0.01)


def test_ctrl_c_leaves_nothing(exe, slow, tmp_path):
    process, keys = exe.on_console(*slow)
    wait_until_it_compresses(process, slow[1])
    pressed(keys, b"\x03")
    assert process.wait(timeout=60) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["input"]


def test_end_task(exe, slow):
    """The next run clears up what a process has left that was ended at once."""
    process, keys = exe.on_console(*slow)
    wait_until_it_compresses(process, slow[1])
    process.kill()
    pressed(keys, b"")
    assert process.wait(timeout=60) == -9
    assert (slow[1] / ".stage").exists()
    exe(*slow, check=True)
    assert not (slow[1] / ".stage").exists()
    assert "0 errors, 0 warnings" in exe("verify", slow[1], check=True).stderr
