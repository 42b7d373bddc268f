"""The wheel: what is in it, what package managers say of it, and what it does once installed."""

import base64
import csv
import email.parser
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import bundles
import pytest
from bundles import File
from conftest import ROOT
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

PACKAGE = "codex_cli_bin"
DIST_INFO = f"openai_codex_cli_bin-{bundles.VERSION}.dist-info"
OURS = {f"{PACKAGE}/__init__.py", f"{PACKAGE}/__main__.py", f"{PACKAGE}/py.typed"}


@pytest.fixture(scope="module")
def staging(stage, runtime, tmp_path_factory):
    staging = tmp_path_factory.mktemp("wheel") / "staging"
    stage.runtime(staging, runtime, "--format", "wheel")
    return staging


@pytest.fixture(scope="module", params=[0, 1], ids=["first tag", "last tag"])
def wheel(staging, request) -> Path:
    return sorted((staging / "wheels").iterdir())[-request.param]


@pytest.fixture(scope="module")
def entries(wheel) -> bundles.Tree:
    return bundles.read_zip(wheel)


# The file


def test_the_tree_is_the_one_that_was_put_in(entries):
    tree = {
        path.removeprefix(f"{PACKAGE}/"): file
        for path, file in entries.items()
        if path.startswith(f"{PACKAGE}/") and path not in OURS
    }
    assert tree == bundles.bundle()


@pytest.mark.parametrize("wrap", bundles.WRAPPINGS)
def test_every_wrapping_gives_the_same_wheel(stage, staging, tmp_path, wrap):
    stage.runtime(tmp_path / "staging", wrap(bundles.bundle(), tmp_path), "--format", "wheel")
    assert bundles.snapshot(tmp_path / "staging" / "wheels") == bundles.snapshot(staging / "wheels")


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_bare_executable_becomes_the_entrypoint(stage, tmp_path, target):
    tree = bundles.bundle(target, size="small")
    executable = bundles.bare_executable(tree, tmp_path)
    stage.runtime(tmp_path / "staging", executable, "--format", "wheel")
    for wheel in (tmp_path / "staging" / "wheels").iterdir():
        entries = bundles.read_zip(wheel, f"{PACKAGE}/")
        path = bundles.entrypoint(target)
        assert entries[path] == tree[path]
        assert bundles.target_of(entries) == target


def test_names_of_files(entries):
    foreign = {path for path in entries if not path.startswith((f"{PACKAGE}/", f"{DIST_INFO}/"))}
    assert foreign == set()
    assert entries.keys() >= OURS
    assert {path.removeprefix(f"{DIST_INFO}/") for path in entries if DIST_INFO in path} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "licenses/LICENSE",
        "licenses/NOTICE",
    }


def test_modes(entries):
    """The bundle's own are compared with the tree; what `stage` adds is never executable."""
    added = {path: file for path, file in entries.items() if path in OURS or DIST_INFO in path}
    assert {file.mode for file in added.values()} == {0o644}


def test_metadata(entries):
    metadata = Metadata.from_email(entries[f"{DIST_INFO}/METADATA"].data, validate=True)
    assert metadata.metadata_version == "2.4"
    assert metadata.name == "openai-codex-cli-bin"
    assert str(metadata.version) == bundles.VERSION
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.license_files == ["LICENSE", "NOTICE"]
    assert str(metadata.requires_python) == ">=3.10"
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description.startswith("# Codex CLI runtime")
    assert not metadata.requires_dist
    for name in metadata.license_files:
        assert entries[f"{DIST_INFO}/licenses/{name}"].data == (ROOT / name).read_bytes()


def test_wheel_file(wheel, entries):
    fields = email.parser.BytesParser().parsebytes(entries[f"{DIST_INFO}/WHEEL"].data)
    assert fields["Wheel-Version"] == "1.0"
    assert fields["Root-Is-Purelib"] == "false"
    tags = parse_wheel_filename(wheel.name)[3]
    assert fields.get_all("Tag") == sorted(str(tag) for tag in tags)


def test_compressed_tags_are_expanded(stage, small_runtime, tmp_path):
    pair = bundles.compressed_tags()
    stage.runtime(tmp_path, small_runtime, "--format", "wheel", "--platform-tag", ".".join(pair))
    (wheel,) = (tmp_path / "wheels").iterdir()
    text = bundles.read_zip(wheel)[f"{DIST_INFO}/WHEEL"].data.decode()
    assert [line for line in text.splitlines() if line.startswith("Tag: ")] == [
        f"Tag: py3-none-{tag}" for tag in sorted(pair)
    ]


def test_record_is_complete_and_right(entries):
    rows = list(csv.reader(io.StringIO(entries[f"{DIST_INFO}/RECORD"].data.decode())))
    assert rows.pop(-1) == [f"{DIST_INFO}/RECORD", "", ""]
    assert {path for path, _, _ in rows} == entries.keys() - {f"{DIST_INFO}/RECORD"}
    assert len(rows) == len(entries) - 1
    for path, digest, size in rows:
        sha256 = hashlib.sha256(entries[path].data).digest()
        encoded = base64.urlsafe_b64encode(sha256).decode().rstrip("=")
        assert (digest, size) == (f"sha256={encoded}", str(len(entries[path].data)))


