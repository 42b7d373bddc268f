"""`stage.exe`, and a Windows system under Wine for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from wine import Exe, Prefix


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefix]:
    """A Windows system of these tests' own."""
    if "STAGE_EXE" not in os.environ:
        pytest.fail("run these tests with scripts/test-windows tests/windows", pytrace=False)
    prefix = Prefix(tmp_path_factory.mktemp("wine"), Path(os.environ["WINEPREFIX"]))
    yield prefix
    prefix.stop()


@pytest.fixture(scope="session")
def exe(prefix: Prefix) -> Exe:
    """The command as a program for Windows. `stage` is the same one for this machine."""
    return Exe(Path(os.environ["STAGE_EXE"]), prefix)
