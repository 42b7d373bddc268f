"""`stage verify` of what the tags of a wheel promise, against executables made for the test."""

import functools
import struct
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import bundles
import pytest
from clients import IMPORT_PACKAGE as PACKAGE
from damage import (
    FILE_NAME,
    NAME,
    TAG,
    Change,
    Matrix,
    broken,
    is_found,
    passes,
    pure,
    right,
    tags,
    then,
)
from npm_packages import as_dll
from wheels import Wheel

LIBRARY = f"{PACKAGE}/codex-resources/library.so"
OLD = 'int puts(const char *); int hello(void) { return puts("hello"); }'
# `__libc_start_main` and `pthread_create` have new versions since glibc 2.34.
NEW = (
    "int pthread_create(void *, void *, void *, void *);"
    "int hello(void *all) { return pthread_create(all, 0, all, 0); }"
)


@functools.cache
def library(source: str, *options: str, beside: str | None = None) -> bytes:
    """A shared library of this machine; it needs libhelper.so if that is `beside` it."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        link = []
        if beside is not None:
            (work / "helper.c").write_text(beside)
            compile(work, "helper.c", "libhelper.so", "-Wl,-soname,libhelper.so")
            link = ["-L.", "-lhelper"]
        (work / "library.c").write_text(source)
        return compile(work, "library.c", "library.so", *options, *link)


def compile(work: Path, source: str, output: str, *options: str) -> bytes:
    command = ["cc", "-Os", "-s", "-shared", "-fPIC", "-nostartfiles", "-o", output, source]
    subprocess.run([*command, *options], cwd=work, check=True)
    return (work / output).read_bytes()


@functools.cache
def needs_glibc(version: str, symbol: str) -> bytes:
    """A library that uses a symbol of this version. The libc.so.6 that it is linked with is not the
    real one."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        (work / "libc.c").write_text(f"int {symbol}(void) {{ return 1; }}")
        (work / "map").write_text(f"GLIBC_{version} {{ global: {symbol}; }};")
        alone = ["-nostdlib", "-Wl,-soname,libc.so.6", "-Wl,--version-script=map"]
        compile(work, "libc.c", "libc.so.6", *alone)
        (work / "library.c").write_text(
            f"int {symbol}(void); int hello(void) {{ return {symbol}(); }}"
        )
        return compile(work, "library.c", "library.so", "-nostdlib", "./libc.so.6")


def with_library(source: str, *options: str, **kwargs: str) -> Change:
    return lambda wheel: wheel.put(LIBRARY, library(source, *options, **kwargs))


def as_aarch64(content: bytes) -> bytes:
    """What the headers say is what a tag is held against: the code itself is never run."""
    return content[:18] + struct.pack("<H", 0xB7) + content[20:]


def tagged(tag: str) -> Change:
    return tags(FILE_NAME.replace(TAG, tag), *(f"py3-none-{one}" for one in tag.split(".")))


def only(tag: str, content: bytes) -> Change:
    """A wheel for a platform with one executable, which is not the runtime."""

    def change(wheel: Wheel) -> Wheel:
        name = f"{NAME}-{bundles.VERSION}-py3-none-{tag}.whl"
        wheel = replace(pure(wheel), name=name)
        wheel = wheel.edit(wheel.meta("WHEEL"), "Purelib: true", "Purelib: false")
        lines = "".join(f"Tag: py3-none-{one}\n" for one in tag.split("."))
        wheel = wheel.edit(wheel.meta("WHEEL"), "Tag: py3-none-any\n", lines)
        return wheel.put(f"{PACKAGE}/program", content, 0o755)

    return change


X86_64 = (0x01000007, 3)
ARM64 = (0x0100000C, 0)


def macho(*minimum: int, cpu: tuple[int, int] = ARM64) -> bytes:
    return bundles.macho(cpu, minimum, "program")


def importing(name: str) -> bytes:
    """A PE that needs a library: an import table in its one section."""
    image = bytearray(bundles.pe(0x8664, "program"))
    # The second of the data directories, after 24 bytes of headers and 112 of the optional one.
    struct.pack_into("<II", image, 64 + 24 + 112 + 8, 0x1040, 40)
    struct.pack_into("<5I", image, 0x240, 0x1080, 0, 0, 0x10A0, 0x1090)
    struct.pack_into("<2Q", image, 0x280, 1 << 63 | 1, 0)
    struct.pack_into("<2Q", image, 0x290, 1 << 63 | 1, 0)
    image[0x2A0 : 0x2A0 + len(name) + 1] = name.encode() + b"\0"
    return bytes(image)


DLL = as_dll(bundles.pe(0x8664, "library"))
CALLS_HELPER = "int helper(void); int hello(void) { return helper(); }"
HELPER = "int helper(void) { return 1; }"
ORIGIN = "-Wl,-rpath,$ORIGIN"

