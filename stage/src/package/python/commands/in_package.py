import importlib.util
import os
import shlex
import sys
from pathlib import Path
# ---
_PACKAGE_DIR = Path(__file__).resolve().parent
_REQUIREMENT = "@distribution@==@python_version@"

_PATH_DIR = "@path_dir@"

#: The executables, relative to the package.
_FILES = @files@


def _find(command: str) -> Path:
    return _installed(_FILES[command])


def _installed(relative: str) -> Path:
    path = _PACKAGE_DIR / relative
    if not path.is_file():
        raise FileNotFoundError(f"{PACKAGE_NAME} is installed without {path}: {_advice()}")
    return path


def bundled_package_dir() -> Path:
    """The directory that holds the runtime."""
    return _installed("@metadata@").parent


def bundled_path_dir() -> Path | None:
    """What to put in front of PATH for the executables, or None if they need nothing."""
    directory = _PACKAGE_DIR / _PATH_DIR
    return directory if _PATH_DIR and directory.is_dir() else None
