"""Packages that were staged, taken apart and put together again with one thing changed."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
from bundles import File, Tree
from damage import findings

Change = Callable[[Tree], Tree]

# code: what breaks that rule and no other, and what nearly does.
Matrix = dict[str, tuple[list, list]]


def cases(matrix: Matrix, place: int) -> list:
    """The changes of a matrix: those that break a rule (0), or those that nearly do (1)."""
    return [
        pytest.param(code, change, id=f"{code}-{number}")
        for code, changes in matrix.items()
        for number, change in enumerate(changes[place])
    ]


def codes(stage, *paths: object) -> set[str]:
    """The rules that `verify` finds broken."""
    return {finding["code"] for finding in findings(stage, *paths)}


# Trees


def then(*changes: Change) -> Change:
    def change(tree: Tree) -> Tree:
        for one in changes:
            tree = one(tree)
        return tree

    return change


def put(path: str, data: bytes | str, mode: int = 0o644) -> Change:
    content = data.encode() if isinstance(data, str) else data
    return lambda tree: tree | {path: File(content, mode)}


def drop(path: str) -> Change:
    return lambda tree: {name: file for name, file in tree.items() if name != path}


def mode(path: str, mode: int) -> Change:
    return lambda tree: tree | {path: File(tree[path].data, mode)}


def move(old: str, new: str) -> Change:
    """Renames what begins with `old`."""
    return lambda tree: {
        (new + name.removeprefix(old) if name.startswith(old) else name): file
        for name, file in tree.items()
    }


def edit(path: str, old: str, new: str) -> Change:
    """Replaces text that is there once."""

    def change(tree: Tree) -> Tree:
        text = tree[path].data.decode()
        assert text.count(old) == 1, (path, old, text)
        return tree | {path: File(text.replace(old, new).encode(), tree[path].mode)}

    return change


def fields(path: str, **changes: object) -> Change:
    """Sets fields of a JSON object; those with the value `...` go."""

    def change(tree: Tree) -> Tree:
        json_object = json.loads(tree[path].data) | changes
        kept = {name: value for name, value in json_object.items() if value is not ...}
        return tree | {path: File(json.dumps(kept).encode(), tree[path].mode)}

    return change


# Tarballs


def read_tgz(path: Path) -> Tree:
    return bundles.read_tar(path)


def tgz(tree: Tree) -> bytes:
    return bundles.gzip_bytes(bundles.tar_bytes(tree))


def repacked(path: Path) -> None:
    """The same tarball in other bytes."""
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=9, mtime=1))


def raw_tgz(members: list[tuple[str, bytes]]) -> bytes:
    """A tarball with any names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return bundles.gzip_bytes(buffer.getvalue())


def spoiled(data: bytes) -> list[bytes]:
    """A file that was cut in many places, and one that was changed in many."""
    lengths = {0, 1, 2, 3, 4, 10, 18, *range(0, len(data), max(1, len(data) // 40))}
    cuts = [data[:length] for length in sorted(lengths) if length < len(data)]
    step = max(1, len(data) // 40)
    changes = [
        data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :]
        for place in range(0, len(data), step)
    ]
    return cuts + changes


def survives(stage, path: Path, data: list[bytes]) -> None:
    """Each of these files ends in findings or in a clear error, all in one call."""
    for number, content in enumerate(data):
        file = path.with_name(f"{number}-{path.name}")
        file.write_bytes(content)
        result = stage("verify", file, "--message-format", "json")
        assert result.returncode in (0, 1), result.stderr
        assert "panicked" not in result.stderr
        if result.returncode == 1:
            error = json.loads(result.stderr.splitlines()[-1])
            assert error["type"] == "error" and error["help"], result.stderr
        file.unlink()
