"""`stage verify` of npm packages: each rule broken alone, and nearly broken beside it."""

import json
import struct

import bundles
import pytest
from bundles import HOST, File, Tree
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

PACKAGE_JSON = "package/package.json"
LAUNCHER = "package/bin/codex.js"
VENDOR = f"package/vendor/{HOST}"
DESCRIPTION = f"{VENDOR}/codex-package.json"
PROGRAM = f"{VENDOR}/bin/codex"
HELPER = f"{VENDOR}/codex-path/rg"
BILL = "package/sbom.cdx.json"
ALIAS = "@openai/codex-linux-x64"
NODE = b"#!/usr/bin/env node\n"

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


def other(**changes: object) -> Tree:
    """A package of another project."""
    package = {"name": "other", "version": "1.2.3", "bin": {"other": "bin/other.js"}} | changes
    package = {key: value for key, value in package.items() if value is not ...}
    return {
        PACKAGE_JSON: File(json.dumps(package).encode()),
        "package/bin/other.js": File(NODE, 0o755),
        "package/index.js": File(b"module.exports = 1\n"),
    }


def native(*executables: tuple[str, bytes], **changes: object) -> Tree:
    """A package of another project with executables."""
    tree = other(**changes)
    return tree | {f"package/{path}": File(data, 0o755) for path, data in executables}


LINUX = bundles.elf(0x3E, "linux x64")
LINUX_ARM = bundles.elf(0xB7, "linux arm64")
MACOS = bundles.macho((0x0100000C, 0), (11, 0), "macos arm64")
WINDOWS = bundles.pe(0x8664, "windows x64")
WINDOWS_32 = bundles.pe(0x14C, "windows ia32")


def dynamic_elf(interpreter: str, needed: str) -> bytes:
    """A Linux x64 program that needs a C library: a header, PT_INTERP, PT_DYNAMIC and one page."""
    strings = b"\0" + needed.encode() + b"\0"
    headers = 64 + 3 * 56
    interp = interpreter.encode() + b"\0"
    interp_at = headers
    strings_at = interp_at + len(interp)
    dynamic_at = (strings_at + len(strings) + 7) & ~7
    dynamic = b"".join(
        struct.pack("<qQ", tag, value)
        for tag, value in [(1, 1), (5, 0x400000 + strings_at), (10, len(strings)), (0, 0)]
    )
    size = dynamic_at + len(dynamic)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        2, 0x3E, 1, 0x400078, 64, 0, 0, 64, 56, 3, 64, 0, 0,
    )  # fmt: skip

    def segment(kind: int, at: int, length: int) -> bytes:
        return struct.pack(
            "<IIQQQQQQ", kind, 5, at, 0x400000 + at, 0x400000 + at, length, length, 0x1000
        )

    body = segment(3, interp_at, len(interp)) + segment(1, 0, size)
    body += segment(2, dynamic_at, len(dynamic))
    content = (header + body + interp + strings).ljust(dynamic_at, b"\0") + dynamic
    assert len(content) == size
    return content


GLIBC = dynamic_elf("/lib64/ld-linux-x86-64.so.2", "libc.so.6")
MUSL = dynamic_elf("/lib/ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1")


def latin_1(**changes: object) -> Tree:
    """As an old editor saves it. npm takes it: it installs, packs and publishes such a package."""
    package = json.loads(other(**changes)[PACKAGE_JSON].data)
    text = json.dumps(package, ensure_ascii=False, indent=2)
    return other() | {PACKAGE_JSON: File(text.encode("latin-1"))}


