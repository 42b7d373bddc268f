"""Wheels that bring commands onto the PATH, and what each installer makes of them."""

import csv
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import bundles
import pytest
from bundles import VERSION
from clients import Venv, must, mypy, pipx, run, twine_check
from packaging.metadata import Metadata

import products
from products import BESIDE, COMMANDS, DISTRIBUTION, PACKAGE, STEM

KINDS = ["scripts", "entry points"]


def tree_of(kind: str) -> bundles.Tree:
    return products.only_commands() if kind == "scripts" else products.tree()


class Made:
    """A staged wheel, of a kind."""

    def __init__(self, kind: str, staging: Path, product: Path):
        self.kind, self.staging, self.product = kind, staging, product
        self.wheel = sorted((staging / "wheels").iterdir())[0]
        self.entries = bundles.read_zip(self.wheel)
        self.find = ["--no-index", "--find-links", staging / "wheels"]

    def text(self, path: str) -> str:
        return self.entries[path].data.decode()


@pytest.fixture(scope="module", params=KINDS)
def made(request, stage, tmp_path_factory) -> Made:
    work = tmp_path_factory.mktemp("made")
    product = products.folder(work)
    runtime = bundles.write(tree_of(request.param), work / "runtime")
    stage.runtime(work / "staging", runtime, "--product", product, "--format", "wheel")
    return Made(request.param, work / "staging", product)


@pytest.fixture(scope="module")
def scripts(stage, tmp_path_factory) -> Made:
    work = tmp_path_factory.mktemp("scripts")
    product = products.folder(work)
    runtime = bundles.write(products.only_commands(), work / "runtime")
    stage.runtime(work / "staging", runtime, "--product", product, "--format", "wheel")
    return Made("scripts", work / "staging", product)


# What is in them


def test_executables_and_what_is_read_about_them_go_where_they_are_looked_for(scripts):
    data = {
        path.removeprefix(f"{STEM}.data/"): file
        for path, file in scripts.entries.items()
        if path.startswith(f"{STEM}.data/")
    }
    tree = products.only_commands()
    expected = {f"scripts/{name}": tree[f"bin/{name}"] for name in COMMANDS}
    for path, place in BESIDE.items():
        if place and place != "licenses":
            expected[place] = bundles.File(tree[path].data, 0o644)
    assert data == expected
    licenses = {path: file.data for path, file in scripts.entries.items() if "/licenses/" in path}
    assert licenses == {
        f"{STEM}.dist-info/licenses/LICENSE": b"MIT\n",
        f"{STEM}.dist-info/licenses/LICENSE-APACHE": b"LICENSE-APACHE\n",
        # The product's folder has another one of this name.
        f"{STEM}.dist-info/licenses/runtime/LICENSE": b"LICENSE\n",
    }
    metadata = Metadata.from_email(scripts.text(f"{STEM}.dist-info/METADATA"), validate=True)
    assert {f"{STEM}.dist-info/licenses/{name}" for name in metadata.license_files} == set(licenses)
    rest = {path for path in scripts.entries if not path.startswith(STEM)}
    assert {path.removeprefix(f"{PACKAGE}/") for path in rest} == {
        "__init__.py",
        "__main__.py",
        "__pyinstaller/__init__.py",
        f"__pyinstaller/hook-{PACKAGE}.py",
        "py.typed",
    }
    assert "console_scripts" not in scripts.text(f"{STEM}.dist-info/entry_points.txt")


