"""Releases of products that count otherwise: calendars, two and four numbers, nightlies."""

import json
import shutil
from pathlib import Path

import bundles
import pytest
import release
from bundles import HOST, OTHER
from clients import FACADE, Program, Project, Venv, copy_product, edit, tomllib
from npm_registry import Registry
from release_server import SUMS, Release, packages

#: The version in the tag, the semantic version, the Python version.
RELEASES = [
    ("2026.01.05", "2026.1.5", "2026.1.5"),
    ("1.2", "1.2.0", "1.2"),
    ("1.2.3.4", "1.2.300004", "1.2.3.4"),
    ("1.2.3-beta1", "1.2.3-beta.1", "1.2.3b1"),
    ("1.2.3-nightly-20260105", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
]
DISTRIBUTION = "openai-codex-cli-bin"


@pytest.fixture
def product(tmp_path) -> Path:
    """A product whose tags are `v1.2.3`."""
    product = copy_product(tmp_path)
    edit(product, "stage.toml", 'tag-prefixes = ["rust-v", "v"]', 'tag-prefixes = ["v"]')
    return product


def runtime(work: Path, version: str, target: str = HOST) -> Path:
    tree = bundles.bundle(target, version=version, size="small")
    return bundles.directory(tree, work / f"runtime-{version}-{target}")


@pytest.mark.parametrize(("upstream", "semver", "python"), RELEASES)
def test_from_a_runtime_to_a_release(stage, product, tmp_path, staging, upstream, semver, python):
    options = ["--product", product]
    for target in [HOST, OTHER]:
        given = runtime(tmp_path, upstream, target)
        tag = ["--release-tag", f"v{upstream}"]
        result = stage("stage-runtime", staging, given, *tag, *options, check=True)
        assert f"staged Codex CLI {upstream} for {target} into " in result.stderr
    result = stage("assemble", staging, "--require", HOST, "--require", OTHER, *options, check=True)
    assert f"Codex CLI {upstream} is whole: " in result.stderr
    stage("verify", staging, *options, check=True)
    stage("verify", staging / "release.json", *options, check=True)

    expected = {"tag": f"v{upstream}", "semver": semver, "python": python}
    assert release.release_json(staging)["version"] == expected
    manifest = release.manifest(staging)
    assert (manifest["version"], manifest["release_tag"]) == (semver, f"v{upstream}")
    assert "revision" not in manifest
    wheels = release.files(staging / "wheels")
    assert all(name.startswith(f"openai_codex_cli_bin-{python}-py3-none-") for name in wheels)
    tarballs = release.files(staging / "npm")
    assert (
        f"openai-codex-{semver}.tgz" in tarballs
        and f"openai-codex-{semver}-linux-x64.tgz" in tarballs
    )
    facade = tomllib.loads((staging / f"crates/{FACADE}/Cargo.toml").read_text())
    pins = [pin for target in facade["target"].values() for pin in target["dependencies"].values()]
    assert [pin["version"] for pin in pins] == [f"={semver}"] * 2


@pytest.mark.parametrize(("upstream", "semver", "python"), RELEASES)
def test_installed_by_pip_and_npm(stage, product, tmp_path, staging, upstream, semver, python):
    given = runtime(tmp_path, upstream)
    options = ["--release-tag", f"v{upstream}", "--product", product]
    stage(
        "stage-runtime",
        staging,
        given,
        *options,
        "--format",
        "wheel",
        "--format",
        "npm",
        check=True,
    )
    venv = Venv(tmp_path / "venv")
    links = ["--no-index", "--find-links", staging / "wheels"]
    venv.install("pip", *links, f"{DISTRIBUTION}=={python}")
    assert venv("--version").stdout == f"codex-cli {upstream}\n"
    with Registry() as registry:
        for tarball in (staging / "npm").iterdir():
            registry.publish(tarball, latest=tarball.name == f"openai-codex-{semver}.tgz")
        project = Project(tmp_path / "npm", "npm", registry.url)
        project("install", f"@openai/codex@{semver}")
        assert project.codex("--version").stdout == f"codex-cli {upstream}\n"


def test_embedded_by_cargo(stage, product, tmp_path, staging):
    """The crate has the semantic version, and its runtime that of upstream."""
    given = runtime(tmp_path, "2026.01.05")
    options = ["--release-tag", "v2026.01.05", "--product", product, "--format", "crate"]
    stage("stage-runtime", staging, given, *options, check=True)
    program = Program.install(staging / "crates", tmp_path / "installed")
    assert program("--version").stdout == "codex-cli 2026.01.05\n"
    # The user's own runtime is of the same version, and so nothing is said.
    result = program("--version", CODEX_CLI_BIN_PATH=given)
    assert (result.stdout, result.stderr) == ("codex-cli 2026.01.05\n", "")


@pytest.mark.parametrize("said", ["2026.01.05", "2026.1.5"])
def test_a_runtime_says_its_version_in_either_form(stage, product, tmp_path, staging, said):
    given = runtime(tmp_path, said)
    options = ["--release-tag", "v2026.01.05", "--product", product]
    stage("stage-runtime", staging, given, *options, check=True)
    stage("verify", staging, "--product", product, check=True)


def test_a_bare_executable_gets_the_version_of_upstream(stage, product, tmp_path, staging):
    given = runtime(tmp_path, "1.2") / bundles.entrypoint()
    options = ["--release-tag", "v1.2", "--product", product]
    stage("stage-runtime", staging, given, *options, "--format", "wheel", check=True)
    (wheel, *_) = (staging / "wheels").iterdir()
    package = json.loads(bundles.read_zip(wheel)["codex_cli_bin/codex-package.json"].data)
    assert package["version"] == "1.2"
    stage("verify", wheel, "--product", product, check=True)


def test_a_runtime_of_another_release(stage, product, tmp_path, staging):
    given = runtime(tmp_path, "2026.01.06")
    options = ["--release-tag", "v2026.01.05", "--product", product]
    error = stage.refuses("stage-runtime", staging, given, *options)
    assert "is version 2026.01.06, but --release-tag says 2026.01.05\n" in error


# Two releases of one version

CLASHES = [
    ("v1.2", "v1.2.0", "both are 1.2.0 for npm and Cargo"),
    ("v1.2.3.4", "v1.2.300004", "both are 1.2.300004 for npm and Cargo"),
    ("v2026.01.05", "v2026.1.5", "both are 2026.1.5 for npm and Cargo"),
    ("v1.2.3-rc1", "v1.2.3-rc.1", "both are 1.2.3-rc.1 for npm and Cargo"),
    ("v1.2.3", "v1.2.3.0", "1.2.3 and 1.2.3.0 are equal for pip"),
    ("v1.2.3-dev.20260105", "v1.2.3-nightly.20260105", "both are 1.2.3.dev20260105 for pip"),
]


@pytest.mark.parametrize(("one", "other", "why"), CLASHES)
def test_two_releases_of_one_version(stage, product, tmp_path, staging, one, other, why):
    options = ["--product", product]
    given = runtime(tmp_path, one[1:]), runtime(tmp_path, other[1:], OTHER)
    stage("stage-runtime", staging, given[0], "--release-tag", one, *options, check=True)
    error = stage.refuses("stage-runtime", staging, given[1], "--release-tag", other, *options)
    assert (
        f"contains the release {one} (for {HOST}), and this is the release {other}: {why}\n"
        in error
    )
    assert f"if it is the same release, give {one} as its --release-tag each time" in error

    # Each in a directory of its own, and then copied together.
    second = tmp_path / "second"
    stage("stage-runtime", second, given[1], "--release-tag", other, *options, check=True)
    shutil.copytree(second, staging, dirs_exist_ok=True)
    problems = release.refuses(stage, staging, "--require", HOST, *map(str, options))
    (said,) = [what for path, what in problems.items() if path.startswith("manifests/")]
    assert why in said and one in said and other in said
    result = stage("verify", staging, *options)
    assert result.returncode == 1 and "staged-versions" in result.stdout and why in result.stdout


def test_one_release_in_the_spellings_of_one_tag(stage, product, tmp_path, staging):
    """With the prefix or without it."""
    for target, tag in [(HOST, "v2026.01.05"), (OTHER, "2026.01.05")]:
        given = runtime(tmp_path, "2026.01.05", target)
        stage(
            "stage-runtime", staging, given, "--release-tag", tag, "--product", product, check=True
        )
    assert release.manifest(staging, OTHER)["release_tag"] == "v2026.01.05"


# The tag


def test_downloads_are_at_the_tag_of_upstream(stage, product, tmp_path, staging):
    files = packages([HOST])
    with Release(files, tag="v2026.01.05") as forge:
        options = ["--release-tag", "2026.01.05", "--base-url", forge.url, "--product", product]
        stage("fetch", "--out", tmp_path / "fetched", *options, "--platform-tag", HOST, check=True)
        paths = {request.path for request in forge.requests}
        assert f"/openai/codex/releases/download/v2026.01.05/{SUMS}" in paths


def test_assets_are_named_after_the_version_of_upstream(stage, product):
    edit(product, "stage.toml", '"codex-package-{target}.tar.gz"', '"c-{version}-{target}.zip"')
    call = ["matrix", "--release-tag", "v2026.01.05", "--product", product]
    jobs = json.loads(stage(*call, check=True).stdout)["include"]
    assert f"c-2026.01.05-{HOST}.zip" in [job["asset"] for job in jobs]


@pytest.mark.parametrize(
    ("prefixes", "given", "tag"),
    [
        ('["", "v"]', "v0.4.0", "v0.4.0"),
        ('["", "v"]', "0.5.0", "0.5.0"),
        ('["v", ""]', "0.5.0", "0.5.0"),
        ('["v", ""]', "v0.4.0", "v0.4.0"),
        ('["cli/v", "v"]', "v1.2.3", "cli/v1.2.3"),
        ('["release-", "v"]', "v1.2.3", "v1.2.3"),
        ('["release-", "v"]', "1.2.3", "release-1.2.3"),
        ('["go"]', "go1.22rc1", "go1.22rc1"),
    ],
)
def test_prefixes(stage, product, prefixes, given, tag):
    edit(product, "stage.toml", 'tag-prefixes = ["v"]', f"tag-prefixes = {prefixes}")
    result = stage("normalize", given, "--product", product, "--message-format", "json", check=True)
    assert json.loads(result.stdout)["release_tag"] == tag


@pytest.mark.parametrize("option", ["--release-tag", "--codex-version", "--runtime-version"])
def test_every_name_of_the_option(stage, product, tmp_path, option):
    names = ["matrix", "--product", product]
    jobs = json.loads(stage(*names, option, "v2026.01.05", check=True).stdout)["include"]
    assert jobs[0]["artifact"].startswith("codex-2026.1.5-")
    given = runtime(tmp_path, "2026.01.05")
    call = ["stage-runtime", tmp_path / "staging", given, option, "v2026.01.05"]
    stage(*call, "--product", product, "--format", "wheel", check=True)
    stage("stage-sdk", tmp_path / "sdk", option, "v2026.01.05", "--product", product, check=True)


def test_the_option_is_needed(stage, staging):
    for command in [["stage-runtime", staging], ["fetch", "--out", staging], ["matrix"]]:
        assert "--release-tag <TAG>" in stage.refuses(*command, status=2)
