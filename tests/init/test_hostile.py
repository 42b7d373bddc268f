"""Archives, names and folders that were made to do harm, or are damaged."""

import gzip
import io
import json
import lzma
import os
import subprocess
import tarfile
import zipfile

import bundles
import mounts
import pytest
from bundles import LINUX_X64, MACOS_ARM64, File
from init_archives import FOUR, MIT, REPOSITORY, next_commands, pack, program, release, tree

ONE = {LINUX_X64: ".tar.gz"}
GOOD = release(ONE)
(GOOD_NAME,) = GOOD


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


def member(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o755
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def bomb() -> bytes:
    """A member of 9 GiB, of which the archive has the beginning."""
    header = member("tool", 9 << 30).tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(header + bytes(1 << 20), mtime=0)


def many() -> bytes:
    """More entries than an archive may have."""
    empty = b"".join(member(f"{number}").tobuf() for number in range(100_001))
    return gzip.compress(empty + bytes(1024), compresslevel=1, mtime=0)


def zip_bomb() -> bytes:
    """Entries that say that they have 9 GiB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tool", b"x")
    data = buffer.getvalue()
    size = (4 << 30) - 2
    local, central = data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24
    for at in (local, central):
        data = data[:at] + size.to_bytes(4, "little") + data[at + 4 :]
    return data


def duplicate_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tool", b"x")
        with pytest.warns(UserWarning):
            archive.writestr("tool", b"y")
    return buffer.getvalue()


LINK = {"type": tarfile.SYMTYPE}
DAMAGED = {
    "bomb.tar.gz": (bomb(), "it unpacks to more than 8589934592 bytes, the limit"),
    "many.tar.gz": (many(), "it has more than 100000 entries, the limit"),
    "above.tar.gz": (tar((member("../tool", 1), b"x")), "`../tool`: "),
    "root.tar.gz": (tar((member("/etc/tool", 1), b"x")), "`/etc/tool`: "),
    "escape.tar.gz": (tar((member("a\x1b[2Jb", 1), b"x")), r"`a\u{1b}[2Jb`: "),
    "twice.tar.gz": (tar((member("tool", 1), b"x"), (member("tool", 1), b"y")), "`tool`: "),
    "link.tar.gz": (
        tar((member("tool", linkname="../../etc/passwd", **LINK), b"")),
        "`tool`: it is a link that leaves the tree",
    ),
    "dangling.tar.gz": (
        tar((member("tool", linkname="nothing", **LINK), b"")),
        "`tool`: it is a link to `nothing`, which does not exist",
    ),
    "cut.tar.xz": (
        pack("x.tar.xz", {"tool": File(program(LINUX_X64))})[:-40],
        "the xz stream ends early",
    ),
    "bomb.tar.xz": (
        lzma.compress(gzip.decompress(bomb()), preset=0),
        "it unpacks to more than 8589934592 bytes, the limit",
    ),
    "large.tar.xz": (
        lzma.compress(
            bytes(1024), filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 192 << 20}]
        ),
        "the xz stream has a dictionary of more than 128 MiB, the limit",
    ),
    "cut.tar.gz": (GOOD[GOOD_NAME][:-40], "the gzip stream ends early"),
    "empty.tar.gz": (b"", "is empty"),
    "size.zip": (zip_bomb(), "tool"),
    "twice.zip": (duplicate_zip(), "tool"),
    "cut.zip": (release({LINUX_X64: ".zip"})["tool-x86_64-unknown-linux-musl.zip"][:-30], "zip"),
    "cut-program": (bundles.elf(0x3E, "tool" * 100)[:-20], "truncated"),
}

SLOW = {"bomb.tar.gz", "bomb.tar.xz", "many.tar.gz"}


@pytest.mark.parametrize("name", DAMAGED)
def test_one_that_cannot_be_read_is_named_and_the_others_are_taken(init, name):
    data, reason = DAMAGED[name]
    run = init(GOOD | {name: data})
    result = run("--repository", REPOSITORY)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert line.startswith(f"warning: {name} is left out: ")
    assert reason in line
    assert "\x1b" not in result.stderr + result.stdout
    assert run.product["targets"] == [LINUX_X64]
    assert not (run.folder.parent / "tool").exists()


def test_nothing_but_what_cannot_be_read(init):
    # Those that take seconds to unpack are read by the test above.
    damaged = {name: data for name, (data, _) in DAMAGED.items() if name not in SLOW}
    run = init(damaged | {"notes.txt": b""})
    error = run.refuses()
    assert f"has no archive of a program ({len(damaged) + 1} files were looked at)" in error
    for name in damaged:
        assert f"  because: {name}: " in error
    assert "  because: notes.txt: a text or a script\n" in error


def test_an_empty_folder_and_none(init):
    run = init({})
    assert "has no archive of a program\n" in run.refuses()
    run.folder.rmdir()
    assert "does not exist" in run.stage.refuses("init", run.folder)


def test_names_of_archives_add_nothing_to_the_text(init):
    name = 'tool"\n[npm]\nbin = "evil'
    files = {
        f"{name}-linux-x64.tar.gz": GOOD[GOOD_NAME],
        "'; rm -rf x #-linux-arm64.tar.gz": release({bundles.LINUX_ARM64: ".tar.gz"})[
            "tool-aarch64-unknown-linux-musl.tar.gz"
        ],
    }
    run = init(files)
    results = run.json("--repository", REPOSITORY)
    assert list(run.toml) == ["product", "release"]
    assert run.toml["release"] == {"assets": ["'; rm -rf x #-{os}-{arch}.tar.gz"]}
    assert run.product["targets"] == [bundles.LINUX_ARM64]
    (left,) = [result for result in results if result["type"] == "left-out"]
    assert "control character" in left["reason"]
    (command,) = next_commands(results)
    assert r"""'\''; rm -rf x #-linux-arm64.tar.gz'""" in command


def test_names_in_archives_add_nothing_to_the_text(init):
    content = {
        "a'quoted": File(program(LINUX_X64), 0o755),
        "b\u202egpj": File(program(LINUX_X64), 0o755),
        "tool": File(program(LINUX_X64), 0o755),
        "x y": File(program(LINUX_X64), 0o755),
    }
    run = init({"tool-linux-x64.tar.gz": pack("x.tar.gz", content)})
    result = run("--repository", REPOSITORY, "--license", "MIT")
    assert "commands" not in run.product
    assert "\u202e" not in result.stdout
    assert 'left out: x y: "x y" cannot name a command' in result.stdout


def test_a_licence_that_is_no_text(init):
    licenses = {"LICENSE": b"\xff\xfe" * 100, "COPYING": MIT}
    run = init(release(ONE, licenses=licenses))
    result = run("--repository", REPOSITORY)
    assert (
        f"not known: license: LICENSE in {GOOD_NAME} is no text that stage knows; " in result.stdout
    )
    assert "license" not in run.product
    assert not (run.folder / "LICENSE").exists()


def test_two_that_cannot_be_told_apart(init):
    names = ["a-linux-amd64.tar.gz", "b-linux-amd64.tar.gz"]
    run = init(
        {name: pack(name, {"tool": File(program(LINUX_X64, name), 0o755)}) for name in names}
    )
    assert (
        "  because: a-linux-amd64.tar.gz and b-linux-amd64.tar.gz are for one target, "
        "x86_64-unknown-linux-musl: each is a program for Linux on x86_64, static\n"
        "help: move one of them away, or let their names say what each is for, such as `gnu` and "
        "`musl`; of two products, --name NAME says which one it is"
    ) in run.refuses()


def test_programs_of_two_targets_in_one_archive(init):
    content = tree(LINUX_X64, "tool") | tree(MACOS_ARM64, "other")
    run = init(GOOD | {"mixed.tar.gz": pack("mixed.tar.gz", content)})
    result = run("--repository", REPOSITORY)
    assert (
        "left out: mixed.tar.gz: `other` is a program for macOS on arm64, and `tool` is one for "
        "Linux on x86_64, static\n"
    ) in result.stdout


def test_a_machine_that_no_target_is_for(init):
    # SPARC.
    run = init(GOOD | {"tool-sparc": bundles.elf(43, "tool")})
    result = run("--repository", REPOSITORY)
    assert "for which stage knows no target\n" in result.stdout


def test_a_folder_with_too_many_files(init):
    run = init({f"{number}.txt": b"" for number in range(2001)})
    assert "has more than 2000 files, the most that are looked at" in run.refuses()


def test_what_is_no_regular_file(init):
    run = init(GOOD)
    os.mkfifo(run.folder / "tool-fifo.tar.gz")
    (run.folder / "tool-link.tar.gz").symlink_to("nowhere")
    result = run("--repository", REPOSITORY)
    assert "left out: tool-fifo.tar.gz: is a FIFO, not a file or a directory\n" in result.stdout
    assert "tool-link.tar.gz is left out: does not exist" in result.stderr


# The folder


def test_nothing_is_overwritten(init):
    run = init(GOOD | {"stage.toml": b"# mine\n"})
    error = run.refuses()
    assert "stage.toml exists already\nhelp: stage init never overwrites" in error
    assert run.text == "# mine\n"
    (run.folder / "stage.toml").unlink()
    (run.folder / "stage.toml").symlink_to("nowhere")
    assert "exists already" in run.refuses()


def test_a_file_of_a_target_is_not_overwritten_and_nothing_half_done_stays(init):
    name = "tool-1.2.3-Linux-64bit.tar.gz"
    mine = f"platforms/{LINUX_X64}.toml"
    run = init({name: GOOD[GOOD_NAME], mine: b"# mine\n"})
    error = run.refuses("--repository", REPOSITORY)
    assert f"{mine} exists already" in error
    assert run.files() == sorted([name, mine, "platforms"])


def test_a_folder_that_cannot_be_written(init):
    run = init(GOOD)
    call = ["init", run.folder, "--repository", REPOSITORY]
    result, _ = mounts.run_with_mount(run.stage, run.folder, mounts.READ_ONLY, call)
    assert result.returncode == 1
    assert "help: use a directory that you may write to" in result.stderr
    assert run.files() == [GOOD_NAME]


def test_two_at_once(init):
    run = init(release(FOUR))
    call = [run.stage.binary, "init", run.folder, "--repository", REPOSITORY]
    processes = [
        subprocess.Popen(call, env=run.stage.env, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    ends = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 1, 1, 1]
    for process, error in zip(processes, ends, strict=True):
        if process.returncode:
            assert "exists already" in error or "another `stage` is working in" in error
    assert run.files() == sorted(["LICENSE", "stage.toml", *release(FOUR)])


def test_an_interruption_leaves_nothing(init):
    name = "tool-1.2.3-Linux-64bit.tar.gz"
    run = init({name: GOOD[GOOD_NAME]})
    before = run.files()
    call = [run.stage.binary, "init", run.folder, "--repository", REPOSITORY]
    for step in ["LICENSE", f"platforms/{LINUX_X64}.toml"]:
        env = run.stage.env | {"STAGE_FAILPOINT": f"placed {step}"}
        subprocess.run(call, env=env, capture_output=True, timeout=120, check=False)
        # A kill undoes nothing, and what makes a product comes last.
        assert "stage.toml" not in run.files()
        for left in ["LICENSE", f"platforms/{LINUX_X64}.toml"]:
            (run.folder / left).unlink(missing_ok=True)
        if (run.folder / "platforms").exists():
            (run.folder / "platforms").rmdir()
    run("--repository", REPOSITORY)
    assert set(run.files()) - set(before) == {
        "LICENSE",
        "platforms",
        f"platforms/{LINUX_X64}.toml",
        "stage.toml",
    }


def test_json_for_programs(init):
    run = init(GOOD)
    results = run.json("--repository", REPOSITORY)
    kinds = [result["type"] for result in results]
    assert kinds == ["taken"] * 6 + ["written"] * 2 + ["unknown", "next"]
    assert json.dumps(results)
