"""The cache of compressed content: whatever becomes of it, the artifacts are right."""

import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
import zstandard
from artifacts import assert_carried
from bundles import File, snapshot
from clients import must
from mounts import READ_ONLY, SMALL, run_with_mount
from needs import UNKNOWN_USER, needs

TWO_DAYS = 2 * 24 * 60 * 60


@pytest.fixture(scope="module")
def runtime(tmp_path_factory) -> Path:
    """With two contents of one size, which take two chunks each and are halved by compression."""
    rng = random.Random(8)
    tree = bundles.bundle(size="small")
    for name in ["one", "other"]:
        tree[f"codex-resources/{name}"] = File(rng.randbytes(2_300_000).hex().encode())
    return bundles.directory(tree, tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="module")
def expected(stage, runtime, tmp_path_factory) -> dict:
    staging = tmp_path_factory.mktemp("expected") / "staging"
    stage.runtime(staging, runtime, "--no-cache")
    return snapshot(staging)


@pytest.fixture(scope="module")
def warm_home(stage, runtime, tmp_path_factory) -> Path:
    """What a run leaves in XDG_CACHE_HOME. Copy it, never write to it."""
    work = tmp_path_factory.mktemp("warm")
    stage.runtime(work / "staging", runtime, env={"XDG_CACHE_HOME": str(work / "home")})
    return work / "home"


