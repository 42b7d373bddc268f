"""`stage verify release.json`: a set that was downloaded, file by file."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import bundles
import pytest
import release
from bundles import HOST, OTHER
from clients import ROOT


@pytest.fixture(scope="module")
def assembled(stage, tmp_path_factory) -> Path:
    work = tmp_path_factory.mktemp("set")
    staging = release.stage_all(stage, work / "set", work, [HOST, OTHER])
    stage("assemble", staging, "--require", HOST, check=True)
    return staging


@pytest.fixture
def downloaded(assembled, tmp_path) -> Path:
    return release.copy(assembled, tmp_path / "set")


def reasons(stage, downloaded: Path) -> list[str]:
    before = bundles.snapshot(downloaded)
    error = stage.refuses("verify", downloaded / "release.json")
    assert bundles.snapshot(downloaded) == before
    return [line.split("because: ", 1)[1] for line in error.splitlines() if "because: " in line]


def test_whole(stage, assembled):
    result = stage("verify", assembled / "release.json", check=True)
    assert "all as they were made" in result.stdout
    result = stage("verify", "release.json", "--message-format", "json", cwd=assembled, check=True)
    found = json.loads(result.stdout)
    assert found["version"] == bundles.VERSION
    assert found["files"] == len(release.files(assembled)) - 2


def each_file(assembled: Path) -> list[str]:
    # A parametrised test would need the names before there is a set.
    return [path for path in release.files(assembled) if path != "release.json"]


def test_any_file_missing(stage, assembled, downloaded):
    for path in each_file(assembled):
        (downloaded / path).rename(downloaded.parent / "away")
        assert f"{path}: it is missing" in reasons(stage, downloaded)
        (downloaded.parent / "away").rename(downloaded / path)


def test_any_file_changed(stage, assembled, downloaded):
    for path in each_file(assembled):
        release.change_a_byte(downloaded / path)
        expected = (
            f"{path}: it does not list what release.json names: one of the two was changed"
            if path == "SHA256SUMS"
            else f"{path}: it was changed: it is not the file that release.json names"
        )
        assert expected in reasons(stage, downloaded)
        shutil.copyfile(assembled / path, downloaded / path)


def test_any_file_longer_or_shorter(stage, assembled, downloaded):
    for path in each_file(assembled):
        whole = (assembled / path).read_bytes()
        for changed in [whole + b"\n", whole[:-1]]:
            (downloaded / path).write_bytes(changed)
            assert any(reason.startswith(f"{path}: ") for reason in reasons(stage, downloaded))
        (downloaded / path).write_bytes(whole)


@pytest.mark.parametrize("position", range(4))
def test_any_byte_of_release_json(stage, downloaded, position):
    path = downloaded / "release.json"
    whole = path.read_bytes()
    for place in range(position, len(whole), 397):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert reasons(stage, downloaded), place


def test_foreign_files(stage, downloaded):
    bundles.save(downloaded / "notes.txt", b"")
    (downloaded / "wheels" / "link.whl").symlink_to("../notes.txt")
    assert reasons(stage, downloaded)[1:] == [
        "notes.txt: a file that is not part of the release",
        "wheels/link.whl: a symbolic link that is not part of the release",
    ]


def test_everything_at_once(stage, downloaded):
    npm = f"npm/openai-codex-{bundles.VERSION}.tgz"
    (downloaded / npm).unlink()
    release.change_a_byte(downloaded / "manifests" / f"{HOST}.json")
    bundles.save(downloaded / "notes.txt", b"")
    found = reasons(stage, downloaded)
    assert found[0] == "3 things are wrong with it"
    assert [reason.split(": ")[0] for reason in found[1:]] == [
        f"manifests/{HOST}.json", "notes.txt", npm,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "EOF"),
        ("{}", "missing field `schema`"),
        ('{"schema": 2}', "it has schema 2, this `stage` reads 1"),
        ('{"schema": 1, "a": ' + "[" * 200_000 + "]" * 200_000 + "}", "unknown field"),
        ("\0", "expected value"),
    ],
    ids=["empty", "nothing", "newer", "deep", "binary"],
)
def test_no_release_json(stage, downloaded, text, expected):
    (downloaded / "release.json").write_text(text)
    first, *rest = reasons(stage, downloaded)
    assert first.endswith("is not a release.json")
    assert expected in rest[0]


def test_path_that_leads_elsewhere(stage, downloaded):
    path = downloaded / "release.json"
    path.write_text(path.read_text().replace(f"manifests/{HOST}.json", "../../etc/passwd"))
    assert "not the name of a file" in reasons(stage, downloaded)[1]


def test_not_there(stage, tmp_path):
    error = stage.refuses("verify", tmp_path / "release.json")
    assert "No such file" in error


def commands(heading: str) -> list[str]:
    """The shell commands below a heading of the guide."""
    guide = (ROOT / "docs" / "releasing.md").read_text()
    section = re.split(r"\n(?:\*\*|## )", guide.split(f"\n{heading}", 1)[1])[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def in_shell(stage, script: str, cwd: Path) -> str:
    env = stage.env | {"PATH": f"{stage.binary.parent}:{stage.env['PATH']}"}
    shell = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(
        shell, cwd=cwd, env=env, check=True, capture_output=True, text=True
    ).stdout


def test_what_the_guide_says_of_every_file(stage, assembled):
    with_sha256sum, with_stage = commands("**2. Every file.**")
    assert "FAILED" not in in_shell(stage, with_sha256sum, assembled)
    assert "all as they were made" in in_shell(stage, with_stage, assembled)


def test_what_the_guide_says_of_the_executable(stage, assembled):
    _, of_the_set = commands("**4. What is installed.**")
    programs = {t: bundles.bundle(t, size="small")[bundles.entrypoint(t)] for t in (HOST, OTHER)}
    printed = in_shell(stage, of_the_set, assembled).splitlines()
    assert sorted(printed) == sorted(f"{file.sha256} {t}" for t, file in programs.items())
