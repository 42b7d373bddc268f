"""A terminal that a command writes to."""

import fcntl
import os
import pty
import struct
import subprocess
import termios


def run(stage, *call: object, **env: str) -> str:
    """All that `stage` writes to a terminal on its standard error."""
    terminal, other_end = pty.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    environment = {k: v for k, v in stage.env.items() if k != "CI"} | {"TERM": "xterm"} | env
    process = subprocess.Popen(
        [stage.binary, *map(str, call)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=other_end,
    )
    os.close(other_end)
    written = read_all(terminal)
    assert process.wait() == 0, written
    return written.decode()


def read_all(terminal: int) -> bytes:
    """What programs write to this end of a terminal, until the last of them ends. Closes it."""
    written = b""
    try:
        while chunk := os.read(terminal, 1 << 16):
            written += chunk
    except OSError:
        pass  # How Linux tells that the other end is closed.
    os.close(terminal)
    return written
