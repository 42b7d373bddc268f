"""A published Codex, a model on loopback, and a home that brings them together."""

import os
import platform
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

import bundles
from clients import ROOT, must
from model_server import Model

TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-musl",
    ("Linux", "aarch64"): "aarch64-unknown-linux-musl",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
}


def target() -> str:
    """The target of the Codex that runs on this machine."""
    return TARGETS[platform.system(), platform.machine()]


@contextmanager
def unpacked() -> Iterator[Path]:
    """The package directory of the Codex for this machine. The download is the quickstart's too."""
    downloads = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "quickstart"
    fetch = [ROOT / "scripts/fetch-runtime", bundles.VERSION, target(), downloads]
    archive = must(*fetch, "--from", "npm").stdout.strip()
    with TemporaryDirectory(prefix="codex-") as directory:
        with tarfile.open(archive) as tar:
            tar.extractall(directory, filter="data")
        yield Path(directory) / "package/vendor" / target()


class Home:
    """A `CODEX_HOME` whose model is one on loopback."""

    def __init__(self, directory: Path, package: Path):
        self.model = Model().start()
        directory.mkdir()
        config = "\n".join(self.model.config())
        (directory / "config.toml").write_text(config + "\n", encoding="utf-8")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CODEX_")}
        self.env = clean | {
            "CODEX_HOME": str(directory),
            "CODEX_CLI_BIN_PATH": str(package),
            "CODEX_VERSION": bundles.VERSION,
        }
        # Two that make their database in a new home at the same moment get in each other's way.
        must(package / "bin/codex", "app-server", stdin=DEVNULL, env=self.env, timeout=60)
