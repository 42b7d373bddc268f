"""`stage.exe` in places that are hard to handle: deep ones, other drives, names in every script."""

from pathlib import Path

import bundles
import hostile
import pytest
from bundles import WINDOWS_X64, contents, snapshot
from hostile import Member, entry, tgz, zip_of
from wine import LOCAL, windows

SMALL = bundles.bundle(WINDOWS_X64, size="small")


@pytest.fixture(scope="module")
def expected(stage, tmp_path_factory) -> dict[str, str]:
    """What is staged of the small runtime, wherever."""
    work = tmp_path_factory.mktemp("expected")
    stage.runtime(work / "staging", bundles.directory(SMALL, work))
    return contents(work / "staging")


# Paths


@pytest.mark.parametrize(
    "folder",
    ["with spaces", "größe Ωж 日本 🎉", "it's 100% (a) & b^c!", "/".join(["d" * 100] * 5)],
    ids=["spaces", "unicode", "what cmd.exe knows", "longer than 260"],
)
@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
def test_path(exe, expected, tmp_path, folder, relative):
    """Wine 8 fails to tell the whole path of a deep directory, as RAM disks of Windows do."""
    work = tmp_path / folder
    for form in [bundles.zip_archive, bundles.directory]:
        name, path = f"from {form.__name__}", form(SMALL, work)
        if relative:
            call = f"{folder}\\{name}".replace("/", "\\"), path.relative_to(tmp_path)
        else:
            call = work / name, path
        exe.runtime(*call, cwd=tmp_path)
        assert contents(work / name) == expected
        said = exe("verify", call[0], cwd=tmp_path, check=True)
        assert "0 errors, 0 warnings" in said.stderr


@pytest.mark.parametrize("form", [r"\\?\{}", r"\\.\{}", "{}\\", "{}\\."])
def test_form_of_a_path(exe, expected, tmp_path, form):
    r"""Between `\\?\` and its end, Windows changes nothing: `/` is no separator there."""
    runtime = bundles.directory(SMALL, tmp_path)
    staging = form.format(windows(tmp_path / "staging"))
    for path in [form.format(windows(runtime)), form.format(windows(tmp_path)) + "\\runtime"]:
        exe.runtime(staging, path)
        assert contents(tmp_path / "staging") == expected
    exe("stage-sdk", staging, "--runtime-version", bundles.TAG, check=True)
    assert "0 errors, 0 warnings" in exe("verify", staging, check=True).stderr
    exe("assemble", staging, "--require", WINDOWS_X64, check=True)


def test_another_drive(exe, expected, tmp_path):
    """Private files lie in STAGING_DIR, so that none is renamed from one drive to another."""
    runtime = bundles.directory(SMALL, tmp_path)
    exe.runtime(r"D:\ein Ordner\staging", runtime)
    assert contents(exe.prefix.drive_d / "ein Ordner/staging") == expected


# The cache


@pytest.fixture
def large(tmp_path) -> Path:
    """What is worth caching."""
    return bundles.directory(bundles.bundle(WINDOWS_X64), tmp_path)


def entries(exe, folder: str) -> list[str]:
    """The files of the cache in a folder."""
    return sorted(path.name for path in (exe.prefix.folder(folder) / "stage/compressed").iterdir())


def test_cache_of_a_profile_with_letters_of_other_scripts(exe, large, tmp_path):
    exe.runtime(tmp_path / "staging", large)
    assert entries(exe, LOCAL)


def test_cache_on_another_drive(exe, stage, large, tmp_path):
    stage.runtime(tmp_path / "expected", large)
    exe.prefix.caches_in(r"D:\Cache für 日本")
    try:
        for name in ["first", "second"]:
            result = exe.runtime(tmp_path / name, large, "--message-format", "json")
            assert result.stderr == ""
            assert contents(tmp_path / name) == contents(tmp_path / "expected")
        assert entries(exe, r"D:\Cache für 日本")
    finally:
        exe.prefix.caches_in(LOCAL)


# Names in archives that Windows cannot hold, or holds under another name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("codex-resources/aux.txt", "a part of its name is a device on Windows"),
        ("NUL/x", "a part of its name is a device on Windows"),
        ("codex-resources/com¹.tar.gz", "a part of its name is a device on Windows"),
        ("codex-resources/x.", "a part of its name ends in a dot or a space, which Windows"),
        ("codex-resources /x", "a part of its name ends in a dot or a space, which Windows"),
        ("bin/codex.exe:stream", "its name has a ':' in it, which Windows cannot hold"),
        ("codex-resources/what?", "its name has a '?' in it, which Windows cannot hold"),
        ("C:evil", "its name begins with a drive letter"),
        ("bin\\evil", "its name has a backslash in it"),
        ("BIN/CODEX.EXE", "differ"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_name(exe, stage, tmp_path, kind, name, reason):
    """It is refused as on Linux, and nothing has been written."""
    if kind == "zip":
        content = zip_of(*hostile.members(SMALL), Member(name, b"evil"))
    else:
        content = tgz(hostile.entries(SMALL), entry(name, content=b"evil"))
    archive = bundles.save(tmp_path / "input/archive", content)
    before = snapshot(tmp_path)
    call = ["stage-runtime", tmp_path / "staging", archive, "--codex-version", bundles.TAG]
    error = exe.refuses(*call)
    assert reason in error
    for path in [archive, tmp_path / "staging"]:
        error = error.replace(windows(path), str(path))
    assert error == stage.refuses(*call)
    assert snapshot(tmp_path) == before
