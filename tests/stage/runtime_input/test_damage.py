"""RUNTIME: archives that are cut, changed or too large, or that lie about themselves."""

import gzip
import random
import resource
import shutil
import stat
import subprocess

import bundles
import hostile
import pytest
import zstandard
from bundles import LINUX_X64, TARGETS, File, gzip_bytes, save
from clients import edit
from hostile import Member, deflate, descriptor, entry, tgz, zip_of
from runtime_inputs import call, old_npm, small

# Truncation and damage


def archives() -> dict[str, bytes]:
    tar = bundles.tar_bytes(small())
    return {
        "tar.gz": gzip_bytes(tar),
        "tar.zst": zstandard.ZstdCompressor(write_checksum=True).compress(tar),
        "zip": bundles.zip_bytes(small()),
    }


@pytest.mark.parametrize("kind", archives())
def test_truncated(refused, kind):
    """Cut in its beginning, its middle, and short of its last byte."""
    whole = archives()[kind]
    reasons = {
        "tar.gz": "the gzip stream ends early",
        "tar.zst": "the zstd stream ends early",
        "zip": "it has no end-of-central-directory record at its end: it is truncated",
    }
    for length in [20, len(whole) // 2, len(whole) - 1]:
        refused(whole[:length], reasons[kind], "download it again")


TRUNCATED = "before what its headers describe: "


CUTS = {
    "signature": lambda whole: whole[:4],
    "header": lambda whole: whole[:40],
    "half": lambda whole: whole[: len(whole) // 2],
    "last byte": lambda whole: whole[:-1],
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("kind", ["bare", "gz", "alone", "directory", "tar.gz", "npm"])
def test_truncated_program(refused, tmp_path, target, cut, kind):
    program = cut(bundles.executable(target, "codex"))
    tree = bundles.replace(small(target), bundles.entrypoint(target), program)
    runtime = {
        "bare": lambda: program,
        "gz": lambda: gzip_bytes(program),
        "alone": lambda: bundles.zip_bytes({"codex": File(program, 0o755)}),
        "directory": lambda: bundles.directory(tree, tmp_path),
        "tar.gz": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "npm": lambda: bundles.npm_tarball(tree, tmp_path),
    }[kind]()
    reason = f"truncated: it ends at byte {len(program)}, {TRUNCATED}"
    refused(runtime, reason, "compare its SHA-256")


def test_truncated_program_of_an_old_package(stage, staging, tmp_path):
    program = bundles.executable(LINUX_X64, "codex-cli 0.116.0")
    runtime = save(tmp_path / "runtime", old_npm(program=program[:-1]))
    error = stage.refuses("stage-runtime", staging, runtime, "--codex-version", "0.116.0")
    assert TRUNCATED in error and not staging.exists()


def test_shared_library(refused):
    library = bytearray(bundles.elf(0x3E, "x"))
    library[16] = 3
    library[24:32] = bytes(8)
    refused(bytes(library), "is a shared library, not a program")


@pytest.mark.parametrize("cut", [512, 1024, 1025, 100_000])
def test_truncated_tar_in_a_whole_gzip(refused, cut):
    tar = hostile.unended(bundles.tar_bytes(small())) + bytes(1024)
    refused(gzip_bytes(tar[:-cut]), "the archive ends early")


@pytest.mark.parametrize("kind", archives())
def test_damaged(refused, stage, staging, tmp_path, kind):
    """A bit flipped anywhere is found, or changes nothing."""
    whole = archives()[kind]
    intact = stage.runtime(tmp_path / "intact", save(tmp_path / "intact.bin", whole)).stdout
    random_places = random.Random(163)
    for _ in range(25):
        damaged = bytearray(whole)
        place = random_places.randrange(len(whole))
        damaged[place] ^= 1 << random_places.randrange(8)
        runtime = save(tmp_path / "damaged.bin", bytes(damaged))
        result = stage(*call(staging, runtime))
        assert "panicked" not in result.stderr
        if result.returncode == 0:
            # A time, or a name in the gzip header.
            assert result.stdout == intact, f"byte {place}"
            shutil.rmtree(staging)
        else:
            assert result.returncode == 1 and not staging.exists(), f"byte {place}"


@pytest.mark.parametrize("kind", archives())
def test_trailing_data(refused, kind):
    reasons = {
        "tar.gz": "there is data after the end of the gzip stream",
        "tar.zst": "is corrupt, or has data after its end",
        "zip": "follow the end of the archive",
    }
    refused(archives()[kind] + b"more", reasons[kind])


def test_checksum_of_a_header(refused):
    block = bytearray(entry("a", content=b"content"))
    block[0] ^= 1
    refused(tgz(hostile.entries(small()), bytes(block)), "the checksum of a header is wrong")


# Limits, and sizes that lie


@pytest.fixture
def limited(product):
    edit(product, "stage.toml", "entries = 100_000", "entries = 10")
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "unpacked-bytes = 4_000_000")
    return "--product", product


@pytest.mark.parametrize("kind", ["zip", "tar", "directory"])
def test_too_many_entries(refused, limited, tmp_path, kind):
    tree = small() | {f"f{n}": File(b"") for n in range(10)}
    runtime = {
        "zip": lambda: bundles.zip_bytes(tree),
        "tar": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "directory": lambda: bundles.directory(tree, tmp_path),
    }[kind]()
    reason = "it has more than 10 entries, the limit"
    refused(runtime, reason, "raise `bundle.limits.entries`", options=limited)


@pytest.mark.parametrize("kind", ["zip", "tar", "directory", "bare executable"])
def test_too_much_content(refused, limited, tmp_path, kind):
    tree = small() | {"zeros": File(bytes(4_000_000))}
    runtime = {
        "zip": lambda: bundles.zip_bytes(tree),
        "tar": lambda: gzip_bytes(bundles.tar_bytes(tree)),
        "directory": lambda: bundles.directory(tree, tmp_path),
        "bare executable": lambda: bundles.program("codex") + bytes(4_000_000),
    }[kind]()
    refused(runtime, "it unpacks to more than 4000000 bytes", "stage.toml", options=limited)


def test_tar_entry_that_claims_an_exabyte(refused):
    claim = hostile.raw_header(name=b"huge", size=b"\x80\0\0\0\x10\0\0\0\0\0\0\0")
    refused(gzip_bytes(claim + bytes(1024)), "entry `huge`: it unpacks to more than 8589934592")


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        (10, "it claims 10 bytes but unpacks to more"),
        (1 << 26, "it claims 67108864 bytes but unpacks to 33554432"),
    ],
    ids=["less", "more"],
)
def test_size_that_lies(refused, claimed, reason):
    lie = {"size": claimed}
    bomb = Member("bomb", bytes(1 << 25), local=lie, central=lie)
    refused(zip_of(*hostile.members(small()), bomb), f"entry `bomb`: {reason}")


