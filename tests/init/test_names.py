"""What the names of archives say that projects publish, and what init and its check make of them alike."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import bundles
import pytest
from bundles import LINUX_ARM64, LINUX_X64, MACOS_ARM64, MACOS_X64, WINDOWS_X64, File
from init_archives import (
    GNU,
    MIT,
    REPOSITORY,
    left_out,
    next_commands,
    pack,
    program,
    release,
    taken,
    tree,
    unknown,
)

KNOWN = ("--repository", REPOSITORY, "--license", "MIT")


def archives(names: dict[str, str], *commands: str) -> dict[str, bytes]:
    """Archives with names of their own, each for a target; their programs differ."""
    files = {}
    for name, target in names.items():
        exe = bundles.suffix(target)
        content = {f"{one}{exe}": File(program(target, name), 0o755) for one in commands}
        files[name] = pack(name, content)
    return files


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def agree(run, *options: object) -> None:
    """A check of what was written finds nothing wrong."""
    result = run.stage("init", run.folder, "--check", *options)
    assert result.returncode == 0, result.stdout + result.stderr


#: As the projects name them, each with its target.
LAYOUTS = {
    "bun": {
        "bun-linux-x64.zip": GNU,
        "bun-linux-x64-musl.zip": LINUX_X64,
        "bun-darwin-aarch64.zip": MACOS_ARM64,
        "bun-windows-x64.zip": WINDOWS_X64,
    },
    "deno": {
        "deno-x86_64-unknown-linux-gnu.zip": GNU,
        "deno-aarch64-apple-darwin.zip": MACOS_ARM64,
        "deno-x86_64-pc-windows-msvc.zip": WINDOWS_X64,
    },
    "gh": {
        "gh_2.62.0_linux_amd64.tar.gz": LINUX_X64,
        "gh_2.62.0_linux_arm64.tar.gz": LINUX_ARM64,
        "gh_2.62.0_macOS_arm64.zip": MACOS_ARM64,
        "gh_2.62.0_windows_amd64.zip": WINDOWS_X64,
    },
    "hugo": {
        "hugo_0.140.0_linux-amd64.tar.gz": LINUX_X64,
        "hugo_0.140.0_darwin-universal.tar.gz": "universal2-apple-darwin",
        "hugo_0.140.0_windows-amd64.zip": WINDOWS_X64,
    },
    "terraform": {
        "terraform_1.9.8_linux_amd64.zip": LINUX_X64,
        "terraform_1.9.8_darwin_arm64.zip": MACOS_ARM64,
        "terraform_1.9.8_windows_amd64.zip": WINDOWS_X64,
    },
    "jq": {
        "jq-linux64": LINUX_X64,
        "jq-linux-arm64": LINUX_ARM64,
        "jq-macos-arm64": MACOS_ARM64,
        "jq-windows-amd64.exe": WINDOWS_X64,
    },
    "zig": {
        "zig-linux-x86_64-0.13.0.tar.xz": LINUX_X64,
        "zig-macos-aarch64-0.13.0.tar.xz": MACOS_ARM64,
        "zig-windows-x86_64-0.13.0.zip": WINDOWS_X64,
    },
    "tool": {
        "tool-x86_64-unknown-linux-musl.tar.xz": LINUX_X64,
        "tool-aarch64-apple-darwin.tar.xz": MACOS_ARM64,
        "tool-x86_64-pc-windows-msvc.zip": WINDOWS_X64,
    },
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_releases_of_well_known_projects(init, name):
    run = init(archives(LAYOUTS[name], name))
    results = run.json(*KNOWN)
    assert run.product["name"] == name
    assert run.product["targets"] == sorted(LAYOUTS[name].values())
    assert "commands" not in run.product
    assert left_out(results) == {}
    assert len(next_commands(results)) == len(LAYOUTS[name])
    agree(run)


@pytest.mark.parametrize(
    ("plain", "other", "word"),
    [
        ("bun-linux-x64.zip", "bun-linux-x64-baseline.zip", "baseline"),
        ("hugo_0.140.0_linux-amd64.tar.gz", "hugo_extended_0.140.0_linux-amd64.tar.gz", "extended"),
        ("tool_linux_amd64v1.tar.gz", "tool_linux_amd64v3.tar.gz", "v3"),
    ],
)
def test_the_plain_build_of_a_target_is_taken(init, plain, other, word):
    run = init(archives({plain: LINUX_X64, other: LINUX_X64}, "it"))
    results = run.json(*KNOWN)
    assert left_out(results) == {
        other: f"{plain} is for the same target, and has no `{word}` in its name; to take this one, name "
        "it in `release.assets` of the target's file in platforms/"
    }
    agree(run)
    # The other one, as that says.
    platform = run.folder / "platforms" / f"{LINUX_X64}.toml"
    platform.parent.mkdir(exist_ok=True)
    platform.write_text(f'[release]\nassets = ["{other}"]\n')
    (archive,) = run.json("--check")
    assert (archive["name"], archive["ok"]) == (other, True)


def test_another_product_in_the_same_release(init):
    names = {f"{name}-x86_64-unknown-linux-musl.zip": LINUX_X64 for name in ["deno", "denort"]}
    run = init(archives(names, "it"))
    error = run.refuses(*KNOWN)
    assert "; of two products, --name NAME says which one it is\n" in error
    results = run.json(*KNOWN, "--name", "deno")
    assert left_out(results) == {
        "denort-x86_64-unknown-linux-musl.zip": "it is of another product, `denort`"
    }
    agree(run)


@pytest.mark.parametrize(
    ("date", "version"), [("20260105", "2026.1.5"), ("2026-01-05", "2026.1.5")]
)
def test_a_date_is_a_version(init, date, version):
    run = init(archives({f"tool-{date}-linux-x64.tar.gz": LINUX_X64}, "tool"))
    results = run.json(*KNOWN)
    assert run.product["name"] == "tool"
    assert taken(results, "release tag") == {date: "the names of the archives"}
    shown = run.stage("normalize", date, "--product", run.folder, check=True).stdout
    assert f"version         {version}\n" in shown
    agree(run)


def test_archives_of_two_releases(init):
    targets = {LINUX_X64: ".tar.gz", MACOS_ARM64: ".tar.gz"}
    files = release(targets, "tool-1.2.3-{target}") | release(targets, "tool-1.2.4-{target}")
    files["tool-aarch64-unknown-linux-musl.tar.gz"] = pack("x.tar.gz", tree(LINUX_ARM64, "tool"))
    run = init(files)
    error = run.refuses("--repository", REPOSITORY)
    assert (
        "the names of the archives are of several versions: 1.2.3 (2 archives), 1.2.4 (2 archives)\n"
        "help: say which release counts with --release-tag TAG, or move the other archives away\n"
    ) in error
    results = run.json("--repository", REPOSITORY, "--release-tag", "v1.2.4")
    assert set(left_out(results).values()) == {"its name says another version than 1.2.4"}
    assert len(left_out(results)) == 2
    assert run.product["targets"] == [MACOS_ARM64, LINUX_ARM64, LINUX_X64]
    agree(run, "--release-tag", "v1.2.4")
    result = run.stage("init", run.folder, "--check")
    assert "1.2.3 (2 archives), 1.2.4 (2 archives)" in result.stderr


def linked(name: str, links: dict[str, str]) -> bytes:
    """A tar of one program and links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        data = program(LINUX_X64)
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o755
        archive.addfile(member, io.BytesIO(data))
        for link, target in links.items():
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return gzip.compress(buffer.getvalue(), mtime=0)


