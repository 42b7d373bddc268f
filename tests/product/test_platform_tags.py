"""`--platform-tag`: what is a tag, whose it is, and how many wheels a list of them makes."""

import json

import bundles
import pytest
from bundles import (
    HOST,
    LINUX_ARM64,
    LINUX_X64,
    MACOS_ARM64,
    MACOS_X64,
    WINDOWS_ARM64,
    WINDOWS_X64,
    File,
)
from npm_packages import dynamic_elf
from packaging.utils import parse_wheel_filename

LISTED = {
    LINUX_X64: ["manylinux_2_17_x86_64", "musllinux_1_1_x86_64"],
    LINUX_ARM64: ["manylinux_2_17_aarch64", "musllinux_1_1_aarch64"],
    MACOS_X64: ["macosx_10_9_x86_64"],
    MACOS_ARM64: ["macosx_11_0_arm64"],
    WINDOWS_X64: ["win_amd64"],
    WINDOWS_ARM64: ["win_arm64"],
}

UNLISTED = {
    LINUX_X64: ["manylinux_2_28_x86_64", "manylinux2014_x86_64", "musllinux_1_2_x86_64"],
    LINUX_ARM64: ["manylinux_2_28_aarch64", "manylinux2014_aarch64"],
    MACOS_X64: ["macosx_10_12_x86_64", "macosx_13_0_x86_64"],
    MACOS_ARM64: ["macosx_12_0_arm64", "macosx_26_0_arm64"],
}

MALFORMED = {
    "empty": "",
    "any": "any",
    "universal": "macosx_11_0_universal2",
    "unknown system": "beos_5_0_x86_64",
    "only a system": "manylinux",
    "no CPU": "manylinux_2_17",
    "no version": "manylinux_x86_64",
    "plain linux": "linux_x86_64",
    "version is a word": "manylinux_two_17_x86_64",
    "leading zero": "manylinux_2_017_x86_64",
    "past u32": f"manylinux_2_{2**32}_x86_64",
    "unknown CPU": "manylinux_2_17_z80",
    "CPU of another system": "macosx_11_0_aarch64",
    "minor of a macOS after 10": "macosx_11_1_arm64",
    "macOS older than its CPU": "macosx_10_15_arm64",
    "whole wheel tag": "py3-none-win_amd64",
    "capitals": "Win_AMD64",
    "space": "win_amd64 ",
    "newline": "win_amd64\n",
    "path": "../win_amd64",
    "empty member of a set": "manylinux_2_17_x86_64..musllinux_1_1_x86_64",
    "unknown target": "x86_64-unknown-haiku",
    "two systems in a set": "win_amd64.macosx_10_9_x86_64",
}


def wheel_tags(staging) -> list[set[str]]:
    """The platform tags of each staged wheel."""
    wheels = sorted((staging / "wheels").iterdir())
    return [{tag.platform for tag in parse_wheel_filename(wheel.name)[3]} for wheel in wheels]


def tag_options(*tags: str) -> list[str]:
    return [option for tag in tags for option in ("--platform-tag", tag)]


@pytest.fixture(scope="session")
def runtimes(tmp_path_factory):
    """A small runtime of each target."""
    parent = tmp_path_factory.mktemp("runtimes")
    return {
        target: bundles.directory(bundles.bundle(target, size="small"), parent / target)
        for target in bundles.TARGETS
    }


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_listed_tags_are_the_default(stage, runtimes, staging, target):
    stage.runtime(staging, runtimes[target], "--format", "wheel")
    assert wheel_tags(staging) == [{tag} for tag in LISTED[target]]


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_target_triple_means_its_listed_tags(stage, runtimes, staging, target):
    stage.runtime(staging, runtimes[target], "--format", "wheel", "--platform-tag", target)
    assert wheel_tags(staging) == [{tag} for tag in LISTED[target]]


@pytest.mark.parametrize("target", UNLISTED)
def test_well_formed_tag_need_not_be_listed(stage, runtimes, staging, target):
    options = tag_options(*UNLISTED[target])
    stage.runtime(staging, runtimes[target], "--format", "wheel", *options)
    assert wheel_tags(staging) == sorted([{tag} for tag in UNLISTED[target]], key=min)


