"""npm packages of other products: several commands, a package for each platform, builds for both C
libraries."""

import json
import os
import platform
import shutil
import signal
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, VERSION, File
from clients import Project, must, run
from damage import findings
from node import PLATFORMS, launcher
from npm_registry import Registry

import products
from products import COMMANDS, NPM

HERE = PLATFORMS[HOST]
SPEC = f"{NPM}@{VERSION}"


def json_of(tree: bundles.Tree, file: str = "package.json") -> dict:
    return json.loads(tree[file].data)


def tarball(staging: Path, name: str) -> bundles.Tree:
    return bundles.read_tar(staging / "npm" / name, "package/")


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Path:
    return products.folder(tmp_path_factory.mktemp("product"), npm='platforms = "packages"')


@pytest.fixture(scope="module")
def staging(stage, product, tmp_path_factory) -> Path:
    work = tmp_path_factory.mktemp("npm")
    for target in (HOST, OTHER):
        runtime = bundles.write(products.only_commands(target), work / target)
        stage.runtime(work / "staging", runtime, "--product", product, "--format", "npm")
    return work / "staging"


def test_each_platform_is_a_package(staging):
    assert {path.name for path in (staging / "npm").iterdir()} == {
        f"acme-tool-{VERSION}.tgz",
        f"acme-tool-{HERE}-{VERSION}.tgz",
        f"acme-tool-{PLATFORMS[OTHER]}-{VERSION}.tgz",
    }
    package = json_of(tarball(staging, f"acme-tool-{HERE}-{VERSION}.tgz"))
    assert (package["name"], package["version"]) == (f"{NPM}-{HERE}", VERSION)
    assert not package.keys() & {"bin", "scripts", "keywords", "funding", "optionalDependencies"}
    root = json_of(tarball(staging, f"acme-tool-{VERSION}.tgz"))
    assert root["optionalDependencies"] == {
        f"{NPM}-{PLATFORMS[target]}": VERSION for target in (HOST, OTHER)
    }
    assert root["bin"] == {name: f"bin/{name}.js" for name in COMMANDS}


def test_metadata(staging):
    root = json_of(tarball(staging, f"acme-tool-{VERSION}.tgz"))
    assert root["author"] == "Ada Acme <ada@acme.example>"
    assert root["contributors"] == ["Acme, Inc. <info@acme.example>", "The others"]
    assert (root["keywords"], root["funding"]) == (["acme", "tool"], "https://acme.example/pay")
    assert root["repository"] == {"type": "git", "url": "git+https://acme.example/tool.git"}


def test_pages_of_the_manual(staging):
    entries = tarball(staging, f"acme-tool-{VERSION}.tgz")
    assert json_of(entries)["man"] == ["man/acme.1"]
    assert entries["man/acme.1"] == File(b"doc/acme.1\n")


def test_platforms_that_have_other_pages(stage, product, tmp_path):
    """One without any agrees with all."""
    other = products.only_commands(OTHER) | {"doc/acme.1": File(b"other\n")}
    windows = products.programs(bundles.WINDOWS_X64)
    staging = tmp_path / "staging"
    pages = []
    for tree, name in ((products.only_commands(), "a"), (windows, "b"), (other, "c")):
        runtime = bundles.write(tree, tmp_path / name)
        stage.runtime(staging, runtime, "--product", product, "--format", "npm")
        pages.append(json_of(tarball(staging, f"acme-tool-{VERSION}.tgz")).get("man"))
    assert pages == [["man/acme.1"], ["man/acme.1"], None]


def test_the_tree_has_all_of_the_runtime(staging):
    entries = tarball(staging, f"acme-tool-{HERE}-{VERSION}.tgz")
    prefix = f"vendor/{HOST}/"
    tree = {
        path.removeprefix(prefix): file for path, file in entries.items() if path.startswith(prefix)
    }
    described = json.loads(tree.pop("acme-package.json").data)
    assert described["entrypoint"] == "bin/acme"
    assert tree == products.only_commands()


def test_nothing_says_codex(staging):
    for path in (staging / "npm").iterdir():
        for name, file in bundles.read_tar(path).items():
            assert b"codex" not in name.lower().encode() + file.data.lower(), (path.name, name)


