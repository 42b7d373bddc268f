"""RUNTIME: names, links and devices that no package may bring."""

import os
import socket
import stat
import struct
import tarfile

import bundles
import hostile
import pytest
from bundles import HOST, File
from clients import edit
from hostile import Member, entry, tgz, zip_of
from runtime_inputs import small, symlink

# Names


BAD_NAMES = {
    "climbs": ("../evil", "its name has a `..` component"),
    "climbs later": ("bin/../../evil", "its name has a `..` component"),
    "absolute": ("/etc/evil", "its name is an absolute path"),
    "drive letter": ("C:/evil", "its name begins with a drive letter"),
    "drive letter without slash": ("C:evil", "its name begins with a drive letter"),
    "backslash": ("bin\\evil", "its name has a backslash in it"),
    "server": ("\\\\server\\evil", "its name has a backslash in it"),
    "empty component": ("bin//evil", "its name has an empty component"),
    "dot": ("bin/./evil", "its name has a `.` component"),
    "newline": ("bin/a\nb", "its name has a control character or a line separator in it"),
    "escape": ("bin/\x1b[2J", "its name has a control character or a line separator in it"),
    "deep": ("d/" * 40 + "f", "its name is nested more than 32 deep"),
    "long": ("d" * 300, "its name is longer than"),
    "stream": ("bin/codex:evil", "which Windows cannot hold"),
    "device": ("bin/aux.txt", "a part of its name is a device on Windows"),
    "trailing dot": ("bin/evil.", "a part of its name ends in a dot or a space"),
}


@pytest.mark.parametrize(("name", "reason"), BAD_NAMES.values(), ids=BAD_NAMES)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_name(refused, tmp_path, kind, name, reason):
    if kind == "zip":
        archive = zip_of(*hostile.members(small()), Member(name, b"evil"))
    else:
        archive = tgz(hostile.entries(small()), entry(name, content=b"evil"))
    refused(archive, reason)
    assert not list(tmp_path.rglob("evil*"))


def test_name_with_nul(refused):
    archive = zip_of(*hostile.members(small()), Member(b"bin/a\0.txt"))
    refused(
        archive,
        r"entry `bin/a\u{0}.txt`: its name has a control character or a line separator in it",
    )


def test_name_that_is_no_utf8(refused):
    marked = Member(b"bin/\xff", flags=1 << 11)
    refused(zip_of(*hostile.members(small()), marked), r"`bin/\xff`: its name is not UTF-8")
    archive = tgz(hostile.entries(small()), hostile.raw_header(name=b"\xff\0\0\0"))
    refused(archive, r"`\xff`: its name is not UTF-8")


def test_name_in_an_unknown_encoding(refused):
    plain = {"flags": 0}
    archive = zip_of(*hostile.members(small()), Member("größe", local=plain, central=plain))
    refused(archive, "its name is not ASCII and not marked as UTF-8")


def test_name_in_a_pax_header(refused):
    archive = tgz(hostile.entries(small()), hostile.pax(path="../evil"), entry("good"))
    refused(archive, "entry `../evil`: its name has a `..` component")


def test_two_names_in_extended_headers(refused):
    long_name = entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, content=b"other\0")
    archive = tgz(hostile.entries(small()), hostile.pax(path="one"), long_name, entry("good"))
    refused(archive, "its extended headers give its name twice")


def test_two_names_in_a_zip_header(refused):
    other = struct.pack("<HHBI", 0x7075, 5 + 5, 1, 0) + b"other"
    member = Member("name", local={"extra": other}, central={"extra": other})
    refused(zip_of(*hostile.members(small()), member), "it has two names")


PAIRS = {
    "twice": ("lib/a", "lib/a", "there are two entries of this name"),
    "case": ("lib/A", "lib/a", "differ only in case: the other has `A`"),
    "case of a directory": ("lib/a", "LIB/b", "differ only in case: the other has `lib`"),
    "unicode case": ("lib/Ä", "lib/ä", "differ only in case"),
    "normalisation": ("lib/\u00e9", "lib/e\u0301", "differ only in Unicode normalisation"),
    "file and directory": ("lib", "lib/a", "`lib` is a file in one entry and a directory"),
    "directory and file": ("lib/a", "lib", "`lib` is a file in one entry and a directory"),
}


