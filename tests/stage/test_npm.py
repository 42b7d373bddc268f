"""The npm packages: what is in them, and what npm and pnpm make of them."""

import hashlib
import json
import shlex
import shutil
import tarfile
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, TARGETS, VERSION
from clients import ROOT, Project, must, run
from node import ALIAS, ALIASES, ENVIRONMENT, HERE, LAUNCHER, NAME, PLATFORMS, machines
from npm_registry import Registry

SPEC = f"{NAME}@{VERSION}"


def tarball(staging: Path, target: str | None = None, version: str = VERSION) -> Path:
    """The package of a platform, or the root package."""
    suffix = f"-{PLATFORMS[target]}" if target else ""
    return staging / "npm" / f"openai-codex-{version}{suffix}.tgz"


def members(archive: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(archive) as tar:
        return tar.getmembers()


def contents(archive: Path) -> bundles.Tree:
    return bundles.read_tar(archive, "package/")


def manifest(archive: Path, file: str = "package.json") -> dict:
    return json.loads(contents(archive)[file].data)


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def staging(stage, runtime, tmp_path_factory):
    """The packages of this machine's platform and of another one, and their root package."""
    staging = tmp_path_factory.mktemp("npm") / "staging"
    stage.runtime(staging, runtime, "--format", "npm")
    other = bundles.directory(bundles.bundle(OTHER, size="small"), tmp_path_factory.mktemp("other"))
    stage.runtime(staging, other, "--format", "npm")
    return staging


@pytest.fixture(scope="module")
def ours() -> str:
    """The SHA-256 of the executable that must run."""
    return bundles.bundle()[bundles.entrypoint()].sha256


# The tarballs


def test_names_are_those_of_npm_pack(staging):
    assert {path.name for path in (staging / "npm").iterdir()} == {
        f"openai-codex-{VERSION}.tgz",
        f"openai-codex-{VERSION}-{HERE}.tgz",
        f"openai-codex-{VERSION}-{PLATFORMS[OTHER]}.tgz",
    }


def test_the_tree_is_the_one_that_was_put_in(staging):
    entries = contents(tarball(staging, HOST))
    prefix = f"vendor/{HOST}/"
    tree = {
        path.removeprefix(prefix): file for path, file in entries.items() if path.startswith(prefix)
    }
    assert tree == bundles.bundle()
    assert entries.keys() - {prefix + path for path in tree} == {
        "package.json",
        "README.md",
        "sbom.cdx.json",
        "LICENSE",
        "NOTICE",
    }


def test_root_is_the_launcher_and_its_data(staging):
    entries = contents(tarball(staging))
    assert entries.keys() == {
        "package.json",
        "platforms.json",
        "README.md",
        "LICENSE",
        "NOTICE",
        "bin/codex.js",
    }
    assert entries["bin/codex.js"] == bundles.File(LAUNCHER, 0o755)


@pytest.mark.parametrize("target", [HOST, None], ids=["platform", "root"])
def test_licence_files(staging, target):
    entries = contents(tarball(staging, target))
    for file in ["LICENSE", "NOTICE"]:
        assert entries[file] == bundles.File((ROOT / file).read_bytes())


@pytest.mark.parametrize("target", [HOST, None], ids=["platform", "root"])
def test_entries(staging, target):
    """Nothing of the machine and of the day, and no entry that npm would leave out."""
    for member in members(tarball(staging, target)):
        assert member.isreg(), member
        assert member.name.startswith("package/")
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        assert member.mtime == 499162500  # 1985-10-26T08:15:00Z, as npm has it


def test_source_date_epoch_is_honoured(stage, small_runtime, staging, tmp_path):
    environment = {"SOURCE_DATE_EPOCH": "1700000000"}
    stage.runtime(tmp_path, small_runtime, "--format", "npm", env=environment)
    for archive in [tarball(tmp_path, HOST), tarball(tmp_path)]:
        assert {member.mtime for member in members(archive)} == {1700000000}


@pytest.mark.parametrize("target", [HOST, None], ids=["platform", "root"])
def test_gzip_and_tar_accept_it(staging, target):
    archive = tarball(staging, target)
    must("gzip", "--test", archive)
    listed = must("tar", "--list", "--gzip", "--quoting-style=literal", "--file", archive)
    assert listed.stdout.splitlines() == [member.name for member in members(archive)]


def test_gzip_header_tells_nothing(staging):
    """Neither a name nor a time, and the same operating system everywhere."""
    assert tarball(staging, HOST).read_bytes()[:10] == bytes.fromhex("1f8b08000000000000ff")


# package.json


@pytest.mark.parametrize("target", TARGETS)
def test_platform_package(stage, tmp_path, target):
    runtime = bundles.directory(bundles.bundle(target, size="small"), tmp_path)
    stage.runtime(tmp_path / "staging", runtime, "--format", "npm")
    package = manifest(tarball(tmp_path / "staging", target))
    os_, cpu = PLATFORMS[target].split("-")
    assert package["name"] == NAME
    assert package["version"] == f"{VERSION}-{os_}-{cpu}"
    systems = [machine.split("-")[0] for machine in machines(target)]
    assert (package["os"], package["cpu"]) == (systems, [cpu])
    assert systems == (["linux", "android"] if os_ == "linux" else [os_])
    assert package["license"] == "Apache-2.0"
    # The entrypoint is static, so there is no `libc`; and nothing runs when it is installed.
    assert not package.keys() & {"libc", "scripts", "bin", "dependencies", "optionalDependencies"}


def test_root_package(staging):
    package = manifest(tarball(staging))
    assert (package["name"], package["version"]) == (NAME, VERSION)
    assert package["bin"] == {"codex": "bin/codex.js"}
    assert package["optionalDependencies"] == {
        ALIASES[target]: f"npm:{NAME}@{VERSION}-{PLATFORMS[target]}" for target in [HOST, OTHER]
    }
    assert not package.keys() & {"os", "cpu", "libc", "scripts", "dependencies", "type"}


def test_root_knows_the_platforms(staging):
    known = manifest(tarball(staging), "platforms.json")
    assert known == {
        "name": NAME,
        "version": VERSION,
        "title": "Codex CLI",
        "pathEnv": "CODEX_CLI_BIN_PATH",
        "metadata": "codex-package.json",
        "environment": ENVIRONMENT,
        "platforms": {
            machine: {
                "package": ALIASES[target],
                "target": target,
                "entrypoint": bundles.entrypoint(target),
                "pathDir": "codex-path",
            }
            for target in [HOST, OTHER]
            for machine in machines(target)
        },
    }


def test_second_platform_rewrites_the_root(stage, small_runtime, tmp_path):
    other = bundles.directory(bundles.bundle(OTHER, size="small"), tmp_path)
    names = []
    for order in [[small_runtime, other], [other, small_runtime]]:
        staging = tmp_path / f"staging{len(names)}"
        for count, runtime in enumerate(order, 1):
            stage.runtime(staging, runtime, "--format", "npm")
            assert len(manifest(tarball(staging))["optionalDependencies"]) == count
        names.append(sha256(tarball(staging)))
    assert names[0] == names[1]


def test_target_without_an_npm_package_is_not_in_the_root(stage, small_runtime, tmp_path):
    other = bundles.directory(bundles.bundle(OTHER, size="small"), tmp_path)
    stage.runtime(tmp_path / "staging", small_runtime, "--format", "npm")
    stage.runtime(tmp_path / "staging", other, "--format", "wheel")
    package = manifest(tarball(tmp_path / "staging"))
    assert list(package["optionalDependencies"]) == [ALIAS]


def test_pre_release(stage, tmp_path):
    version = "0.164.0-alpha.1"
    runtime = bundles.directory(bundles.bundle(version=version, size="small"), tmp_path)
    staging = tmp_path / "staging"
    tag = f"rust-v{version}"
    stage("stage-runtime", staging, runtime, "--codex-version", tag, "--format", "npm", check=True)
    package = manifest(tarball(staging, HOST, version))
    assert package["version"] == f"{version}-{HERE}"
    root = manifest(tarball(staging, version=version))
    assert root["optionalDependencies"] == {ALIAS: f"npm:{NAME}@{version}-{HERE}"}


def test_runtime_without_path_dir(stage, tmp_path):
    tree = bundles.bundle(size="small")
    tree = bundles.replace(tree, "codex-package.json", bundles.metadata(pathDir=None))
    del tree["codex-path/rg"]
    stage.runtime(tmp_path / "staging", bundles.directory(tree, tmp_path), "--format", "npm")
    known = manifest(tarball(tmp_path / "staging"), "platforms.json")
    assert "pathDir" not in known["platforms"][HERE]


@pytest.mark.parametrize("wrap", bundles.WRAPPINGS)
def test_every_wrapping_gives_the_same(stage, tmp_path, staging, wrap):
    stage.runtime(tmp_path / "staging", wrap(bundles.bundle(), tmp_path), "--format", "npm")
    assert sha256(tarball(tmp_path / "staging", HOST)) == sha256(tarball(staging, HOST))


@pytest.mark.parametrize(
    "options", [["--jobs", "1"], ["--jobs", "7"], ["--no-cache"]], ids=" ".join
)
def test_reproducible(stage, runtime, tmp_path, staging, options):
    stage.runtime(tmp_path / "staging", runtime, "--format", "npm", *options)
    assert sha256(tarball(tmp_path / "staging", HOST)) == sha256(tarball(staging, HOST))


# Installed


@pytest.fixture
def registry():
    """An empty one: nothing that is published anywhere answers in place of what was staged."""
    with Registry() as registry:
        yield registry


def executable(project: Project) -> Path:
    """The executable that runs, as a synthetic runtime sees itself."""
    result = project.codex("where")
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.removesuffix("\n"))


