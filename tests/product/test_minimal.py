"""A product that says only what its maintainer knows: everything else has a default, or comes from
the bytes. Programs of all shapes in which projects publish them."""

import json
import shutil
import struct

import bundles
import elves
import pytest
from bundles import File
from clients import Venv, must

NAME = "acme-tool"
GNU = "x86_64-unknown-linux-gnu"
MUSL = "x86_64-unknown-linux-musl"
WINDOWS = bundles.WINDOWS_X64
UNIVERSAL = "universal2-apple-darwin"
VERSION = "1.2.0"

# A program of this machine; the test programs that start one are static.
HOST_TARGET = {bundles.LINUX_X64: GNU, bundles.LINUX_ARM64: "aarch64-unknown-linux-gnu"}.get(
    bundles.HOST, bundles.HOST
)


def write_product(folder, targets, commands=(NAME,), more=""):
    folder.mkdir(parents=True, exist_ok=True)
    text = f"""[product]
name = "{NAME}"
license = "MIT"
repository = "https://example.org/acme/tool"
targets = {json.dumps(list(targets))}
commands = {json.dumps(list(commands))}
{more}"""
    (folder / "stage.toml").write_text(text, encoding="utf-8")
    return folder


def tar(path, tree, prefix=""):
    path.write_bytes(bundles.gzip_bytes(bundles.tar_bytes(tree, prefix)))
    return path


def of_tag(product, tag=VERSION):
    return ["--release-tag", tag, "--product", product]


@pytest.fixture
def tool(tmp_path):
    return write_product(tmp_path / "product", [HOST_TARGET])


def program(says="acme"):
    return File(bundles.program(says), 0o755)


def test_five_lines_are_enough(stage, tmp_path, staging):
    targets = [GNU, MUSL, bundles.MACOS_ARM64, WINDOWS]
    product = write_product(tmp_path / "product", targets)
    programs = {
        GNU: elves.program(),
        MUSL: bundles.elf(0x3E, "acme"),
        bundles.MACOS_ARM64: bundles.executable(bundles.MACOS_ARM64, "acme"),
        WINDOWS: bundles.executable(WINDOWS, "acme"),
    }
    for target, content in programs.items():
        name = f"{NAME}{bundles.suffix(target)}"
        # Nothing in the bytes of a static program says which of two targets it is for. A name does.
        archive = tar(tmp_path / f"{NAME}-{target}.tar.gz", {name: File(content, 0o755)}, "top/")
        stage("stage-runtime", staging, archive, *of_tag(product), check=True)
    stage("assemble", staging, "--product", product, check=True)
    stage("verify", staging, "--product", product, check=True)
    stage("verify", staging / "release.json", "--product", product, check=True)
    tags = [wheel.name.split("-py3-none-")[1] for wheel in (staging / "wheels").iterdir()]
    assert sorted(tags) == [
        "macosx_11_0_arm64.whl",
        "manylinux_2_17_x86_64.whl",
        "musllinux_1_1_x86_64.whl",
        "win_amd64.whl",
    ]
    packages = {path.name: bundles.read_tar(path) for path in (staging / "npm").iterdir()}
    libc = {
        name: json.loads(tree["package/package.json"].data).get("libc")
        for name, tree in packages.items()
    }
    assert libc == {
        f"{NAME}-1.2.0.tgz": None,
        f"{NAME}-linux-x64-1.2.0.tgz": ["glibc"],
        f"{NAME}-linux-x64-musl-1.2.0.tgz": ["musl"],
        f"{NAME}-darwin-arm64-1.2.0.tgz": None,
        f"{NAME}-win32-x64-1.2.0.tgz": None,
    }
    facade = (staging / "crates" / NAME / "Cargo.toml").read_text()
    assert 'target_env = "gnu"' in facade and 'target_env = "musl"' in facade
    assert "codex" not in facade.lower()


