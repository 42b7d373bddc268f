"""`stage assemble`: from staged platforms to a release, through a gate for whole sets only."""

import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path

import bundles
import jsonschema
import pytest
import release
from bundles import HOST, LINUX_X64, TARGETS, WINDOWS_X64, snapshot
from clients import ROOT, tomllib
from release import FACADE, RELEASE_FILES, ROOT_PACKAGE


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def runtimes(work) -> dict[str, Path]:
    return {target: release.runtime(target, work) for target in TARGETS}


@pytest.fixture(scope="module")
def staged(stage, runtimes, work) -> Path:
    """Every platform, not assembled. Read it, never write to it."""
    for runtime in runtimes.values():
        stage.runtime(work / "staged", runtime)
    return work / "staged"


@pytest.fixture(scope="module")
def assembled(stage, staged, work) -> Path:
    """The same as a release. Read it, never write to it."""
    whole = release.copy(staged, work / "assembled")
    stage("assemble", whole, check=True)
    return whole


@pytest.fixture
def broken(staged, tmp_path) -> Path:
    """A copy for a test to break."""
    return release.copy(staged, tmp_path / "staging")


def refuses(stage, staging: Path, *options: str) -> dict[str, str]:
    """What is wrong with each file; nothing else has changed, and nothing looks finished."""
    before = {p: e for p, e in snapshot(staging).items() if p not in RELEASE_FILES}
    error = stage.refuses("assemble", staging, *options)
    assert snapshot(staging) == before
    first, *reasons = [line.strip() for line in error.splitlines()[:-1]]
    assert first == f"error: cannot make a release of {staging}"
    count, *reasons = [reason.removeprefix("because: ") for reason in reasons]
    assert count == (
        "one thing is wrong with it" if len(reasons) == 1
        else f"{len(reasons)} things are wrong with it"
    )  # fmt: skip
    problems: dict[str, str] = {}
    for path, what in (reason.split(": ", 1) for reason in reasons):
        problems[path] = f"{problems[path]}, {what}" if path in problems else what
    return problems


# What a release is


def test_release_files(assembled, staged):
    assert set(release.files(assembled)) == set(release.files(staged)) | set(RELEASE_FILES)


def test_sums_are_checked_by_sha256sum(assembled):
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=assembled, check=True)
    listed = [
        line.split("  ", 1)[1] for line in (assembled / "SHA256SUMS").read_text().splitlines()
    ]
    assert listed == sorted(listed)
    assert set(listed) == set(release.files(assembled)) - {"SHA256SUMS"}


def release_json(staging: Path) -> dict:
    return json.loads((staging / "release.json").read_text())


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


def test_facade_and_root_name_these_platforms_and_this_version(assembled):
    manifest = tomllib.loads((assembled / FACADE / "Cargo.toml").read_text())
    pins = {}
    for target in manifest["target"].values():
        pins |= {name: pin["version"] for name, pin in target["dependencies"].items()}
    assert pins == {f"codex-cli-bin-{target}": f"={bundles.VERSION}" for target in TARGETS}
    with tarfile.open(assembled / ROOT_PACKAGE) as archive:
        package = json.load(archive.extractfile("package/package.json"))
    wanted = {pin.split("@")[-1] for pin in package["optionalDependencies"].values()}
    staged = {path.name for path in (assembled / "npm").iterdir()} - {Path(ROOT_PACKAGE).name}
    assert {f"openai-codex-{version}.tgz" for version in wanted} == staged


def test_results(stage, staged, tmp_path):
    staging = release.copy(staged, tmp_path / "s")
    result = stage("assemble", staging, "--message-format", "json", check=True)
    assert result.stderr == ""
    *platforms, whole = [json.loads(line) for line in result.stdout.splitlines()]
    assert [platform["target"] for platform in platforms] == sorted(TARGETS)
    sums = (staging / "SHA256SUMS").read_bytes()
    assert whole == {
        "type": "release",
        "version": bundles.VERSION,
        "path": "SHA256SUMS",
        "sha256": hashlib.sha256(sums).hexdigest(),
    }
    again = stage("assemble", staging, check=True)
    assert hashlib.sha256(sums).hexdigest() in again.stdout
    assert "is whole" in again.stderr


