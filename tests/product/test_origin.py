"""A release whose targets were staged from different files of the product: two jobs with two
checkouts, or a maintainer who changed stage.toml between two targets."""

import shutil

import bundles
import pytest
import release
from bundles import File

ONE = bundles.LINUX_X64
OTHER = bundles.WINDOWS_X64
STAGE_TOML = f"""[product]
name = "acme-tool"
license = "MIT"
repository = "https://example.org/acme/tool"
readme = "README.md"
targets = ["{ONE}", "{OTHER}"]

[wheel]
dependencies = ["six"]
"""
MANIFEST = f"manifests/{ONE}.json"


def at(text, line):
    """Puts a line below the line `text`."""
    return lambda old: old.replace(text + "\n", f"{text}\n{line}\n", 1)


def instead(old, new):
    return lambda text: text.replace(old, new, 1)


def swapped(one, other):
    return lambda text: text.replace(one, "", 1).replace(other, other + one, 1)


# What the packages of a platform carry: the file that is changed, and how.
CARRIED = {
    "licence": ("stage.toml", instead("MIT", "Apache-2.0")),
    "dependency": ("stage.toml", instead("six", "six>=1")),
    "import package": ("stage.toml", at("[wheel]", 'import-package = "acme"')),
    "command": ("stage.toml", at("[product]", 'commands = ["acme-tool", "acme-more"]')),
    "URL": ("stage.toml", instead("acme/tool", "acme/tools")),
    "licence text": ("LICENSE", instead("MIT", "MIT, mostly")),
    "README": ("README.md", instead("tool", "tools")),
    "platform": (f"platforms/{ONE}.toml", instead("", '[npm]\nalso-os = ["sunos"]\n')),
}

# What they do not carry, and other ways to write the same.
NOT_CARRIED = {
    "comment": ("stage.toml", at("[product]", "# Ours.")),
    "order": ("stage.toml", swapped('license = "MIT"\n', 'readme = "README.md"\n')),
    "default": ("stage.toml", at("[product]", 'title = "acme-tool"')),
    "limit": ("stage.toml", at("[wheel]", "limits.granted-bytes = 200_000_000")),
    "target": ("stage.toml", instead("targets = [", 'targets = ["aarch64-apple-darwin", ')),
    "format": ("stage.toml", at("[product]", 'formats = ["wheel", "npm", "crate"]')),
    "download": (
        "stage.toml",
        lambda text: text + '[release]\ndownload-url = "https://example.org/{tag}/{asset}"\n'
        'assets = ["acme-{target}.tar.gz"]\n',
    ),
    "runner": (f"platforms/{ONE}.toml", instead("", '[ci]\nrunner = "own"\n')),
    "ends of lines": ("LICENSE", instead("\n", "\r\n")),
}


@pytest.fixture
def product(tmp_path):
    folder = tmp_path / "product"
    bundles.save(folder / "stage.toml", STAGE_TOML.encode())
    bundles.save(folder / "LICENSE", b"MIT\n")
    bundles.save(folder / "README.md", b"# A tool\n")
    return folder


def changed(product, name, change):
    """A copy of the product's folder in which a file is changed."""
    copy = product.parent / "changed"
    shutil.copytree(product, copy)
    path = copy / name
    old = path.read_bytes().decode() if path.exists() else ""
    new = change(old)
    assert new != old
    bundles.save(path, new.encode())
    return copy


def call(product, staging, target):
    exe = bundles.suffix(target)
    tree = {
        f"{name}{exe}": File(bundles.executable(target, name), 0o755)
        for name in ("acme-tool", "acme-more")
    }
    runtime = bundles.directory(tree, product.parent / f"runtime-{target}")
    given = ["--release-tag", "1.2.0", "--product", product]
    return ["stage-runtime", staging, runtime, *given]


def stage_first(stage, product, staging):
    stage(*call(product, staging, ONE), check=True)


@pytest.mark.parametrize("change", CARRIED.values(), ids=CARRIED)
def test_what_packages_carry(stage, product, staging, change):
    stage_first(stage, product, staging)
    other = changed(product, *change)
    stage(*call(other, staging, OTHER), check=True)
    error = stage.refuses("assemble", staging, "--product", other)
    assert (
        f"{MANIFEST}: it was staged with another stage.toml, or another file beside it, than the "
        "one of this release" in error
    )
    assert f"{OTHER}.json" not in error


@pytest.mark.parametrize("change", NOT_CARRIED.values(), ids=NOT_CARRIED)
def test_what_packages_do_not_carry(stage, product, staging, change):
    stage_first(stage, product, staging)
    other = changed(product, *change)
    stage(*call(other, staging, OTHER), check=True)
    stage("assemble", staging, "--product", other, "--require", ONE, "--require", OTHER, check=True)


def test_a_platform_of_another_target_is_none_of_its_business(stage, product, staging):
    stage_first(stage, product, staging)
    other = changed(product, f"platforms/{OTHER}.toml", instead("", '[npm]\nname = "win"\n'))
    stage(*call(other, staging, OTHER), check=True)
    stage("assemble", staging, "--product", other, check=True)


@pytest.mark.parametrize("change", CARRIED.values(), ids=CARRIED)
def test_the_same_target_again(stage, product, staging, change):
    """Packages of other formats would join those of the first call."""
    stage_first(stage, product, staging)
    other = changed(product, *change)
    again = call(other, staging, ONE)
    error = stage.refuses(*again, "--format", "wheel")
    assert (
        f"because: {ONE} is already staged, and stage.toml or a file beside it was changed since: "
        "its packages would not fit together" in error
    )
    assert "help: add --replace to start the target again with the files as they are now" in error
    stage(*again, "--replace", check=True)
    stage(*call(other, staging, OTHER), check=True)
    stage("assemble", staging, "--product", other, check=True)


def test_names_that_nothing_has_now(stage, product, staging):
    """The packages of the first call are not known by their names any more."""
    stage_first(stage, product, staging)
    renamed = changed(product, f"platforms/{ONE}.toml", instead("", '[npm]\nname = "linux"\n'))
    error = stage.refuses(*call(renamed, staging, OTHER))
    assert (
        "stage.toml or a file beside it was changed since its target was staged, and "
        '"npm/acme-tool-linux-x64-1.2.0.tgz" would have another name now' in error
    )
    stage(*call(renamed, staging, ONE), "--replace", check=True)
    stage(*call(renamed, staging, OTHER), check=True)
    # A name that is not one of the product's may be a file of the user's own.
    error = stage.refuses("assemble", staging, "--product", renamed)
    assert "npm/acme-tool-linux-x64-1.2.0.tgz: a file that is not part of the release" in error
    (staging / "npm" / "acme-tool-linux-x64-1.2.0.tgz").unlink()
    stage("assemble", staging, "--product", renamed, check=True)


def test_manifest_of_before(stage, product, staging):
    """Earlier versions of `stage` wrote no digest of the product."""
    stage_first(stage, product, staging)
    manifest = release.manifest(staging, ONE)
    del manifest["origin"]
    release.resign(manifest, staging / MANIFEST)
    stage(*call(product, staging, OTHER), check=True)
    stage("assemble", staging, "--product", product, check=True)
