"""Fixtures of the tests of `stage init`."""

from collections.abc import Callable
from pathlib import Path

import init_archives
import pytest


@pytest.fixture
def init(stage, tmp_path) -> Callable[..., init_archives.Init]:
    """`stage init` in a folder with these files, far from any repository."""

    def make(files: dict[str, bytes] | None = None, folder: str = "release") -> init_archives.Init:
        return init_archives.Init(stage, Path(tmp_path) / folder, files)

    return make
