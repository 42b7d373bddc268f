"""`stage verify` of crates: each rule broken alone, and nearly broken beside it."""

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
from clients import FACADE, cargo_package, copy_product, edit, must, run
from damage import findings
from tampered import codes, drop, move, put, read_tgz, spoiled, survives, tgz
from tampered import edit as edit_in

PLATFORM = f"{FACADE}-{HOST}"
PART = f"{PLATFORM}-part2"
PARTS = 3
VERSION = bundles.VERSION

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def good(stage, runtime, tmp_path_factory) -> Path:
    """Crates in several parts."""
    work = tmp_path_factory.mktemp("crates")
    product = copy_product(work)
    edit(product, "stage.toml", "default-bytes = 10_485_760", "default-bytes = 2_500_000")
    edit(product, f"platforms/{HOST}.toml", "parts = 24", f"parts = {PARTS}")
    stage.runtime(work / "staging", runtime, "--format", "crate", "--product", product)
    return work / "staging" / "crates"


@pytest.fixture
def crates(good, tmp_path) -> Path:
    return shutil.copytree(good, tmp_path / "crates")


@pytest.fixture(scope="module")
def packaged(stage, small_runtime, tmp_path_factory) -> Tree:
    """The platform crate of a small runtime, in one part, as the real Cargo packs it."""
    staging = tmp_path_factory.mktemp("packaged") / "staging"
    stage.runtime(staging, small_runtime, "--format", "crate", "--max-crate-size", "none")
    return read_tgz(cargo_package(staging / "crates" / PLATFORM))


# Changes of a file below the crates


def text(path: str, old: str, new: str, count: int = 1) -> Change:
    def change(crates: Path) -> None:
        content = (crates / path).read_text()
        assert old in content, content
        (crates / path).write_text(content.replace(old, new, count))

    return change


def content(path: str, change: Callable[[bytes], bytes]) -> Change:
    def change_file(crates: Path) -> None:
        (crates / path).write_bytes(change((crates / path).read_bytes()))

    return change_file


def gone(path: str) -> Change:
    def change(crates: Path) -> None:
        target = crates / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    return change


def added(path: str) -> Change:
    def change(crates: Path) -> None:
        (crates / path).touch()

    return change


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def line(pattern: str, replacement: str) -> Callable[[bytes], bytes]:
    """Changes the first line of a manifest that matches."""

    def change(data: bytes) -> bytes:
        changed, count = re.subn(pattern, replacement, data.decode(), count=1, flags=re.M)
        assert count == 1, pattern
        return changed.encode()

    return change


def stated(field: str) -> Callable[[bytes], bytes]:
    """A manifest with this in `[package]`, in place of what it says; or with another table."""

    def change(data: bytes) -> bytes:
        if field.startswith("["):
            return data + f"\n{field}\n".encode()
        name = re.escape(field.split(" =")[0])
        without = re.sub(rf"(?m)^{name} = .*\n", "", data.decode())
        return without.replace("[package]\n", f"[package]\n{field}\n", 1).encode()

    return change


def says(field: str) -> Change:
    return content(PART_TOML, stated(field))


# What a manifest may say that Cargo packages: what the registry refuses, and what it takes. Its
# checks are those of `publish.rs` of the registry's source.
REFUSED = [
    f'description = "{"x" * 1001}"',
    'description = " "',
    'license = "Apache 2.0"',
    'license = "MIT AND"',
    'license = "mine"',
    'homepage = "example.com"',
    'documentation = "ftp://example.com"',
    'repository = "https://"',
    'repository = "git@example.com:a/b.git"',
    'keywords = ["a", "b", "c", "d", "e", "f"]',
    f'keywords = ["{"x" * 21}"]',
    'keywords = [""]',
    'keywords = ["two words"]',
    'keywords = ["-a"]',
    'keywords = ["ä"]',
    'categories = ["a", "b", "c", "d", "e", "f"]',
    '[dev-dependencies]\na = "*"',
    '[dev-dependencies]\na = { version = " * " }',
    "[target.'cfg(unix)'.build-dependencies]\na = \"*\"",
]
TAKEN = [
    f'description = "{"x" * 1000}"',
    'license = "MIT/Apache-2.0"',
    'license = "GPL-2.0+ WITH Classpath-exception-2.0"',
    'homepage = "http://example.com"',
    f'keywords = ["{"x" * 20}", "c++", "a_b-c", "1", "Z"]',
    'categories = ["a", "b", "c", "d", "e"]',
    '[dev-dependencies]\na = "1.*"',
    '[dev-dependencies]\na = { path = "../a" }',
    '[dev-dependencies]\na = { git = "https://example.com" }',
    '[dependencies]\na = ">=0"',
]

