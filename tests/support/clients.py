"""The package managers, as a user calls them, and the programs that they install."""

import ensurepip
import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # noqa: F401

ROOT = Path(__file__).parent.parent.parent
FACADE = "codex-cli-bin"
IMPORT_PACKAGE = "codex_cli_bin"
#: What a wheel has in its import package beside the runtime.
WHEEL_ADDS = {
    "__init__.py",
    "__main__.py",
    "__pyinstaller/__init__.py",
    f"__pyinstaller/hook-{IMPORT_PACKAGE}.py",
    "py.typed",
}


def run(*command: object, **kwargs) -> subprocess.CompletedProcess:
    return subprocess.run(
        list(map(str, command)), text=True, encoding="utf-8", capture_output=True, **kwargs
    )


def must(*command: object, **kwargs) -> subprocess.CompletedProcess:
    result = run(*command, **kwargs)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result


def unpack(archive: tarfile.TarFile, directory: Path) -> None:
    """Python 3.11.2, which Debian 12 has, knows no filters."""
    archive.extraction_filter = getattr(tarfile, "data_filter", None)
    archive.extractall(directory)


# This product


def copy_product(parent: Path) -> Path:
    """A folder for `--product`, as this repository has it, to be changed."""
    folder = parent / "product"
    shutil.copytree(ROOT / "platforms", folder / "platforms")
    for file in ["stage.toml", "LICENSE", "NOTICE"]:
        shutil.copy(ROOT / file, folder)
    return folder


def edit(product: Path, file: str, old: str, new: str, start: int = 0) -> int:
    """Makes one change, the first after `start`, and says on which line it is."""
    text = (product / file).read_text(encoding="utf-8")
    place = text.index(old, start)
    text = text[:place] + text[place:].replace(old, new, 1)
    (product / file).write_text(text, encoding="utf-8")
    return text[:place].count("\n") + 1


# Cargo


def target_dir() -> Path:
    """One target directory of cargo for all tests and runs: what does not change is built once."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute() / "test-crates"


def cargo(*args: object, **kwargs) -> subprocess.CompletedProcess:
    result = try_cargo(*args, **kwargs)
    assert result.returncode == 0, f"cargo {args}\n{result.stdout}{result.stderr}"
    return result


def try_cargo(*args: object, **kwargs) -> subprocess.CompletedProcess:
    """Cargo, which may fail. It asks no registry for what was downloaded before."""
    # A program of each test stays in the directory: nobody is going to debug it.
    lean = ["--config=profile.dev.debug=false", "--config=profile.dev.incremental=false"]
    target_dir().mkdir(parents=True, exist_ok=True)
    # `cargo install` copies a program when the build is over, which another test may build again.
    with (target_dir() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["cargo", *lean, *args]
        env = kwargs.pop("env", os.environ) | {"CARGO_TARGET_DIR": str(target_dir())}
        result = run(*command, env=env | {"CARGO_NET_OFFLINE": "true"}, **kwargs)
        if result.returncode != 0 and "offline" in result.stderr:
            result = run(*command, env=env, **kwargs)
        return result


def cargo_package(crate: Path) -> Path:
    """Packages a staged crate, and builds what was packaged; gives the .crate file.

    Its siblings, which no registry has yet, are patched in.
    """
    siblings = [path for path in sorted(crate.parent.iterdir()) if path != crate]
    patches = [f'--config=patch.crates-io.{path.name}.path="{path}"' for path in siblings]
    result = cargo("package", "--manifest-path", crate / "Cargo.toml", *patches)
    warnings = [line for line in result.stderr.splitlines() if line.startswith("warning")]
    assert all("not used in the crate graph" in line for line in warnings), result.stderr
    (packaged,) = (target_dir() / "package").glob(f"{crate.name}-[0-9]*.crate")
    return packaged


class Program:
    """The example program of the staged crates, with a cache directory of its own."""

    def __init__(self, binary: Path, cache: Path):
        self.binary, self.cache = binary, cache

    @classmethod
    def install(cls, crates: Path, root: Path, *options: str, facade: str = FACADE) -> "Program":
        """Builds it where the crates lie; unlike `cargo build`, this writes no Cargo.lock there."""
        example = ["--path", crates / facade, "--example", facade, "--root", root]
        cargo("install", "--quiet", "--debug", *example, *options)
        return cls(root / "bin" / facade, root / "cache")

    def __call__(self, *args: str, **env: object) -> subprocess.CompletedProcess:
        return run(self.binary, "run", "--", *args, env=self.env(**env), timeout=60)

    def where(self, **env: object) -> Path:
        """The executable that runs, as a synthetic runtime sees itself."""
        result = self("where", **env)
        assert result.returncode == 0, result.stderr
        return Path(result.stdout.removesuffix("\n"))

    def env(self, **env: object) -> dict[str, str]:
        """The environment, without what the caller has set for a runtime; `None` unsets."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CODEX_")}
        changes = {"CODEX_CLI_BIN_CACHE_DIR": self.cache} | env
        return clean | {name: str(value) for name, value in changes.items() if value is not None}

    def path(self) -> Path:
        """The executable that `locate()` gives."""
        return Path(must(self.binary, "path", env=self.env()).stdout.removesuffix("\n"))