def test_stored_size_that_lies(refused):
    lie = {"size": 99}
    member = Member("liar", b"content", method=0, local=lie, central=lie)
    refused(zip_of(*hostile.members(small()), member), "entry `liar`", "size")


def test_compressed_data_that_lie(refused):
    content = b"content, content, content"
    for packed, reason in [
        (deflate(content) + b"hidden", "there are 6 bytes after the end of its compressed data"),
        (deflate(content)[:-1], "its compressed data end early"),
        (b"\xff" + deflate(content)[1:], "its compressed data are corrupt"),
    ]:
        member = Member("liar", content, packed=packed)
        refused(zip_of(*hostile.members(small()), member), f"entry `liar`: {reason}")


def test_checksum_that_lies(refused):
    lie = {"crc": 1}
    member = Member("liar", b"content", local=lie, central=lie)
    reason = "entry `liar`: its content does not have the checksum (CRC-32) in its header"
    refused(zip_of(*hostile.members(small()), member), reason)


def test_pax_size_that_lies(refused):
    hidden = entry("hidden", content=b"evil")
    archive = tgz(hostile.entries(small()), hostile.pax(size=str(len(hidden))), entry("a"), hidden)
    refused(archive, "its pax header says 1024 bytes and its plain header 0")


def test_bombs_take_no_memory(stage, staging, tmp_path):
    """Each would unpack to more than the whole address space that the process is given."""
    zeros = bytes(1 << 28)
    whole = gzip_bytes(bundles.tar_bytes(small()))
    bombs = {
        "padding": whole + gzip.compress(zeros, 1),
        "zip": zip_of(Member("bomb", b"", packed=deflate(zeros), central={"size": 1 << 20},
                             local={"size": 1 << 20})),
        "long name": tgz(hostile.raw_header(name=b"L", type=b"L", size=b"10000000000\0"), zeros),
        "directory": zip_of(entries=0xFFFF, size=0xFFFF_FFF0, offset=0),
    }  # fmt: skip
    limit = 200 << 20
    for name, bomb in bombs.items():
        runtime = save(tmp_path / name, bomb)
        result = subprocess.run(
            [stage.binary, *map(str, call(staging, runtime))],
            capture_output=True,
            text=True,
            env=stage.env,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        assert result.returncode == 1, f"{name}: {result.stderr}"
        assert "\nhelp: " in result.stderr and "panicked" not in result.stderr
        assert not staging.exists()


# Zips that say one thing in one place and another elsewhere


LIES = {
    "name": ({"name": b"bin/evil0"}, "name"),
    "shorter name": ({"name": b"bin"}, "name"),
    "method": ({"method": 0}, "compression method"),
    "flags": ({"flags": 2}, "flags"),
    "checksum": ({"crc": 7}, "checksum (CRC-32)"),
    "size": ({"size": 8}, "size"),
    "compressed size": ({"packed_size": 8}, "compressed size"),
}


@pytest.mark.parametrize(("lie", "what"), LIES.values(), ids=LIES)
def test_local_header_that_disagrees(refused, lie, what):
    member = Member("bin/extra", b"content", local=lie)
    reason = f"its local header and the central directory disagree about its {what}"
    refused(zip_of(*hostile.members(small()), member), f"entry `bin/extra`: {reason}")


@pytest.mark.parametrize("lie", ["crc", "packed", "size"])
def test_data_descriptor_that_disagrees(refused, lie):
    content = b"content"
    zeros = {"crc": 0, "size": 0, "packed_size": 0}
    member = Member("a", content, flags=8, local=zeros, after=descriptor(content, **{lie: 99}))
    reason = "entry `a`: its data descriptor and the central directory disagree"
    refused(zip_of(*hostile.members(small()), member), reason)


HIDDEN = {
    "between entries": (
        lambda: zip_of(*hostile.members(small()), Member("a", before=b"hidden")),
        "beside it there are 6 bytes that belong to no entry",
    ),
    "before the first": (
        lambda: zip_of(Member("a", before=b"PK\x03\x04"), *hostile.members(small())),
        "beside it there are 4 bytes that belong to no entry",
    ),
    "before the directory": (
        lambda: zip_of(*hostile.members(small()), Member("a", after=b"hidden")),
        "beside it there are 6 bytes that belong to no entry",
    ),
    "overlapping": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"1", move=-20)),
        "its data overlap the next entry",
    ),
    "two ends": (
        lambda: zip_of(*hostile.members(small()), comment=zip_of()),
        "it has two end-of-central-directory records",
    ),
    "two ends, the second of which Python takes": (
        lambda: zip_of(*hostile.members(small()), comment=zip_of() + b"x"),
        "it has two end-of-central-directory records",
    ),
    "fewer entries counted": (
        lambda: zip_of(*hostile.members(small()), entries=2),
        "does not hold the 2 entries that its end record counts",
    ),
    "more entries counted": (
        lambda: zip_of(*hostile.members(small()), entries=9),
        "does not hold the 9 entries that its end record counts",
    ),
    "split": (
        lambda: zip_of(*hostile.members(small()), disk=1),
        "it is one part of an archive that was split",
    ),
    "encrypted": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"x", flags=1)),
        "entry `a`: it is encrypted",
    ),
    "LZMA": (
        lambda: zip_of(*hostile.members(small()), Member("a", b"x", method=14)),
        "entry `a`: it is compressed with LZMA (method 14)",
    ),
    "directory by mode": (
        lambda: zip_of(*hostile.members(small()), Member("a", mode=stat.S_IFDIR | 0o755)),
        "its name and its attributes disagree about whether it is a directory",
    ),
    "directory with content": (
        lambda: zip_of(*hostile.members(small()), Member("a/", b"x", stat.S_IFDIR | 0o755)),
        "it is a directory with content",
    ),
}


@pytest.mark.parametrize(("archive", "reason"), HIDDEN.values(), ids=HIDDEN)
def test_zip_with_two_readings(refused, archive, reason):
    refused(archive(), reason)


def test_tar_after_the_end_of_a_tar(refused):
    more = bundles.tar_bytes({"hidden": File(b"evil")})
    archive = gzip_bytes(hostile.unended(bundles.tar_bytes(small())) + bytes(1024) + more)
    refused(archive, "there is data after the end of the archive")
