"""Runs the executables: `python -m @import_package@ ARGUMENTS` runs that of the first command."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

from . import bundled_command_path, bundled_path_dir

# Why a program that is there cannot be started, where the system's own words mislead.
_REASONS = {
    errno.EACCES: "its file system does not allow programs to run, or a policy forbids it",
    errno.ENOENT: "the loader that it names is missing: it is for another system",
    errno.ENOEXEC: "it is not a program for this system",
    errno.ETXTBSY: "a process is writing to it: wait until it is installed, and try again",
}

@functions@


def _run(name: str) -> int:
    try:
        command = [str(bundled_command_path(name)), *sys.argv[1:]]
    except OSError as error:
        return _fail(str(error))
    environment = dict(os.environ)
    path_dir = bundled_path_dir()
    if path_dir is not None:
        inherited = environment.get("PATH")
        environment["PATH"] = os.pathsep.join(filter(None, [str(path_dir), inherited]))
    try:
        if os.name == "posix":
            # Python ignores these, and a program inherits what is ignored.
            ignored = (getattr(signal, name, None) for name in ("SIGPIPE", "SIGXFZ", "SIGXFSZ"))
            for number in filter(None, ignored):
                signal.signal(number, signal.SIG_DFL)
            # This process becomes the program, so that signals and the exit status are its own.
            os.execve(command[0], command, environment)
        # Windows has no exec. Ctrl+C and Ctrl+Break reach the child too, which decides.
        for key in ("SIGINT", "SIGBREAK"):
            signal.signal(getattr(signal, key), signal.SIG_IGN)
        status = subprocess.run(command, env=environment, check=False).returncode
        # `sys.exit` takes a status of the system, such as 0xC0000005, with its sign only.
        return status if status < 1 << 31 else status - (1 << 32)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        return _fail(f"cannot run {command[0]}: {reason}")


def _fail(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
