"""A wheel that pip did not install: what its package says, and that it is what works."""

import re
import shlex
import sys
import zipfile
from pathlib import Path

import bundles
import pytest
from clients import IMPORT_PACKAGE, Venv, must, run

REQUIREMENT = f"openai-codex-cli-bin=={bundles.VERSION}"
PRINT = f"import {IMPORT_PACKAGE}; print({IMPORT_PACKAGE}.bundled_codex_path())"


@pytest.fixture(scope="module")
def wheel(stage, tmp_path_factory) -> Path:
    staging = tmp_path_factory.mktemp("wheel") / "staging"
    runtime = bundles.directory(bundles.bundle(), tmp_path_factory.mktemp("runtime"))
    stage.runtime(staging, runtime, "--format", "wheel")
    return sorted((staging / "wheels").iterdir())[0]


def python(where: Path, *args: object, **kwargs):
    """Python with a directory or an archive first on its path, and nothing of the tests' own."""
    return run(
        sys.executable, *args, env={"PYTHONPATH": str(where), "PATH": "/usr/bin:/bin"}, **kwargs
    )


@pytest.fixture
def unpacked(wheel, tmp_path) -> Path:
    """`python -m zipfile` does not set permissions."""
    directory = tmp_path / "it's unpacked"
    must(sys.executable, "-m", "zipfile", "-e", wheel, directory)
    return directory


def test_lost_permissions(unpacked):
    executable = unpacked / IMPORT_PACKAGE / bundles.entrypoint()
    result = python(unpacked, "-m", IMPORT_PACKAGE, "--version")
    assert (result.returncode, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith(f"error: {executable} is not executable: ")
    for code in [PRINT, f"import {IMPORT_PACKAGE} as p; p.bundled_codex_path()"]:
        assert "PermissionError: " in python(unpacked, "-c", code).stderr
    # Near miss: the other names need no permission.
    code = f"import {IMPORT_PACKAGE} as p; print(p.bundled_package_dir(), p.bundled_path_dir())"
    assert python(unpacked, "-c", code).returncode == 0

    (command,) = re.findall(r"`(chmod [^`]*)`", result.stderr)
    must(*shlex.split(command))
    result = python(unpacked, "-m", IMPORT_PACKAGE, "--version")
    assert result.stdout == f"codex-cli {bundles.VERSION}\n"
    helper = unpacked / IMPORT_PACKAGE / "codex-path/rg"
    assert helper.stat().st_mode & 0o111


def test_one_permission_is_enough(unpacked):
    """Who may run it is for the owner to say, and for the system to check."""
    executable = unpacked / IMPORT_PACKAGE / bundles.entrypoint()
    executable.chmod(0o700)
    assert python(unpacked, "-c", PRINT).stdout == f"{executable}\n"


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_missing_file(wheel, tmp_path, client):
    """The advice is run as it is told, with the wheel in the place of a package index. It keeps the
    version, which an SDK pins, and what depends on it."""
    environment = Venv(tmp_path / "it's a venv", pip=client == "pip")
    environment.install(client, "--no-index", wheel)
    executable = Path(environment.evaluate("bundled_codex_path()"))
    executable.unlink()
    result = environment("--version")
    assert f"is installed without {executable}: `" in result.stderr
    (advice,) = re.findall(r"`(.*)` puts it back", result.stderr)
    command = shlex.split(advice)
    assert command[-1] == REQUIREMENT and "--no-deps" in command
    assert "Traceback" not in result.stderr
    offline = ["--no-index", "--find-links", wheel.parent, *command[-1:]]
    uv = [sys.executable, "-m", "uv"] if command[0] == "uv" else command[:1]
    must(*uv, *command[1:-1], *offline)
    assert environment("--version").stdout == f"codex-cli {bundles.VERSION}\n"


def archives(wheel: Path, directory: Path) -> list[Path]:
    """The wheel itself on the path, and an application as `python -m zipapp` makes it."""
    app = directory / "app"
    must(sys.executable, "-m", "zipfile", "-e", wheel, app)
    (app / "__main__.py").write_text(PRINT)
    must(sys.executable, "-m", "zipapp", app, "--output", directory / "app.pyz")
    return [wheel, directory / "app.pyz"]


def test_inside_an_archive(wheel, tmp_path):
    for archive in archives(wheel, tmp_path):
        result = python(archive, "-c", PRINT)
        assert result.returncode == 1
        assert f"lies in the archive {archive}, and a program cannot be run" in result.stderr
        assert f"`pip install {REQUIREMENT}`" in result.stderr
        assert "force-reinstall" not in result.stderr
        result = python(archive, "-m", IMPORT_PACKAGE)
        assert result.stderr.startswith("error: ") and "Traceback" not in result.stderr
    # As it is started by its name.
    assert "lies in the archive" in python(tmp_path, tmp_path / "app.pyz").stderr


@pytest.mark.parametrize(
    ("frozen", "advice"),
    [
        ("sys.frozen, sys._MEIPASS = True, '/x'", f"`--collect-all {IMPORT_PACKAGE}`"),
        ("sys.frozen = True", "the tool that made this program left out the files"),
    ],
)
def test_inside_a_program(unpacked, frozen, advice):
    """PyInstaller and other tools, when they take the modules only."""
    (unpacked / IMPORT_PACKAGE / bundles.entrypoint()).unlink()
    result = python(unpacked, "-c", f"import sys; {frozen}; {PRINT}")
    assert "FileNotFoundError: " in result.stderr
    assert advice in result.stderr
    assert "pip install" not in result.stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\x7fELF", "it is not a program for this system"), (b"#!/nowhere/sh\n", "the loader that")],
)
def test_program_that_cannot_be_started(unpacked, content, why):
    executable = unpacked / IMPORT_PACKAGE / bundles.entrypoint()
    executable.write_bytes(content)
    executable.chmod(0o755)
    result = python(unpacked, "-m", IMPORT_PACKAGE)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: cannot run {executable}: {why}")


# The hook of PyInstaller


def test_hook_is_found_through_the_entry_point(wheel, tmp_path):
    venv = Venv(tmp_path / "venv")
    venv.install("pip", "--no-index", wheel)
    code = (
        "from importlib.metadata import distribution as d;"
        "(e,) = d('openai-codex-cli-bin').entry_points; print(e.group, e.name, *e.load()())"
    )
    package = Path(venv.evaluate("bundled_package_dir()"))
    hooks = package / "__pyinstaller"
    assert must(venv.python, "-c", code).stdout == f"pyinstaller40 hook-dirs {hooks}\n"


def test_hook_takes_every_file_of_the_runtime(wheel, tmp_path):
    """Modules of Python and libraries too, which PyInstaller's own helpers leave out."""
    directory = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    package = directory / IMPORT_PACKAGE
    more = ["codex-resources/tool.py", "codex-resources/lib/x.so", "codex-resources/py.typed"]
    for path in more:
        bundles.save(package / path, b"")
    bundles.save(package / "__pycache__/__init__.cpython-311.pyc", b"")
    hook = package / f"__pyinstaller/hook-{IMPORT_PACKAGE}.py"
    code = f"import runpy; print(*runpy.run_path({str(hook)!r})['datas'], sep='\\n')"
    datas = [eval(line) for line in must(sys.executable, "-c", code).stdout.splitlines()]
    found = {Path(into) / Path(file).name: Path(file) for file, into in datas}
    expected = {Path(IMPORT_PACKAGE) / path for path in [*bundles.bundle(), *more]}
    assert found.keys() == expected
    assert all(file == directory / into for into, file in found.items())
