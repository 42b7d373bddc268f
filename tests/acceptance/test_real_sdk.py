"""SDKs that `stage stage-sdk` has staged, in programs of others, with the real runtime."""

import email
import hashlib
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import bundles
import pytest
import real_codex
from bundles import HOST
from clients import ROOT, Venv, cargo, must, run, target_dir, tomllib

MANIFEST = """\
[package]
name = "sdk-program"
version = "0.0.0"
edition = "2024"

[dependencies]
codex-app-server-sdk = {{ path = "{sdk}" }}
serde_json = "1"

[workspace]
"""

PYPROJECT = """\
[project]
name = "openai-codex"
version = "{version}"
requires-python = ">=3.10"
dependencies = {dependencies}

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["openai_codex"]
"""

SDK = "codex-app-server-sdk"
PIP = [sys.executable, "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check"]

# What a user of an older runtime does first, with what it prints.
EXAMPLES = [
    ("quickstart", ["hello"], "echo: hello\n"),
    ("structured", ['json {"summary": "fine", "findings": []}'], "fine\n"),
    ("errors", ["busy 1 at last"], "at last\n"),
]

# A turn, a request of generated types, and which executables it took.
MAIN = """\
use codex_app_server_sdk::generated::{ThreadLoadedListParams, client_requests::ThreadLoadedList};
use codex_app_server_sdk::{Codex, Error, ThreadOptions};

fn main() -> Result<(), Error> {
    let codex = Codex::new()?;
    let thread = codex.thread_start(ThreadOptions::new())?;
    let turn = thread.run("hello")?;
    let loaded = codex.request::<ThreadLoadedList>(&ThreadLoadedListParams::default())?;
    let executables: Vec<_> = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .flat_map(|task| {
            let children = task.unwrap().path().join("children");
            let children = std::fs::read_to_string(children).unwrap();
            children.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        })
        .map(|child| std::fs::read_link(format!("/proc/{child}/exe")).unwrap())
        .collect();
    let said = serde_json::json!({
        "response": turn.final_response,
        "loaded": loaded.data.len(),
        "executables": executables,
    });
    println!("{said}");
    Ok(())
}
"""


def test_a_program_of_the_staged_sdk_runs_the_staged_runtime(
    stage, fetch, codex_package, codex_home, tmp_path
):
    staging = tmp_path / "staging"
    version = ["--codex-version", bundles.TAG]
    stage("stage-runtime", staging, fetch(HOST, "npm"), *version, "--format", "crate", check=True)
    pin = ["--runtime-version", bundles.TAG, "--codex-bin", codex_package / "bin/codex"]
    stage("stage-sdk", staging, *pin, check=True)
    project = tmp_path / "program"
    (project / "src").mkdir(parents=True)
    sdk = staging / "crates" / SDK
    (project / "Cargo.toml").write_text(MANIFEST.format(sdk=sdk))
    (project / "src/main.rs").write_text(MAIN)
    built = cargo("build", cwd=project)
    assert "warning" not in built.stderr

    cache = tmp_path / "cache"
    said = must(
        target_dir() / "debug/sdk-program",
        # Nothing but the model, and a place for a cache that is not there yet.
        env={"PATH": "", "CODEX_HOME": codex_home.env["CODEX_HOME"], "XDG_CACHE_HOME": str(cache)},
        cwd=tmp_path,
        timeout=300,
    )
    said = json.loads(said.stdout)
    assert (said["response"], said["loaded"]) == ("echo: hello", 1)
    (executable,) = said["executables"]
    assert Path(executable).is_relative_to(cache)
    assert sha256(executable) == sha256(codex_package / "bin/codex")
    manifest = json.loads((staging / "manifests" / f"{HOST}.json").read_text())
    assert sha256(executable) in json.dumps(manifest)


def sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


# The oldest runtime that the SDK takes, and one in between.
@pytest.mark.parametrize("version, source", [("0.116.0", "npm"), ("0.136.0", "pypi")])
def test_an_older_runtime_serves_the_sdk(fetch, tmp_path, version, source):
    runtime = real_codex.unpack(fetch(HOST, source, version), tmp_path / "runtime")
    home = real_codex.Home(tmp_path / "codex-home", runtime)
    example = ["cargo", "run", "--locked", "--quiet", "--package", SDK, "--example"]
    try:
        for name, args, said in EXAMPLES:
            result = run(*example, name, "--", *args, cwd=ROOT, env=home.env, timeout=600)
            assert (result.returncode, result.stdout) == (0, said), result.stderr
    finally:
        home.model.stop()


def python_project(wheel: Path, directory: Path, pin: str) -> Path:
    """The published SDK as its source: what its wheel holds, and what says how it is built."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    (dist_info,) = directory.glob("*.dist-info")
    metadata = email.message_from_string((dist_info / "METADATA").read_text(encoding="utf-8"))
    shutil.rmtree(dist_info)
    requirements = [
        requirement
        for requirement in metadata.get_all("Requires-Dist")
        if not requirement.startswith("openai-codex-cli-bin")
    ]
    (directory / "pyproject.toml").write_text(
        PYPROJECT.format(
            version=metadata["Version"],
            dependencies=json.dumps([*requirements, pin]),
        ),
        encoding="utf-8",
    )
    return directory


def test_pip_resolves_the_staged_python_sdk_against_our_wheel(stage, fetch, tmp_path):
    must(*PIP, "download", "--no-deps", "--dest", tmp_path, f"openai-codex=={bundles.VERSION}")
    (wheel,) = tmp_path.glob("openai_codex-*.whl")
    source = python_project(wheel, tmp_path / "source", "openai-codex-cli-bin==0.136.0")
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]

    staging = tmp_path / "staging"
    version = ["--codex-version", bundles.TAG]
    stage("stage-runtime", staging, fetch(HOST, "npm"), *version, "--format", "wheel", check=True)
    stage(
        "stage-sdk", staging, "--runtime-version", bundles.TAG, "--sdk-source", source, check=True
    )
    staged = staging / "python/openai-codex"
    pinned = tomllib.loads((staged / "pyproject.toml").read_text())["project"]
    pin = f"openai-codex-cli-bin=={bundles.VERSION}"
    assert pinned["dependencies"] == [*project["dependencies"][:-1], pin]

    # All that the SDK needs beside the runtime; after that no index is asked.
    others = tmp_path / "others"
    must(*PIP, "download", "--dest", others, "hatchling", *project["dependencies"][:-1])
    venv = Venv(tmp_path / "venv", pip=True)
    offline = ["--no-index", "--find-links", others]
    install = [venv.python, "-m", "pip", "--isolated", "install", "--quiet", *offline]
    alone = run(*install, staged)
    assert alone.returncode == 1
    assert f"No matching distribution found for {pin}" in alone.stderr
    must(*install, "--find-links", staging / "wheels", staged)
    assert venv("--version").stdout == f"codex-cli {bundles.VERSION}\n"
    code = "from openai_codex import Codex; codex = Codex(); codex.thread_start(); codex.close()"
    (tmp_path / "home").mkdir()
    must(venv.python, "-c", code, env=os.environ | {"CODEX_HOME": str(tmp_path / "home")})
