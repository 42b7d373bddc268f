"""`stage verify` of npm packages of ours: each rule broken alone, and nearly broken beside it."""

import bundles
import pytest
from bundles import HOST, Tree
from npm_packages import GLIBC, LINUX, LINUX_ARM, MACOS, MUSL, PACKAGE_JSON, WINDOWS, write
from tampered import (
    Matrix,
    cases,
    codes,
    drop,
    edit,
    fields,
    mode,
    move,
    put,
    read_tgz,
    spoiled,
    survives,
    tgz,
    then,
)

LAUNCHER = "package/bin/codex.js"
VENDOR = f"package/vendor/{HOST}"
DESCRIPTION = f"{VENDOR}/codex-package.json"
PROGRAM = f"{VENDOR}/bin/codex"
HELPER = f"{VENDOR}/codex-path/rg"
BILL = "package/sbom.cdx.json"
ALIAS = "@openai/codex-linux-x64"

pytestmark = pytest.mark.skipif(
    HOST != bundles.LINUX_X64, reason="the packages are those of Linux x64"
)


@pytest.fixture(scope="module")
def staged(stage, runtime, tmp_path_factory) -> tuple[Tree, Tree]:
    """The package of a platform, and the root package."""
    staging = tmp_path_factory.mktemp("npm") / "staging"
    stage.runtime(staging, runtime, "--format", "npm")
    name = f"openai-codex-{bundles.VERSION}"
    return tuple(read_tgz(staging / "npm" / f"{name}{suffix}.tgz") for suffix in ("-linux-x64", ""))


# The package of a platform.
PLATFORM: Matrix = {
    "npm-install-script": (
        [
            fields(PACKAGE_JSON, scripts={"postinstall": "node x.js"}),
            put("package/binding.gyp", "{}"),
        ],
        [fields(PACKAGE_JSON, scripts={"prepare": "node x.js"})],
    ),
    "npm-platform": (
        [
            fields(PACKAGE_JSON, os=["darwin"]),
            fields(PACKAGE_JSON, cpu=["arm64"]),
            fields(PACKAGE_JSON, os=...),
            fields(PACKAGE_JSON, os=["android"]),
            fields(PACKAGE_JSON, version=bundles.VERSION),
        ],
        # Upstream's package is for Linux alone.
        [fields(PACKAGE_JSON, engines={"node": ">=18"}), fields(PACKAGE_JSON, os=["linux"])],
    ),
    "npm-vendor-tree": (
        [move(VENDOR, "package/vendored")],
        [move(f"{VENDOR}/codex-resources/", f"{VENDOR}/codex-resources/voice/")],
    ),
    "runtime-metadata": (
        [
            put(DESCRIPTION, "{"),
            fields(DESCRIPTION, layoutVersion=2),
            fields(DESCRIPTION, variant="other"),
        ],
        [fields(DESCRIPTION, more=1)],
    ),
    "runtime-version": (
        [fields(DESCRIPTION, version="0.163.1")],
        [fields(DESCRIPTION, version="0.163.0")],
    ),
    "runtime-target": (
        [
            fields(DESCRIPTION, target=bundles.LINUX_ARM64),
            fields(DESCRIPTION, target="riscv64gc-unknown-linux-gnu"),
        ],
        [fields(DESCRIPTION, target=HOST)],
    ),
    "runtime-entrypoint": (
        [fields(DESCRIPTION, entrypoint="bin/gone")],
        [fields(DESCRIPTION, entrypoint="codex-path/rg")],
    ),
    "runtime-not-executable": ([mode(PROGRAM, 0o644)], [mode(PROGRAM, 0o700)]),
    "runtime-helper-not-executable": (
        [mode(HELPER, 0o644)],
        [mode(DESCRIPTION, 0o755)],
    ),
    "runtime-path-dir": (
        [fields(DESCRIPTION, pathDir="codex-path/rg")],
        [fields(DESCRIPTION, pathDir=...)],
    ),
    "runtime-directory-missing": (
        [fields(DESCRIPTION, pathDir="gone")],
        [fields(DESCRIPTION, resourcesDir=...)],
    ),
}

# The same, where a file of the runtime is another one. The bill of materials, which says so too,
# is left out.
EXECUTABLES: Matrix = {
    "runtime-machine": (
        [
            put(PROGRAM, LINUX_ARM, 0o755),
            put(PROGRAM, WINDOWS, 0o755),
            put(PROGRAM, "#!/bin/sh\n", 0o755),
            put(PROGRAM, "text", 0o755),
        ],
        [put(PROGRAM, LINUX, 0o755)],
    ),
    "object-malformed": ([put(PROGRAM, LINUX[:80], 0o755)], [put(PROGRAM, LINUX + b"x", 0o755)]),
    "runtime-helper-machine": (
        [put(HELPER, LINUX_ARM, 0o755)],
        [put(HELPER, LINUX, 0o755)],
    ),
    "runtime-foreign-executable": (
        [put(HELPER, MACOS, 0o755)],
        [put(HELPER, "#!/bin/sh\n", 0o755)],
    ),
    "npm-libc-unsaid": ([put(PROGRAM, GLIBC, 0o755)], [put(PROGRAM, LINUX, 0o755)]),
    "npm-libc-helper": ([put(HELPER, MUSL, 0o755)], [put(HELPER, LINUX, 0o755)]),
}

