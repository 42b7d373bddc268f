"""Fixtures that hand in a RUNTIME.

Each refusal is one error with the reason in it, exit status 1, and no trace of a STAGING_DIR.
"""

from pathlib import Path

import bundles
import pytest
from bundles import save
from clients import WHEEL_ADDS, copy_product
from runtime_inputs import call


@pytest.fixture
def refused(stage, staging, tmp_path):
    """Hands in a RUNTIME, bytes or a path, that must be refused for the reasons given."""

    def refuse(runtime: bytes | Path, *reasons: str, options: tuple = ()) -> str:
        if isinstance(runtime, bytes):
            runtime = save(tmp_path / "runtime.bin", runtime)
        error = stage.refuses(*call(staging, runtime, *options))
        for reason in reasons:
            assert reason in error
        assert all(character.isprintable() or character == "\n" for character in error)
        assert not staging.exists()
        return error

    return refuse


@pytest.fixture
def staged(stage, staging, tmp_path):
    """Stages a RUNTIME, bytes or a path, and gives the tree in the wheel."""

    def stage_it(runtime: bytes | Path, *options: object, tag: str = bundles.TAG) -> bundles.Tree:
        if isinstance(runtime, bytes):
            runtime = save(tmp_path / "runtime.bin", runtime)
        command = ["stage-runtime", staging, runtime, "--codex-version", tag, "--format", "wheel"]
        stage(*command, *options, check=True)
        wheel = sorted((staging / "wheels").iterdir())[0]
        tree = bundles.read_zip(wheel, "codex_cli_bin/")
        for added in WHEEL_ADDS:
            del tree[added]
        return tree

    return stage_it


@pytest.fixture
def product(tmp_path) -> Path:
    return copy_product(tmp_path)
