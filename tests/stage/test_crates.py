"""The staged crates: they build wherever they lie, package, and unpack the tree that was put in."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, File
from clients import (
    FACADE,
    ROOT,
    Program,
    cargo,
    cargo_package,
    copy_product,
    edit,
    tomllib,
    try_cargo,
)

# A registry's limit that the full runtime passes, so that it takes several crates.
MAX_BYTES = 2_500_000
PARTS = 3


@pytest.fixture(scope="module")
def staging(stage, runtime, tmp_path_factory) -> Path:
    """Crates of this machine, in several parts, and of another one, staged by two calls."""
    work = tmp_path_factory.mktemp("crates")
    product = copy_product(work)
    edit(product, "stage.toml", "default-bytes = 10_485_760", f"default-bytes = {MAX_BYTES}")
    edit(product, f"platforms/{HOST}.toml", "parts = 24", f"parts = {PARTS}")
    other = bundles.directory(bundles.bundle(OTHER, size="small"), work / "other")
    for one in [other, runtime]:
        stage.runtime(work / "staging", one, "--format", "crate", "--product", product)
    return work / "staging"


@pytest.fixture(scope="module")
def installed(staging, tmp_path_factory) -> Program:
    before = bundles.snapshot(staging)
    program = Program.install(staging / "crates", tmp_path_factory.mktemp("example"))
    assert bundles.snapshot(staging) == before, "a build leaves nothing in the crates"
    return program


@pytest.fixture
def program(installed, tmp_path) -> Program:
    return Program(installed.binary, tmp_path / "cache")


# The sources


def manifests(staging: Path) -> dict[str, dict]:
    return {
        crate.name: tomllib.loads((crate / "Cargo.toml").read_text())
        for crate in (staging / "crates").iterdir()
    }


def test_crates_are_publishable(staging):
    for name, manifest in manifests(staging).items():
        package = manifest["package"]
        assert package["name"] == name
        assert package["version"] == bundles.VERSION
        assert package["license"] == "Apache-2.0"
        assert {"description", "repository", "readme", "include"} <= package.keys()
        assert package.get("publish", True) is True
        assert manifest["workspace"] == {}
        for licence in ["LICENSE", "NOTICE"]:
            file = staging / "crates" / name / licence
            assert file.read_bytes() == (ROOT / licence).read_bytes()


def test_crates_depend_on_each_other_exactly(staging):
    for name, manifest in manifests(staging).items():
        tables = [manifest, *manifest.get("target", {}).values()]
        for dependency, needs in (d for t in tables for d in t.get("dependencies", {}).items()):
            if dependency.startswith(FACADE):
                assert needs["version"] == f"={bundles.VERSION}"
                assert needs["path"] == f"../{dependency}"
            else:
                assert name == FACADE, "data crates depend on nothing but their parts"


def test_facade_names_the_platforms_that_are_there(staging):
    dependencies = {
        name
        for table in manifests(staging)[FACADE]["target"].values()
        for name in table["dependencies"]
    }
    assert dependencies == {f"{FACADE}-{HOST}", f"{FACADE}-{OTHER}"}


def test_number_of_parts_is_that_of_the_platform(staging):
    """A registry takes new crates slowly: their number must not follow the size of a release."""
    name = f"{FACADE}-{HOST}"
    parts = {f"{name}-part{number}" for number in range(2, PARTS + 1)}
    assert {crate for crate in manifests(staging) if crate.startswith(name)} == {name, *parts}


def test_features_are_handed_on(staging):
    """A program chooses how it comes by the payload, once, in what it asks of the facade."""
    manifest = manifests(staging)
    for name in manifest:
        tables = [manifest[name], *manifest[name].get("target", {}).values()]
        dependencies = {n: d for t in tables for n, d in t.get("dependencies", {}).items()}
        siblings = sorted(sibling for sibling in dependencies if sibling.startswith(FACADE))
        assert all(dependencies[sibling]["default-features"] is False for sibling in siblings)
        for feature in ["embed", "on-disk"]:
            handed_on = manifest[name]["features"][feature]
            assert sorted(handed_on) == [f"{sibling}/{feature}" for sibling in siblings]


# Building


def test_packages_that_cargo_accepts(staging):
    for crate in (staging / "crates").iterdir():
        assert cargo_package(crate).stat().st_size <= MAX_BYTES
    assert not list(staging.rglob("Cargo.lock"))


def test_builds_inside_another_workspace(staging, tmp_path):
    """A crate of its own, though a workspace lies above it that does not know it."""
    bundles.save(tmp_path / "Cargo.toml", b'[workspace]\nresolver = "3"\n')
    crates = shutil.copytree(staging / "crates", tmp_path / "vendor" / "crates")
    assert Program.install(crates, tmp_path / "root")("--version").returncode == 0


def test_member_of_another_workspace_depends_on_it(staging, tmp_path):
    """Cargo makes members of path dependencies below a workspace, unless they are excluded."""
    bundles.save(
        tmp_path / "Cargo.toml",
        b'[workspace]\nmembers = ["app"]\nexclude = ["vendor"]\nresolver = "3"\n',
    )
    shutil.copytree(staging / "crates", tmp_path / "vendor" / "crates")
    bundles.save(
        tmp_path / "app/Cargo.toml",
        b'[package]\nname = "app"\nversion = "1.0.0"\nedition = "2024"\n'
        b'[dependencies]\ncodex-cli-bin = { path = "../vendor/crates/codex-cli-bin" }\n',
    )
    bundles.save(
        tmp_path / "app/src/main.rs",
        b'fn main() { println!("{}", codex_cli_bin::locate().unwrap().version().unwrap()); }\n',
    )
    manifest = tmp_path / "app/Cargo.toml"
    environment = os.environ | {"CODEX_CLI_BIN_CACHE_DIR": str(tmp_path / "cache")}
    result = cargo("run", "--quiet", "--manifest-path", manifest, env=environment)
    assert result.stdout.strip() == bundles.VERSION


# Where the payload is

ON_DISK = ["--no-default-features", "--features", "on-disk,libzstd"]


@pytest.fixture
def copied(staging, tmp_path) -> Path:
    """Crates that a test may spoil."""
    return shutil.copytree(staging / "crates", tmp_path / "sources")


def test_on_disk_takes_the_payload_from_the_sources(copied, tmp_path):
    """A small program, that runs for as long as the crates lie where they lay."""
    program = Program.install(copied, tmp_path / "root", *ON_DISK)
    payload = sum(file.stat().st_size for file in copied.rglob("payload.bin"))
    without = Program.install(copied, tmp_path / "with", "--features", "on-disk")
    assert without.binary.stat().st_size - program.binary.stat().st_size > payload * 0.4
    assert bundles.read(program.where().parent.parent) == bundles.bundle()
    # What is unpacked already needs them no more.
    gone = copied.rename(tmp_path / "gone")
    assert program("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    shutil.rmtree(program.cache)
    result = program("--version")
    assert result.returncode != 0
    error, help_line = result.stderr.splitlines()
    assert str(copied) in error and "payload.bin" in error
    assert help_line.startswith("help: ") and "`embed`" in help_line
    assert not list(program.cache.rglob("codex*"))
    # One byte of one part.
    gone.rename(copied)
    part = copied / f"{FACADE}-{HOST}-part2" / "payload.bin"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    result = program("--version")
    assert result.returncode != 0 and str(part) in result.stderr


def test_embed_goes_before_on_disk(copied, tmp_path):
    program = Program.install(copied, tmp_path / "root", "--features", "on-disk")
    shutil.rmtree(copied)
    assert program("--version").stdout == f"codex-cli {bundles.VERSION}\n"


def test_without_a_payload_or_a_decoder_it_does_not_build(copied):
    for features, missing in [("libzstd", "`embed`"), ("embed", "`pure-rust`")]:
        manifest = copied / FACADE / "Cargo.toml"
        only = ["--no-default-features", "--features", features]
        result = try_cargo("check", "--manifest-path", manifest, *only)
        assert result.returncode != 0
        assert missing in result.stderr.partition("error: one of the features ")[2].splitlines()[0]


# Running


def test_example_runs_the_runtime(program):
    assert program("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    assert program("exit", "7").returncode == 7
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    assert program(*arguments).stdout.splitlines() == arguments


def test_what_ran_is_what_was_put_in(program):
    where = program.where()
    assert where.is_relative_to(program.cache)
    assert File(where.read_bytes(), 0o755) == bundles.bundle()[bundles.entrypoint()]


def test_unpacked_tree_is_the_one_that_was_put_in(program):
    package = program.where().parent.parent
    assert bundles.read(package) == bundles.bundle()


def test_unpacked_tree_does_not_depend_on_umask(program):
    old = os.umask(0o077)
    try:
        package = program.where().parent.parent
    finally:
        os.umask(old)
    assert bundles.read(package) == bundles.bundle()


def test_later_calls_only_look(program):
    first = program.where()
    before = bundles.snapshot(program.cache)
    times = {path: path.stat().st_mtime_ns for path in program.cache.rglob("*")}
    assert program.where() == first
    assert bundles.snapshot(program.cache) == before
    assert {path: path.stat().st_mtime_ns for path in program.cache.rglob("*")} == times


def test_concurrent_first_calls_agree(program):
    command = [program.binary, "run", "--", "where"]
    processes = [
        subprocess.Popen(command, env=program.env(), stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    outputs = {process.communicate(timeout=60)[0] for process in processes}
    assert {process.returncode for process in processes} == {0}
    (where,) = outputs
    package = Path(where.strip()).parent.parent
    assert bundles.read(package) == bundles.bundle()
    assert not list(program.cache.rglob("*tmp*"))


def test_default_cache_is_the_users(program, tmp_path):
    where = program.where(CODEX_CLI_BIN_CACHE_DIR=None, XDG_CACHE_HOME=tmp_path / "xdg")
    assert where.is_relative_to(tmp_path / "xdg")


def test_cache_that_cannot_be_written(program, tmp_path):
    blocked = bundles.save(tmp_path / "blocked", b"a file")
    result = program("--version", CODEX_CLI_BIN_CACHE_DIR=blocked)
    assert result.returncode != 0
    assert str(blocked) in result.stderr and "CODEX_CLI_BIN_CACHE_DIR" in result.stderr


def test_path_overrides_with_an_executable(program, tmp_path):
    own = bundles.save(tmp_path / "own", bundles.program("my own codex"), 0o755)
    assert program.where(CODEX_CLI_BIN_PATH=own) == own
    assert program("--version", CODEX_CLI_BIN_PATH=own).stdout == "my own codex\n"
    assert not program.cache.exists(), "nothing is unpacked for nothing"


def test_path_overrides_with_a_package_directory(program, tmp_path):
    own = bundles.directory(bundles.bundle(version="9.9.9", size="small"), tmp_path)
    assert program.where(CODEX_CLI_BIN_PATH=own) == own / bundles.entrypoint()
    assert program("--version", CODEX_CLI_BIN_PATH=own).stdout == "codex-cli 9.9.9\n"


def test_path_that_is_nothing(program, tmp_path):
    result = program("--version", CODEX_CLI_BIN_PATH=tmp_path / "nowhere")
    assert result.returncode != 0
    assert str(tmp_path / "nowhere") in result.stderr and "CODEX_CLI_BIN_PATH" in result.stderr


def test_target_that_was_not_staged_is_an_error_at_run_time(stage, small_runtime, tmp_path):
    other = bundles.directory(bundles.bundle(OTHER, size="small"), tmp_path)
    stage.runtime(tmp_path / "staging", other, "--format", "crate")
    program = Program.install(tmp_path / "staging/crates", tmp_path / "root")
    result = program("--version")
    assert result.returncode != 0
    assert re.search(rf"{HOST.partition('-unknown')[0]}\S*", result.stderr)
    assert "CODEX_CLI_BIN_PATH" in result.stderr
    own = small_runtime / bundles.entrypoint()
    assert program.where(CODEX_CLI_BIN_PATH=own) == own


def test_facade_of_the_repository_names_no_payload(tmp_path):
    """In this repository nothing is staged: the crate builds, and says so when it runs."""
    (crates := tmp_path / "crates").mkdir()
    shutil.copytree(ROOT / "runtime-bin", crates / FACADE)
    manifest = crates / FACADE / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("[lints]\nworkspace = true", "[workspace]"))
    result = Program.install(crates, tmp_path / "root")("--version")
    assert result.returncode != 0
    assert "no runtime was staged" in result.stderr and "CODEX_CLI_BIN_PATH" in result.stderr