CARGO_TOML = f"{PLATFORM}/Cargo.toml"
PART_TOML = f"{PART}/Cargo.toml"
FACADE_TOML = f"{FACADE}/Cargo.toml"
MANIFEST = f"{PLATFORM}/payload.manifest"
BILL = f"{PLATFORM}/sbom.cdx.json"
NO_HASH = "0" * 64

# code: (the crate, what breaks the rule), and what nearly does.
DIRECTORIES: dict[str, tuple[list[tuple[str, Change]], list[tuple[str, Change]]]] = {
    "crate-manifest": (
        [
            (PART, content(PART_TOML, lambda _: b"[package")),
            (PART, content(PART_TOML, lambda _: b"[workspace]")),
            (PART, content(PART_TOML, lambda _: b"\xff")),
        ],
        [(PART, content(PART_TOML, lambda data: b"# comment\n" + data))],
    ),
    "crate-name": (
        [
            (PART, text(PART_TOML, f'name = "{PART}"', 'name = "9"')),
            (PART, text(PART_TOML, f'name = "{PART}"', 'name = "a.b"')),
            (PART, text(PART_TOML, f'name = "{PART}"', f'name = "{"x" * 65}"')),
            (PART, text(PART_TOML, f'name = "{PART}"', 'name = "Proc-macro"')),
        ],
        [
            (PART, text(PART_TOML, f'name = "{PART}"', f'name = "{"x" * 64}"')),
            (PART, text(PART_TOML, f'name = "{PART}"', 'name = "proc-macro2"')),
        ],
    ),
    "crate-version": (
        [
            (PART, text(PART_TOML, f'version = "{VERSION}"', 'version = "1.2"')),
            (PART, text(PART_TOML, f'version = "{VERSION}"', "")),
            (PART, text(PART_TOML, f'version = "{VERSION}"', "version = 1")),
        ],
        [(PART, text(PART_TOML, f'version = "{VERSION}"', 'version = "1.2.3-rc.1"'))],
    ),
    "crate-unpublishable": (
        [
            (PART, content(PART_TOML, line("^description = .*", ""))),
            (PART, content(PART_TOML, line("^license = .*", ""))),
            (PART, content(PART_TOML, line("^license = .*", "publish = false\\n\\g<0>"))),
            (PART, content(PART_TOML, line("^license = .*", "publish = []\\n\\g<0>"))),
            (PART, content(PART_TOML, lambda data: data + b'\n[dependencies]\nserde = "*"\n')),
            (
                PART,
                content(PART_TOML, lambda data: data + b'\n[dependencies]\na = { git = "x" }\n'),
            ),
            *((PART, says(field)) for field in REFUSED),
        ],
        [
            (PART, content(PART_TOML, line("^license = .*", 'license-file = "LICENSE"'))),
            (PART, content(PART_TOML, lambda data: data + b'\n[dependencies]\nserde = "1"\n')),
            *((PART, says(field)) for field in TAKEN),
            # What no other registry asks for.
            (PART, says('publish = ["mine"]\nkeywords = [""]')),
        ],
    ),
    "crate-source-missing": (
        [
            (PART, gone(f"{PART}/src/lib.rs")),
            (PART, text(PART_TOML, "[lib]", '[lib]\npath = "lib.rs"')),
            (PART, text(PART_TOML, "[package]", '[package]\nbuild = "build.rs"')),
        ],
        [
            (PART, text(PART_TOML, "[lib]", '[lib]\npath = "src/lib.rs"')),
            (PART, text(PART_TOML, "[package]", "[package]\nbuild = false")),
        ],
    ),
    "crate-target-cfg": (
        [
            (FACADE, text(FACADE_TOML, "cfg(all(target_os", "cfg(all((target_os")),
            (FACADE, text(FACADE_TOML, "cfg(all(target_os", "cfg(some(target_os")),
        ],
        [
            (FACADE, text(FACADE_TOML, "cfg(all(target_os", "cfg(any(target_os")),
            (FACADE, added(f"{FACADE}/src/more.rs")),
        ],
    ),
    "crate-sibling-pin": (
        [
            (PLATFORM, text(CARGO_TOML, f'"={VERSION}"', f'"{VERSION}"')),
            (PLATFORM, text(CARGO_TOML, f'"={VERSION}"', f'">={VERSION}, <1"')),
            (FACADE, text(FACADE_TOML, f'"={VERSION}"', '"=0.163"')),
        ],
        [(PLATFORM, text(CARGO_TOML, f'"={VERSION}"', f'" = {VERSION}"'))],
    ),
    "crate-sibling-missing": (
        [
            (PLATFORM, gone(PART)),
            (PLATFORM, text(PART_TOML, f'name = "{PART}"', 'name = "other"')),
            (PLATFORM, text(PART_TOML, f'version = "{VERSION}"', 'version = "0.162.0"')),
            (FACADE, gone(PLATFORM)),
        ],
        [(PLATFORM, gone(FACADE)), (FACADE, gone(PART))],
    ),
    "crate-workspace": (
        [
            (PART, text(PART_TOML, "[workspace]", "")),
            (FACADE, text(FACADE_TOML, "[workspace]", "")),
        ],
        [(PART, text(PART_TOML, "[workspace]", "[workspace]\nmembers = []"))],
    ),
    "crate-include": (
        [
            (PART, text(PART_TOML, '"/payload.*"', '"/payload.manifest"')),
            (PART, text(PART_TOML, '"/src"', '"/source"')),
            (PART, text(PART_TOML, '"/LICENSE"', '"/LICENCE"')),
            (PLATFORM, text(CARGO_TOML, '"/sbom.cdx.json"', '"/sbom.json"')),
            (PART, text(PART_TOML, "include =", "exclude =")),
        ],
        [
            (PART, text(PART_TOML, '"/payload.*"', '"payload.bin"')),
            (PART, text(PART_TOML, '"/src"', '"/src/**/*.rs"')),
            (PART, added(f"{PART}/notes.txt")),
        ],
    ),
    "crate-payload-manifest": (
        [
            (PLATFORM, gone(MANIFEST)),
            (PLATFORM, content(MANIFEST, lambda data: data[:-1])),
            (PLATFORM, content(MANIFEST, lambda data: data + b"more\n")),
            (PLATFORM, content(MANIFEST, line("^payload 1$", "payload 2"))),
            (PLATFORM, content(MANIFEST, line("^version .*", "version 0.162.0"))),
            (PLATFORM, content(MANIFEST, line("^target .*", "target riscv64"))),
            (PLATFORM, content(MANIFEST, line("^entrypoint .*", "entrypoint codex-path/rg"))),
            (PLATFORM, content(MANIFEST, line("^path-dir .*\n", ""))),
            (PLATFORM, content(MANIFEST, line("^(file 755 )", r"\g<1>0"))),
            (PLATFORM, content(MANIFEST, line("^(file 755 )", r"\g<1>9"))),
            (PLATFORM, content(MANIFEST, line("^file 755", "file 777"))),
            (PLATFORM, content(MANIFEST, line("^(frame [0-9]+) [0-9]+", r"\g<1> 99999999"))),
        ],
        [(PART, gone(MANIFEST))],
    ),
    "crate-payload-parts": (
        [
            (PLATFORM, gone(f"{PART}/payload.bin")),
            (PLATFORM, gone(f"{PLATFORM}/payload.bin")),
            (PLATFORM, content(f"{PART}/payload.bin", lambda data: data + b"\0")),
            (PLATFORM, content(f"{PART}/payload.bin", lambda data: data[:-1])),
            (PLATFORM, content(CARGO_TOML, line(rf"^\[dependencies\.{PART}\]", "[dev.x]"))),
        ],
        [(FACADE, gone(f"{PART}/payload.bin"))],
    ),
    "crate-payload-damaged": (
        [
            (PLATFORM, content(f"{PART}/payload.bin", flipped)),
            (PLATFORM, content(f"{PLATFORM}/payload.bin", flipped)),
            (PLATFORM, content(MANIFEST, line("^(frame .*) [0-9a-f]{64}$", rf"\1 {NO_HASH}"))),
            (PLATFORM, content(MANIFEST, line("^(file .*) [0-9a-f]{64} ", rf"\1 {NO_HASH} "))),
        ],
        [(PART, content(f"{PART}/payload.bin", flipped))],
    ),
    "sbom-hash": (
        [(PLATFORM, content(BILL, line('"content": *"[0-9a-f]{64}"', f'"content":"{NO_HASH}"')))],
        [(PLATFORM, gone(BILL))],
    ),
}

