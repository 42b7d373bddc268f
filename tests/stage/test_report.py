"""What is told of the artifacts: to people while and after they are made, and to programs."""

import hashlib
import json
import random
import re
from pathlib import Path

import bundles
import pytest
import terminal
from clients import copy_product, edit

FIELDS = {"type", "kind", "path", "size", "sha256", "limit", "share", "ratio", "seconds"}


def contents(artifact: Path) -> list[Path]:
    """The file that an artifact is, or those of a crate's directory, sorted by path."""
    if artifact.is_file():
        return [artifact]
    files = [path for path in artifact.rglob("*") if path.is_file()]
    return sorted(files, key=lambda path: path.relative_to(artifact).as_posix())


def digest(artifact: Path) -> str:
    if artifact.is_file():
        return bundles.File(artifact.read_bytes()).sha256
    lines = [
        f"{digest(path)}  {path.relative_to(artifact).as_posix()}\n" for path in contents(artifact)
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


# What a release has once for all platforms, and what carries nothing of the runtime.
INDEX = {"crates/codex-cli-bin", f"npm/openai-codex-{bundles.VERSION}.tgz"}


def test_an_artifact_is_an_object(stage, runtime, staging):
    result = stage.runtime(staging, runtime, "--message-format", "json")
    assert result.stderr == ""
    artifacts = [json.loads(line) for line in result.stdout.splitlines()]
    assert {artifact["kind"] for artifact in artifacts} == {"wheel", "crate", "npm"}
    whole = sum(len(file.data) for file in bundles.bundle().values())
    for artifact in artifacts:
        path = staging / artifact["path"]
        assert artifact.keys() == FIELDS
        assert artifact["type"] == "artifact"
        assert artifact["size"] == sum(file.stat().st_size for file in contents(path))
        assert artifact["sha256"] == digest(path)
        assert artifact["share"] == pytest.approx(artifact["size"] / artifact["limit"])
        if artifact["path"] in INDEX:
            assert artifact["ratio"] is None
        else:
            assert artifact["ratio"] == pytest.approx(artifact["size"] / whole)
        assert artifact["seconds"] >= 0
    there = {
        path.relative_to(staging).as_posix()
        for pattern in ["wheels/*", "crates/*", "npm/*"]
        for path in staging.glob(pattern)
    }
    assert {artifact["path"] for artifact in artifacts} == there


def test_people_see_a_table(stage, small_runtime, staging):
    result = stage.runtime(staging, small_runtime)
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["artifact", "size", "of", "limit", "ratio", "time"]
    assert len({len(row) for row in rows}) == 1, "the columns are aligned"
    (wheel, *_) = (row for row in rows if row.startswith("wheels/"))
    assert re.fullmatch(r"\S+\.whl +\d+\.\d kB +\d+ % +\d\.\d\d +\d+\.\d\d s", wheel)


# Limits of the registries


@pytest.fixture
def limited(stage, small_runtime, staging, tmp_path):
    """Stages a wheel with another limit of the product's."""
    product = copy_product(tmp_path)

    def run(old: str, new: str):
        edit(product, "stage.toml", old, new)
        call = ["stage-runtime", staging, small_runtime, "--codex-version", bundles.TAG]
        return [*call, "--format", "wheel", "--product", product]

    return run


def test_past_the_hard_limit_is_an_error(stage, limited, staging):
    command = limited("hard-bytes = 1_073_741_824", "hard-bytes = 1000")
    error = stage.refuses(*command)
    assert ".whl has " in error and "1000" in error and "--compression best" in error
    assert not staging.exists()


def test_past_the_default_is_a_warning(stage, limited, staging):
    command = limited(
        "default-bytes = 104_857_600          # 100 MiB\ngranted-bytes = 209_715_200",
        "default-bytes = 1000",
    )
    result = stage(*command, "--message-format", "json", check=True)
    wheels = [json.loads(line) for line in result.stdout.splitlines()]
    warnings = [json.loads(line) for line in result.stderr.splitlines()]
    assert {wheel["limit"] for wheel in wheels} == {1000}
    assert [warning["type"] for warning in warnings] == ["warning"] * len(wheels)
    for wheel, warning in zip(wheels, warnings, strict=True):
        assert wheel["share"] > 1
        assert (staging / wheel["path"]).exists()
        assert wheel["path"] in warning["message"] and "1000" in warning["message"]


# Progress

ERASE = "\x1b[2K"


@pytest.fixture(scope="module")
def large_runtime(tmp_path_factory) -> Path:
    """What takes long enough to be watched."""
    noise = random.Random(9).randbytes(24 << 20)
    tree = bundles.bundle(size="small") | {"noise": bundles.File(noise)}
    return bundles.directory(tree, tmp_path_factory.mktemp("large"))


def on_terminal(stage, staging: Path, runtime: Path, *options: str, **env: str) -> str:
    """All that `stage` writes to a terminal on its standard error."""
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, "--no-cache"]
    return terminal.run(stage, *call, *options, **env)


def test_progress_on_a_terminal(stage, large_runtime, staging):
    written = on_terminal(stage, staging, large_runtime)
    assert re.search(r"\d+\.\d\d MB of 2\d\.\d\d MB, .+/s, .+ left +noise", written), written
    seen = written.rpartition(ERASE)[2].strip("\r\n")
    assert seen.startswith("staged Codex CLI") and "\n" not in seen, "the bar has gone away"


SILENT = {
    "quiet": (["--quiet"], {}),
    "CI": ([], {"CI": "true"}),
    "JSON": (["--message-format", "json"], {}),
    "dumb terminal": ([], {"TERM": "dumb"}),
}


@pytest.mark.parametrize(("options", "env"), SILENT.values(), ids=SILENT)
def test_no_progress(stage, large_runtime, staging, options, env):
    written = on_terminal(stage, staging, large_runtime, *options, **env)
    assert "\x1b" not in written and "left" not in written
    assert written.count("\n") == (0 if options else 1)


def test_no_progress_in_a_pipe(stage, large_runtime, staging):
    result = stage.runtime(staging, large_runtime, "--no-cache")
    assert re.fullmatch(r"staged Codex CLI .+\n", result.stderr)
