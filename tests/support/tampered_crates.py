"""Crates of several parts, directories and `.crate` files alike, and what is changed in them."""

import re
from collections.abc import Callable
from pathlib import Path

import bundles
from bundles import HOST, Tree
from clients import FACADE
from tampered import tgz

PLATFORM = f"{FACADE}-{HOST}"
PART = f"{PLATFORM}-part2"
PARTS = 3
VERSION = bundles.VERSION
TOP = f"{PLATFORM}-{VERSION}"
NO_HASH = "0" * 64

# What a manifest may say that Cargo packages: what the registry refuses, and what it takes. Its
# checks are those of `publish.rs` of the registry's source.
REFUSED = [
    f'description = "{"x" * 1001}"',
    'description = " "',
    'license = "Apache 2.0"',
    'license = "MIT AND"',
    'license = "mine"',
    'homepage = "example.com"',
    'documentation = "ftp://example.com"',
    'repository = "https://"',
    'repository = "git@example.com:a/b.git"',
    'keywords = ["a", "b", "c", "d", "e", "f"]',
    f'keywords = ["{"x" * 21}"]',
    'keywords = [""]',
    'keywords = ["two words"]',
    'keywords = ["-a"]',
    'keywords = ["ä"]',
    'categories = ["a", "b", "c", "d", "e", "f"]',
    '[dev-dependencies]\na = "*"',
    '[dev-dependencies]\na = { version = " * " }',
    "[target.'cfg(unix)'.build-dependencies]\na = \"*\"",
]
TAKEN = [
    f'description = "{"x" * 1000}"',
    'license = "MIT/Apache-2.0"',
    'license = "GPL-2.0+ WITH Classpath-exception-2.0"',
    'homepage = "http://example.com"',
    f'keywords = ["{"x" * 20}", "c++", "a_b-c", "1", "Z"]',
    'categories = ["a", "b", "c", "d", "e"]',
    '[dev-dependencies]\na = "1.*"',
    '[dev-dependencies]\na = { path = "../a" }',
    '[dev-dependencies]\na = { git = "https://example.com" }',
    '[dependencies]\na = ">=0"',
]


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def line(pattern: str, replacement: str) -> Callable[[bytes], bytes]:
    """Changes the first line of a manifest that matches."""

    def change(data: bytes) -> bytes:
        changed, count = re.subn(pattern, replacement, data.decode(), count=1, flags=re.M)
        assert count == 1, pattern
        return changed.encode()

    return change


def stated(field: str) -> Callable[[bytes], bytes]:
    """A manifest with this in `[package]`, in place of what it says; or with another table."""

    def change(data: bytes) -> bytes:
        if field.startswith("["):
            return data + f"\n{field}\n".encode()
        name = re.escape(field.split(" =")[0])
        without = re.sub(rf"(?m)^{name} = .*\n", "", data.decode())
        return without.replace("[package]\n", f"[package]\n{field}\n", 1).encode()

    return change


def write(tmp_path: Path, tree: Tree) -> Path:
    path = tmp_path / f"{TOP}.crate"
    path.write_bytes(tgz(tree))
    return path