# What projects publish: the files, and where the command of a wheel comes from.
SHAPES = {
    "bare executable": ({f"{NAME}": program()}, "scripts"),
    "named after the target": ({f"{NAME}-1.2.0-linux-amd64": program()}, "scripts"),
    "in bin": ({f"bin/{NAME}": program()}, "scripts"),
    "licence, README, page and completions": (
        {
            NAME: program(),
            "LICENSE": File(b"The licence\n"),
            "README.md": File(b"# Acme\n"),
            f"doc/{NAME}.1": File(b".TH ACME 1\n"),
            f"complete/_{NAME}": File(b"#compdef acme\n"),
            f"complete/{NAME}.bash": File(b"complete acme\n"),
            f"complete/{NAME}.fish": File(b"complete -c acme\n"),
            f"complete/_{NAME}.ps1": File(b"# PowerShell\n"),
        },
        "scripts",
    ),
    "tree": (
        {
            f"bin/{NAME}": program(),
            "lib/data.bin": File(b"data"),
            f"share/doc/{NAME}/x.txt": File(b""),
        },
        "entry-points",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(stage, tool, tmp_path, staging, shape):
    tree, commands = SHAPES[shape]
    archive = tar(tmp_path / "runtime.tar.gz", tree)
    stage("stage-runtime", staging, archive, *of_tag(tool), check=True)
    stage("verify", staging, "--product", tool, check=True)
    # Nothing of a folder around it is left.
    around = tar(tmp_path / "around.tar.gz", tree, "acme-tool-1.2.0/")
    stage("stage-runtime", tmp_path / "other", around, *of_tag(tool), check=True)
    assert bundles.snapshot(tmp_path / "other") == bundles.snapshot(staging)
    (wheel,) = (staging / "wheels").iterdir()
    names = bundles.read_zip(wheel)
    scripts = [name for name in names if ".data/scripts/" in name]
    assert bool(scripts) == (commands == "scripts")
    venv = Venv(tmp_path / "venv")
    venv.install("pip", "--no-index", wheel)
    assert must(venv.python.parent / NAME, "--version").stdout == "acme\n"
    assert must(venv.python, "-m", "acme_tool", "--version").stdout == "acme\n"
    if "page" in shape:
        share = venv.python.parent.parent / "share"
        assert (share / f"man/man1/{NAME}.1").read_bytes() == b".TH ACME 1\n"
        assert (share / f"zsh/site-functions/_{NAME}").is_file()
        assert (share / f"bash-completion/completions/{NAME}").is_file()
        assert (share / f"fish/vendor_completions.d/{NAME}.fish").is_file()
        assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)


def test_bare_executable_and_directory(stage, tool, tmp_path):
    bare = tmp_path / "some-name"
    bare.write_bytes(program().data)
    folder = bundles.write({f"bin/{NAME}": program()}, tmp_path / "folder")
    for at, runtime in enumerate([bare, folder]):
        stage("stage-runtime", tmp_path / str(at), runtime, *of_tag(tool), check=True)
    # The user's own files are where they were.
    assert bundles.read(folder) == {f"bin/{NAME}": program()}
    assert bundles.snapshot(tmp_path / "0") == bundles.snapshot(tmp_path / "1")


def test_several_commands(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [HOST_TARGET], [NAME, "acmex"])
    tree = {NAME: program("first"), "acmex": program("second")}
    archive = tar(tmp_path / "runtime.tar.gz", tree, "top/")
    stage("stage-runtime", staging, archive, *of_tag(product), check=True)
    stage("verify", staging, "--product", product, check=True)
    (wheel,) = (staging / "wheels").iterdir()
    venv = Venv(tmp_path / "venv")
    venv.install("pip", "--no-index", wheel)
    said = [must(venv.python.parent / name, "--version").stdout for name in [NAME, "acmex"]]
    assert said == ["first\n", "second\n"]


def test_universal_program_of_macos(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [UNIVERSAL])
    slices = [bundles.executable(t, "acme") for t in [bundles.MACOS_X64, bundles.MACOS_ARM64]]
    archive = tar(tmp_path / "runtime.tar.gz", {NAME: File(bundles.universal(*slices), 0o755)})
    stage("stage-runtime", staging, archive, *of_tag(product), check=True)
    stage("verify", staging, "--product", product, check=True)
    (wheel,) = (staging / "wheels").iterdir()
    assert wheel.name.endswith("_universal2.whl")
    (package,) = (staging / "npm").glob("*darwin-universal*")
    manifest = json.loads(bundles.read_tar(package)["package/package.json"].data)
    assert sorted(manifest["cpu"]) == ["arm64", "x64"]


@pytest.mark.parametrize(
    ("target", "npm"),
    [
        ("x86_64-unknown-freebsd", "freebsd-x64"),
        ("powerpc64le-unknown-linux-gnu", "linux-ppc64"),
        ("s390x-unknown-linux-gnu", "linux-s390x"),
        ("armv7-unknown-linux-gnueabihf", "linux-arm"),
        ("i686-pc-windows-msvc", "win32-ia32"),
        ("x86_64-pc-windows-gnu", "win32-x64"),
        ("loongarch64-unknown-linux-gnu", "linux-loong64"),
        ("x86_64-unknown-linux-musl", "linux-x64"),
    ],
)
def test_targets_are_known(stage, tmp_path, target, npm):
    product = write_product(tmp_path / "product", [target])
    more = '[release]\ndownload-url = "https://example.org/{tag}/{asset}"\n'
    more += 'assets = ["tool_{version}_{os}_{arch}.tar.gz"]\n'
    write_product(product, [target], more=more)
    done = stage("matrix", *of_tag(product, "v1.2.0"), check=True)
    (job,) = json.loads(done.stdout)["include"]
    assert job["target"] == target
    system, cpu = npm.split("-")
    go_cpu = {"x64": "amd64", "ia32": "386", "arm": "armv7", "ppc64": "ppc64le"}.get(cpu, cpu)
    system = {"win32": "windows"}.get(system, system)
    assert job["asset"] == f"tool_1.2.0_{system}_{go_cpu}.tar.gz"


# What a runtime without metadata may have wrong: targets, commands, files, and what the user sees.
GOOD = {NAME: program()}
RUNTIMES = {
    "no such command": (
        [NAME, "other"],
        GOOD,
        ["there is no executable `other` in it", "set `product.commands`"],
    ),
    "another name, of several": (
        [NAME],
        {"one": program(), "two": program()},
        [f"there is no executable `{NAME}` in it; its executables are `one`, `two`"],
    ),
    "nothing to run": ([NAME], {"README.md": File(b"x")}, [f"there is no executable `{NAME}`"]),
    "two of the name": (
        [NAME],
        {f"a/{NAME}": program(), f"b/{NAME}": program()},
        [f"both `a/{NAME}` and `b/{NAME}`", "bundle.entrypoint"],
    ),
    "a script": (
        [NAME],
        {NAME: File(b"#!/bin/sh\n", 0o755)},
        [f"`{NAME}` has the name of a command, and is", "a script or a library cannot be"],
    ),
    "of another target": (
        [NAME],
        {NAME: File(bundles.executable(bundles.MACOS_ARM64, "x"), 0o755)},
        ["a program for macOS on arm64, which is none of the targets: " + HOST_TARGET],
    ),
    "commands of two targets": (
        [NAME, "other"],
        {NAME: program(), "other": File(bundles.executable(WINDOWS, "x"), 0o755)},
        ["`other`", "is a program for Windows on x86_64"],
    ),
}


@pytest.mark.parametrize("case", RUNTIMES)
def test_runtimes_that_are_refused(stage, tmp_path, staging, case):
    commands, tree, texts = RUNTIMES[case]
    product = write_product(tmp_path / "product", [HOST_TARGET], commands)
    archive = tar(tmp_path / "runtime.tar.gz", tree)
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(product))
    for text in texts:
        assert text in error
    assert not staging.exists()


