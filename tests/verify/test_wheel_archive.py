"""`stage verify` of the archive that a wheel is."""

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bundles
import pytest
from clients import IMPORT_PACKAGE as PACKAGE
from clients import copy_product, edit
from damage import (
    ENTRYPOINT,
    INIT,
    Change,
    Matrix,
    added,
    broken,
    findings,
    is_found,
    member,
    passes,
    pure,
    right,
)
from hostile import Member, deflate, descriptor, zip_of
from tampered import tgz
from wheels import Wheel, with_zip64_end

PADDING = b"\xfe\xca\x04\0pads"


def archive(change: Callable[[bytes], bytes]) -> Change:
    return lambda wheel: replace(wheel, after=change)


def described(wheel: Wheel) -> Wheel:
    """A data descriptor that is right."""
    content = wheel.tree[INIT].data
    return wheel.member(INIT, flags=8, after=descriptor(content))


def zeros(size: int) -> Change:
    """Content that compresses to a thousandth."""
    return lambda wheel: pure(wheel).put(f"{PACKAGE}/zeros", bytes(size))


def inner_archive(wheel: Wheel) -> Wheel:
    """An archive as content of the last entry, with an end record of its own."""
    path = f"{PACKAGE}/zz.zip"
    return wheel.put(path, zip_of(Member("a"))).member(path, method=0)


MATRIX: Matrix = {
    "archive-name": (
        [
            added(Member("../outside")),
            added(Member("/etc/x")),
            added(Member(b"a\\b")),
            added(Member("a\nb")),
        ],
        [lambda wheel: wheel.put(f"{PACKAGE}/..x/.y...", "")],
    ),
    "archive-duplicate": (
        [added(Member(INIT, b"another"))],
        [added(Member(f"{PACKAGE}/", b"", stat.S_IFDIR | 0o755))],
    ),
    "archive-collision": (
        [
            lambda wheel: wheel.put(INIT.upper(), ""),
            lambda wheel: wheel.put(f"{INIT}/x", ""),
            lambda wheel: wheel.put(f"{PACKAGE}/\u00e9", "").put(f"{PACKAGE}/e\u0301", ""),
        ],
        [lambda wheel: wheel.put(f"{PACKAGE}/other/{INIT.upper()}", "")],
    ),
    "archive-link": (
        [
            lambda wheel: wheel.member(INIT, mode=stat.S_IFLNK | 0o777, content=b"py.typed").record(
                lambda row: None, INIT
            ),
            member(mode=stat.S_IFIFO | 0o644),
        ],
        [member(mode=0o644)],
    ),
    "archive-malformed": (
        [archive(lambda data: data[:-1]), archive(lambda data: b""), archive(lambda data: b"PK")],
        [archive(with_zip64_end)],
    ),
    "object-malformed": (
        [lambda wheel: wheel.put(f"{PACKAGE}/cut.so", wheel.tree[ENTRYPOINT].data[:60])],
        [lambda wheel: wheel.put(f"{PACKAGE}/text.so", b"MZ begins this, and ELF does not.")],
    ),
    "object-fragment": (
        [lambda wheel: wheel.put(f"{PACKAGE}/cut.bin", wheel.tree[ENTRYPOINT].data[:60])],
        [lambda wheel: wheel.put(f"{PACKAGE}/cut.bin", b"MZ begins this, and ELF does not.")],
    ),
    "metadata-too-large": (
        [lambda wheel: wheel.put_meta("notes", bytes((16 << 20) + 1))],
        [lambda wheel: wheel.put_meta("notes", bytes(16 << 20))],
    ),
    "zip-encrypted": ([member(flags=1), member(flags=1 << 6)], [member(flags=0b110)]),
    "zip-compression": ([member(method=14, packed=b"x"), member(method=93)], [member(method=0)]),
    "zip-trailing-bytes": (
        [archive(lambda data: data + b"\0"), archive(lambda data: data + data[:100])],
        [inner_archive],
    ),
    "zip-hidden-bytes": (
        [
            archive(lambda data: b"#!/bin/sh\n" + data),
            member(before=b"hidden"),
            lambda wheel: wheel.member(INIT, packed=deflate(wheel.tree[INIT].data) + b"x"),
        ],
        [member(method=0)],
    ),
    "zip-headers-disagree": (
        [
            member(local={"name": f"{PACKAGE}/__init__.PY".encode()}),
            member(local={"crc": 1}),
            member(local={"size": 1}),
            lambda wheel: wheel.member(INIT, flags=8, after=descriptor(b"another")),
            member(mode=stat.S_IFDIR | 0o755),
        ],
        [member(local={"version": 10})],
    ),
    "zip-corrupt": (
        [
            member(local={"crc": 1}, central={"crc": 1}),
            member(packed=deflate(b"short")),
            member(packed=b"\xff\xff\xff"),
        ],
        [lambda wheel: wheel.member(INIT, packed=deflate(wheel.tree[INIT].data, 0))],
    ),
    "zip-extensible-data": (
        [archive(lambda data: with_zip64_end(data, b"\1\0\2\0\0\0xx"))],
        [archive(with_zip64_end)],
    ),
    "zip-data-descriptor": ([described], [member(flags=0b110)]),
    "zip-entry-comment": (
        [member(central={"comment": b"hello"})],
        [member(central={"extra": PADDING}, local={"extra": PADDING})],
    ),
    "zip-comment": (
        [lambda wheel: replace(wheel, end={"comment": b"made by hand"})],
        [inner_archive],
    ),
    "zip-ratio": ([zeros(65 << 20)], [zeros(63 << 20)]),
    "zip-mode-special": (
        [lambda wheel: wheel.mode(ENTRYPOINT, 0o4755), lambda wheel: wheel.mode(INIT, 0o2644)],
        [lambda wheel: wheel.mode(INIT, 0o755)],
    ),
    "zip-mode-unreadable": (
        [lambda wheel: wheel.mode(INIT, 0o200), lambda wheel: wheel.mode(INIT, 0)],
        [lambda wheel: wheel.mode(INIT, 0o400), member(mode=0)],
    ),
    "zip-mode-writable": (
        [lambda wheel: wheel.mode(INIT, 0o666), lambda wheel: wheel.mode(ENTRYPOINT, 0o777)],
        [lambda wheel: wheel.mode(INIT, 0o664)],
    ),
}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)


