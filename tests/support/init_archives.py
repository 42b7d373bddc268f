"""Archives of releases, as projects publish them, and `stage init` in their folder."""

import gzip
import json
import lzma
import subprocess
from pathlib import Path

import bundles
import elves
import tomllib
import zstandard
from bundles import (
    LINUX_ARM64,
    LINUX_X64,
    MACOS_ARM64,
    MACOS_X64,
    WINDOWS_ARM64,
    WINDOWS_X64,
    File,
    Tree,
)

MIT = b"""MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
HERE = Path(__file__).resolve().parent
#: That of this repository.
APACHE = (HERE.parent.parent / "LICENSE").read_bytes()
#: The shortest text of GNU's.
LGPL = (HERE / "licenses" / "LGPL-3.0.txt").read_bytes()
REPOSITORY = "https://github.com/somebody/tool"

#: A build for each of four machines, with the kind of archive that it comes in.
FOUR = {
    LINUX_X64: ".tar.gz",
    LINUX_ARM64: ".tar.gz",
    MACOS_ARM64: ".tar.gz",
    WINDOWS_X64: ".zip",
}
SIX = FOUR | {MACOS_X64: ".tar.gz", WINDOWS_ARM64: ".zip"}
GNU = "x86_64-unknown-linux-gnu"
UNIVERSAL = "universal2-apple-darwin"


def program(target: str, says: str = "tool 1.0") -> bytes:
    """A program for one of the targets of `bundles`, for glibc, or a universal one."""
    if target == GNU:
        return elves.program()
    if target == UNIVERSAL:
        return bundles.universal(
            bundles.executable(MACOS_X64, says), bundles.executable(MACOS_ARM64, says)
        )
    if target == LINUX_X64:
        # Static, and not slow to make.
        return bundles.elf(0x3E, says)
    return bundles.executable(target, says)


def pack(name: str, tree: Tree, prefix: str = "") -> bytes:
    """A file of a release, of the kind that its name says."""
    if name.endswith(".zip"):
        return bundles.zip_bytes(tree, prefix)
    if name.endswith((".tar.gz", ".tgz")):
        return bundles.gzip_bytes(bundles.tar_bytes(tree, prefix))
    if name.endswith(".tar.zst"):
        return zstandard.compress(bundles.tar_bytes(tree, prefix))
    if name.endswith((".tar.xz", ".txz")):
        return lzma.compress(bundles.tar_bytes(tree, prefix), preset=0)
    (file,) = tree.values()
    if name.endswith(".gz"):
        return gzip.compress(file.data, mtime=0)
    if name.endswith(".xz"):
        return lzma.compress(file.data, preset=0)
    return file.data


def tree(target: str, *commands: str, licenses: dict[str, bytes] | None = None) -> Tree:
    """Executables, and what lies beside them."""
    exe = bundles.suffix(target)
    files = {
        f"{command}{exe}": File(program(target, f"{command} 1.0"), 0o755) for command in commands
    }
    return files | {name: File(text) for name, text in (licenses or {}).items()}


def release(
    targets: dict[str, str] = FOUR,
    pattern: str = "tool-{target}",
    commands: tuple[str, ...] = ("tool",),
    licenses: dict[str, bytes] | None = None,
    folder: bool = True,
) -> dict[str, bytes]:
    """The files of a release; those that are no zip have a folder around everything."""
    if licenses is None:
        licenses = {"LICENSE": MIT}
    files = {}
    for target, kind in targets.items():
        stem = pattern.format(target=target)
        prefix = "" if kind == ".zip" or not folder else f"{stem}/"
        content = tree(target, *commands, licenses=licenses)
        files[stem + kind] = pack(stem + kind, content, prefix)
    return files


def save(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        bundles.save(folder / name, data)
    return folder


class Init:
    """`stage init` in a folder."""

    def __init__(self, stage, folder: Path, files: dict[str, bytes] | None = None):
        self.stage, self.folder = stage, folder
        if files is not None:
            save(folder, files)
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, *options: object, **kwargs) -> subprocess.CompletedProcess:
        return self.stage("init", self.folder, *options, check=True, **kwargs)

    def json(self, *options: object, **kwargs) -> list[dict]:
        result = self(*options, "--message-format", "json", **kwargs)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refuses(self, *options: object, status: int = 1, **kwargs) -> str:
        before = self.files()
        error = self.stage.refuses("init", self.folder, *options, status=status, **kwargs)
        assert self.files() == before
        return error

    def files(self) -> list[str]:
        found = self.folder.rglob("*") if self.folder.exists() else []
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    @property
    def text(self) -> str:
        return (self.folder / "stage.toml").read_text()

    @property
    def toml(self) -> dict:
        return tomllib.loads(self.text)

    @property
    def product(self) -> dict:
        return self.toml["product"]


def taken(results: list[dict], field: str) -> dict[str, str]:
    """What was taken for a field, with what it was taken from."""
    found = [result for result in results if result["type"] == "taken"]
    return {result["value"]: result["from"] for result in found if result["field"] == field}


def left_out(results: list[dict]) -> dict[str, str]:
    return {result["name"]: result["reason"] for result in results if result["type"] == "left-out"}


def unknown(results: list[dict]) -> dict[str, str]:
    return {result["field"]: result["reason"] for result in results if result["type"] == "unknown"}


def next_commands(results: list[dict]) -> list[str]:
    (result,) = [result for result in results if result["type"] == "next"]
    return result["commands"]
