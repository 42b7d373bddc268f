"""`--revision N`: repaired packages of a release, and what resolvers choose then."""

import json
from pathlib import Path

import bundles
import pytest
import release
from bundles import HOST, OTHER
from clients import FACADE, Program, Project, Venv, copy_product, edit, tomllib
from npm_registry import Registry
from resolvers import DISTRIBUTION, NPM_PACKAGE, Published

#: 1.2.3, revision 1.
PYTHON, SEMVER = "1.2.3.post1", "1.2.1003001"


def runtime(work: Path, version: str, target: str = HOST) -> Path:
    tree = bundles.bundle(target, version=version, size="small")
    return bundles.directory(tree, work / f"runtime-{version}-{target}")


def staged(stage, work: Path, version: str, revision: int | None = None) -> Path:
    staging = work / f"staging-{version}-{revision}"
    options = [] if revision is None else ["--revision", revision]
    given = runtime(work, version)
    stage("stage-runtime", staging, given, "--release-tag", version, *options, check=True)
    return staging


@pytest.fixture(scope="module")
def revised(stage, tmp_path_factory) -> Path:
    """A complete set of two platforms, of revision 1."""
    work = tmp_path_factory.mktemp("revised")
    staging = work / "staging"
    for target in [HOST, OTHER]:
        given = runtime(work, "1.2.3", target)
        options = ["--release-tag", "v1.2.3", "--revision", "1"]
        stage("stage-runtime", staging, given, *options, check=True)
    stage("assemble", staging, "--require", HOST, "--require", OTHER, check=True)
    return staging


# What a set of a revision has


def test_a_set_of_a_revision(stage, revised):
    stage("verify", revised, check=True)
    result = stage("verify", revised / "release.json", check=True)
    assert f"release.json: {SEMVER}, " in result.stdout
    data = release.release_json(revised)
    assert data["version"] == {
        "tag": "rust-v1.2.3",
        "semver": SEMVER,
        "python": PYTHON,
        "revision": 1,
    }
    manifest = release.manifest(revised)
    assert (manifest["version"], manifest["release_tag"]) == (SEMVER, "rust-v1.2.3")
    assert manifest["revision"] == 1
    for name in release.files(revised / "wheels"):
        assert name.startswith(f"openai_codex_cli_bin-{PYTHON}-py3-none-")
    assert f"openai-codex-{SEMVER}.tgz" in release.files(revised / "npm")
    for crate in (revised / "crates").iterdir():
        package = tomllib.loads((crate / "Cargo.toml").read_text())["package"]
        assert package["version"] == SEMVER


def test_the_runtime_has_the_version_of_upstream(revised):
    """In all that speaks of the runtime, and not of the packages."""
    (wheel, *_) = sorted((revised / "wheels").glob("*linux*"))
    tree = bundles.read_zip(wheel)
    bill = f"openai_codex_cli_bin-{PYTHON}.dist-info/sboms/openai-codex-cli-bin.cdx.json"
    bom = json.loads(tree[bill].data)
    assert bom["metadata"]["component"]["version"] == PYTHON
    assert [part["version"] for part in bom["components"]] == ["1.2.3"]
    package = json.loads(tree["codex_cli_bin/codex-package.json"].data)
    assert package["version"] == "1.2.3"
    payload = (revised / f"crates/codex-cli-bin-{HOST}/payload.manifest").read_text()
    assert payload.splitlines()[1] == "version 1.2.3"
    facade = (revised / f"crates/{FACADE}/src/payload.rs").read_text()
    assert 'version: "1.2.3"' in facade


def test_installed_by_every_client(revised, tmp_path):
    ours = bundles.bundle(version="1.2.3")[bundles.entrypoint()].sha256

    venv = Venv(tmp_path / "venv")
    venv.install("pip", "--no-index", "--find-links", revised / "wheels", f"{DISTRIBUTION}~=1.2.3")
    assert venv("--version").stdout == "codex-cli 1.2.3\n"
    where = Path(venv("where").stdout.strip())
    assert bundles.File(where.read_bytes()).sha256 == ours

    with Registry() as registry:
        for tarball in (revised / "npm").iterdir():
            registry.publish(tarball, latest=tarball.name == f"openai-codex-{SEMVER}.tgz")
        project = Project(tmp_path / "npm", "npm", registry.url)
        project("install", f"{NPM_PACKAGE}@^1.2.3")
        assert project.codex("--version").stdout == "codex-cli 1.2.3\n"

    program = Program.install(revised / "crates", tmp_path / "cargo")
    assert program("--version").stdout == "codex-cli 1.2.3\n"
    assert bundles.File(program.where().read_bytes()).sha256 == ours