def test_a_command_that_is_a_link_to_a_program_called_after_its_target(init, tmp_path):
    name = "tool-x86_64-unknown-linux-musl"
    run = init({f"{name}.tar.gz": linked(name, {"tool": name})})
    run(*KNOWN, "--release-tag", "v1.0.0")
    assert "commands" not in run.product
    (archive,) = run.json("--check")
    assert archive["commands"] == [{"name": "tool", "path": "bin/tool"}]
    staged = run.stage(
        "stage-runtime", tmp_path / "out", run.folder / f"{name}.tar.gz", "--release-tag", "v1.0.0",
        "--product", run.folder, "--format", "wheel", check=True,
    )  # fmt: skip
    assert (
        f"warning: {LINUX_X64}: left out: `{name}` is a command under another name\n"
    ) in staged.stderr
    (wheel,) = (tmp_path / "out/wheels").iterdir()
    # One program, in the scripts.
    assert sum(".data/scripts/" in entry for entry in names_in(wheel)) == 1
    assert not any(entry.endswith(name) for entry in names_in(wheel))


APPLE_DOUBLE = b"\0\5\x16\7\0\2\0\0" + bytes(100)


def test_what_macos_leaves_in_archives(init, tmp_path):
    content = tree(MACOS_ARM64, "tool", licenses={"LICENSE": MIT})
    junk = {
        "._tool": File(APPLE_DOUBLE),
        ".DS_Store": File(b"x"),
    }
    name = "tool-aarch64-apple-darwin.tar.gz"
    folder = "tool-aarch64-apple-darwin/"
    inside = {folder + path: file for path, file in (content | junk).items()}
    outside = {"__MACOSX/._tool": File(APPLE_DOUBLE)}
    run = init({name: pack(name, inside | outside)})
    results = run.json("--repository", REPOSITORY)
    reason = f"`__MACOSX/._tool`, `{folder}.DS_Store`, `{folder}._tool` are of macOS, and not of the runtime"
    assert left_out(results) == {name: reason}
    (archive,) = run.json("--check")
    assert archive["commands"] == [{"name": "tool", "path": "bin/tool"}]
    staged = run.stage(
        "stage-runtime", tmp_path / "out", run.folder / name, "--release-tag", "v1.0.0", "--product",
        run.folder, "--format", "wheel", check=True,
    )  # fmt: skip
    assert f"warning: {MACOS_ARM64}: left out: {reason}\n" in staged.stderr
    (wheel,) = (tmp_path / "out/wheels").iterdir()
    assert not any("._" in entry or "DS_Store" in entry for entry in names_in(wheel))


