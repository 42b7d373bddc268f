"""`stage verify` of a wheel: whom its machine code is for, by its tags and the names of modules."""

from dataclasses import replace

import bundles
import pytest
from bundles import VERSION
from clients import IMPORT_PACKAGE as PACKAGE
from damage import NAME, TAG, Change, Matrix, broken, is_found, passes, pure, right, then
from npm_packages import as_dll
from wheels import Wheel

LINUX = bundles.elf(0x3E, "program")
MACOS = bundles.macho((0x0100000C, 0), (11, 0), "program")
WINDOWS = bundles.pe(0x8664, "module")
# Larger than a launcher.
LARGE_WINDOWS = bundles.pe(0x8664, "x" * (2 << 20))


def any_with(*files: tuple[str, bytes], mode: int = 0o755) -> Change:
    """A wheel for every platform with these files in its package."""

    def change(wheel: Wheel) -> Wheel:
        wheel = pure(wheel)
        for path, data in files:
            wheel = wheel.put(f"{PACKAGE}/{path}", data, mode)
        return wheel

    return change


def module(path: str, tag: str, data: bytes) -> Change:
    """A wheel that goes by the tag, with an extension module."""

    def change(wheel: Wheel) -> Wheel:
        wheel = replace(pure(wheel), name=f"{NAME}-{VERSION}-{tag}.whl")
        wheel = wheel.edit(wheel.meta("WHEEL"), "Tag: py3-none-any", f"Tag: {tag}")
        wheel = wheel.edit(wheel.meta("WHEEL"), "Purelib: true", "Purelib: false")
        return wheel.put(f"{PACKAGE}/{path}", data)

    return change


MATRIX: Matrix = {
    "wheel-any-native": (
        [
            any_with(("bin/tool", LINUX)),
            any_with(("bin/tool", MACOS)),
            any_with(("bin/tool", LINUX), ("bin/other", bundles.elf(0x3E, "x"))),
            any_with(("tool.exe", LARGE_WINDOWS)),
            any_with(("m.pyd", as_dll(WINDOWS))),
        ],
        [
            # Launchers that an installer copies, and programs for each system.
            any_with(*[(f"t{cpu}.exe", bundles.pe(cpu, "x")) for cpu in (0x14C, 0x8664, 0xAA64)]),
            any_with(("linux/tool", LINUX), ("macos/tool", MACOS), ("tool.exe", LARGE_WINDOWS)),
            any_with(("linux/tool", LINUX), ("macos/tool", MACOS)),
            # As pyarmor carries it, to be copied to other machines.
            any_with(
                *[(f"m{cpu}.pyd", as_dll(bundles.pe(cpu, "x"))) for cpu in (0x14C, 0x8664, 0xAA64)]
            ),
            # What tests read, what another machine runs, what no machine runs.
            any_with(("tests/data/tool", LINUX), mode=0o644),
            any_with(("firmware.elf", bundles.elf(0x5E, "Xtensa"))),
            any_with(("filter.o", bundles.elf(0xF7, "BPF"))),
            any_with(("module.wasm", b"\0asm\x01\0\0\0")),
        ],
    ),
    "wheel-any-helper": (
        [
            any_with(("bin/tool", LINUX), ("data", b"x" * 100_000)),
            any_with(("bin/tool", LINUX), mode=0o644),
            any_with(("x64/tool", LINUX), ("arm64/tool", bundles.elf(0xB7, "x"))),
            any_with(("riscv64/launcher", bundles.elf(0xF3, "RISC-V"))),
        ],
        [any_with(("linux", LINUX), ("macos", MACOS), ("data", b"x" * 100_000))],
    ),
    "wheel-module-tag": (
        [
            module("m.cp313-win32.pyd", "cp313-cp313-win_amd64", WINDOWS),
            module("m.cp312-win_amd64.pyd", "cp313-cp313-win_amd64", WINDOWS),
            module("m.cp313-win_amd64.pyd", "cp313-cp313t-win_amd64", WINDOWS),
            module("m.cp314t-win_amd64.pyd", "cp314-cp314-win_amd64", WINDOWS),
            module("m.cpython-313-x86_64-linux-musl.so", f"cp313-cp313-{TAG}", LINUX),
            module("m.cpython-313d-x86_64-linux-gnu.so", f"cp313-cp313-{TAG}", LINUX),
            module("m.cpython-313-darwin.so", f"cp313-cp313-{TAG}", LINUX),
            module("m.pypy310-pp73-x86_64-linux-gnu.so", f"cp310-cp310-{TAG}", LINUX),
        ],
        [
            module("m.cp313-win_amd64.pyd", "cp313-cp313-win_amd64", WINDOWS),
            module("m.pyd", "cp313-cp313-win_amd64", WINDOWS),
            module("m.cp314t-win_amd64.pyd", "cp314-cp314t-win_amd64", WINDOWS),
            module("m.cpython-313-x86_64-linux-gnu.so", f"cp313-cp313-{TAG}", LINUX),
            module("m.cpython-313d-x86_64-linux-gnu.so", f"cp313-cp313d-{TAG}", LINUX),
            module("m.abi3.so", f"cp39-abi3-{TAG}", LINUX),
            module("m.abi3.so", f"py3-none-{TAG}", LINUX),
            module("m.so", f"cp313-cp313-{TAG}", LINUX),
            module("libm.1.2.so", f"cp313-cp313-{TAG}", LINUX),
            module("m.pypy310-pp73-x86_64-linux-gnu.so", f"pp310-pypy310_pp73-{TAG}", LINUX),
            # Another file of the module fits.
            then(
                module("m.cpython-313-x86_64-linux-gnu.so", f"cp313-cp313-{TAG}", LINUX),
                lambda wheel: wheel.put(f"{PACKAGE}/m.cpython-312-x86_64-linux-gnu.so", LINUX),
            ),
            then(
                module("m.cpython-312-x86_64-linux-gnu.so", f"cp313-cp313-{TAG}", LINUX),
                lambda wheel: wheel.put(f"{PACKAGE}/m.py", "x = 1\n"),
            ),
        ],
    ),
    "wheel-module-tag-other": (
        [
            module("m.cp313-win_amd64.pyd", "py3-none-win_amd64", WINDOWS),
            module("m.cpython-39-x86_64-linux-gnu.so", f"cp39-abi3-{TAG}", LINUX),
            then(
                module("m.cpython-313-x86_64-linux-gnu.so", f"cp313-cp313-{TAG}", LINUX),
                lambda wheel: wheel.put(f"{PACKAGE}/old.cpython-312-x86_64-linux-gnu.so", LINUX),
            ),
        ],
        [
            then(
                module("m.cp313-win_amd64.pyd", "py3-none-win_amd64", WINDOWS),
                lambda wheel: wheel.put(f"{PACKAGE}/m.cp312-win_amd64.pyd", WINDOWS),
            ),
        ],
    ),
}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)
