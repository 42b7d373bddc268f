"""The SDK with the published Codex and a model on loopback: its own tests, and every example."""

import json
from pathlib import Path

import pytest
import real_codex
from clients import ROOT, must, run, target_dir
from needs import UNKNOWN_USER

CRATE = "codex-app-server-sdk"
# A PNG of one pixel: Codex leaves out what is no image.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def test_the_client_with_a_real_codex(codex_home: real_codex.Home):
    result = run(
        *("cargo", "test", "--locked", "--quiet", "--package", CRATE, "--test", "real"),
        cwd=ROOT,
        env=codex_home.env | {"RUST_BACKTRACE": "0"},
        timeout=600,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 failed; 0 ignored" in result.stdout


@pytest.fixture(scope="module")
def examples() -> Path:
    """Where the built examples are."""
    must("cargo", "build", "--locked", "--quiet", "--package", CRATE, "--examples", cwd=ROOT)
    return target_dir().parent / "debug/examples"


def test_every_example_runs(codex_home: real_codex.Home, examples: Path, tmp_path: Path):
    def example(name: str, *args: str, status: int = 0, input: str = "") -> str:
        result = run(
            examples / name, *args, cwd=tmp_path, env=codex_home.env, input=input, timeout=60
        )
        assert result.returncode == status, result.stdout + result.stderr
        return result.stdout + result.stderr

    assert example("quickstart", "hello") == "echo: hello\n12 tokens\n"

    streamed = example("stream", "run echo out")
    assert "$ /bin/" in streamed and "echo out" in streamed
    # The command runs in the sandbox of Codex, which is made of user namespaces.
    ended = "completed, exit status Some(0)" if UNKNOWN_USER.way else "failed, exit status Some(1)"
    assert ended in streamed
    assert "done: " in streamed and streamed.endswith("completed after 24 tokens\n")

    assert example("turns").splitlines() == [
        "echo: What does this project do?",
        "echo: And what is missing?",
        "echo: Review src.",
        "echo: Review the tests.",
        "echo: Sum up what we have said.",
    ]

    picture = f"data:image/png;base64,{PIXEL}"
    assert "echo: What is in these pictures?" in example("images", picture)
    parts = [
        part["type"]
        for request in codex_home.model.requests[-1:]
        for item in request["input"]
        for part in item.get("content") or []
    ]
    assert "input_image" in parts

    finding = {"file": "a.rs", "line": 3, "problem": "none"}
    review = json.dumps({"summary": "fine", "findings": [finding]})
    assert example("structured", f"json {review}") == "fine\na.rs:3: none\n"
    assert "help: compare the schema" in example("structured", "json nothing", status=1)

    assert example("errors", "busy 1 at last") == "at last\n"
    assert "help: run `codex login`" in example("errors", "login", status=4)
    codex_home.env["CODEX_CLI_BIN_PATH"], right = "/nowhere", codex_home.env["CODEX_CLI_BIN_PATH"]
    assert "CODEX_CLI_BIN_PATH is /nowhere" in example("errors", status=1)
    codex_home.env["CODEX_CLI_BIN_PATH"] = right

    said = example("chat", input="deltas 3\nhello\n\n")
    assert "0 1 2 \n" in said and "echo: hello\n" in said