def test_sdk_that_pins_a_revision(stage, revised, tmp_path):
    source = tmp_path / "sdk"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[project]\nname = "my-sdk"\nversion = "0"\ndependencies = ["openai-codex-cli-bin"]\n'
    )
    pin = ["--release-tag", "1.2.3", "--revision", "1", "--sdk-source", source]
    result = stage("stage-sdk", tmp_path / "sdks", *pin, check=True)
    assert f"which requires {DISTRIBUTION}=={PYTHON}" in result.stdout

    staging = release.copy(revised, tmp_path / "staging")
    pin = ["stage-sdk", staging, "--runtime-version", "1.2.3"]
    error = stage.refuses(*pin)
    assert "contains the runtime 1.2.3 (revision 1), but the pin is 1.2.3\n" in error
    result = stage(*pin, "--revision", "1", check=True)
    assert f'which requires codex-cli-bin = "={SEMVER}"' in result.stdout
    stage("assemble", staging, "--require", HOST, check=True)


def test_another_revision_is_another_release(stage, tmp_path, staging):
    given, other = runtime(tmp_path, "1.2.3"), runtime(tmp_path, "1.2.3", OTHER)
    tag = ["--release-tag", "1.2.3"]
    stage("stage-runtime", staging, given, *tag, "--revision", "1", check=True)
    for revision, shown in [(["--revision", "2"], "1.2.3 (revision 2)"), ([], "1.2.3")]:
        error = stage.refuses("stage-runtime", staging, other, *tag, *revision)
        assert (
            f"contains version 1.2.3 (revision 1) (for {HOST}), but this is version {shown}\n"
            in (error)
        )
    # The same one may be given again.
    stage("stage-runtime", staging, given, *tag, "--revision", "1", check=True)


def test_runtime_of_another_version(stage, tmp_path, staging):
    given = runtime(tmp_path, "1.2.4")
    call = ["stage-runtime", staging, given, "--release-tag", "1.2.3", "--revision", "1"]
    assert "is version 1.2.4, but --release-tag says 1.2.3\n" in stage.refuses(*call)
    # A runtime never has the version of the packages.
    given = runtime(tmp_path, SEMVER)
    call = ["stage-runtime", staging, given, "--release-tag", "1.2.3", "--revision", "1"]
    assert f"is version {SEMVER}, but --release-tag says 1.2.3\n" in stage.refuses(*call)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"revision": 2}, f"its version {SEMVER} is not that of the release 1.2.3 (revision 2)"),
        ({"revision": 1000}, "the largest one is 999"),
        ({"revision": None}, f"its version {SEMVER} is not that of the release 1.2.3"),
        ({"release_tag": "rust-v1.2.4"}, "is not that of the release 1.2.4 (revision 1)"),
        ({"release_tag": "other-1.2.3"}, '"other-1.2.3" is not a version'),
        ({"release_tag": None}, f"is not that of the release {SEMVER} (revision 1)"),
    ],
)
def test_manifest_that_contradicts_itself(stage, revised, tmp_path, change, why):
    staging = release.copy(revised, tmp_path / "staging")
    manifest = release.manifest(staging) | change
    manifest = {key: value for key, value in manifest.items() if value is not None}
    release.resign(manifest, staging / f"manifests/{HOST}.json")
    problems = release.refuses(stage, staging, "--require", HOST)
    assert why in problems[f"manifests/{HOST}.json"]


def test_what_a_revision_means_for_later_releases_is_said(stage, tmp_path, staging):
    given = runtime(tmp_path, "1.2.3")
    call = ["stage-runtime", staging, given, "--release-tag", "1.2.3", "--revision", "1"]
    result = stage(*call, check=True)
    assert (
        f"warning: for npm and Cargo this is {SEMVER}, which is newer than later patches of 1.2\n"
        in (result.stderr)
    )
    assert "stage every later patch of 1.2 with --revision too, from 0 on" in result.stderr
    said = [
        json.loads(line) for line in stage(*call, "--message-format", "json").stderr.splitlines()
    ]
    assert any(SEMVER in message.get("message", "") for message in said)
    # Wheels have a rule of their own, and pre-releases have room.
    wheels = stage(*call[:1], tmp_path / "wheels", *call[2:], "--format", "wheel", check=True)
    assert "warning" not in wheels.stderr
    given = runtime(tmp_path, "1.2.3-rc.1")
    call = ["stage-runtime", tmp_path / "rc", given, "--release-tag", "1.2.3-rc.1"]
    assert "warning" not in stage(*call, "--revision", "1", check=True).stderr


# What resolvers choose. docs/versions.md has these tables.

