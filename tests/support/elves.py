"""ELF files of this machine, built and changed for tests."""

import functools
import struct
import subprocess
import tempfile
from pathlib import Path

PT_LOAD = 1
EXECUTABLE = 1

PROGRAM = "void start(void) { for (;;); }"
# A pointer has to be relocated when the file is loaded.
POINTER = "static int one; int *pointer = &one;"


@functools.cache
def built(source: str, *options: str) -> bytes:
    """What the compiler makes of a C file."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        (work / "file.c").write_text(source)
        command = ["cc", "-Os", "-s", "-fPIC", "-o", "file", "file.c", *options]
        subprocess.run(command, cwd=work, check=True)
        return (work / "file").read_bytes()


def program(*options: str) -> bytes:
    """A program for glibc that needs a loader and no library."""
    return built(PROGRAM, "-pie", "-nostdlib", "-Wl,-e,start", *options)


def with_loader(path: str) -> bytes:
    """A program that names this loader."""
    placeholder = "/" + "x" * 127
    content = program(f"-Wl,--dynamic-linker,{placeholder}")
    assert content.count(placeholder.encode()) == 1
    return content.replace(placeholder.encode(), path.encode().ljust(128, b"\0"))


def library(*options: str, source: str = "int one(void) { return 1; }") -> bytes:
    """A library that needs no other."""
    return built(source, "-shared", "-nostdlib", *options)


def with_segment(content: bytes, *, move: int = 0, align: int | None = None) -> bytes:
    """The same file, whose segment of code has another address or alignment."""
    changed = bytearray(content)
    (table,) = struct.unpack_from("<Q", content, 32)
    (count,) = struct.unpack_from("<H", content, 56)
    for at in range(table, table + 56 * count, 56):
        kind, flags = struct.unpack_from("<II", content, at)
        if kind == PT_LOAD and flags & EXECUTABLE:
            (address,) = struct.unpack_from("<Q", content, at + 16)
            struct.pack_into("<Q", changed, at + 16, address + move)
            if align is not None:
                struct.pack_into("<Q", changed, at + 48, align)
            return bytes(changed)
    raise AssertionError("it has no segment of code")


def note(owner: str, size: int) -> str:
    """Source of a note of so many bytes."""
    return (
        f'__asm__(".section .note.{owner}, \\"a\\", @note\\n"'
        f'".long {len(owner) + 1}, {size}, 1\\n.asciz \\"{owner}\\"\\n"'
        f'".balign 4\\n.zero {size}\\n");'
    )


def android(level: int) -> bytes:
    """A program for Android that says, as those of the NDK do, which level it needs."""
    says = note("Android", 4).replace(".zero 4", f".long {level}")
    loader = "-Wl,--dynamic-linker,/system/bin/linker64"
    return built(PROGRAM + says, "-pie", "-nostdlib", "-Wl,-e,start", loader)


def of_system(os_abi: int, content: bytes) -> bytes:
    """The same file, whose header names another system."""
    return content[:7] + bytes([os_abi]) + content[8:]


def xcoff() -> bytes:
    """The headers of a 64-bit program for AIX."""
    header = struct.pack(">HHIQHHI", 0x01F7, 1, 0, 0, 120, 0x0002, 0)
    auxiliary = struct.pack(">HH", 0x010B, 1).ljust(120, b"\0")
    return header + auxiliary + b".text".ljust(72, b"\0")
