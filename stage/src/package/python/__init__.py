"""@title@ @version@ for one platform: where it is installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE_NAME = "@distribution@"

__all__ = [
    "PACKAGE_NAME",
    "bundled_@name@_path",
    "bundled_package_dir",
    "bundled_path_dir",
]

_PACKAGE_DIR = Path(__file__).resolve().parent


def _installed(relative: str) -> Path:
    path = _PACKAGE_DIR / relative
    if not path.is_file():
        raise FileNotFoundError(
            f"{PACKAGE_NAME} is installed without {path}; "
            f"`pip install --force-reinstall {PACKAGE_NAME}` puts it back"
        )
    return path


def bundled_package_dir() -> Path:
    """The directory that holds the runtime."""
    return _installed("@metadata@").parent


def bundled_@name@_path() -> Path:
    """The executable to run."""
    return _installed("@entrypoint@")


def bundled_path_dir() -> Path | None:
    """What to put in front of PATH for the executable, or None if the runtime needs nothing."""
    directory = _PACKAGE_DIR / "@path_dir@"
    return directory if directory.is_dir() else None
