"""`stage verify` of what the tags of a wheel promise, against executables made for the test."""

import functools
import platform
import struct
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import bundles
import elves
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
        # Kernels of the other CPU have large pages.
        pages = "-Wl,-z,max-page-size=65536"
        alone = ["-nostdlib", "-Wl,-soname,libc.so.6", "-Wl,--version-script=map"]
        compile(work, "libc.c", "libc.so.6", *alone)
        (work / "library.c").write_text(
            f"int {symbol}(void); int hello(void) {{ return {symbol}(); }}"
        )
        return compile(work, "library.c", "library.so", "-nostdlib", pages, "./libc.so.6")


def with_library(source: str, *options: str, **kwargs: str) -> Change:
    return lambda wheel: wheel.put(LIBRARY, library(source, *options, **kwargs))


def with_elf(content: bytes) -> Change:
    return lambda wheel: wheel.put(LIBRARY, content, 0o755)


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
LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"
STORE = "/nix/store/7n2zc7ixlg0vlv3l5cn1dikhc3xl6r6m-glibc-2.40-66/lib"
PACKED = "-Wl,-z,pack-relative-relocs"
SMALL_PAGES, LARGE_PAGES = ("-Wl,-z,max-page-size=4096", "-Wl,-z,max-page-size=65536")
MUSL_TAG = "musllinux_1_2_x86_64"
ANDROID_TAG = {"x86_64": "android_24_x86_64", "aarch64": "android_24_arm64_v8a"}[platform.machine()]