def test_verify_and_assemble(stage, product, tmp_path):
    """One runtime in every format, though the wheels leave documents out."""
    staging = tmp_path / "staging"
    for target in (HOST, bundles.WINDOWS_X64):
        runtime = bundles.write(products.only_commands(target), tmp_path / target)
        stage.runtime(staging, runtime, "--product", product)
    require = [option for target in (HOST, bundles.WINDOWS_X64) for option in ("--require", target)]
    stage("assemble", "--product", product, staging, *require, check=True)
    result = stage("verify", "--product", product, staging, check=True)
    assert "8 artifacts: 0 errors, 0 warnings" in result.stderr + result.stdout
    stage("verify", "--product", product, staging / "release.json", check=True)


# Installed


@pytest.fixture
def published(staging):
    with Registry() as registry:
        for path in sorted((staging / "npm").iterdir()):
            registry.publish(path, latest=True)
        yield registry


@pytest.mark.parametrize(("client", "add"), [("npm", "install"), ("pnpm", "add")])
def test_commands(published, tmp_path, client, add):
    project = Project(tmp_path / "project", client, published.url)
    project(add, SPEC)
    for name in COMMANDS:
        command = [project.directory / "node_modules/.bin" / name]
        kwargs = {"env": project.env, "cwd": project.directory}
        assert must(*command, "--version", **kwargs).stdout == f"{name} {VERSION}\n"
        where = Path(must(*command, "where", **kwargs).stdout.strip())
        assert where.read_bytes() == products.only_commands()[f"bin/{name}"].data
        assert project.directory.resolve() in where.parents
        arguments = ["two words", "", "ünïcode"]
        assert must(*command, *arguments, **kwargs).stdout.splitlines() == arguments
        assert run(*command, "exit", "7", **kwargs).returncode == 7
    vendors = {path.name for path in project.directory.rglob("vendor/*")}
    assert vendors == {HOST}
    if client == "npm":
        must("npm", "ls", "--all", cwd=project.directory, env=project.env)
        result = must("npx", "acme-x", "--version", cwd=project.directory, env=project.env)
        assert result.stdout == f"acme-x {VERSION}\n"


@pytest.mark.parametrize(("client", "add"), [("npm", "install"), ("pnpm", "add")])
def test_files_that_npm_renames_are_told(stage, product, tmp_path, client, add):
    """Of all names that `npm pack` has rules about, one is lost in an installation."""
    special = [".gitignore", ".npmignore", ".npmrc", ".git/config", "node_modules/a/a.js"]
    special += ["a.orig", "package-lock.json", ".gitignore.d/a"]
    files = {f"share/{name}": File(name.encode()) for name in special}
    files |= {"other/.gitignore": File(b"other"), "near/.GITIGNORE": File(b"near")}
    runtime = bundles.write(products.programs() | files, tmp_path / "runtime")
    staging = tmp_path / "staging"
    result = stage.runtime(staging, runtime, "--product", product, "--format", "npm")
    vendor = f"vendor/{HOST}"
    lost = {
        "share/.gitignore": "npm drops it for the `.npmignore` beside it",
        "other/.gitignore": "npm installs it as `.npmignore`",
    }
    package = staging / "npm" / f"acme-tool-{HERE}-{VERSION}.tgz"
    shown = [line for line in result.stderr.splitlines() if "npm-file-renamed" in line]
    assert len(shown) == len(lost)
    assert all(any(path in line and text in line for line in shown) for path, text in lost.items())
    found = findings(stage, package, "--product", product)
    assert {finding["code"] for finding in found} == {"npm-file-renamed"}
    with Registry() as registry:
        for path in sorted((staging / "npm").iterdir()):
            registry.publish(path, latest=True)
        project = Project(tmp_path / "project", client, registry.url)
        project(add, SPEC)
    (vendor,) = project.directory.resolve().rglob(vendor)
    missing = {path for path in files if not (vendor / path).is_file()}
    assert missing == (set(lost) if client == "npm" else set())


