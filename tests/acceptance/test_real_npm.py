"""The real runtime in an npm package of ours, below the published root package and below ours."""

import subprocess
import time
from pathlib import Path

import bundles
import pytest
from bundles import HOST, VERSION, File, Tree
from clients import Project, must
from node import ALIAS, HERE, NAME
from npm_registry import Registry

# What tells our package from the published one, which has the same runtime otherwise.
MARKER = "codex-resources/staged-here"


@pytest.fixture(scope="module")
def tree(fetch, tmp_path_factory) -> Tree:
    """The published runtime of this machine, marked as ours."""
    published = bundles.read_tar(fetch(HOST, "npm"), f"package/vendor/{HOST}/")
    return published | {MARKER: File(b"ours\n")}


@pytest.fixture(scope="module")
def ours(stage, tree, measure, figure, tmp_path_factory) -> Path:
    """The npm packages that are staged from it."""
    staging = tmp_path_factory.mktemp("npm") / "staging"
    runtime = bundles.directory(tree, tmp_path_factory.mktemp("runtime"))
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, "--format", "npm"]
    measure("stage npm's runtime as npm packages", stage.binary, *call)
    for package in sorted((staging / "npm").iterdir()):
        figure(f"  {package.name}", f"{package.stat().st_size:,} bytes")
    return staging / "npm"


@pytest.fixture(scope="module")
def published_root(tmp_path_factory) -> Path:
    """The root package, as npm downloads it."""
    work = tmp_path_factory.mktemp("root")
    must("npm", "pack", "--loglevel=error", f"{NAME}@{VERSION}", "--pack-destination", work)
    (package,) = work.iterdir()
    return package


def test_the_tree_is_the_one_that_was_put_in(ours, tree):
    package = ours / f"openai-codex-{VERSION}-{HERE}.tgz"
    must("gzip", "--test", package)
    assert bundles.read_tar(package, f"package/vendor/{HOST}/") == tree


def running(project: Project) -> Path:
    """The executable of the app-server, which runs until its input ends."""
    launcher = subprocess.Popen(
        ["node_modules/.bin/codex", "app-server"],
        cwd=project.directory,
        env=project.env | {"CODEX_HOME": str(project.home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    with launcher:
        # pnpm's link is a shell script, which becomes Node.js; the runtime is a child of Node.js.
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
        while time.monotonic() < deadline:
            for child in children.read_text().split():
                executable = Path(f"/proc/{child}/exe").readlink()
                if executable.name == "codex":
                    return executable
            time.sleep(0.05)
    raise AssertionError("the launcher has started no codex")


@pytest.mark.parametrize("client", ["npm", "pnpm"])
@pytest.mark.parametrize("root", ["published", "ours"])
def test_install(ours, published_root, tree, figure, tmp_path, client, root):
    package = f"file:{ours}/openai-codex-{VERSION}-{HERE}.tgz"
    packages = {"published": published_root, "ours": ours / f"openai-codex-{VERSION}.tgz"}
    # The registry is empty: nothing that is published can answer in place of our package.
    with Registry() as registry:
        project = Project(tmp_path / "project", client, registry.url)
        project.manifest(
            dependencies={NAME: f"file:{packages[root]}", ALIAS: package},
            pnpm={"overrides": {ALIAS: package}},
        )
        start = time.monotonic()
        project("install")
        figure(
            f"{client} install, with the root package {root}", f"{time.monotonic() - start:.1f} s"
        )

    launcher = (project.directory / "node_modules" / NAME / "bin/codex.js").read_bytes()
    assert launcher == bundles.read_tar(packages[root])["package/bin/codex.js"].data
    assert project.codex("--version").stdout == f"codex-cli {VERSION}\n"
    executable = running(project)
    assert executable.is_relative_to(project.directory.resolve())
    assert bundles.read(executable.parent.parent) == tree
