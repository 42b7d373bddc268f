"""What `stage init` makes of the archives of a release."""

import shlex
import subprocess

import bundles
import init_archives
import pytest
from bundles import LINUX_ARM64, LINUX_X64, MACOS_ARM64, MACOS_X64, WINDOWS_X64, File
from init_archives import (
    FOUR,
    GNU,
    MIT,
    REPOSITORY,
    SIX,
    UNIVERSAL,
    left_out,
    next_commands,
    pack,
    program,
    release,
    taken,
    tree,
    unknown,
)


def loads(init) -> None:
    """The product that was written can be used."""
    init.stage("matrix", "--release-tag", "1.0.0", "--product", init.folder, check=True)


def test_one_executable_in_archives_of_cargo_dist(init):
    beside = {
        "sha256.sum": b"",
        "tool-installer.sh": b"#!/bin/sh\n",
        "tool-installer.ps1": b"",
        "dist-manifest.json": b"{}",
        "source.tar.gz": b"no archive",
        "tool-x86_64-unknown-linux-musl.tar.gz.sha256": b"",
        "tool.rb": b"",
    }
    run = init(release() | beside)
    results = run.json("--repository", REPOSITORY)
    assert run.product == {
        "name": "tool",
        "license": "MIT",
        "repository": REPOSITORY,
        "targets": sorted(FOUR),
    }
    # The defaults have their names, and the command is that of the product.
    assert list(run.toml) == ["product"]
    assert (run.folder / "LICENSE").read_bytes() == MIT
    assert left_out(results) == {
        "sha256.sum": "a list of digests",
        "tool-installer.sh": "a text or a script",
        "tool-installer.ps1": "a text or a script",
        "dist-manifest.json": "a text or a script",
        "source.tar.gz": "an archive of the source",
        "tool-x86_64-unknown-linux-musl.tar.gz.sha256": "a list of digests",
        "tool.rb": "a text or a script",
    }
    assert taken(results, "name") == {"tool": "the names of the archives"}
    assert taken(results, "license") == {"MIT": "LICENSE in tool-aarch64-apple-darwin.tar.gz"}
    assert taken(results, "target")[WINDOWS_X64] == (
        "tool-x86_64-pc-windows-msvc.zip: Windows on x86_64, by its name"
    )
    assert unknown(results) == {"release tag": "no name says a version"}
    loads(run)


def test_archives_of_goreleaser(init):
    names = {
        LINUX_X64: "tool_1.2.3_linux_amd64.tar.gz",
        LINUX_ARM64: "tool_1.2.3_linux_arm64.tar.gz",
        UNIVERSAL: "tool_1.2.3_darwin_all.tar.gz",
        WINDOWS_X64: "tool_1.2.3_windows_amd64.zip",
    }
    files = {
        name: pack(name, tree(target, "tool", licenses={"LICENSE": MIT}))
        for target, name in names.items()
    }
    files |= {"tool_1.2.3_checksums.txt": b"", "tool_1.2.3_linux_amd64.deb": b"!<arch>\n"}
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    # Nothing in a static program says which C library it was built with.
    assert run.product["targets"] == [
        LINUX_ARM64,
        UNIVERSAL,
        WINDOWS_X64,
        LINUX_X64,
    ]
    assert "release" not in run.toml
    assert taken(results, "target")[LINUX_X64] == (
        "tool_1.2.3_linux_amd64.tar.gz: Linux on x86_64, static, needs no C library"
    )
    assert taken(results, "release tag") == {"1.2.3": "the names of the archives"}
    assert unknown(results) == {}
    assert left_out(results)["tool_1.2.3_linux_amd64.deb"] == "a package of a system"
    loads(run)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tool-{0}", ""),
        ("tool-{0}", ".gz"),
        ("tool-{0}", ".tar.zst"),
        ("tool-{0}", ".tgz"),
    ],
)
def test_every_kind_of_archive(init, name, kind):
    targets = dict.fromkeys([LINUX_X64, MACOS_ARM64], kind)
    run = init(release(targets, name.format("{target}"), licenses={}))
    run("--repository", REPOSITORY, "--license", "MIT")
    assert run.product["name"] == "tool"
    assert "commands" not in run.product
    assert run.product["targets"] == [MACOS_ARM64, LINUX_X64]
    assert run.toml["release"] == {"assets": [f"tool-{{target}}{kind}"]}
    loads(run)