def test_again_is_the_same(stage, assembled, tmp_path):
    again = release.copy(assembled, tmp_path / "again")
    stage("assemble", again, "--jobs", "1", check=True)
    assert snapshot(again) == snapshot(assembled)


@pytest.mark.parametrize("order", [TARGETS, TARGETS[::-1], TARGETS[3:] + TARGETS[:3]])
def test_jobs_of_their_own_give_the_same_bytes(stage, assembled, runtimes, tmp_path, order):
    for target in order:
        stage.runtime(tmp_path / target, runtimes[target])
    for target in order:
        shutil.copytree(tmp_path / target, tmp_path / "all", dirs_exist_ok=True)
    stage("assemble", tmp_path / "all", check=True)
    assert snapshot(tmp_path / "all") == snapshot(assembled)


@pytest.mark.parametrize("what", [FACADE, ROOT_PACKAGE])
def test_what_a_smaller_set_brought_is_rewritten(
    stage, assembled, runtimes, broken, tmp_path, what
):
    stage.runtime(tmp_path / "one", runtimes[HOST])
    small, place = tmp_path / "one" / what, broken / what
    if small.is_dir():
        shutil.rmtree(place)
        shutil.copytree(small, place)
        (place / "src" / "old.rs").write_text("// of another version\n")
    else:
        shutil.copyfile(small, place)
    stage("assemble", broken, check=True)
    assert snapshot(broken) == snapshot(assembled)


@pytest.mark.parametrize("what", [FACADE, ROOT_PACKAGE])
def test_what_is_written_anyhow_may_be_missing(stage, assembled, broken, what):
    place = broken / what
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    stage("assemble", broken, check=True)
    assert snapshot(broken) == snapshot(assembled)


def test_another_platform_makes_it_unfinished(stage, assembled, tmp_path, small_runtime):
    staging = release.copy(assembled, tmp_path / "s")
    stage.runtime(staging, small_runtime)
    assert not [name for name in RELEASE_FILES if (staging / name).exists()]
    stage("assemble", staging, check=True)
    assert snapshot(staging) == snapshot(assembled)


def test_a_refused_runtime_leaves_a_release_as_it_was(stage, assembled, tmp_path):
    staging = release.copy(assembled, tmp_path / "s")
    newer = release.runtime(HOST, tmp_path, version="0.164.0")
    stage.refuses("stage-runtime", staging, newer, "--codex-version", "0.164.0")
    assert snapshot(staging) == snapshot(assembled)


# --require


def test_require_is_a_smaller_release(stage, tmp_path):
    staging = release.stage_all(stage, tmp_path / "s", tmp_path, [HOST, WINDOWS_X64])
    stage("assemble", staging, "--require", HOST, check=True)
    named = [platform["target"] for platform in release_json(staging)["platforms"]]
    assert named == sorted([HOST, WINDOWS_X64])
    problems = refuses(stage, staging, "--require", HOST, "--require", LINUX_ARM64)
    assert problems == {
        f"manifests/{LINUX_ARM64}.json": f"it is missing: {LINUX_ARM64} is not staged"
    }


LINUX_ARM64 = bundles.LINUX_ARM64


def test_require_takes_targets(stage, broken):
    error = stage.refuses("assemble", broken, "--require", "linux-x64", status=2)
    assert 'no platform of this product has the target "linux-x64"' in error
    assert LINUX_X64 in error


# What is missing


def test_nothing_staged(stage, tmp_path):
    problems = refuses(stage, tmp_path)
    assert problems == {
        f"manifests/{target}.json": f"it is missing: {target} is not staged" for target in TARGETS
    }
    assert not list(tmp_path.iterdir())


