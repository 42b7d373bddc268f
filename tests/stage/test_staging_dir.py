"""STAGING_DIR: a set of platforms that grows, and in which nothing looks finished that is not."""

import fcntl
import json
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, WINDOWS_X64, snapshot
from mounts import SMALL, run_with_mount

DIRECTORIES = {"wheels", "crates", "npm", "manifests"}
# What is written anew for every platform: the facade crate and the npm root package.
INDEXES = ("crates/codex-cli-bin/", f"npm/openai-codex-{bundles.VERSION}.tgz")


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()} if directory.exists() else set()


def manifest(staging: Path, target: str = HOST) -> dict:
    return json.loads((staging / "manifests" / f"{target}.json").read_text())


def call(staging: Path, runtime: Path, *options: str) -> list[object]:
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, *options]


@pytest.fixture
def other_runtime(tmp_path) -> Path:
    return bundles.directory(bundles.bundle(OTHER, size="small"), tmp_path / "other")


@pytest.fixture
def changed_runtime(tmp_path) -> Path:
    """The small runtime with one byte more."""
    tree = bundles.bundle(size="small")
    path = bundles.entrypoint()
    return bundles.directory(bundles.replace(tree, path, tree[path].data + b"\0"), tmp_path / "new")


# A set that grows


def test_layout(stage, small_runtime, other_runtime, staging):
    stage.runtime(staging, small_runtime)
    stage.runtime(staging, other_runtime)
    assert names(staging / "manifests") == {f"{HOST}.json", f"{OTHER}.json"}
    crates = names(staging / "crates")
    assert {"codex-cli-bin", f"codex-cli-bin-{HOST}", f"codex-cli-bin-{OTHER}"} <= crates
    assert names(staging) == DIRECTORIES


def test_order_of_platforms_does_not_matter(stage, small_runtime, other_runtime, tmp_path):
    for runtime in [small_runtime, other_runtime]:
        stage.runtime(tmp_path / "one", runtime)
    for runtime in [other_runtime, small_runtime]:
        stage.runtime(tmp_path / "two", runtime)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_other_platform_stays_as_it_was(stage, small_runtime, other_runtime, staging):
    stage.runtime(staging, other_runtime)
    before = snapshot(staging)
    stage.runtime(staging, small_runtime)
    after = snapshot(staging)
    kept = [path for path in before if not path.startswith(INDEXES)]
    assert {path: after.get(path) for path in kept} == {path: before[path] for path in kept}


def test_second_call_changes_nothing(stage, small_runtime, staging):
    stage.runtime(staging, small_runtime)
    before = snapshot(staging)
    stage.runtime(staging, small_runtime)
    assert snapshot(staging) == before


def test_artifacts_of_the_same_bundle_join(stage, small_runtime, staging, tmp_path):
    """Wheel first and crate later is the same as both at once."""
    stage.runtime(tmp_path / "at-once", small_runtime, "--format", "wheel", "--format", "crate")
    stage.runtime(staging, small_runtime, "--format", "wheel")
    assert not (staging / "crates").exists()
    stage.runtime(staging, small_runtime, "--format", "crate")
    assert snapshot(staging) == snapshot(tmp_path / "at-once")


def test_another_wheel_of_the_same_bundle_joins(stage, small_runtime, staging):
    for tag in bundles.compressed_tags():
        stage.runtime(staging, small_runtime, "--format", "wheel", "--platform-tag", tag)
    assert len(names(staging / "wheels")) == 2
    for wheel in names(staging / "wheels"):
        assert wheel in json.dumps(manifest(staging))


def test_same_bundle_in_another_wrapping_joins(stage, small_runtime, staging, tmp_path):
    stage.runtime(staging, small_runtime)
    before = snapshot(staging)
    stage.runtime(staging, bundles.tar_gz(bundles.bundle(size="small"), tmp_path))
    assert snapshot(staging) == before


def test_different_bundle_is_refused(stage, small_runtime, changed_runtime, staging):
    stage.runtime(staging, small_runtime)
    before = snapshot(staging)
    error = stage.refuses(*call(staging, changed_runtime))
    assert HOST in error and "--replace" in error
    assert snapshot(staging) == before


