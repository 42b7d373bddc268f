"""`stage normalize`: which spellings of a version are one, and what each is in the other worlds."""

import json

import pytest
from packaging.version import Version

# (version, Python version); the release tag is the version behind `rust-v`.
VERSIONS = [
    ("0.0.0", "0.0.0"),
    ("0.116.0", "0.116.0"),
    ("1.22.333", "1.22.333"),
    ("0.116.0-alpha.1", "0.116.0a1"),
    ("0.116.0-beta.2", "0.116.0b2"),
    ("0.116.0-rc.3", "0.116.0rc3"),
    ("0.116.0-alpha.0", "0.116.0a0"),
    ("0.154.0-alpha.1.2", "0.154.0a1.post2"),
    ("0.154.0-alpha.10.11", "0.154.0a10.post11"),
    ("0.154.0-rc.1.2", "0.154.0rc1.post2"),
    (f"{2**64 - 1}.0.0", f"{2**64 - 1}.0.0"),
]

REFUSED = {
    "empty": "",
    "no version": "rust-v",
    "only a v": "v",
    "one number": "1",
    "two numbers": "1.2",
    "four numbers": "1.2.3.4",
    "leading zero": "1.02.3",
    "leading zero of all": "00.1.2",
    "leading zero in the pre-release": "1.2.3-alpha.01",
    "leading zero in Python's": "1.2.3a01",
    "build metadata": "1.2.3+build",
    "local version": "1.2.3a1+local",
    "alpha without a number": "1.2.3-alpha",
    "alpha with an empty number": "1.2.3-alpha.",
    "alpha without its dot": "1.2.3-alpha1",
    "alpha with a word": "1.2.3-alpha.x",
    "alpha with three numbers": "1.2.3-alpha.1.2.3",
    "hotfix of a release": "1.2.3.post1",
    "unknown pre-release": "1.2.3-preview.1",
    "capitals": "1.2.3-Alpha.1",
    "Python's, not canonical": "1.2.3.a1",
    "Python's, spelled out": "1.2.3alpha1",
    "Python's, with a dash": "1.2.3-a1",
    "Python's rc, old": "1.2.3c1",
    "development release": "1.2.3.dev1",
    "epoch": "1!1.2.3",
    "past u64": f"{2**64}.0.0",
    "past u64 in the pre-release": f"1.2.3-alpha.{2**64}",
    "Unicode digit": "1.2.\u0663",
    "full-width digit": "\uff11.2.3",
    "leading space": " 1.2.3",
    "trailing space": "1.2.3 ",
    "trailing newline": "1.2.3\n",
    "inner newline": "1.2.3\n1.2.4",
    "other prefix": "release-1.2.3",
    "prefix twice": "rust-vv1.2.3",
    "capital prefix": "V1.2.3",
    "negative": "-1.2.3",
    "sign": "1.+2.3",
    "npm's": "0.163.0-linux-x64",
    "path": "../1.2.3",
    "range": "^1.2.3",
}


def spellings(version: str, python_version: str) -> list[str]:
    return [f"rust-v{version}", f"v{version}", version, python_version]


@pytest.mark.parametrize(("version", "python_version"), VERSIONS)
def test_every_spelling_is_the_same_version(stage, version, python_version):
    for spelling in spellings(version, python_version):
        result = stage("normalize", spelling, "--message-format", "json", check=True)
        assert json.loads(result.stdout) == {
            "version": version,
            "python_version": python_version,
            "release_tag": f"rust-v{version}",
        }
        assert result.stderr == ""


@pytest.mark.parametrize(("version", "python_version"), VERSIONS)
def test_python_version_is_canonical(python_version, version):
    assert str(Version(python_version)) == python_version


def test_order_is_kept():
    """A hotfix comes after the alpha that it fixes and before the next one, for pip too."""
    ordered = ["0.154.0a1", "0.154.0a1.post2", "0.154.0a2", "0.154.0b1", "0.154.0rc1", "0.154.0"]
    assert sorted(ordered, key=Version) == ordered


def test_text(stage):
    result = stage("normalize", "rust-v0.116.0-alpha.1", check=True)
    assert [line.split(maxsplit=1)[-1].split()[-1] for line in result.stdout.splitlines()] == [
        "0.116.0-alpha.1",
        "0.116.0a1",
        "rust-v0.116.0-alpha.1",
    ]
    for line, label in zip(
        result.stdout.splitlines(), ["version", "Python version", "release tag"], strict=True
    ):
        assert line.startswith(label)


@pytest.mark.parametrize("spelling", REFUSED.values(), ids=REFUSED)
def test_what_is_no_version_is_refused(stage, spelling):
    error = stage.refuses("normalize", "--", spelling, status=2)
    for accepted in ["rust-v0.116.0", "0.116.0", "0.116.0-alpha.1", "0.116.0a1"]:
        assert accepted in error


@pytest.mark.parametrize("spelling", ["1.2", "1.2.3+build"])
def test_the_error_quotes_what_was_given(stage, spelling):
    assert spelling in stage.refuses("normalize", spelling, status=2)