def test_compressed_set_makes_one_wheel(stage, runtimes, staging):
    stage.runtime(
        staging, runtimes[LINUX_X64], "--format", "wheel",
        *tag_options("manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    )  # fmt: skip
    assert wheel_tags(staging) == [
        {"manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"}
    ]


def test_repeated_tag_makes_one_wheel(stage, runtimes, staging):
    options = tag_options("win_amd64", "win_amd64.win_amd64", WINDOWS_X64)
    stage.runtime(staging, runtimes[WINDOWS_X64], "--format", "wheel", *options)
    assert wheel_tags(staging) == [{"win_amd64"}]


@pytest.mark.parametrize("tag", MALFORMED.values(), ids=MALFORMED)
def test_malformed_tag_is_a_wrong_call(stage, small_runtime, staging, tag):
    error = stage.refuses(
        "stage-runtime", staging, small_runtime, "--codex-version", bundles.TAG,
        *tag_options(tag), status=2,
    )  # fmt: skip
    assert "macosx_11_0_arm64" in error, "the tags that would do are named"
    assert not staging.exists()


def test_tags_of_two_targets_are_a_wrong_call(stage, small_runtime, staging):
    error = stage.refuses(
        "stage-runtime", staging, small_runtime, "--codex-version", bundles.TAG,
        *tag_options("win_amd64", "win_arm64"), status=2,
    )  # fmt: skip
    assert "win_amd64" in error and "win_arm64" in error
    assert not staging.exists()


@pytest.mark.parametrize("tag", ["win_amd64", "macosx_11_0_arm64", WINDOWS_X64])
def test_tag_of_another_machine_than_the_bundle(stage, runtimes, staging, tag):
    error = stage.refuses(
        "stage-runtime", staging, runtimes[HOST], "--codex-version", bundles.TAG, *tag_options(tag)
    )
    assert HOST in error
    for would_do in LISTED[HOST]:
        assert would_do in error
    assert not staging.exists()


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ("manylinux_2_17_aarch64", LINUX_X64),
        ("macosx_11_0_x86_64", MACOS_ARM64),
        ("win_arm64", WINDOWS_X64),
    ],
)
def test_tag_of_another_cpu_than_the_bundle(stage, runtimes, staging, tag, target):
    error = stage.refuses(
        "stage-runtime", staging, runtimes[target], "--codex-version", bundles.TAG,
        *tag_options(tag),
    )  # fmt: skip
    assert tag in error and LISTED[target][0] in error
    assert not staging.exists()


@pytest.mark.parametrize(
    ("needs", "tag"),
    [((10, 9), "macosx_10_9"), ((10, 11), "macosx_10_12"), ((13, 0), "macosx_14_0")],
)
def test_of_the_fallback_tags_the_first_that_is_true(stage, staging, tmp_path, needs, tag):
    program = bundles.macho((0x01000007, 3), needs, "codex-cli")
    tree = bundles.bundle(bundles.MACOS_X64, size="small")
    tree = bundles.replace(tree, bundles.entrypoint(bundles.MACOS_X64), program)
    stage.runtime(staging, bundles.directory(tree, tmp_path), "--format", "wheel")
    (wheel,) = (staging / "wheels").iterdir()
    assert wheel.name.endswith(f"-{tag}_x86_64.whl")


def test_a_wheel_for_newer_systems_is_told(stage, staging, tmp_path):
    program = bundles.macho((0x01000007, 3), (13, 0), "codex-cli")
    tree = bundles.bundle(bundles.MACOS_X64, size="small")
    tree = bundles.replace(tree, bundles.entrypoint(bundles.MACOS_X64), program)
    result = stage.runtime(staging, bundles.directory(tree, tmp_path), "--format", "wheel")
    made = "a wheel for macosx_14_0_x86_64 is made instead; pip and uv find none on older systems"
    assert f"macosx_10_9_x86_64 promises less\nhelp: {made}\n" in result.stderr