@pytest.mark.parametrize(("first", "second", "reason"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_collide(refused, kind, first, second, reason):
    if kind == "zip":
        archive = zip_of(*hostile.members(small()), Member(first, b"1"), Member(second, b"2"))
    else:
        archive = tgz(
            hostile.entries(small()), entry(first, content=b"1"), entry(second, content=b"2")
        )
    refused(archive, f"entry `{second}`: ", reason)


def test_names_that_collide_in_a_directory(refused, tmp_path):
    folder = bundles.directory(small() | {"a": File(b""), "A": File(b"")}, tmp_path)
    refused(folder, "`a`: its name and that of another entry differ only in case")


def test_name_in_a_directory(refused, tmp_path):
    folder = bundles.directory(small() | {"a\\b": File(b"")}, tmp_path)
    refused(folder, "`a\\b`: its name has a backslash in it")


# Links, devices


BAD_LINKS = {
    "climbs": ("../../etc/passwd", "is a link that leaves the tree"),
    "climbs one too far": ("../../x", "is a link that leaves the tree"),
    "absolute": ("/etc/passwd", "its target is an absolute path"),
    "drive letter": ("C:/x", "its target begins with a drive letter"),
    "backslash": ("..\\x", "its target has a backslash in it"),
    "dangles": ("nothing", "is a link to `lib/nothing`, which does not exist"),
    "directory": ("../bin", "is a link to the directory `bin`"),
    "its own directory": (".", "is a link to"),
    "itself": ("evil", "is a link that leads back to itself"),
}


@pytest.mark.parametrize(("target", "reason"), BAD_LINKS.values(), ids=BAD_LINKS)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_symbolic_link(refused, kind, target, reason):
    if kind == "zip":
        archive = zip_of(*hostile.members(small()), symlink("lib/evil", target))
    else:
        archive = tgz(hostile.entries(small()), entry("lib/evil", tarfile.SYMTYPE, target))
    refused(archive, "lib/evil", reason)


def test_links_in_a_circle(refused):
    links = [symlink("a", "b"), symlink("b", "c"), symlink("c", "a")]
    refused(zip_of(*hostile.members(small()), *links), "is a link that leads back to itself")


def test_link_out_of_the_bundle_but_not_of_the_archive(refused):
    archive = tgz(
        hostile.entries(small(), "package/vendor/" + HOST + "/"),
        entry("package/package.json", content=b"{}"),
        entry(f"package/vendor/{HOST}/evil", tarfile.SYMTYPE, "../../package.json"),
    )
    refused(archive, "is a link that leaves the tree: it points at `package/package.json`")


def test_writing_through_a_link(refused, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    archive = tgz(
        hostile.entries(small()),
        entry("lib", tarfile.SYMTYPE, "bin"),
        entry("lib/evil", content=b"evil"),
    )
    refused(archive, "entry `lib/evil`: `lib` is a file in one entry and a directory in another")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../../etc/passwd", "its target has a `..` component"),
        ("/etc/passwd", "its target is an absolute path"),
        ("nothing", "is a link to `nothing`, which does not exist"),
        ("evil", "is a link that leads back to itself"),
        ("bin", "is a link to the directory `bin`"),
    ],
)
def test_hard_link(refused, target, reason):
    refused(tgz(hostile.entries(small()), entry("evil", tarfile.LNKTYPE, target)), "evil", reason)


def test_links_that_multiply(refused, product):
    """Every link is a copy: together they count."""
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "unpacked-bytes = 5_000_000")
    links = [entry(f"link{n}", tarfile.LNKTYPE, "large") for n in range(9)]
    archive = tgz(hostile.entries(small()), entry("large", content=bytes(900_000)), *links)
    refused(archive, "unpacks to more than 5000000 bytes", options=("--product", product))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../../outside", "is a link that leaves the tree"),
        ("/etc/passwd", "is a link that leaves the tree"),
        ("nothing", "is a link to `nothing`, which does not exist"),
        ("bin", "is a link to the directory `bin`"),
        ("evil", "is a link that cannot be followed"),
    ],
)
def test_link_in_a_directory(refused, tmp_path, target, reason):
    folder = bundles.directory(small(), tmp_path / "in")
    (tmp_path / "outside").write_text("outside")
    (folder / "evil").symlink_to(target)
    refused(folder, "`evil`: it ", reason)


DEVICES = {
    "character device": (tarfile.CHRTYPE, stat.S_IFCHR, "it is a character device"),
    "block device": (tarfile.BLKTYPE, stat.S_IFBLK, "it is a block device"),
    "FIFO": (tarfile.FIFOTYPE, stat.S_IFIFO, "it is a FIFO"),
}


@pytest.mark.parametrize(("kind", "mode", "reason"), DEVICES.values(), ids=DEVICES)
def test_device(refused, kind, mode, reason):
    refused(tgz(hostile.entries(small()), entry("dev", kind)), "entry `dev`: " + reason)
    archive = zip_of(*hostile.members(small()), Member("dev", mode=mode | 0o644))
    refused(archive, "entry `dev`: " + reason)


def test_socket_in_a_zip_and_in_a_directory(refused, tmp_path, monkeypatch):
    archive = zip_of(*hostile.members(small()), Member("dev", mode=stat.S_IFSOCK | 0o644))
    refused(archive, "entry `dev`: it is a socket")
    folder = bundles.directory(small(), tmp_path)
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        refused(folder, "runtime/s is a socket")
    os.mkfifo(folder / "fifo")
    (folder / "s").unlink()
    refused(folder, "runtime/fifo is a FIFO")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (b"S", "it is a sparse file"),
        (b"7", "it is a contiguous file"),
        (b"V", "it is a volume label"),
        (b"Z", "it is of the unknown type 'Z'"),
    ],
)
def test_tar_entry_of_another_kind(refused, kind, reason):
    archive = tgz(hostile.entries(small()), hostile.raw_header(name=b"odd", type=kind))
    refused(archive, reason)