def test_two_targets_that_cannot_be_told_apart(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [GNU, MUSL])
    archive = tar(tmp_path / "runtime.tar.gz", {NAME: File(bundles.elf(0x3E, "x"), 0o755)})
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(product))
    assert f"which may be that of {GNU} or {MUSL}" in error
    assert "help: say which one it is: --platform-tag TARGET" in error
    assert not staging.exists()
    asked = ["--platform-tag", MUSL]
    stage("stage-runtime", staging, archive, *of_tag(product), *asked, check=True)
    assert (staging / "manifests" / f"{MUSL}.json").is_file()


def test_a_glibc_program_is_not_one_for_musl(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [MUSL])
    archive = tar(tmp_path / f"{MUSL}.tar.gz", {NAME: File(elves.program(), 0o755)})
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(product))
    assert "which is none of the targets: x86_64-unknown-linux-musl" in error


def test_formats_and_limits_of_npm(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [HOST_TARGET], ["node"])
    archive = tar(tmp_path / "runtime.tar.gz", {"node": program()})
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(product))
    assert "cannot name a command" in error and "`npm.bin` can be another name" in error
    more = 'formats = ["wheel", "crate"]'
    write_product(product, [HOST_TARGET], ["node"], more)
    stage("stage-runtime", staging, archive, *of_tag(product), check=True)
    stage("assemble", staging, "--product", product, check=True)
    assert sorted(path.name for path in staging.iterdir()) == [
        "SHA256SUMS", "crates", "manifests", "release.json", "wheels",
    ]  # fmt: skip