@pytest.mark.parametrize("message_format", ["text", "json"])
def test_systems_that_find_no_wheel_are_told(stage, staging, tmp_path, message_format):
    """As with the voice helper of Codex 0.163.0, which needs glibc."""
    helper = dynamic_elf("/lib64/ld-linux-x86-64.so.2", "libc.so.6")
    tree = bundles.bundle(LINUX_X64, size="small") | {"codex-resources/helper": File(helper, 0o755)}
    options = ["--format", "wheel", "--message-format", message_format]
    result = stage.runtime(staging, bundles.directory(tree, tmp_path), *options)
    help = (
        "pip and uv on systems with musl, such as Alpine Linux, will find no wheel of this "
        "release; take another build of what is named, or use --allow claim-libc if the program "
        "is of use there without it"
    )
    if message_format == "json":
        warnings = [json.loads(line) for line in result.stderr.splitlines()]
        (warning,) = [each for each in warnings if "musllinux" in each["message"]]
        assert warning["help"] == help
    else:
        assert f"\nhelp: {help}\n" in result.stderr


def test_what_was_allowed_is_shown_until_the_release_is_whole(stage, staging, tmp_path):
    program = bundles.macho((0x0100000C, 0), (13, 0), "codex-cli")
    tree = bundles.bundle(MACOS_ARM64, size="small")
    tree = bundles.replace(tree, bundles.entrypoint(MACOS_ARM64), program)
    call = [
        "stage-runtime", staging, bundles.directory(tree, tmp_path),
        "--codex-version", bundles.TAG, "--platform-tag", "macosx_11_0_arm64",
    ]  # fmt: skip
    error = stage.refuses(*call)
    assert all(word in error for word in ["bin/codex", "claim-macos", "--allow CODE"]), error
    assert not staging.exists()

    stage(*call, "--allow", "claim-macos", check=True)
    manifest = json.loads((staging / "manifests" / f"{MACOS_ARM64}.json").read_text())
    (allowed,) = manifest["allowed"]
    wheel = next((staging / "wheels").iterdir())
    assert (allowed["code"], allowed["artifact"]) == ("claim-macos", f"wheels/{wheel.name}")
    said = f"{allowed['artifact']}: claim-macos was allowed: {allowed['detail']}"
    assert "(allowed)" in stage("verify", staging, check=True).stdout
    assert said in stage("assemble", staging, "--require", MACOS_ARM64, check=True).stderr
    assert said in stage("verify", staging / "release.json", check=True).stderr
    # Who installs the wheel alone learns of it as of any error.
    assert "error[claim-macos]" in stage("verify", wheel).stdout


def test_a_tag_that_pypi_refuses_stands_in_the_way_unless_it_is_allowed(stage, staging, tmp_path):
    """No macOS was ever called 16, though a tag may say so."""
    runtime = bundles.directory(bundles.bundle(MACOS_ARM64, size="small"), tmp_path)
    call = [
        "stage-runtime", staging, runtime, "--codex-version", bundles.TAG, "--format", "wheel",
        "--platform-tag", "macosx_16_0_arm64",
    ]  # fmt: skip
    error = stage.refuses(*call)
    assert "error[wheel-platform-tag]" in error and "there is no macOS 16" in error
    assert not staging.exists()
    stage(*call, "--allow", "wheel-platform-tag", check=True)
    shown = "error[wheel-platform-tag] (allowed): `macosx_16_0_arm64`: there is no macOS 16"
    assert shown in stage("verify", staging, check=True).stdout


def test_a_tag_that_pypi_may_refuse_is_a_warning(stage, staging, tmp_path):
    runtime = bundles.directory(bundles.bundle(MACOS_ARM64, size="small"), tmp_path)
    tag = "macosx_27_0_arm64"
    result = stage.runtime(staging, runtime, "--format", "wheel", "--platform-tag", tag)
    assert "wheel-platform-tag-new" in result.stderr
    (wheel,) = (staging / "wheels").iterdir()
    assert "warning[wheel-platform-tag-new]" in stage("verify", wheel, check=True).stdout
