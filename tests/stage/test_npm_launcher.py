"""The launcher of the npm root package: what passes through it, and what bad installations get."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, VERSION
from node import ALIAS, ALIASES, HERE, NAME, PLATFORMS, Installation, platform_package, root_package

ECHO = """#!/usr/bin/env python3
import json, sys
json.dump(sys.argv[1:], sys.stdout)
"""
WHERE = '#!/bin/sh\necho "$0"\n'
PATH = '#!/bin/sh\necho "$PATH"\n'
OVERRIDE = "CODEX_CLI_BIN_PATH"


@pytest.fixture
def install(tmp_path):
    """Installs a script as the program, in a project whose path is hard to handle."""
    return lambda program: Installation.of(program, tmp_path / "it's a prøject")


# What passes through


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["--version"],
        ["a b", "", "it's", '"quoted"', "$HOME *", "\\", "ünïcode\n"],
        ["--"],
    ],
    ids=str,
)
def test_arguments(install, arguments):
    assert json.loads(install(ECHO)(*arguments).stdout) == arguments


def test_stdin_stdout_and_stderr(install):
    sent = bytes(range(256)) * 4096
    installation = install("#!/bin/sh\necho to stderr >&2\nexec cat\n")
    result = subprocess.run(
        ["node", installation.launcher], input=sent, capture_output=True, env=installation.env
    )
    assert result.stdout == sent
    assert result.stderr == b"to stderr\n"


def test_working_directory(install, tmp_path):
    assert install("#!/bin/sh\npwd -P\n")(cwd=tmp_path).stdout == f"{tmp_path.resolve()}\n"


@pytest.mark.parametrize("status", [0, 1, 2, 101, 127, 255])
def test_exit_status(install, status):
    result = install(f"#!/bin/sh\nexit {status}\n")()
    assert (result.returncode, result.stderr) == (status, "")


# PATH


def test_path_dir_is_first_on_the_path(install):
    installation = install(PATH)
    assert installation(env={"PATH": "/usr/bin:/bin"}).stdout == (
        f"{installation.bundle.resolve()}/codex-path:/usr/bin:/bin\n"
    )


def test_empty_path_gets_no_empty_entry(install):
    """An empty entry would be the working directory."""
    installation = install(PATH)
    result = subprocess.run(
        [shutil.which("node"), installation.launcher],
        env=installation.env | {"PATH": ""},
        capture_output=True,
        text=True,
    )
    assert result.stdout == f"{installation.bundle.resolve()}/codex-path\n"


def test_runtime_without_path_dir(install):
    installation = install(PATH)
    platform = {"package": ALIAS, "target": HOST, "entrypoint": bundles.entrypoint()}
    bundles.write(root_package(platforms={HERE: platform}), installation.root)
    assert installation(env={"PATH": "/usr/bin:/bin"}).stdout == "/usr/bin:/bin\n"


def test_path_on_windows_has_one_spelling(install, tmp_path):
    """A copy of Windows' environment has `Path`; a `PATH` beside it would be a matter of luck."""
    windows = bundles.WINDOWS_X64
    installation = install("")
    program = '#!/bin/sh\necho "$Path $PATH"\n'
    bundles.write(platform_package(program, windows), installation.modules / ALIASES[windows])
    pretend = tmp_path / "windows.js"
    pretend.write_text(
        'for (const [key, value] of Object.entries({ platform: "win32", arch: "x64" }))'
        "  Object.defineProperty(process, key, { value });"
        'process.env.Path = "C:"; delete process.env.PATH;'
    )
    helpers = installation.modules / ALIASES[windows] / "vendor" / windows / "codex-path"
    result = installation(node=("--require", pretend))
    assert result.stdout.startswith(f"{helpers.resolve()}:C: "), result.stderr
    assert str(helpers) not in result.stdout.removeprefix(f"{helpers.resolve()}:C: ")


# Layouts


def test_through_a_link(install, tmp_path):
    """npm links the launcher into node_modules/.bin, and a user links that wherever they like."""
    installation = install(WHERE)
    expected = f"{installation.bundle.resolve()}/bin/codex\n"
    (installation.modules / ".bin").mkdir()
    (installation.modules / ".bin/codex").symlink_to("../@openai/codex/bin/codex.js")
    (tmp_path / "codex").symlink_to(installation.modules / ".bin/codex")
    for link in [installation.modules / ".bin/codex", tmp_path / "codex"]:
        assert subprocess.check_output([link], text=True, env=installation.env) == expected


