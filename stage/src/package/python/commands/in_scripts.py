import csv
import importlib.util
import os
import shlex
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
# ---
# Not resolved: in some environments each file is a link into a cache, where no scripts are.
_PACKAGE_DIR = Path(os.path.abspath(__file__)).parent
_REQUIREMENT = "@distribution@==@python_version@"

#: The executables, in the directory of scripts.
_FILES = @files@

_BIN = "Scripts" if os.name == "nt" else "bin"


def _find(command: str) -> Path:
    file = _FILES[command]
    places = list(dict.fromkeys(_places(file)))
    path = next((path for path in places if path.is_file()), None)
    if path is None:
        tried = "".join(f"\n  {path}" for path in places)
        raise FileNotFoundError(
            f"{PACKAGE_NAME} is installed without {file}: {_advice()}\nThere is none of{tried}"
        )
    return path


def _places(file: str) -> Iterator[Path]:
    """Where an installer may have put a script. What belongs to this copy of the package comes
    first: there may be others."""
    site = _PACKAGE_DIR.parent
    if getattr(sys, "frozen", False):
        yield _PACKAGE_DIR / file
    # `--target`: for uv on Windows too, the directory of this name.
    yield site / "bin" / file
    yield site / _BIN / file
    if site.name in ("site-packages", "dist-packages"):
        # Lib/site-packages of Windows, lib/python3.12/site-packages of others: of an environment,
        # of `--prefix`, of `--root`, of `--user` on macOS.
        if os.name == "nt":
            yield site.parent.parent / _BIN / file
        else:
            yield site.parent.parent.parent / _BIN / file
        # Python312/site-packages of `--user` on Windows; build tools with both in one directory.
        yield site.parent / _BIN / file
    yield from _recorded(site, file)
    for directory in _of_interpreter():
        yield Path(directory) / file


def _recorded(site: Path, file: str) -> Iterator[Path]:
    """What the installer wrote down. A path may be of before the files were moved, so that another
    program is there."""
    record = site / "@dist_info@" / "RECORD"
    try:
        rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    except (OSError, ValueError, csv.Error):
        return
    for row in rows:
        *directories, name = row[0].replace("\\", "/").split("/") if row else [""]
        if name != file or not directories or directories[-1].lower() not in ("bin", "scripts"):
            continue
        path = Path(os.path.normpath(site / row[0]))
        try:
            same = str(path.stat().st_size) == row[2]
        except (OSError, IndexError):
            continue
        if same:
            yield path


def _of_interpreter() -> Iterator[str]:
    """Directories of scripts of the interpreter, and of its user."""
    yield sysconfig.get_path("scripts")
    if sys.version_info >= (3, 10):
        user = sysconfig.get_preferred_scheme("user")
    elif sys.platform == "darwin" and getattr(sys, "_framework", ""):
        user = "osx_framework_user"
    else:
        user = f"{os.name}_user"
    if user in sysconfig.get_scheme_names():
        yield sysconfig.get_path("scripts", user)


def bundled_package_dir() -> Path:
    """The directory of the first command's executable."""
    return bundled_@name@_path().parent


def bundled_path_dir() -> Path | None:
    """What to put in front of PATH for the executables: nothing."""
    return None
