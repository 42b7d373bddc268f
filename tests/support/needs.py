"""What a test needs of the system, and nobody can install: the right to mount, this machine's kind.

    needs(MOUNTS)

A test whose need is not met is not run. The end of the run says it in one line for each reason:
`14 tests not run: no user namespaces`. Where `CI` is set it is an error, so that no such test is
lost there without anybody noticing.
"""

import functools
import os
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Need:
    missing: str
    """What the end of the run says where it is not met: "no …"."""
    ways: tuple[tuple[str, ...], ...]
    """Commands that start another one with it. The first that works on this machine is taken."""

    @functools.cached_property
    def way(self) -> tuple[str, ...] | None:
        return next((way for way in self.ways if works(way)), None)


def works(way: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*way, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


#: File systems of one's own. Root may have them without being another user.
MOUNTS = Need(
    "no user namespaces, and no right to mount",
    (
        ("unshare", "--user", "--map-root-user", "--mount"),
        ("unshare", "--mount"),
    ),
)
#: A user whom /etc/passwd does not know.
UNKNOWN_USER = Need("no user namespaces", (("unshare", "--user", "--map-user=54321"),))
#: A user whom the modes of files stop: anybody but root, and root without its capabilities.
MODES = Need("root is stopped by no mode", (("setpriv", "--bounding-set=-all"),))


def needs(need: Need) -> tuple[str, ...]:
    """The command that starts another one with what a test needs."""
    if need is MODES and os.geteuid() != 0:
        return ()
    if need.way is None:
        absent(need.missing)
    return need.way


def absent(reason: str) -> None:
    """Ends a test that cannot be run here."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; where CI is set, every test must run", pytrace=False)
    pytest.skip(reason)


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each reason for which tests were not run, the Rust tests of scripts/test too."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in reports
        if isinstance(report.longrepr, tuple)
    )
    if told := os.environ.get("TESTS_NOT_RUN"):
        reasons.update(Path(told).read_text(encoding="utf-8").splitlines())
    return [
        f"{count} test{'s' * (count > 1)} not run: {reason}"
        for reason, count in sorted(reasons.items())
    ]