# Rules that say what Cargo refuses.
RESOLVED = ["crate-manifest", "crate-target-cfg", "crate-sibling-missing"]


def directories(place: int, only: list[str] | None = None) -> list:
    return [
        pytest.param(code, crate, change, id=f"{code}-{number}")
        for code, changes in DIRECTORIES.items()
        if only is None or code in only
        for number, (crate, change) in enumerate(changes[place])
    ]


@pytest.mark.parametrize(("code", "crate", "change"), directories(0))
def test_damage_of_a_directory(stage, crates, code, crate, change):
    change(crates)
    assert codes(stage, crates / crate) == {code}


@pytest.mark.parametrize(("code", "crate", "change"), directories(1))
def test_near_miss_of_a_directory(stage, crates, code, crate, change):
    change(crates)
    assert codes(stage, crates / crate) == set()


def test_staged_crates_are_right(stage, good):
    assert findings(stage, *sorted(good.iterdir())) == []


@pytest.mark.parametrize(("code", "crate", "change"), directories(0, RESOLVED))
def test_cargo_refuses_what_is_found(crates, code, crate, change):
    change(crates)
    assert run("cargo", "metadata", "--format-version=1", cwd=crates / crate).returncode != 0


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_cargo_resolves_what_is_right_for_every_target(crates, target):
    for crate in [FACADE, PLATFORM, PART]:
        call = ["--format-version=1", "--filter-platform", target]
        must("cargo", "metadata", *call, cwd=crates / crate)


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