def test_no_directory(stage, tmp_path):
    assert "there is no directory" in stage.refuses("assemble", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    assert "is not a directory" in stage.refuses("assemble", tmp_path / "file")


@pytest.mark.parametrize("target", TARGETS)
def test_missing_platform(stage, runtimes, tmp_path, target):
    others = [other for other in TARGETS if other != target]
    staging = tmp_path / "s"
    for other in others:
        stage.runtime(staging, runtimes[other])
    assert refuses(stage, staging) == {
        f"manifests/{target}.json": f"it is missing: {target} is not staged"
    }


FORMATS = {
    "wheel": {
        f"wheels/openai_codex_cli_bin-{bundles.VERSION}-py3-none-{tag}_x86_64.whl": "a wheel"
        for tag in ["manylinux_2_17", "musllinux_1_1"]
    },
    "crate": {f"crates/codex-cli-bin-{LINUX_X64}": "a crate"},
    "npm": {f"npm/openai-codex-{bundles.VERSION}-linux-x64.tgz": "an npm package"},
}


@pytest.mark.parametrize("missing", FORMATS)
def test_missing_format(stage, staged, runtimes, tmp_path, missing):
    staging = release.copy(staged, tmp_path / "s")
    formats = [option for kind in FORMATS if kind != missing for option in ("--format", kind)]
    (staging / "manifests" / f"{LINUX_X64}.json").unlink()
    stage.runtime(staging, runtimes[LINUX_X64], *formats)
    path, what = next(iter(FORMATS[missing].items()))
    assert refuses(stage, staging) == {path: f"it is missing: {LINUX_X64} is staged without {what}"}


def test_missing_c_library(stage, staged, runtimes, tmp_path):
    """Wheels for one of two C libraries: pip on the other one would not find the release."""
    staging = release.copy(staged, tmp_path / "s")
    (staging / "manifests" / f"{LINUX_X64}.json").unlink()
    runtime = runtimes[LINUX_X64]
    stage.runtime(staging, runtime, "--platform-tag", "musllinux_1_2_x86_64")
    (path,) = refuses(stage, staging)
    assert (
        path == f"wheels/openai_codex_cli_bin-{bundles.VERSION}-py3-none-manylinux_2_17_x86_64.whl"
    )


def artifact_files() -> list[str]:
    """The files of one platform, by how their paths end, and what the platform has beside it."""
    return [
        f"manifests/{LINUX_X64}.json",
        f"npm/openai-codex-{bundles.VERSION}-linux-x64.tgz",
        *FORMATS["wheel"],
        *(
            f"crates/codex-cli-bin-{LINUX_X64}/{name}"
            for name in [
                "Cargo.toml", "LICENSE", "NOTICE", "README.md", "payload.bin", "payload.manifest",
                "sbom.cdx.json", "src/lib.rs",
            ]
        ),
    ]  # fmt: skip


def test_those_are_all_files_of_a_platform(staged):
    of_linux = [path for path in release.files(staged) if "linux" in path and "x64" in path]
    of_linux += [p for p in release.files(staged) if "linux" in p and "x86_64" in p]
    assert sorted(set(of_linux)) == sorted(artifact_files())


@pytest.mark.parametrize("path", artifact_files())
def test_missing_file(stage, broken, path):
    (broken / path).unlink()
    problems = refuses(stage, broken)
    assert problems.pop(path).startswith("it is missing")
    # Without its manifest, no file of a platform is called foreign, nor is one missing any other.
    assert not problems or path.endswith("/Cargo.toml")


@pytest.mark.parametrize("path", artifact_files())
def test_changed_byte(stage, broken, path):
    release.change_a_byte(broken / path)
    problems = refuses(stage, broken)
    assert "changed" in problems[path] or "cannot be used" in problems[path]
    assert [other for other in problems if not path.startswith(other)] == []


@pytest.mark.parametrize("position", range(5))
def test_any_byte_of_a_manifest(stage, broken, position):
    path = broken / "manifests" / f"{WINDOWS_X64}.json"
    whole = path.read_bytes()
    for place in range(position, len(whole), 229):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert f"manifests/{WINDOWS_X64}.json" in refuses(stage, broken), place


def test_missing_directory_of_a_crate(stage, broken):
    shutil.rmtree(broken / "crates" / f"codex-cli-bin-{LINUX_X64}")
    assert refuses(stage, broken) == {f"crates/codex-cli-bin-{LINUX_X64}": "it is missing"}


# What does not fit together


def test_two_versions(stage, broken, tmp_path):
    """The newer runtime of a target was staged by a job of another release."""
    newer = release.runtime(WINDOWS_X64, tmp_path, version="0.164.0")
    other = tmp_path / "other"
    stage("stage-runtime", other, newer, "--codex-version", "0.164.0", check=True)
    shutil.copytree(other, broken, dirs_exist_ok=True)
    problems = refuses(stage, broken)
    assert problems[f"manifests/{WINDOWS_X64}.json"] == (
        "it is of version 0.164.0, and the release is 0.163.0"
    )
    assert f"npm/openai-codex-0.164.0-{'win32-x64'}.tgz" in problems


def manifest(staging: Path, target: str = HOST) -> dict:
    return json.loads((staging / "manifests" / f"{target}.json").read_text())


def test_manifests_of_two_runs(stage, broken, tmp_path):
    """The manifest of one run, the artifacts of another one with another runtime."""
    tree = bundles.bundle(LINUX_X64, size="small")
    tree |= {"codex-resources/more": bundles.File(b"more")}
    other = tmp_path / "other"
    stage.runtime(other, bundles.directory(tree, tmp_path))
    name = f"manifests/{LINUX_X64}.json"
    shutil.copyfile(other / name, broken / name)
    problems = refuses(stage, broken)
    changed = [path for path, what in problems.items() if what.startswith("it was changed")]
    assert {path.split("/")[0] for path in changed} == {"wheels", "crates", "npm"}


@pytest.mark.parametrize("kind", ["wheel", "npm", "crate"])
def test_artifact_with_another_runtime(stage, broken, tmp_path, kind):
    """Manifest and artifact agree, and yet what is in it is not what the others have."""
    tree = bundles.bundle(LINUX_X64, size="small")
    program = bundles.entrypoint(LINUX_X64)
    tree = bundles.replace(tree, program, tree[program].data + b"\0")
    other = tmp_path / "other"
    stage.runtime(other, bundles.directory(tree, tmp_path), "--format", kind)
    ours, theirs = manifest(broken, LINUX_X64), manifest(other, LINUX_X64)
    ours["artifacts"] = [
        next((a for a in theirs["artifacts"] if a["path"] == artifact["path"]), artifact)
        for artifact in ours["artifacts"]
    ]
    path = broken / "manifests" / f"{LINUX_X64}.json"
    for artifact in theirs["artifacts"]:
        if (broken / artifact["path"]).is_dir():
            shutil.rmtree(broken / artifact["path"])
            shutil.copytree(other / artifact["path"], broken / artifact["path"])
        else:
            shutil.copyfile(other / artifact["path"], broken / artifact["path"])
    release.resign(ours, path)
    assert refuses(stage, broken) == {
        artifact["path"]: "it does not carry the runtime that its manifest names: "
        f'"{program}" has other content'
        for artifact in theirs["artifacts"]
    }


def payload_is_wrong(stage, broken: Path, change) -> str:
    """What is said of a platform crate whose payload was changed, manifest and all."""
    crate = f"crates/codex-cli-bin-{LINUX_X64}"
    change(broken / crate)
    ours = manifest(broken, LINUX_X64)
    artifact = next(a for a in ours["artifacts"] if a["path"] == crate)
    for file in artifact["files"]:
        data = (broken / crate / file["path"]).read_bytes()
        file["size"], file["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    lines = "".join(f"{f['sha256']}  {f['path']}\n" for f in artifact["files"])
    artifact["sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    artifact["size"] = sum(file["size"] for file in artifact["files"])
    release.resign(ours, broken / "manifests" / f"{LINUX_X64}.json")
    return refuses(stage, broken)[crate]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def first(path: Path, kind: str) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith(f"{kind} "))


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("version", lambda line: "version 0.1.0", "error[crate-payload-manifest]"),
        ("file", lambda line: line + "x", "does not carry"),
        ("file", lambda line: line.replace("755", "644", 1), "has the mode 0644 and not 0755"),
        ("frame", lambda line: "", "error[crate-payload-manifest]"),
        (
            "frame",
            lambda line: line[:-1] + ("0" if line[-1] != "0" else "1"),
            "error[crate-payload",
        ),
    ],
)
def test_payload_that_is_no_payload(stage, broken, kind, change, expected):
    def changed(crate: Path) -> None:
        path = crate / "payload.manifest"
        line = first(path, kind)
        edit(path, line, change(line))

    assert expected in payload_is_wrong(stage, broken, changed)


