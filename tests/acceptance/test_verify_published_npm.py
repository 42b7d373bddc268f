"""`stage verify` of published npm packages: upstream's own, and others that carry executables."""

from pathlib import Path

import bundles
import pytest
from clients import must
from damage import findings
from tampered import codes, fields, read_tgz, tgz

PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"]
UPSTREAM = [
    f"@openai/codex@{bundles.VERSION}",
    *(f"@openai/codex@{bundles.VERSION}-{platform}" for platform in PLATFORMS),
    # From before there was a metadata file.
    "@openai/codex@0.116.0-linux-x64",
]
OTHERS = [
    "@anthropic-ai/claude-code@2.1.197",
    "@biomejs/biome@2.3.6",
    "@biomejs/cli-darwin-arm64@2.3.6",
    "@biomejs/cli-linux-x64@2.3.6",
    "@biomejs/cli-linux-x64-musl@2.3.6",
    "@biomejs/cli-win32-arm64@2.3.6",
    "@esbuild/darwin-arm64@0.27.0",
    "@esbuild/freebsd-x64@0.27.0",
    "@esbuild/linux-ppc64@0.27.0",
    "@esbuild/linux-x64@0.27.0",
    "@esbuild/win32-arm64@0.27.0",
    "@img/sharp-linuxmusl-x64@0.34.5",
    "@img/sharp-win32-ia32@0.34.5",
    "@rollup/rollup-android-arm64@4.53.3",
    "@rollup/rollup-freebsd-x64@4.53.3",
    "@rollup/rollup-linux-riscv64-gnu@4.53.3",
    "@rollup/rollup-linux-x64-gnu@4.53.3",
    "@rollup/rollup-linux-x64-musl@4.53.3",
    "@swc/core@1.15.3",
    "@swc/core-darwin-x64@1.15.3",
    "@swc/core-linux-x64-gnu@1.15.3",
    "@swc/core-linux-x64-musl@1.15.3",
    "@swc/core-win32-ia32-msvc@1.15.3",
    "@types/node@24.10.1",
    "JSONStream@1.3.5",
    "better-sqlite3@12.4.6",
    "esbuild@0.27.0",
    "fsevents@2.3.3",
    "leveldown@6.1.1",
    "lightningcss-linux-arm-gnueabihf@1.30.2",
    "node-pty@1.0.0",
    "npm@11.6.3",
    "rollup@4.53.3",
    "turbo@2.6.1",
    "turbo-linux-64@2.6.1",
    "turbo-windows-arm64@2.6.1",
    "typescript@5.9.3",
]


def download(package: str, directory: Path) -> Path:
    call = ["npm", "pack", "--silent", "--pack-destination", directory, package]
    return directory / must(*call).stdout.strip()


@pytest.mark.parametrize("package", UPSTREAM + OTHERS)
def test_a_published_package_has_no_error(stage, tmp_path, package):
    found = findings(stage, download(package, tmp_path))
    assert [finding for finding in found if finding["severity"] == "error"] == []


def test_what_is_untrue_of_a_published_package_is_found(stage, tmp_path):
    """The package of one platform under the fields of another: the bytes are real."""
    path = download("@esbuild/linux-x64@0.27.0", tmp_path)
    tree = read_tgz(path)
    for changes, code in [
        ({"cpu": ["arm64"]}, {"npm-os-cpu"}),
        ({"os": ["darwin"]}, {"npm-os-cpu"}),
        ({"os": ["linux"]}, set()),
    ]:
        path.write_bytes(tgz(fields("package/package.json", **changes)(tree)))
        assert codes(stage, path) == code
    path = download("@biomejs/cli-linux-x64@2.3.6", tmp_path)
    tree = read_tgz(path)
    path.write_bytes(tgz(fields("package/package.json", libc=["musl"])(tree)))
    assert codes(stage, path) == {"npm-libc"}