def test_zip_is_what_indexes_accept(wheel):
    """PyPI refuses data descriptors, ZIP64 fields, comments, duplicates and trailing bytes."""
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        assert archive.comment == b""
    names = [info.filename for info in infos]
    assert len(set(map(str.lower, names))) == len(names)
    assert [name for name in names if DIST_INFO in name] == names[-5:], "dist-info comes last"
    package, dist_info = names[:-5], names[-5:]
    assert package == sorted(package)
    assert dist_info[:-1] == sorted(dist_info[:-1])
    assert dist_info[-1].endswith("/RECORD")
    end_of_directory = data.rindex(b"PK\x05\x06")
    assert len(data) == end_of_directory + 22
    position = 0
    for info in infos:
        assert info.header_offset == position, "no gap and no overlap"
        assert data[position : position + 4] == b"PK\x03\x04"
        assert info.flag_bits & ~0x800 == 0
        assert (info.flag_bits & 0x800 == 0) == info.filename.isascii()
        assert info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        assert info.extra == info.comment == b""
        assert info.create_system == 3
        assert info.date_time == infos[0].date_time
        assert not info.is_dir()
        position += 30 + len(info.filename.encode()) + info.compress_size
    assert data[position : position + 4] == b"PK\x01\x02"


# What others say of it


def test_other_readers(wheel):
    for command in [
        [sys.executable, "-m", "zipfile", "--test", wheel],
        [sys.executable, "-m", "twine", "check", "--strict", wheel],
    ]:
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr


# What is installed


@pytest.fixture(scope="module", params=["pip", "uv"])
def installed(staging, request, tmp_path_factory) -> Path:
    """The interpreter of a fresh environment, in which an installer chose among the wheels."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    source = ["--no-index", "--find-links", staging / "wheels", "openai-codex-cli-bin"]
    if request.param == "pip":
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        install = [venv / "bin/python", "-m", "pip", "--isolated", "install", "--quiet", *source]
    else:
        uv = [sys.executable, "-m", "uv", "--no-config", "--quiet"]
        subprocess.run([*uv, "venv", "--python", sys.executable, venv], check=True)
        install = [*uv, "pip", "install", "--python", venv / "bin/python", *source]
    subprocess.run(install, check=True)
    return venv / "bin/python"


def run(*command: object, **kwargs) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), text=True, capture_output=True, **kwargs)


def evaluate(python: Path, expression: str) -> str:
    code = f"import {PACKAGE}; from {PACKAGE} import *; print({expression})"
    result = run(python, "-c", code)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_installed_tree_is_the_one_that_was_put_in(installed):
    package = Path(evaluate(installed, "bundled_package_dir()"))
    tree = bundles.read(package)
    added = {path for path in tree if path.endswith((".py", ".pyc")) or path == "py.typed"}
    assert {path: file for path, file in tree.items() if path not in added} == bundles.bundle()


def test_module_runs_the_runtime(installed):
    assert run(installed, "-m", PACKAGE, "--version").stdout == f"codex-cli {bundles.VERSION}\n"
    assert run(installed, "-m", PACKAGE, "exit", "7").returncode == 7
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    assert run(installed, "-m", PACKAGE, *arguments).stdout.splitlines() == arguments


def test_module_passes_on_death_by_signal(installed):
    """An interrupted runtime is an interrupted command for the shell above."""
    process = subprocess.Popen([installed, "-m", PACKAGE, "sleep"], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"sleeping\n"
    process.terminate()
    assert process.wait(timeout=10) == -15


def test_what_ran_is_what_was_put_in(installed):
    where = Path(run(installed, "-m", PACKAGE, "where").stdout.strip())
    assert where == Path(evaluate(installed, "bundled_codex_path()"))
    assert where.is_relative_to(installed.parent.parent)
    expected = bundles.bundle()[bundles.entrypoint()]
    assert File(where.read_bytes(), 0o755) == expected


def test_public_names(installed):
    package = Path(evaluate(installed, "bundled_package_dir()"))
    assert evaluate(installed, "PACKAGE_NAME") == "openai-codex-cli-bin"
    assert evaluate(installed, "bundled_codex_path()") == str(package / "bin/codex")
    assert evaluate(installed, "bundled_path_dir()") == str(package / "codex-path")
    assert evaluate(installed, f"sorted({PACKAGE}.__all__)") == str(
        ["PACKAGE_NAME", "bundled_codex_path", "bundled_package_dir", "bundled_path_dir"]
    )
    assert {
        evaluate(installed, f"isinstance({name}(), __import__('pathlib').Path)")
        for name in ["bundled_codex_path", "bundled_package_dir", "bundled_path_dir"]
    } == {"True"}


def test_damaged_installation_is_told(installed, tmp_path):
    """The published package raises FileNotFoundError, on which the SDK relies."""
    package = Path(evaluate(installed, "bundled_package_dir()"))
    copy = tmp_path / PACKAGE
    copy.mkdir()
    for file in package.glob("*.py"):
        (copy / file.name).write_bytes(file.read_bytes())
    code = f"import {PACKAGE}; {PACKAGE}.bundled_codex_path()"
    result = run(
        installed, "-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )
    assert "FileNotFoundError" in result.stderr
    assert str(copy) in result.stderr


def test_package_is_typed(installed):
    package = Path(evaluate(installed, "bundled_package_dir()"))
    assert (package / "py.typed").is_file()
    result = run(
        sys.executable, "-m", "mypy", "--strict", "--python-executable", installed,
        "-c", f"from {PACKAGE} import bundled_path_dir; reveal_type(bundled_path_dir())",
    )  # fmt: skip
    assert "Path | None" in result.stdout, result.stdout
