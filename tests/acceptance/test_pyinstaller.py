"""Programs that PyInstaller makes, which carry the real runtime through the hook of the wheel."""

import shutil
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST
from clients import IMPORT_PACKAGE, Venv, must

import products

# A program that uses the package as the SDK does. It copies the tree to where a test can look at
# it: a program of one file removes it when it ends.
PROGRAM = f"""
import shutil, subprocess, sys
from {IMPORT_PACKAGE} import bundled_codex_path, bundled_package_dir, bundled_path_dir
shutil.copytree(bundled_package_dir(), sys.argv[1])
assert bundled_path_dir().is_dir()
sys.exit(subprocess.run([bundled_codex_path(), "--version"]).returncode)
"""


@pytest.fixture(scope="module")
def tools(tmp_path_factory) -> Venv:
    venv = Venv(tmp_path_factory.mktemp("tools") / "venv", pip=True)
    must(venv.python, "-m", "pip", "install", "--quiet", "pyinstaller==6.22.3")
    return venv


@pytest.fixture(scope="module")
def wheel(stage, fetch, tmp_path_factory) -> Path:
    staging = tmp_path_factory.mktemp("wheel") / "staging"
    stage.runtime(staging, fetch(HOST, "npm"), "--format", "wheel", "--compression", "fast")
    return sorted((staging / "wheels").iterdir())[0]


def made_of(text: str, tools, wheel: Path, tmp_path: Path, kind: str) -> Path:
    """The program that PyInstaller makes of a script, beside this wheel."""
    tools.install("pip", "--no-index", "--no-deps", "--force-reinstall", wheel)
    source = tmp_path / "program.py"
    source.write_text(text)
    made = tmp_path / "dist"
    options = [f"--{kind}", "--noupx", "--distpath", made]
    must(tools.python, "-m", "PyInstaller", *options, source, cwd=tmp_path)
    return made / "program/program" if kind == "onedir" else made / "program"


@pytest.mark.parametrize("kind", ["onedir", "onefile"])
def test_program_carries_the_runtime(tools, wheel, fetch, tmp_path, kind):
    program = made_of(PROGRAM, tools, wheel, tmp_path, kind)
    # The package that it was made from cannot answer in its place.
    shutil.rmtree(Path(tools.evaluate("bundled_package_dir()")))
    copy = tmp_path / "copy"
    result = subprocess.run(
        [program, copy], env={"PATH": "/usr/bin:/bin"}, text=True, capture_output=True
    )
    assert (result.returncode, result.stdout) == (0, f"codex-cli {bundles.VERSION}\n"), (
        result.stderr
    )
    tree = bundles.read_tar(fetch(HOST, "npm"), f"package/vendor/{HOST}/")
    found = bundles.read(copy)
    assert found.keys() == tree.keys()
    for path, file in tree.items():
        assert found[path].sha256 == file.sha256, path
        assert bool(found[path].mode & 0o100) == bool(file.mode & 0o100), path


def test_program_without_the_hook(tools, wheel, tmp_path):
    """Older PyInstallers and other tools take the modules only; the package says what works."""
    tools.install("pip", "--no-index", "--no-deps", "--force-reinstall", wheel)
    shutil.rmtree(Path(tools.evaluate("bundled_package_dir()")) / "__pyinstaller")
    source = tmp_path / "program.py"
    source.write_text(PROGRAM)
    make = [tools.python, "-m", "PyInstaller", "--onedir", "--distpath", tmp_path / "dist"]
    must(*make, source, cwd=tmp_path)
    result = subprocess.run(
        [tmp_path / "dist/program/program", tmp_path / "copy"], text=True, capture_output=True
    )
    assert result.returncode != 0
    assert f"build again with `--collect-all {IMPORT_PACKAGE}`" in result.stderr
    must(*make, "--noconfirm", "--collect-all", IMPORT_PACKAGE, source, cwd=tmp_path)
    program = tmp_path / "dist/program/program"
    assert must(program, tmp_path / "copy").stdout == f"codex-cli {bundles.VERSION}\n"


# The same of a wheel whose executables are scripts.

COMMANDS_PROGRAM = f"""
import subprocess, sys
from {products.PACKAGE} import COMMANDS, bundled_command_path
for command in COMMANDS:
    path = bundled_command_path(command)
    assert str(path).startswith(getattr(sys, "_MEIPASS")), path
    subprocess.run([path, "--version"], check=True)
"""


@pytest.mark.parametrize("kind", ["onedir", "onefile"])
def test_program_carries_the_commands_of_a_wheel_of_scripts(stage, tools, tmp_path, kind):
    product = products.folder(tmp_path)
    runtime = bundles.write(products.only_commands(), tmp_path / "runtime")
    staging = tmp_path / "staging"
    stage.runtime(staging, runtime, "--product", product, "--format", "wheel")
    wheel = sorted((staging / "wheels").iterdir())[0]
    program = made_of(COMMANDS_PROGRAM, tools, wheel, tmp_path, kind)
    must(tools.python, "-m", "pip", "uninstall", "--yes", "--quiet", products.DISTRIBUTION)
    result = subprocess.run(
        [program], env={"PATH": "/usr/bin:/bin"}, text=True, capture_output=True
    )
    shown = "".join(f"{name} {bundles.VERSION}\n" for name in products.COMMANDS)
    assert (result.returncode, result.stdout) == (0, shown), result.stderr
