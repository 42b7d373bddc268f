"""`stage verify` of npm packages of other projects: each rule broken alone, and nearly broken."""

import elves
import pytest
from bundles import File, elf, macho, universal
from npm_packages import (
    GLIBC,
    LINUX,
    LINUX_ARM,
    MACOS,
    MUSL,
    PACKAGE_JSON,
    WINDOWS,
    WINDOWS_32,
    WINDOWS_ARM,
    as_dll,
    dynamic_elf,
    latin_1,
    linked_macho,
    native,
    other,
    write,
)
from tampered import Matrix, cases, codes, mode, move, put, spoiled, survives, tgz

FREEBSD, NETBSD, OPENBSD, SOLARIS = (elves.of_system(number, LINUX) for number in (9, 2, 12, 6))
ANDROID = elves.with_loader("/system/bin/linker64")
# The note of a library: programs have one too.
ANDROID_LIBRARY, OPENHARMONY = (
    elves.library(source=elves.note(owner, 4)) for owner in ("Android", "OHOS")
)
AIX = elves.xcoff()
MIPS = elf(8, "program")
UNIVERSAL = universal(
    macho((0x01000007, 3), (10, 12), "program"), macho((0x0100000C, 0), (11, 0), "program")
)

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
            *(
                native(("a", content), os=["linux"], cpu=["x64"])
                for content in (
                    FREEBSD,
                    NETBSD,
                    OPENBSD,
                    SOLARIS,
                    ANDROID,
                    ANDROID_LIBRARY,
                    OPENHARMONY,
                )
            ),
            native(("a", AIX), os=["linux"], cpu=["ppc64"]),
            native(("a", LINUX), os=["freebsd"], cpu=["x64"]),
            # One of the two fields is enough to be wrong.
            native(("a", WINDOWS), os=["linux"]),
            native(("a", MACOS), os=["linux"], cpu=["!arm"]),
            native(("a", LINUX), os=["win32"], cpu=["any"]),
            native(("a", LINUX), cpu=["arm64"]),
            native(("a", LINUX), os=["!win32"], cpu=["arm64"]),
            native(("a", LINUX), os=["aix"], cpu=["ppc64"]),
            native(("a", FREEBSD), os=["linux", "freebsd"], cpu=["x64"]),
            # Windows emulates processes: it loads no library for x64 into one for arm64.
            native(("a.node", as_dll(WINDOWS)), os=["win32"], cpu=["arm64"]),
            native(("a.node", as_dll(WINDOWS)), os=["win32"], cpu=["x64", "arm64"]),
            native(("a.node", as_dll(WINDOWS_32)), os=["win32"], cpu=["x64"]),
        ],
        [
            native(("a", LINUX), os=["linux"], cpu=["x64"]),
            native(("a", FREEBSD), os=["freebsd"], cpu=["x64"]),
            native(("a", NETBSD), os=["netbsd"], cpu=["x64"]),
            native(("a", OPENBSD), os=["openbsd"], cpu=["x64"]),
            native(("a", SOLARIS), os=["sunos"], cpu=["x64"]),
            native(("a", ANDROID), os=["android"], cpu=["x64"]),
            native(("a", ANDROID_LIBRARY), os=["android"], cpu=["x64"]),
            # Static: it looks for no C library, and Android has the same kernel.
            native(("a", LINUX), os=["android"], cpu=["x64"]),
            native(("a", AIX), os=["aix"], cpu=["ppc64"]),
            native(("a", LINUX), ("b", FREEBSD), os=["linux", "freebsd"], cpu=["x64"]),
            native(("a", elves.library()), os=["freebsd"], cpu=["x64"]),
            native(("a", LINUX), os="linux", cpu="x64"),
            native(("a", WINDOWS), os=["win32"], cpu=["arm64"]),
            native(("a.node", as_dll(WINDOWS_ARM)), os=["win32"], cpu=["arm64"]),
            native(("a", WINDOWS), ("a.dll", as_dll(WINDOWS)), os=["win32"], cpu=["arm64"]),
            native(
                ("x64.node", as_dll(WINDOWS)),
                ("arm64.node", as_dll(WINDOWS_ARM)),
                os=["win32"],
                cpu=["x64", "arm64"],
            ),
            native(("a", MACOS), ("b", LINUX), os=["linux", "darwin"], cpu=["x64", "arm64"]),
            native(("a", UNIVERSAL), os=["darwin"], cpu=["x64", "arm64"]),
            native(("a", MIPS), os=["linux"], cpu=["mips64el"]),
            native(("a", LINUX)),
            native(("a", LINUX), os=["!win32"]),
            native(("a", LINUX), os=["linux"]),
            native(("a", LINUX), ("b", LINUX_ARM), os=["linux"]),
            native(("a", LINUX), cpu=["x64"]),
            native(("a", LINUX), ("b", MACOS), ("c", WINDOWS), cpu=["x64", "arm64"]),
        ],
    ),
    "npm-cpu": (
        [
            native(("a", LINUX), ("b", LINUX_ARM), os=["linux"], cpu=["x64"]),
            native(
                ("a.node", as_dll(WINDOWS_ARM)),
                ("b.node", as_dll(WINDOWS)),
                os=["win32"],
                cpu=["arm64"],
            ),
        ],
        [
            native(("a", WINDOWS), ("b", WINDOWS_32), os=["win32"], cpu=["x64"]),
            native(
                ("a.node", as_dll(WINDOWS_ARM)),
                ("tool.exe", WINDOWS),
                ("tool.dll", as_dll(WINDOWS)),
                os=["win32"],
                cpu=["arm64"],
            ),
        ],
    ),
    "claim-library": (
        [
            native((path, linked_macho(library)))
            for path in ["bin/tool", "a.node"]
            for library in [
                "/opt/homebrew/lib/libz.dylib",
                "/usr/local/lib/libz.1.dylib",
                "a.dylib",
            ]
        ]
        + [
            native(("bin/tool", dynamic_elf("/lib64/ld-linux-x86-64.so.2", library)))
            for library in ["/opt/lib/libz.so.1", "build/libz.so.1", "./libz.so.1"]
        ],
        [
            native(("bin/tool", linked_macho(library)))
            for library in [
                "/usr/lib/libSystem.B.dylib",
                "/System/Library/Frameworks/AppKit.framework/AppKit",
                "@rpath/libz.dylib",
                "@loader_path/libz.dylib",
            ]
        ]
        + [
            native(("bin/tool", linked_macho("/opt/homebrew/lib/libz.dylib", weak=True))),
            native(("bin/tool", dynamic_elf("/lib64/ld-linux-x86-64.so.2", "libz.so.1"))),
            native(("bin/tool", dynamic_elf("/lib64/ld-linux-x86-64.so.2", "$ORIGIN/libz.so.1"))),
        ],
    ),
    "claim-loader": (
        [
            native(("a", elves.with_loader("/nix/store/x/ld-musl-x86_64.so.1")), libc=["musl"]),
            native(("a", elves.with_loader("/nix/store/x/loader"))),
            native(("a", elves.with_loader("loader"))),
            native(("a", elves.with_loader(""))),
        ],
        [
            native(("a", elves.with_loader("/lib/ld-musl-x86_64.so.1")), libc=["musl"]),
            native(("a", elves.with_loader("/lib/ld-uClibc.so.0"))),
            # Hard float is what tags of wheels promise; systems without it are there all the same.
            native(("a", elves.with_loader("/libx32/ld-linux-x32.so.2"))),
        ],
    ),
    "claim-load": (
        [native(("a", elves.with_segment(elves.library(), move=16)))],
        [native(("a", elves.with_segment(elves.library(), align=16)))],
    ),
    "npm-foreign-executable": (
        [
            native(("a", LINUX), ("b", WINDOWS), os=["linux"], cpu=["x64"]),
            native(("a", LINUX), ("b", FREEBSD), os=["linux"], cpu=["x64"]),
        ],
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
        [
            other(os=["windows"]),
            other(os=["ohos"]),
            other(cpu=["amd64"]),
            other(cpu=["ppc64le"]),
            other(libc=["gnu"]),
        ],
        [
            other(os=["any"], cpu=["!arm"], libc=["glibc", "musl"]),
            other(os=["openharmony"], cpu=["arm64"]),
            other(os=["os400", "ios", "android"], cpu=["ppc64", "arm64"]),
            *[other(cpu=[cpu]) for cpu in ["riscv64", "loong64", "mips64el", "wasm32", "s390x"]],
        ],
    ),
}


