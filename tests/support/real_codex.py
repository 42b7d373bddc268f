"""A published Codex, a model on loopback, and a home that brings them together."""

import os
import platform
import tarfile
import zipfile
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

import clients
from clients import ROOT, must
from model_server import Model

VERSION = "0.163.0"
TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-musl",
    ("Linux", "aarch64"): "aarch64-unknown-linux-musl",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
}


def target() -> str:
    """The target of the Codex that runs on this machine."""
    return TARGETS[platform.system(), platform.machine()]


def unpacked() -> Path:
    """The package directory of the Codex for this machine, unpacked once: read it, never write.

    The download is the quickstart's too.
    """
    downloads = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "quickstart"
    fetch = [ROOT / "scripts/fetch-runtime", VERSION, target(), downloads]
    archive = must(*fetch, "--from", "npm").stdout.strip()
    directory = downloads / f"unpacked-{VERSION}"
    if not directory.exists():
        with TemporaryDirectory(dir=downloads) as work, tarfile.open(archive) as tar:
            clients.unpack(tar, work)
            # Whole, or not at all. Whoever does the same just now may be the first.
            try:
                Path(work, "package").rename(directory)
            except OSError:
                if not directory.exists():
                    raise
    return (directory / "vendor" / target()).absolute()


def unpack(archive: Path, directory: Path) -> Path:
    """The entrypoint of a published runtime of any layout, with what lies beside it."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(directory)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(directory, filter="tar")
    (entrypoint,) = (path for path in directory.rglob("codex") if path.is_file())
    entrypoint.chmod(0o755)
    return entrypoint


class Home:
    """A `CODEX_HOME` whose model is one on loopback, for a package directory or an executable."""

    def __init__(self, directory: Path, runtime: Path):
        self.model = Model().start()
        directory.mkdir()
        config = "\n".join(self.model.config())
        (directory / "config.toml").write_text(config + "\n", encoding="utf-8")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CODEX_")}
        self.env = clean | {
            "CODEX_HOME": str(directory),
            "CODEX_CLI_BIN_PATH": str(runtime),
            "CODEX_VERSION": VERSION,
        }
        # Two that make their database in a new home at the same moment get in each other's way.
        entrypoint = runtime / "bin/codex" if runtime.is_dir() else runtime
        must(entrypoint, "app-server", stdin=DEVNULL, env=self.env, timeout=60)