@pytest.mark.parametrize("client", ["npm", "pnpm"])
def test_install_tarballs_through_aliases(staging, registry, ours, tmp_path, client):
    project = Project(tmp_path / "project", client, registry.url)
    package = f"file:{tarball(staging, HOST)}"
    # pnpm gives a package only what that package itself depends on, so it is told there.
    project.manifest(
        dependencies={NAME: f"file:{tarball(staging)}", ALIAS: package},
        pnpm={"overrides": {ALIAS: package}},
    )
    project("install")
    assert project.codex("--version").stdout == f"codex-cli {VERSION}\n"
    assert executable(project).is_relative_to(project.directory.resolve())
    assert sha256(executable(project)) == ours
    if client == "npm":
        version = must("npx", "codex", "--version", cwd=project.directory, env=project.env).stdout
        assert version == f"codex-cli {VERSION}\n"


@pytest.fixture
def published(staging, registry):
    """A registry that has what was staged."""
    for target in [HOST, OTHER]:
        registry.publish(tarball(staging, target))
    registry.publish(tarball(staging), latest=True)
    return registry


@pytest.mark.parametrize(
    ("client", "add"), [("npm", "install"), ("pnpm", "add")], ids=["npm", "pnpm"]
)
def test_install_from_a_registry(published, ours, tmp_path, client, add):
    """The root package brings the platform package, and no other platform's."""
    project = Project(tmp_path / "project", client, published.url)
    project(add, SPEC)
    assert sha256(executable(project)) == ours
    vendors = {path.name for path in project.directory.rglob("vendor/*")}
    assert vendors == {HOST}


