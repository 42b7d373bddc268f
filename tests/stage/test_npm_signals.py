"""Signals and the npm launcher: each reaches the program once, whoever sends it."""

import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from node import Installation

# Says which signals it gets, and ends with 7 after as many as it is told. Each of them writes a
# byte when it comes, so that two are two; the alarm is for a test that fails.
LISTEN = """#!/usr/bin/env python3
import os, signal, sys
names = "HUP INT QUIT ABRT USR1 USR2 TERM VTALRM XCPU IO PWR STKFLT".split()
read, write = os.pipe()
os.set_blocking(write, False)
signal.set_wakeup_fd(write)
for name in names:
    if hasattr(signal, f"SIG{name}"):
        signal.signal(getattr(signal, f"SIG{name}"), lambda *_: None)
signal.alarm(60)
print("listening", flush=True)
for _ in range(int(sys.argv[1])):
    print(signal.Signals(os.read(read, 1)[0]).name, flush=True)
sys.exit(7)
"""
WAIT = "#!/bin/sh\nulimit -c 0\necho waiting\nexec sleep 60\n"

NAMES = ["HUP", "INT", "QUIT", "ABRT", "USR1", "USR2", "TERM"]
NAMES += ["VTALRM", "XCPU", "IO", "PWR", "STKFLT"]
SIGNALS = [getattr(signal, f"SIG{name}") for name in NAMES if hasattr(signal, f"SIG{name}")]
# Those for which a terminal has a key.
KEYS = {b"\x03": signal.SIGINT, b"\x1c": signal.SIGQUIT}


@pytest.fixture
def install(tmp_path):
    """Installs a script as the program, in a project whose path is hard to handle."""
    return lambda program: Installation.of(program, tmp_path / "it's a prøject")