def test_different_mode_is_a_different_bundle(stage, small_runtime, staging, tmp_path):
    stage.runtime(staging, small_runtime)
    tree = bundles.bundle(size="small")
    rg = f"codex-path/rg{bundles.suffix(HOST)}"
    tree[rg] = bundles.File(tree[rg].data, 0o644)
    assert "--replace" in stage.refuses(*call(staging, bundles.directory(tree, tmp_path / "new")))


def test_replace_starts_the_target_again(
    stage, small_runtime, changed_runtime, other_runtime, staging, tmp_path
):
    stage.runtime(staging, other_runtime)
    stage.runtime(staging, small_runtime)
    stage.runtime(staging, changed_runtime, "--replace", "--format", "wheel")
    stage.runtime(tmp_path / "fresh", other_runtime)
    stage.runtime(tmp_path / "fresh", changed_runtime, "--format", "wheel")
    assert snapshot(staging) == snapshot(tmp_path / "fresh")


def test_replace_with_another_version(stage, small_runtime, staging, tmp_path):
    stage.runtime(staging, small_runtime)
    newer = bundles.directory(bundles.bundle(version="0.164.0", size="small"), tmp_path / "newer")
    newer_call = ["stage-runtime", staging, newer, "--codex-version", "0.164.0"]
    error = stage.refuses(*newer_call)
    assert bundles.VERSION in error and "0.164.0" in error
    stage(*newer_call, "--replace", check=True)
    assert bundles.VERSION not in " ".join(names(staging / "wheels"))
    assert manifest(staging)["version"] == "0.164.0"


def test_manifest_names_every_file_and_artifact(stage, small_runtime, staging):
    stage.runtime(staging, small_runtime)
    text = json.dumps(manifest(staging))
    for path, file in bundles.bundle(size="small").items():
        assert path in text and file.sha256 in text
    for wheel in (staging / "wheels").iterdir():
        assert wheel.name in text
        assert bundles.File(wheel.read_bytes()).sha256 in text


def test_unnamed_artifacts_are_swept(stage, small_runtime, staging):
    """What no manifest names was left by a killed run."""
    wheel = "openai_codex_cli_bin-0.163.0-py3-none-win_amd64.whl"
    bundles.save(staging / "wheels" / wheel, b"half a wheel")
    crate = staging / "crates" / f"codex-cli-bin-{WINDOWS_X64}"
    bundles.save(crate / "Cargo.toml", b"# Generated by `stage`.\n[package]\n")
    stage.runtime(staging, small_runtime)
    assert wheel not in names(staging / "wheels")
    assert not crate.exists()


def test_files_of_the_users_own_stay(stage, small_runtime, staging):
    """Names like those of artifacts, but of another version, package or maker."""
    own = [
        "notes.txt",
        ".stage/settings",
        "manifests/.DS_Store",
        "wheels/openai_codex_cli_bin-0.1.0-py3-none-win_amd64.whl",
        "npm/openai-codex-0.50.0.tgz",
        "npm/openai-codex-sdk-0.163.0.tgz",
        f"crates/codex-cli-bin-{WINDOWS_X64}/Cargo.toml",
        f"crates/codex-cli-bin-{HOST}-partner/Cargo.toml",
        "crates/codex-cli-bin/mine.txt",
    ]
    for path in own:
        bundles.save(staging / path, b"the user's own")
    stage.runtime(staging, small_runtime, "--format", "wheel")
    for path in own:
        assert (staging / path).read_bytes() == b"the user's own"


@pytest.mark.parametrize("crate", ["codex-cli-bin", f"codex-cli-bin-{HOST}"])
def test_crate_of_the_users_own_is_in_the_way(stage, small_runtime, staging, crate):
    bundles.save(staging / "crates" / crate / "Cargo.toml", b"[package]\n")
    before = snapshot(staging)
    error = stage.refuses(*call(staging, small_runtime))
    assert crate in error and "in the way" in error
    assert snapshot(staging) == before


def test_runtime_among_the_artifacts(stage, staging, small_runtime):
    """It would be swept, or replaced by the artifact of the same name."""
    stage.runtime(staging, small_runtime)
    before = snapshot(staging)
    (wheel, *_) = (staging / "wheels").iterdir()
    assert "among the artifacts" in stage.refuses(*call(staging, wheel, "--format", "npm"))
    assert snapshot(staging) == before


