"""Staging again after stage.toml has changed, and directories of another product than is named: the
texts say which of the two it is."""

import json

import bundles
import pytest
from bundles import HOST, VERSION

import products

TAG = ["--release-tag", VERSION]


@pytest.fixture
def product(tmp_path):
    return products.folder(tmp_path, commands=("acme",))


def change(product, old: str, new: str) -> None:
    text = (product / "stage.toml").read_text()
    assert old in text
    (product / "stage.toml").write_text(text.replace(old, new), encoding="utf-8")


CHANGES = {
    "a new command": (
        'commands = ["acme"]', 'commands = ["acme", "acme-x"]', 'the command "acme-x" is new',
    ),
    "another name for the command": (
        'commands = ["acme"]', 'commands = ["acme-x"]',
        "the entrypoint was bin/acme and is bin/acme-x",
    ),
    "another variant": (
        "[wheel]", '[bundle]\nvariant = "other"\n\n[wheel]', "acme-package.json has another text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_another_stage_toml(stage, product, tmp_path, staging, case):
    old, new, text = CHANGES[case]
    tree = products.programs()
    runtime = bundles.write(tree, tmp_path / "runtime")
    call = ["stage-runtime", staging, runtime, *TAG, "--product", product]
    stage(*call, check=True)
    change(product, old, new)
    error = stage.refuses(*call)
    assert f"{HOST} is already staged from files with the same content" in error
    assert f"what stage.toml says of them has changed: {text}" in error
    assert "stage every target again with this stage.toml" in error
    stage(*call, "--replace", check=True)


def test_another_runtime(stage, product, tmp_path, staging):
    """Not even when stage.toml has changed too."""
    call = [staging, *TAG, "--product", product]
    runtime = bundles.write(products.programs(), tmp_path / "runtime")
    stage("stage-runtime", *call, runtime, check=True)
    change(product, 'commands = ["acme"]', 'commands = ["acme", "acme-x"]')
    other = products.programs() | {"share/data.bin": bundles.File(b"data")}
    runtime = bundles.write(other, tmp_path / "other")
    error = stage.refuses("stage-runtime", *call, runtime)
    assert f"another runtime is already staged for {HOST}" in error


def test_directory_of_another_product(stage, product, tmp_path, staging):
    runtime = bundles.write(products.programs(), tmp_path / "runtime")
    stage("stage-runtime", staging, runtime, *TAG, "--product", product, check=True)
    error = stage.refuses("verify", staging)
    assert f'{staging} is of the product "acme", and not of "codex"' in error
    assert 'name the folder with the stage.toml of "acme": --product DIR' in error
    error = stage.refuses("assemble", staging)
    assert 'it belongs to the product "acme"' in error
    assert 'name the folder with the stage.toml of "acme": --product DIR' in error
    codex = bundles.directory(bundles.bundle(size="small"), tmp_path / "codex")
    error = stage.refuses("stage-runtime", staging, codex, "--codex-version", bundles.TAG)
    assert 'it belongs to the product "acme"' in error
    assert "name the folder of that product with --product, or stage into" in error
    stage("verify", staging, "--product", product, check=True)


def test_one_manifest_of_another_product_is_a_finding(stage, product, tmp_path, staging):
    runtime = bundles.write(products.programs(), tmp_path / "runtime")
    stage("stage-runtime", staging, runtime, *TAG, "--product", product, check=True)
    (own,) = (staging / "manifests").iterdir()
    manifest = json.loads(own.read_text()) | {"product": "other"}
    other = next(target for target in bundles.TARGETS if target != HOST)
    (staging / f"manifests/{other}.json").write_text(json.dumps(manifest))
    result = stage("verify", staging, "--product", product)
    assert result.returncode == 1
    assert 'it belongs to the product "other"' in result.stdout + result.stderr
