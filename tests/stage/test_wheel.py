"""The wheel: what is in it, what package managers say of it, and what it does once installed."""

import base64
import csv
import email.parser
import hashlib
import io
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import bundles
import pytest
from bundles import File
from clients import IMPORT_PACKAGE as PACKAGE
from clients import ROOT, WHEEL_ADDS, Venv, must, mypy, run, twine_check
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

DIST_INFO = f"openai_codex_cli_bin-{bundles.VERSION}.dist-info"
OURS = {f"{PACKAGE}/{name}" for name in WHEEL_ADDS}


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
        "entry_points.txt",
        "licenses/LICENSE",
        "licenses/NOTICE",
        "sboms/openai-codex-cli-bin.cdx.json",
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
    assert [name for name in names if DIST_INFO in name] == names[-7:], "dist-info comes last"
    package, dist_info = names[:-7], names[-7:]
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
    must(sys.executable, "-m", "zipfile", "--test", wheel)
    twine_check(wheel)


# What is installed


@pytest.fixture(scope="module", params=["pip", "uv"])
def venv(staging, request, tmp_path_factory) -> Venv:
    """Where an installer chose among the staged wheels."""
    venv = Venv(tmp_path_factory.mktemp("installed") / "venv")
    find = ["--no-index", "--find-links", staging / "wheels"]
    venv.install(request.param, *find, "openai-codex-cli-bin")
    return venv


@pytest.fixture
def package(venv) -> Path:
    return Path(venv.evaluate("bundled_package_dir()"))


def test_installed_tree_is_the_one_that_was_put_in(package):
    tree = bundles.read(package)
    added = {path for path in tree if path.endswith((".py", ".pyc")) or path == "py.typed"}
    assert {path: file for path, file in tree.items() if path not in added} == bundles.bundle()


def test_module_runs_the_runtime(venv):
    assert venv("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    assert venv("exit", "7").returncode == 7
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    assert venv(*arguments).stdout.splitlines() == arguments


def test_module_ends_as_the_runtime_does(venv):
    """A signal reaches the runtime, and its death by it is seen by the shell above."""
    command = [venv.python, "-m", PACKAGE, "sleep"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"sleeping\n"
    process.terminate()
    assert process.wait(timeout=10) == -signal.SIGTERM


def test_what_ran_is_what_was_put_in(venv):
    where = Path(venv("where").stdout.strip())
    assert where == Path(venv.evaluate("bundled_codex_path()"))
    assert where.is_relative_to(venv.python.parent.parent)
    assert File(where.read_bytes(), 0o755) == bundles.bundle()[bundles.entrypoint()]


def test_public_names(venv, package):
    assert venv.evaluate("PACKAGE_NAME") == "openai-codex-cli-bin"
    assert venv.evaluate("repr(bundled_package_dir())") == f"PosixPath('{package}')"
    assert venv.evaluate("repr(bundled_codex_path())") == f"PosixPath('{package}/bin/codex')"
    assert venv.evaluate("repr(bundled_path_dir())") == f"PosixPath('{package}/codex-path')"
    assert venv.evaluate(f"sorted({PACKAGE}.__all__)") == str(
        ["PACKAGE_NAME", "bundled_codex_path", "bundled_package_dir", "bundled_path_dir"]
    )


def test_damaged_installation_is_told(venv, package, tmp_path):
    """The published package raises FileNotFoundError, on which the SDK relies."""
    for file in package.glob("*.py"):
        bundles.save(tmp_path / PACKAGE / file.name, file.read_bytes())
    result = run(
        venv.python, "-c", f"import {PACKAGE}; {PACKAGE}.bundled_codex_path()", cwd=tmp_path
    )
    assert "FileNotFoundError" in result.stderr
    assert str(tmp_path / PACKAGE) in result.stderr


def test_package_is_typed(venv):
    code = f"from {PACKAGE} import bundled_path_dir; reveal_type(bundled_path_dir())"
    assert "Path | None" in mypy("--python-executable", venv.python, "-c", code).stdout
