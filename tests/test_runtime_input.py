"""RUNTIME: every kind that is taken, and everything that is refused.

Each refusal is one error with the reason in it, exit status 1, and no trace of a STAGING_DIR.
"""

import gzip
import io
import json
import os
import random
import resource
import shutil
import socket
import stat
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path

import bundles
import hostile
import pytest
import zstandard
from bundles import (
    HOST,
    LINUX_ARM64,
    LINUX_X64,
    MACOS_ARM64,
    MACOS_X64,
    TARGETS,
    WINDOWS_ARM64,
    WINDOWS_X64,
    File,
    gzip_bytes,
    save,
)
from clients import copy_product, edit
from hostile import Member, deflate, descriptor, entry, tgz, zip_of

METADATA = "codex-package.json"


def call(staging: Path, runtime: Path, *options: object) -> list[object]:
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options]


@pytest.fixture
def refused(stage, staging, tmp_path):
    """Hands in a RUNTIME, bytes or a path, that must be refused for the reasons given."""

    def refuse(runtime: bytes | Path, *reasons: str, options: tuple = ()) -> str:
        if isinstance(runtime, bytes):
            runtime = save(tmp_path / "runtime.bin", runtime)
        error = stage.refuses(*call(staging, runtime, *options))
        for reason in reasons:
            assert reason in error
        assert all(character.isprintable() or character == "\n" for character in error)
        assert not staging.exists()
        return error

    return refuse


@pytest.fixture
def staged(stage, staging, tmp_path):
    """Stages a RUNTIME, bytes or a path, and gives the tree in the wheel."""

    def stage_it(runtime: bytes | Path, *options: object, tag: str = bundles.TAG) -> bundles.Tree:
        if isinstance(runtime, bytes):
            runtime = save(tmp_path / "runtime.bin", runtime)
        command = ["stage-runtime", staging, runtime, "--codex-version", tag, "--format", "wheel"]
        stage(*command, *options, check=True)
        wheel = sorted((staging / "wheels").iterdir())[0]
        tree = bundles.read_zip(wheel, "codex_cli_bin/")
        for added in ["__init__.py", "__main__.py", "py.typed"]:
            del tree[added]
        return tree

    return stage_it


@pytest.fixture
def product(tmp_path) -> Path:
    return copy_product(tmp_path)


def small(target: str = HOST) -> bundles.Tree:
    return bundles.bundle(target, size="small")


def symlink(name: str, target: str) -> Member:
    return Member(name, target.encode(), stat.S_IFLNK | 0o777, method=0)


# Kinds that are taken


@pytest.mark.parametrize("target", TARGETS)
def test_bare_executable_becomes_a_bundle(staged, target):
    program = bundles.executable(target, "codex-cli 0.163.0")
    tree = staged(program)
    assert set(tree) == {METADATA, bundles.entrypoint(target)}
    assert tree[bundles.entrypoint(target)] == File(program, 0o755)
    assert json.loads(tree[METADATA].data) == json.loads(bundles.metadata(target))
    assert tree[METADATA].mode == 0o644


@pytest.mark.parametrize(
    "wrap",
    [
        lambda program: gzip_bytes(bundles.tar_bytes({f"codex-{HOST}": File(program, 0o755)})),
        lambda program: zip_of(Member(f"codex-{HOST}", program)),
        gzip_bytes,
        lambda program: zstandard.ZstdCompressor().compress(program),
    ],
    ids=["tar.gz", "zip", "gz", "zst"],
)
def test_executable_alone_in_an_archive(staged, wrap):
    program = bundles.program("codex-cli 0.163.0")
    tree = staged(wrap(program))
    assert set(tree) == {METADATA, "bin/codex"}
    assert tree["bin/codex"] == File(program, 0o755)


def test_one_directory_around_the_bundle(staged):
    tree = small()
    assert staged(gzip_bytes(bundles.tar_bytes(tree, "codex-0.163.0/"))) == tree