# Packages of other projects.
OTHERS: Matrix = {
    "npm-package-json-encoding": (
        [latin_1(description="café"), latin_1(author="André", description="größer\n")],
        [other(description="café"), other(description="caf\ufffd")],
    ),
    "npm-package-json": (
        [
            other() | {PACKAGE_JSON: File(b"{")},
            other() | {PACKAGE_JSON: File(b"[]")},
            other() | {PACKAGE_JSON: File(b"\xff{}")},
            move("", "./")(other()),
        ],
        [other() | {PACKAGE_JSON: File(b"\xef\xbb\xbf" + other()[PACKAGE_JSON].data)}],
    ),
    "npm-name": (
        [
            other(name=...),
            other(name=1),
            other(name=".hidden"),
            other(name="a b"),
            other(name="node_modules"),
            other(name="@scope"),
            other(name="x" * 215),
        ],
        [other(name="@scope/a.b_c-d"), other(name="x" * 214)],
    ),
    "npm-name-old": ([other(name="JSONStream")], [other(name="jsonstream")]),
    "npm-version": (
        [
            other(version=...),
            other(version=1),
            other(version="1.2"),
            other(version="v1.2.3"),
            other(version="^1.2.3"),
            other(version="01.2.3"),
        ],
        [other(version="1.2.3-beta.1+build.5")],
    ),
    "npm-private": ([other(private=True)], [other(private=False)]),
    "npm-dependency-local": (
        [
            other(dependencies={"a": "workspace:*"}),
            other(optionalDependencies={"a": "catalog:"}),
            other(peerDependencies={"a": "link:../a"}),
        ],
        [
            other(devDependencies={"a": "workspace:*"}),
            other(dependencies={"a": "npm:b@1", "workspace": "1"}),
        ],
    ),
    "npm-outside-package": (
        [other() | {"README.md": File(b"")}],
        [other() | {"package/lib/index.js": File(b"")}],
    ),
    "npm-top-folder": (
        [
            move("package/", "other/")(other()),
            move("package/", "./")(other()),
            other() | {"other/more.js": File(b"")},
            other() | {"./more.js": File(b"")},
        ],
        [
            move("package/", "package/package/")(other()) | other(),
            move("package/", "package/./")(other()),
            move("package/", "package//")(other()),
        ],
    ),
    "npm-file-name": (
        [
            other() | {"package/aux.js": File(b"")},
            other() | {"package/a:b": File(b"")},
            other(os=["!linux"]) | {"package/what?": File(b"")},
        ],
        [
            other(os=["linux", "darwin"]) | {"package/aux.js": File(b"")},
            other(os=["!win32"]) | {"package/aux.js": File(b"")},
            other() | {"package/auxiliary.js": File(b"")},
        ],
    ),
    "npm-install-script-other": (
        [
            other(scripts={"preinstall": "x"}),
            other(scripts={"install": "x"}),
            other(scripts={"postinstall": "x"}),
            other() | {"package/binding.gyp": File(b"{}")},
            other(scripts={"install": ""}) | {"package/binding.gyp": File(b"{}")},
        ],
        [
            other(scripts={"prepare": "x", "prepublishOnly": "x", "test": "x", "postpack": "x"}),
            other(scripts={"install": " "}),
            other(gypfile=False) | {"package/binding.gyp": File(b"{}")},
            other() | {"package/src/binding.gyp": File(b"{}")},
        ],
    ),
    "npm-bin-missing": (
        [other(bin="bin/gone.js"), other(bin={"a": "./bin/other.js", "b": "bin/gone.js"})],
        [other(bin="./bin/other.js"), other(bin={"a": "/bin/../bin//other.js"}), other(bin=...)],
    ),
    "npm-bin-not-a-program": (
        [
            put("package/bin/other.js", "module.exports = 1\n", 0o755)(other()),
            put("package/bin/other.js", "", 0o755)(other()),
            put("package/a.cmd", "@echo off", 0o755)(other(bin={"a": "a.cmd"})),
        ],
        [
            put("package/a.cmd", "@echo off", 0o755)(other(bin={"a": "a.cmd"}, os=["win32"])),
            put("package/bin/other.js", WINDOWS, 0o755)(other()),
            put("package/bin/other.js", "#!/bin/sh", 0o755)(other()),
        ],
    ),
    "npm-bin-line-ends": (
        [put("package/bin/other.js", "#!/usr/bin/node\r\n", 0o755)(other())],
        [put("package/bin/other.js", "#!/usr/bin/node\n1;\r\n", 0o755)(other())],
    ),
    "npm-bin-mode": (
        [mode("package/bin/other.js", 0o644)(other())],
        [mode("package/bin/other.js", 0o744)(other())],
    ),
    "npm-os-cpu": (
        [
            native(("a", LINUX), os=["darwin"], cpu=["x64"]),
            native(("a", LINUX), os=["linux"], cpu=["arm64"]),
            native(("a", LINUX), os=["linux", "darwin"], cpu=["x64"]),
            native(("a", MACOS), ("b", LINUX), os=["linux", "darwin"], cpu=["x64", "ia32"]),
        ],
        [
            native(("a", LINUX), os=["linux"], cpu=["x64"]),
            native(("a", LINUX), os="linux", cpu="x64"),
            native(("a", WINDOWS), os=["win32"], cpu=["arm64"]),
            native(("a", MACOS), ("b", LINUX), os=["linux", "darwin"], cpu=["x64", "arm64"]),
            native(("a", LINUX)),
            native(("a", LINUX), os=["!win32"]),
        ],
    ),
    "npm-cpu": (
        [native(("a", LINUX), ("b", LINUX_ARM), os=["linux"], cpu=["x64"])],
        [native(("a", WINDOWS), ("b", WINDOWS_32), os=["win32"], cpu=["x64"])],
    ),
    "npm-foreign-executable": (
        [native(("a", LINUX), ("b", WINDOWS), os=["linux"], cpu=["x64"])],
        [native(("a", LINUX), ("b", b"#!/bin/sh\n"), os=["linux"], cpu=["x64"])],
    ),
    "npm-libc": (
        [
            native(("a", GLIBC), os=["linux"], cpu=["x64"], libc=["musl"]),
            native(("a", MUSL), os=["linux"], cpu=["x64"], libc="glibc"),
        ],
        [
            native(("a", GLIBC), os=["linux"], cpu=["x64"], libc=["glibc"]),
            native(("a", MUSL), os=["linux"], cpu=["x64"], libc=["musl"]),
            native(("a", LINUX), os=["linux"], cpu=["x64"], libc=["musl"]),
        ],
    ),
    "npm-libc-unsaid": (
        [
            native(("a", GLIBC), os=["linux"], cpu=["x64"]),
            native(("a", GLIBC), ("b", LINUX), os=["linux"], cpu=["x64"], bin="a"),
        ],
        [
            native(("a", GLIBC), ("b", MUSL), os=["linux"], cpu=["x64"]),
            native(("a", LINUX), os=["linux"], cpu=["x64"]),
        ],
    ),
    "npm-libc-helper": (
        [native(("a", GLIBC), ("b", LINUX), os=["linux"], cpu=["x64"], bin="b")],
        [native(("a", LINUX), ("b", LINUX), os=["linux"], cpu=["x64"], bin="b")],
    ),
    "npm-os-cpu-unknown": (
        [other(os=["windows"]), other(cpu=["amd64"]), other(libc=["gnu"])],
        [other(os=["any"], cpu=["!arm"], libc=["glibc", "musl"])],
    ),
}


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
            fields(PACKAGE_JSON, version=bundles.VERSION),
        ],
        [fields(PACKAGE_JSON, engines={"node": ">=18"})],
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
            edit("package/platforms.json", ALIAS, "@openai/codex-linux-arm64"),
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


