"""What the real runtime knows of its installation, behind our npm packages and behind upstream's.

`codex doctor` says which package manager it believes to be installed by, and `codex update` calls
it. Upstream's own packages, installed beside ours by the same real package manager, are the oracle.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import bundles
import pytest
from bundles import HOST
from clients import must, run
from node import HERE, NAME
from npm_registry import Registry

VERSIONS = [bundles.VERSION, "0.171.0"]
INSTALL = {
    "npm": ["npm", "install", "--global"],
    "pnpm": ["pnpm", "add", "--global"],
    "bun": ["bun", "add", "--global"],
}
# What a fake package manager is: it notes how it was called, and installs nothing.
FAKE = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'


@pytest.fixture(scope="module")
def bun(tmp_path_factory) -> Path:
    """The directory of a real Bun."""
    prefix = tmp_path_factory.mktemp("bun")
    (prefix / "lib").mkdir()
    must("npm", "install", "--global", "--allow-scripts=bun", "--prefix", prefix, "bun@1.4.5")
    return prefix / "bin"


@pytest.fixture(scope="module", params=VERSIONS)
def packages(request, stage, fetch, tmp_path_factory) -> dict[str, list[Path]]:
    """The root and the platform package of a version, of `upstream` and `ours`."""
    version = request.param
    work = tmp_path_factory.mktemp(version)
    platform = fetch(HOST, "npm", version)
    must("npm", "pack", "--loglevel=error", f"{NAME}@{version}", "--pack-destination", work)
    call = ["stage-runtime", work / "staging", platform, "--codex-version", version]
    stage(*call, "--format", "npm", "--compression", "fast")
    name = f"openai-codex-{version}"
    ours = [work / f"staging/npm/{name}.tgz", work / f"staging/npm/{name}-{HERE}.tgz"]
    return {"upstream": [work / f"{name}.tgz", platform], "ours": ours, "version": version}


class Machine:
    """A user's home, with the package that a real package manager installed for all projects."""

    def __init__(self, home: Path, client: str, packages: list[Path], version: str, bun: Path):
        self.home, self.calls = home, home / "calls"
        home.mkdir()
        ours = ("npm_", "node_", "pnpm_", "xdg_", "codex_", "bun_")
        clean = {k: v for k, v in os.environ.items() if not k.lower().startswith(ours)}
        # pnpm is one of the tools of the tests.
        tools = Path(sys.executable).parent
        places = [home / "npm/bin", home / "pnpm", home / ".bun/bin", bun, tools]
        with Registry() as registry:
            registry.publish(packages[0], latest=True)
            registry.publish(packages[1])
            self.env = clean | {
                "HOME": str(home),
                "BUN_INSTALL": str(home / ".bun"),
                "PNPM_HOME": str(home / "pnpm"),
                "PATH": os.pathsep.join([*map(str, places), clean["PATH"]]),
                "BUN_CONFIG_REGISTRY": registry.url,
                "npm_config_cache": str(home / "cache"),
                "npm_config_prefix": str(home / "npm"),
                "npm_config_registry": registry.url,
            }
            must(*INSTALL[client], f"{NAME}@{version}", cwd=home, env=self.env)
        fakes = home / "fakes"
        fakes.mkdir()
        for name in [*INSTALL, "vp", "yarn"]:
            bundles.save(fakes / name, FAKE.encode(), 0o755)
        (home / "codex-home").mkdir()
        # A shell of the user's, which another Codex may have started.
        self.env = {k: v for k, v in self.env.items() if not k.startswith("npm_")} | {
            "PATH": os.pathsep.join([str(fakes), self.env["PATH"]]),
            "CALLS": str(self.calls),
            "CODEX_HOME": str(home / "codex-home"),
            "CODEX_MANAGED_BY_VITE_PLUS": "1",
            "CODEX_MANAGED_PACKAGE_ROOT": "/nowhere",
        }

    def codex(self, *args: str) -> subprocess.CompletedProcess:
        return run(
            "codex", *args, cwd=self.home, env=self.env, stdin=subprocess.DEVNULL, timeout=120
        )

    def says(self, report: str, what: str) -> str:
        """A line of the report, without the place of this home."""
        (line,) = {line.strip() for line in report.splitlines() if what in line}
        return re.sub(r"\s+", " ", line.replace(str(self.home), "~"))


@pytest.mark.parametrize("client", INSTALL)
def test_doctor_and_update_are_those_of_upstream(packages, bun, tmp_path, client):
    found = {}
    for whose in ["upstream", "ours"]:
        version = packages["version"]
        machine = Machine(tmp_path / whose, client, packages[whose], version, bun)
        assert machine.codex("--version").stdout == f"codex-cli {version}\n"
        report = machine.codex("doctor").stdout
        managed = machine.says(report, "managed by")
        update = machine.codex("update")
        assert update.returncode == 0, update.stderr
        found[whose] = (managed, machine.says(report, "update action"), machine.calls.read_text())
    managed, action, calls = found["ours"]
    assert found["ours"] == found["upstream"]
    assert f" {client}: yes " in managed
    assert managed.count(": yes") == 1
    assert calls.split()[:2] == [client, "add" if client == "pnpm" else "install"]
    assert action.endswith(calls.strip())
