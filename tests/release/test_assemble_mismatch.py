"""`stage assemble` of what was changed, and of what is not of one release."""

import hashlib
import shutil
from pathlib import Path

import bundles
import pytest
import release
from bundles import LINUX_X64, WINDOWS_X64
from release import (
    artifact_files,
    edit,
    manifest,
    refuses,
)


@pytest.mark.parametrize("path", artifact_files())
def test_changed_byte(stage, broken, path):
    release.change_a_byte(broken / path)
    problems = refuses(stage, broken)
    assert "changed" in problems[path] or "cannot be used" in problems[path]
    assert [other for other in problems if not path.startswith(other)] == []


@pytest.mark.parametrize("position", range(5))
def test_any_byte_of_a_manifest(stage, broken, position):
    path = broken / "manifests" / f"{WINDOWS_X64}.json"
    whole = path.read_bytes()
    for place in range(position, len(whole), 229):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert f"manifests/{WINDOWS_X64}.json" in refuses(stage, broken), place


# What does not fit together


def test_two_versions(stage, broken, tmp_path):
    """The newer runtime of a target was staged by a job of another release."""
    newer = release.runtime(WINDOWS_X64, tmp_path, version="0.164.0")
    other = tmp_path / "other"
    stage("stage-runtime", other, newer, "--codex-version", "0.164.0", check=True)
    shutil.copytree(other, broken, dirs_exist_ok=True)
    problems = refuses(stage, broken)
    assert problems[f"manifests/{WINDOWS_X64}.json"] == (
        "it is of version 0.164.0, and the release is 0.163.0"
    )
    assert f"npm/openai-codex-0.164.0-{'win32-x64'}.tgz" in problems


def test_manifests_of_two_runs(stage, broken, tmp_path):
    """The manifest of one run, the artifacts of another one with another runtime."""
    tree = bundles.bundle(LINUX_X64, size="small")
    tree |= {"codex-resources/more": bundles.File(b"more")}
    other = tmp_path / "other"
    stage.runtime(other, bundles.directory(tree, tmp_path))
    name = f"manifests/{LINUX_X64}.json"
    shutil.copyfile(other / name, broken / name)
    problems = refuses(stage, broken)
    changed = [path for path, what in problems.items() if what.startswith("it was changed")]
    assert {path.split("/")[0] for path in changed} == {"wheels", "crates", "npm"}


@pytest.mark.parametrize("kind", ["wheel", "npm", "crate"])
def test_artifact_with_another_runtime(stage, broken, tmp_path, kind):
    """Manifest and artifact agree, and yet what is in it is not what the others have."""
    tree = bundles.bundle(LINUX_X64, size="small")
    program = bundles.entrypoint(LINUX_X64)
    tree = bundles.replace(tree, program, tree[program].data + b"\0")
    other = tmp_path / "other"
    stage.runtime(other, bundles.directory(tree, tmp_path), "--format", kind)
    ours, theirs = manifest(broken, LINUX_X64), manifest(other, LINUX_X64)
    ours["artifacts"] = [
        next((a for a in theirs["artifacts"] if a["path"] == artifact["path"]), artifact)
        for artifact in ours["artifacts"]
    ]
    path = broken / "manifests" / f"{LINUX_X64}.json"
    for artifact in theirs["artifacts"]:
        if (broken / artifact["path"]).is_dir():
            shutil.rmtree(broken / artifact["path"])
            shutil.copytree(other / artifact["path"], broken / artifact["path"])
        else:
            shutil.copyfile(other / artifact["path"], broken / artifact["path"])
    release.resign(ours, path)
    assert refuses(stage, broken) == {
        artifact["path"]: "it does not carry the runtime that its manifest names: "
        f'"{program}" has different content'
        for artifact in theirs["artifacts"]
    }


def payload_is_wrong(stage, broken: Path, change) -> str:
    """What is said of a platform crate whose payload was changed, manifest and all."""
    crate = f"crates/codex-cli-bin-{LINUX_X64}"
    change(broken / crate)
    ours = manifest(broken, LINUX_X64)
    artifact = next(a for a in ours["artifacts"] if a["path"] == crate)
    for file in artifact["files"]:
        data = (broken / crate / file["path"]).read_bytes()
        file["size"], file["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    lines = "".join(f"{f['sha256']}  {f['path']}\n" for f in artifact["files"])
    artifact["sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    artifact["size"] = sum(file["size"] for file in artifact["files"])
    release.resign(ours, broken / "manifests" / f"{LINUX_X64}.json")
    return refuses(stage, broken)[crate]


def first(path: Path, kind: str) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith(f"{kind} "))


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("version", lambda line: "version 0.1.0", "error[crate-payload-manifest]"),
        ("file", lambda line: line + "x", "does not carry"),
        ("file", lambda line: line.replace("755", "644", 1), "has the mode 0644 and not 0755"),
        ("frame", lambda line: "", "error[crate-payload-manifest]"),
        (
            "frame",
            lambda line: line[:-1] + ("0" if line[-1] != "0" else "1"),
            "error[crate-payload",
        ),
    ],
)
def test_payload_that_is_no_payload(stage, broken, kind, change, expected):
    def changed(crate: Path) -> None:
        path = crate / "payload.manifest"
        line = first(path, kind)
        edit(path, line, change(line))

    assert expected in payload_is_wrong(stage, broken, changed)


@pytest.mark.parametrize("change", [lambda data: data + b"more", lambda data: data[:-1]])
def test_payload_of_another_length(stage, broken, change):
    def changed(crate: Path) -> None:
        path = crate / "payload.bin"
        path.write_bytes(change(path.read_bytes()))

    assert "error[crate-payload" in payload_is_wrong(stage, broken, changed)
