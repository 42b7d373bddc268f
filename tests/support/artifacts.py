"""The runtime in what was staged for this machine, read with Python's own modules."""

import io
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import bundles
import zstandard
from bundles import HOST, File, Tree
from clients import IMPORT_PACKAGE, WHEEL_ADDS

PLATFORM_CRATE = f"codex-cli-bin-{HOST}"


def payload(crates: Path) -> tuple[list[str], Iterator[bytes]]:
    """What `payload.manifest` says of each file, and the decoded frames of all parts."""
    manifest = (crates / PLATFORM_CRATE / "payload.manifest").read_text()
    # Not `splitlines()`: Unicode has line ends that a path may hold.
    records = [line.split(" ", 1) for line in manifest.removesuffix("\n").split("\n")]

    def frames() -> Iterator[bytes]:
        names = (PLATFORM_CRATE + (f"-part{n}" if n > 1 else "") for n in count(1))
        rest = b""
        for kind, fields in records:
            if kind == "part":
                assert not rest, "a part has nothing but its frames"
                rest = memoryview((crates / next(names) / "payload.bin").read_bytes())
                assert len(rest) == int(fields)
            elif kind == "frame":
                size, length, sha256 = fields.split(" ")
                frame, rest = rest[: int(length)], rest[int(length) :]
                content = zstandard.decompress(frame)
                assert (len(content), File(bytes(frame)).sha256) == (int(size), sha256)
                yield content
        assert not rest

    return [fields for kind, fields in records if kind == "file"], frames()


def read_crates(crates: Path) -> Tree:
    files, frames = payload(crates)
    content = io.BytesIO(b"".join(frames))
    tree = {}
    for mode, size, sha256, path in (fields.split(" ", 3) for fields in files):
        tree[path] = File(content.read(int(size)), int(mode, 8))
        assert tree[path].sha256 == sha256
    assert not content.read()
    return tree


def carried(staging: Path) -> dict[str, Tree]:
    """The runtime as each artifact carries it."""
    trees = {"crates": read_crates(staging / "crates")}
    for wheel in (staging / "wheels").iterdir():
        tree = bundles.read_zip(wheel, f"{IMPORT_PACKAGE}/")
        for ours in WHEEL_ADDS:
            del tree[ours]
        trees[wheel.name] = tree
    (package,) = (staging / "npm").glob(f"openai-codex-{bundles.VERSION}-*.tgz")
    trees[package.name] = bundles.read_tar(package, f"package/vendor/{HOST}/")
    return trees


def assert_carried(staging: Path, tree: Tree) -> None:
    for artifact, found in carried(staging).items():
        # Not `found == tree`: of a difference, pytest would show every file.
        assert found.keys() == tree.keys(), artifact
        assert [path for path in tree if found[path] != tree[path]] == [], artifact
