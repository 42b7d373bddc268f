"""Staging directories of another product than is named: the texts say which one."""

import json

import bundles
import pytest
from bundles import HOST, VERSION

import products

TAG = ["--release-tag", VERSION]


@pytest.fixture
def product(tmp_path):
    return products.folder(tmp_path, commands=("acme",))


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
