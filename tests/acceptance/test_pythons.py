"""The wheel with each version of Python: its own pip and uv install it, and it runs.

The versions come from this machine, or from uv where it can download them.
"""

import signal
import subprocess
import sys
from pathlib import Path

import bundles
import pytest
from clients import IMPORT_PACKAGE, Venv, must, run

UV = [sys.executable, "-m", "uv", "--no-config", "python"]
VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


@pytest.fixture(scope="module")
def wheels(stage, small_runtime, tmp_path_factory) -> Path:
    staging = tmp_path_factory.mktemp("wheel") / "staging"
    stage.runtime(staging, small_runtime, "--format", "wheel")
    return staging / "wheels"


def python(version: str) -> Path:
    find = [*UV, "find", "--no-project", version]
    if run(*find).returncode != 0:
        installed = run(*UV, "install", version)
        assert installed.returncode == 0, f"put python{version} on the PATH\n{installed.stderr}"
    return Path(must(*find).stdout.strip())


@pytest.mark.parametrize("client", ["its own pip", "uv"])
@pytest.mark.parametrize("version", VERSIONS)
def test_python(wheels, version, client, tmp_path, figure):
    venv = Venv(tmp_path / "it's a venv", pip=True, python=python(version))
    what = ["--no-index", "--find-links", wheels, "openai-codex-cli-bin"]
    if client == "uv":
        venv.install("uv", *what)
    else:
        must(venv.python, "-m", "pip", "--isolated", "--quiet", "install", *what)
    pip = must(venv.python, "-m", "pip", "--version").stdout.split()[1]
    full = must(venv.python, "--version").stdout.strip()
    figure(f"{client} of Python {version}", f"{full}, pip {pip}")

    assert venv("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    assert venv("exit", "7").returncode == 7
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    assert venv(*arguments).stdout.splitlines() == arguments
    package = Path(venv.evaluate("bundled_package_dir()"))
    assert Path(venv("where").stdout.strip()) == package / "bin/codex"
    command = [venv.python, "-m", IMPORT_PACKAGE, "sleep"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"sleeping\n"
        process.terminate()
        assert process.wait(timeout=10) == -signal.SIGTERM
    must(venv.python, "-m", "pip", "--isolated", "uninstall", "--yes", "openai-codex-cli-bin")
    assert not package.exists()
