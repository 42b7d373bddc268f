"""`stage matrix`: a job for each file of platforms/."""

import json

import bundles
import pytest
from clients import ROOT, copy_product, tomllib


def platforms(folder) -> list[dict]:
    return [tomllib.loads(path.read_text()) for path in sorted(folder.glob("platforms/*.toml"))]


@pytest.mark.parametrize("output", ["text", "json", "github"])
def test_one_job_a_target(stage, output):
    """On one line, as `fromJson` takes it, in every format."""
    call = ["matrix", "--codex-version", bundles.TAG, "--message-format", output]
    result = stage(*call, check=True)
    assert result.stdout.count("\n") == 1 and result.stderr == ""
    jobs = json.loads(result.stdout)
    assert list(jobs) == ["include"]
    expected = [
        {
            "target": platform["target"],
            "runner": platform["ci"]["runner"],
            "platform-tags": platform["wheel"]["tags"],
            "fallback-tags": platform["wheel"].get("fallback-tags", []),
            "asset": f"codex-package-{platform['target']}.tar.gz",
            "artifact": f"codex-{bundles.VERSION}-{platform['target']}",
        }
        for platform in platforms(ROOT)
    ]
    assert jobs["include"] == expected
    assert [job["target"] for job in jobs["include"]] == sorted(bundles.TARGETS)


def test_a_new_platform_is_a_new_job(stage, tmp_path):
    product = copy_product(tmp_path)
    for path in (product / "platforms").glob("*-apple-*"):
        path.unlink()
    result = stage("matrix", "--codex-version", "0.163.0a1", "--product", product, check=True)
    jobs = json.loads(result.stdout)["include"]
    assert [job["target"] for job in jobs] == [p["target"] for p in platforms(product)]
    assert jobs[0]["artifact"].startswith("codex-0.163.0-alpha.1-")


def test_a_product_that_is_not_published_has_no_assets(stage, tmp_path):
    product = copy_product(tmp_path)
    text = (product / "stage.toml").read_text()
    (product / "stage.toml").write_text(text[: text.index("# Where upstream publishes")])
    result = stage("matrix", "--codex-version", "1.0.0", "--product", product, check=True)
    assert {job["asset"] for job in json.loads(result.stdout)["include"]} == {None}


def test_not_a_version(stage):
    error = stage.refuses("matrix", "--codex-version", "latest", status=2)
    assert "cannot plan the jobs of a release" in error