# The root package.
ROOT: Matrix = {
    "npm-install-script": (
        [fields(PACKAGE_JSON, scripts={"install": "node x.js"})],
        [fields(PACKAGE_JSON, scripts={"start": "node x.js"})],
    ),
    "npm-bin-missing": (
        [
            fields(PACKAGE_JSON, bin={"other": "bin/codex.js"}),
            drop(LAUNCHER),
        ],
        [fields(PACKAGE_JSON, bin={"codex": "./bin/codex.js", "other": "bin/codex.js"})],
    ),
    "npm-alias": (
        [
            edit(PACKAGE_JSON, "codex@0.163.0-linux-x64", "codex@0.162.0-linux-x64"),
            edit(PACKAGE_JSON, "codex@0.163.0-linux-x64", "codex@^0.163.0-linux-x64"),
            edit(PACKAGE_JSON, "codex@0.163.0-linux-x64", "codex@0.163.0-linux-arm64"),
            fields(PACKAGE_JSON, optionalDependencies=...),
            then(
                edit(
                    PACKAGE_JSON,
                    '"npm:@openai/codex@0.163.0-linux-x64"',
                    '"npm:@openai/codex@0.163.0-linux-x64", "@openai/codex-plan9-x64": '
                    '"npm:@openai/codex@0.163.0-plan9-x64"',
                ),
                drop("package/platforms.json"),
            ),
            # Of the two machines that run the program, one is enough.
            edit(
                "package/platforms.json",
                f'"android-x64": {{\n      "package": "{ALIAS}"',
                '"android-x64": {\n      "package": "@openai/codex-linux-arm64"',
            ),
            put("package/platforms.json", "{"),
        ],
        [
            fields(
                PACKAGE_JSON,
                optionalDependencies={
                    ALIAS: "npm:@openai/codex@0.163.0-linux-x64",
                    "fsevents": "^2",
                },
            ),
            drop("package/platforms.json"),
        ],
    ),
}


@pytest.mark.parametrize(("code", "change"), cases(PLATFORM, 0) + cases(EXECUTABLES, 0))
def test_damage_of_a_platform_package(stage, staged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(drop(BILL)(staged[0])))) == {code}


@pytest.mark.parametrize(("code", "change"), cases(PLATFORM, 1) + cases(EXECUTABLES, 1))
def test_near_miss_of_a_platform_package(stage, staged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(drop(BILL)(staged[0])))) == set()


@pytest.mark.parametrize(("code", "change"), cases(ROOT, 0))
def test_damage_of_the_root_package(stage, staged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(staged[1]))) == {code}


@pytest.mark.parametrize(("code", "change"), cases(ROOT, 1))
def test_near_miss_of_the_root_package(stage, staged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(staged[1]))) == set()


def test_the_bill_of_materials_is_held_against_the_files(stage, staged, tmp_path):
    tree = staged[0]
    assert codes(stage, write(tmp_path, tree)) == set()
    assert codes(stage, write(tmp_path, put(HELPER, LINUX, 0o755)(tree))) == {"sbom-hash"}
    assert codes(stage, write(tmp_path, drop(HELPER)(tree))) == {
        "sbom-file-unknown",
        "runtime-directory-missing",
    }


def test_a_package_without_metadata_is_right_before_there_were_any(stage, staged, tmp_path):
    old = then(
        drop(BILL),
        drop(DESCRIPTION),
        move(f"{VENDOR}/bin/", f"{VENDOR}/codex/"),
    )(staged[0])
    for version, expected in [("0.135.0", set()), ("0.136.0", {"runtime-metadata"})]:
        tree = fields(PACKAGE_JSON, version=f"{version}-linux-x64")(old)
        assert codes(stage, write(tmp_path, tree)) == expected


def test_a_finding_says_what_is_wrong_where(stage, staged, tmp_path):
    path = write(tmp_path, fields(PACKAGE_JSON, cpu=["arm64"])(staged[0]))
    result = stage("verify", path)
    assert result.returncode == 1
    assert (
        'error[npm-platform]: package.json: `cpu` is ["arm64"], and that of '
        f'{HOST} is ["x64"]\n    help: Stage it again'
    ) in result.stdout


def test_a_spoiled_tarball_is_a_finding_or_an_error(stage, staged, tmp_path):
    survives(stage, tmp_path / "root.tgz", spoiled(tgz(staged[1])))