@pytest.mark.parametrize("change", [lambda data: data + b"more", lambda data: data[:-1]])
def test_payload_of_another_length(stage, broken, change):
    def changed(crate: Path) -> None:
        path = crate / "payload.bin"
        path.write_bytes(change(path.read_bytes()))

    assert "error[crate-payload" in payload_is_wrong(stage, broken, changed)


# What is too much


FOREIGN = {
    "notes.txt": "a file",
    "wheels/openai_codex_cli_bin-0.1.0-py3-none-win_amd64.whl": "a file",
    "wheels/requests-2.0-py3-none-any.whl": "a file",
    "npm/openai-codex-0.50.0.tgz": "a file",
    "manifests/.DS_Store": "a file",
    "manifests/readme.txt": "a file",
    ".stage/settings": "a file",
    "crates/mine": "a directory",
    f"crates/codex-cli-bin-{LINUX_X64}-part2": "a directory",
    f"crates/codex-cli-bin-{LINUX_X64}/Cargo.lock": "a file",
    f"crates/codex-cli-bin-{LINUX_X64}/target/debug/x": "a file",
    "release.json.bak": "a file",
    "name\nwith a line end": "a file with a name that no file of a release has",
}


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.replace("\n", " "))
def test_foreign_file(stage, broken, path):
    what = FOREIGN[path]
    place = broken / path / "file" if what == "a directory" else broken / path
    bundles.save(place, b"foreign")
    shown = path.replace("\n", "\\n")
    assert refuses(stage, broken) == {shown: f"{what} that is no part of the release"}


