"""RUNTIME: what is refused since it is not the one runtime that was asked for."""

import io
import json
import lzma
import os
import struct
import zipfile
from pathlib import Path

import bundles
import pytest
import zstandard
from bundles import (
    HOST,
    LINUX_ARM64,
    LINUX_X64,
    MACOS_ARM64,
    MACOS_X64,
    WINDOWS_ARM64,
    WINDOWS_X64,
    File,
    gzip_bytes,
    save,
)
from hostile import zip_of
from needs import MODES, needs
from npm_packages import dynamic_elf
from runtime_inputs import METADATA, call, small

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
        (b"\xfd7zXZ\0", "ends early"),
        (bundles.tar_bytes({"a": File(b"")}), "it is a tar that is not compressed"),
        (gzip_bytes(b"just text"), "what is compressed in it begins with the bytes"),
        (gzip_bytes(b""), "is empty"),
        (zstandard.ZstdCompressor().compress(b"text"), "what is compressed in it begins"),
        (lzma.compress(b"text"), "what is compressed in it begins"),
    ],
    ids=[
        "script", "script with controls", "text", "json", "7z", "bz2", "beginning of xz", "tar",
        "gz of text", "gz of nothing", "zst of text", "xz of text",
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


def test_only_a_universal_file_is_answered_with_lipo(refused):
    assert "lipo" in refused(struct.pack(">II", 0xCAFEBABE, 2) + bytes(64))
    fields = (2, 22, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    big_endian = b"\x7fELF\x02\x02\x01".ljust(16, b"\0") + struct.pack(">HHIQQQIHHHHHH", *fields)
    big_endian += struct.pack(">IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120, 120, 0x1000)
    assert "lipo" not in refused(big_endian, "which is none of the targets")
    error = refused(struct.pack("<II", 0xFEEDFACE, 7) + bytes(64), "not a program for one target")
    assert "lipo" not in error
    assert "built for one of the product's targets" in error


def test_fifo_and_device(refused, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    refused(tmp_path / "fifo", "is a FIFO, not a file or a directory")
    refused(Path("/dev/null"), "/dev/null is a character device, not a file or a directory")


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


@pytest.mark.parametrize(
    "name", ["__init__.py", "__INIT__.py", "Py.Typed", "__main__.py/x", "__PyInstaller/x"]
)
def test_file_that_the_wheel_writes_itself(refused, name):
    tree = small() | {name: File(b"")}
    reason = f'has a file "{name}", which `stage` writes itself into the wheel'
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
        "is version 0.162.0, but --release-tag says 0.163.0",
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
        f"asks for {LINUX_ARM64}",
        options=("--platform-tag", LINUX_ARM64),
    )


def test_unreadable(stage, staging, tmp_path):
    runtime = save(tmp_path / "secret", b"x", 0o000)
    error = stage.refuses(*call(staging, runtime), prefix=needs(MODES))
    assert "cannot read the runtime" in error and "secret" in error
    assert not staging.exists()


@pytest.mark.parametrize("kind", ["crate", "npm"])
def test_library_of_the_machine_that_built_it_is_refused(refused, stage, staging, tmp_path, kind):
    """The published artifact would start nowhere else, whatever it is."""
    loader = "/lib64/ld-linux-x86-64.so.2"
    tool = File(dynamic_elf(loader, "/opt/build/lib/libz.so.1"), 0o755)
    runtime = bundles.directory(small() | {"codex-path/tool": tool}, tmp_path)
    reason = "error[claim-library]: "
    error = refused(runtime, reason, "/opt/build/lib/libz.so.1", options=("--format", kind))
    assert error.count("claim-library") == 1
    allowed = ["--format", kind, "--allow", "claim-library"]
    stage(*call(staging, runtime, *allowed), check=True)
