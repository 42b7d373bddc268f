"""The artifact engine: whatever a tree is like, every artifact carries it as it is."""

import itertools
import random
from pathlib import Path

import bundles
import pytest
from artifacts import assert_carried
from bundles import File, Tree, snapshot
from clients import must

KIB, MIB = 1 << 10, 1 << 20

# What the engine does differently on the two sides of each: it copies in blocks of 256 KiB, caches
# from 1 MiB on, and compresses chunks of 4 MiB. 64 KiB is the most that a stored block holds.
SIZES = sorted(
    {0, 1, 255, 256, 257, 12 * MIB}
    | {
        boundary + offset
        for boundary in [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB]
        for offset in [-1, 0, 1]
    }
)

# Below a directory of each of these: zip, tar and RECORD write them differently.
DIRECTORIES = [
    "plain",
    "with spaces, commas and 'quotes'",
    "größe 日本語 👩‍🔬",
    "d" * 155,
    "/".join("e" * 130 for _ in range(3)),
]


# Content


def noise(random: random.Random, size: int) -> bytes:
    return random.randbytes(size)


def zeros(_: random.Random, size: int) -> bytes:
    return bytes(size)


def text(random: random.Random, size: int) -> bytes:
    words = [random.randbytes(4).hex()[: random.randint(2, 8)].encode() for _ in range(500)]
    page = b" ".join(random.choices(words, k=20 * KIB))
    return (page * (size // len(page) + 1))[:size]


def mixed(random: random.Random, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        make = random.choice([noise, zeros, text])
        content += make(random, random.randint(1, MIB))
    return bytes(content[:size])


def random_tree(seed: int, sizes: list[int]) -> Tree:
    """A file of each size, of random kind, name and mode; some content is there twice."""
    rng = random.Random(seed)
    tree = bundles.bundle(size="small")
    for size in sizes:
        content = rng.choice([noise, zeros, text, mixed])(rng, size)
        for name in ["one", "two"][: rng.choice([1, 1, 2])]:
            path = f"{rng.choice(DIRECTORIES)}/{size} {name}"
            tree[path] = File(content, rng.choice([0o644, 0o755]))
    return tree


@pytest.mark.parametrize("seed", range(2))
def test_every_size_and_content(stage, staging, tmp_path, seed):
    tree = random_tree(seed, SIZES)
    stage.runtime(staging, bundles.directory(tree, tmp_path))
    assert_carried(staging, tree)
    for package in (staging / "npm").iterdir():
        must("gzip", "--test", package)


def path_of_length(length: int, letter: str) -> str:
    """A path of so many bytes, in components of some 60, below a directory of its own."""
    path = "/".join([str(length), *([letter * (60 // len(letter.encode()))] * 20)])
    path = path.encode()[:length].decode(errors="ignore").rstrip("/")
    return path + "x" * (length - len(path.encode()))


@pytest.mark.parametrize("letter", ["n", "ü"])
def test_names_of_every_length(stage, staging, tmp_path, letter):
    """An artifact puts its own directories before a name, so no length alone is the boundary."""
    lengths = [*range(20, 280), 500, 900]
    tree = bundles.bundle(size="small")
    tree |= {path_of_length(length, letter): File(b"%d" % length) for length in lengths}
    stage.runtime(staging, bundles.directory(tree, tmp_path))
    assert_carried(staging, tree)


def test_many_small_files(stage, staging, tmp_path):
    rng = random.Random(3000)
    tree = bundles.bundle(size="small")
    for number in range(3000):
        path = f"many/{number % 50}/{number}"
        tree[path] = File(rng.randbytes(rng.randint(0, 40)), rng.choice([0o644, 0o755]))
    stage.runtime(staging, bundles.directory(tree, tmp_path))
    assert_carried(staging, tree)


# The same bytes


@pytest.fixture(scope="module")
def mixed_runtime(tmp_path_factory) -> Path:
    sizes = [0, 1, 300_000, MIB - 1, MIB, 5 * MIB, 9 * MIB]
    return bundles.directory(random_tree(7, sizes), tmp_path_factory.mktemp("mixed"))


@pytest.fixture(scope="module")
def expected(stage, mixed_runtime, tmp_path_factory) -> dict:
    staging = tmp_path_factory.mktemp("expected") / "staging"
    stage.runtime(staging, mixed_runtime, "--jobs", 2, "--no-cache")
    return snapshot(staging)


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_jobs_and_cache_do_not_matter(stage, mixed_runtime, expected, tmp_path, jobs):
    def stages(name: str, *options: object) -> None:
        environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        staging = tmp_path / name
        stage.runtime(staging, mixed_runtime, "--jobs", jobs, *options, env=environment)
        assert snapshot(staging) == expected, name

    stages("no cache", "--no-cache")
    assert not (tmp_path / "cache").exists()
    stages("cold")
    stages("warm")


def test_cache_that_lacks_one_form_does_not_matter(stage, mixed_runtime, expected, tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    stage.runtime(tmp_path / "wheel", mixed_runtime, "--format", "wheel", env=environment)
    stage.runtime(tmp_path / "all", mixed_runtime, env=environment)
    assert snapshot(tmp_path / "all") == expected


# Time for size


def artifact_sizes(staging: Path) -> dict[str, int]:
    kinds = {"wheel": "*.whl", "npm": f"*-{bundles.VERSION}-*.tgz", "crate": "payload.bin"}
    return {
        kind: sum(path.stat().st_size for path in staging.rglob(pattern))
        for kind, pattern in kinds.items()
    }


def test_compression_trades_time_for_size(stage, tmp_path):
    tree = random_tree(11, [0, 1, 70_000, MIB, 4 * MIB + 1])
    tree["text"] = File(text(random.Random(0), MIB))
    runtime = bundles.directory(tree, tmp_path)
    sizes = []
    for effort in ["fast", "default", "best"]:
        staging = tmp_path / effort
        stage.runtime(staging, runtime, "--compression", effort)
        assert_carried(staging, tree)
        sizes.append(artifact_sizes(staging))
    for larger, smaller in itertools.pairwise(sizes):
        assert all(larger[kind] > smaller[kind] for kind in larger), sizes
