"""Synthetic runtimes, small and well-formed, and every wrapping in which a runtime arrives.

Everything here is written with Python's own modules: nothing that `stage` reads in a test was
made by `stage`. A tree is a plain dict from path to `File`, so that the trees of a directory, a
wheel and a crate compare with `==`.
"""

import functools
import gzip
import hashlib
import io
import json
import platform
import random
import stat
import struct
import subprocess
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

VERSION = "0.163.0"
TAG = f"rust-v{VERSION}"

LINUX_X64 = "x86_64-unknown-linux-musl"
LINUX_ARM64 = "aarch64-unknown-linux-musl"
MACOS_X64 = "x86_64-apple-darwin"
MACOS_ARM64 = "aarch64-apple-darwin"
WINDOWS_X64 = "x86_64-pc-windows-msvc"
WINDOWS_ARM64 = "aarch64-pc-windows-msvc"
TARGETS = [LINUX_X64, LINUX_ARM64, MACOS_X64, MACOS_ARM64, WINDOWS_X64, WINDOWS_ARM64]

HOST = {
    ("Linux", "x86_64"): LINUX_X64,
    ("Linux", "aarch64"): LINUX_ARM64,
    ("Darwin", "x86_64"): MACOS_X64,
    ("Darwin", "arm64"): MACOS_ARM64,
}[platform.system(), platform.machine()]
OTHER = next(target for target in [MACOS_ARM64, LINUX_ARM64] if target != HOST)


@dataclass(frozen=True)
class File:
    data: bytes = field(repr=False)
    mode: int = 0o644

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def __repr__(self) -> str:
        return f"File({len(self.data)} bytes, {self.mode:o}, {self.sha256[:12]})"


Tree = dict[str, File]


# Executables


@functools.cache
def program(says: str) -> bytes:
    """An executable of this machine. `--version` prints what it `says`, `exit N` exits with N,
    `where` prints the path of what runs, `sleep` waits for a signal, and other arguments are
    echoed, one a line."""
    source = f"""
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        int main(int argc, char **argv) {{
            char path[4096] = {{0}};
            if (argc == 2 && !strcmp(argv[1], "--version")) return puts("{says}") < 0;
            if (argc == 3 && !strcmp(argv[1], "exit")) return atoi(argv[2]);
            if (argc == 2 && !strcmp(argv[1], "where"))
                return readlink("/proc/self/exe", path, sizeof path - 1) < 0 || puts(path) < 0;
            if (argc == 2 && !strcmp(argv[1], "sleep"))
                return puts("sleeping") < 0 || fflush(stdout) || pause();
            for (int i = 1; i < argc; i++) puts(argv[i]);
            return 0;
        }}
    """
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "program.c").write_text(source)
        static = [] if platform.system() == "Darwin" else ["-static"]
        subprocess.run(
            ["cc", "-Os", "-s", *static, "-o", "program", "program.c"], cwd=work, check=True
        )
        return (Path(work) / "program").read_bytes()


def elf(machine: int, says: str) -> bytes:
    """A static ELF executable for another CPU: a header and one loaded segment."""
    text = says.encode()
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        2, machine, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0,
    )  # fmt: skip
    size = 64 + 56 + len(text)
    # Kernels of some CPUs have pages of 64 KiB.
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 0x10000)
    return header + load + text


def macho(
    cpu: tuple[int, int],
    minimum_os: tuple[int, int],
    says: str,
    *,
    platform: int = 1,
    kind: int = 2,
    signed: bool = True,
) -> bytes:
    """A 64-bit Mach-O executable: __TEXT, __LINKEDIT, LC_BUILD_VERSION and LC_MAIN, and the ad hoc
    signature that a linker makes."""
    code = 0x4000
    signature_size = len(ad_hoc_signature(bytes(code))) if signed else 0
    segment = "<II16sQQQQiiII"
    start = 0x100000000
    commands = struct.pack(segment, 0x19, 72, b"__TEXT", start, code, 0, code, 5, 5, 0, 0)
    commands += struct.pack(
        segment, 0x19, 72, b"__LINKEDIT", start + code, code, code, signature_size, 1, 1, 0, 0
    )
    version = minimum_os[0] << 16 | minimum_os[1] << 8
    commands += struct.pack("<IIIIII", 0x32, 24, platform, version, 0, 0)
    commands += struct.pack("<IIQQ", 0x80000028, 24, 0x1000, 0)
    if signed:
        commands += struct.pack("<IIII", 0x1D, 16, code, signature_size)
    header = struct.pack(
        "<IiiIIIII", 0xFEEDFACF, *cpu, kind, 5 if signed else 4, len(commands), 0x200085, 0
    )
    image = (header + commands + says.encode()).ljust(code, b"\0")
    return image + ad_hoc_signature(image) if signed else image