def test_package_nested_in_the_root(install):
    """As npm lays it out globally."""
    installation = install(WHERE)
    nested = installation.root / "node_modules" / ALIAS
    nested.parent.mkdir(parents=True)
    installation.package.rename(nested)
    assert installation().stdout == f"{nested.resolve()}/vendor/{HOST}/bin/codex\n"


def pnpm_layout(project: Path, program: str | None) -> Installation:
    """Two links for each package: into the virtual store, and between the packages there."""
    store = project / "node_modules/.pnpm"
    root = store / f"@openai+codex@{VERSION}/node_modules"
    bundles.write(root_package(), root / NAME)
    if program is not None:
        package = store / f"@openai+codex@{VERSION}-{HERE}/node_modules" / NAME
        bundles.write(platform_package(program), package)
        (root / ALIAS).symlink_to(os.path.relpath(package, root / "@openai"))
    (project / "node_modules/@openai").mkdir()
    (project / "node_modules" / NAME).symlink_to(
        os.path.relpath(root / NAME, project / "node_modules/@openai")
    )
    (project / "package.json").write_text("{}")
    return Installation(project)


def test_pnpm(tmp_path):
    installation = pnpm_layout(tmp_path / "a project", WHERE)
    package = f"node_modules/.pnpm/@openai+codex@{VERSION}-{HERE}/node_modules/{NAME}"
    assert installation().stdout == (
        f"{installation.project.resolve()}/{package}/vendor/{HOST}/bin/codex\n"
    )


# The user's own program


def test_override_with_an_executable(install, tmp_path):
    own = bundles.save(tmp_path / "my own codex", WHERE.encode(), 0o755)
    for value in [own, os.path.relpath(own)]:
        assert install(ECHO)(env={OVERRIDE: value}).stdout == f"{own}\n"


def test_override_with_a_package_directory(install, tmp_path):
    script = b'#!/bin/sh\necho "$0"\necho "$PATH"\n'
    tree = bundles.bundle(size="small") | {"bin/own": bundles.File(script, 0o755)}
    tree = bundles.replace(tree, "codex-package.json", bundles.metadata(entrypoint="bin/own"))
    own = bundles.write(tree, tmp_path / "my own")
    environment = {OVERRIDE: own, "PATH": os.environ["PATH"]}
    assert install(ECHO)(env=environment).stdout == (
        f"{own}/bin/own\n{own}/codex-path:{os.environ['PATH']}\n"
    )


@pytest.mark.parametrize("path_dir", ["absent", None])
def test_override_with_a_package_directory_without_path_dir(install, tmp_path, path_dir):
    tree = {
        "codex-package.json": bundles.File(bundles.metadata(pathDir=path_dir)),
        bundles.entrypoint(): bundles.File(PATH.encode(), 0o755),
    }
    own = bundles.write(tree, tmp_path / "own")
    assert install(ECHO)(env={OVERRIDE: own}).stdout == f"{os.environ['PATH']}\n"


def test_empty_override_is_none(install):
    assert install(ECHO)("a", env={OVERRIDE: ""}).stdout == '["a"]'


def test_override_needs_no_package(install, tmp_path):
    installation = install(ECHO)
    own = bundles.save(tmp_path / "own", WHERE.encode(), 0o755)
    shutil.rmtree(installation.package)
    bundles.write(root_package(platforms={}), installation.root)
    assert installation(env={OVERRIDE: own}).stdout == f"{own}\n"


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        (None, "{own}: there is nothing there"),
        ({}, "a directory without codex-package.json is not a package directory"),
        ({"codex-package.json": b"{"}, "cannot read {own}/codex-package.json: "),
        ({"codex-package.json": b"null"}, "cannot read {own}/codex-package.json: "),
        ({"codex-package.json": b"{}"}, '{own}/codex-package.json has no string "entrypoint"'),
        (
            {"codex-package.json": bundles.metadata()},
            f"its entrypoint {{own}}/{bundles.entrypoint()} is missing",
        ),
    ],
    ids=["missing", "no metadata", "cut", "null", "no entrypoint", "entrypoint missing"],
)
def test_bad_override(install, tmp_path, tree, why):
    own = tmp_path / "my own"
    if tree is not None:
        own.mkdir()
        bundles.write({path: bundles.File(data) for path, data in tree.items()}, own)
    error, help = install(ECHO).refuses(env={OVERRIDE: own})
    assert error.startswith(f"{OVERRIDE} is {own}: ")
    assert why.format(own=own) in error
    assert help == f"point {OVERRIDE} at a package directory or an executable, or unset it"