def test_link(stage, broken):
    name = next(iter(FORMATS["npm"]))
    (broken / name).rename(broken.parent / "elsewhere")
    (broken / name).symlink_to(broken.parent / "elsewhere")
    assert refuses(stage, broken) == {name: "a symbolic link that is no part of the release"}


def test_everything_at_once(stage, broken):
    """All of it is told, not the first that was found."""
    wheel, other_wheel = FORMATS["wheel"]
    (broken / wheel).unlink()
    release.change_a_byte(broken / other_wheel)
    (broken / "manifests" / f"{WINDOWS_X64}.json").unlink()
    bundles.save(broken / "notes.txt", b"")
    assert refuses(stage, broken).keys() == {
        wheel, other_wheel, f"manifests/{WINDOWS_X64}.json", "notes.txt",
    }  # fmt: skip


@pytest.mark.parametrize("message_format", ["json", "github"])
def test_everything_at_once_for_programs(stage, broken, message_format):
    bundles.save(broken / "notes.txt", b"")
    bundles.save(broken / "more.txt", b"")
    result = stage("assemble", broken, "--message-format", message_format)
    reasons = [
        f"{name}: a file that is no part of the release" for name in ["more.txt", "notes.txt"]
    ]
    if message_format == "json":
        assert json.loads(result.stderr)["reasons"][1:] == reasons
    else:
        assert "%0A".join(f"  because: {reason}" for reason in reasons) in result.stderr


# SDKs

RUST_SDK = "crates/codex-app-server-sdk"
PYTHON_SDK = "python/my-sdk"
PYPROJECT = """\
[project]
name = "my-sdk"
version = "0.0.1"
dependencies = ["openai-codex-cli-bin==0.1.0"]
"""


@pytest.fixture
def with_sdks(stage, broken, tmp_path) -> Path:
    """A set with an SDK of each kind, staged for its runtime."""
    source = tmp_path / "source"
    bundles.save(source / "pyproject.toml", PYPROJECT.encode())
    call = ["stage-sdk", broken, "--runtime-version", bundles.TAG]
    stage(*call, "--sdk-source", source, check=True)
    stage(*call, check=True)
    return broken