def ad_hoc_signature(image: bytes, shift: int = 12) -> bytes:
    """What a linker for arm64 adds: a code directory with the SHA-256 of each page, and nothing
    else (cs_blobs.h of XNU). A page has 2 to the power of `shift` bytes."""
    size = 1 << shift
    pages = [hashlib.sha256(image[at : at + size]).digest() for at in range(0, len(image), size)]
    name = b"program\0"
    hashes_at = 88 + len(name)
    directory = struct.pack(
        ">IIIIIIIIIBBBBIIIIQQQQ",
        0xFADE0C02, hashes_at + 32 * len(pages), 0x20400, 0x20002, hashes_at, 88, 0, len(pages),
        len(image), 32, 2, 0, shift, 0, 0, 0, 0, 0, 0, len(image), 1,
    )  # fmt: skip
    directory += name + b"".join(pages)
    blob = struct.pack(">IIIII", 0xFADE0CC0, 20 + len(directory), 1, 0, 20) + directory
    return blob.ljust(-(-len(blob) // 16) * 16, b"\0")


def universal(*slices: bytes) -> bytes:
    """A Mach-O file for several CPUs, as `lipo` makes it. Its table has what the slices say."""
    at, table, body = 0x4000, b"", b""
    for code in slices:
        cpu = struct.unpack("<ii", code[4:12])
        table += struct.pack(">iiIII", *cpu, at + len(body), len(code), 14)
        body += code.ljust(-(-len(code) // 0x4000) * 0x4000, b"\0")
    last = len(slices[-1]) % 0x4000
    body = body[: len(body) - (0x4000 - last if last else 0)]
    return (struct.pack(">II", 0xCAFEBABE, len(slices)) + table).ljust(at, b"\0") + body


def pe(machine: int, says: str) -> bytes:
    """A PE32+ console executable: the headers and one section."""
    text = says.encode().ljust(0x200, b"\0")
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        0x20B, 14, 0, 0x200, 0, 0, 0x1000, 0x1000, 0x140000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0,
        0, 0x2000, 0x200, 0, 3, 0x8160, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16,
    ) + bytes(16 * 8)  # fmt: skip
    section = struct.pack(
        "<8sIIIIIIHHI", b".text", len(text), 0x1000, len(text), 0x200, 0, 0, 0, 0, 0x60000020
    )
    return (dos + coff + optional + section).ljust(0x200, b"\0") + text


def executable(target: str, says: str) -> bytes:
    """One that runs where the target is this machine's, otherwise one of the right headers."""
    if target == HOST:
        return program(says)
    return {
        LINUX_X64: lambda: elf(0x3E, says),
        LINUX_ARM64: lambda: elf(0xB7, says),
        MACOS_X64: lambda: macho((0x01000007, 3), (10, 9), says),
        MACOS_ARM64: lambda: macho((0x0100000C, 0), (11, 0), says),
        WINDOWS_X64: lambda: pe(0x8664, says),
        WINDOWS_ARM64: lambda: pe(0xAA64, says),
    }[target]()


# Trees


def suffix(target: str) -> str:
    return ".exe" if "windows" in target else ""


def compressed_tags() -> list[str]:
    """Two tags of this machine, to write into one wheel."""
    return {
        LINUX_X64: ["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
        LINUX_ARM64: ["manylinux_2_17_aarch64", "manylinux2014_aarch64"],
        MACOS_X64: ["macosx_10_9_x86_64", "macosx_11_0_x86_64"],
        MACOS_ARM64: ["macosx_11_0_arm64", "macosx_12_0_arm64"],
    }[HOST]


def entrypoint(target: str = HOST) -> str:
    return f"bin/codex{suffix(target)}"


def metadata(target: str = HOST, version: str = VERSION, **changes: object) -> bytes:
    fields = {
        "layoutVersion": 1,
        "version": version,
        "target": target,
        "variant": "codex",
        "entrypoint": entrypoint(target),
        "resourcesDir": "codex-resources",
        "pathDir": "codex-path",
    }
    return json.dumps(fields | changes, indent=2).encode()


@functools.cache
def large_content() -> bytes:
    """More than one 4 MiB piece, of what compresses well and of what does not at all."""
    return b"a line that repeats itself\n" * 80_000 + random.Random(163).randbytes(3 << 20)


def bundle(target: str = HOST, version: str = VERSION, *, size: str = "full") -> Tree:
    """A runtime as a release packs it. A `small` one has no more than every runtime has."""
    exe = suffix(target)
    tree = {
        "codex-package.json": File(metadata(target, version)),
        entrypoint(target): File(executable(target, f"codex-cli {version}"), 0o755),
        f"codex-path/rg{exe}": File(executable(target, "ripgrep 14.1.1"), 0o755),
    }
    if size == "full":
        tree |= {
            f"bin/codex-code-mode-host{exe}": File(executable(target, "code-mode-host"), 0o755),
            "codex-resources/helper.sh": File(b"#!/bin/sh\nexit 0\n", 0o755),
            "codex-resources/voice/lib/data.bin": File(large_content()),
            "codex-resources/voice/empty": File(b""),
            "codex-resources/voice/name with spaces, ünïcode": File(b"named\n"),
        }
    return tree


def write(tree: Tree, directory: Path) -> Path:
    for path, file in tree.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(file.mode)
    return directory


def read(directory: Path) -> Tree:
    return {
        path.relative_to(directory).as_posix(): File(
            path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        )
        for path in sorted(directory.rglob("*"))
        if not path.is_dir()
    }


def read_zip(archive: Path, prefix: str = "") -> Tree:
    with zipfile.ZipFile(archive) as members:
        return {
            info.filename.removeprefix(prefix): File(
                members.read(info), info.external_attr >> 16 & 0o7777
            )
            for info in members.infolist()
            if info.filename.startswith(prefix)
        }


def read_tar(archive: Path, prefix: str = "") -> Tree:
    with tarfile.open(archive) as members:
        return {
            member.name.removeprefix(prefix): File(members.extractfile(member).read(), member.mode)
            for member in members
            if member.name.startswith(prefix)
        }


def replace(tree: Tree, path: str, data: bytes) -> Tree:
    return tree | {path: File(data, tree[path].mode)}


# Wrappings


def tar_bytes(tree: Tree, prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, file in tree.items():
            member = tarfile.TarInfo(prefix + path)
            member.size, member.mode, member.mtime = len(file.data), file.mode, 499162500
            archive.addfile(member, io.BytesIO(file.data))
    return buffer.getvalue()


def gzip_bytes(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


def zip_bytes(tree: Tree, prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, file in tree.items():
            info = zipfile.ZipInfo(prefix + path)
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.data)
    return buffer.getvalue()


def target_of(tree: Tree) -> str:
    return json.loads(tree["codex-package.json"].data)["target"]


def directory(tree: Tree, parent: Path) -> Path:
    return write(tree, parent / "runtime")


def tar_gz(tree: Tree, parent: Path) -> Path:
    return save(parent / f"codex-package-{target_of(tree)}.tar.gz", gzip_bytes(tar_bytes(tree)))


def tar_zst(tree: Tree, parent: Path) -> Path:
    compressed = zstandard.ZstdCompressor(level=3).compress(tar_bytes(tree))
    return save(parent / f"codex-package-{target_of(tree)}.tar.zst", compressed)


def zip_archive(tree: Tree, parent: Path) -> Path:
    return save(parent / f"codex-package-{target_of(tree)}.zip", zip_bytes(tree))


def npm_tarball(tree: Tree, parent: Path) -> Path:
    package = {
        "package/package.json": File(b'{"name": "@openai/codex"}'),
        "package/README.md": File(b"# Codex\n"),
    }
    vendor = {f"package/vendor/{target_of(tree)}/{path}": file for path, file in tree.items()}
    return save(parent / "openai-codex.tgz", gzip_bytes(tar_bytes(vendor | package)))


def published_wheel(tree: Tree, parent: Path) -> Path:
    name = f"openai_codex_cli_bin-{VERSION}"
    package = {"codex_cli_bin/__init__.py": File(b'PACKAGE_NAME = "openai-codex-cli-bin"\n')}
    package |= {f"codex_cli_bin/{path}": file for path, file in tree.items()}
    package |= {
        f"{name}.dist-info/METADATA": File(
            f"Metadata-Version: 2.4\nName: openai-codex-cli-bin\nVersion: {VERSION}\n".encode()
        ),
        f"{name}.dist-info/WHEEL": File(
            b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n"
        ),
        f"{name}.dist-info/RECORD": File("".join(f"{path},,\n" for path in package).encode()),
    }
    return save(parent / f"{name}-py3-none-any.whl", zip_bytes(package))


def bare_executable(tree: Tree, parent: Path) -> Path:
    path = entrypoint(target_of(tree))
    return save(parent / Path(path).name, tree[path].data, 0o755)


WRAPPINGS = [directory, tar_gz, tar_zst, zip_archive, npm_tarball, published_wheel]


def save(path: Path, data: bytes, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def contents(directory: Path) -> dict[str, str]:
    """What the files of a directory hold. Their modes are the caller's, who may have a umask."""
    return {path: sha256 for path, (_, sha256) in snapshot(directory).items()}


def snapshot(directory: Path) -> dict[str, tuple[int, str]]:
    """All that a directory holds: equal before and after a command that must leave it alone."""
    return {
        path.relative_to(directory).as_posix(): (
            path.lstat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(directory.rglob("*"))
    }
