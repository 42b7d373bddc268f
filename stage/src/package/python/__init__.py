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


def _advice() -> str:
    """What went wrong where a file is missing, and what to do about it."""
    archive = next((path for path in _PACKAGE_DIR.parents if path.is_file()), None)
    if archive is not None:
        return (
            f"the package lies in the archive {archive}, and a program cannot be run out of one; "
            f"install it with `pip install {_REQUIREMENT}`, or build the archive with a tool that "
            "unpacks it before it runs, such as shiv or PEX"
        )
    if hasattr(sys, "_MEIPASS"):
        return (
            "PyInstaller left out the files of the package; "
            "build again with `--collect-all @import_package@`"
        )
    if getattr(sys, "frozen", False) or "__compiled__" in globals():
        return (
            "the tool that made this program left out the files of the package; "
            "have it include all files of `@import_package@`, as they are"
        )
    if importlib.util.find_spec("pip") is None:
        # As in environments that uv has made.
        python = f"--python {_quote(sys.executable or 'python')}"
        return f"`uv pip install {python} --reinstall --no-deps {_REQUIREMENT}` puts it back"
    reinstall = f"-m pip install --force-reinstall --no-deps {_REQUIREMENT}"
    return f"`{_quote(sys.executable or 'python')} {reinstall}` puts it back"


def _quote(path: str) -> str:
    if os.name == "posix":
        return shlex.quote(path)
    return f'"{path}"' if " " in path else path


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