def test_sdks_that_are_pinned(stage, with_sdks):
    stage("assemble", with_sdks, check=True)
    assert [sdk["path"] for sdk in release_json(with_sdks)["sdks"]] == [RUST_SDK, PYTHON_SDK]
    stage("verify", with_sdks / "release.json", check=True)
    release.change_a_byte(with_sdks / PYTHON_SDK / "pyproject.toml")
    stage.refuses("verify", with_sdks / "release.json")


@pytest.mark.parametrize(
    ("manifest", "old", "new", "expected"),
    [
        (f"{RUST_SDK}/Cargo.toml", f'"={bundles.VERSION}"', '"=0.162.0"', "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", f'"={bundles.VERSION}"', f'"{bundles.VERSION}"', "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", "../codex-cli-bin", "../../codex-cli-bin", "does not pin"),
        (f"{RUST_SDK}/Cargo.toml", "[dependencies]", "[dependencies", "no SDK of this release"),
        (f"{PYTHON_SDK}/pyproject.toml", f"=={bundles.VERSION}", "==0.162.0", "does not pin"),
        (f"{PYTHON_SDK}/pyproject.toml", f"=={bundles.VERSION}", ">=0.163", "does not pin"),
        (
            f"{PYTHON_SDK}/pyproject.toml",
            "openai-codex-cli-bin",
            "another",
            "no SDK of this release",
        ),
    ],
)
def test_sdk_that_is_not(stage, with_sdks, manifest, old, new, expected):
    edit(with_sdks / manifest, old, new)
    problems = refuses(stage, with_sdks)
    assert expected in problems[manifest.rsplit("/", 1)[0]]


# Locks, kills and allowed findings


def test_lock_is_held(stage, broken):
    (broken / ".stage").mkdir()
    with (broken / ".stage" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another `stage` is writing" in stage.refuses("assemble", broken)


def test_old_release_files_go_first(stage, assembled, tmp_path):
    staging = release.copy(assembled, tmp_path / "s")
    bundles.save(staging / "notes.txt", b"")
    stage.refuses("assemble", staging)
    assert set(release.files(staging)) == set(release.files(assembled)) - set(RELEASE_FILES) | {
        "notes.txt"
    }


def test_facade_of_the_users_own_is_in_the_way(stage, broken):
    edit(broken / FACADE / "Cargo.toml", "# Generated by `stage`.\n", "")
    before = snapshot(broken)
    assert "in the way" in stage.refuses("assemble", broken)
    assert snapshot(broken) == before


def test_kill_at_each_step(stage, assembled, staged, tmp_path):
    log = tmp_path / "steps"
    whole = release.copy(assembled, tmp_path / "whole")
    stage("assemble", whole, check=True, env={"STAGE_FAILPOINT_LOG": str(log)})
    steps = log.read_text().splitlines()
    assert len(steps) == len(set(steps)) >= 10, steps
    for number, step in enumerate(steps):
        staging = release.copy(assembled, tmp_path / str(number))
        result = stage("assemble", staging, env={"STAGE_FAILPOINT": step})
        assert result.returncode in (-signal.SIGABRT, -signal.SIGKILL), step
        left = snapshot(staging)
        if "release.json" in left:
            whole_set = {p: e for p, e in left.items() if not p.startswith(".stage")}
            # Before it is withdrawn, or when all is done.
            assert whole_set == snapshot(assembled), step
        stage("assemble", staging, check=True)
        assert snapshot(staging) == snapshot(assembled), step


def test_source_date_epoch(stage, staged, tmp_path):
    staging = release.copy(staged, tmp_path / "s")
    stage("assemble", staging, check=True, env={"SOURCE_DATE_EPOCH": "1763800000"})
    assert release_json(staging)["source_date_epoch"] == 1763800000
    with tarfile.open(staging / ROOT_PACKAGE) as archive:
        assert {member.mtime for member in archive} == {1763800000}
    error = stage.refuses("assemble", staging, status=2, env={"SOURCE_DATE_EPOCH": "now"})
    assert "SOURCE_DATE_EPOCH" in error
    assert (staging / "release.json").exists(), "a wrong call touches nothing"
