"""What the heavy tests share: downloads that are kept, and figures that are printed at the end."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
from clients import ROOT, must

FIGURES: list[tuple[str, str]] = []


@pytest.fixture(scope="session")
def figure() -> Callable[[str, str], None]:
    """Records a figure for the end of the run."""
    return lambda label, value: FIGURES.append((label, value))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("figures")
    for label, value in FIGURES:
        terminalreporter.line(f"{label:<64} {value.strip()}")


@pytest.fixture(scope="session")
def fetch() -> Callable[..., Path]:
    """A published runtime of a target, from `npm` or `pypi`."""
    cache = os.environ.get("STAGE_ACCEPTANCE_CACHE")
    assert cache, "run these tests with scripts/acceptance"

    def fetch(target: str, source: str, version: str = bundles.VERSION) -> Path:
        call = [version, target, Path(cache) / source, "--from", source]
        return Path(must(ROOT / "scripts/fetch-runtime", *call).stdout.strip())

    return fetch


# A process of its own, since a child's peak is never below what its parent had when it forked.
MEASURE = """
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(time.monotonic() - start, peak)
"""


@pytest.fixture(scope="session")
def measure(stage, figure) -> Callable[..., float]:
    """Runs a command that must succeed, records time and memory, and gives the peak in MiB."""

    def measure(label: str, *command: object, **env: str) -> float:
        measured = must(sys.executable, "-c", MEASURE, *command, env=stage.env | env).stdout
        seconds, peak = map(float, measured.split())
        figure(label, f"{seconds:5.1f} s  {peak:5.0f} MiB peak")
        return peak

    return measure
