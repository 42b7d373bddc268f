"""npm packages of other projects, and executables to put into one."""

import json
import struct

import bundles
from bundles import File, Tree
from tampered import tgz

PACKAGE_JSON = "package/package.json"
NODE = b"#!/usr/bin/env node\n"


def other(**changes: object) -> Tree:
    """A package of another project."""
    package = {"name": "other", "version": "1.2.3", "bin": {"other": "bin/other.js"}} | changes
    package = {key: value for key, value in package.items() if value is not ...}
    return {
        PACKAGE_JSON: File(json.dumps(package).encode()),
        "package/bin/other.js": File(NODE, 0o755),
        "package/index.js": File(b"module.exports = 1\n"),
    }


def native(*executables: tuple[str, bytes], **changes: object) -> Tree:
    """A package of another project with executables."""
    tree = other(**changes)
    return tree | {f"package/{path}": File(data, 0o755) for path, data in executables}


LINUX = bundles.elf(0x3E, "linux x64")
LINUX_ARM = bundles.elf(0xB7, "linux arm64")
MACOS = bundles.macho((0x0100000C, 0), (11, 0), "macos arm64")
WINDOWS = bundles.pe(0x8664, "windows x64")
WINDOWS_ARM = bundles.pe(0xAA64, "windows arm64")
WINDOWS_32 = bundles.pe(0x14C, "windows ia32")


def as_dll(program: bytes) -> bytes:
    """The same PE file as a library: what `.node` files are on Windows."""
    (flags,) = struct.unpack_from("<H", program, 64 + 4 + 18)
    image = bytearray(program)
    struct.pack_into("<H", image, 64 + 4 + 18, flags | 0x2000)
    return bytes(image)


def linked_macho(library: str, weak: bool = False) -> bytes:
    """The program for macOS with one more command: it needs a library."""
    name = library.encode() + b"\0"
    name = name.ljust(len(name) + -len(name) % 8, b"\0")
    kind = 0x80000018 if weak else 0xC
    command = struct.pack("<IIIIII", kind, 24 + len(name), 24, 2, 0, 0) + name
    count, size = struct.unpack_from("<II", MACOS, 16)
    image = MACOS[: 32 + size] + command
    image = image[:16] + struct.pack("<II", count + 1, size + len(command)) + image[24:]
    (code, _) = struct.unpack_from("<II", image, image.index(struct.pack("<II", 0x1D, 16)) + 8)
    image = image.ljust(code, b"\0")
    return image + bundles.ad_hoc_signature(image)


def dynamic_elf(interpreter: str, needed: str) -> bytes:
    """A Linux x64 program that needs a C library: a header, PT_INTERP, PT_DYNAMIC and one page."""
    strings = b"\0" + needed.encode() + b"\0"
    headers = 64 + 3 * 56
    interp = interpreter.encode() + b"\0"
    interp_at = headers
    strings_at = interp_at + len(interp)
    dynamic_at = (strings_at + len(strings) + 7) & ~7
    dynamic = b"".join(
        struct.pack("<qQ", tag, value)
        for tag, value in [(1, 1), (5, 0x400000 + strings_at), (10, len(strings)), (0, 0)]
    )
    size = dynamic_at + len(dynamic)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        2, 0x3E, 1, 0x400078, 64, 0, 0, 64, 56, 3, 64, 0, 0,
    )  # fmt: skip

    def segment(kind: int, at: int, length: int) -> bytes:
        return struct.pack(
            "<IIQQQQQQ", kind, 5, at, 0x400000 + at, 0x400000 + at, length, length, 0x1000
        )

    body = segment(3, interp_at, len(interp)) + segment(1, 0, size)
    body += segment(2, dynamic_at, len(dynamic))
    content = (header + body + interp + strings).ljust(dynamic_at, b"\0") + dynamic
    assert len(content) == size
    return content


GLIBC = dynamic_elf("/lib64/ld-linux-x86-64.so.2", "libc.so.6")
MUSL = dynamic_elf("/lib/ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1")


def latin_1(**changes: object) -> Tree:
    """As an old editor saves it. npm takes it: it installs, packs and publishes such a package."""
    package = json.loads(other(**changes)[PACKAGE_JSON].data)
    text = json.dumps(package, ensure_ascii=False, indent=2)
    return other() | {PACKAGE_JSON: File(text.encode("latin-1"))}


def write(tmp_path, tree: Tree):
    path = tmp_path / "package.tgz"
    path.write_bytes(tgz(tree))
    return path
