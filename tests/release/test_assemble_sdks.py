"""`stage assemble` of a set with SDKs: each has exactly the pin of the release."""

from pathlib import Path

import bundles
import pytest
import release
from release import edit, refuses, release_json

# SDKs

RUST_SDK = "crates/codex-app-server-sdk"
PYTHON_SDK = "python/my-sdk"
PYPROJECT = """\
[project]
name = "my-sdk"
version = "0.0.1"
dependencies = ["openai-codex-cli-bin==0.1.0"]
"""


@pytest.fixture
def with_sdks(stage, broken, tmp_path) -> Path:
    """A set with an SDK of each kind, staged for its runtime."""
    source = tmp_path / "source"
    bundles.save(source / "pyproject.toml", PYPROJECT.encode())
    call = ["stage-sdk", broken, "--runtime-version", bundles.TAG]
    stage(*call, "--sdk-source", source, check=True)
    stage(*call, check=True)
    return broken


def test_sdks_that_are_pinned(stage, with_sdks):
    stage("assemble", with_sdks, check=True)
    assert [sdk["path"] for sdk in release_json(with_sdks)["sdks"]] == [RUST_SDK, PYTHON_SDK]
    stage("verify", with_sdks / "release.json", check=True)
    release.change_a_byte(with_sdks / PYTHON_SDK / "pyproject.toml")
    stage.refuses("verify", with_sdks / "release.json")


@pytest.mark.parametrize(
    ("manifest", "old", "new", "expected"),
    [
        (f"{RUST_SDK}/Cargo.toml", f'"={bundles.VERSION}"', '"=0.162.0"', "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", f'"={bundles.VERSION}"', f'"{bundles.VERSION}"', "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", "../codex-cli-bin", "../../codex-cli-bin", "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", "[dependencies]", "[dependencies", "not an SDK of this release"),
        (f"{PYTHON_SDK}/pyproject.toml", f"=={bundles.VERSION}", "==0.162.0", "does not pin"),
        (f"{PYTHON_SDK}/pyproject.toml", f"=={bundles.VERSION}", ">=0.163", "does not pin"),
        (
            f"{PYTHON_SDK}/pyproject.toml",
            "openai-codex-cli-bin",
            "another",
            "not an SDK of this release",
        ),
    ],
)
def test_sdk_that_is_not(stage, with_sdks, manifest, old, new, expected):
    edit(with_sdks / manifest, old, new)
    problems = refuses(stage, with_sdks)
    assert expected in problems[manifest.rsplit("/", 1)[0]]
