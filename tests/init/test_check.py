"""`stage init --check`: whether a product fits its archives."""

import bundles
import mounts
import pytest
from bundles import LINUX_ARM64, LINUX_X64, MACOS_ARM64, MACOS_X64, WINDOWS_X64, File
from init_archives import FOUR, GNU, REPOSITORY, pack, program, release, save, tree

TOML = f"""[product]
name = "tool"
license = "MIT"
repository = "{REPOSITORY}"
commands = COMMANDS
targets = TARGETS
"""


def toml(targets=FOUR, commands=("tool",)) -> dict[str, bytes]:
    text = TOML.replace("TARGETS", str(sorted(targets))).replace("COMMANDS", str([*commands]))
    return {"stage.toml": text.encode()}


def wrong(run, *options: object) -> tuple[str, str]:
    """What a check prints that finds something wrong, and its error."""
    before = run.files()
    result = run.stage("init", run.folder, "--check", *options)
    assert result.returncode == 1, result.stderr
    assert run.files() == before
    return result.stdout, result.stderr


def test_a_product_that_fits(init):
    run = init(release() | toml() | {"checksums.txt": b""})
    before = run.files()
    archives = run.json("--check")
    assert run.files() == before
    assert [archive["target"] for archive in archives] == sorted(FOUR)
    assert {archive["name"] for archive in archives} == set(release())
    for archive in archives:
        exe = bundles.suffix(archive["target"])
        assert archive["ok"]
        assert archive["commands"] == [{"name": "tool", "path": f"bin/tool{exe}"}]
    assert archives[0]["wheel_tags"] == ["macosx_11_0_arm64"]
    assert archives[3]["wheel_tags"] == ["manylinux_2_17_x86_64.musllinux_1_1_x86_64"]
    text = run("--check")
    assert text.stdout.startswith(
        "OK: tool-aarch64-apple-darwin.tar.gz: aarch64-apple-darwin, tool (bin/tool), wheel "
        "macosx_11_0_arm64\n"
    )
    assert text.stderr == "4 archives: the product fits, and no target is without one\n"


def test_targets_without_an_archive_and_archives_without_a_target(init):
    files = release(FOUR | {MACOS_X64: ".tar.gz"})
    del files["tool-aarch64-unknown-linux-musl.tar.gz"]
    run = init(files | toml())
    out, error = wrong(run)
    assert f"missing: {LINUX_ARM64}: stage.toml lists it, and no archive is for it\n" in out
    assert "wrong: tool-x86_64-apple-darwin.tar.gz: " in out
    assert "\n  help: " in out
    assert out.count("OK: ") == 3
    assert "because: 2 of 5 checks failed\n" in error


def test_a_command_that_an_archive_lacks(init):
    files = release(commands=("uv", "uvx"), pattern="uv-{target}")
    windows = "uv-x86_64-pc-windows-msvc.zip"
    files[windows] = pack(windows, tree(WINDOWS_X64, "uv", "uvw"))
    run = init(files | toml(commands=("uv", "uvx")))
    out, _ = wrong(run)
    assert f"wrong: {windows}: there is no executable `uvx` in it" in out
    assert out.count("OK: ") == 3


def test_an_archive_with_the_bytes_of_another_target(init):
    files = release()
    name = "tool-aarch64-unknown-linux-musl.tar.gz"
    files[name] = pack(name, {"tool": File(program(LINUX_X64, "another"), 0o755)})
    run = init(files | toml())
    out, _ = wrong(run)
    assert f"missing: {LINUX_ARM64}: " in out
    assert (
        f"wrong: {name}: its name says {LINUX_ARM64}, and it is a program for {LINUX_X64}\n"
        "  help: take the archive that was built for the target of its name\n"
    ) in out
    assert out.count("OK: ") == 3


def test_an_archive_that_the_product_does_not_list(init):
    name = "tool-x86_64-unknown-linux-gnu.tar.gz"
    files = {name: pack(name, {"tool": File(program(LINUX_X64, "another"), 0o755)})}
    run = init(release() | files | toml())
    out, _ = wrong(run)
    assert (
        f"wrong: {name}: its name says {GNU}, which stage.toml does not list\n"
        "  help: add the target to `product.targets`, or move the archive away\n"
    ) in out
    assert out.count("OK: ") == 4