@pytest.mark.parametrize("inside", ["", f"/{bundles.entrypoint()}"], ids=["directory", "file"])
def test_override_that_is_not_executable(install, tmp_path, inside):
    own = bundles.write(bundles.bundle(size="small"), tmp_path / "my own")
    executable = own / bundles.entrypoint()
    executable.chmod(0o644)
    installation = install(ECHO)
    error, help = installation.refuses("--version", env={OVERRIDE: f"{own}{inside}"})
    assert error == f"{executable} is not executable"
    subprocess.run(help, shell=True, check=True)
    assert installation("--version", env={OVERRIDE: f"{own}{inside}"}).returncode == 0


def test_override_whose_interpreter_is_missing(install, tmp_path):
    own = bundles.save(tmp_path / "own", b"#!/nowhere/sh\n", 0o755)
    error, help = install(ECHO).refuses(env={OVERRIDE: own})
    assert error == f"cannot run {own}: the interpreter or loader that it names is missing"
    assert OVERRIDE in help


# Bad installations


def local(project: Path) -> str:
    quoted = str(project.resolve()).replace("'", "'\\''")
    return f"npm install --prefix '{quoted}' --include=optional"


def test_missing_package(install):
    installation = install(ECHO)
    shutil.rmtree(installation.package)
    error, help = installation.refuses()
    first, why = error.split("\n")
    assert first == f"Codex CLI {VERSION} needs the package {ALIAS}, which is not installed"
    for reason in ["--omit=optional", "--no-optional", "lockfile", "registry"]:
        assert reason in why
    assert help == local(installation.project)


GLOBALLY = f"npm install --global {NAME}@{VERSION} --include=optional"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ([], GLOBALLY),
        (["package.json"], "npm install --prefix {project} --include=optional"),
        (["package.json", "node_modules/.yarn-integrity"], "yarn --cwd {project} install --force"),
        (["package.json", "bun.lock"], "bun install --cwd {project} --force"),
        (["package.json", "bun.lockb"], "bun install --cwd {project} --force"),
    ],
)  # fmt: skip
def test_command_is_that_of_the_package_manager(tmp_path, files, command):
    installation = Installation(tmp_path)
    bundles.write(root_package(), installation.root)
    for file in files:
        (tmp_path / file).write_text("{}")
    assert installation.refuses()[1] == command.format(project=tmp_path.resolve())


@pytest.mark.parametrize(
    "lockfile", ["npm-shrinkwrap.json", "package-lock.json", "node_modules/.package-lock.json"]
)
@pytest.mark.parametrize(
    ("manifest", "option"),
    [
        ({"dependencies": {NAME: f"^{VERSION}"}}, ""),
        ({"dependencies": {NAME: VERSION}}, "--save-exact "),
        ({"devDependencies": {NAME: VERSION}}, "--save-exact "),
        ({"optionalDependencies": {NAME: VERSION}}, "--save-exact "),
        ({"dependencies": {"a-program-that-needs-it": VERSION}}, "--no-save "),
        (None, "--no-save "),
        ("not JSON", "--no-save "),
    ],
)
def test_package_that_is_not_in_the_lockfile(tmp_path, lockfile, manifest, option):
    """npm up to version 10 installs it only for who asks by name; see test_npm_clients.py."""
    installation = Installation(tmp_path)
    bundles.write(root_package(), installation.root)
    text = manifest if manifest == "not JSON" else json.dumps(manifest)
    (tmp_path / "package.json").write_text(text)
    entries = {f"node_modules/{NAME}": {"optionalDependencies": {ALIAS: f"npm:{NAME}"}}}
    (tmp_path / lockfile).write_text(json.dumps({"packages": entries}))
    command = f"npm install --prefix {tmp_path.resolve()} --include=optional"
    assert installation.refuses()[1] == f"{command} {option}{NAME}@{VERSION}"

    entries[f"node_modules/{ALIAS}"] = {"optional": True}
    (tmp_path / lockfile).write_text(json.dumps({"packages": entries}))
    assert installation.refuses()[1] == command