REQUESTS = {
    "anything": ("", "", "*"),
    "exactly 1.2.3": ("==1.2.3", "@1.2.3", "=1.2.3"),
    "1.2.3 or compatible": ("~=1.2.3", "@^1.2.3", "1.2.3"),
    "patches": ("==1.2.*", "@~1.2.3", "~1.2.3"),
    "1.2.3 or newer": (">=1.2.3", "@>=1.2.3", ">=1.2.3"),
}
#: What is published, one after the other, and what is then chosen: by pip and uv, npm, and Cargo.
CHOSEN = [
    ("1.2.3", None, {}, ("1.2.3", "1.2.3", "1.2.3")),
    ("1.2.3", 1, {"exactly 1.2.3": ("1.2.3",) * 3}, (PYTHON, SEMVER, SEMVER)),
    # Without a revision, npm still follows the tag `latest`, and Cargo does not find it.
    ("1.2.4", None, {"exactly 1.2.3": ("1.2.3",) * 3}, ("1.2.4", "1.2.4", SEMVER)),
    ("1.2.4", 0, {"exactly 1.2.3": ("1.2.3",) * 3}, ("1.2.4", "1.2.1004000", "1.2.1004000")),
    ("1.2.4", 1, {"exactly 1.2.3": ("1.2.3",) * 3}, ("1.2.4.post1", "1.2.1004001", "1.2.1004001")),
    (
        "1.3.0",
        None,
        {
            "exactly 1.2.3": ("1.2.3",) * 3,
            "1.2.3 or compatible": ("1.2.4.post1", "1.3.0", "1.3.0"),
            "patches": ("1.2.4.post1", "1.2.1004001", "1.2.1004001"),
        },
        ("1.3.0", "1.3.0", "1.3.0"),
    ),
]


def chosen(
    published: Published, pip: str, npm: str, cargo: str, *options: str
) -> tuple[str, str, str]:
    by_pip = published.pip(pip, *(["--pre"] if options else []))
    assert published.uv(pip, *(["--prerelease=allow"] if options else [])) == by_pip
    return by_pip, published.npm_install(npm), published.cargo(cargo)


def test_what_is_chosen(stage, tmp_path):
    with Registry() as npm:
        published = Published(tmp_path, npm)
        for version, revision, others, usual in CHOSEN:
            published.add(staged(stage, tmp_path, version, revision))
            for what, request in REQUESTS.items():
                expected = others.get(what, usual)
                assert chosen(published, *request) == expected, f"{what} after {version} {revision}"


def test_what_is_chosen_of_pre_releases(stage, tmp_path):
    """A revision is between its pre-release and the next one, or the hotfix."""
    requests = [("", "@^1.2.3-rc.1", "1.2.3-rc.1"), ("==1.2.3rc1", "@1.2.3-rc.1", "=1.2.3-rc.1")]
    first = ("1.2.3rc1", "1.2.3-rc.1", "1.2.3-rc.1")
    with Registry() as npm:
        published = Published(tmp_path, npm)
        for version, revision, python, semver in [
            ("1.2.3-rc.1", None, "1.2.3rc1", "1.2.3-rc.1"),
            ("1.2.3-rc.1", 1, "1.2.3rc1.post0.dev1", "1.2.3-rc.1.0.1"),
            ("1.2.3-rc.1.1", None, "1.2.3rc1.post1", "1.2.3-rc.1.1"),
            ("1.2.3-rc.1.1", 1, "1.2.3rc1.post2.dev1", "1.2.3-rc.1.1.1"),
            ("1.2.3-rc.2", None, "1.2.3rc2", "1.2.3-rc.2"),
            ("1.2.3", None, "1.2.3", "1.2.3"),
        ]:
            published.add(staged(stage, tmp_path, version, revision))
            assert chosen(published, *requests[0], "pre") == (python, semver, semver)
            assert chosen(published, *requests[1], "pre") == first


def test_registry_of_ones_own(stage, tmp_path, staging):
    """Pins of the crates on each other are exact, with the registry that the product names."""
    product = copy_product(tmp_path)
    edit(product, "stage.toml", '# registry = "NAME"', 'registry = "ours"')
    given = runtime(tmp_path, "1.2.3")
    options = ["--release-tag", "1.2.3", "--revision", "7", "--product", product]
    stage("stage-runtime", staging, given, *options, "--format", "crate", check=True)
    facade = tomllib.loads((staging / f"crates/{FACADE}/Cargo.toml").read_text())
    (target,) = facade["target"].values()
    (pin,) = target["dependencies"].values()
    assert (pin["version"], pin["registry"]) == ("=1.2.1003007", "ours")
