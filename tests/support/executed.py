"""Which executables a command really ran: a launcher, a shell script, and what they started.

A program cannot prove that it is the one that was packed: any other of its name prints the same
version. Linux tells a tracer of each `execve`, before the first instruction runs.
"""

import ctypes
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# <linux/ptrace.h>
TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
FORK, VFORK, CLONE, EXEC = 1, 2, 3, 4
OPTIONS = sum(1 << event for event in (FORK, VFORK, CLONE, EXEC)) | 1 << 20  # O_EXITKILL
WALL = 0x40000000  # waits for threads too


@dataclass(frozen=True)
class Executed:
    path: Path
    sha256: str


def executed(*command: object, **kwargs) -> tuple[str, list[Executed]]:
    """Runs a command that must succeed; gives its output, and each executable in its order."""
    with tempfile.TemporaryDirectory() as work:
        report = Path(work) / "report"
        traced = [sys.executable, __file__, report, *command]
        result = subprocess.run(
            list(map(str, traced)), text=True, capture_output=True, timeout=300, **kwargs
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
        rows = json.loads(report.read_text())
    return result.stdout, [Executed(Path(path), sha256) for path, sha256 in rows]


def main(report: str, *command: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    # As in <sys/ptrace.h>: ctypes would pass a Python int as a C int.
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long

    first = os.fork()
    if not first:
        libc.ptrace(TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execvp(command[0], command)
    os.waitpid(first, WALL)
    if libc.ptrace(SETOPTIONS, first, None, OPTIONS):
        raise OSError(ctypes.get_errno(), "ptrace")
    libc.ptrace(CONT, first, None, None)

    rows, status_of_first = [], 0
    while True:
        try:
            pid, status = os.waitpid(-1, WALL)
        except ChildProcessError:
            break
        if not os.WIFSTOPPED(status):
            if pid == first:
                status_of_first = os.waitstatus_to_exitcode(status)
            continue
        number, event = os.WSTOPSIG(status), status >> 16
        if event == EXEC:
            exe = Path(f"/proc/{pid}/exe")
            digest = hashlib.sha256(exe.read_bytes()).hexdigest()
            rows.append((str(exe.readlink()), digest))
        # A new process or thread begins with a stop that nobody sent.
        passed_on = 0 if event or number == signal.SIGSTOP else number
        libc.ptrace(CONT, pid, None, passed_on)
    Path(report).write_text(json.dumps(rows))
    return status_of_first


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