# Python


def twine_check(*wheels: Path) -> None:
    must(sys.executable, "-m", "twine", "check", "--strict", *wheels)


def mypy(*args: object, **kwargs) -> subprocess.CompletedProcess:
    """Checks strictly. What it knows of the standard library stays for the next call."""
    cache = target_dir().with_name("test-mypy")
    return must(sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, *args, **kwargs)


class Venv:
    """A fresh virtual environment. The pip of the tests installs into it: one of its own takes
    seconds to install, and is the same."""

    def __init__(self, directory: Path, *, pip: bool = False, python: object = sys.executable):
        must(python, "-m", "venv", *([] if pip else ["--without-pip"]), directory)
        self.python = directory / "bin/python"

    def install(self, client: str, *what: object) -> None:
        """Installs with pip or uv, for both of which the caller's configuration does not count."""
        if client == "pip":
            self.pip("install", *what)
        else:
            uv = [sys.executable, "-m", "uv", "--no-config", "--quiet", "pip", "install"]
            must(*uv, "--python", self.python, *what)

    def pip(self, *args: object) -> None:
        must(sys.executable, "-m", "pip", "--isolated", "--python", self.python, "--quiet", *args)

    def __call__(self, *args: object, **kwargs) -> subprocess.CompletedProcess:
        """`python -m codex_cli_bin`, which runs the runtime."""
        return run(self.python, "-m", IMPORT_PACKAGE, *args, **kwargs)

    def evaluate(self, expression: str) -> str:
        """An expression of the import package's public names."""
        code = f"import {IMPORT_PACKAGE}; from {IMPORT_PACKAGE} import *; print({expression})"
        return must(self.python, "-c", code).stdout.strip()


def pipx(directory: Path, *find: object) -> dict[str, str]:
    """The environment of a pipx that keeps everything below a directory, and needs no network."""
    # It updates its own pip with the wheel that came with Python; Debian keeps that elsewhere.
    kept = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
    return os.environ | {
        "PIPX_HOME": str(directory / "home"),
        "PIPX_BIN_DIR": str(directory / "bin"),
        "PIPX_MAN_DIR": str(directory / "man"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": " ".join(map(str, [*find, kept])),
    }


# Node.js


class Project:
    """A project of a user of npm or pnpm, for which the caller's configuration does not count."""

    def __init__(self, directory: Path, client: str, registry: str):
        self.directory, self.client = directory, client
        self.home = directory.parent / f"home of {directory.name}"
        clean = {
            k: v
            for k, v in os.environ.items()
            if not k.lower().startswith(("npm_", "node_", "pnpm_", "xdg_", "codex_"))
        }
        # The tools of the tests come first.
        path = [Path(sys.executable).parent, self.home, clean["PATH"]]
        self.env = clean | {
            "HOME": str(self.home),
            "PNPM_HOME": str(self.home),
            "PATH": os.pathsep.join(map(str, path)),
            "npm_config_audit": "false",
            "npm_config_cache": str(self.home / "cache"),
            "npm_config_fund": "false",
            "npm_config_globalconfig": str(self.home / "npmrc"),
            "npm_config_prefix": str(self.home / "global"),
            "npm_config_registry": registry,
            "npm_config_update_notifier": "false",
        }
        self.directory.mkdir()
        self.home.mkdir()
        self.manifest()

    def manifest(self, **fields: object) -> None:
        """Writes package.json."""
        manifest = {"name": "project", "private": True} | fields
        (self.directory / "package.json").write_text(json.dumps(manifest))

    def __call__(self, *args: object, **kwargs) -> subprocess.CompletedProcess:
        """The package manager."""
        return must(self.client, *args, cwd=self.directory, env=self.env, **kwargs)

    def codex(self, *args: object) -> subprocess.CompletedProcess:
        """What is linked into node_modules/.bin."""
        return run("node_modules/.bin/codex", *args, cwd=self.directory, env=self.env)
