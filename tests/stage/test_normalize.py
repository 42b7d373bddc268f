"""`stage normalize`: which spellings of a version are one, and what each is in the other worlds."""

import json

import pytest
from clients import copy_product, edit, must
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
    ("1.2.3-dev.4", "1.2.3.dev4"),
    ("1.2.3-dev.20260105", "1.2.3.dev20260105"),
    (f"{2**64 - 1}.0.0", f"{2**64 - 1}.0.0"),
]

# What other projects call a release: the version in the tag, the semantic and the Python version.
OTHERS = [
    ("1.2", "1.2.0", "1.2"),
    ("0.0", "0.0.0", "0.0"),
    ("24.04", "24.4.0", "24.4"),
    ("2026.01.05", "2026.1.5", "2026.1.5"),
    ("2026.1.5", "2026.1.5", "2026.1.5"),
    ("2026-01-05", "2026.1.5", "2026.1.5"),
    ("20260105", "2026.1.5", "2026.1.5"),
    ("2.16.03", "2.16.3", "2.16.3"),
    ("1.2.3.4", "1.2.300004", "1.2.3.4"),
    ("1.2.0.99999", "1.2.99999", "1.2.0.99999"),
    ("2024.01.08.00", "2024.1.800000", "2024.1.8.0"),
    ("1.2-rc1", "1.2.0-rc.1", "1.2rc1"),
    ("1.2.3.4-beta.5", "1.2.300004-beta.5", "1.2.3.4b5"),
    ("1.22rc1", "1.22.0-rc.1", "1.22rc1"),
    ("1.2.3a1", "1.2.3-alpha.1", "1.2.3a1"),
    ("1.2.3-alpha", "1.2.3-alpha.0", "1.2.3a0"),
    ("1.2.3-alpha1", "1.2.3-alpha.1", "1.2.3a1"),
    ("1.2.3-beta10", "1.2.3-beta.10", "1.2.3b10"),
    ("1.2.3-rc-2", "1.2.3-rc.2", "1.2.3rc2"),
    ("1.2.3-rc1.2", "1.2.3-rc.1.2", "1.2.3rc1.post2"),
    ("1.2.3-dev", "1.2.3-dev.0", "1.2.3.dev0"),
    ("1.2.3-nightly.20260105", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
    ("1.2.3-nightly.2026.1.5", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
    ("1.2.3-nightly.2026-01-05", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
    ("1.2.3-nightly-20260105", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
    ("1.2.3-nightly20260105", "1.2.3-nightly.20260105", "1.2.3.dev20260105"),
]

REFUSED = {
    "empty": "",
    "no version": "rust-v",
    "only a v": "v",
    "one number": "1",
    "leading zero of all": "00.1.2",
    "leading zeros": "1.002.3",
    "five numbers": "1.2.3.4.5",
    "fourth number that has no place": "1.2.3.100000",
    "four numbers beyond npm's": "1.2.90071992547.40992",
    "two numbers beyond npm's": f"1.{2**53}",
    "no number": "1..3",
    "leading zero in the pre-release": "1.2.3-alpha.01",
    "leading zero in Python's": "1.2.3a01",
    "build metadata": "1.2.3+build",
    "local version": "1.2.3a1+local",
    "alpha with an empty number": "1.2.3-alpha.",
    "alpha with a word": "1.2.3-alpha.x",
    "alpha with three numbers": "1.2.3-alpha.1.2.3",
    "hotfix of a release": "1.2.3.post1",
    "hotfix of a dev release": "1.2.3-dev.1.2",
    "post-release in a tag": "1.2.3-post1",
    "unknown pre-release": "1.2.3-preview.1",
    "another unknown pre-release": "1.2.3-canary.1",
    "nightly without a date": "1.2.3-nightly",
    "nightly with a number": "1.2.3-nightly.7",
    "nightly with no day of the calendar": "1.2.3-nightly.20260229",
    "second nightly of a day": "1.2.3-nightly.20260105.2",
    "nightly with a commit": "1.2.3-nightly.20260105.99d1a9a",
    "no day of the calendar": "2026-02-30",
    "no day of the calendar, in one number": "20260230",
    "half a date": "2026-1-5",
    "capitals": "1.2.3-Alpha.1",
    "Python's, not canonical": "1.2.3.a1",
    "Python's, spelled out": "1.2.3alpha1",
    "Python's, with a dash": "1.2.3-a1",
    "Python's rc, old": "1.2.3c1",
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


@pytest.fixture
def other_product(tmp_path):
    """A product whose tags are `v1.2.3`, as most are."""
    product = copy_product(tmp_path)
    edit(product, "stage.toml", 'tag-prefixes = ["rust-v", "v"]', 'tag-prefixes = ["v"]')
    return product


@pytest.mark.parametrize(("upstream", "version", "python_version"), OTHERS)
def test_tags_of_other_projects(stage, other_product, upstream, version, python_version):
    """The tag stays as it is, for the addresses of downloads."""
    tag = f"v{upstream}"
    options = ["--product", other_product, "--message-format", "json"]
    result = stage("normalize", tag, *options, check=True)
    expected = {"version": version, "python_version": python_version, "release_tag": tag}
    assert json.loads(result.stdout) == expected
    assert str(Version(python_version)) == python_version
    # The versions themselves are of a release, too.
    for spelling in [version, python_version]:
        result = stage("normalize", spelling, *options, check=True)
        assert (
            Version(json.loads(result.stdout)["python_version"]).release[:2]
            == (Version(python_version).release[:2])
        )


def test_a_bare_version_gets_the_first_prefix(stage, other_product):
    for spelling, tag in [
        ("2026.01.05", "v2026.01.05"),
        ("1.2.3-beta1", "v1.2.3-beta1"),
        ("1.2.3b1", "v1.2.3-beta.1"),
    ]:
        result = stage("normalize", spelling, "--product", other_product, check=True)
        assert result.stdout.splitlines()[-1].split() == ["release", "tag", tag]


# What is repaired, the number of the revision, and the versions of its packages.
REVISIONS = [
    ("1.2.3", 1, "1.2.1003001", "1.2.3.post1"),
    ("1.2.3", 999, "1.2.1003999", "1.2.3.post999"),
    ("1.2.4", 0, "1.2.1004000", "1.2.4"),
    ("1.2", 1, "1.2.1000001", "1.2.post1"),
    ("2026.01.05", 1, "2026.1.1005001", "2026.1.5.post1"),
    ("1.2.3.4", 1, "1.2.1000000300004001", "1.2.3.4.post1"),
    ("1.0.20260105", 1, "1.0.1000020260105001", "1.0.20260105.post1"),
    ("1.2.3-rc.1", 1, "1.2.3-rc.1.0.1", "1.2.3rc1.post0.dev1"),
    ("1.2.3-alpha.1.2", 1, "1.2.3-alpha.1.2.1", "1.2.3a1.post3.dev1"),
]


@pytest.mark.parametrize(("tag", "revision", "version", "python_version"), REVISIONS)
def test_revision(stage, tag, revision, version, python_version):
    options = ["--revision", revision, "--message-format", "json"]
    result = stage("normalize", tag, *options, check=True)
    assert json.loads(result.stdout) == {
        "version": version,
        "python_version": python_version,
        "release_tag": f"rust-v{tag}",
        "revision": revision,
    }
    assert str(Version(python_version)) == python_version
    npm = must(
        "node",
        "-e",
        "console.log(Number.isSafeInteger(+process.argv[1].split(/[.-]/)[2]))",
        version,
    )
    assert npm.stdout == "true\n"


NO_REVISION = {
    "of a dev release": ("1.2.3-dev.4", 1, "no version between two dev releases"),
    "of a nightly": ("1.2.3-nightly.20260105", 1, "no version between two dev releases"),
    "0 of a pre-release": ("1.2.3-rc.1", 0, "the first one of a pre-release is 1"),
    "of a hotfix 0": ("1.2.3-rc.1.0", 1, "after the hotfix 0"),
    "of a patch of 13 digits": (f"1.2.{10**12}", 1, "more than 12 digits"),
}


@pytest.mark.parametrize(("tag", "revision", "why"), NO_REVISION.values(), ids=NO_REVISION)
def test_what_cannot_have_a_revision(stage, tag, revision, why):
    error = stage.refuses("normalize", tag, "--revision", revision, status=2)
    assert f"{tag} cannot have revision {revision}: " in error and why in error


@pytest.mark.parametrize("revision", ["1000", "-1", "one", "65536", ""])
def test_not_a_revision(stage, revision):
    error = stage.refuses("normalize", "1.2.3", f"--revision={revision}", status=2)
    assert "--revision <N>" in error


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


@pytest.mark.parametrize("spelling", ["1", "1.2.3+build"])
def test_the_error_quotes_what_was_given(stage, spelling):
    assert spelling in stage.refuses("normalize", spelling, status=2)
