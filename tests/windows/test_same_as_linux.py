"""What `stage.exe` makes and says is what `stage` makes and says on Linux."""

import json
import re
from pathlib import Path

import bundles
import pytest
import release
from bundles import LINUX_X64, TARGETS, WINDOWS_X64, File, Tree, contents
from wine import program, windows


def library(target: str) -> bytes:
    """A library for Windows, which archives have with mode 0644."""
    image = bytearray(bundles.executable(target, "library"))
    image[64 + 22 : 64 + 24] = (0x2022).to_bytes(2, "little")
    return bytes(image)


def runtime(target: str) -> Tree:
    tree = bundles.bundle(target)
    if "windows" in target:
        tree["codex-resources/library.dll"] = File(library(target))
    return tree


@pytest.mark.parametrize("wrap", bundles.WRAPPINGS)
@pytest.mark.parametrize("target", [WINDOWS_X64, LINUX_X64])
def test_artifacts_of_each_wrapping(exe, stage, tmp_path, wrap, target):
    """A directory too: Windows has no modes, so the bytes tell what is executable."""
    path = wrap(runtime(target), tmp_path / "ein Ordner für 日本")
    exe.runtime(tmp_path / "exe", path)
    stage.runtime(tmp_path / "stage", path)
    assert contents(tmp_path / "exe") == contents(tmp_path / "stage")


# A complete set


@pytest.fixture(scope="module")
def sets(exe, stage, tmp_path_factory) -> tuple[Path, Path]:
    """A release of `stage.exe` and one of `stage`, from directories."""
    work = tmp_path_factory.mktemp("sets")
    runtimes = [bundles.directory(runtime(target), work / target) for target in TARGETS]
    for name, command in [("exe", exe), ("stage", stage)]:
        for path in runtimes:
            command.runtime(work / name, path)
        command("assemble", work / name, check=True)
    return work / "exe", work / "stage"


def test_release(sets):
    of_exe, of_stage = sets
    assert (of_exe / "SHA256SUMS").read_bytes() == (of_stage / "SHA256SUMS").read_bytes()
    assert contents(of_exe) == contents(of_stage)


def test_broken_release(exe, stage, sets, tmp_path):
    """Both name the same files in the same words."""
    _, complete = sets
    broken = release.copy(complete, tmp_path / "broken")
    release.change_a_byte(broken / f"npm/openai-codex-{bundles.VERSION}-win32-x64.tgz")
    (broken / f"crates/codex-cli-bin-{LINUX_X64}/src/lib.rs").unlink()
    error = exe.refuses("assemble", broken)
    assert error.replace(windows(broken), str(broken)) == stage.refuses("assemble", broken)


def test_verify(exe, stage, sets):
    """Each accepts what the other has made."""
    of_exe, of_stage = sets
    assert "0 errors, 0 warnings" in exe("verify", of_stage, check=True).stderr
    assert "0 errors, 0 warnings" in stage("verify", of_exe, check=True).stderr


def test_findings_have_one_separator(exe, stage, sets, tmp_path):
    """Paths on this machine have Windows' separator, and paths in packages have `/`."""
    _, complete = sets
    damaged = release.copy(complete, tmp_path / "damaged")
    release.change_a_byte(damaged / f"crates/codex-cli-bin-{LINUX_X64}/payload.bin")
    release.change_a_byte(damaged / f"npm/openai-codex-{bundles.VERSION}-win32-x64.tgz")
    said, expected = exe("verify", damaged), stage("verify", damaged)
    assert said.returncode == expected.returncode == 1
    assert expected.stdout.count(str(damaged)) > 3
    lines = []
    for line in expected.stdout.splitlines():
        path = re.search(f"{re.escape(str(damaged))}[^:]*", line)
        lines.append(line.replace(path[0], windows(Path(path[0]))) if path else line)
    assert said.stdout.splitlines() == lines


# SDKs and types


def test_sdks(exe, stage, tmp_path):
    python = {
        "pyproject.toml": File(
            b'[project]\nname = "openai-codex"\nversion = "0.0.1"\n'
            b'dependencies = ["codex-cli-bin==0.1.0"]\n'
        ),
        "src/openai_codex/__init__.py": File("# größe\n".encode()),
        "src/openai_codex/Ordner mit 日本/data": File(bytes(range(256))),
        "build/left": File(b"built"),
    }
    source = bundles.write(python, tmp_path / "das SDK")
    for command in [exe, stage]:
        staging = tmp_path / command.binary.name
        command("stage-sdk", staging, "--runtime-version", bundles.TAG, check=True)
        call = ["stage-sdk", staging, "--runtime-version", bundles.TAG, "--sdk-source", source]
        command(*call, check=True)
    of_exe = contents(tmp_path / exe.binary.name)
    assert of_exe == contents(tmp_path / stage.binary.name)
    assert "python/openai-codex/src/openai_codex/Ordner mit 日本/data" in of_exe


def test_types(exe, stage, tmp_path):
    """The program is asked for the schema; where it lies in a directory, Linux makes the same."""
    method = {"type": "string", "enum": ["logout"]}
    properties = {"method": method, "params": {"type": "null"}}
    request = {"type": "object", "properties": properties, "required": ["method", "params"]}
    schema = {"definitions": {"ClientRequest": {"oneOf": [request]}}}
    file = tmp_path / "Schema für 日本/codex_app_server_protocol.schemas.json"
    bundles.save(file, json.dumps(schema).encode())
    codex = bundles.save(tmp_path / "Schema für 日本/codex.exe", program())
    of_exe, of_stage = tmp_path / "exe.rs", tmp_path / "stage.rs"
    call = ["generate-types", "--codex-bin", codex, "--out", of_exe]
    exe(*call, check=True)
    exe("generate-types", "--schema-dir", file.parent, "--out", tmp_path / "2.rs", check=True)
    stage("generate-types", "--schema-dir", file.parent, "--out", of_stage, check=True)
    assert (tmp_path / "2.rs").read_bytes() == of_stage.read_bytes()
    version = f'"{bundles.VERSION}"'
    assert version in of_exe.read_text() and version not in of_stage.read_text()
