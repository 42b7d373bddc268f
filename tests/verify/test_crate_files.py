"""`stage verify` of `.crate` files: each rule broken alone, and nearly broken beside it."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
import zstandard
from bundles import HOST, File, Tree
from clients import copy_product, edit
from damage import findings
from tampered import codes, drop, move, put
from tampered import edit as edit_in
from tampered_crates import (
    NO_HASH,
    PART,
    PLATFORM,
    REFUSED,
    TAKEN,
    TOP,
    VERSION,
    flipped,
    line,
    stated,
    write,
)


def dependency(text: str) -> Callable[[Tree], Tree]:
    """The crate with one more dependency."""
    path = f"{TOP}/Cargo.toml"
    return lambda tree: tree | {path: File(tree[path].data + f"\n{text}\n".encode())}


def manifest(change: Callable[[bytes], bytes]) -> Callable[[Tree], Tree]:
    path = f"{TOP}/Cargo.toml"
    return lambda tree: tree | {path: File(change(tree[path].data))}


PROGRAM = "bin/codex"


def damaged(tree: Tree) -> Tree:
    payload = f"{TOP}/payload.bin"
    return bundles.replace(tree, payload, flipped(tree[payload].data))


PACKAGED = {
    "crate-top-folder": (
        [
            move(f"{TOP}/", "other-1.0.0/"),
            put("README.md", ""),
            put("other/README.md", ""),
        ],
        [put(f"{TOP}/other/README.md", "")],
    ),
    "crate-path-in-package": (
        [dependency('[dependencies.serde]\nversion = "1"\npath = "../serde"')],
        [dependency('[dev-dependencies.serde]\nversion = "1"\npath = "../serde"')],
    ),
    "crate-unpublishable": (
        [
            *(manifest(stated(field)) for field in REFUSED),
            manifest(line("^description = .*", "")),
            manifest(line("^license = .*", "")),
            dependency('[dependencies]\na = { features = ["b"] }'),
        ],
        [
            *(manifest(stated(field)) for field in TAKEN if "path" not in field),
            manifest(stated("publish = false")),
        ],
    ),
    "crate-source-missing": (
        [drop(f"{TOP}/src/lib.rs")],
        [put(f"{TOP}/src/main.rs", "fn main() {}")],
    ),
    "crate-payload-damaged": (
        [damaged],
        [drop(f"{TOP}/Cargo.lock")],
    ),
    "crate-payload-parts": ([drop(f"{TOP}/payload.bin")], [drop(f"{TOP}/README.md")]),
    "sbom-hash": (
        [edit_in(f"{TOP}/sbom.cdx.json", bundles.bundle()[PROGRAM].sha256, NO_HASH)],
        [drop(f"{TOP}/sbom.cdx.json")],
    ),
}


def package_cases(place: int) -> list:
    return [
        pytest.param(code, change, id=f"{code}-{number}")
        for code, changes in PACKAGED.items()
        for number, change in enumerate(changes[place])
    ]


# The small runtime names a directory that it does not have.
SMALL = {"runtime-directory-missing"}


@pytest.mark.parametrize(("code", "change"), package_cases(0))
def test_damage_of_a_package(stage, packaged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(packaged))) - SMALL == {code}


@pytest.mark.parametrize(("code", "change"), package_cases(1))
def test_near_miss_of_a_package(stage, packaged, tmp_path, code, change):
    assert codes(stage, write(tmp_path, change(packaged))) == SMALL


def test_a_part_of_the_payload_is_checked_alone(stage, good_crates, tmp_path):
    """Of several crates, a `.crate` file has one part: its frames are held against the manifest."""
    tree = {f"{TOP}/{path}": file for path, file in bundles.read(good_crates / PLATFORM).items()}
    path = f"{TOP}/Cargo.toml"
    tree[path] = File(re.sub(rb'path = "\.\./.*"\n', b"", tree[path].data))
    assert codes(stage, write(tmp_path, tree)) == set()
    assert codes(stage, write(tmp_path, damaged(tree))) == {"crate-payload-damaged"}
    loose = File(tree[path].data.replace(f'"={VERSION}"'.encode(), f'"{VERSION}"'.encode()))
    assert codes(stage, write(tmp_path, tree | {path: loose})) == {"crate-sibling-pin"}


def test_the_size_is_held_against_the_limit(stage, good_crates, packaged, tmp_path):
    product = copy_product(tmp_path)
    size = write(tmp_path, packaged).stat().st_size
    limit = "default-bytes = 10_485_760"
    parts = "parts = 24"
    for most, count, code in [
        (size - 1, 1, {"size-over-limit"}),
        (size, 1, {"size-near-limit"}),
        (size * 10 // 9 - 1, 1, {"size-near-limit"}),
        (size * 10 // 9 + 2, 1, set()),
        # A larger runtime is spread over the parts that the platform has left.
        (size, 2, set()),
        (size - 1, 2, {"size-over-limit"}),
    ]:
        edit(product, "stage.toml", limit, limit := f"default-bytes = {most}")
        edit(product, f"platforms/{HOST}.toml", parts, parts := f"parts = {count}")
        found = codes(stage, write(tmp_path, packaged), "--product", product)
        assert found - SMALL == code
    # A directory is packed to know: here, what compresses is larger than the limit.
    crate = shutil.copytree(good_crates / PART, tmp_path / PART)
    (crate / "src" / "table.rs").write_text("// a line that repeats itself\n" * 100_000)
    payload = (crate / "payload.bin").stat().st_size
    for most, code in [(payload, {"size-over-limit"}), (payload * 5 // 4, set())]:
        edit(product, "stage.toml", limit, limit := f"default-bytes = {most}")
        assert codes(stage, crate, "--product", product) == code


def test_the_runtime_in_the_payload_is_held_against_the_target(stage, packaged, tmp_path):
    crate = write(tmp_path, with_runtime(packaged, small()))
    assert codes(stage, crate) == set()
    program = small() | {"bin/codex": File(bundles.elf(0xB7, "arm64"), 0o755)}
    helper = small() | {"codex-path/rg": File(bundles.elf(0xB7, "arm64"), 0o755)}
    for code, tree in [
        ("runtime-machine", program),
        ("runtime-helper-machine", helper),
        ("runtime-not-executable", small() | {"bin/codex": File(small()["bin/codex"].data)}),
        ("runtime-entrypoint", drop("bin/codex")(small())),
        ("runtime-metadata", drop("codex-package.json")(small())),
        (
            "runtime-version",
            small() | {"codex-package.json": File(bundles.metadata(version="0.1.0"))},
        ),
    ]:
        crate = write(tmp_path, with_runtime(packaged, tree))
        assert codes(stage, crate) == {code}


def small() -> Tree:
    return bundles.bundle(size="small") | {"codex-resources/data": File(b"data")}


def with_runtime(packaged: Tree, tree: Tree) -> Tree:
    """The crate with another payload, in one part, that is what its manifest says."""
    version = f"payload 2\nversion {VERSION}\ntarget {HOST}\nentrypoint bin/codex\n"
    files, frames, payload = "", "", b""
    for path, file in sorted(tree.items()):
        files += f"file {file.mode & 0o777:o} {len(file.data)} {file.sha256} {path}\n"
        for start in range(0, len(file.data), 4 << 20):
            piece = file.data[start : start + (4 << 20)]
            frame = zstandard.compress(piece)
            digest = hashlib.sha256(frame).hexdigest()
            frames += f"frame {len(piece)} {len(frame)} {digest}\n"
            payload += frame
    text = f"{version}path-dir codex-path\n{files}part {len(payload)}\n{frames}"
    return drop(f"{TOP}/sbom.cdx.json")(
        packaged
        | {
            f"{TOP}/payload.manifest": File(text.encode()),
            f"{TOP}/payload.bin": File(payload),
        }
    )


def test_published_crates_of_others_have_no_error(stage):
    """What Cargo downloaded to build `stage`."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    published = sorted(home.glob("registry/cache/*/*.crate"))
    assert len(published) > 50
    found = findings(stage, *published)
    assert [finding for finding in found if finding["severity"] == "error"] == []
