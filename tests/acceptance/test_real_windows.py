"""The real runtime for Windows in a program that unpacks, checks and heals it under Wine.

scripts/test-hosts shows that `stage.exe` makes the same crates as `stage`, which are used here.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import bundles
import pytest
from bundles import WINDOWS_X64, Tree
from clients import FACADE, ROOT, cargo, must, target_dir
from wine import Prefix, windows

VERSION = "0.171.0"
TARGET = "x86_64-pc-windows-gnu"


@pytest.fixture(scope="module")
def tarball(fetch) -> Path:
    return fetch(WINDOWS_X64, "npm", VERSION)


@pytest.fixture(scope="module")
def tree(tarball) -> Tree:
    """The published runtime."""
    return bundles.read_tar(tarball, f"package/vendor/{WINDOWS_X64}/")


@pytest.fixture(scope="module")
def cross() -> dict[str, str]:
    """The environment in which Cargo compiles for Windows."""
    shell = 'environment=$(scripts/cross/windows) && eval "$environment" && env -0'
    variables = must("bash", "-c", shell, cwd=ROOT).stdout.rstrip("\0").split("\0")
    return dict(variable.split("=", 1) for variable in variables)


@pytest.fixture(scope="module")
def prefix(cross, tmp_path_factory) -> Iterator[Prefix]:
    prefix = Prefix(tmp_path_factory.mktemp("wine"), Path(cross["WINEPREFIX"]))
    yield prefix
    prefix.stop()


class Program:
    """The example program of the crates, with a cache of its own."""

    def __init__(self, prefix: Prefix, binary: Path, cache: Path):
        self.prefix, self.binary, self.cache = prefix, binary, cache
        self.env = {"CODEX_CLI_BIN_CACHE_DIR": windows(cache)}

    def __call__(self, *args: str) -> str:
        return self.prefix(self.binary, *args, env=self.env, check=True).stdout

    def unpacked(self) -> Path:
        """The runtime that `locate()` gives, as a directory of this machine."""
        executable = self("path").strip().removeprefix("Z:").replace("\\", "/")
        return Path(executable).parent.parent


@pytest.fixture(scope="module")
def program(stage, tarball, cross, prefix, measure, figure, tmp_path_factory) -> Program:
    work = tmp_path_factory.mktemp("windows")
    call = ["stage-runtime", work / "staging", tarball, "--codex-version", f"rust-v{VERSION}"]
    measure("stage the runtime for Windows as crates", stage.binary, *call, "--format", "crate")
    manifest = work / "staging/crates" / FACADE / "Cargo.toml"
    build = ["--release", "--target", TARGET, "--example", FACADE, "--manifest-path", manifest]
    start = time.monotonic()
    cargo("build", "--quiet", *build, env=cross)
    built = target_dir() / TARGET / "release/examples" / f"{FACADE}.exe"
    binary = built.rename(work / "ein Programm.exe")
    figure("compile it into a program for Windows", f"{time.monotonic() - start:.0f} s")
    figure("  the program", f"{binary.stat().st_size:,} bytes")
    return Program(prefix, binary, work / "der Cache für 日本")


def test_unpacked(program, tree, measure):
    environment = program.prefix.env | program.env
    for call in ["first", "second"]:
        label = f"locate() for Windows, {call} call, with Wine"
        measure(label, "wine", windows(program.binary), "path", **environment)
    assert bundles.contents(program.unpacked()) == sha256s(tree)
    assert program("run", "--", "--version") == f"codex-cli {VERSION}\n"


def test_verified(program, measure):
    environment = program.prefix.env | program.env
    command = ["wine", windows(program.binary), "verify"]
    measure("verify every byte for Windows, with Wine", *command, **environment)


@pytest.mark.parametrize("damage", ["cut", "removed", "changed"])
def test_healed(program, tree, damage):
    """The next call unpacks again what is damaged. `verify` finds what keeps its size."""
    executable = program.unpacked() / bundles.entrypoint(WINDOWS_X64)
    content = executable.read_bytes()
    if damage == "cut":
        executable.write_bytes(content[:-1])
    elif damage == "removed":
        executable.unlink()
    else:
        executable.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        verified = program.prefix(program.binary, "verify", env=program.env)
        assert verified.returncode == 1 and "1 damaged" in verified.stdout
        shutil.rmtree(program.unpacked())
    assert bundles.contents(program.unpacked()) == sha256s(tree)
    assert program("run", "--", "--version") == f"codex-cli {VERSION}\n"


def sha256s(tree: Tree) -> dict[str, str]:
    """What `bundles.contents` gives of a directory: files by what they hold, and directories."""
    parents = {str(parent) for path in tree for parent in Path(path).parents} - {"."}
    return dict.fromkeys(parents, "") | {path: file.sha256 for path, file in tree.items()}