def test_two_archives_for_one_target(init):
    files = release({LINUX_X64: ".tar.gz"}, licenses={})
    other = "tool-linux-amd64.tar.gz"
    files[other] = pack(other, {"tool": File(program(LINUX_X64, "more"), 0o755)})
    run = init(files | toml([LINUX_X64]))
    out, _ = wrong(run)
    assert (
        f"wrong: tool-{LINUX_X64}.tar.gz: {other} is for {LINUX_X64} already\n"
        "  help: move one of the two away\n"
    ) in out


def test_one_that_is_damaged(init):
    files = release()
    name = "tool-aarch64-apple-darwin.tar.gz"
    files[name] = files[name][:-50]
    run = init(files | toml())
    out, _ = wrong(run)
    assert f"wrong: {name}: " in out and "ends early" in out
    assert f"missing: {MACOS_ARM64}" in out
    assert out.count("OK: ") == 3


@pytest.mark.parametrize(
    "names", [("linux-gnu", "linux-musl"), ("linux", "linux-musl"), ("a", "b")]
)
def test_static_builds_for_two_c_libraries(init, names):
    files = {
        f"tool-{name}-x64.tar.gz": pack("x.tar.gz", {"tool": File(program(LINUX_X64, name), 0o755)})
        for name in names
    }
    run = init(files | toml([GNU, LINUX_X64]))
    archives = run.json("--check")
    assert {archive["target"] for archive in archives} == {GNU, LINUX_X64}


def test_one_build_in_two_containers(init):
    files = release()
    files["tool-aarch64-apple-darwin.zip"] = pack("x.zip", tree(MACOS_ARM64, "tool"))
    run = init(files | toml())
    assert len(run.json("--check")) == 4


def test_runtimes_that_say_their_version(init, stage, tmp_path):
    """A product with a metadata file, such as the built-in one: its archives say what they are."""
    text = """[product]
name = "codex"
title = "Codex CLI"
license = "Apache-2.0"
repository = "https://github.com/openai/codex"
targets = ["x86_64-pc-windows-msvc"]

[bundle]
metadata = "codex-package.json"
entrypoint = "bin/codex"
resources-dir = "codex-resources"
path-dir = "codex-path"
"""
    data = bundles.gzip_bytes(bundles.tar_bytes(bundles.bundle(WINDOWS_X64, size="small")))
    run = init({"codex-package-x86_64-pc-windows-msvc.tar.gz": data, "stage.toml": text.encode()})
    (archive,) = run.json("--check")
    assert archive["ok"]
    out, _ = wrong(run, "--release-tag", "v0.1.0")
    assert "version" in out


def test_a_product_that_cannot_be_loaded(init):
    run = init(release() | {"stage.toml": b"[product]\n"})
    error = run.refuses("--check")
    assert f"error: cannot read the product in {run.folder}\n" in error
    assert "`product.license`: is missing" in error
    run = init(release(), "another")
    assert "No such file" in run.refuses("--check")


def test_a_product_without_archives(init):
    run = init(toml() | {"checksums.txt": b""})
    error = run.refuses("--check")
    assert "has no archive of a program (one file was looked at)" in error


def test_a_folder_that_nobody_may_write_to(init):
    run = init(release() | toml())
    result, _ = mounts.run_with_mount(
        run.stage, run.folder, mounts.READ_ONLY, ["init", run.folder, "--check"]
    )
    assert result.returncode == 0, result.stderr


def test_nothing_stays_in_the_directory_for_temporary_files(init, tmp_path):
    run = init(release() | toml())
    save(tmp_path / "tmp", {"mine": b""})
    run("--check", env={"TMPDIR": str(tmp_path / "tmp")})
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["mine"]


def test_answers_make_no_sense_with_a_check(init):
    run = init(release() | toml())
    result = run.stage("init", run.folder, "--check", "--name", "x")
    assert result.returncode == 2
