"""What every command does alike: help, wrong calls, and where output goes."""

import json
import re
import subprocess
from pathlib import Path

import bundles
import pytest

WRONG_CALLS = {
    "unknown command": ["stage-everything"],
    "unknown option": ["normalize", "--colour", "1.2.3"],
    "missing argument": ["normalize"],
    "too many arguments": ["normalize", "1.2.3", "1.2.4"],
    "unknown message format": ["normalize", "1.2.3", "--message-format", "yaml"],
    "missing version": ["stage-runtime", "staging", "runtime"],
    "not a version": ["stage-runtime", "staging", "runtime", "--codex-version", "latest"],
    "unknown format": [
        "stage-runtime", "staging", "runtime", "--codex-version", bundles.TAG, "--format", "rpm",
    ],
    "format twice in one": [
        "stage-runtime", "staging", "runtime", "--codex-version", bundles.TAG,
        "--format", "wheel,crate",
    ],
    "not a size": [
        "stage-runtime", "staging", "runtime", "--codex-version", bundles.TAG,
        "--max-crate-size", "10 megabytes",
    ],
}  # fmt: skip


@pytest.mark.parametrize("call", WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_wrong_call(stage, tmp_path, call):
    stage.refuses(*call, status=2, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_command_shows_what_there_is(stage):
    result = stage()
    assert result.returncode == 2
    assert result.stdout == ""
    assert "stage-runtime" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("help: ")


@pytest.mark.parametrize("call", [["--help"], ["normalize", "--help"], ["stage-runtime", "--help"]])
def test_help_is_a_result(stage, call):
    result = stage(*call, check=True)
    assert "Usage:" in result.stdout
    assert result.stderr == ""


def test_version_is_a_result(stage):
    assert stage("--version", check=True).stdout.startswith("stage ")


def test_runtime_version_is_another_spelling_of_codex_version(stage, small_runtime, staging):
    options = ["--runtime-version", bundles.VERSION, "--format", "wheel"]
    stage("stage-runtime", staging, small_runtime, *options, check=True)
    assert list((staging / "wheels").iterdir())


def test_every_accepted_version_spelling_stages_the_same(stage, small_runtime, tmp_path):
    options = ["--format", "wheel", "--codex-version"]
    spellings = ["rust-v0.163.0", "v0.163.0", "0.163.0"]
    for spelling in spellings:
        stage("stage-runtime", tmp_path / spelling, small_runtime, *options, spelling, check=True)
    assert len({str(bundles.snapshot(tmp_path / spelling)) for spelling in spellings}) == 1


def test_only_results_go_to_standard_output(stage, small_runtime, tmp_path):
    """What a script reads is the same, however much a person is told."""
    loud = stage.runtime(tmp_path / "loud", small_runtime, "--verbose")
    quiet = stage.runtime(tmp_path / "quiet", small_runtime, "--quiet")
    times = re.compile(r"\d+\.\d\d s$", re.M)
    assert times.sub("", loud.stdout) == times.sub("", quiet.stdout)
    assert loud.stderr and not quiet.stderr


def test_error_is_an_object(stage):
    result = stage("normalize", "1.2.x", "--message-format", "json")
    assert (result.returncode, result.stdout) == (2, "")
    error = json.loads(result.stderr)
    assert error["type"] == "error"
    assert {"attempted", "reasons", "help"} <= error.keys()


@pytest.mark.parametrize("call", WRONG_CALLS.values(), ids=WRONG_CALLS)
@pytest.mark.parametrize("option", [["--message-format", "json"], ["--message-format=json"]])
def test_wrong_call_is_an_object(stage, call, option):
    result = stage(*option, *call)
    assert (result.returncode, result.stdout) == (2, "")
    error = json.loads(result.stderr)
    assert error["type"] == "error"
    assert error["reasons"] and error["help"]
    assert not error["reasons"][0].startswith("error:")


def test_wrong_call_says_what_clap_says(stage):
    result = stage("normalize", "--colour", "1.2.3", "--message-format", "json")
    error = json.loads(result.stderr)
    assert error["attempted"] == "cannot read the command line"
    first, *_, usage = error["reasons"]
    assert first == "unexpected argument '--colour' found"
    assert usage.startswith("Usage: stage normalize")


def test_wrong_call_is_an_annotation(stage):
    result = stage("normalize", "--message-format", "github")
    assert result.returncode == 2
    assert result.stderr.startswith("::error::error: cannot read the command line%0A")


def test_error_is_an_annotation(stage):
    result = stage("normalize", "1.2.x", "--message-format", "github")
    assert result.stderr.startswith("::error::")
    assert "%0A" in result.stderr.splitlines()[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["normalize", "0.163.0"],
        ["matrix", "--codex-version", bundles.TAG],
        ["completions", "bash"],
        ["verify", "--explain", "wheel-record-missing"],
        ["--help"],
        ["fetch", "--help"],
        ["--version"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("message_format", ["text", "json"])
def test_full_disk_behind_standard_output(stage, arguments, message_format):
    options = [] if message_format == "text" else ["--message-format", "json"]
    command = [stage.binary, *options, *arguments]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=stage.env, text=True, timeout=60
        )
    assert result.returncode == 1, result.stderr
    if message_format == "json":
        error = json.loads(result.stderr)
        assert error["attempted"] == "cannot write to standard output"
        assert error["reasons"] == ["No space left on device (os error 28)"]
    else:
        assert result.stderr == (
            "error: cannot write to standard output\n"
            "  because: No space left on device (os error 28)\n"
            "help: make room where standard output is written to, or write it elsewhere, and run "
            "the command again\n"
        )


def test_closed_pipe_is_no_failure(stage):
    """`stage … | head -1` is how people read."""
    command = f"{stage.binary} normalize 1.2.3; echo $? >&2"
    script = ["bash", "-c", f"({command}) | true"]
    result = subprocess.run(script, env=stage.env, capture_output=True, text=True)
    assert result.stderr == "0\n"
