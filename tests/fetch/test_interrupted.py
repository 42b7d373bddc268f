"""`stage fetch` that ends early: a kill at any moment, an interruption, a full disk."""

import os
import random
import signal
import subprocess
import threading
import time

import pytest
from mounts import SMALL, run_with_mount
from release_server import Fetcher, Release, packages, sha256, silence

LARGE = 2_000_000
"""Bytes that do not fit on a small disk."""


@pytest.fixture
def large(stage, tmp_path):
    with Release(packages(["x86_64-unknown-linux-musl", "aarch64-apple-darwin"], LARGE)) as release:
        yield Fetcher(stage, release, tmp_path)


def start(fetcher, *options: object) -> subprocess.Popen:
    return subprocess.Popen(
        [fetcher.stage.binary, *map(str, fetcher.call(*options))],
        env=fetcher.stage.env | fetcher.env({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def visible(fetcher) -> list[str]:
    """What looks finished in the output directory."""
    if not fetcher.out.exists():
        return []
    return [path.name for path in fetcher.out.iterdir() if path.name != ".stage"]


# Kills


@pytest.mark.parametrize("options", [[], ["--no-cache"]], ids=["cache", "no cache"])
def test_kill_at_each_step(stage, tmp_path, options):
    targets = ["x86_64-unknown-linux-musl", "aarch64-apple-darwin"]
    with Release(packages(targets)) as release:
        log = tmp_path / "steps"
        Fetcher(stage, release, tmp_path / "whole")(*options, STAGE_FAILPOINT_LOG=str(log))
        steps = log.read_text().splitlines()
        assert len(steps) == len(set(steps)) >= 12, steps
        for number, step in enumerate(steps):
            fetcher = Fetcher(stage, release, tmp_path / str(number))
            env = fetcher.env({"STAGE_FAILPOINT": step})
            killed = stage(*fetcher.call(*options), env=env)
            assert killed.returncode == -signal.SIGABRT, step
            assert visible(fetcher) == [], step
            requests = len(fetcher.asked())
            fetcher(*options)
            assert fetcher.fetched() == {fetcher.name: fetcher.content}, step
            if not options:
                assert fetcher.cached() == [sha256(fetcher.content)], step
                # Blocks are larger than a tenth: all of it may have come before the step.
                ranges = [request.headers["Range"] for request in fetcher.asked()[requests:]]
                assert step.endswith("begins") or all(ranges), (step, ranges)


def test_kill_at_any_moment(large):
    """SIGKILL, while the bytes come in slowly: what is there grows from call to call."""

    def slowly(handler, content):
        class Slow:
            def write(self, data):
                for at in range(0, len(data), 20_000):
                    plain.write(data[at : at + 20_000])
                    time.sleep(0.002)

            def flush(self):
                plain.flush()

        plain, handler.wfile = handler.wfile, Slow()
        handler.file(content)

    large.release.always[large.name] = slowly
    rng = random.Random(6)
    for _ in range(12):
        process = start(large)
        # Counted from the request, however long the machine takes to start a process.
        asked = len(large.asked())
        while len(large.asked()) == asked and process.poll() is None:
            time.sleep(0.005)
        time.sleep(rng.uniform(0.02, 0.15))
        process.kill()
        process.wait()
        assert visible(large) in ([], [large.name])
        for name in visible(large):
            assert (large.out / name).read_bytes() == large.release.files[name]
    large()
    assert large.fetched() == {large.name: large.content}
    ranges = [int((request.headers["Range"] or "bytes=0-")[6:-1]) for request in large.asked()]
    assert ranges == sorted(ranges) and ranges[-1] > 0, ranges


@pytest.mark.parametrize("options", [[], ["--no-cache"]], ids=["cache", "no cache"])
def test_interruption_leaves_nothing_in_the_output_directory(fetcher, options):
    end = threading.Event()
    fetcher.release.fail(fetcher.name, silence(1000, end))
    process = start(fetcher, *options)
    while not fetcher.asked():
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    end.set()
    assert not fetcher.out.exists()
    fetcher(*options)
    assert fetcher.asked()[-1].headers["Range"] == (None if options else "bytes=1000-")


def test_what_was_never_completed_is_pruned(fetcher):
    """And what was not is not."""
    fetcher()
    old = fetcher.cache / "incomplete-old"
    old.write_bytes(b"half")
    new = fetcher.cache / "incomplete-new"
    new.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))
    fetcher()
    assert fetcher.cached() == [sha256(fetcher.content), "incomplete-new"]


def test_the_cache_is_bounded(fetcher):
    """What was not used for the longest time goes. The files have holes in place of bytes."""
    fetcher.cache.mkdir(parents=True)
    for number in range(5):
        path = fetcher.cache / f"{number:064}"
        with path.open("wb") as file:
            file.truncate(10**9)
        os.utime(path, (number + 1, number + 1))
    fetcher()
    left = [name[-1] for name in fetcher.cached() if name.startswith("00")]
    assert left == ["2", "3", "4"]
    assert sha256(fetcher.content) in fetcher.cached()


# Full disks


def test_full_disk_of_the_output(large):
    large.out.mkdir()
    result, left = run_with_mount(large.stage, large.out, SMALL, large.call(), **large.env({}))
    assert result.returncode == 1
    assert "No space left on device" in result.stderr
    assert "help: make room on that disk" in result.stderr
    assert left == ""
    large()
    assert len(large.asked()) == 1, "it is in the cache"


def test_full_disk_of_the_cache(large):
    """The file is fetched all the same, and the cache gets its room back."""
    large.home.mkdir()
    result, left = run_with_mount(large.stage, large.home, SMALL, large.call(), **large.env({}))
    assert result.returncode == 0, result.stderr
    assert result.stderr.startswith("warning: going on without the cache in ")
    assert "No space left on device" in result.stderr
    assert large.fetched() == {large.name: large.content}
    assert "incomplete-" not in left and sha256(large.content) not in left


def test_full_disk_without_the_cache(large):
    large.out.mkdir()
    call = large.call("--no-cache")
    result, left = run_with_mount(large.stage, large.out, SMALL, call, **large.env({}))
    assert result.returncode == 1
    assert "because: cannot write it" in result.stderr
    assert len(large.asked()) == 1, "another try would end in the same way"
    assert left == ""