# Mistakes in a minimal stage.toml: what is added or replaced, the field, and the text.
MISTAKES = {
    "unknown target": ("targets", '["x86_64-unknown-hurd"]', "is not a target that stage knows"),
    "malformed target": ("targets", '["X86"]', "is not a target triple"),
    "target twice": ("targets", f'["{GNU}", "{GNU}"]', "has"),
    "no target": ("targets", "[]", "list the target triples"),
    "two targets for one machine": (
        "targets", f'["{WINDOWS}", "x86_64-pc-windows-gnu"]', "already has",
    ),
    "command of environments": ("commands", '["python"]', "would replace a program of"),
    "command that Cargo refuses": ("commands", '["g++"]', "cannot be installed by Cargo"),
    "variable that others read": ("path-env", '"PATH"', "is reserved"),
    "no command": ("commands", "[]", "needs at least one command"),
    "command with a path": ("commands", '["bin/x"]', "cannot name a command"),
    "command with a suffix": ("commands", '["tool.exe"]', "leave out `.exe`"),
    "command twice": ("commands", '["Tool", "tool"]', "are one command on Windows"),
    "name of two words": ("name", '"acme tool"', "cannot name a product"),
    "no name": ("name", None, 'is missing: name the product'),
    "no licence": ("license", None, "is missing: name its licence"),
    "no repository": ("repository", None, "is missing: say where its source is"),
    "bad author": ("authors", '["Acme <acme>"]', "is neither `Name` nor `Name <mail@example.org>`"),
    "unknown format": ("formats", '["deb"]', "unknown variant `deb`"),
    "no format": ("formats", "[]", "needs at least one format"),
    "README that is not there": ("readme", '"READ.md"', "READ.md"),
    "README elsewhere": ("readme", '"../READ.md"', "is not the name of a file"),
    "long name of a URL": ("urls", '{ "' + "x" * 33 + '" = "https://a.org" }', "more than 32"),
    "URL that is none": ("urls", '{ Changelog = "changes" }', "is not an http:// or https:// URL"),
    "keyword with a comma": ("keywords", '["a,b"]', "contains a comma"),
    "unknown field": ("colour", '"red"', "unknown field `colour`"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_have_a_place_and_a_text(stage, tmp_path, case):
    field, value, text = MISTAKES[case]
    product = write_product(tmp_path / "product", [HOST_TARGET])
    file = product / "stage.toml"
    lines = [
        line for line in file.read_text().splitlines() if line and not line.startswith(f"{field} =")
    ]
    if value is not None:
        lines.append(f"{field} = {value}")
    file.write_text("\n".join(lines) + "\n")
    error = stage.refuses("matrix", *of_tag(product))
    line = len(lines) if value is not None else 1
    assert f"{file}:{line}: `product.{field}" in error
    assert text in error


def test_all_mistakes_of_a_folder_in_one_run(stage, tmp_path):
    product = write_product(tmp_path / "product", [GNU, WINDOWS], more='issues = "none"\n')
    (product / "platforms").mkdir()
    (product / "platforms" / f"{GNU}.toml").write_text('[npm]\nname = "a/b"\n[crate]\nparts = 0\n')
    (product / "platforms" / f"{WINDOWS}.toml").write_text("[wheel\n")
    file = product / "stage.toml"
    text = file.read_text().replace('"MIT"', '"my own"') + '[wheel]\nkeywords = ["a", "b,", "c,"]\n'
    file.write_text(text)
    error = stage.refuses("matrix", *of_tag(product))
    expected = [
        "7 mistakes",
        f"{file}:3: `product.license`: ",
        "`product.issues`: ",
        "`wheel.keywords[1]`: ",
        "`wheel.keywords[2]`: ",
        f"{product}/platforms/{GNU}.toml:2: `npm.name`: ",
        f"{product}/platforms/{GNU}.toml:4: `crate.parts`: ",
        f"{product}/platforms/{WINDOWS}.toml:1: ",
        "help: correct these lines",
    ]
    for text in expected:
        assert text in error


def test_two_mistakes_of_one_line(stage, tmp_path):
    product = write_product(tmp_path / "product", ["one-unknown-os", "two-unknown-os"])
    error = stage.refuses("matrix", *of_tag(product))
    assert "one-unknown-os" in error and "two-unknown-os" in error


def test_texts_are_not_placeholders(stage, tmp_path, staging):
    """Words of the defaults, in texts and in a README with the ends of lines of Windows."""
    more = 'summary = "a @crate@ b"\ntitle = "@summary@"\nreadme = "README.md"\n'
    product = write_product(tmp_path / "product", [HOST_TARGET], more=more)
    (product / "README.md").write_bytes(b"# Tool\r\n\r\n[product]\r\n@name@ \r\n")
    runtime = tmp_path / "runtime"
    runtime.write_bytes(program().data)
    stage("stage-runtime", staging, runtime, *of_tag(product), check=True)
    (wheel,) = (staging / "wheels").iterdir()
    (metadata,) = (f.data for n, f in bundles.read_zip(wheel).items() if n.endswith("/METADATA"))
    assert b"Summary: a @crate@ b\n" in metadata
    assert metadata.endswith(b"\n\n# Tool\n\n[product]\n@name@ \n")


def test_npm_bin_is_no_other_command(stage, tmp_path):
    more = '[npm]\nbin = "other"\n'
    product = write_product(tmp_path / "product", [HOST_TARGET], [NAME, "other"], more)
    error = stage.refuses("matrix", *of_tag(product))
    assert "`npm.bin`: " in error and "is also one of `product.commands`" in error


#: What a project may publish beside its program, and the product's own licence.
BESIDE = {"doc/acme-tool.1": b"page", "complete/_acme-tool": b"zsh", "LICENSE": b"two"}


def test_a_wheel_of_scripts_is_a_runtime(stage, tool, tmp_path, staging):
    (tool / "LICENSE").write_text("one")
    tree = {NAME: program()} | {path: File(text) for path, text in BESIDE.items()}
    archive = tar(tmp_path / "runtime.tar.gz", tree)
    stage("stage-runtime", staging, archive, *of_tag(tool), check=True)
    (wheel,) = (staging / "wheels").iterdir()
    again = tmp_path / "again"
    stage("stage-runtime", again, wheel, *of_tag(tool), check=True)
    (copy,) = (again / "wheels").iterdir()
    entries, copied = bundles.read_zip(wheel), bundles.read_zip(copy)
    assert entries == copied
    assert any(path.endswith("/licenses/runtime/LICENSE") for path in entries)
    (package,) = (again / "npm").glob(f"*-linux-*-{VERSION}.tgz")
    vendor = bundles.read_tar(package, f"package/vendor/{HOST_TARGET}/")
    assert vendor[f"bin/{NAME}"] == program()
    assert vendor["share/man/man1/acme-tool.1"].data == b"page"
    error = stage.refuses("stage-runtime", tmp_path / "other", wheel, *of_tag(tool, "1.3.0"))
    assert f"is of version {VERSION}" in error or VERSION in error


def test_a_wheel_with_other_code_is_no_runtime(stage, tool, tmp_path, staging):
    archive = tar(tmp_path / "runtime.tar.gz", {NAME: program()})
    stage("stage-runtime", staging, archive, *of_tag(tool), check=True)
    (wheel,) = (staging / "wheels").iterdir()
    entries = bundles.read_zip(wheel)
    script = next(path for path in entries if path.endswith(f"/scripts/{NAME}"))
    without = {path: file for path, file in entries.items() if path != script}
    for tree in (entries | {"other/__init__.py": File(b"")}, without):
        changed = tmp_path / "changed.whl"
        changed.write_bytes(bundles.zip_bytes(tree))
        error = stage.refuses("stage-runtime", tmp_path / "again", changed, *of_tag(tool))
        assert "it is a wheel without scripts, or with more code than" in error
        assert "help: give the archive or the executable that the wheel was made from" in error


def test_a_file_that_a_wheel_has_itself(stage, tool, tmp_path, staging):
    tree = {NAME: program(), "data.bin": File(b"x"), "__init__.py": File(b"")}
    archive = tar(tmp_path / "runtime.tar.gz", tree)
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(tool))
    assert (
        'the runtime has a file "__init__.py", which `stage` writes itself into the wheel' in error
    )
    assert "move it into a directory of the runtime" in error
    assert 'leave "wheel" out of `product.formats`' in error
    # Both ways out lead there.
    moved = {NAME: program(), "data.bin": File(b"x"), "lib/__init__.py": File(b"")}
    archive = tar(tmp_path / "moved.tar.gz", moved)
    stage("stage-runtime", staging, archive, *of_tag(tool), check=True)
    write_product(tool, [HOST_TARGET], more='formats = ["npm", "crate"]')
    archive = tar(tmp_path / "runtime.tar.gz", tree)
    stage("stage-runtime", tmp_path / "without", archive, *of_tag(tool), check=True)


@pytest.mark.parametrize(
    ("targets", "advice"),
    [
        (
            ["arm-unknown-linux-gnueabihf", "armv7-unknown-linux-gnueabihf"],
            "arm-unknown-linux-gnueabihf",
        ),
        (
            ["armv7-unknown-linux-musleabihf", "arm-unknown-linux-musleabihf"],
            "arm-unknown-linux-musleabihf",
        ),
        (["armv7-unknown-linux-gnueabihf", "armv7-unknown-linux-gnueabi"], None),
        ([WINDOWS, "x86_64-pc-windows-gnu"], None),
    ],
    ids=str,
)
def test_targets_that_npm_cannot_tell_apart(stage, tmp_path, targets, advice):
    serves = f": the build for {advice} serves both" if advice else "`product.targets`; or"
    for name, clash in (("npm", "`linux` and `arm`"), ("crate", "this cfg")):
        product = write_product(tmp_path / name, targets, more=f'formats = ["{name}"]')
        if name == "crate" and not advice:
            stage("matrix", *of_tag(product), check=True)
            continue
        error = stage.refuses("matrix", *of_tag(product))
        assert clash in error or targets[0] == WINDOWS
        assert (
            "a package cannot tell the two apart; leave one of them out of `product.targets`"
            in error
        )
        assert serves in error
        assert f'leave "{name}" out of `product.formats`' in error


def test_a_platform_file_overrides_what_is_known(stage, tmp_path, staging):
    product = write_product(tmp_path / "product", [GNU])
    (product / "platforms").mkdir()
    platform = product / "platforms" / f"{GNU}.toml"
    platform.write_text('[wheel]\ntags = ["manylinux_2_28_x86_64"]\n[npm]\nname = "linux-amd"\n')
    archive = tar(tmp_path / "runtime.tar.gz", {NAME: File(elves.program(), 0o755)})
    stage("stage-runtime", staging, archive, *of_tag(product), check=True)
    (wheel,) = (staging / "wheels").iterdir()
    assert wheel.name.endswith("-manylinux_2_28_x86_64.whl")
    assert (staging / "npm" / f"{NAME}-linux-amd-1.2.0.tgz").is_file()
    # A file for a target that is not in the list is a mistake, and not passed over.
    shutil.copy(platform, product / "platforms" / f"{MUSL}.toml")
    error = stage.refuses("matrix", *of_tag(product))
    assert f"platforms/{MUSL}.toml describes a target that is not in the list" in error


def test_schema_of_a_product(stage):
    for kind, field in [("stage", "product"), ("platform", "npm")]:
        schema = json.loads(stage("schema", kind, check=True).stdout)
        assert field in schema["properties"]


def test_an_arm_program_with_soft_floats_is_not_one_with_hard_ones(stage, tmp_path, staging):
    """ARM's two ways with floating-point numbers are two targets."""
    product = write_product(tmp_path / "product", ["armv7-unknown-linux-gnueabihf"])
    header = struct.pack(
        "<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 0x28, 1, 0x10054, 52, 0, 0x05000200,
        52, 32, 1, 40, 0, 0,
    )  # fmt: skip
    load = struct.pack("<IIIIIIII", 1, 0, 0x10000, 0x10000, 0x60, 0x60, 5, 0x10000)
    content = (header + load).ljust(0x60, b"\0")
    archive = tar(tmp_path / "runtime.tar.gz", {NAME: File(content, 0o755)})
    error = stage.refuses("stage-runtime", staging, archive, *of_tag(product))
    assert "which is none of the targets: armv7-unknown-linux-gnueabihf" in error
