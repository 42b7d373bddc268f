"""`stage assemble` of a set with a file too many, and with several things wrong at once."""

import json

import bundles
import pytest
import release
from bundles import LINUX_X64, WINDOWS_X64
from release import FORMATS, refuses

# What is too much


FOREIGN = {
    "notes.txt": "a file",
    "wheels/openai_codex_cli_bin-0.1.0-py3-none-win_amd64.whl": "a file",
    "wheels/requests-2.0-py3-none-any.whl": "a file",
    "npm/openai-codex-0.50.0.tgz": "a file",
    "manifests/.DS_Store": "a file",
    "manifests/readme.txt": "a file",
    ".stage/settings": "a file",
    "crates/mine": "a directory",
    f"crates/codex-cli-bin-{LINUX_X64}-part2": "a directory",
    f"crates/codex-cli-bin-{LINUX_X64}/Cargo.lock": "a file",
    f"crates/codex-cli-bin-{LINUX_X64}/target/debug/x": "a file",
    "release.json.bak": "a file",
    "name\nwith a line end": "a file with a name that no file of a release has",
}


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.replace("\n", " "))
def test_foreign_file(stage, broken, path):
    what = FOREIGN[path]
    place = broken / path / "file" if what == "a directory" else broken / path
    bundles.save(place, b"foreign")
    shown = path.replace("\n", "\\n")
    assert refuses(stage, broken) == {shown: f"{what} that is not part of the release"}


def test_link(stage, broken):
    name = next(iter(FORMATS["npm"]))
    (broken / name).rename(broken.parent / "elsewhere")
    (broken / name).symlink_to(broken.parent / "elsewhere")
    assert refuses(stage, broken) == {name: "a symbolic link that is not part of the release"}


def test_everything_at_once(stage, broken):
    """All of it is told, not the first that was found."""
    wheel, other_wheel = FORMATS["wheel"]
    (broken / wheel).unlink()
    release.change_a_byte(broken / other_wheel)
    (broken / "manifests" / f"{WINDOWS_X64}.json").unlink()
    bundles.save(broken / "notes.txt", b"")
    assert refuses(stage, broken).keys() == {
        wheel, other_wheel, f"manifests/{WINDOWS_X64}.json", "notes.txt",
    }  # fmt: skip


@pytest.mark.parametrize("message_format", ["json", "github"])
def test_everything_at_once_for_programs(stage, broken, message_format):
    bundles.save(broken / "notes.txt", b"")
    bundles.save(broken / "more.txt", b"")
    result = stage("assemble", broken, "--message-format", message_format)
    reasons = [
        f"{name}: a file that is not part of the release" for name in ["more.txt", "notes.txt"]
    ]
    if message_format == "json":
        assert json.loads(result.stderr)["reasons"][1:] == reasons
    else:
        assert "%0A".join(f"  because: {reason}" for reason in reasons) in result.stderr
