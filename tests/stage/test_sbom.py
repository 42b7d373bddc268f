"""The bill of materials in each artifact, read by CycloneDX's own library and its schema."""

import json
import tarfile
import zipfile
from pathlib import Path

import bundles
import pytest
from artifacts import PLATFORM_CRATE
from bundles import HOST
from clients import must
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

DIST_INFO = f"openai_codex_cli_bin-{bundles.VERSION}.dist-info"
IN_WHEEL = f"{DIST_INFO}/sboms/openai-codex-cli-bin.cdx.json"
KINDS = ["wheel", "npm", "crate"]


@pytest.fixture(scope="module")
def staging(stage, runtime, tmp_path_factory) -> Path:
    staging = tmp_path_factory.mktemp("sbom") / "staging"
    stage.runtime(staging, runtime)
    return staging


def wheel(staging: Path) -> Path:
    return min((staging / "wheels").iterdir())


def text(staging: Path, kind: str) -> str:
    if kind == "wheel":
        return zipfile.ZipFile(wheel(staging)).read(IN_WHEEL).decode()
    if kind == "crate":
        return (staging / "crates" / PLATFORM_CRATE / "sbom.cdx.json").read_text()
    (package,) = (staging / "npm").glob(f"*-{bundles.VERSION}-*.tgz")
    with tarfile.open(package) as archive:
        return archive.extractfile("package/sbom.cdx.json").read().decode()


def files(bom: dict) -> dict[str, str]:
    (runtime,) = [part for part in bom["components"] if part["type"] == "application"]
    return {file["name"]: file["hashes"][0]["content"] for file in runtime["components"]}


@pytest.fixture(params=KINDS)
def bom_text(staging, request) -> str:
    return text(staging, request.param)


def test_it_is_valid(bom_text):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bom_text) is None


def test_it_has_every_file_and_nothing_else(bom_text):
    expected = {path: file.sha256 for path, file in bundles.bundle().items()}
    assert files(json.loads(bom_text)) == expected


def test_another_library_reads_it(bom_text):
    bom = Bom.from_json(json.loads(bom_text))
    # Each dependency leads to a component.
    assert bom.validate()
    (runtime,) = [part for part in bom.components if part.type.value == "application"]
    assert (runtime.name, runtime.version) == ("Codex CLI", bundles.VERSION)
    assert [str(license.value) for license in runtime.licenses] == ["Apache-2.0"]
    assert {str(file.hashes[0].alg) for file in runtime.components} == {"HashAlgorithm.SHA_256"}


def test_package_urls(staging):
    def purl(kind: str) -> PackageURL:
        bom = json.loads(text(staging, kind))
        return PackageURL.from_string(bom["metadata"]["component"]["purl"])

    npm_name = {"x86_64": "x64", "aarch64": "arm64"}[HOST.split("-")[0]]
    npm_version = f"{bundles.VERSION}-{'darwin' if 'apple' in HOST else 'linux'}-{npm_name}"
    version = bundles.VERSION
    name = wheel(staging).name
    assert purl("wheel") == PackageURL(
        "pypi", None, "openai-codex-cli-bin", version, {"file_name": name}
    )
    assert purl("npm") == PackageURL("npm", "@openai", "codex", npm_version)
    assert purl("crate") == PackageURL("cargo", None, PLATFORM_CRATE, version)


def test_it_is_in_the_record_of_the_wheel(staging):
    with zipfile.ZipFile(wheel(staging)) as archive:
        record = archive.read(f"{DIST_INFO}/RECORD").decode()
        assert f"\n{IN_WHEEL},sha256=" in record
        assert f",{archive.getinfo(IN_WHEEL).file_size}\n" in record


def test_cargo_packages_it(staging, tmp_path):
    crate = staging / "crates" / PLATFORM_CRATE
    listed = must(
        "cargo", "package", "--list", "--allow-dirty", "--manifest-path", crate / "Cargo.toml"
    )
    assert "sbom.cdx.json" in listed.stdout.splitlines()


def test_parts_are_named(stage, runtime, staging, tmp_path):
    """Part crates carry a slice each; the platform crate's bill stands for all of them."""
    stage.runtime(tmp_path, runtime, "--format", "crate", "--max-crate-size", "3300KiB")
    crates = {path.name for path in (tmp_path / "crates").glob(f"{PLATFORM_CRATE}-part*")}
    assert crates
    bom = json.loads(text(tmp_path, "crate"))
    parts = [PackageURL.from_string(part["purl"]) for part in bom["components"][1:]]
    assert {part.name for part in parts} == crates
    assert {part.version for part in parts} == {bundles.VERSION}
    assert bom["dependencies"][0]["dependsOn"][1:] == [
        part["purl"] for part in bom["components"][1:]
    ]
    assert files(bom) == files(json.loads(text(staging, "crate")))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bom)) is None


def test_the_serial_number_is_of_the_content(stage, small_runtime, staging, tmp_path):
    serials = {json.loads(text(staging, kind))["serialNumber"] for kind in KINDS}
    stage.runtime(tmp_path, small_runtime)
    serials |= {json.loads(text(tmp_path, kind))["serialNumber"] for kind in KINDS}
    assert len(serials) == 2 * len(KINDS)


@pytest.mark.parametrize("name", ["name with spaces", "ünïcode", "back`tick", "a,b", "'"])
def test_any_name_of_a_file(stage, tmp_path, name):
    path = f"codex-resources/{name}"
    tree = bundles.bundle(size="small") | {path: bundles.File(b"content")}
    stage.runtime(tmp_path / "s", bundles.directory(tree, tmp_path), "--format", "npm")
    found = files(json.loads(text(tmp_path / "s", "npm")))
    assert found[path] == tree[path].sha256