@pytest.mark.parametrize(
    ("own", "path", "place"),
    [
        ({"LICENSE": "one"}, "LICENSE", "runtime/LICENSE"),
        ({"License": "one"}, "LICENSE", "runtime/LICENSE"),
        ({"LICENSE": "one"}, "licenses/zlib.txt", "licenses/zlib.txt"),
        ({"LICENSES": "one"}, "licenses/zlib.txt", "runtime/licenses/zlib.txt"),
        # The same text is not there twice.
        ({"LICENSE": "two"}, "LICENSE", None),
        ({"COPYING": "two"}, "LICENSE", None),
        ({}, "LICENSE", "LICENSE"),
    ],
    ids=str,
)
def test_licences_of_product_and_runtime_are_both_there(stage, tmp_path, own, path, place):
    """In the wheel, and in the other packages with the rest of the runtime."""
    product = products.folder(tmp_path)
    (product / "LICENSE").unlink()
    for name, text in own.items():
        (product / name).write_text(text)
    tree = products.programs() | {path: bundles.File(b"two")}
    runtime = bundles.write(tree, tmp_path / "runtime")
    stage.runtime(tmp_path / "staging", runtime, "--product", product)
    wheels = sorted((tmp_path / "staging/wheels").iterdir())
    top = f"{STEM}.dist-info/licenses/"
    found = bundles.read_zip(wheels[0], top)
    expected = {name: text.encode() for name, text in own.items()}
    expected |= {place: b"two"} if place else {}
    assert {name: file.data for name, file in found.items()} == expected
    metadata = bundles.read_zip(wheels[0])[f"{STEM}.dist-info/METADATA"].data
    assert set(Metadata.from_email(metadata, validate=True).license_files or []) == set(expected)
    for package in (tmp_path / "staging/npm").glob(f"*-{VERSION}.tgz"):
        entries = bundles.read_tar(package, "package/")
        for name, text in own.items():
            assert entries[name].data == text.encode()
        if "vendor" in {name.split("/")[0] for name in entries}:
            assert entries[f"vendor/{bundles.HOST}/{path}"].data == b"two"
    for crate in (tmp_path / "staging/crates").iterdir():
        for name, text in own.items():
            assert (crate / name).read_text() == text
    stage("verify", tmp_path / "staging", "--product", product, check=True)
    require = ["--require", bundles.HOST]
    stage("assemble", tmp_path / "staging", "--product", product, *require, check=True)


def test_windows_has_suffixes(stage, tmp_path):
    tree = products.only_commands(bundles.WINDOWS_X64)
    runtime = bundles.write(tree, tmp_path / "runtime")
    product = products.folder(tmp_path)
    stage.runtime(tmp_path / "staging", runtime, "--product", product, "--format", "wheel")
    (wheel,) = (tmp_path / "staging/wheels").iterdir()
    entries = bundles.read_zip(wheel)
    for name in COMMANDS:
        assert entries[f"{STEM}.data/scripts/{name}.exe"] == tree[f"bin/{name}.exe"]
        assert f'"{name}": "{name}.exe"' in entries[f"{PACKAGE}/__init__.py"].data.decode()


def test_a_tree_has_an_entry_point_for_each_command(stage, tmp_path):
    product = products.folder(tmp_path)
    runtime = bundles.write(products.tree(), tmp_path / "runtime")
    stage.runtime(tmp_path / "staging", runtime, "--product", product, "--format", "wheel")
    wheel = sorted((tmp_path / "staging/wheels").iterdir())[0]
    entries = bundles.read_zip(wheel)
    inside = bundles.read_zip(wheel, f"{PACKAGE}/")
    assert {path: inside[path] for path in products.tree()} == products.tree()
    text = entries[f"{STEM}.dist-info/entry_points.txt"].data.decode()
    assert text.startswith(
        f"[console_scripts]\nacme = {PACKAGE}.__main__:main\nacme-x = {PACKAGE}.__main__:main_2\n\n"
    )
    assert not any(".data/" in path for path in entries)


def test_other_readers(made):
    must(sys.executable, "-m", "zipfile", "--test", made.wheel)
    twine_check(made.wheel)
    data = made.entries[f"{STEM}.dist-info/METADATA"].data
    metadata = Metadata.from_email(data, validate=True)
    assert metadata.author == "The others"
    assert metadata.author_email == (
        'Ada Acme <ada@acme.example>, "Acme, Inc." <info@acme.example>'
    )
    assert metadata.keywords == ["acme", "tool"]
    assert metadata.provides_extra == ["more-things"]
    assert sorted(map(str, metadata.requires_dist)) == [
        'packaging>=20; extra == "more-things"',
        'six; os_name == "nt" and extra == "more-things"',
        'six>=1.16; python_version < "3"',
    ]
    assert metadata.project_urls == {
        "Homepage": "https://acme.example",
        "Repository": "https://acme.example/tool",
        "Issues": "https://acme.example/issues",
        "Changelog": "https://acme.example/changes",
    }
    with zipfile.ZipFile(made.wheel) as archive:
        names = archive.namelist()
    last = next(index for index, name in enumerate(names) if ".dist-info/" in name)
    assert all(".dist-info/" in name for name in names[last:]), "dist-info comes last"


