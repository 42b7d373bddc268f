"""Fixtures of crates to be damaged."""

import shutil
from pathlib import Path

import pytest
from bundles import HOST, Tree
from clients import cargo_package, copy_product, edit
from tampered import read_tgz
from tampered_crates import PARTS, PLATFORM


@pytest.fixture(scope="session")
def good_crates(stage, runtime, tmp_path_factory) -> Path:
    """Crates in several parts."""
    work = tmp_path_factory.mktemp("crates")
    product = copy_product(work)
    edit(product, "stage.toml", "default-bytes = 10_485_760", "default-bytes = 2_500_000")
    edit(product, f"platforms/{HOST}.toml", "parts = 24", f"parts = {PARTS}")
    stage.runtime(work / "staging", runtime, "--format", "crate", "--product", product)
    return work / "staging" / "crates"


@pytest.fixture
def crates(good_crates, tmp_path) -> Path:
    return shutil.copytree(good_crates, tmp_path / "crates")


@pytest.fixture(scope="session")
def packaged(stage, small_runtime, tmp_path_factory) -> Tree:
    """The platform crate of a small runtime, in one part, as the real Cargo packs it."""
    staging = tmp_path_factory.mktemp("packaged") / "staging"
    stage.runtime(staging, small_runtime, "--format", "crate", "--max-crate-size", "none")
    return read_tgz(cargo_package(staging / "crates" / PLATFORM))