@pytest.mark.parametrize(("code", "tree"), cases(OTHERS, 0))
def test_damage_of_a_package(stage, tmp_path, code, tree):
    assert codes(stage, write(tmp_path, tree)) == {code}


@pytest.mark.parametrize(("code", "tree"), cases(OTHERS, 1))
def test_near_miss_of_a_package(stage, tmp_path, code, tree):
    assert codes(stage, write(tmp_path, tree)) == set()


def test_what_runs_at_installation_may_bring_what_is_missing(stage, tmp_path):
    scripts = {"postinstall": "node download.js"}
    for tree in [
        other(bin="bin/gone.js", scripts=scripts),
        native(("a", LINUX), os=["linux"], cpu=["arm64"], scripts=scripts),
        native(("a", GLIBC), os=["linux"], cpu=["x64"], scripts=scripts),
    ]:
        assert codes(stage, write(tmp_path, tree)) == {"npm-install-script-other"}


def test_a_spoiled_tarball_is_a_finding_or_an_error(stage, tmp_path):
    survives(stage, tmp_path / "package.tgz", spoiled(tgz(other())))


def test_any_json_is_survived(stage, tmp_path):
    values = [None, True, 1, "", [], {}, [[]], {"a": None}, [1, "linux"], {"a": ["b"]}]
    keys = ["name", "version", "bin", "scripts", "os", "cpu", "libc", "main", "dependencies"]
    trees = [
        other(**{key: value}) | {"package/a": File(GLIBC, 0o755)}
        for key in keys
        for value in values
    ]
    survives(stage, tmp_path / "package.tgz", [tgz(tree) for tree in trees])


def test_the_system_of_a_file_is_named(stage, tmp_path):
    tarball = write(tmp_path, native(("a", FREEBSD), os=["linux"], cpu=["x64"]))
    result = stage("verify", tarball)
    assert result.returncode == 1
    assert '`os` has "linux", and package/a is ELF for FreeBSD on x86_64\n' in result.stdout
