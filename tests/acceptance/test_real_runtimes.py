"""The published runtime of every platform, staged here: what comes out is what went in."""

import hashlib
import json
import os
import time
from pathlib import Path

import bundles
import pytest
from bundles import HOST, TARGETS, Tree
from clients import IMPORT_PACKAGE, WHEEL_ADDS, Program, Venv, cargo_package, must, twine_check


def published_tree(wheel: Path) -> Tree:
    """The runtime in a wheel, published or ours, without what makes it a Python package."""
    tree = bundles.read_zip(wheel, f"{IMPORT_PACKAGE}/")
    return {
        path: file
        for path, file in tree.items()
        if path not in WHEEL_ADDS and ".dist-info/" not in path
    }


def wheels_of(staging: Path, target: str) -> list[Path]:
    manifest = json.loads((staging / "manifests" / f"{target}.json").read_text())
    artifacts = manifest["artifacts"]
    return [staging / artifact["path"] for artifact in artifacts if artifact["kind"] == "wheel"]


def stage_runtime(stage, staging: Path, runtime: Path, *options: str) -> list[object]:
    return [
        stage.binary, "stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options
    ]  # fmt: skip


@pytest.fixture(scope="module")
def staged(stage, fetch, measure, figure, tmp_path_factory) -> Path:
    """One staging directory of all platforms, from PyPI's wheels."""
    staging = tmp_path_factory.mktemp("staged") / "staging"
    for target in TARGETS:
        measure(f"stage {target}", *stage_runtime(stage, staging, fetch(target, "pypi")))
        for wheel in wheels_of(staging, target):
            figure(f"  {wheel.name}", f"{wheel.stat().st_size:,} bytes")
    return staging


@pytest.fixture(scope="module")
def npm_tree(fetch, tmp_path_factory) -> Tree:
    """The runtime of npm's tarball, unpacked by tar."""
    work = tmp_path_factory.mktemp("npm")
    must("tar", "-xzf", fetch(HOST, "npm"), "-C", work)
    return bundles.read(work / "package" / "vendor" / HOST)


@pytest.fixture(scope="module")
def from_npm(stage, fetch, tmp_path_factory) -> Path:
    """A staging directory of npm's runtime for this machine: the largest one."""
    staging = tmp_path_factory.mktemp("from-npm") / "staging"
    must(*stage_runtime(stage, staging, fetch(HOST, "npm")), env=stage.env)
    return staging


# Every platform


@pytest.mark.parametrize("target", TARGETS)
def test_wheel_holds_the_tree_that_was_put_in(fetch, staged, target):
    expected = published_tree(fetch(target, "pypi"))
    wheels = wheels_of(staged, target)
    assert wheels
    for wheel in wheels:
        assert published_tree(wheel) == expected


def test_twine_and_unzip_accept_the_wheels(staged):
    wheels = sorted((staged / "wheels").iterdir())
    twine_check(*wheels)
    for wheel in wheels:
        must("unzip", "-tqq", wheel)


def test_cargo_packages_the_crates(staged, figure):
    start = time.monotonic()
    sizes = [cargo_package(crate).stat().st_size for crate in (staged / "crates").iterdir()]
    assert max(sizes) <= 10 << 20
    figure("cargo package, each with a build", f"{time.monotonic() - start:.0f} s")
    figure("  crates", f"{len(sizes)}, the largest {max(sizes):,} bytes, all {sum(sizes):,}")


# This machine


def test_npm_runtime_is_staged_as_it_is(from_npm, npm_tree):
    for wheel in wheels_of(from_npm, HOST):
        assert published_tree(wheel) == npm_tree


@pytest.mark.parametrize("wrap", bundles.WRAPPINGS)
def test_every_wrapping_gives_the_same(stage, measure, from_npm, npm_tree, tmp_path, wrap):
    runtime = wrap(npm_tree, tmp_path)
    staging = tmp_path / "staging"
    measure(f"stage {wrap.__name__}", *stage_runtime(stage, staging, runtime))
    assert bundles.snapshot(staging) == bundles.snapshot(from_npm)


