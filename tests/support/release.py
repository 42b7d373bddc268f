"""A small release: every platform, staged once and copied where a test wants to break it."""

import hashlib
import json
import shutil
from pathlib import Path

import bundles
from bundles import HOST, LINUX_X64, TARGETS, snapshot

FACADE = "crates/codex-cli-bin"
ROOT_PACKAGE = f"npm/openai-codex-{bundles.VERSION}.tgz"
RELEASE_FILES = ["release.json", "SHA256SUMS"]

#: What Linux x64 has of each format.
FORMATS = {
    "wheel": {
        f"wheels/openai_codex_cli_bin-{bundles.VERSION}-py3-none-{tag}_x86_64.whl": "a wheel"
        for tag in ["manylinux_2_17", "musllinux_1_1"]
    },
    "crate": {f"crates/codex-cli-bin-{LINUX_X64}": "a crate"},
    "npm": {f"npm/openai-codex-{bundles.VERSION}-linux-x64.tgz": "an npm package"},
}


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


def manifest(staging: Path, target: str = HOST) -> dict:
    return json.loads((staging / "manifests" / f"{target}.json").read_text())


def release_json(staging: Path) -> dict:
    return json.loads((staging / "release.json").read_text())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def artifact_files() -> list[str]:
    """The files of one platform, by how their paths end, and what the platform has beside it."""
    return [
        f"manifests/{LINUX_X64}.json",
        f"npm/openai-codex-{bundles.VERSION}-linux-x64.tgz",
        *FORMATS["wheel"],
        *(
            f"crates/codex-cli-bin-{LINUX_X64}/{name}"
            for name in [
                "Cargo.toml", "LICENSE", "NOTICE", "README.md", "payload.bin", "payload.manifest",
                "sbom.cdx.json", "src/lib.rs",
            ]
        ),
    ]  # fmt: skip


def refuses(stage, staging: Path, *options: str) -> dict[str, str]:
    """What is wrong with each file; nothing else has changed, and nothing looks finished."""
    before = {p: e for p, e in snapshot(staging).items() if p not in RELEASE_FILES}
    error = stage.refuses("assemble", staging, *options)
    assert snapshot(staging) == before
    first, *reasons = [line.strip() for line in error.splitlines()[:-1]]
    assert first == f"error: cannot make a release of {staging}"
    count, *reasons = [reason.removeprefix("because: ") for reason in reasons]
    assert count == (
        "one thing is wrong with it" if len(reasons) == 1
        else f"{len(reasons)} things are wrong with it"
    )  # fmt: skip
    problems: dict[str, str] = {}
    for path, what in (reason.split(": ", 1) for reason in reasons):
        problems[path] = f"{problems[path]}, {what}" if path in problems else what
    return problems