def test_installed_tree_is_the_one_that_was_put_in(published, tmp_path):
    project = Project(tmp_path / "project", "npm", published.url)
    project("install", SPEC)
    package = project.directory / "node_modules" / ALIAS
    assert bundles.read(package / "vendor" / HOST) == bundles.bundle()


def mended(project: Project, result) -> None:
    """Runs the command that the launcher names."""
    help = result.stderr.splitlines()[-1].removeprefix("help: ")
    must(*shlex.split(help), cwd="/", env=project.env | {"CI": "1"})


def remove(directory: Path) -> None:
    """Removes the package of the platform: npm 9.2 has no `--os` by which to leave it out."""
    (package,) = (path for path in directory.rglob(ALIAS) if path.is_dir())
    shutil.rmtree(package)


@pytest.mark.parametrize(
    ("client", "broken"),
    [
        ("npm", ["install", SPEC, "--omit=optional"]),
        ("npm", ["install", SPEC]),
        ("pnpm", ["add", SPEC, "--no-optional"]),
        ("pnpm", ["add", SPEC, "--os=other", "--cpu=other"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_command_in_the_help_mends_a_project(published, ours, tmp_path, client, broken):
    project = Project(tmp_path / "it's a project", client, published.url)
    project(*broken)
    if broken == ["install", SPEC]:
        remove(project.directory / "node_modules")
    result = project.codex("--version")
    assert result.returncode == 1 and ALIAS in result.stderr
    mended(project, result)
    assert sha256(executable(project)) == ours


@pytest.mark.parametrize(
    "setting",
    ["virtual-store-dir=../a store", "enable-global-virtual-store=true", "node-linker=hoisted"],
)
def test_command_in_the_help_mends_a_project_with_another_store(published, ours, tmp_path, setting):
    """The packages of pnpm may lie far from the project, which their paths do not name."""
    project = Project(tmp_path / "it's a project", "pnpm", published.url)
    (project.directory / ".npmrc").write_text(f"{setting}\n")
    project("add", SPEC, "--os=other", "--cpu=other")
    result = project.codex("--version")
    assert result.returncode == 1 and ALIAS in result.stderr
    mended(project, result)
    assert sha256(executable(project)) == ours


def test_help_for_a_store_of_an_unknown_project(published, tmp_path):
    """Called from elsewhere, the launcher cannot tell which project it is for."""
    project = Project(tmp_path / "project", "pnpm", published.url)
    (project.directory / ".npmrc").write_text("virtual-store-dir=../a store\n")
    project("add", SPEC, "--no-optional")
    command = project.directory / "node_modules/.bin/codex"
    result = run(command, cwd=tmp_path, env=project.env)
    assert result.stderr.splitlines()[-1] == (
        f"help: in the project that depends on {NAME}, run: "
        "pnpm install --config.optional=true --fix-lockfile"
    )


@pytest.mark.parametrize(("client", "add"), [("npm", "install"), ("pnpm", "add")])
def test_command_in_the_help_mends_when_the_registry_has_it(
    staging, registry, ours, tmp_path, client, add
):
    """The root package was published, and the platform's only later; see openai/codex#41021."""
    registry.publish(tarball(staging), latest=True)
    project = Project(tmp_path / "project", client, registry.url)
    project(add, SPEC)
    result = project.codex("--version")
    assert "registry" in result.stderr
    registry.publish(tarball(staging, HOST))
    mended(project, result)
    assert sha256(executable(project)) == ours


@pytest.mark.parametrize(
    ("client", "add", "launcher"),
    [
        ("npm", ["install", "--global"], "global/bin/codex"),
        ("pnpm", ["add", "--global", "--no-optional"], "codex"),
    ],
    ids=["npm", "pnpm"],
)
def test_command_in_the_help_mends_what_is_global(published, ours, tmp_path, client, add, launcher):
    project = Project(tmp_path / "project", client, published.url)
    project(*add, SPEC)
    if client == "npm":
        remove(project.home / "global")
    codex = project.home / launcher
    result = run(codex, "--version", env=project.env)
    assert result.returncode == 1 and "lobal" in result.stderr.splitlines()[-1]
    mended(project, result)
    where = must(codex, "where", env=project.env).stdout.removesuffix("\n")
    assert Path(where).is_relative_to(project.home.resolve())
    assert sha256(Path(where)) == ours


@pytest.mark.parametrize("target", [HOST, None], ids=["platform", "root"])
def test_npm_would_publish_it_as_it_is(staging, registry, tmp_path, target):
    project = Project(tmp_path / "project", "npm", registry.url)
    tag = PLATFORMS[target] if target else "latest"
    result = project("publish", "--dry-run", "--tag", tag, tarball(staging, target))
    assert "auto-corrected" not in result.stderr
    assert tarball(staging, target).name in result.stderr