class Terminal:
    """The launcher in the foreground of a terminal."""

    def __init__(self, installation: Installation, *args: str, path: str | None = None):
        environment = installation.env | ({"PATH": path} if path else {})
        self.pid, terminal = pty.fork()
        if self.pid == 0:
            os.execvpe("node", ["node", installation.launcher, *args], environment)
        self.file = os.fdopen(terminal, "r+b", buffering=0)

    def line(self) -> str:
        # The terminal echoes keys as `^C` and `^\\`.
        return self.file.readline().decode().strip().lstrip("^C\\")

    def press(self, key: bytes) -> None:
        self.file.write(key)

    def status(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def in_terminal(installation, *args, **kwargs):
    terminal = Terminal(installation, *args, **kwargs)
    with terminal.file:
        yield terminal


@pytest.mark.parametrize("number", SIGNALS)
def test_every_signal_reaches_the_program(install, number):
    with install(LISTEN).start("2") as launcher:
        assert launcher.stdout.readline() == "listening\n"
        for _ in range(2):
            launcher.send_signal(number)
            assert launcher.stdout.readline() == f"{number.name}\n"
        assert launcher.wait(timeout=10) == 7


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_that_ends_the_program_ends_the_launcher(install, number):
    with install(WAIT).start() as launcher:
        assert launcher.stdout.readline() == "waiting\n"
        launcher.send_signal(number)
        assert launcher.wait(timeout=10) == -number


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_death_of_the_program(install, number):
    result = install(f"#!/bin/sh\nulimit -c 0\nkill -{number:d} $$\n")()
    assert (result.returncode, result.stdout, result.stderr) == (-number, "", "")


def test_death_by_a_signal_that_node_ignores(install):
    assert install("#!/bin/sh\nkill -PIPE $$\n")().returncode == 128 + signal.SIGPIPE


@pytest.mark.parametrize("key", KEYS, ids=lambda key: KEYS[key].name)
def test_key_of_a_terminal_reaches_the_program_once(install, key):
    """The terminal tells the whole group. What is sent after it shows that nothing came between."""
    with in_terminal(install(LISTEN), "6") as terminal:
        assert terminal.line() == "listening"
        for _ in range(3):
            terminal.press(key)
            assert terminal.line() == KEYS[key].name
            os.kill(terminal.pid, signal.SIGUSR1)
            assert terminal.line() == "SIGUSR1"
        assert terminal.status() == 7


@pytest.mark.parametrize("number", KEYS.values())
def test_signal_for_the_launcher_in_a_terminal(install, number):
    """`kill` with its id tells the program nothing."""
    with in_terminal(install(LISTEN), "4") as terminal:
        assert terminal.line() == "listening"
        for _ in range(2):
            os.kill(terminal.pid, number)
            assert terminal.line() == number.name
            os.kill(terminal.pid, signal.SIGUSR2)
            assert terminal.line() == "SIGUSR2"
        assert terminal.status() == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signal_for_the_whole_group(install, number):
    """As `kill %1` of a shell and the end of a session send it."""
    with install(LISTEN).start("4", preexec_fn=os.setpgrp) as launcher:
        assert launcher.stdout.readline() == "listening\n"
        for _ in range(2):
            os.killpg(launcher.pid, number)
            assert launcher.stdout.readline() == f"{number.name}\n"
            # Of two that wait, the system delivers the one with the lower number first.
            launcher.send_signal(signal.SIGIO)
            assert launcher.stdout.readline() == f"{signal.SIGIO.name}\n"
        assert launcher.wait(timeout=10) == 7


def test_key_that_ends_the_program(install):
    with in_terminal(install(WAIT)) as terminal:
        assert terminal.line() == "waiting"
        terminal.press(b"\x03")
        assert terminal.status() == -signal.SIGINT


def test_signal_where_nothing_can_be_a_witness(install, tmp_path):
    """A system without `cat`: a signal may come twice, and is not lost."""
    bare = tmp_path / "bin"
    bare.mkdir()
    node = subprocess.check_output(["node", "-p", "process.execPath"], text=True).strip()
    for name, program in {"node": node, "python3": os.path.realpath(sys.executable)}.items():
        (bare / name).symlink_to(program)
    installation = install(LISTEN)
    with installation.start("2", env=installation.env | {"PATH": str(bare)}) as launcher:
        assert launcher.stdout.readline() == "listening\n"
        for number in [signal.SIGINT, signal.SIGTERM]:
            launcher.send_signal(number)
            assert launcher.stdout.readline() == f"{number.name}\n"
        assert launcher.wait(timeout=10) == 7


def test_suspension_is_for_the_whole_group(install):
    """Ctrl+Z stops the launcher with the program, and both go on."""
    with install(LISTEN).start("1", preexec_fn=os.setpgrp) as launcher:
        assert launcher.stdout.readline() == "listening\n"
        os.killpg(launcher.pid, signal.SIGTSTP)
        assert os.WIFSTOPPED(os.waitpid(launcher.pid, os.WUNTRACED)[1])
        os.killpg(launcher.pid, signal.SIGCONT)
        os.killpg(launcher.pid, signal.SIGINT)
        assert launcher.stdout.readline() == "SIGINT\n"
        assert launcher.wait(timeout=10) == 7


def children(pid: int) -> dict[str, Path]:
    """The running children of a process, by their names."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [Path(f"/proc/{child}") for child in listed]
    return {(child / "comm").read_text().strip(): child for child in found}


def is_running(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_witness_ends_with_the_launcher(install, number):
    with install(WAIT).start() as launcher:
        assert launcher.stdout.readline() == "waiting\n"
        while not {"cat", "sleep"} <= (processes := children(launcher.pid)).keys():
            assert launcher.poll() is None
        launcher.send_signal(number)
        assert launcher.wait(timeout=10) == -number
        if number == signal.SIGKILL:
            # Nobody can pass this one on.
            os.kill(int(processes["sleep"].name), number)
    deadline = time.monotonic() + 30
    while is_running(processes["cat"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
