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


@advice@