# What is staged already


@pytest.fixture
def staged(stage, small_runtime, staging) -> Path:
    stage.runtime(staging, small_runtime)
    return staging


def manifest_of(staging: Path, change) -> None:
    path = staging / "manifests" / f"{HOST}.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "wheels", "wheels/..", "npm/a.tgz", ""])
def test_manifest_that_leads_elsewhere(stage, small_runtime, staged, path):
    """Manifests come from other machines, and what they name is moved and removed."""
    manifest_of(staged, lambda manifest: manifest["artifacts"][0].update(path=path))
    before = snapshot(staged.parent)
    error = stage.refuses(*call(staged, small_runtime))
    assert f"{HOST}.json cannot be used" in error and f'"{path}" is not an artifact' in error
    assert snapshot(staged.parent) == before


def test_manifest_that_contradicts_itself(stage, small_runtime, staged):
    manifest_of(staged, lambda manifest: manifest["bundle"]["files"][0].update(size=1))
    assert "does not match its files" in stage.refuses(*call(staged, small_runtime))


def test_damaged_manifest_can_be_replaced(stage, small_runtime, staged):
    whole = snapshot(staged)
    (staged / "manifests" / f"{HOST}.json").write_bytes(b"\xff")
    assert "cannot be used" in stage.refuses(*call(staged, small_runtime))
    stage.runtime(staged, small_runtime, "--replace")
    assert snapshot(staged) == whole


def test_manifest_of_another_product(stage, small_runtime, staged):
    manifest_of(staged, lambda manifest: manifest.update(product="acme"))
    error = stage.refuses(*call(staged, small_runtime))
    assert '"acme"' in error and "directory of its own" in error


def test_replace_with_the_same_runtime_joins_it(stage, small_runtime, staged):
    whole = snapshot(staged)
    stage.runtime(staged, small_runtime, "--replace", "--format", "wheel")
    assert snapshot(staged) == whole


def test_lost_artifacts_are_not_continued(stage, small_runtime, staged):
    """A second call makes one format; what is missing of the others is told, and repaired by it."""
    whole = snapshot(staged)
    (lost, *_) = (staged / "wheels").iterdir()
    lost.unlink()
    (staged / "crates" / f"codex-cli-bin-{HOST}" / "payload.bin").write_bytes(b"")
    result = stage.runtime(staged, small_runtime, "--format", "npm")
    assert lost.name in result.stderr and f"codex-cli-bin-{HOST}" in result.stderr
    assert names(staged / "crates") == set()
    manifest = (staged / "manifests" / f"{HOST}.json").read_text()
    assert lost.name not in manifest and '"crate"' not in manifest
    stage.runtime(staged, small_runtime)
    assert snapshot(staged) == whole


# What cannot be staged