def write(tmp_path, tree: Tree):
    path = tmp_path / "package.tgz"
    path.write_bytes(tgz(tree))
    return path


@pytest.mark.parametrize(("code", "tree"), cases(OTHERS, 0))
def test_damage_of_a_package(stage, tmp_path, code, tree):
    assert codes(stage, write(tmp_path, tree)) == {code}


@pytest.mark.parametrize(("code", "tree"), cases(OTHERS, 1))
def test_near_miss_of_a_package(stage, tmp_path, code, tree):
    assert codes(stage, write(tmp_path, tree)) == set()


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


def test_what_runs_at_installation_may_bring_what_is_missing(stage, tmp_path):
    scripts = {"postinstall": "node download.js"}
    for tree in [
        other(bin="bin/gone.js", scripts=scripts),
        native(("a", LINUX), os=["linux"], cpu=["arm64"], scripts=scripts),
        native(("a", GLIBC), os=["linux"], cpu=["x64"], scripts=scripts),
    ]:
        assert codes(stage, write(tmp_path, tree)) == {"npm-install-script-other"}


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
    survives(stage, tmp_path / "package.tgz", spoiled(tgz(other())))
    survives(stage, tmp_path / "root.tgz", spoiled(tgz(staged[1])))


def test_any_json_is_survived(stage, tmp_path):
    values = [None, True, 1, "", [], {}, [[]], {"a": None}, [1, "linux"], {"a": ["b"]}]
    keys = ["name", "version", "bin", "scripts", "os", "cpu", "libc", "main", "dependencies"]
    trees = [
        other(**{key: value}) | {"package/a": File(GLIBC, 0o755)}
        for key in keys
        for value in values
    ]
    survives(stage, tmp_path / "package.tgz", [tgz(tree) for tree in trees])