def test_nothing_says_codex(made):
    for path, file in made.entries.items():
        assert b"codex" not in path.lower().encode() + file.data.lower(), path


def test_verify_and_a_second_call(stage, made, tmp_path):
    stage("verify", "--product", made.product, made.staging, check=True)
    stage("verify", "--product", made.product, made.wheel, check=True)
    runtime = bundles.write(tree_of(made.kind), tmp_path / "runtime")
    again = tmp_path / "staging"
    stage.runtime(again, runtime, "--product", made.product, "--format", "wheel")
    assert bundles.snapshot(again) == bundles.snapshot(made.staging)


def test_python_files_are_typed_and_of_one_style(made, tmp_path):
    for path, file in made.entries.items():
        if path.startswith(f"{PACKAGE}/") and path.endswith((".py", ".typed")):
            bundles.save(tmp_path / path, file.data)
    for system in ("linux", "win32"):
        mypy("--python-version", "3.9", "--platform", system, "-p", PACKAGE, cwd=tmp_path)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "B,E,F,I,RUF,SIM,W"]
    must(*ruff, "--line-length", "100", tmp_path / PACKAGE)
    must(sys.executable, "-m", "ruff", "format", "--check", "--isolated", "--line-length", "100",
         tmp_path / PACKAGE)  # fmt: skip


# Where the executables may be


def test_scripts_beside_data_are_refused(stage, tmp_path):
    product = products.folder(tmp_path, wheel='commands = "scripts"')
    runtime = bundles.write(products.tree(), tmp_path / "runtime")
    error = stage.refuses(
        "stage-runtime", tmp_path / "staging", runtime, "--codex-version", bundles.TAG,
        "--product", product, "--format", "wheel",
    )  # fmt: skip
    assert '"share/data.bin", which is data' in error
    assert "wheel.commands" in error


def test_one_place_for_two_files_is_refused(stage, tmp_path):
    product = products.folder(tmp_path)
    tree = products.only_commands() | {"completions/acme": bundles.File(b"other\n")}
    runtime = bundles.write(tree, tmp_path / "runtime")
    error = stage.refuses(
        "stage-runtime", tmp_path / "staging", runtime, "--codex-version", bundles.TAG,
        "--product", product, "--format", "wheel",
    )  # fmt: skip
    assert '"complete/acme.bash" and "completions/acme" would both be installed' in error


@pytest.mark.parametrize("commands", ["none", "entry-points"])
def test_the_product_can_say_it(stage, tmp_path, commands):
    product = products.folder(tmp_path, wheel=f'commands = "{commands}"')
    runtime = bundles.write(products.only_commands(), tmp_path / "runtime")
    stage.runtime(tmp_path / "staging", runtime, "--product", product, "--format", "wheel")
    wheel = sorted((tmp_path / "staging/wheels").iterdir())[0]
    entries = bundles.read_zip(wheel)
    assert f"{PACKAGE}/bin/acme" in entries and f"{PACKAGE}/README.md" in entries
    text = entries[f"{STEM}.dist-info/entry_points.txt"].data.decode()
    assert ("console_scripts" in text) == (commands == "entry-points")
    stage("verify", "--product", product, tmp_path / "staging", check=True)


# Installed


def runs(command: Path | list, name: str, **kwargs) -> None:
    """The command is the program of this name: its version, arguments and status are its own."""
    command = command if isinstance(command, list) else [command]
    assert must(*command, "--version", **kwargs).stdout == f"{name} {VERSION}\n"
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    assert must(*command, *arguments, **kwargs).stdout.splitlines() == arguments
    assert run(*command, "exit", "7", **kwargs).returncode == 7


