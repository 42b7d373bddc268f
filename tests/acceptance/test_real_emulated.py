"""Real runtimes in programs that unpack, check and heal them: the one for Windows under Wine, and
the one for Linux on arm64 under QEMU.

`stage` makes the same crates there, as scripts/test-hosts shows. This machine's are used.
"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import bundles
import pytest
from bundles import LINUX_ARM64, WINDOWS_X64, Tree
from clients import FACADE, ROOT, cargo, must, run, target_dir
from wine import Prefix, windows

VERSION = "0.171.0"


def environment_of(script: str) -> dict[str, str]:
    """The environment that a script of scripts/cross makes."""
    shell = f'environment=$(scripts/cross/{script}) && eval "$environment" && env -0'
    variables = must("bash", "-c", shell, cwd=ROOT).stdout.rstrip("\0").split("\0")
    return dict(variable.split("=", 1) for variable in variables)


class Wine:
    name, runtime, target, exe = "Windows", WINDOWS_X64, "x86_64-pc-windows-gnu", ".exe"

    def __init__(self, work: Path):
        self.cross = environment_of("windows")
        prefix = Prefix(work, Path(self.cross["WINEPREFIX"]))
        self.env, self.stop = prefix.env, prefix.stop
        self.spelled = windows

    def command(self, binary: Path) -> list[str]:
        return ["wine", windows(binary)]

    def path(self, spelled: str) -> Path:
        return Path(spelled.removeprefix("Z:").replace("\\", "/"))


class Qemu:
    name, runtime, target, exe = "arm64", LINUX_ARM64, "aarch64-unknown-linux-gnu", ""

    def __init__(self, work: Path):
        self.cross = environment_of("arm64")
        # The kernel starts the program that is unpacked, with the QEMU that the script told it of.
        self.env = os.environ | {"QEMU_LD_PREFIX": self.cross["QEMU_LD_PREFIX"]}
        self.stop = lambda: None
        self.spelled, self.path = str, Path

    def command(self, binary: Path) -> list[str]:
        return ["qemu-aarch64-static", str(binary)]


@pytest.fixture(scope="module", params=[Wine, Qemu], ids=lambda system: system.name)
def system(request, tmp_path_factory) -> Iterator[Wine | Qemu]:
    system = request.param(tmp_path_factory.mktemp(request.param.name))
    yield system
    system.stop()


@pytest.fixture(scope="module")
def tarball(fetch, system) -> Path:
    return fetch(system.runtime, "npm", VERSION)


@pytest.fixture(scope="module")
def tree(tarball, system) -> Tree:
    """The published runtime."""
    return bundles.read_tar(tarball, f"package/vendor/{system.runtime}/")


class Program:
    """The example program of the crates, with a cache of its own."""

    def __init__(self, system: Wine | Qemu, binary: Path, cache: Path):
        self.system = system
        self.command = system.command(binary)
        self.env = system.env | {"CODEX_CLI_BIN_CACHE_DIR": system.spelled(cache)}

    def __call__(self, *args: str) -> str:
        return must(*self.command, *args, env=self.env).stdout

    def unpacked(self) -> Path:
        """The runtime that `locate()` gives, as a directory of this machine."""
        return self.system.path(self("path").strip()).parent.parent


@pytest.fixture(scope="module")
def program(stage, tarball, system, measure, figure, tmp_path_factory) -> Program:
    work = tmp_path_factory.mktemp("program")
    call = ["stage-runtime", work / "staging", tarball, "--codex-version", f"rust-v{VERSION}"]
    label = f"stage the runtime for {system.name} as crates"
    measure(label, stage.binary, *call, "--format", "crate")
    manifest = work / "staging/crates" / FACADE / "Cargo.toml"
    build = ["--release", "--target", system.target, "--example", FACADE]
    start = time.monotonic()
    cargo("build", "--quiet", *build, "--manifest-path", manifest, env=system.cross)
    built = target_dir() / system.target / f"release/examples/{FACADE}{system.exe}"
    binary = built.rename(work / f"ein Programm{system.exe}")
    figure(f"compile it into a program for {system.name}", f"{time.monotonic() - start:.0f} s")
    figure("  the program", f"{binary.stat().st_size:,} bytes")
    return Program(system, binary, work / "der Cache für 日本")


def test_unpacked(program, tree, measure):
    for call in ["first", "second"]:
        label = f"locate() for {program.system.name}, {call} call"
        measure(label, *program.command, "path", **program.env)
    assert bundles.contents(program.unpacked()) == sha256s(tree)
    assert program("run", "--", "--version") == f"codex-cli {VERSION}\n"


def test_verified(program, measure):
    label = f"verify every byte for {program.system.name}"
    measure(label, *program.command, "verify", **program.env)


@pytest.mark.parametrize("damage", ["cut", "removed", "changed"])
def test_healed(program, tree, damage):
    """The next call unpacks again what is damaged. `verify` finds what keeps its size."""
    executable = program.unpacked() / bundles.entrypoint(program.system.runtime)
    content = executable.read_bytes()
    if damage == "cut":
        executable.write_bytes(content[:-1])
    elif damage == "removed":
        executable.unlink()
    else:
        executable.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        verified = run(*program.command, "verify", env=program.env)
        assert verified.returncode == 1 and "1 damaged" in verified.stdout
        shutil.rmtree(program.unpacked())
    assert bundles.contents(program.unpacked()) == sha256s(tree)
    assert program("run", "--", "--version") == f"codex-cli {VERSION}\n"


def sha256s(tree: Tree) -> dict[str, str]:
    """What `bundles.contents` gives of a directory: files by what they hold, and directories."""
    parents = {str(parent) for path in tree for parent in Path(path).parents} - {"."}
    return dict.fromkeys(parents, "") | {path: file.sha256 for path, file in tree.items()}