def test_pages_of_the_manual_in_other_languages(init, tmp_path):
    content = tree(LINUX_X64, "tool", licenses={"LICENSE": MIT}) | {
        "man/man1/tool.1": File(b".TH TOOL 1\n"),
        "man/de/man1/tool.1": File(b".TH TOOL 1 de\n"),
        "man/pt_BR/man1/tool.1": File(b".TH TOOL 1 pt\n"),
    }
    name = "tool-x86_64-unknown-linux-musl.tar.gz"
    run = init({name: pack(name, content)})
    run("--repository", REPOSITORY)
    run.stage(
        "stage-runtime", tmp_path / "out", run.folder / name, "--release-tag", "v1.0.0", "--product",
        run.folder, "--format", "wheel", check=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "out/wheels").iterdir()
    pages = [entry.split(".data/data/")[1] for entry in names_in(wheel) if "/man/" in entry]
    assert sorted(pages) == [
        "share/man/de/man1/tool.1",
        "share/man/man1/tool.1",
        "share/man/pt_BR/man1/tool.1",
    ]


def test_a_triple_that_the_bytes_contradict_is_refused_by_both(init):
    name = "tool-aarch64-unknown-linux-musl.tar.gz"
    good = "tool-x86_64-apple-darwin.tar.gz"
    run = init(archives({name: LINUX_X64, good: MACOS_X64}, "tool"))
    results = run.json(*KNOWN)
    reason = f"its name says {LINUX_ARM64}, and it is a program for {LINUX_X64}"
    assert left_out(results) == {name: reason}
    assert run.product["targets"] == [MACOS_X64]
    result = run.stage("init", run.folder, "--check")
    assert (
        f"wrong: {name}: is a program for Linux on x86_64, static, which is none of"
        in result.stdout
    )


def test_a_name_that_contradicts_itself_says_nothing(init):
    name = "tool-x86_64-unknown-linux-musl-to-aarch64-apple-darwin.tar.gz"
    run = init(archives({name: LINUX_X64}, "tool"))
    run(*KNOWN)
    assert run.product["targets"] == [LINUX_X64]
    agree(run)


def test_a_universal_program_in_an_archive_of_each_cpu(init):
    universal = "universal2-apple-darwin"
    content = {"tool": File(program(universal), 0o755)}
    names = [f"tool-{cpu}-apple-darwin.tar.gz" for cpu in ["aarch64", "x86_64"]]
    run = init({name: pack(name, content) for name in names})
    results = run.json(*KNOWN)
    assert run.product["targets"] == [universal]
    assert left_out(results) == {names[1]: f"it has the same programs as {names[0]}"}
    agree(run)


@pytest.mark.parametrize("name", ["json", "pip"])
def test_a_name_that_python_has_already(init, name, tmp_path):
    run = init(archives({f"{name}-linux-x64.tar.gz": LINUX_X64}, "it"))
    results = run.json(*KNOWN, "--name", name)
    (why,) = taken(results, "import package").values()
    assert list(taken(results, "import package")) == [f"{name}_"]
    assert "of this name" in why
    (run.folder / "stage.toml").write_text(f'{run.text}\n[wheel]\nimport-package = "{name}"\n')
    error = run.stage.refuses("matrix", "--release-tag", "1.0.0", "--product", run.folder)
    assert f'`wheel.import-package`: cannot be "{name}": Python' in error
    assert "; use another one\n" in error


def test_a_compression_that_is_not_read(init):
    run = init(release({LINUX_X64: ".tar.gz"}) | {"tool-linux-arm64.tar.bz2": b"BZh9"})
    results = run.json("--repository", REPOSITORY)
    assert left_out(results)["tool-linux-arm64.tar.bz2"] == (
        "of a compression that stage does not read; it reads .tar.gz, .tar.xz, .tar.zst, .zip, .gz, .xz "
        "and .zst"
    )
    assert unknown(results) == {"release tag": "no name says a version"}