def test_tar_of_the_current_directory(staged):
    top = entry("./", tarfile.DIRTYPE) + entry("./bin/", tarfile.DIRTYPE)
    assert staged(tgz(top, hostile.entries(small(), "./"))) == small()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_tar_format(staged, form):
    path = f"codex-resources/{'long-' * 12}name"
    tree = small() | {path: File(b"content", 0o644)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
        for name, file in tree.items():
            info = tarfile.TarInfo(f"{'d' * 60}/{name}")
            info.size, info.mode, info.mtime = len(file.data), file.mode, 1.5
            if form == tarfile.USTAR_FORMAT:
                info.mtime = 1
            archive.addfile(info, io.BytesIO(file.data))
    assert staged(buffer.getvalue()) == tree


def test_system_tar_and_zip(staged, small_runtime, tmp_path):
    subprocess.run(["tar", "-czf", tmp_path / "a", "-C", small_runtime, "."], check=True)
    assert staged(tmp_path / "a") == bundles.read(small_runtime)


def test_gzip_of_several_members(staged):
    archive = bundles.tar_bytes(small())
    cut = len(archive) // 3
    assert staged(gzip.compress(archive[:cut]) + gzip.compress(archive[cut:])) == small()


def test_zip_written_to_a_pipe(staged):
    """Sizes and checksums come after the content."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.written = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.written += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, file in small().items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.data)
    assert staged(bytes(pipe.written)) == small()


def test_zip64(staged):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, file in small().items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(file.data)
    assert staged(buffer.getvalue()) == small()


def test_zip_without_modes(staged, refused):
    """Windows goes by names; elsewhere nothing says what is executable."""
    windows = hostile.members(small(WINDOWS_X64))
    for member in windows:
        member.mode = 0
    assert staged(zip_of(*windows)) == small(WINDOWS_X64)


def test_zip_without_modes_for_a_system_that_needs_them(refused):
    linux = hostile.members(small(LINUX_X64))
    for member in linux:
        member.mode = 0
    refused(
        zip_of(*linux),
        "the entrypoint `bin/codex` is not executable, and the archive records no modes",
        ".tar.gz",
    )


def test_links_to_files_become_copies(staged):
    tree = small()
    archive = tgz(
        hostile.entries(tree, "pkg/"),
        entry("pkg/lib/libz.so", tarfile.SYMTYPE, "libz.so.1"),
        entry("pkg/lib/libz.so.1", content=b"library"),
        entry("pkg/lib/libz.so.0", tarfile.SYMTYPE, "./../lib/libz.so"),
        entry("pkg/rg", tarfile.LNKTYPE, "pkg/bin/codex"),
        entry("pkg/empty/", tarfile.DIRTYPE),
    )
    library = File(b"library", 0o755)
    copies = {f"lib/libz.so{version}": library for version in ["", ".0", ".1"]}
    assert staged(archive) == tree | copies | {"rg": tree["bin/codex"]}


def test_links_in_a_zip_and_in_a_directory(staged, stage, tmp_path):
    tree = small()
    archive = zip_of(*hostile.members(tree), symlink("codex-path/codex", "../bin/codex"))
    expected = tree | {"codex-path/codex": tree["bin/codex"]}
    assert staged(archive) == expected
    folder = bundles.directory(tree, tmp_path)
    (folder / "codex-path/codex").symlink_to("../bin/codex")
    (folder / "empty").mkdir()
    # The same bundle: it joins what is there.
    stage.runtime(tmp_path / "staging", folder)


def test_modes_are_kept_and_not_derived(staged):
    tree = small() | {
        "codex-resources/voice/runtime.json": File(b"{}", 0o755),
        "codex-resources/lib.so": File(bundles.elf(0x3E, "a library"), 0o644),
    }
    assert staged(gzip_bytes(bundles.tar_bytes(tree))) == tree


def test_modes_become_those_that_git_knows(staged):
    modes = {"a": 0o4755, "b": 0o700, "c": 0o600, "d": 0o666, "e": 0o010, "f": 0o777}
    tree = small() | {name: File(name.encode(), mode) for name, mode in modes.items()}
    staged_tree = staged(gzip_bytes(bundles.tar_bytes(tree)))
    found = {name: staged_tree[name].mode for name in modes}
    assert found == {
        "a": 0o755, "b": 0o755, "c": 0o644, "d": 0o644, "e": 0o644, "f": 0o755,
    }  # fmt: skip


def test_metadata_may_have_keys_of_a_later_day(staged):
    tree = small()
    changed = bundles.replace(tree, METADATA, bundles.metadata(HOST, signedBy=["somebody"]))
    assert staged(gzip_bytes(bundles.tar_bytes(changed))) == changed


# Packages from before there were metadata


def old_npm(
    version: str = "0.116.0-linux-x64", target: str = LINUX_X64, program: bytes | None = None
) -> bytes:
    program = program or bundles.executable(LINUX_X64, "codex-cli 0.116.0")
    vendor = f"package/vendor/{target}"
    manifest = json.dumps({"name": "@openai/codex", "version": version}).encode()
    return gzip_bytes(
        bundles.tar_bytes(
            {
                f"{vendor}/codex/codex": File(program, 0o755),
                f"{vendor}/path/rg": File(program, 0o755),
                "package/package.json": File(manifest),
                "package/README.md": File(b"# Codex\n"),
            }
        )
    )


def old_wheel(version: str = "0.131.0a4") -> bytes:
    program = bundles.executable(LINUX_X64, "codex-cli 0.131.0-alpha.4")
    info = f"openai_codex_cli_bin-{version}.dist-info"
    return bundles.zip_bytes(
        {
            "codex_cli_bin/__init__.py": File(b""),
            "codex_cli_bin/bin/codex": File(program, 0o755),
            "codex_cli_bin/bin/bwrap": File(program, 0o755),
            f"{info}/METADATA": File(f"Name: x\nVersion: {version}\n\n".encode()),
            f"{info}/WHEEL": File(b"Wheel-Version: 1.0\n"),
            f"{info}/RECORD": File(b""),
        }
    )


def test_old_npm_tarball(staged):
    tree = staged(old_npm(), tag="rust-v0.116.0")
    assert set(tree) == {METADATA, "bin/codex", "codex-path/rg"}
    assert json.loads(tree[METADATA].data) == json.loads(bundles.metadata(LINUX_X64, "0.116.0"))


def test_old_wheel(staged):
    tree = staged(old_wheel(), tag="0.131.0a4")
    assert set(tree) == {METADATA, "bin/bwrap", "bin/codex"}
    expected = bundles.metadata(LINUX_X64, "0.131.0-alpha.4")
    assert json.loads(tree[METADATA].data) == json.loads(expected)


@pytest.mark.parametrize(
    ("archive", "tag", "reason"),
    [
        (old_npm, "0.117.0", "is version 0.116.0, but --codex-version says 0.117.0"),
        (old_wheel, "0.116.0", "is version 0.131.0a4, but --codex-version says 0.116.0"),
        (old_npm, "0.163.0", "is version 0.116.0, but --codex-version says 0.163.0"),
        (old_wheel, "0.163.0", "is version 0.131.0a4, but --codex-version says 0.163.0"),
        (
            lambda: old_npm("0.163.0-linux-x64"),
            "0.163.0",
            "there is no codex-package.json in package/vendor/<target>/",
        ),
        (
            lambda: old_wheel("0.163.0"),
            "0.163.0",
            "there is no codex-package.json in its import package",
        ),
        (
            lambda: old_npm(target=LINUX_ARM64),
            "0.116.0",
            f"`package/vendor/{LINUX_ARM64}` and the metadata in it, which say {LINUX_X64}",
        ),
    ],
    ids=["npm", "wheel", "npm long ago", "wheel long ago", "new npm", "new wheel", "wrong folder"],
)
def test_old_package_that_is_not_what_it_should_be(stage, staging, tmp_path, archive, tag, reason):
    runtime = save(tmp_path / "runtime", archive())
    assert reason in stage.refuses("stage-runtime", staging, runtime, "--codex-version", tag)
    assert not staging.exists()


# What is no runtime at all


def test_missing(refused, tmp_path):
    refused(tmp_path / "nowhere", f"{tmp_path / 'nowhere'} does not exist")


def test_empty_file(refused):
    refused(b"", "is empty")


def test_empty_directory(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "is no runtime: there is no codex-package.json in its root")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"#!/bin/sh\nexec codex\n", "is a script (its first line is `#!/bin/sh`)"),
        (b"#!\x1b]0;title\x07", r"is a script (its first line is `#!\u{1b}]0;title\u{7}`)"),
        (b"hello", "it begins with the bytes [68, 65, 6c, 6c, 6f]"),
        (b"{}", "it begins with the bytes"),
        (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"),
        (b"BZh91AY", "it is a bzip2 stream"),
        (b"\xfd7zXZ\0", "it is an xz stream"),
        (bundles.tar_bytes({"a": File(b"")}), "it is a tar that is not compressed"),
        (gzip_bytes(b"just text"), "what is compressed in it begins with the bytes"),
        (gzip_bytes(b""), "is empty"),
        (zstandard.ZstdCompressor().compress(b"text"), "what is compressed in it begins"),
    ],
    ids=[
        "script", "script with controls", "text", "json", "7z", "bz2", "xz", "tar", "gz of text",
        "gz of nothing", "zst of text",
    ],
)  # fmt: skip
def test_unknown_kind(refused, content, reason):
    refused(content, reason, "help: ")


def test_what_is_accepted_is_listed(refused):
    error = refused(b"hello")
    for kind in ["directory", ".tar.gz", ".tar.zst", ".zip", "wheel", "npm", "ELF, Mach-O or PE"]:
        assert kind in error


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (struct.pack(">II", 0xCAFEBABE, 2) + bytes(64), "is a universal Mach-O file"),
        (struct.pack("<II", 0xFEEDFACE, 7) + bytes(64), "is a 32-bit Mach-O file"),
        (bundles.elf(0x3E, "x").replace(b"\x7fELF\x02", b"\x7fELF\x01"), "is a 32-bit ELF program"),
        (bundles.elf(0xF3, "x"), "an ELF program for the machine 0xf3, which is none of"),
        (bundles.pe(0x14C, "x"), "a PE program for the machine 0x14c, which is none of"),
        (b"MZ".ljust(64, b"\0") + b"text", "is an MS-DOS program"),
    ],
    ids=["fat", "32 bits", "x32", "RISC-V", "x86", "MS-DOS"],
)
def test_executable_of_no_target(refused, content, reason):
    refused(content, reason)


def test_fifo_and_device(refused, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    refused(tmp_path / "fifo", "is a FIFO, not a file or a directory")
    refused(Path("/dev/null"), "/dev/null is a character device, not a file or a directory")


# Truncation and damage


def archives() -> dict[str, bytes]:
    tar = bundles.tar_bytes(small())
    return {
        "tar.gz": gzip_bytes(tar),
        "tar.zst": zstandard.ZstdCompressor(write_checksum=True).compress(tar),
        "zip": bundles.zip_bytes(small()),
    }


@pytest.mark.parametrize("kind", archives())
def test_truncated(refused, kind):
    """Cut in its beginning, its middle, and short of its last byte."""
    whole = archives()[kind]
    reasons = {
        "tar.gz": "the gzip stream ends early",
        "tar.zst": "the zstd stream ends early",
        "zip": "it has no end-of-central-directory record at its end: it is truncated",
    }
    for length in [20, len(whole) // 2, len(whole) - 1]:
        refused(whole[:length], reasons[kind], "download it again")


TRUNCATED = "before what its headers describe: "


CUTS = {
    "signature": lambda whole: whole[:4],
    "header": lambda whole: whole[:40],
    "half": lambda whole: whole[: len(whole) // 2],
    "last byte": lambda whole: whole[:-1],
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("kind", ["bare", "gz", "alone", "directory", "tar.gz", "npm"])
def test_truncated_program(refused, tmp_path, target, cut, kind):
    program = cut(bundles.executable(target, "codex"))
    tree = bundles.replace(small(target), bundles.entrypoint(target), program)
    runtime = {
        "bare": lambda: program,
        "gz": lambda: gzip_bytes(program),
        "alone": lambda: bundles.zip_bytes({"codex": File(program, 0o755)}),
        "directory": lambda: bundles.directory(tree, tmp_path),
        "tar.gz": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "npm": lambda: bundles.npm_tarball(tree, tmp_path),
    }[kind]()
    reason = f"truncated: it ends at byte {len(program)}, {TRUNCATED}"
    refused(runtime, reason, "compare its SHA-256")


def test_truncated_program_of_an_old_package(stage, staging, tmp_path):
    program = bundles.executable(LINUX_X64, "codex-cli 0.116.0")
    runtime = save(tmp_path / "runtime", old_npm(program=program[:-1]))
    error = stage.refuses("stage-runtime", staging, runtime, "--codex-version", "0.116.0")
    assert TRUNCATED in error and not staging.exists()


def test_shared_library(refused):
    library = bytearray(bundles.elf(0x3E, "x"))
    library[16] = 3
    library[24:32] = bytes(8)
    refused(bytes(library), "is a shared library, not a program")


@pytest.mark.parametrize("cut", [512, 1024, 1025, 100_000])
def test_truncated_tar_in_a_whole_gzip(refused, cut):
    tar = hostile.unended(bundles.tar_bytes(small())) + bytes(1024)
    refused(gzip_bytes(tar[:-cut]), "the archive ends early")


@pytest.mark.parametrize("kind", archives())
def test_damaged(refused, stage, staging, tmp_path, kind):
    """A bit flipped anywhere is found, or changes nothing."""
    whole = archives()[kind]
    intact = stage.runtime(tmp_path / "intact", save(tmp_path / "intact.bin", whole)).stdout
    random_places = random.Random(163)
    for _ in range(25):
        damaged = bytearray(whole)
        place = random_places.randrange(len(whole))
        damaged[place] ^= 1 << random_places.randrange(8)
        runtime = save(tmp_path / "damaged.bin", bytes(damaged))
        result = stage(*call(staging, runtime))
        assert "panicked" not in result.stderr
        if result.returncode == 0:
            # A time, or a name in the gzip header.
            assert result.stdout == intact, f"byte {place}"
            shutil.rmtree(staging)
        else:
            assert result.returncode == 1 and not staging.exists(), f"byte {place}"


@pytest.mark.parametrize("kind", archives())
def test_trailing_data(refused, kind):
    reasons = {
        "tar.gz": "there is data after the end of the gzip stream",
        "tar.zst": "is corrupt, or has data after its end",
        "zip": "follow the end of the archive",
    }
    refused(archives()[kind] + b"more", reasons[kind])


def test_checksum_of_a_header(refused):
    block = bytearray(entry("a", content=b"content"))
    block[0] ^= 1
    refused(tgz(hostile.entries(small()), bytes(block)), "the checksum of a header is wrong")


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


# Limits, and sizes that lie


@pytest.fixture
def limited(product):
    edit(product, "stage.toml", "entries = 100_000", "entries = 10")
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "unpacked-bytes = 4_000_000")
    return "--product", product


@pytest.mark.parametrize("kind", ["zip", "tar", "directory"])
def test_too_many_entries(refused, limited, tmp_path, kind):
    tree = small() | {f"f{n}": File(b"") for n in range(10)}
    runtime = {
        "zip": lambda: bundles.zip_bytes(tree),
        "tar": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "directory": lambda: bundles.directory(tree, tmp_path),
    }[kind]()
    reason = "it has more than 10 entries, the limit that bundle.limits.entries of stage.toml sets"
    refused(runtime, reason, "--product", options=limited)


@pytest.mark.parametrize("kind", ["zip", "tar", "directory", "bare executable"])
def test_too_much_content(refused, limited, tmp_path, kind):
    tree = small() | {"zeros": File(bytes(4_000_000))}
    runtime = {
        "zip": lambda: bundles.zip_bytes(tree),
        "tar": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "directory": lambda: bundles.directory(tree, tmp_path),
        "bare executable": lambda: bundles.program("codex") + bytes(4_000_000),
    }[kind]()
    refused(runtime, "it unpacks to more than 4000000 bytes", "stage.toml", options=limited)


def test_tar_entry_that_claims_an_exabyte(refused):
    claim = hostile.raw_header(name=b"huge", size=b"\x80\0\0\0\x10\0\0\0\0\0\0\0")
    refused(gzip_bytes(claim + bytes(1024)), "entry `huge`: it unpacks to more than 8589934592")


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        (10, "it claims 10 bytes but unpacks to more"),
        (1 << 26, "it claims 67108864 bytes but unpacks to 33554432"),
    ],
    ids=["less", "more"],
)
def test_size_that_lies(refused, claimed, reason):
    lie = {"size": claimed}
    bomb = Member("bomb", bytes(1 << 25), local=lie, central=lie)
    refused(zip_of(*hostile.members(small()), bomb), f"entry `bomb`: {reason}")


def test_stored_size_that_lies(refused):
    lie = {"size": 99}
    member = Member("liar", b"content", method=0, local=lie, central=lie)
    refused(zip_of(*hostile.members(small()), member), "entry `liar`", "size")


def test_compressed_data_that_lie(refused):
    content = b"content, content, content"
    for packed, reason in [
        (deflate(content) + b"hidden", "there are 6 bytes after the end of its compressed data"),
        (deflate(content)[:-1], "its compressed data end early"),
        (b"\xff" + deflate(content)[1:], "its compressed data are corrupt"),
    ]:
        member = Member("liar", content, packed=packed)
        refused(zip_of(*hostile.members(small()), member), f"entry `liar`: {reason}")


def test_checksum_that_lies(refused):
    lie = {"crc": 1}
    member = Member("liar", b"content", local=lie, central=lie)
    reason = "entry `liar`: its content does not have the checksum (CRC-32) in its header"
    refused(zip_of(*hostile.members(small()), member), reason)


def test_pax_size_that_lies(refused):
    hidden = entry("hidden", content=b"evil")
    archive = tgz(hostile.entries(small()), hostile.pax(size=str(len(hidden))), entry("a"), hidden)
    refused(archive, "its pax header says 1024 bytes and its plain header 0")


def test_bombs_take_no_memory(stage, staging, tmp_path):
    """Each would unpack to more than the whole address space that the process is given."""
    zeros = bytes(1 << 28)
    whole = gzip_bytes(bundles.tar_bytes(small()))
    bombs = {
        "padding": whole + gzip.compress(zeros, 1),
        "zip": zip_of(Member("bomb", b"", packed=deflate(zeros), central={"size": 1 << 20},
                             local={"size": 1 << 20})),
        "long name": tgz(hostile.raw_header(name=b"L", type=b"L", size=b"10000000000\0"), zeros),
        "directory": zip_of(entries=0xFFFF, size=0xFFFF_FFF0, offset=0),
    }  # fmt: skip
    limit = 200 << 20
    for name, bomb in bombs.items():
        runtime = save(tmp_path / name, bomb)
        result = subprocess.run(
            [stage.binary, *map(str, call(staging, runtime))],
            capture_output=True,
            text=True,
            env=stage.env,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        assert result.returncode == 1, f"{name}: {result.stderr}"
        assert "\nhelp: " in result.stderr and "panicked" not in result.stderr
        assert not staging.exists()


# Zips that say one thing in one place and another elsewhere


LIES = {
    "name": ({"name": b"bin/evil0"}, "name"),
    "shorter name": ({"name": b"bin"}, "name"),
    "method": ({"method": 0}, "compression method"),
    "flags": ({"flags": 2}, "flags"),
    "checksum": ({"crc": 7}, "checksum (CRC-32)"),
    "size": ({"size": 8}, "size"),
    "compressed size": ({"packed_size": 8}, "compressed size"),
}


@pytest.mark.parametrize(("lie", "what"), LIES.values(), ids=LIES)
def test_local_header_that_disagrees(refused, lie, what):
    member = Member("bin/extra", b"content", local=lie)
    reason = f"its local header and the central directory disagree about its {what}"
    refused(zip_of(*hostile.members(small()), member), f"entry `bin/extra`: {reason}")


@pytest.mark.parametrize("lie", ["crc", "packed", "size"])
def test_data_descriptor_that_disagrees(refused, lie):
    content = b"content"
    zeros = {"crc": 0, "size": 0, "packed_size": 0}
    member = Member("a", content, flags=8, local=zeros, after=descriptor(content, **{lie: 99}))
    reason = "entry `a`: its data descriptor and the central directory disagree"
    refused(zip_of(*hostile.members(small()), member), reason)


HIDDEN = {
    "between entries": (
        lambda: zip_of(*hostile.members(small()), Member("a", before=b"hidden")),
        "beside it there are 6 bytes that belong to no entry",
    ),
    "before the first": (
        lambda: zip_of(Member("a", before=b"PK\x03\x04"), *hostile.members(small())),
        "beside it there are 4 bytes that belong to no entry",
    ),
    "before the directory": (
        lambda: zip_of(*hostile.members(small()), Member("a", after=b"hidden")),
        "beside it there are 6 bytes that belong to no entry",
    ),
    "overlapping": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"1", move=-20)),
        "its data overlap the next entry",
    ),
    "two ends": (
        lambda: zip_of(*hostile.members(small()), comment=zip_of()),
        "it has two end-of-central-directory records",
    ),
    "two ends, the second of which Python takes": (
        lambda: zip_of(*hostile.members(small()), comment=zip_of() + b"x"),
        "it has two end-of-central-directory records",
    ),
    "fewer entries counted": (
        lambda: zip_of(*hostile.members(small()), entries=2),
        "does not hold the 2 entries that its end record counts",
    ),
    "more entries counted": (
        lambda: zip_of(*hostile.members(small()), entries=9),
        "does not hold the 9 entries that its end record counts",
    ),
    "split": (
        lambda: zip_of(*hostile.members(small()), disk=1),
        "it is one part of an archive that was split",
    ),
    "encrypted": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"x", flags=1)),
        "entry `a`: it is encrypted",
    ),
    "LZMA": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"x", method=14)),
        "entry `a`: it is compressed with LZMA (method 14)",
    ),
    "directory by mode": (
        lambda: zip_of(*hostile.members(small()), Member("a", mode=stat.S_IFDIR | 0o755)),
        "its name and its attributes disagree about whether it is a directory",
    ),
    "directory with content": (
        lambda: zip_of(*hostile.members(small()), Member("a/", b"x", stat.S_IFDIR | 0o755)),
        "it is a directory with content",
    ),
}


@pytest.mark.parametrize(("archive", "reason"), HIDDEN.values(), ids=HIDDEN)
def test_zip_with_two_readings(refused, archive, reason):
    refused(archive(), reason)


def test_tar_after_the_end_of_a_tar(refused):
    more = bundles.tar_bytes({"hidden": File(b"evil")})
    archive = gzip_bytes(hostile.unended(bundles.tar_bytes(small())) + bytes(1024) + more)
    refused(archive, "there is data after the end of the archive")


# Archives and directories that hold something else than one bundle


def test_two_runtimes_in_one_archive(refused):
    two = {f"one/{path}": file for path, file in small().items()}
    two |= {f"two/{path}": file for path, file in small(WINDOWS_X64).items()}
    reason = f"holds two runtimes: `one/{METADATA}` and `two/{METADATA}`"
    refused(bundles.zip_bytes(two), reason, "one runtime at a time")
    refused(gzip_bytes(bundles.tar_bytes(two)), reason)


@pytest.mark.parametrize(
    ("targets", "which"),
    [
        (
            [LINUX_X64, MACOS_ARM64],
            "2 executables and no codex-package.json: `codex0` and `codex1`",
        ),
        ([LINUX_X64, LINUX_X64], "2 executables and no codex-package.json: `codex0` and `codex1`"),
        (
            [LINUX_X64, WINDOWS_X64, LINUX_X64, MACOS_X64],
            "4 executables and no codex-package.json: `codex0`, `codex1` and 2 more",
        ),
    ],
    ids=["two targets", "one target", "four"],
)
def test_executables_in_one_archive(refused, targets, which):
    programs = {
        f"codex{number}": File(bundles.executable(target, "codex"), 0o755)
        for number, target in enumerate(targets)
    }
    refused(bundles.zip_bytes(programs), f"holds {which}\n", "one executable at a time")
    refused(gzip_bytes(bundles.tar_bytes(programs | {"README": File(b"")})), f"holds {which}\n")


def test_two_runtimes_in_one_directory(refused, tmp_path):
    folder = bundles.directory(small(), tmp_path)
    bundles.write(small(), folder / "old")
    refused(folder, f"holds two runtimes: `{METADATA}` and `old/{METADATA}`")


def test_archive_of_something_else(refused):
    tree = {"README.md": File(b"# hello\n"), "src/main.c": File(b"int main;\n")}
    refused(
        bundles.zip_bytes(tree), "there is no codex-package.json in its root or in one directory"
    )
    refused(zip_of(), "there is no codex-package.json")
    refused(gzip_bytes(bytes(1024)), "there is no codex-package.json")


def test_file_beside_the_bundle(refused):
    tree = {f"pkg/{path}": file for path, file in small().items()} | {"evil": File(b"")}
    refused(bundles.zip_bytes(tree), "`evil` lies outside of the runtime, whose root is `pkg/`")


@pytest.mark.parametrize("name", ["__init__.py", "__INIT__.py", "Py.Typed", "__main__.py/x"])
def test_file_that_the_wheel_writes_itself(refused, name):
    tree = small() | {name: File(b"")}
    reason = f'has a file "{name}", which the wheel writes itself'
    refused(bundles.zip_bytes(tree), reason)


def test_bundle_too_deep(refused):
    archive = bundles.zip_bytes(small(), "a/b/")
    refused(archive, "`a/b/codex-package.json` is not in the root of the archive")


def test_file_beside_the_import_package(refused, tmp_path):
    wheel = bundles.published_wheel(small(), tmp_path).read_bytes()
    buffer = io.BytesIO(wheel)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("evil.pth", "import evil")
    refused(buffer.getvalue(), "`evil.pth` lies outside of the runtime")


def test_root_package_of_npm(refused):
    root = {"package/package.json": File(b"{}"), "package/bin/codex.js": File(b"#!/usr/bin/env")}
    archive = gzip_bytes(bundles.tar_bytes(root))
    refused(archive, "there is no codex-package.json in package/vendor/<target>/")


def test_npm_folder_of_another_target(refused):
    tree = {f"package/vendor/{MACOS_X64}/{path}": file for path, file in small(LINUX_X64).items()}
    tree |= {"package/package.json": File(b"{}")}
    reason = (
        f"the folder `package/vendor/{MACOS_X64}` and the metadata in it, which say {LINUX_X64}"
    )
    refused(gzip_bytes(bundles.tar_bytes(tree)), reason)


# Bundles that are not what they say


def with_metadata(**changes: object) -> bundles.Tree:
    fields = json.loads(bundles.metadata()) | changes
    return bundles.replace(small(), METADATA, json.dumps(fields).encode())


WRONG_METADATA = {
    "not JSON": (lambda: bundles.replace(small(), METADATA, b"not json"), "it is not the JSON"),
    "a list": (lambda: bundles.replace(small(), METADATA, b"[]"), "it is not the JSON"),
    "a key is missing": (
        lambda: bundles.replace(small(), METADATA, b'{"layoutVersion": 1, "version": "0.163.0"}'),
        "missing field `target`",
    ),
    "huge": (
        lambda: bundles.replace(small(), METADATA, bundles.metadata(x="x" * 70_000)),
        "it is larger than 65536 bytes",
    ),
    "layout": (
        lambda: with_metadata(layoutVersion=2),
        "its layoutVersion is 2, and this version of stage knows 1",
    ),
    "version": (
        lambda: with_metadata(version="0.162.0"),
        "is version 0.162.0, but --codex-version says 0.163.0",
    ),
    "target": (
        lambda: with_metadata(target="sparc-sun-solaris"),
        'is for "sparc-sun-solaris", which is none of the targets: aarch64-apple-darwin, ',
    ),
    "variant": (
        lambda: with_metadata(variant="codex-app-server"),
        'its variant is "codex-app-server", and this product\'s is "codex"',
    ),
    "path directory is a file": (
        lambda: with_metadata(pathDir="bin/codex"),
        "its pathDir is `bin/codex`, which is a file and not a directory",
    ),
    "entrypoint leaves": (
        lambda: with_metadata(entrypoint="../../bin/sh"),
        'its entrypoint is "../../bin/sh": its name has a `..` component',
    ),
    "entrypoint missing": (
        lambda: with_metadata(entrypoint="bin/other"),
        "has no `bin/other`, which its metadata name as entrypoint",
    ),
    "entrypoint is a directory": (
        lambda: with_metadata(entrypoint="bin"),
        "has no `bin`, which its metadata name as entrypoint",
    ),
    "path directory leaves": (
        lambda: with_metadata(pathDir="/usr/bin"),
        'its pathDir is "/usr/bin": its name is an absolute path',
    ),
    "entrypoint not executable": (
        lambda: small() | {"bin/codex": File(small()["bin/codex"].data, 0o644)},
        "the entrypoint `bin/codex` is not executable",
    ),
    "entrypoint is a script": (
        lambda: bundles.replace(small(), "bin/codex", b"#!/bin/sh\n"),
        f"the entrypoint `bin/codex` is no executable, but the metadata say {HOST}",
    ),
    "entrypoint of another system": (
        lambda: bundles.replace(small(), "bin/codex", bundles.executable(WINDOWS_ARM64, "x")),
        f"the entrypoint `bin/codex` is a program for {WINDOWS_ARM64}, but the metadata say {HOST}",
    ),
    "entrypoint of another CPU": (
        lambda: bundles.replace(small(), "bin/codex", bundles.elf(0x15, "x")),
        "the entrypoint `bin/codex` is an ELF program for the machine 0x15",
    ),
    "entrypoint is universal": (
        lambda: bundles.replace(small(), "bin/codex", struct.pack(">II", 0xCAFEBABE, 2)),
        "the entrypoint `bin/codex` is a universal Mach-O file",
    ),
}


@pytest.mark.parametrize(("tree", "reason"), WRONG_METADATA.values(), ids=WRONG_METADATA)
@pytest.mark.parametrize("kind", ["directory", "tar"])
def test_bundle_that_is_not_what_it_says(refused, tmp_path, kind, tree, reason):
    if kind == "directory":
        refused(bundles.directory(tree(), tmp_path), reason)
    else:
        refused(gzip_bytes(bundles.tar_bytes(tree())), reason)


def test_directory_without_metadata(refused, tmp_path):
    tree = small()
    del tree[METADATA]
    refused(bundles.directory(tree, tmp_path), "there is no codex-package.json in its root")


def test_target_of_another_tag(refused, tmp_path):
    folder = bundles.directory(small(MACOS_ARM64), tmp_path)
    error = refused(
        folder,
        f"is for {MACOS_ARM64}, whose wheels are tagged macosx_11_0_arm64",
        f"but win_amd64 is for {WINDOWS_X64}",
        options=("--platform-tag", "win_amd64"),
    )
    assert str(folder) in error


def test_bare_executable_of_another_tag(refused):
    program = bundles.executable(WINDOWS_X64, "codex")
    refused(
        program,
        f"is for {WINDOWS_X64}",
        f"is for {LINUX_ARM64}",
        options=("--platform-tag", LINUX_ARM64),
    )


def test_unreadable(stage, staging, tmp_path):
    """In a user namespace without mappings root cannot read everything either."""
    runtime = save(tmp_path / "secret", b"x", 0o000)
    error = stage.refuses(*call(staging, runtime), prefix=("unshare", "--user"))
    assert "cannot read the runtime" in error and "secret" in error
    assert not staging.exists()
