"""The launcher of the npm root package, in a node_modules that is laid out by hand."""

import json
import os
import subprocess
from pathlib import Path

import bundles
from bundles import HOST, VERSION, File
from clients import ROOT, tomllib

NAME = "@openai/codex"


def launcher(*, full: bool = False) -> bytes:
    """A variant of the launcher: stage/src/package/npm/launcher.rs says how they are marked."""
    text, of = [], "both"
    source = ROOT / "stage/src/package/npm/launcher.js"
    for line in source.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.strip() in ("//#full", "//#plain", "//#end"):
            of = line.strip().removeprefix("//#").replace("end", "both")
        elif of == "both" or full == (of == "full"):
            text.append(line.replace("//-", "", 1) if of == "plain" else line)
    return "".join(text).encode()


LAUNCHER = launcher()

#: npm's name for each platform.
PLATFORMS = {
    target: tomllib.loads((ROOT / f"platforms/{target}.toml").read_text())["npm"]["name"]
    for target in bundles.TARGETS
}
HERE = PLATFORMS[HOST]


def machines(target: str) -> list[str]:
    """The machines that run a platform's program, as Node.js names them. npm's name is first."""
    # Android's kernel is Linux, and the program is static.
    also = [PLATFORMS[target].replace("linux", "android")] if "linux" in target else []
    return [PLATFORMS[target], *also]


PRODUCT = tomllib.loads((ROOT / "stage.toml").read_text(encoding="utf-8"))
#: What the launcher tells the program about its installation.
ENVIRONMENT = PRODUCT["npm"]["environment"]
ALIASES = {target: f"{NAME}-{platform}" for target, platform in PLATFORMS.items()}
ALIAS = ALIASES[HOST]


def root_package(**changes: object) -> bundles.Tree:
    """The root package; `changes` are to its platforms.json."""
    data = {
        "name": NAME,
        "version": VERSION,
        "title": "Codex CLI",
        "pathEnv": "CODEX_CLI_BIN_PATH",
        "metadata": "codex-package.json",
        "environment": ENVIRONMENT,
        "platforms": {
            machine: {
                "package": ALIASES[target],
                "target": target,
                "entrypoint": bundles.entrypoint(target),
                "pathDir": "codex-path",
            }
            for target in PLATFORMS
            for machine in machines(target)
        },
    }
    package = {
        "name": NAME,
        "version": VERSION,
        "bin": {"codex": "bin/codex.js"},
        "optionalDependencies": {
            ALIASES[target]: f"npm:{NAME}@{VERSION}-{platform}"
            for target, platform in PLATFORMS.items()
        },
    }
    return {
        "package.json": File(json.dumps(package).encode()),
        "platforms.json": File(json.dumps(data | changes).encode()),
        "bin/codex.js": File(LAUNCHER, 0o755),
    }


def platform_package(program: str, target: str = HOST, version: str = VERSION) -> bundles.Tree:
    """A platform package, whose entrypoint is a script."""
    package = {"name": NAME, "version": f"{version}-{PLATFORMS[target]}"}
    tree = {
        "codex-package.json": File(bundles.metadata(target)),
        bundles.entrypoint(target): File(program.encode(), 0o755),
        "codex-path/rg": File(b"#!/bin/sh\n", 0o755),
    }
    return {"package.json": File(json.dumps(package).encode())} | {
        f"vendor/{target}/{path}": file for path, file in tree.items()
    }


def refusal(result: subprocess.CompletedProcess) -> tuple[str, str]:
    """The error and the help of a launcher that failed itself."""
    assert (result.returncode, result.stdout) == (1, ""), result.stderr
    error, help = result.stderr.removesuffix("\n").rsplit("\n", 1)
    assert error.startswith("error: ") and help.startswith("help: "), result.stderr
    return error.removeprefix("error: "), help.removeprefix("help: ")


class Installation:
    """What a user has who has installed the two packages: `installation("--version")` runs it."""

    def __init__(self, project: Path):
        self.project = project
        self.modules = project / "node_modules"
        self.root = self.modules / NAME
        self.package = self.modules / ALIAS
        self.bundle = self.package / "vendor" / HOST
        self.launcher = self.root / "bin/codex.js"
        self.env = {
            k: v for k, v in os.environ.items() if not k.startswith(("CODEX_", "npm_", "NODE_"))
        }

    @classmethod
    def of(cls, program: str, project: Path) -> "Installation":
        """As npm lays it out in a project."""
        installation = cls(project)
        bundles.write(root_package(), installation.root)
        bundles.write(platform_package(program), installation.package)
        (project / "package.json").write_text("{}")
        return installation

    def start(self, *args: object, **kwargs) -> subprocess.Popen:
        kwargs = {"env": self.env, "stdout": subprocess.PIPE, "text": True} | kwargs
        return subprocess.Popen(["node", self.launcher, *args], **kwargs)

    def __call__(
        self,
        *args: str,
        node: tuple[object, ...] = (),
        env: dict[str, object] | None = None,
        **kwargs,
    ) -> subprocess.CompletedProcess:
        environment = self.env | {key: str(value) for key, value in (env or {}).items()}
        return subprocess.run(
            ["node", *node, self.launcher, *args],
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            **kwargs,
        )

    def refuses(self, *args: str, **kwargs) -> tuple[str, str]:
        """Runs what must fail in the launcher itself; gives the error and the help."""
        return refusal(self(*args, **kwargs))
