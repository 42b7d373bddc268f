"""What pip, uv, npm and Cargo choose for a request, of the packages that a test has published.

Nothing is installed: each client is asked for its plan. The real clients read a directory of
wheels, the npm registry of the tests, and a local registry of crates.
"""

import hashlib
import json
import sys
from pathlib import Path

from clients import FACADE, Project, run, tomllib
from npm_registry import Registry

DISTRIBUTION = "openai-codex-cli-bin"
NPM_PACKAGE = "@openai/codex"


class Published:
    """Packages of several versions, in the three places that clients look in."""

    def __init__(self, work: Path, npm: Registry):
        self.work, self.npm = work, npm
        self.wheels, self.crates = work / "wheels", work / "crates"
        self.wheels.mkdir()
        (self.crates / "index").mkdir(parents=True)
        self.count = 0

    def add(self, staging: Path) -> None:
        """Publishes a staging directory. `npm publish` of the root package makes it the latest."""
        for wheel in (staging / "wheels").iterdir():
            (self.wheels / wheel.name).write_bytes(wheel.read_bytes())
        for tarball in (staging / "npm").iterdir():
            self.npm.publish(tarball, latest=f"-{tarball.name}".count("linux") == 0)
        for crate in (staging / "crates").iterdir():
            self.add_crate(crate)

    def add_crate(self, crate: Path) -> None:
        """Writes the line of a crate into the index
        (https://doc.rust-lang.org/cargo/reference/registry-index.html). Of its dependencies, it has
        those on crates of the same release."""
        manifest = tomllib.loads((crate / "Cargo.toml").read_text())
        name, version = manifest["package"]["name"], manifest["package"]["version"]
        targets = manifest.get("target", {}).items()
        tables = [(None, manifest.get("dependencies", {}))]
        tables += [(target, table["dependencies"]) for target, table in targets]
        dependencies = [
            {
                "name": needs,
                "req": wanted["version"],
                "features": [],
                "optional": False,
                "default_features": False,
                "target": target,
                "kind": "normal",
            }
            for target, table in tables
            for needs, wanted in table.items()
            if needs.startswith(FACADE)
        ]
        line = {
            "name": name,
            "vers": version,
            "deps": dependencies,
            "cksum": hashlib.sha256(f"{name} {version}".encode()).hexdigest(),
            "features": {"default": [], "embed": [], "on-disk": []},
            "yanked": False,
        }
        path = self.crates / "index" / name[:2] / name[2:4] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as index:
            index.write(json.dumps(line) + "\n")

    def fresh(self, what: str) -> Path:
        self.count += 1
        return self.work / f"{what}-{self.count}"

    # Each gives the version that is chosen, or "none".

    def pip(self, request: str, *options: str) -> str:
        result = run(
            sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--quiet",
            "--ignore-installed", "--no-index", "--find-links", self.wheels, "--report", "-",
            *options, f"{DISTRIBUTION}{request}",
        )  # fmt: skip
        if result.returncode != 0:
            assert "No matching distribution" in result.stderr, result.stderr
            return "none"
        (found,) = json.loads(result.stdout)["install"]
        return found["metadata"]["version"]

    def uv(self, request: str, *options: str) -> str:
        requirements = self.fresh("requirements")
        requirements.write_text(f"{DISTRIBUTION}{request}\n")
        result = run(
            sys.executable, "-m", "uv", "--no-config", "--quiet", "pip", "compile", "--no-header",
            "--no-annotate", "--no-index", "--find-links", self.wheels, *options, requirements,
        )  # fmt: skip
        if result.returncode != 0:
            assert "No solution found" in result.stderr, result.stderr
            return "none"
        return result.stdout.strip().split("==")[1]

    def npm_install(self, request: str) -> str:
        project = Project(self.fresh("npm"), "npm", self.npm.url)
        spec = f"{NPM_PACKAGE}{request}"
        result = run(
            "npm", "install", "--package-lock-only", spec, cwd=project.directory, env=project.env
        )
        if result.returncode != 0:
            assert "ETARGET" in result.stderr, result.stderr
            return "none"
        lock = json.loads((project.directory / "package-lock.json").read_text())
        return lock["packages"][f"node_modules/{NPM_PACKAGE}"]["version"]

    def cargo(self, requirement: str) -> str:
        project = self.fresh("cargo")
        (project / "src").mkdir(parents=True)
        (project / "src/lib.rs").write_text("")
        package = '[package]\nname = "app"\nedition = "2021"\n'
        manifest = f'{package}[dependencies]\n{FACADE} = "{requirement}"\n'
        (project / "Cargo.toml").write_text(manifest)
        (project / ".cargo").mkdir()
        (project / ".cargo/config.toml").write_text(
            '[source.crates-io]\nreplace-with = "local"\n'
            f'[source.local]\nlocal-registry = "{self.crates.as_posix()}"\n'
        )
        result = run("cargo", "generate-lockfile", cwd=project)
        if result.returncode != 0:
            assert "candidate versions found which didn't match" in result.stderr, result.stderr
            return "none"
        lock = tomllib.loads((project / "Cargo.lock").read_text())
        return next(package["version"] for package in lock["package"] if package["name"] == FACADE)