def test_bare_executable(stage, npm_tree, tmp_path):
    executable = bundles.bare_executable(npm_tree, tmp_path)
    must(*stage_runtime(stage, tmp_path / "staging", executable), env=stage.env)
    for wheel in wheels_of(tmp_path / "staging", HOST):
        tree = published_tree(wheel)
        assert tree[bundles.entrypoint()] == npm_tree[bundles.entrypoint()]
        assert bundles.target_of(tree) == HOST


def test_reproducible(stage, measure, fetch, from_npm, tmp_path):
    """One thread, another directory, another umask, another time zone and nothing cached."""
    command = stage_runtime(stage, tmp_path / "staging", fetch(HOST, "npm"))
    script = 'umask 0077; exec taskset --cpu-list 0 "$@"'
    measure(
        "stage on one CPU", "sh", "-c", script, "sh", *command,
        TZ="Pacific/Kiritimati", XDG_CACHE_HOME=str(tmp_path / "cold"),
    )  # fmt: skip
    assert bundles.contents(tmp_path / "staging") == bundles.contents(from_npm)


def test_crates_unpack_the_tree_that_was_put_in(from_npm, npm_tree, figure, tmp_path):
    start = time.monotonic()
    program = Program.install(from_npm / "crates", tmp_path / "root")
    figure("cargo install of the example", f"{time.monotonic() - start:.1f} s")
    for call in ["first", "second"]:
        start = time.monotonic()
        entrypoint = program.path()
        figure(f"locate(), {call} call, with the process", f"{time.monotonic() - start:.3f} s")
    assert bundles.read(entrypoint.parent.parent) == npm_tree
    assert program("--version").stdout == f"codex-cli {bundles.VERSION}\n"


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_install(from_npm, npm_tree, figure, tmp_path, client):
    venv = Venv(tmp_path / "venv")
    start = time.monotonic()
    venv.install(client, "--no-index", "--find-links", from_npm / "wheels", "openai-codex-cli-bin")
    figure(f"{client} install", f"{time.monotonic() - start:.1f} s")
    assert venv("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    package = Path(venv.evaluate("bundled_package_dir()"))
    installed = bundles.read(package)
    assert {path: file for path, file in installed.items() if path in npm_tree} == npm_tree


START_CODEX = """
import json, os
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from openai_codex import Codex

with Codex() as codex:
    codex.thread_start()
    [child] = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    executable = os.readlink(f"/proc/{child}/exe")

runtime = distribution("openai-codex-cli-bin")
print(json.dumps({
    "executable": executable,
    "providers": packages_distributions()["codex_cli_bin"],
    "origin": json.loads(runtime.read_text("direct_url.json")),
}))
"""


def test_published_sdk_starts_our_runtime(from_npm, npm_tree, tmp_path):
    """Our wheel is installed first and alone, so pip finds the SDK's requirement satisfied."""
    venv = Venv(tmp_path / "venv", pip=True)
    wheel = wheels_of(from_npm, HOST)[0]
    venv.install("pip", "--no-index", "--no-deps", wheel)
    must(venv.python, "-m", "pip", "install", "--quiet", f"openai-codex=={bundles.VERSION}")

    environment = os.environ | {"CODEX_HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    started = json.loads(
        must(venv.python, "-c", START_CODEX, env=environment, cwd=tmp_path).stdout.splitlines()[-1]
    )
    executable = Path(started["executable"])
    assert executable == Path(venv.evaluate("bundled_codex_path()")).resolve()
    assert executable.is_relative_to((tmp_path / "venv").resolve())
    assert bundles.File(executable.read_bytes(), 0o755) == npm_tree[bundles.entrypoint()]

    # The distribution that is installed is the wheel that was staged, not the published one.
    ours = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert started["providers"] == ["openai-codex-cli-bin"]
    assert started["origin"]["archive_info"]["hashes"] == {"sha256": ours}
