"""Real tools of other projects: from the archives of a release, through `stage init`, to packages
of every platform that the tool has, and to the command that each package manager installs.

A version proves nothing here: a machine may have the tool already. The kernel says which
executables ran, and the digest of one of them must be that of the executable in the archive.
"""

import hashlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bundles
import pytest
from clients import Project, Venv, cargo, must, pipx, tomllib
from executed import executed
from npm_registry import Registry
from real_products import TOOLS, Tool

pytestmark = pytest.mark.skipif(
    bundles.HOST != bundles.LINUX_X64, reason="installs what is for x86-64 Linux"
)


@dataclass
class Made:
    """The release of a tool, and what was staged of it."""

    tool: Tool
    cache: Path
    release: Path

    @property
    def staging(self) -> Path:
        return self.release / "dist"

    @property
    def product(self) -> dict:
        return tomllib.loads((self.release / "stage.toml").read_text())

    def wheel_options(self) -> list[object]:
        return ["--no-index", "--find-links", self.staging / "wheels"]

    def runs(self, root: Path, call: Callable[[str], list[object]], **kwargs) -> None:
        """Each command prints its version, and what ran is the executable of the archive, in
        `root`."""
        digests = {
            command: hashlib.sha256(self.tool.program(command, self.cache)).hexdigest()
            for command in self.tool.commands
        }
        for command, says in self.tool.commands.items():
            output, ran = executed(*call(command), "--version", **kwargs)
            assert says in output
            own = [one.path for one in ran if one.sha256 == digests[command]]
            assert own, f"{command} of the archive did not run, but {ran}"
            assert root.resolve() in own[-1].parents, ran
            # uvx becomes uv, which is of the archive too. npm's launcher starts a shell beside it.
            named = [one for one in ran if one.path.name in self.tool.commands]
            assert named[-1].sha256 in digests.values(), ran


@pytest.fixture(scope="module", params=TOOLS, ids=str)
def made(request, stage, figure, tmp_path_factory) -> Made:
    tool = request.param
    cache = os.environ.get("STAGE_ACCEPTANCE_CACHE")
    assert cache, "run these tests with scripts/acceptance"
    made = Made(tool, Path(cache), tmp_path_factory.mktemp(tool.name))
    assets = list(tool.publish(made.release, made.cache))
    given = ["--repository", tool.repository, "--release-tag", tool.version, *tool.init]
    report = must(
        stage.binary, "init", *given, cwd=made.release, env=stage.env, stdin=subprocess.DEVNULL
    )
    (made.release / "init.log").write_text(report.stdout + report.stderr)

    # What it prints is what comes next, without a change.
    calls = re.findall(r"^ +stage (stage-runtime .+)$", report.stdout, re.MULTILINE)
    words = {word for call in calls for word in shlex.split(call)}
    left_out = set(map(tool.asset_of, tool.left_out))
    assert {asset.name for asset in assets} - words == left_out
    for call in calls:
        staged = [stage.binary, *shlex.split(call), "--compression=fast"]
        must(*staged, cwd=made.release, env=stage.env)
    must(stage.binary, "assemble", "dist", "--product", ".", cwd=made.release, env=stage.env)
    size = sum(path.stat().st_size for path in made.staging.rglob("*") if path.is_file())
    figure(f"{tool}: {len(calls)} platforms", f"{size / 1e6:,.0f} MB of packages")
    return made


def test_targets_and_commands_are_recognised(made):
    product, tool = made.product["product"], made.tool
    assert product["name"] == tool.name
    assert product["targets"] == sorted(tool.platforms.keys() - set(tool.left_out))
    assert product.get("commands", [tool.name]) == list(tool.commands)


def test_packages_of_every_platform_are_right(stage, made):
    def verify(what: str) -> str:
        call = [stage.binary, "verify", what, "--product", "."]
        result = must(*call, cwd=made.release, env=stage.env)
        return result.stdout + result.stderr

    assert " 0 errors" in verify("dist")
    assert "all as they were made" in verify("dist/release.json")
    crates = {path.name for path in (made.staging / "crates").iterdir()}
    targets = made.product["product"]["targets"]
    assert {f"{made.tool.name}-{target}" for target in targets} <= crates


def test_nothing_says_codex(made):
    """Except what the tool itself says: its licence, its README, its files."""
    for kind in ["manifests", "crates"]:
        for path in (made.staging / kind).rglob("*"):
            if path.is_file() and path.suffix in {".json", ".rs", ".toml"}:
                assert "codex" not in path.read_text(encoding="utf-8").lower(), path


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_pip(made, tmp_path, client):
    venv = Venv(tmp_path / "venv")
    venv.install(client, *made.wheel_options(), made.tool.name)
    made.runs(tmp_path / "venv", lambda command: [venv.python.parent / command])
    first = next(iter(made.tool.commands))
    output, ran = executed(venv.python, "-m", made.tool.name.replace("-", "_"), "--version")
    assert made.tool.commands[first] in output
    digest = hashlib.sha256(made.tool.program(first, made.cache)).hexdigest()
    assert digest in {one.sha256 for one in ran}


def test_uv_tool_and_uvx(made, tmp_path):
    env = os.environ | {
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_PYTHON": sys.executable,
    }
    uv = [sys.executable, "-m", "uv", "--no-config", "--quiet", "tool"]
    options = made.wheel_options()
    must(*uv, "install", *options, made.tool.name, env=env)
    made.runs(tmp_path, lambda command: [tmp_path / "bin" / command], env=env)
    uvx = [*uv, "run", *options, "--from", made.tool.name]
    made.runs(tmp_path, lambda command: [*uvx, command], env=env)


def test_pipx(made, tmp_path):
    env = pipx(tmp_path, made.staging / "wheels")
    must(sys.executable, "-m", "pipx", "install", made.tool.name, env=env)
    made.runs(tmp_path, lambda command: [tmp_path / "bin" / command], env=env)
    pages = [path for path in made.tool.generated if path.endswith(".1")]
    assert {path.name for path in (tmp_path / "man").rglob("*.1")} == {
        Path(path).name for path in pages
    }


@pytest.fixture(scope="module")
def published(made):
    with Registry() as registry:
        for package in sorted((made.staging / "npm").iterdir()):
            registry.publish(package, latest=True)
        yield registry


@pytest.mark.parametrize(("client", "add"), [("npm", "install"), ("pnpm", "add")])
def test_npm(made, published, tmp_path, client, add):
    project = Project(tmp_path / "project", client, published.url)
    project(add, f"{made.tool.name}@{made.tool.version}")
    links = project.directory / "node_modules/.bin"
    names = made.tool.npm_commands
    made.runs(
        project.directory,
        lambda command: [links / names.get(command, command)],
        cwd=project.directory,
        env=project.env,
    )


def test_cargo(made, tmp_path):
    crate = made.staging / "crates" / made.tool.name
    cargo("install", "--quiet", "--debug", "--path", crate, "--root", tmp_path / "root")
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    made.runs(tmp_path, lambda command: [tmp_path / "root/bin" / command], env=env)
