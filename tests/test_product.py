"""`--product DIR`: another product is another folder, and a mistake in it has a place."""

import shutil

import bundles
import pytest
from clients import copy_product, edit

LINUX = f"platforms/{bundles.LINUX_X64}.toml"
WINDOWS = f"platforms/{bundles.WINDOWS_X64}.toml"

# What is wrong, in which file, the text that is replaced, by what, and the field that is named.
MISTAKES = {
    "wrong type": ("stage.toml", "layout-version = 1", 'layout-version = "1"', "layout-version"),
    "negative limit": ("stage.toml", "entries = 100_000", "entries = -1", "entries"),
    "unknown field": ("stage.toml", 'title = "Codex CLI"', 'heading = "Codex"', "heading"),
    "path for a name": ("stage.toml", "metadata = ", 'metadata = "../x"\n#', "metadata"),
    "no prefix": ("stage.toml", '["rust-v", "v"]', "[]", "tag-prefixes"),
    "unknown format": (LINUX, 'format = "elf"', 'format = "a.out"', "format"),
    "malformed tag": (WINDOWS, 'tags = ["win_amd64"]', 'tags = ["win-amd64"]', "tags"),
    "no tag": (WINDOWS, 'tags = ["win_amd64"]', "tags = []", "tags"),
    "tags of two machines": (WINDOWS, '["win_amd64"]', '["win_amd64", "win_arm64"]', "tags"),
    "tag of another platform": (WINDOWS, 'tags = ["win_amd64"]', 'tags = ["win_arm64"]', "tags"),
    "no parts": (LINUX, "parts = 24", "parts = 0", "parts"),
    "target is not the file's name": (LINUX, "target = ", 'target = "arm-hurd"\n#', "target"),
    "npm name twice": (LINUX, 'name = "linux-x64"', 'name = "win32-x64"', "name"),
}  # fmt: skip


@pytest.fixture
def product(tmp_path):
    return copy_product(tmp_path)


def stage_with(product, staging, runtime):
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, "--product", product]


@pytest.mark.parametrize(("file", "old", "new", "field"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_has_file_line_and_field(
    stage, product, staging, small_runtime, file, old, new, field
):
    line = edit(product, file, old, new)
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / file}:{line}" in error
    assert field in error
    assert not staging.exists()


def test_missing_field_names_its_table(stage, product, staging, small_runtime):
    edit(product, "stage.toml", 'variant = "codex"', "")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / 'stage.toml'}:" in error
    assert "bundle" in error and "variant" in error


def test_syntax_error(stage, product, staging, small_runtime):
    line = edit(product, "stage.toml", 'title = "Codex CLI"', "title = ")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / 'stage.toml'}:{line}" in error


@pytest.mark.parametrize("missing", ["stage.toml", "platforms", "LICENSE"])
def test_missing_file_is_named(stage, product, staging, small_runtime, missing):
    path = product / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert str(path) in stage.refuses(*stage_with(product, staging, small_runtime))
    assert not staging.exists()


def test_folder_that_is_not_there(stage, tmp_path, staging, small_runtime):
    product = tmp_path / "nowhere"
    assert str(product) in stage.refuses(*stage_with(product, staging, small_runtime))


def test_the_built_in_product_is_this_folder(stage, product, tmp_path, small_runtime):
    stage.runtime(tmp_path / "built-in", small_runtime)
    stage.runtime(tmp_path / "folder", small_runtime, "--product", product)
    assert bundles.snapshot(tmp_path / "built-in") == bundles.snapshot(tmp_path / "folder")


def test_another_product_has_its_own_names(stage, product, staging, small_runtime):
    edit(product, "stage.toml", 'distribution = "openai-codex-cli-bin"', 'distribution = "acme"')
    edit(product, "stage.toml", 'import-package = "codex_cli_bin"', 'import-package = "acme_bin"')
    edit(product, "stage.toml", '[crate]\nname = "codex-cli-bin"', '[crate]\nname = "acme-bin"')
    stage(*stage_with(product, staging, small_runtime), check=True)
    for wheel in (staging / "wheels").iterdir():
        assert wheel.name.startswith("acme-0.163.0-py3-none-")
        assert "acme_bin/codex-package.json" in bundles.read_zip(wheel)
    crates = {crate.name for crate in (staging / "crates").iterdir()}
    assert "acme-bin" in crates
    assert all(name.startswith("acme-bin") for name in crates)


def test_limits_are_the_products(stage, product, staging, small_runtime):
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "unpacked-bytes = 1000")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert "1000" in error and "bundle.limits.unpacked-bytes" in error
    assert not staging.exists()
