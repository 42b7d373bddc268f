"""@title@ @version@ for one platform: where it is installed."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from pathlib import Path

PACKAGE_NAME = "@distribution@"

__all__ = [
    "PACKAGE_NAME",
    "bundled_@name@_path",
    "bundled_package_dir",
    "bundled_path_dir",
]

_PACKAGE_DIR = Path(__file__).resolve().parent
_REQUIREMENT = "@distribution@==@python_version@"


@advice@


def _installed(relative: str) -> Path:
    path = _PACKAGE_DIR / relative
    if not path.is_file():
        raise FileNotFoundError(f"{PACKAGE_NAME} is installed without {path}: {_advice()}")
    return path


def bundled_package_dir() -> Path:
    """The directory that holds the runtime."""
    return _installed("@metadata@").parent


def bundled_@name@_path() -> Path:
    """The executable to run."""
    path = _installed("@entrypoint@")
    if os.name == "posix" and not path.stat().st_mode & 0o111:
        raise PermissionError(
            f"{path} is not executable: what unpacked {PACKAGE_NAME} has lost the permissions, as "
            "`python -m zipfile` and unpackers of some build tools do; "
            f"`chmod -R +x {_quote(str(_PACKAGE_DIR))}` sets them again, and pip keeps them"
        )
    return path


def bundled_path_dir() -> Path | None:
    """What to put in front of PATH for the executable, or None if the runtime needs nothing."""
    directory = _PACKAGE_DIR / "@path_dir@"
    return directory if directory.is_dir() else None