def of_program(made: Made, path: Path) -> bool:
    return path.read_bytes() == tree_of(made.kind)["bin/acme"].data


@pytest.fixture(scope="module", params=["pip", "uv"])
def venv(made, request, tmp_path_factory) -> Venv:
    venv = Venv(tmp_path_factory.mktemp("installed") / "venv")
    venv.install(request.param, *made.find, DISTRIBUTION)
    return venv


def test_installed_commands(venv):
    bin = venv.python.parent
    for name in COMMANDS:
        runs(bin / name, name)
    runs([venv.python, "-m", PACKAGE], "acme")
    code = f"""
import {PACKAGE} as package
assert package.bundled_acme_path() == package.bundled_command_path("acme")
print(package.COMMANDS, package.bundled_command_path("acme-x"), package.bundled_path_dir())
print(package.bundled_package_dir())
"""
    names, package = must(venv.python, "-c", code).stdout.splitlines()
    assert names.startswith("('acme', 'acme-x') ") and names.endswith("/acme-x None")
    assert Path(package).is_dir()
    unknown = f"import {PACKAGE}; {PACKAGE}.bundled_command_path('acm')"
    error = run(venv.python, "-c", unknown).stderr
    assert "ValueError: acme-tool has no command 'acm': its commands are acme, acme-x" in error


