"""RUNTIME: every kind that is taken, and what becomes of it."""

import gzip
import io
import json
import stat
import subprocess
import tarfile
import zipfile

import bundles
import hostile
import pytest
import zstandard
from bundles import (
    HOST,
    LINUX_ARM64,
    LINUX_X64,
    MACOS_ARM64,
    TARGETS,
    WINDOWS_X64,
    File,
    gzip_bytes,
    save,
)  # fmt: skip
from hostile import Member, entry, tgz, zip_of
from npm_packages import as_dll
from runtime_inputs import METADATA, old_npm, old_wheel, small, symlink

# Kinds that are taken


@pytest.mark.parametrize("target", TARGETS)
def test_bare_executable_becomes_a_bundle(staged, target):
    program = bundles.executable(target, "codex-cli 0.163.0")
    tree = staged(program)
    assert set(tree) == {METADATA, bundles.entrypoint(target)}
    assert tree[bundles.entrypoint(target)] == File(program, 0o755)
    assert json.loads(tree[METADATA].data) == json.loads(bundles.metadata(target))
    assert tree[METADATA].mode == 0o644


@pytest.mark.parametrize(
    "wrap",
    [
        lambda program: gzip_bytes(bundles.tar_bytes({f"codex-{HOST}": File(program, 0o755)})),
        lambda program: zip_of(Member(f"codex-{HOST}", program)),
        gzip_bytes,
        lambda program: zstandard.ZstdCompressor().compress(program),
    ],
    ids=["tar.gz", "zip", "gz", "zst"],
)
def test_executable_alone_in_an_archive(staged, wrap):
    program = bundles.program("codex-cli 0.163.0")
    tree = staged(wrap(program))
    assert set(tree) == {METADATA, "bin/codex"}
    assert tree["bin/codex"] == File(program, 0o755)


def test_one_directory_around_the_bundle(staged):
    tree = small()
    assert staged(gzip_bytes(bundles.tar_bytes(tree, "codex-0.163.0/"))) == tree


