"""Runs the executable: `python -m @import_package@ ARGUMENTS`."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

from . import bundled_@name@_path, bundled_path_dir

# Why a program that is there cannot be started, where the system's own words mislead.
_REASONS = {
    errno.EACCES: "its file system does not allow programs to run, or a policy forbids it",
    errno.ENOENT: "the loader that it names is missing: it is for another system",
    errno.ENOEXEC: "it is not a program for this system",
    errno.ETXTBSY: "a process is writing to it: wait until it is installed, and try again",
}


def main() -> int:
    try:
        command = [str(bundled_@name@_path()), *sys.argv[1:]]
    except OSError as error:
        return _fail(str(error))
    environment = dict(os.environ)
    path_dir = bundled_path_dir()
    if path_dir is not None:
        inherited = environment.get("PATH")
        environment["PATH"] = os.pathsep.join(filter(None, [str(path_dir), inherited]))
    try:
        if os.name == "posix":
            # This process becomes the runtime, so that signals and the exit status are its own.
            os.execve(command[0], command, environment)
        # Windows has no exec; Ctrl+C reaches the child too, which decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return subprocess.run(command, env=environment, check=False).returncode
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        return _fail(f"cannot run {command[0]}: {reason}")


def _fail(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