@pytest.mark.parametrize(("client", "add"), [("npm", "install"), ("pnpm", "add")])
def test_a_command_that_is_its_own_runtime_says_so(published, tmp_path, client, add):
    project = Project(tmp_path / "project", client, published.url)
    project(add, SPEC)
    bin = project.directory / "node_modules/.bin"
    own = {"env": project.env | {"ACME_PATH": str(bin / "acme")}, "cwd": project.directory}
    for name in COMMANDS:
        result = run(bin / name, "--version", **own)
        assert result.returncode == 1
        assert f"ACME_PATH is {bin / 'acme'}: it is the command {name} of {NPM}" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("help: point ACME_PATH at")
    # A program of the user's own may call the command, if it is not for ever.
    wrapper = tmp_path / "wrapper"
    call = f'[ "$1" = inner ] && exec echo inside\n"{bin}/acme" inner\n'
    wrapper.write_text(f"#!/bin/sh\n{call}")
    wrapper.chmod(0o755)
    env = project.env | {"ACME_PATH": str(wrapper)}
    assert must(bin / "acme", env=env, cwd=project.directory).stdout == "inside\n"


def test_global_commands(published, tmp_path):
    project = Project(tmp_path / "project", "npm", published.url)
    project("install", "--global", SPEC)
    prefix = Path(project.env["npm_config_prefix"])
    for name in COMMANDS:
        result = must(prefix / "bin" / name, "--version", env=project.env)
        assert result.stdout == f"{name} {VERSION}\n"
    page = prefix / "share/man/man1/acme.1"
    if int(must("npm", "--version").stdout.split(".")[0]) < 12:
        assert page.read_bytes() == b"doc/acme.1\n"
    else:
        assert not page.exists()


class Laid:
    """The root package and packages of platforms, laid out by hand."""

    def __init__(self, staging: Path, work: Path):
        self.modules = work / "node_modules"
        self.root = bundles.write(tarball(staging, f"acme-tool-{VERSION}.tgz"), self.modules / NPM)
        entries = tarball(staging, f"acme-tool-{HERE}-{VERSION}.tgz")
        self.package = bundles.write(entries, self.modules / f"{NPM}-{HERE}")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("npm_", "NODE_"))}

    def __call__(self, name: str, *args: object, node: tuple = (), **env: object):
        env = self.env | {key: str(value) for key, value in env.items()}
        return run("node", *node, self.root / f"bin/{name}.js", *args, env=env)


