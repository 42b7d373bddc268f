"""@title@ @version@ for one platform: where it is installed."""

from __future__ import annotations

@imports@

PACKAGE_NAME = "@distribution@"

COMMANDS = @commands@
"""The names of the commands. The first one is what `python -m @import_package@` runs."""

__all__ = [
    "COMMANDS",
    "PACKAGE_NAME",
    "bundled_@name@_path",
    "bundled_command_path",
    "bundled_package_dir",
    "bundled_path_dir",
]

@find@


def bundled_command_path(command: str) -> Path:
    """The executable of a command, one of `COMMANDS`."""
    if command not in _FILES:
        known = ", ".join(COMMANDS)
        raise ValueError(f"{PACKAGE_NAME} has no command {command!r}: its commands are {known}")
    path = _find(command)
    if os.name == "posix" and not path.stat().st_mode & 0o111:
        raise PermissionError(
            f"{path} is not executable: what unpacked {PACKAGE_NAME} has lost the permissions, as "
            "`python -m zipfile` and unpackers of some build tools do; "
            f"`chmod +x {_quote(str(path))}` sets them again, and pip keeps them"
        )
    return path


def bundled_@name@_path() -> Path:
    """The executable of the first command."""
    return bundled_command_path(COMMANDS[0])


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
