"""The npm packages with each version of the clients: what they install, and what brings it back.

The clients and the Node.js on which each runs are packages of the npm registry themselves.
"""

import os
import shlex
import shutil
from pathlib import Path

import pytest
from bundles import HOST, VERSION
from clients import Project, must, run
from node import ALIAS, NAME, PLATFORMS
from npm_registry import Registry

SPEC = f"{NAME}@{VERSION}"

#: Each client and its Node.js: the oldest that it takes, and the newest.
CLIENTS = [
    ("npm@8", "node@16"),
    # Debian 12 and 13.
    ("npm@9.2.0", "node@18"),
    ("npm@9", "node@18"),
    ("npm@10", "node@18"),
    ("npm@10", "node@22"),
    ("npm@11", "node@20"),
    ("npm@11", "node@24"),
    ("npm@12", "node@22"),
    ("npm@12", "node@26"),
    ("pnpm@9", "node@18"),
    ("pnpm@9", "node@22"),
    ("pnpm@10", "node@18"),
    ("pnpm@10", "node@26"),
]


@pytest.fixture(scope="module")
def cached() -> Path:
    cache = os.environ.get("STAGE_ACCEPTANCE_CACHE")
    assert cache, "set STAGE_ACCEPTANCE_CACHE to a directory: scripts/acceptance does"
    return Path(cache) / "clients"


@pytest.fixture(scope="module")
def packages(stage, small_runtime, tmp_path_factory) -> tuple[Path, Path]:
    """The package of this machine's platform, and the root package."""
    staging = tmp_path_factory.mktemp("npm") / "staging"
    stage.runtime(staging, small_runtime, "--format", "npm")
    name = f"openai-codex-{VERSION}"
    return staging / f"npm/{name}-{PLATFORMS[HOST]}.tgz", staging / f"npm/{name}.tgz"


@pytest.fixture
def registry(packages):
    with Registry() as registry:
        registry.publish(packages[1], latest=True)
        yield registry


@pytest.fixture(params=CLIENTS, ids=lambda client: "-on-".join(client).replace("@", "-"))
def project(request, cached, registry, tmp_path) -> Project:
    """A project of one who has this client."""
    programs = []
    for package in request.param:
        prefix = cached / package
        if not prefix.exists():
            new = tmp_path / package
            # `--force`: it runs on its own Node.js, not on the one that installs it.
            install = ["npm", "install", "--global", "--force", "--loglevel=error"]
            must(*install, "--prefix", new, package)
            shutil.copytree(new, prefix.with_suffix(f".{os.getpid()}"), symlinks=True)
            prefix.with_suffix(f".{os.getpid()}").rename(prefix)
        programs.append(str(prefix / "bin"))
    client = request.param[0].split("@")[0]
    project = Project(tmp_path / "it's a project", client, registry.url)
    project.env["PATH"] = os.pathsep.join([*programs, project.env["PATH"]])
    project.env["CI"] = "1"
    return project


def add(project: Project, *options: str) -> None:
    project("add" if project.client == "pnpm" else "install", *options)


def runs(command: Path, project: Project) -> None:
    result = must(command, "--version", cwd=project.directory, env=project.env)
    assert result.stdout == f"codex-cli {VERSION}\n"


def remove(directory: Path) -> None:
    """Removes the package of the platform, and pnpm's links to it."""
    found = sorted(directory.rglob(ALIAS))
    assert found
    for path in found:
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)


def brought_back(command: Path, project: Project) -> None:
    """The command does not run; it does after the one that it advises."""
    result = run(command, "--version", cwd=project.directory, env=project.env)
    assert result.returncode == 1, result.stdout
    advice = result.stderr.splitlines()[-1].removeprefix("help: ")
    must(*shlex.split(advice), cwd="/", env=project.env)
    runs(command, project)


def test_installed_and_removed(project, registry, packages):
    registry.publish(packages[0])
    add(project, SPEC)
    command = project.directory / "node_modules/.bin/codex"
    runs(command, project)
    remove(project.directory / "node_modules")
    brought_back(command, project)


def test_left_out(project, registry, packages):
    registry.publish(packages[0])
    add(project, SPEC, "--no-optional" if project.client == "pnpm" else "--omit=optional")
    brought_back(project.directory / "node_modules/.bin/codex", project)


@pytest.mark.parametrize("exact", [False, True], ids=["a range", "an exact version"])
def test_registry_that_had_it_only_later(project, registry, packages, exact):
    """It stays, and the project asks for the same version as before."""
    add(project, SPEC, *(["--save-exact"] if exact else []))
    manifest = (project.directory / "package.json").read_bytes()
    registry.publish(packages[0])
    command = project.directory / "node_modules/.bin/codex"
    brought_back(command, project)
    assert (project.directory / "package.json").read_bytes() == manifest
    for again in [["install"], ["ci"] if project.client == "npm" else ["install", "--force"]]:
        project(*again)
        runs(command, project)


def test_global(project, registry, packages):
    registry.publish(packages[0])
    if project.client == "pnpm":
        project("add", "--global", "--no-optional", SPEC)
        command = project.home / "codex"
    else:
        project("install", "--global", SPEC)
        remove(project.home / "global")
        command = project.home / "global/bin/codex"
    brought_back(command, project)