def test_tar_of_the_current_directory(staged):
    top = entry("./", tarfile.DIRTYPE) + entry("./bin/", tarfile.DIRTYPE)
    assert staged(tgz(top, hostile.entries(small(), "./"))) == small()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_tar_format(staged, form):
    path = f"codex-resources/{'long-' * 12}name"
    tree = small() | {path: File(b"content", 0o644)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
        for name, file in tree.items():
            info = tarfile.TarInfo(f"{'d' * 60}/{name}")
            info.size, info.mode, info.mtime = len(file.data), file.mode, 1.5
            if form == tarfile.USTAR_FORMAT:
                info.mtime = 1
            archive.addfile(info, io.BytesIO(file.data))
    assert staged(buffer.getvalue()) == tree


def test_system_tar_and_zip(staged, small_runtime, tmp_path):
    subprocess.run(["tar", "-czf", tmp_path / "a", "-C", small_runtime, "."], check=True)
    assert staged(tmp_path / "a") == bundles.read(small_runtime)


def test_gzip_of_several_members(staged):
    archive = bundles.tar_bytes(small())
    cut = len(archive) // 3
    assert staged(gzip.compress(archive[:cut]) + gzip.compress(archive[cut:])) == small()


def test_zip_written_to_a_pipe(staged):
    """Sizes and checksums come after the content."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.written = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.written += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, file in small().items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.data)
    assert staged(bytes(pipe.written)) == small()


def test_zip64(staged):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, file in small().items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(file.data)
    assert staged(buffer.getvalue()) == small()


@pytest.mark.parametrize("target", TARGETS)
def test_zip_without_modes(staged, target):
    """The bytes say what is executable, by one rule for every target, and names say nothing."""
    tree = bundles.bundle(target)
    program = tree[bundles.entrypoint(target)].data
    tree["codex-resources/no-name"] = File(program, 0o755)
    tree["codex-resources/script.txt"] = File(b"#!/bin/sh\n", 0o755)
    if target == WINDOWS_X64:
        tree["codex-resources/library.dll"] = File(as_dll(program))
    members = hostile.members(tree)
    for member in members:
        member.mode = 0
    assert staged(zip_of(*members)) == tree


def test_links_to_files_become_copies(staged):
    tree = small()
    archive = tgz(
        hostile.entries(tree, "pkg/"),
        entry("pkg/lib/libz.so", tarfile.SYMTYPE, "libz.so.1"),
        entry("pkg/lib/libz.so.1", content=b"library"),
        entry("pkg/lib/libz.so.0", tarfile.SYMTYPE, "./../lib/libz.so"),
        entry("pkg/rg", tarfile.LNKTYPE, "pkg/bin/codex"),
        entry("pkg/empty/", tarfile.DIRTYPE),
    )
    library = File(b"library", 0o755)
    copies = {f"lib/libz.so{version}": library for version in ["", ".0", ".1"]}
    assert staged(archive) == tree | copies | {"rg": tree["bin/codex"]}


def test_links_in_a_zip_and_in_a_directory(staged, stage, tmp_path):
    tree = small()
    archive = zip_of(*hostile.members(tree), symlink("codex-path/codex", "../bin/codex"))
    expected = tree | {"codex-path/codex": tree["bin/codex"]}
    assert staged(archive) == expected
    folder = bundles.directory(tree, tmp_path)
    (folder / "codex-path/codex").symlink_to("../bin/codex")
    (folder / "empty").mkdir()
    # The same bundle: it joins what is there.
    stage.runtime(tmp_path / "staging", folder)


def test_modes_are_kept_and_not_derived(staged):
    tree = small() | {
        "codex-resources/voice/runtime.json": File(b"{}", 0o755),
        "codex-resources/lib.so": File(bundles.elf(0x3E, "a library"), 0o644),
    }
    assert staged(gzip_bytes(bundles.tar_bytes(tree))) == tree


def test_modes_become_those_that_git_knows(staged):
    modes = {"a": 0o4755, "b": 0o700, "c": 0o600, "d": 0o666, "e": 0o010, "f": 0o777}
    tree = small() | {name: File(name.encode(), mode) for name, mode in modes.items()}
    staged_tree = staged(gzip_bytes(bundles.tar_bytes(tree)))
    found = {name: staged_tree[name].mode for name in modes}
    assert found == {
        "a": 0o755, "b": 0o755, "c": 0o644, "d": 0o644, "e": 0o644, "f": 0o755,
    }  # fmt: skip


def test_metadata_may_have_keys_of_a_later_day(staged):
    tree = small()
    changed = bundles.replace(tree, METADATA, bundles.metadata(HOST, signedBy=["somebody"]))
    assert staged(gzip_bytes(bundles.tar_bytes(changed))) == changed


# Packages from before there were metadata


def test_old_npm_tarball(staged):
    tree = staged(old_npm(), tag="rust-v0.116.0")
    assert set(tree) == {METADATA, "bin/codex", "codex-path/rg"}
    assert json.loads(tree[METADATA].data) == json.loads(bundles.metadata(LINUX_X64, "0.116.0"))


def test_old_wheel(staged):
    tree = staged(old_wheel(), tag="0.131.0a4")
    assert set(tree) == {METADATA, "bin/bwrap", "bin/codex"}
    expected = bundles.metadata(LINUX_X64, "0.131.0-alpha.4")
    assert json.loads(tree[METADATA].data) == json.loads(expected)


def npm_of_all(version: str = "0.94.0") -> bytes:
    """As `@openai/codex` was until its platforms had packages of their own, in January 2026."""
    tree = {
        "package/package.json": File(f'{{"name":"@openai/codex","version":"{version}"}}'.encode()),
        "package/bin/codex.js": File(b"#!/usr/bin/env node\n"),
        "package/bin/rg": File(b"#!/usr/bin/env dotslash\n"),
    }
    for target in [LINUX_X64, LINUX_ARM64, WINDOWS_X64]:
        suffix = bundles.suffix(target)
        program = bundles.executable(target, f"codex for {target}")
        tree[f"package/vendor/{target}/codex/codex{suffix}"] = File(program, 0o755)
        tree[f"package/vendor/{target}/path/rg{suffix}"] = File(program, 0o755)
    return gzip_bytes(bundles.tar_bytes(tree))


@pytest.mark.parametrize("selection", [LINUX_ARM64, "manylinux_2_17_aarch64"])
def test_one_platform_of_an_old_npm_tarball(staged, selection):
    tree = staged(npm_of_all(), "--platform-tag", selection, tag="rust-v0.94.0")
    assert set(tree) == {METADATA, "bin/codex", "codex-path/rg"}
    assert tree["bin/codex"].data == bundles.executable(LINUX_ARM64, f"codex for {LINUX_ARM64}")
    assert json.loads(tree[METADATA].data) == json.loads(bundles.metadata(LINUX_ARM64, "0.94.0"))


@pytest.mark.parametrize(
    ("options", "version", "reason"),
    [
        ([], "0.94.0", f"two runtimes: `package/vendor/{LINUX_ARM64}` and `package/vendor/"),
        (["--platform-tag", MACOS_ARM64], "0.94.0", "holds two runtimes: "),
        (
            ["--platform-tag", LINUX_X64],
            "0.95.0",
            "is version 0.94.0, but --release-tag says 0.95.0",
        ),
    ],
    ids=["none selected", "one that is not in it", "another version"],
)
def test_old_npm_tarball_without_what_is_asked_for(
    stage, staging, tmp_path, options, version, reason
):
    runtime = save(tmp_path / "runtime", npm_of_all())
    call = ["stage-runtime", staging, runtime, "--codex-version", version, *options]
    error = stage.refuses(*call)
    assert reason in error and not staging.exists()
    if "two runtimes" in reason:
        assert "of an npm tarball with several, --platform-tag selects one" in error


@pytest.mark.parametrize(
    ("archive", "tag", "reason"),
    [
        (old_npm, "0.117.0", "is version 0.116.0, but --release-tag says 0.117.0"),
        (old_wheel, "0.116.0", "is version 0.131.0a4, but --release-tag says 0.116.0"),
        (old_npm, "0.163.0", "is version 0.116.0, but --release-tag says 0.163.0"),
        (old_wheel, "0.163.0", "is version 0.131.0a4, but --release-tag says 0.163.0"),
        (
            lambda: old_npm("0.163.0-linux-x64"),
            "0.163.0",
            "there is no codex-package.json in package/vendor/<target>/",
        ),
        (
            lambda: old_wheel("0.163.0"),
            "0.163.0",
            "there is no codex-package.json in its import package",
        ),
        (
            lambda: old_npm(target=LINUX_ARM64),
            "0.116.0",
            f"`package/vendor/{LINUX_ARM64}` and the metadata in it, which say {LINUX_X64}",
        ),
    ],
    ids=["npm", "wheel", "npm long ago", "wheel long ago", "new npm", "new wheel", "wrong folder"],
)
def test_old_package_that_is_not_what_it_should_be(stage, staging, tmp_path, archive, tag, reason):
    runtime = save(tmp_path / "runtime", archive())
    assert reason in stage.refuses("stage-runtime", staging, runtime, "--codex-version", tag)
    assert not staging.exists()
