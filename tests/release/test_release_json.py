"""release.json: it keeps its schema, and says what the bytes are and how they were made."""

import hashlib
import json
import tarfile

import bundles
import jsonschema
import pytest
import release
from bundles import HOST, TARGETS
from clients import ROOT
from release import RELEASE_FILES, ROOT_PACKAGE, release_json


def test_release_json_keeps_its_schema(assembled):
    schema = json.loads((ROOT / "docs" / "release.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(release_json(assembled), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(release_json(assembled) | {"more": 1}, schema)


def test_release_json_says_what_the_bytes_are(assembled):
    contents = release_json(assembled)
    assert contents["version"] == {
        "tag": bundles.TAG, "semver": bundles.VERSION, "python": bundles.VERSION,
    }  # fmt: skip
    assert [platform["target"] for platform in contents["platforms"]] == sorted(TARGETS)
    named = {}
    for platform in contents["platforms"]:
        tree = bundles.bundle(platform["target"], size="small")
        listed = {
            f["path"]: (f["mode"], f["size"], f["sha256"]) for f in platform["bundle"]["files"]
        }
        assert listed == {
            path: (f"{file.mode:04o}", len(file.data), file.sha256) for path, file in tree.items()
        }
        named[platform["manifest"]["path"]] = platform["manifest"]["sha256"]
    artifacts = [a for platform in contents["platforms"] for a in platform["artifacts"]]
    for artifact in artifacts + contents["shared"]:
        if artifact["kind"] == "crate":
            lines = "".join(f"{f['sha256']}  {f['path']}\n" for f in artifact["files"])
            assert artifact["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
            named |= {f"{artifact['path']}/{f['path']}": f["sha256"] for f in artifact["files"]}
        else:
            named[artifact["path"]] = artifact["sha256"]
    assert named == {
        path: sha256
        for path, sha256 in bundles.contents(assembled).items()
        if (assembled / path).is_file() and path not in RELEASE_FILES
    }


def test_recipe_is_enough_to_make_the_artifacts_again(stage, assembled, runtimes, tmp_path):
    platform = next(p for p in release_json(assembled)["platforms"] if p["target"] == HOST)
    (recipe,) = {json.dumps(artifact["recipe"]) for artifact in platform["artifacts"]}
    recipe = json.loads(recipe)
    assert stage("--version").stdout.strip() == f"stage {recipe['stage']}"
    env = {"SOURCE_DATE_EPOCH": str(recipe["source_date_epoch"])}
    runtime = runtimes[HOST]
    stage.runtime(tmp_path, runtime, "--compression", recipe["compression"], env=env)
    for artifact in platform["artifacts"]:
        path = artifact["path"]
        again, first = tmp_path / path, assembled / path
        if first.is_file():
            assert again.read_bytes() == first.read_bytes()
        else:
            assert bundles.contents(again) == bundles.contents(first)


def test_a_recipe_says_what_was_asked_for(stage, small_runtime, staging):
    stage.runtime(
        staging, small_runtime, "--format", "npm", "--compression", "fast",
        env={"SOURCE_DATE_EPOCH": "1763800000"},
    )  # fmt: skip
    manifest = json.loads((staging / "manifests" / f"{HOST}.json").read_text())
    (artifact,) = manifest["artifacts"]
    assert artifact["recipe"]["compression"] == "fast"
    assert artifact["recipe"]["source_date_epoch"] == 1763800000


def test_source_date_epoch(stage, staged, tmp_path):
    staging = release.copy(staged, tmp_path / "s")
    stage("assemble", staging, check=True, env={"SOURCE_DATE_EPOCH": "1763800000"})
    assert release_json(staging)["source_date_epoch"] == 1763800000
    with tarfile.open(staging / ROOT_PACKAGE) as archive:
        assert {member.mtime for member in archive} == {1763800000}
    error = stage.refuses("assemble", staging, status=2, env={"SOURCE_DATE_EPOCH": "now"})
    assert "SOURCE_DATE_EPOCH" in error
    assert (staging / "release.json").exists(), "a wrong call touches nothing"