def test_lockfile_that_cannot_be_read(tmp_path):
    installation = Installation(tmp_path)
    bundles.write(root_package(), installation.root)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").mkdir()
    command = f"npm install --prefix {tmp_path.resolve()} --include=optional"
    assert installation.refuses()[1] == command


def test_command_of_yarn_without_node_modules(tmp_path):
    installation = Installation(tmp_path)
    bundles.write(root_package(), installation.root)
    pretend = bundles.save(
        tmp_path / "pnp.js", b"Object.defineProperty(process.versions, 'pnp', { value: '3' })"
    )
    assert installation.refuses(node=("--require", pretend))[1] == "yarn install"


def test_command_of_pnpm(tmp_path):
    installation = pnpm_layout(tmp_path / "project", None)
    project = installation.project.resolve()
    command = f"pnpm --dir {project} install --config.optional=true --fix-lockfile"
    assert installation.refuses()[1] == command

    # Its global packages are in a virtual store outside any node_modules.
    store = tmp_path / f"pnpm/global/5/.pnpm/@openai+codex@{VERSION}"
    bundles.write(root_package(), store / "node_modules" / NAME)
    command = f"pnpm add --global {NAME}@{VERSION} --config.optional=true"
    assert Installation(store).refuses()[1] == command


def test_package_of_another_platform_is_there(install):
    installation = install(ECHO)
    shutil.rmtree(installation.package)
    bundles.write(platform_package(ECHO, OTHER), installation.modules / ALIASES[OTHER])
    error, help = installation.refuses()
    first, why = error.split("\n")
    assert first == f"Codex CLI {VERSION} needs the package {ALIAS}, which is not installed"
    assert why.startswith(f"{ALIASES[OTHER]} is there instead: ")
    assert help == local(installation.project)


def test_package_holds_another_platform(install):
    installation = install(ECHO)
    shutil.rmtree(installation.package)
    bundles.write(platform_package(ECHO, OTHER), installation.package)
    error, help = installation.refuses()
    package = installation.package.resolve()
    assert error == f"{package} is for {OTHER}, and this machine needs {HOST}"
    assert help == f"remove {package}, then run: {local(installation.project)}"


@pytest.mark.parametrize("version", ["0.162.0", f"{VERSION}-alpha.1", "0.163.1"])
def test_package_of_another_version(install, version):
    installation = install(ECHO)
    bundles.write(platform_package(ECHO, version=version), installation.package)
    error, help = installation.refuses()
    assert error == (
        f"{NAME} {VERSION} needs {ALIAS} in version {VERSION}-{HERE}, "
        f"and {installation.package.resolve()} has {version}-{HERE}"
    )
    assert help == local(installation.project)


@pytest.mark.parametrize("lost", ["vendor", f"vendor/{HOST}", f"vendor/{HOST}/bin"])
def test_package_without_its_program(install, lost):
    installation = install(ECHO)
    shutil.rmtree(installation.package / lost)
    error, help = installation.refuses()
    assert error.startswith(f"{installation.package.resolve()} is damaged: ")
    assert error.endswith(" is missing")
    assert help.endswith(f"then run: {local(installation.project)}")


def test_package_whose_manifest_is_cut(install):
    installation = install(ECHO)
    (installation.package / "package.json").write_text("{")
    error, help = installation.refuses()
    assert str(installation.package.resolve()) in error
    assert help.endswith(local(installation.project))


def test_lost_executable_bits(install):
    installation = install(ECHO)
    files = [installation.bundle / bundles.entrypoint(), installation.bundle / "codex-path/rg"]
    for file in files:
        file.chmod(0o644)
    error, help = installation.refuses("a")
    assert error == f"{files[0].resolve()} is not executable"
    subprocess.run(help, shell=True, check=True)
    assert installation("a").stdout == '["a"]'
    assert all(os.access(file, os.X_OK) for file in files)


