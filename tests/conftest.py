"""Fixtures of the end-to-end tests: the `stage` that was built, and runtimes to give it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bundles
import damage
import home
import needs
import pytest
import real_codex
import release_server
from clients import ROOT
from stage_command import Stage
from wheels import Wheel

# A shell has what it starts in the background ignore Ctrl-C, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says why tests were not run, at the end, where it is read."""
    for line in needs.summary(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that runs here writes into the developer's home, or depends on settings in it."""
    with pytest.MonkeyPatch.context() as environment:
        home.private(tmp_path_factory.mktemp("home"), environment)
        yield


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    binary = os.environ.get("STAGE_BIN")
    if binary is None:
        build = ["cargo", "build", "--quiet", "--package", "stage", "--features", "failpoints"]
        subprocess.run(build, cwd=ROOT, check=True)
        binary = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "stage"
    return Stage(Path(binary).absolute(), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full runtime of this machine, as a directory. Read it, never write to it."""
    return bundles.directory(bundles.bundle(), tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="session")
def small_runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The least runtime of this machine: for tests that stage often. Read it, never write to it."""
    return bundles.directory(bundles.bundle(size="small"), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def good_wheel(stage, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """The wheel that `stage` makes of a small runtime with all its directories, to be damaged."""
    staging = tmp_path_factory.mktemp("good") / "staging"
    helper = bundles.File(b"#!/bin/sh\nexit 0\n", 0o755)
    tree = bundles.bundle(size="small") | {"codex-resources/helper.sh": helper}
    runtime = bundles.directory(tree, staging.parent)
    stage.runtime(staging, runtime, "--format", "wheel", "--platform-tag", damage.TAG)
    (wheel,) = (staging / "wheels").iterdir()
    return Wheel.read(wheel)


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    """Where STAGING_DIR is going to be."""
    return tmp_path / "staging"


@pytest.fixture
def fetcher(stage: Stage, tmp_path: Path):
    """`stage fetch` from a release of two platforms, with directories of its own."""
    with release_server.Release(release_server.packages(bundles.TARGETS[:2])) as release:
        yield release_server.Fetcher(stage, release, tmp_path)


@pytest.fixture(scope="session")
def codex_package() -> Path:
    """The package directory of the published Codex for this machine."""
    return real_codex.unpacked()


@pytest.fixture
def codex_home(tmp_path: Path, codex_package: Path) -> Iterator[real_codex.Home]:
    """A home of that Codex, whose model is one on loopback."""
    home = real_codex.Home(tmp_path / "codex-home", codex_package)
    yield home
    home.model.stop()
