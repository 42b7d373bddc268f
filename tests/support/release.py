"""A small release: every platform, staged once and copied where a test wants to break it."""

import hashlib
import json
import shutil
from pathlib import Path

import bundles
from bundles import TARGETS

FACADE = "crates/codex-cli-bin"
ROOT_PACKAGE = f"npm/openai-codex-{bundles.VERSION}.tgz"
RELEASE_FILES = ["release.json", "SHA256SUMS"]


def runtime(target: str, parent: Path, **changes) -> Path:
    return bundles.directory(bundles.bundle(target, size="small", **changes), parent / target)


def stage_all(stage, staging: Path, work: Path, targets: list[str] = TARGETS) -> Path:
    for target in targets:
        stage.runtime(staging, runtime(target, work))
    return staging


def copy(staging: Path, to: Path) -> Path:
    """Hard links would do for what only reads, but tests write into what they break."""
    return shutil.copytree(staging, to)


def files(directory: Path) -> list[str]:
    paths = (path for path in directory.rglob("*") if path.is_file())
    return sorted(path.relative_to(directory).as_posix() for path in paths)


def change_a_byte(path: Path) -> None:
    """In the middle: neither the first bytes of a file nor its end are looked at more than that."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def resign(manifest: dict, path: Path) -> None:
    """Writes a manifest as `stage` does, with the checksum that fits."""

    def text() -> bytes:
        return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()

    manifest.pop("checksum", None)
    manifest["checksum"] = "0" * 64
    manifest["checksum"] = hashlib.sha256(text()).hexdigest()
    path.write_bytes(text())
