"""Fixtures of a release: every platform, staged and assembled once."""

from pathlib import Path

import pytest
import release
from bundles import TARGETS


@pytest.fixture(scope="session")
def work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="session")
def runtimes(work) -> dict[str, Path]:
    return {target: release.runtime(target, work) for target in TARGETS}


@pytest.fixture(scope="session")
def staged(stage, runtimes, work) -> Path:
    """Every platform, not assembled. Read it, never write to it."""
    for runtime in runtimes.values():
        stage.runtime(work / "staged", runtime)
    return work / "staged"


@pytest.fixture(scope="session")
def assembled(stage, staged, work) -> Path:
    """The same as a release. Read it, never write to it."""
    whole = release.copy(staged, work / "assembled")
    stage("assemble", whole, check=True)
    return whole


@pytest.fixture
def broken(staged, tmp_path) -> Path:
    """A copy for a test to break."""
    return release.copy(staged, tmp_path / "staging")
