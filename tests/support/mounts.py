"""File systems of a test's own, small or read-only: they stop root too, whom modes do not."""

import subprocess
from pathlib import Path

from needs import MOUNTS, needs

SMALL = 'mount -t tmpfs -o size=1m none "$1"'
READ_ONLY = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"'


def run_with_mount(
    stage, mount: Path, prepare: str, command: list[object], **env: str
) -> tuple[subprocess.CompletedProcess, str]:
    """Runs `stage` where `prepare` has mounted something on `mount`; gives its result, and what it
    left there. The namespace ends with the process, and the mount with it."""
    unshare = needs(MOUNTS)
    mount.mkdir(exist_ok=True)
    script = f"""
        {prepare}
        mount="$1"; shift
        status=0; "$@" || status=$?
        find "$mount" -mindepth 1 >"$mount.left"
        exit $status
    """
    result = subprocess.run(
        [*unshare, "sh", "-euc", script, "sh", mount, stage.binary, *map(str, command)],
        env=stage.env | env,
        capture_output=True,
        text=True,
    )
    left = mount.with_name(f"{mount.name}.left")
    assert left.exists(), result.stderr
    return result, left.read_text()