TOP = f"{PLATFORM}-{VERSION}"


def with_runtime(packaged: Tree, tree: Tree) -> Tree:
    """The crate with another payload, in one part, that is what its manifest says."""
    version = f"payload 1\nversion {VERSION}\ntarget {HOST}\nentrypoint bin/codex\n"
    files, frames, payload = "", "", b""
    for path, file in sorted(tree.items()):
        files += f"file {file.mode & 0o777:o} {len(file.data)} {file.sha256} {path}\n"
        for start in range(0, len(file.data), 4 << 20):
            piece = file.data[start : start + (4 << 20)]
            frame = zstandard.compress(piece)
            digest = hashlib.sha256(piece).hexdigest()
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


# `.crate` files


def write(tmp_path: Path, tree: Tree) -> Path:
    path = tmp_path / f"{TOP}.crate"
    path.write_bytes(tgz(tree))
    return path


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


def test_a_part_of_the_payload_is_checked_alone(stage, good, tmp_path):
    """Of several crates, a `.crate` file has one part: its frames are held against the manifest."""
    tree = {f"{TOP}/{path}": file for path, file in bundles.read(good / PLATFORM).items()}
    path = f"{TOP}/Cargo.toml"
    tree[path] = File(re.sub(rb'path = "\.\./.*"\n', b"", tree[path].data))
    assert codes(stage, write(tmp_path, tree)) == set()
    assert codes(stage, write(tmp_path, damaged(tree))) == {"crate-payload-damaged"}
    loose = File(tree[path].data.replace(f'"={VERSION}"'.encode(), f'"{VERSION}"'.encode()))
    assert codes(stage, write(tmp_path, tree | {path: loose})) == {"crate-sibling-pin"}


def test_the_size_is_held_against_the_limit(stage, good, packaged, tmp_path):
    product = copy_product(tmp_path)
    size = write(tmp_path, packaged).stat().st_size
    limit = "default-bytes = 10_485_760"
    for most, code in [
        (size - 1, {"size-over-limit"}),
        (size, {"size-near-limit"}),
        (size * 10 // 9 - 1, {"size-near-limit"}),
        (size * 10 // 9 + 2, set()),
    ]:
        edit(product, "stage.toml", limit, limit := f"default-bytes = {most}")
        found = codes(stage, write(tmp_path, packaged), "--product", product)
        assert found - SMALL == code
    # A directory is packed to know: here, what compresses is larger than the limit.
    crate = shutil.copytree(good / PART, tmp_path / PART)
    (crate / "src" / "table.rs").write_text("// a line that repeats itself\n" * 100_000)
    payload = (crate / "payload.bin").stat().st_size
    for most, code in [(payload, {"size-over-limit"}), (payload * 5 // 4, set())]:
        edit(product, "stage.toml", limit, limit := f"default-bytes = {most}")
        assert codes(stage, crate, "--product", product) == code


def test_published_crates_of_others_have_no_error(stage):
    """What Cargo downloaded to build `stage`."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    published = sorted(home.glob("registry/cache/*/*.crate"))
    assert len(published) > 50
    found = findings(stage, *published)
    assert [finding for finding in found if finding["severity"] == "error"] == []


def test_a_finding_says_what_is_wrong_where(stage, crates):
    gone(PART)(crates)
    result = stage("verify", crates / PLATFORM)
    assert result.returncode == 1
    assert (
        f"error[crate-sibling-missing]: Cargo.toml: `{PART}` of [dependencies], at "
        f'"../{PART}": there is no crate'
    ) in result.stdout


def test_spoiled_files_are_findings_or_errors(stage, packaged, crates, tmp_path):
    tree = drop(f"{TOP}/payload.bin")(packaged)
    survives(stage, tmp_path / "a.crate", spoiled(tgz(tree)))
    for name in ["payload.manifest", "payload.bin", "Cargo.toml"]:
        path = crates / PLATFORM / name
        data = path.read_bytes()
        for spoilt in spoiled(data):
            path.write_bytes(spoilt)
            result = stage("verify", crates / PLATFORM)
            assert result.returncode in (0, 1) and "panicked" not in result.stderr
        path.write_bytes(data)