def packed_without_its_version() -> bytes:
    """A library with packed relocations that needs libc.so.6, and not the version that says so."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        (work / "libc.c").write_text("int old(void) { return 1; }")
        (work / "map").write_text("GLIBC_2.2.5 { global: old; }; GLIBC_ABI_DT_RELR { };")
        alone = ["-nostdlib", "-Wl,-soname,libc.so.6", "-Wl,--version-script=map"]
        compile(work, "libc.c", "libc.so.6", *alone)
        source = "int old(void); int new(void) { return old(); }"
        (work / "library.c").write_text(elves.POINTER + source)
        options = ["-nostdlib", PACKED, "./libc.so.6"]
        content = compile(work, "library.c", "library.so", *options)
    name = b"GLIBC_ABI_DT_RELR\0"
    assert content.count(name) == 1
    return content.replace(name, b"GLIBC_2.3".ljust(len(name), b"\0"))


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
            only(
                "macosx_10_12_universal2",
                bundles.universal(macho(10, 12, cpu=X86_64), macho(11, 0)),
            ),
            only(ANDROID_TAG, elves.android(24)),
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
    "claim-android": (
        [only(ANDROID_TAG.replace("24", "23"), elves.android(24))],
        [
            only(ANDROID_TAG, elves.android(24)),
            only(ANDROID_TAG.replace("24", "23"), elves.android(23)),
        ],
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
    "claim-loader": (
        [
            with_elf(elves.with_loader(path))
            for path in [
                f"{STORE}/ld-linux-x86-64.so.2",
                "/gnu/store/ln6hxqjvz6m9gdd9s97pivlqck7hzs99-glibc-2.35/lib/ld-linux-x86-64.so.2",
                "/opt/conda/lib/ld-linux-x86-64.so.2",
                "/usr/lib64/ld-linux-x86-64.so.2",
                "/lib/ld-linux.so.2",
                LOADER[1:],
            ]
        ]
        + [
            then(tagged(MUSL_TAG), with_elf(elves.with_loader(f"{STORE}/ld-musl-x86_64.so.1"))),
            then(tagged(MUSL_TAG), with_elf(elves.with_loader(f"/usr{MUSL_LOADER}"))),
        ],
        [
            with_elf(elves.with_loader(LOADER)),
            with_elf(elves.with_loader(LOADER.replace("/ld", "/.//ld"))),
            with_elf(elves.program("-static-pie")),
            then(tagged(MUSL_TAG), with_elf(elves.with_loader(MUSL_LOADER))),
            # A library is not started by the loader that it names.
            with_elf(
                elves.library(
                    "-Wl,-soname,libone.so",
                    source=f'const char loader[] __attribute__((section(".interp"))) = "{STORE}";',
                )
            ),
        ],
    ),
    "claim-load": (
        [
            with_elf(elves.with_segment(elves.library(), move=16)),
            with_elf(elves.with_segment(elves.with_loader(LOADER), move=16)),
            lambda wheel: then(
                tagged("manylinux_2_39_x86_64"), with_elf(packed_without_its_version())
            )(wheel),
        ],
        [
            with_elf(elves.library()),
            # The kernel does not look at the alignment of a program.
            with_elf(elves.with_segment(elves.with_loader(LOADER), align=16)),
        ],
    ),
    "claim-alignment": (
        [
            with_elf(elves.with_segment(elves.library(), align=16)),
            then(
                tagged("manylinux_2_34_x86_64"),
                with_elf(elves.with_segment(elves.library(), align=2048)),
            ),
        ],
        [
            then(
                tagged("manylinux_2_35_x86_64"),
                with_elf(elves.with_segment(elves.library(), align=2048)),
            ),
            then(tagged(MUSL_TAG), with_elf(elves.with_segment(elves.library(), align=16))),
        ],
    ),
    "claim-relocations": (
        [
            with_elf(elves.library(PACKED, source=elves.POINTER)),
            then(
                tagged("musllinux_1_1_x86_64"),
                with_elf(elves.library(PACKED, source=elves.POINTER)),
            ),
        ],
        [
            then(
                tagged("manylinux_2_36_x86_64"),
                with_elf(elves.library(PACKED, source=elves.POINTER)),
            ),
            with_elf(elves.library(source=elves.POINTER)),
            # A static program relocates itself.
            with_elf(elves.program("-static-pie", PACKED)),
        ],
    ),
    "claim-relocations-musl": (
        [then(tagged(MUSL_TAG), with_elf(elves.library(PACKED, source=elves.POINTER)))],
        [then(tagged(MUSL_TAG), with_elf(elves.library(source=elves.POINTER)))],
    ),
    "claim-page-size": (
        [only("manylinux_2_17_aarch64", as_aarch64(elves.library(SMALL_PAGES)))],
        [
            only("manylinux_2_17_aarch64", as_aarch64(elves.library(LARGE_PAGES))),
            with_elf(elves.library(SMALL_PAGES)),
        ],
    ),
    "claim-search-path-relative": (
        [
            with_library(OLD, f"-Wl,-rpath,{path}", f"-Wl,--{dtags}-new-dtags")
            for path in ["$ORIGIN:", ":$ORIGIN", "$ORIGIN::$ORIGIN/../bin", "lib", ".", "$ORIGINAL"]
            for dtags in ["enable", "disable"]
        ],
        [with_library(OLD, "-Wl,-rpath,$ORIGIN:${ORIGIN}/../bin:/usr/lib64")],
    ),
    "claim-symbol-version-never": (
        [
            lambda wheel: with_elf(needs_glibc("PRIVATE", "private"))(wheel),
            lambda wheel: then(
                tagged("manylinux_2_41_x86_64"), with_elf(needs_glibc("PRIVATE", "private"))
            )(wheel),
        ],
        [lambda wheel: with_elf(needs_glibc("2.17", "private"))(wheel)],
    ),
    # Data of any size may be a note: the program of a single executable of Node.js is one.
    "object-malformed": (
        [],
        [
            with_elf(
                elves.built(
                    elves.PROGRAM + elves.note("NODE_SEA_BLOB", 9 << 20),
                    "-pie",
                    "-nostdlib",
                    "-Wl,-e,start",
                )
            )
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


def test_what_to_do_about_a_loader_is_said(stage, good_wheel, tmp_path):
    wheel = with_elf(elves.with_loader(f"{STORE}/ld-linux-x86-64.so.2"))(good_wheel)
    result = stage("verify", wheel.write(tmp_path))
    assert result.returncode == 1
    assert (
        f'error[claim-loader]: {LIBRARY}: its loader is "{STORE}/ld-linux-x86-64.so.2", which only '
        f"systems with Nix can have, and the systems that it is for have {LOADER}\n"
        "    help: Set the loader that the finding names: `patchelf --set-interpreter PATH FILE`."
    ) in result.stdout


def test_a_private_version_is_not_answered_with_a_newer_tag(stage, good_wheel, tmp_path):
    wheel = with_elf(needs_glibc("PRIVATE", "private"))(good_wheel)
    result = stage("verify", wheel.write(tmp_path))
    assert result.returncode == 1
    assert "it needs GLIBC_PRIVATE of libc.so.6" in result.stdout
    assert "Use a newer tag" not in result.stdout
    assert "No newer tag helps." in result.stdout


def test_tags_that_never_were_are_not_offered(stage, good_wheel, tmp_path):
    """Each CPU has a first C library, and a file for it is fit for no older one."""
    for machine, fit in [
        (243, "manylinux_2_31_riscv64, musllinux_1_1_riscv64"),
        (258, "manylinux_2_36_loongarch64, musllinux_1_2_loongarch64"),
        (0xB7, "manylinux_2_17_aarch64, musllinux_1_1_aarch64"),
    ]:
        wheel = only("win_amd64", bundles.elf(machine, "program"))(good_wheel)
        result = stage("verify", wheel.write(tmp_path))
        assert f", fit for {fit}\n" in result.stdout