def test_several_commands_and_one_that_some_archives_lack(init):
    files = release(commands=("uv", "uvx"), pattern="uv-{target}")
    windows = "uv-x86_64-pc-windows-msvc.zip"
    files[windows] = pack(windows, tree(WINDOWS_X64, "uv", "uvx", "uvw"))
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    assert run.product["commands"] == ["uv", "uvx"]
    assert left_out(results) == {"uvw": f"not a command: only {windows} has it"}
    loads(run)


def test_the_product_is_first_among_its_commands(init):
    run = init(release(commands=("a", "tool", "zz"), licenses={"LICENSE": MIT}))
    run("--repository", REPOSITORY)
    assert run.product["commands"] == ["tool", "a", "zz"]


def test_a_tree_has_the_commands_of_its_bin(init):
    files = {}
    for target, kind in FOUR.items():
        exe = bundles.suffix(target)
        content = {
            f"bin/tool{exe}": File(program(target), 0o755),
            f"lib/helper{exe}": File(program(target, "helper"), 0o755),
            "lib/data.bin": File(b"data"),
            "LICENSE": File(MIT),
        }
        name = f"tool-v1.2.3-{target}{kind}"
        files[name] = pack(name, content, f"tool-v1.2.3-{target}/")
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    assert "commands" not in run.product
    assert left_out(results) == {
        "lib/helper": "outside of `bin/` and of the root, so they are no commands"
    }
    assert taken(results, "release tag") == {"v1.2.3": "the names of the archives"}
    # `{tag}` is among the defaults.
    assert "release" not in run.toml
    loads(run)


def test_a_command_that_npm_runs_itself(init):
    run = init(release(pattern="node-v1.2.3-{target}", commands=("node",)))
    results = run.json("--repository", REPOSITORY)
    assert run.toml["npm"] == {"bin": "node-bin"}
    assert taken(results, "command in npm") == {
        "node-bin": "npm itself runs programs of the name of the first command"
    }
    loads(run)


def test_what_cannot_be_loaded_is_written_and_named(init):
    """npm has no other name for the commands after the first one."""
    run = init(release(commands=("tool", "npm")))
    results = run.json("--repository", REPOSITORY)
    (mistake,) = [result["message"] for result in results if result["type"] == "mistake"]
    assert mistake.startswith(f"{run.folder}/stage.toml:")
    assert '`product.commands`: "npm" cannot name a command' in mistake
    (following,) = [result for result in results if result["type"] == "next"]
    assert not following["ready"]
    assert mistake in run.stage.refuses("matrix", "--release-tag", "1.0.0", "--product", run.folder)


def test_a_tag_with_a_prefix_of_its_own(init):
    run = init(release())
    run("--repository", REPOSITORY, "--release-tag", "tool-v1.2.3")
    assert run.product["tag-prefixes"] == ["tool-v"]
    comment = "# What stands before the version in the tag tool-v1.2.3, from --release-tag.\n"
    assert comment in run.text
    loads(run)


def test_an_archive_with_a_folder_like_bin_alone(init):
    content = {"bin/tool": File(program(LINUX_X64), 0o755)}
    run = init({"tool-linux-x64.tar.gz": pack("x.tar.gz", content)})
    run("--repository", REPOSITORY, "--license", "MIT")
    assert "commands" not in run.product


def test_gnu_and_musl_of_one_cpu(init):
    targets = {GNU: ".tar.gz", LINUX_X64: ".tar.gz"}
    run = init(release(targets))
    results = run.json("--repository", REPOSITORY, "--release-tag", "v1.0.0")
    assert run.product["targets"] == [GNU, LINUX_X64]
    assert taken(results, "target")[GNU].endswith(".tar.gz: Linux on x86_64 with glibc")
    # The static one may be of both, so the command says which.
    with_target = [command for command in next_commands(results) if "--platform-tag" in command]
    assert len(with_target) == 1
    assert f"--platform-tag {LINUX_X64}" in with_target[0]
    loads(run)


def test_of_two_static_builds_the_other_is_the_one_that_says_nothing(init):
    names = ["tool-linux-amd64.tar.gz", "tool-linux-amd64-musl.tar.gz"]
    files = {name: pack(name, {"tool": File(program(LINUX_X64, name), 0o755)}) for name in names}
    run = init(files)
    run("--repository", REPOSITORY, "--license", "MIT")
    assert run.product["targets"] == [GNU, LINUX_X64]