@pytest.mark.parametrize("how", ["command", "module"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_those_of_the_program(venv, how, number):
    command = [venv.python.parent / "acme"] if how == "command" else [venv.python, "-m", PACKAGE]
    with subprocess.Popen([*command, "sleep"], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "sleeping\n"
        child.send_signal(number)
        assert child.wait(timeout=20) == -number


def test_a_closed_pipe_ends_the_program(venv):
    """Python ignores the signal, and a program would inherit that."""
    shown = "import signal; print(signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL)"
    assert must(venv.python, "-c", shown).stdout == "False\n", "it is ignored by Python"
    with subprocess.Popen(
        [venv.python.parent / "acme", "sleep"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "sleeping\n"
        status = Path(f"/proc/{child.pid}/status").read_text()
        ignored = int(next(line.split()[1] for line in status.splitlines() if "SigIgn" in line), 16)
        child.kill()
    assert not ignored & (1 << signal.SIGPIPE - 1)


def where(python: Path, **env: str) -> Path:
    code = f"import {PACKAGE}; print({PACKAGE}.bundled_acme_path())"
    return Path(must(python, "-c", code, env=os.environ | env).stdout.strip())


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Venv:
    """An environment without the package, whose installers put it elsewhere."""
    return Venv(tmp_path_factory.mktemp("empty") / "venv")


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_target(made, empty, tmp_path, client):
    target = tmp_path / "a target"
    empty.install(client, *made.find, "--target", target, DISTRIBUTION)
    env = {"PYTHONPATH": str(target)}
    assert of_program(made, where(empty.python, **env))
    assert target in where(empty.python, **env).parents
    runs([empty.python, "-m", PACKAGE], "acme", env=os.environ | env)
    runs(target / "bin/acme-x", "acme-x", env=os.environ | env)


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_prefix(made, empty, tmp_path, client):
    prefix = tmp_path / "a prefix"
    empty.install(client, *made.find, "--prefix", prefix, DISTRIBUTION)
    (site,) = {path.parent for path in prefix.rglob(PACKAGE) if path.is_dir()}
    found = where(empty.python, PYTHONPATH=str(site))
    assert prefix in found.parents and of_program(made, found)


def test_user(made, tmp_path):
    # Some systems' own Python leaves its user alone.
    allow = {"PYTHONUSERBASE": str(tmp_path / "user"), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    env = os.environ | allow
    pip = [sys.executable, "-m", "pip", "--python", base]
    must(*pip, "install", "--quiet", "--user", *made.find, DISTRIBUTION, env=env)
    found = where(base, **allow)
    assert tmp_path / "user" in found.parents and of_program(made, found)
    runs(tmp_path / "user/bin/acme", "acme", env=env)


def test_uvx_and_uv_tool(made, tmp_path):
    env = os.environ | {
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_PYTHON": sys.executable,
    }
    uv = [sys.executable, "-m", "uv", "--no-config", "--quiet"]
    runs([*uv, "tool", "run", *made.find, "--from", DISTRIBUTION, "acme-x"], "acme-x", env=env)
    must(*uv, "tool", "install", *made.find, DISTRIBUTION, env=env)
    for name in COMMANDS:
        runs(tmp_path / "bin" / name, name, env=env)
    with_it = [*uv, "run", "--no-project", *made.find, "--with", DISTRIBUTION, "python"]
    runs([*with_it, "-m", PACKAGE], "acme", env=env)


def test_pipx(made, tmp_path):
    env = pipx(tmp_path)
    must(sys.executable, "-m", "pipx", "install", made.wheel, env=env)
    for name in COMMANDS:
        runs(tmp_path / "bin" / name, name, env=env)
    run_it = [sys.executable, "-m", "pipx", "run", "--spec", made.wheel, "acme", "--version"]
    result = must(*run_it, env=env)
    assert result.stdout == f"acme {VERSION}\n"


def test_linked_files(scripts, tmp_path):
    """uv can make each file a link into its cache, where no scripts are."""
    venv = Venv(tmp_path / "venv")
    cache = ["--cache-dir", tmp_path / "cache", "--link-mode", "symlink"]
    venv.install("uv", *cache, *scripts.find, DISTRIBUTION)
    assert venv.python.parent == where(venv.python).parent


def test_record_is_no_proof_of_another_program(scripts, empty, tmp_path):
    """Where an installation was moved, its RECORD names places of before."""
    empty.install("uv", *scripts.find, "--target", tmp_path / "a/b/target", DISTRIBUTION)
    target = tmp_path / "a/b/target"
    record = target / f"{STEM}.dist-info/RECORD"
    rows = list(csv.reader(record.read_text().splitlines()))
    rows.append(["../elsewhere/bin/acme", "sha256=x", "3"])
    record.write_text("".join(",".join(row) + "\n" for row in rows))
    wrong = bundles.save(tmp_path / "a/b/elsewhere/bin/acme", b"other program", 0o755)
    (target / "bin/acme").unlink()
    code = f"import {PACKAGE}; {PACKAGE}.bundled_acme_path()"
    env = os.environ | {"PYTHONPATH": str(target)}
    error = run(empty.python, "-c", code, env=env).stderr
    assert "FileNotFoundError: acme-tool is installed without acme" in error
    rows[-1][2] = str(wrong.stat().st_size)
    record.write_text("".join(",".join(row) + "\n" for row in rows))
    assert where(empty.python, PYTHONPATH=str(target)) == wrong


def test_damaged_installation_is_told(made, tmp_path):
    venv = Venv(tmp_path / "venv")
    venv.install("pip", *made.find, DISTRIBUTION)
    executable = where(venv.python)
    executable.chmod(0o644)
    result = run(venv.python, "-m", PACKAGE)
    assert result.returncode == 1
    assert "is not executable" in result.stderr and "chmod +x " in result.stderr
    executable.unlink()
    result = run(venv.python, "-m", PACKAGE)
    assert result.returncode == 1
    assert result.stderr.startswith("error: acme-tool is installed without ")
    assert f"--no-deps {DISTRIBUTION}=={VERSION}` puts it back" in result.stderr
    if made.kind == "scripts":
        assert f"\n  {executable}\n" in result.stderr
    venv.pip("uninstall", "--yes", DISTRIBUTION)
    left = {path for path in bundles.snapshot(tmp_path / "venv") if "acme" in path}
    assert {path for path in left if (tmp_path / "venv" / path).is_file()} == set()


def test_imported_from_the_archive(made):
    result = run(sys.executable, "-m", PACKAGE, env=os.environ | {"PYTHONPATH": str(made.wheel)})
    assert result.returncode == 1
    assert f"the package lies in the archive {made.wheel}" in result.stderr