def test_archive_past_the_limits(stage, good_wheel, tmp_path):
    """They are data of the product: with the limit at what is there, all is well."""
    product = copy_product(tmp_path)
    wheel = good_wheel.write(tmp_path)
    entries = {
        parent for path in good_wheel.tree for parent in [path, *map(str, Path(path).parents)]
    }
    count = len(entries - {"."})
    edit(product, "stage.toml", "entries = 100_000", f"entries = {count}")
    assert findings(stage, wheel, "--product", product) == []
    edit(product, "stage.toml", f"entries = {count}", f"entries = {count - 1}")
    found = findings(stage, wheel, "--product", product)
    assert [finding["code"] for finding in found] == ["archive-too-large"]


@pytest.mark.parametrize("path", ["codex-path/./rg", "codex-path//rg"])
def test_a_name_that_stage_does_not_unpack(stage, tmp_path, path):
    """npm does, and of its packages it is true; `stage-runtime` takes no such archive."""
    tree = bundles.bundle(size="small")
    runtime = tmp_path / "runtime.tar.gz"
    runtime.write_bytes(tgz(tree))
    assert "archive-name" not in {one["code"] for one in findings(stage, runtime)}
    runtime.write_bytes(tgz(tree | {path: tree.pop("codex-path/rg", bundles.File(b"rg", 0o755))}))
    (found,) = [one for one in findings(stage, runtime) if one["code"] == "archive-name"]
    assert found["place"] == "codex-path/rg"
