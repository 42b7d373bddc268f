"""Runs the executable: `python -m @import_package@ ARGUMENTS`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from . import bundled_@name@_path, bundled_path_dir


def main() -> int:
    command = [str(bundled_@name@_path()), *sys.argv[1:]]
    environment = dict(os.environ)
    path_dir = bundled_path_dir()
    if path_dir is not None:
        inherited = environment.get("PATH")
        environment["PATH"] = os.pathsep.join(filter(None, [str(path_dir), inherited]))
    if os.name == "posix":
        # This process becomes the runtime, so that signals and the exit status are its own.
        os.execve(command[0], command, environment)
    # Windows has no exec; Ctrl+C reaches the child too, which decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