def test_names_that_no_pattern_gives_are_in_the_files_of_targets(init):
    names = {
        LINUX_X64: "tool-1.2.3-Linux-64bit.tar.gz",
        MACOS_ARM64: "tool-1.2.3-macos-arm64.tar.gz",
        WINDOWS_X64: "tool-1.2.3-x86_64-pc-windows-msvc.zip",
    }
    files = {name: pack(name, tree(target, "tool")) for target, name in names.items()}
    run = init(files)
    run("--repository", REPOSITORY, "--license", "MIT")
    assert run.toml["release"] == {"assets": ["tool-{version}-{target}.zip"]}
    assert sorted(path.name for path in (run.folder / "platforms").iterdir()) == [
        f"{MACOS_ARM64}.toml",
        f"{LINUX_X64}.toml",
    ]
    text = (run.folder / "platforms" / f"{LINUX_X64}.toml").read_text()
    assert 'assets = ["tool-{version}-Linux-64bit.tar.gz"]' in text
    matrix = run.stage(
        "matrix", "--release-tag", "v9.9.9", "--product", run.folder, check=True
    ).stdout
    for name in names.values():
        assert name.replace("1.2.3", "9.9.9") in matrix


def test_a_name_that_contradicts_the_bytes(init):
    names = {MACOS_ARM64: "tool-darwin-arm64.tar.gz", LINUX_X64: "tool-linux-arm64.tar.gz"}
    files = {name: pack(name, tree(target, "tool")) for target, name in names.items()}
    run = init(files)
    result = run("--repository", REPOSITORY, "--license", "MIT")
    assert (
        "warning: the name of tool-linux-arm64.tar.gz says `linux arm64`, but it is a program for "
        "Linux on x86_64, static: the bytes count\n"
    ) in result.stderr
    assert run.product["targets"] == [MACOS_ARM64, LINUX_X64]


def test_one_build_in_two_containers(init):
    files = release({LINUX_X64: ".tar.gz", MACOS_X64: ".tar.gz"})
    files["tool-x86_64-apple-darwin.zip"] = pack("x.zip", tree(MACOS_X64, "tool"))
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    assert run.product["targets"] == [MACOS_X64, LINUX_X64]
    (reason,) = left_out(results).values()
    assert reason == "it has the same programs as tool-x86_64-apple-darwin.tar.gz"


def test_a_target_that_packages_cannot_tell_from_another(init):
    names = ["tool-x86_64-pc-windows-gnu.zip", "tool-x86_64-pc-windows-msvc.zip"]
    files = {
        name: pack(name, {"tool.exe": File(bundles.pe(0x8664, name), 0o755)}) for name in names
    }
    universal = "tool-universal.tar.gz"
    files |= release(SIX) | {universal: pack(universal, tree(UNIVERSAL, "tool"))}
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    assert run.product["targets"] == sorted(SIX)
    assert left_out(results) == {
        names[0]: "packages for x86_64-pc-windows-gnu cannot be told from those for "
        "x86_64-pc-windows-msvc",
        universal: "packages for universal2-apple-darwin cannot be told from those for "
        "aarch64-apple-darwin",
    }
    loads(run)


def test_a_universal_program_stands_for_the_cpu_that_has_no_archive(init):
    run = init(release({UNIVERSAL: ".tar.gz", MACOS_ARM64: ".tar.gz"}))
    run("--repository", REPOSITORY)
    assert run.product["targets"] == [UNIVERSAL]


def test_the_next_commands_work(init, tmp_path):
    run = init(release(), "it's a folder")
    results = run.json("--repository", REPOSITORY, "--release-tag", "1.0.0")
    commands = next_commands(results)
    assert len(commands) == 4
    # The default takes tags without a prefix too.
    assert "tag-prefixes" not in run.product
    binary = run.stage.binary
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "stage"
        subprocess.run([binary, *arguments], cwd=tmp_path, env=run.stage.env, check=True)
    made = {path.name for path in (tmp_path / "dist" / "wheels").iterdir()}
    assert len(made) == 4
    run.stage("assemble", tmp_path / "dist", "--product", run.folder, check=True)
    assert run.json("--check")[0]["ok"]


def test_the_words_of_text(init):
    run = init(release())
    result = run("--repository", REPOSITORY, "--release-tag", "v1.0.0", cwd=run.folder.parent)
    lines = result.stdout.splitlines()
    assert lines[:4] == [
        "name: tool (from the names of the archives)",
        "license: MIT (from LICENSE in tool-aarch64-apple-darwin.tar.gz)",
        f"repository: {REPOSITORY} (from --repository)",
        "commands: tool (from all 4 archives)",
    ]
    assert lines[-5] == "next:"
    assert lines[-1].startswith("  stage stage-runtime dist ")
    assert result.stderr == ""
    assert init_archives.REPOSITORY in run.text
