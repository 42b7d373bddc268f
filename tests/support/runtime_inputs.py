"""Runtimes in the forms that `stage-runtime` is given, and the call that it is given them with."""

import json
import stat
from pathlib import Path

import bundles
from bundles import HOST, LINUX_X64, File, gzip_bytes
from hostile import Member

METADATA = "codex-package.json"


def call(staging: Path, runtime: Path, *options: object) -> list[object]:
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options]


def small(target: str = HOST) -> bundles.Tree:
    return bundles.bundle(target, size="small")


def symlink(name: str, target: str) -> Member:
    return Member(name, target.encode(), stat.S_IFLNK | 0o777, method=0)


def old_npm(
    version: str = "0.116.0-linux-x64", target: str = LINUX_X64, program: bytes | None = None
) -> bytes:
    program = program or bundles.executable(LINUX_X64, "codex-cli 0.116.0")
    vendor = f"package/vendor/{target}"
    manifest = json.dumps({"name": "@openai/codex", "version": version}).encode()
    return gzip_bytes(
        bundles.tar_bytes(
            {
                f"{vendor}/codex/codex": File(program, 0o755),
                f"{vendor}/path/rg": File(program, 0o755),
                "package/package.json": File(manifest),
                "package/README.md": File(b"# Codex\n"),
            }
        )
    )


def old_wheel(version: str = "0.131.0a4") -> bytes:
    program = bundles.executable(LINUX_X64, "codex-cli 0.131.0-alpha.4")
    info = f"openai_codex_cli_bin-{version}.dist-info"
    return bundles.zip_bytes(
        {
            "codex_cli_bin/__init__.py": File(b""),
            "codex_cli_bin/bin/codex": File(program, 0o755),
            "codex_cli_bin/bin/bwrap": File(program, 0o755),
            f"{info}/METADATA": File(f"Name: x\nVersion: {version}\n\n".encode()),
            f"{info}/WHEEL": File(b"Wheel-Version: 1.0\n"),
            f"{info}/RECORD": File(b""),
        }
    )