class Cache:
    """A cache of a test's own, and `stage` that uses it."""

    def __init__(self, stage, runtime: Path, expected: dict, work: Path):
        self.stage, self.expected = stage, expected
        self.home, self.staging = work / "home", work / "staging"
        self.directory = self.home / "stage" / "compressed"
        self.command = ["stage-runtime", self.staging, runtime, "--codex-version", bundles.TAG]
        self.env = {"XDG_CACHE_HOME": str(self.home)}

    def entries(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.directory.iterdir())}

    def incomplete(self) -> list[Path]:
        return list(self.directory.glob("incomplete-*"))

    def assert_right(self, result: subprocess.CompletedProcess) -> None:
        assert result.returncode == 0, result.stderr
        assert snapshot(self.staging) == self.expected

    def is_used(self) -> None:
        """Stages with the cache, of which nothing is to be said."""
        result = self.stage(*self.command, "--message-format", "json", env=self.env)
        self.assert_right(result)
        assert result.stderr == ""

    def is_done_without(self, result: subprocess.CompletedProcess) -> None:
        self.assert_right(result)
        assert result.stderr.startswith("warning: going on without the cache in "), result.stderr
        assert str(self.home) in result.stderr.splitlines()[0]

    def start(self, staging: Path | None = None, *options: str) -> subprocess.Popen:
        command = [self.command[0], staging or self.staging, *self.command[2:], *options]
        return subprocess.Popen(
            [self.stage.binary, *map(str, command)],
            env=self.stage.env | self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def cold(stage, runtime, expected, tmp_path) -> Cache:
    return Cache(stage, runtime, expected, tmp_path)


@pytest.fixture
def warm(cold, warm_home) -> Cache:
    shutil.copytree(warm_home, cold.home)
    return cold


# Damage


# How an entry ends: lines, the length of the lines, and a mark.
FOOT = struct.Struct("<Q8s")
CHUNK = 4 << 20


def foot(path: Path) -> int:
    """Where the length of the lines stands."""
    return path.stat().st_size - FOOT.size


def lines(path: Path) -> int:
    """Where the lines of the trailer begin."""
    length, _ = FOOT.unpack(path.read_bytes()[foot(path) :])
    return foot(path) - length


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def swap(path: Path, other: Callable[[Path], Path]) -> None:
    """Gives the name of an entry to another one."""
    shutil.copy(other(path), path)


def other_content(path: Path) -> Path:
    (other,) = (each for each in path.parent.glob(f"*{path.suffixes[0]}*") if each != path)
    return other


def replace_by_directory(path: Path) -> None:
    path.unlink()
    bundles.save(path / "file", b"in a directory")


def replace_by_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES = {
    "first piece": lambda path: flip(path, 0),
    "last piece": lambda path: flip(path, lines(path) - 1),
    "name": lambda path: flip(path, lines(path)),
    "last line": lambda path: flip(path, foot(path) - 2),
    "length of the lines": lambda path: flip(path, foot(path)),
    "high byte of that length": lambda path: flip(path, foot(path) + 7),
    "mark": lambda path: flip(path, foot(path) + 8),
    "cut in the pieces": lambda path: os.truncate(path, lines(path) // 2),
    "cut in the foot": lambda path: os.truncate(path, foot(path) + 10),
    "last byte missing": lambda path: os.truncate(path, path.stat().st_size - 1),
    "one byte more": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "empty": lambda path: os.truncate(path, 0),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "another content": lambda path: swap(path, other_content),
    "directory": replace_by_directory,
    "dangling link": replace_by_link,
    "pipe": replace_by_pipe,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_repaired(warm, damage):
    before = warm.entries()
    assert len(before) == 4, "two contents in two forms"
    for name in before:
        damage(warm.directory / name)
    warm.is_used()
    assert warm.entries() == before


def test_what_is_not_damaged_is_used(warm):
    damaged, *others = sorted(warm.directory.iterdir())
    inodes = [path.stat().st_ino for path in others]
    flip(damaged, 0)
    warm.is_used()
    assert [path.stat().st_ino for path in others] == inodes


def test_other_form_of_the_same_content_is_another_entry(cold, warm_home):
    cold.stage(*cold.command, "--compression", "fast", env=cold.env, check=True)
    before = cold.entries()
    for fast in before:
        content = fast.split(".")[0]
        kind = fast.split(".")[1].split("-")[0]
        (default,) = (warm_home / "stage/compressed").glob(f"{content}.{kind}-*")
        shutil.copy(cold.directory / fast, cold.directory / default.name)
    cold.is_used()


# Forgery: an entry that is sound in itself, and holds something else


def forge(
    entry: Path, deflate: list[bytes], zstd: list[bytes], digests: bool | None = None
) -> None:
    """Writes an entry with these pieces, with a trailer as `stage` would write it."""
    is_zstd = ".zstd-" in entry.name
    pieces = zstd if is_zstd else deflate
    digests = is_zstd if digests is None else digests
    trailer = f"{entry.name}\n"
    for piece in pieces:
        trailer += f"{len(piece)} {hashlib.sha256(piece).hexdigest() if digests else '-'}\n"
    mark = entry.read_bytes()[-8:]
    foot = FOOT.pack(len(trailer), mark)
    entry.write_bytes(b"".join(pieces) + trailer.encode() + foot)


def chunks(content: bytes) -> list[bytes]:
    return [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]


def piece(content: bytes, mode: int = zlib.Z_FULL_FLUSH) -> bytes:
    """DEFLATE that ends like this, without a header."""
    encoder = zlib.compressobj(6, zlib.DEFLATED, -15)
    return encoder.compress(content) + encoder.flush(mode)


def frame(content: bytes) -> bytes:
    return zstandard.compress(content, 1)


def stored(content: bytes, *, beyond: int) -> bytes:
    """A piece whose last block is longer than the piece."""
    length = 1000 + beyond
    block = struct.pack("<BHH", 0, length, length ^ 0xFFFF)
    return piece(content[:-1000]) + block + content[-1000:]


def damaged_in_the_middle(content: bytes) -> bytes:
    return content[: len(content) // 2] + b"!" + content[len(content) // 2 + 1 :]


FORGERIES: dict[str, Callable[[list[bytes]], tuple[list[bytes], list[bytes]]]] = {
    "another content": lambda parts: (
        [piece(bytes(len(part))) for part in parts],
        [frame(bytes(len(part))) for part in parts],
    ),
    "one byte of the last chunk": lambda parts: (
        [piece(parts[0]), piece(damaged_in_the_middle(parts[1]))],
        [frame(parts[0]), frame(damaged_in_the_middle(parts[1]))],
    ),
    "chunks in another order": lambda parts: (
        [piece(part) for part in parts[::-1]],
        [frame(part) for part in parts[::-1]],
    ),
    "chunks that are cut elsewhere": lambda parts: (
        [piece(parts[0][:-1]), piece(parts[0][-1:] + parts[1])],
        [frame(parts[0][:-1]), frame(parts[0][-1:] + parts[1])],
    ),
    "the end of the stream within it": lambda parts: (
        [piece(part, zlib.Z_FINISH) for part in parts],
        [frame(part) + b"\0" for part in parts],
    ),
    "a piece that swallows what follows": lambda parts: (
        [stored(part, beyond=5) for part in parts],
        [frame(part[:1000]) + frame(part[1000:]) for part in parts],
    ),
    "a piece without its end": lambda parts: (
        [piece(part, zlib.Z_PARTIAL_FLUSH) for part in parts],
        [frame(part)[:-1] for part in parts],
    ),
    "something after the content": lambda parts: (
        [piece(part + b"!") for part in parts],
        [frame(part + b"!") for part in parts],
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_forged_entry_becomes_no_artifact(warm, runtime, forgery):
    """A cache may be shared, or restored by a workflow after others could write to it."""
    before = warm.entries()
    by_digest = {}
    for path in runtime.rglob("*"):
        if path.is_file():
            by_digest[hashlib.sha256(path.read_bytes()).hexdigest()] = path.read_bytes()
    for name in before:
        forge(warm.directory / name, *forgery(chunks(by_digest[name.split(".")[0]])))
    assert all(content != before[name] for name, content in warm.entries().items())
    warm.is_used()
    assert warm.entries() == before


@pytest.mark.parametrize("other", [True, False], ids=["other encoding", "own encoding"])
def test_entry_does_not_say_how_it_is_checked(warm, runtime, other):
    """The lines of one form, over pieces of the other or of the same."""
    before = warm.entries()
    for name in ["one", "other"]:
        content = (runtime / f"codex-resources/{name}").read_bytes()
        parts = chunks(content)
        forms = [[piece(part) for part in parts], [frame(part) for part in parts]]
        if other:
            forms.reverse()
        for entry in warm.directory.glob(f"{hashlib.sha256(content).hexdigest()}.*"):
            forge(entry, *forms, digests=".zstd-" not in entry.name)
    warm.is_used()
    assert warm.entries() == before


@pytest.mark.parametrize("state", ["cold", "warm"])
def test_entries_that_are_overwritten_at_work(request, state):
    """From the moment in which they are there, or were checked: artifacts have other bytes."""
    cache = request.getfixturevalue(state)
    process = cache.start()
    while process.poll() is None:
        if state == "cold" or list(cache.staging.glob(".stage/scratch/out/wheels/*")):
            for entry in cache.directory.glob("[0-9a-f]*"):
                with entry.open("r+b") as file:
                    file.write(bytes(entry.stat().st_size // 2))
    assert process.wait() == 0
    assert snapshot(cache.staging) == cache.expected


def test_another_encoding_of_the_same_content_is_used(warm, runtime):
    """What another encoder made is as good, if it can be joined."""
    contents = [(runtime / f"codex-resources/{name}").read_bytes() for name in ["one", "other"]]
    for content in contents:
        for entry in warm.directory.glob(f"{hashlib.sha256(content).hexdigest()}.*"):
            parts = chunks(content)
            forge(entry, [piece(part) for part in parts], [frame(part) for part in parts])
    before = warm.entries()
    result = warm.stage(*warm.command, env=warm.env)
    assert result.returncode == 0, result.stderr
    assert warm.entries() == before
    must(warm.stage.binary, "verify", warm.staging, env=warm.stage.env)


# Several processes, and one that dies


def test_two_processes_fill_one_cache(cold, warm_home, tmp_path):
    stagings = [tmp_path / "first", tmp_path / "second"]
    processes = [cold.start(staging) for staging in stagings]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    for staging in stagings:
        assert snapshot(staging) == cold.expected
    assert snapshot(cold.home) == snapshot(warm_home)


def assert_recovers(cache: Cache, warm_home: Path) -> None:
    """Staging again is right, and of the killed run nothing is left but what waits for its day."""
    left = cache.incomplete()
    cache.is_used()
    assert cache.incomplete() == left
    for path in left:
        two_days_ago = time.time() - TWO_DAYS
        os.utime(path, (two_days_ago, two_days_ago))
    cache.is_used()
    assert snapshot(cache.home) == snapshot(warm_home)


def test_kill_before_an_entry_gets_its_name(cold, warm_home):
    for entry in sorted(warm_home.glob("stage/compressed/*")):
        step = {"STAGE_FAILPOINT": f"{entry.name} written"}
        killed = cold.stage(*cold.command, env=cold.env | step)
        assert killed.returncode == -signal.SIGABRT
        assert cold.incomplete()
        assert entry.name not in cold.entries()
    assert_recovers(cold, warm_home)


@pytest.mark.parametrize("seed", range(4))
def test_kill_at_any_moment(cold, warm_home, seed):
    start = time.monotonic()
    cold.start(None, "--no-cache").wait()
    whole = time.monotonic() - start
    shutil.rmtree(cold.staging)
    process = cold.start()
    time.sleep(whole * random.Random(seed).random())
    process.kill()
    process.wait()
    cold.directory.mkdir(parents=True, exist_ok=True)
    assert_recovers(cold, warm_home)


# Places where no cache can be


def test_cache_that_is_not_there_is_made(cold):
    cold.is_used()
    assert len(cold.entries()) == 4


def test_cache_behind_a_link(warm, tmp_path):
    shutil.move(warm.home, tmp_path / "elsewhere")
    warm.home.symlink_to("elsewhere")
    before = warm.entries()
    warm.is_used()
    assert warm.entries() == before


@pytest.mark.parametrize("part", [".", "stage", "stage/compressed"])
def test_file_in_place_of_the_cache(cold, part):
    bundles.save(cold.home / part, b"a file")
    cold.is_done_without(cold.stage(*cold.command, env=cold.env))
    assert (cold.home / part).read_bytes() == b"a file"


def test_dangling_link_in_place_of_the_cache(cold):
    cold.home.symlink_to("nowhere")
    cold.is_done_without(cold.stage(*cold.command, env=cold.env))


def test_cache_on_a_full_disk(cold):
    result, left = run_with_mount(cold.stage, cold.home, SMALL, cold.command, **cold.env)
    cold.is_done_without(result)
    assert "No space left" in result.stderr
    assert "incomplete-" not in left


def test_cold_cache_on_a_read_only_disk(cold):
    result, left = run_with_mount(cold.stage, cold.home, READ_ONLY, cold.command, **cold.env)
    cold.is_done_without(result)
    assert "ead-only" in result.stderr
    assert left == ""


def test_warm_cache_on_a_read_only_disk(warm):
    result, _ = run_with_mount(warm.stage, warm.home, READ_ONLY, warm.command, **warm.env)
    warm.assert_right(result)
    assert "warning" not in result.stderr


def test_damaged_cache_on_a_read_only_disk(warm):
    for entry in warm.directory.iterdir():
        flip(entry, 0)
    result, _ = run_with_mount(warm.stage, warm.home, READ_ONLY, warm.command, **warm.env)
    warm.is_done_without(result)


def test_home_is_where_the_cache_is_by_default(cold, tmp_path):
    """A relative XDG_CACHE_HOME does not count: the working directory is no place for a cache."""
    environment = {"HOME": str(tmp_path / "user"), "XDG_CACHE_HOME": "relative"}
    cold.assert_right(cold.stage(*cold.command, env=environment, cwd=tmp_path))
    assert len(list(tmp_path.glob("user/*/stage/compressed/*"))) == 4
    assert not (tmp_path / "relative").exists()


def test_user_without_a_home(cold):
    """Neither the environment nor the system knows one: there is no cache, which is no fault."""
    environment = {k: v for k, v in cold.stage.env.items() if k not in ["HOME", "XDG_CACHE_HOME"]}
    command = [*needs(UNKNOWN_USER), cold.stage.binary, *map(str, cold.command)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    cold.assert_right(result)
    assert "warning" not in result.stderr


def test_more_contents_than_files_can_be_open(cold, tmp_path):
    """macOS lets a process have 256."""
    tree = bundles.bundle(size="small")
    tree |= {f"{n}": File(b"%03d" % n + bytes(1 << 20)) for n in range(130)}
    cold.command[2] = bundles.directory(tree, tmp_path / "many")
    script = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", cold.stage.binary]
    # No index takes what is mostly zeros.
    command = [*cold.command, "--allow", "zip-ratio"]
    result = must(*script, *command, env=cold.stage.env | cold.env)
    assert "warning: going on without" not in result.stderr
    assert_carried(cold.staging, tree)


# What it saves and what it takes


def test_warm_run_reads_a_content_twice(cold, tmp_path):
    """To hash it, and to compare it with the cache. What a process read is added to what its parent
    read when that waits for it."""

    def read() -> int:
        counters = Path("/proc/self/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in counters)["rchar"])

    size = 64 << 20
    tree = bundles.bundle(size="small") | {"zeros": File(bytes(size))}
    cold.command[2] = bundles.directory(tree, tmp_path / "zeros")
    cold.command += ["--allow", "zip-ratio"]
    cold.start(tmp_path / "cold").wait()
    before = read()
    assert cold.start(tmp_path / "warm").wait() == 0
    assert 2 * size <= read() - before < 2.25 * size
    assert snapshot(tmp_path / "warm") == snapshot(tmp_path / "cold")


def test_cache_is_bounded(warm):
    """What was not used for the longest time goes. It is large on paper: the files have holes."""
    used = sorted(warm.directory.iterdir())
    limit, size = 6_000_000_000, 1_900_000_000
    unused = [warm.directory / f"{age:064}.deflate-6-0.1.0" for age in range(1, 6)]
    for age, path in enumerate(unused, 1):
        path.touch()
        os.truncate(path, size)
        os.utime(path, (0, time.time() - age * TWO_DAYS))
    for path in used:
        os.utime(path, (0, 0))
    warm.is_used()
    left = sorted(warm.directory.iterdir())
    assert left == sorted([*used, *unused[:3]])
    assert sum(path.stat().st_size for path in left) <= limit