MATRIX: Matrix = {
    "claim-system": (
        [
            only("win_amd64", bundles.pe(0xAA64, "program")),
            only("manylinux_2_17_aarch64", bundles.elf(0x3E, "program")),
            only("macosx_11_0_universal2", macho(11, 0)),
        ],
        [
            only("win_arm64", bundles.pe(0xAA64, "program")),
            only("manylinux_2_17_aarch64.musllinux_1_1_aarch64", bundles.elf(0xB7, "program")),
        ],
    ),
    "claim-libc": (
        [then(tagged("musllinux_1_1_x86_64"), with_library(OLD))],
        [tagged(f"{TAG}.musllinux_1_1_x86_64"), with_library(OLD)],
    ),
    "claim-symbol-version": (
        [with_library(NEW), then(tagged("manylinux_2_33_x86_64"), with_library(NEW))],
        [then(tagged("manylinux_2_34_x86_64"), with_library(NEW))],
    ),
    "claim-library": (
        [with_library(CALLS_HELPER, beside=HELPER)],
        [
            then(
                with_library(CALLS_HELPER, ORIGIN, beside=HELPER),
                lambda wheel: wheel.put(f"{PACKAGE}/codex-resources/libhelper.so", library(HELPER)),
            )
        ],
    ),
    "claim-macos": (
        [
            only("macosx_11_0_arm64", macho(12, 0)),
            only("macosx_10_9_x86_64", macho(10, 12, cpu=X86_64)),
        ],
        [
            only("macosx_11_0_arm64", macho(11, 0)),
            only("macosx_10_12_x86_64", macho(10, 12, cpu=X86_64)),
        ],
    ),
    "claim-macos-update": (
        [only("macosx_13_0_arm64", macho(13, 5))],
        [only("macosx_14_0_arm64", macho(13, 5))],
    ),
    "claim-windows-library": (
        [
            only("win_amd64", importing("VCRUNTIME140.dll")),
            only("win_amd64", as_dll(importing("MSVCP140.dll"))),
            then(
                only("win_amd64", as_dll(importing("MSVCP140.dll"))),
                lambda wheel: wheel.put(f"{PACKAGE}/other/msvcp140.dll", DLL),
            ),
            # The process is not that of Python.
            then(
                only("win_amd64", bundles.pe(0x8664, "program")),
                lambda wheel: wheel.put(f"{PACKAGE}/a.dll", as_dll(importing("VCRUNTIME140.dll"))),
            ),
        ],
        [
            only("win_amd64", importing("KERNEL32.dll")),
            only("win_amd64", importing("ucrtbase.dll")),
            only("win_amd64", importing("api-ms-win-crt-runtime-l1-1-0.dll")),
            # As delvewheel carries it.
            then(
                only("win_amd64", as_dll(importing("msvcp140-0123abcd.dll"))),
                lambda wheel: wheel.put(f"{PACKAGE}.libs/msvcp140-0123abcd.dll", DLL),
            ),
            then(
                only("win_amd64", bundles.pe(0x8664, "program")),
                lambda wheel: wheel.put(f"{PACKAGE}/m.pyd", as_dll(importing("VCRUNTIME140.dll"))),
            ),
            only("win_amd64", as_dll(importing("VCRUNTIME140_1.dll"))),
        ],
    ),
    "claim-search-path": (
        [
            with_library(OLD, "-Wl,-rpath,/opt/lib"),
            with_library(OLD, "-Wl,-rpath,$ORIGIN/../../.."),
        ],
        [with_library(OLD, ORIGIN), with_library(OLD, "-Wl,-rpath,$ORIGIN/../bin")],
    ),
    "claim-other-system": (
        [lambda wheel: wheel.put("codex_tools/helper.exe", bundles.pe(0x8664, "helper"))],
        [lambda wheel: wheel.put("codex_tools/helper.exe", b"MZ is how a text can begin, too.")],
    ),
    # CentOS 7 for aarch64 has symbols of this version, although its glibc is older.
    "claim-backported": (
        [
            lambda wheel: only(
                "manylinux_2_17_aarch64", as_aarch64(needs_glibc("2.18", "backported"))
            )(wheel)
        ],
        [
            lambda wheel: only(
                "manylinux_2_18_aarch64", as_aarch64(needs_glibc("2.18", "backported"))
            )(wheel)
        ],
    ),
    "claim-symbol": (
        [
            lambda wheel: only(
                "manylinux_2_17_aarch64",
                as_aarch64(needs_glibc("2.17", "pthread_getattr_default_np")),
            )(wheel)
        ],
        [
            lambda wheel: only(
                "manylinux_2_26_aarch64",
                as_aarch64(needs_glibc("2.17", "pthread_getattr_default_np")),
            )(wheel)
        ],
    ),
    "executable-stack": (
        [with_library(OLD, "-Wl,-z,execstack")],
        [with_library(OLD, "-Wl,-z,noexecstack")],
    ),
    "isa-level": (
        [with_library(OLD, "-Wl,-z,x86-64-v3")],
        [with_library(OLD, "-Wl,-z,x86-64-baseline")],
    ),
}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)