def test_platform_that_the_root_was_not_assembled_with(install):
    installation = install(ECHO)
    others = {platform: {} for platform in PLATFORMS.values() if platform != HERE}
    bundles.write(root_package(platforms=others), installation.root)
    error, help = installation.refuses()
    assert error == f"there is no Codex CLI {VERSION} for {HERE}, only for {', '.join(others)}"
    assert help == f"set {OVERRIDE} to a Codex CLI that was built for {HERE}"


# Systems that run what was built for another


@pytest.mark.parametrize("arch", ["x64", "arm64"])
def test_android_runs_the_program_for_linux(install, tmp_path, arch):
    """Termux: `os` of the package has both, and `process.platform` is `android`."""
    target = {"x64": bundles.LINUX_X64, "arm64": bundles.LINUX_ARM64}[arch]
    installation = install("")
    bundles.write(platform_package(WHERE, target), installation.modules / ALIASES[target])
    pretend = tmp_path / "pretend.js"
    pretend.write_text(
        f'for (const [key, value] of Object.entries({{ platform: "android", arch: "{arch}" }}))'
        "  Object.defineProperty(process, key, { value });"
    )
    result = installation(node=("--require", pretend))
    assert result.stdout.endswith(f"vendor/{target}/bin/codex\n"), result.stderr


@pytest.mark.parametrize(("platform", "arch"), [("freebsd", "x64"), ("android", "arm")])
def test_other_systems_are_refused(install, tmp_path, platform, arch):
    pretend = tmp_path / "pretend.js"
    pretend.write_text(
        f'for (const [key, value] of Object.entries({{ platform: "{platform}", arch: "{arch}" }}))'
        "  Object.defineProperty(process, key, { value });"
    )
    error, _ = install(ECHO).refuses(node=("--require", pretend))
    assert error.startswith(f"there is no Codex CLI {VERSION} for {platform}-{arch}, only for ")


# What is not the fault of the installation

FAILS = """
const childProcess = require("child_process");
const spawn = childProcess.spawn;
let left = TIMES;
childProcess.spawn = (command, ...rest) => {
  if (command.endsWith("codex") && left-- > 0) {
    throw Object.assign(new Error("spawn CODE"), { code: "CODE" });
  }
  return spawn(command, ...rest);
};
"""


def failing(tmp_path: Path, code: str, times: int) -> Path:
    """A script for Node.js to begin with: the program cannot be started so many times."""
    text = FAILS.replace("CODE", code).replace("TIMES", str(times))
    return bundles.save(tmp_path / "fails.js", text.encode())


@pytest.mark.parametrize("code", ["ETXTBSY", "EBUSY"])
@pytest.mark.parametrize("times", [1, 6])
def test_program_that_is_written_is_waited_for(install, tmp_path, code, times):
    """Another process has just written it, or forked while one did."""
    result = install(ECHO)("a", node=("--require", failing(tmp_path, code, times)))
    assert (result.stdout, result.stderr) == ('["a"]', "")


def test_program_that_stays_open_for_writing(install):
    installation = install("")
    program = installation.bundle / bundles.entrypoint()
    # A script can be run while it is written; a program cannot.
    shutil.copyfile(shutil.which("true"), program)
    with program.open("r+b"):
        error, help = installation.refuses()
    assert error == f"cannot run {program.resolve()}: a process is writing to it"
    assert help == "wait until its installation is finished, and try again"
    assert installation().returncode == 0


@pytest.mark.parametrize(
    ("code", "why", "advice"),
    [
        ("EAGAIN", "the system has no process, file or memory left for it (EAGAIN)", "limits"),
        ("EMFILE", "the system has no process, file or memory left for it (EMFILE)", "limits"),
        ("ENOMEM", "the system has no process, file or memory left for it (ENOMEM)", "limits"),
        ("E2BIG", "the arguments and the environment are longer than the system takes", "stdin"),
        ("ENOEXEC", "it is not a program for this system", "npm install"),
    ],
)
def test_advice_fits_the_reason(install, tmp_path, code, why, advice):
    """Nobody is told to install again what is not broken."""
    error, help = install(ECHO).refuses(node=("--require", failing(tmp_path, code, 99)))
    assert error.endswith(f": {why}")
    assert advice in help
    assert ("npm install" in help) == (advice == "npm install")