@pytest.fixture
def laid(staging, tmp_path) -> Laid:
    return Laid(staging, tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_signals(laid, name):
    program = ["node", laid.root / f"bin/{name}.js", "sleep"]
    with subprocess.Popen(program, env=laid.env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "sleeping\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=20) == -signal.SIGTERM


def test_a_runtime_of_the_users_own_has_every_command(laid, tmp_path):
    metadata = json.dumps({"entrypoint": "bin/acme"}).encode()
    tree = products.tree() | {"acme-package.json": File(metadata)}
    own = bundles.write(tree, tmp_path / "own")
    for where in (own, own / "bin/acme"):
        for name in COMMANDS:
            assert laid(name, "where", ACME_PATH=where).stdout == f"{own}/bin/{name}\n"
    (own / "bin/acme-x").unlink()
    for where in (own, own / "bin/acme"):
        assert laid("acme", "--version", ACME_PATH=where).returncode == 0
        result = laid("acme-x", "--version", ACME_PATH=where)
        assert result.returncode == 1
        assert "acme-x" in result.stderr and "point ACME_PATH at" in result.stderr


def test_damaged_package_is_told(laid):
    (laid.package / f"vendor/{HOST}/bin/acme-x").unlink()
    result = laid("acme-x", "--version")
    assert result.returncode == 1 and "is damaged" in result.stderr
    assert laid("acme", "--version").returncode == 0


# Builds for both C libraries

#: What makes the system of the test another one, for the launcher alone.
FAKE = """
const fs = require("fs");
const { ldd, lib, report } = JSON.parse(process.env.FAKE);
const { readFileSync, readdirSync } = fs;
fs.readFileSync = (file, ...rest) => {
  if (file !== "/usr/bin/ldd") return readFileSync(file, ...rest);
  if (ldd === null) throw new Error("ENOENT");
  return ldd;
};
fs.readdirSync = (file, ...rest) => (file === "/lib" ? lib : readdirSync(file, ...rest));
process.report.getReport = () => report;
"""
GLIBC = "#! /usr/bin/bash\n# This file is part of the GNU C Library.\n"
MUSL = '#!/bin/sh\nexec /lib/ld-musl-x86_64.so.1 --list -- "$@"\n# musl\n'
SYSTEMS = {
    "Debian": ({"ldd": GLIBC}, "glibc"),
    "Debian with musl": ({"ldd": GLIBC, "lib": ["ld-musl-x86_64.so.1"]}, "glibc"),
    "Alpine": ({"ldd": MUSL}, "musl"),
    "distroless": ({"report": {"header": {"glibcVersionRuntime": "2.36"}}}, "glibc"),
    "small Alpine": ({"report": {"sharedObjects": ["/lib/ld-musl-x86_64.so.1"]}}, "musl"),
    "static Node.js": ({"lib": ["ld-musl-x86_64.so.1"], "report": {"header": {}}}, "musl"),
    "nothing known": ({"lib": ["libc.so"], "report": {}}, "glibc"),
}


@pytest.fixture
def both(laid, tmp_path) -> Laid:
    """Packages for both, each of which says which one it is."""
    known = json.loads((laid.root / "platforms.json").read_text())
    manifest = json.loads((laid.root / "package.json").read_text())
    known["platforms"] = {}
    for libc in ("glibc", "musl"):
        alias = f"{NPM}-{HERE}-{libc}"
        known["platforms"][f"{HERE}-{libc}"] = {
            "package": alias,
            "target": libc,
            "entrypoint": "bin/acme",
            "commands": {"acme-x": "bin/acme-x"},
        }
        manifest["optionalDependencies"][alias] = VERSION
        package = {"name": alias, "version": VERSION}
        tree = {"package.json": File(json.dumps(package).encode())}
        for name in COMMANDS:
            program = File(f"#!/bin/sh\necho {libc} {name}\n".encode(), 0o755)
            tree[f"vendor/{libc}/bin/{name}"] = program
        bundles.write(tree, laid.modules / alias)
    (laid.root / "platforms.json").write_text(json.dumps(known))
    (laid.root / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "fake.js").write_text(FAKE)
    return laid


def faked(both: Laid, name: str, system: dict):
    fake = {"ldd": None, "lib": [], "report": {}} | system
    node = ("--require", both.modules.parent / "fake.js")
    return both(name, node=node, FAKE=json.dumps(fake))


@pytest.mark.parametrize(("system", "libc"), SYSTEMS.values(), ids=SYSTEMS)
def test_the_build_for_the_c_library_is_chosen(both, system, libc):
    for name in COMMANDS:
        result = faked(both, name, system)
        assert result.stdout == f"{libc} {name}\n", result.stderr


def test_this_system(both):
    libc = "glibc" if platform.libc_ver()[0] == "glibc" else "musl"
    assert both("acme").stdout == f"{libc} acme\n"


@pytest.mark.parametrize("left", ["glibc", "musl"])
def test_what_the_package_manager_chose_is_run(both, left):
    other = {"glibc": "musl", "musl": "glibc"}[left]
    shutil.rmtree(both.modules / f"{NPM}-{HERE}-{other}")
    for system, _ in SYSTEMS.values():
        assert faked(both, "acme", system).stdout == f"{left} acme\n"


def test_neither_is_there(both):
    for libc in ("glibc", "musl"):
        shutil.rmtree(both.modules / f"{NPM}-{HERE}-{libc}")
    error = faked(both, "acme", SYSTEMS["Alpine"][0]).stderr
    assert f"needs the package {NPM}-{HERE}-musl, which is not installed" in error


def test_the_full_launcher_is_the_one_of_the_root(staging):
    entries = tarball(staging, f"acme-tool-{VERSION}.tgz")
    assert entries["lib/launcher.js"].data == launcher(full=True)
