"""Trees past what the plain fields of zip and tar hold: more entries than 16 bits count, a file and
an archive of more bytes than 32 bits do. Memory does not follow the bytes."""

import hashlib
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

import bundles
import pytest
from artifacts import assert_carried, payload
from bundles import HOST, File
from clients import IMPORT_PACKAGE, copy_product, edit, must

MIB = 1 << 20
PEAK_MIB = 256

LARGE = "codex-resources/large"


@pytest.fixture
def stage_measured(stage, measure, staging) -> Callable[..., None]:
    """Stages a runtime with a cold cache, in little memory."""

    def run(label: str, runtime: Path, *options: object) -> None:
        call = [stage.binary, "stage-runtime", staging, runtime, "--codex-version", bundles.TAG]
        assert measure(label, *call, "--no-cache", *options) <= PEAK_MIB

    return run


def accepted(staging: Path) -> None:
    """By Info-ZIP and by gzip."""
    for wheel in (staging / "wheels").iterdir():
        must("unzip", "-tqq", wheel)
    for package in staging.glob("npm/*"):
        must("gzip", "--test", package)


def test_70_000_files(stage, stage_measured, measure, staging, tmp_path):
    tree = bundles.bundle(size="small")
    tree |= {f"many/{n % 300}/{n}": File(b"%d\n" % n) for n in range(70_000)}
    directory = bundles.directory(tree, tmp_path)
    stage_measured("stage 70,000 files", directory)
    assert measure("verify 70,000 files", stage.binary, "verify", staging) <= PEAK_MIB
    assert_carried(staging, tree)
    accepted(staging)


# Large files


def sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(partial(file.read, MIB), b"")


def blocks_of(*paths: Path) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            yield from blocks(file)


def in_wheel(wheel: Path) -> str:
    with zipfile.ZipFile(wheel).open(f"{IMPORT_PACKAGE}/{LARGE}") as member:
        return sha256(blocks(member))


def in_tarball(package: Path) -> str:
    with tarfile.open(package, "r|gz") as tar:
        (digest,) = (
            sha256(blocks(tar.extractfile(member)))
            for member in tar
            if member.name == f"package/vendor/{HOST}/{LARGE}"
        )
    return digest


def test_5_gb_with_holes(stage_measured, staging, tmp_path):
    runtime = bundles.directory(bundles.bundle(size="small"), tmp_path)
    rng = random.Random(5)
    size = 5_000_000_001
    (runtime / LARGE).parent.mkdir()
    with (runtime / LARGE).open("wb") as large:
        for offset in [0, 2**32 - MIB // 2, size - MIB]:
            large.seek(offset)
            large.write(rng.randbytes(MIB))
    # No index takes what is mostly zeros.
    stage_measured("stage 5 GB of holes", runtime, "--allow", "zip-ratio")

    expected = sha256(blocks_of(runtime / LARGE))
    for wheel in (staging / "wheels").iterdir():
        assert in_wheel(wheel) == expected
    (package,) = (staging / "npm").glob(f"*{bundles.VERSION}-*")
    assert in_tarball(package) == expected
    files, frames = payload(staging / "crates")
    paths = [runtime / fields.split(" ", 3)[3] for fields in files]
    assert sha256(frames) == sha256(blocks_of(*paths))
    accepted(staging)


def test_wheel_of_more_than_4_gib(stage_measured, staging, tmp_path):
    """Its last entries begin past what 32 bits hold. Of what is in it several times, the disk needs
    to hold one, and one compressed."""
    runtime = bundles.directory(bundles.bundle(size="small"), tmp_path)
    noise = random.Random(4).randbytes(8 * MIB)
    large = bundles.save(runtime / LARGE, b"")
    with large.open("wb") as file:
        # Too far apart for a window.
        for _ in range(65):
            file.write(noise)
    for number in range(1, 9):
        large.with_name(f"large {number}").hardlink_to(large)
    product = copy_product(tmp_path)
    edit(product, "stage.toml", "hard-bytes = 1_073_741_824", "hard-bytes = 8_000_000_000")
    options = ["--product", product, "--format", "wheel"]
    tag = ["--platform-tag", bundles.compressed_tags()[0]]
    stage_measured("stage a wheel of 4.9 GB", runtime, *options, *tag)

    (wheel,) = (staging / "wheels").iterdir()
    last = zipfile.ZipFile(wheel).infolist()[-1]
    assert last.header_offset > 2**32
    must("unzip", "-tqq", wheel)
    assert in_wheel(wheel) == sha256(blocks_of(large))
