"""`stage assemble` of a set that lacks something, and `--require` of a smaller one."""

import shutil

import bundles
import pytest
import release
from bundles import HOST, LINUX_ARM64, LINUX_X64, TARGETS, WINDOWS_X64
from release import FORMATS, artifact_files, refuses, release_json

# --require


def test_require_is_a_smaller_release(stage, tmp_path):
    staging = release.stage_all(stage, tmp_path / "s", tmp_path, [HOST, WINDOWS_X64])
    stage("assemble", staging, "--require", HOST, check=True)
    named = [platform["target"] for platform in release_json(staging)["platforms"]]
    assert named == sorted([HOST, WINDOWS_X64])
    problems = refuses(stage, staging, "--require", HOST, "--require", LINUX_ARM64)
    assert problems == {
        f"manifests/{LINUX_ARM64}.json": f"it is missing: {LINUX_ARM64} is not staged"
    }


def test_require_takes_targets(stage, broken):
    error = stage.refuses("assemble", broken, "--require", "linux-x64", status=2)
    assert 'no platform of this product has the target "linux-x64"' in error
    assert LINUX_X64 in error


# What is missing


def test_nothing_staged(stage, tmp_path):
    problems = refuses(stage, tmp_path)
    assert problems == {
        f"manifests/{target}.json": f"it is missing: {target} is not staged" for target in TARGETS
    }
    assert not list(tmp_path.iterdir())


def test_no_directory(stage, tmp_path):
    assert "does not exist" in stage.refuses("assemble", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    assert "is not a directory" in stage.refuses("assemble", tmp_path / "file")


@pytest.mark.parametrize("target", TARGETS)
def test_missing_platform(stage, runtimes, tmp_path, target):
    others = [other for other in TARGETS if other != target]
    staging = tmp_path / "s"
    for other in others:
        stage.runtime(staging, runtimes[other])
    assert refuses(stage, staging) == {
        f"manifests/{target}.json": f"it is missing: {target} is not staged"
    }


@pytest.mark.parametrize("missing", FORMATS)
def test_missing_format(stage, staged, runtimes, tmp_path, missing):
    staging = release.copy(staged, tmp_path / "s")
    formats = [option for kind in FORMATS if kind != missing for option in ("--format", kind)]
    (staging / "manifests" / f"{LINUX_X64}.json").unlink()
    stage.runtime(staging, runtimes[LINUX_X64], *formats)
    path, what = next(iter(FORMATS[missing].items()))
    assert refuses(stage, staging) == {path: f"it is missing: {LINUX_X64} is staged without {what}"}


def test_missing_c_library(stage, staged, runtimes, tmp_path):
    """Wheels for one of two C libraries: pip on the other one would not find the release."""
    staging = release.copy(staged, tmp_path / "s")
    (staging / "manifests" / f"{LINUX_X64}.json").unlink()
    runtime = runtimes[LINUX_X64]
    stage.runtime(staging, runtime, "--platform-tag", "musllinux_1_2_x86_64")
    (path,) = refuses(stage, staging)
    assert (
        path == f"wheels/openai_codex_cli_bin-{bundles.VERSION}-py3-none-manylinux_2_17_x86_64.whl"
    )


def test_those_are_all_files_of_a_platform(staged):
    of_linux = [path for path in release.files(staged) if "linux" in path and "x64" in path]
    of_linux += [p for p in release.files(staged) if "linux" in p and "x86_64" in p]
    assert sorted(set(of_linux)) == sorted(artifact_files())


@pytest.mark.parametrize("path", artifact_files())
def test_missing_file(stage, broken, path):
    (broken / path).unlink()
    problems = refuses(stage, broken)
    assert problems.pop(path).startswith("it is missing")
    # Without its manifest, no file of a platform is called foreign, nor is one missing any other.
    assert not problems or path.endswith("/Cargo.toml")


def test_missing_directory_of_a_crate(stage, broken):
    shutil.rmtree(broken / "crates" / f"codex-cli-bin-{LINUX_X64}")
    assert refuses(stage, broken) == {f"crates/codex-cli-bin-{LINUX_X64}": "it is missing"}