BROKEN = {
    "missing": lambda path: path / "nowhere",
    "empty file": lambda path: bundles.save(path / "empty", b""),
    "empty directory": lambda path: (path / "directory").mkdir() or path / "directory",
    "script": lambda path: bundles.save(path / "codex", b"#!/bin/sh\nexit 0\n", 0o755),
    "another version": lambda path: bundles.directory(
        bundles.bundle(version="0.1.0", size="small"), path
    ),
    "another target": lambda path: bundles.directory(
        bundles.replace(
            bundles.bundle(size="small"), "codex-package.json", bundles.metadata(OTHER)
        ),
        path,
    ),
    "no metadata": lambda path: bundles.directory({"bin/codex": bundles.File(b"", 0o755)}, path),
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_broken_runtime_leaves_no_trace(stage, tmp_path, staging, make):
    (tmp_path / "input").mkdir()
    stage.refuses(*call(staging, make(tmp_path / "input")))
    assert not staging.exists()


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_broken_runtime_leaves_other_platforms_alone(stage, tmp_path, staging, other_runtime, make):
    stage.runtime(staging, other_runtime)
    before = snapshot(staging)
    (tmp_path / "input").mkdir()
    stage.refuses(*call(staging, make(tmp_path / "input")))
    assert snapshot(staging) == before


def test_version_of_the_bundle_is_compared(stage, small_runtime, staging):
    error = stage.refuses("stage-runtime", staging, small_runtime, "--codex-version", "0.162.0")
    assert "0.162.0" in error and bundles.VERSION in error


# Where it cannot be staged


def test_staging_dir_is_a_file(stage, small_runtime, staging):
    bundles.save(staging, b"a file")
    assert str(staging) in stage.refuses(*call(staging, small_runtime))
    assert staging.read_bytes() == b"a file"


def test_staging_dir_is_below_a_file(stage, small_runtime, staging):
    bundles.save(staging, b"a file")
    assert str(staging) in stage.refuses(*call(staging / "below", small_runtime))


@pytest.mark.parametrize("inside", [".", "staging", "codex-resources/below/staging"])
def test_staging_dir_is_inside_the_runtime(stage, tmp_path, inside):
    """What is staged would become part of what is staged next."""
    runtime = bundles.directory(bundles.bundle(size="small"), tmp_path)
    before = snapshot(runtime)
    (tmp_path / "link").symlink_to(runtime)
    for path in [runtime / inside, tmp_path / "link" / inside]:
        assert str(path) in stage.refuses(*call(path, runtime))
        assert snapshot(runtime) == before


def test_part_of_staging_dir_is_a_file(stage, small_runtime, staging):
    bundles.save(staging / "wheels", b"a file")
    before = snapshot(staging)
    assert str(staging / "wheels") in stage.refuses(*call(staging, small_runtime))
    assert snapshot(staging) == before


def in_small_filesystem(stage, mount: Path, prepare: str, command: list[object]):
    """Runs `stage` on a full or read-only disk; gives its error and what it left."""
    result, left = run_with_mount(stage, mount, f"{SMALL}; {prepare}", command)
    lines = result.stderr.splitlines()
    assert result.returncode == 1, result.stderr
    assert lines[0].startswith("error: ") and lines[-1].startswith("help: "), result.stderr
    assert str(mount) in result.stderr
    return result.stderr, left


def test_staging_dir_is_read_only(stage, small_runtime, staging):
    prepare = 'mount -o remount,ro "$1"'
    error, left = in_small_filesystem(stage, staging, prepare, call(staging, small_runtime))
    assert "ead-only" in error
    assert left == ""


def test_staging_dir_runs_out_of_space(stage, runtime, staging):
    error, left = in_small_filesystem(stage, staging, ":", call(staging, runtime))
    assert "No space left" in error
    assert left == ""


def test_staging_dir_runs_out_of_space_beside_another_platform(
    stage, runtime, other_runtime, staging
):
    first = call(staging, other_runtime)
    quoted = " ".join(f"'{argument}'" for argument in [stage.binary, *first])
    prepare = f'{quoted} >/dev/null 2>&1; find "$1" -mindepth 1 >"$1.before"'
    error, left = in_small_filesystem(stage, staging, prepare, call(staging, runtime))
    assert "No space left" in error
    assert f"manifests/{OTHER}.json" in left
    assert left == staging.with_name(f"{staging.name}.before").read_text()


def test_staging_dir_is_being_written(stage, small_runtime, staging):
    """The lock is one of the system's, so it is gone with the process that held it."""
    lock = bundles.save(staging / ".stage" / "lock", b"")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        error = stage.refuses(*call(staging, small_runtime))
        assert str(staging) in error and "another" in error
        assert names(staging) == {".stage"}
    stage.runtime(staging, small_runtime)
    assert names(staging) == DIRECTORIES


def test_concurrent_writers_do_not_mix(stage, small_runtime, other_runtime, staging):
    """One of two wins or both do, one after the other; what is there then is whole."""
    commands = [call(staging, small_runtime), call(staging, other_runtime)]
    processes = [
        subprocess.Popen(
            [stage.binary, *map(str, command)], env=stage.env, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for command in commands
    ]  # fmt: skip
    statuses = [process.wait(timeout=60) for process in processes]
    assert 0 in statuses and set(statuses) <= {0, 1}
    for command in commands:
        stage(*command, check=True)
    assert names(staging / "manifests") == {f"{HOST}.json", f"{OTHER}.json"}
