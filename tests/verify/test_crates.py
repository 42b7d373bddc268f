"""`stage verify` of directories of crates: each rule broken alone, and nearly broken beside it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import bundles
import pytest
from clients import FACADE, must, run
from damage import findings
from tampered import codes, drop, spoiled, survives, tgz
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
)

Change = Callable[[Path], None]


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


def says(field: str) -> Change:
    return content(PART_TOML, stated(field))


CARGO_TOML = f"{PLATFORM}/Cargo.toml"
PART_TOML = f"{PART}/Cargo.toml"
FACADE_TOML = f"{FACADE}/Cargo.toml"
MANIFEST = f"{PLATFORM}/payload.manifest"
BILL = f"{PLATFORM}/sbom.cdx.json"

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
            (PLATFORM, content(MANIFEST, line("^payload 2$", "payload 1"))),
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


def test_staged_crates_are_right(stage, good_crates):
    assert findings(stage, *sorted(good_crates.iterdir())) == []


@pytest.mark.parametrize(("code", "crate", "change"), directories(0, RESOLVED))
def test_cargo_refuses_what_is_found(crates, code, crate, change):
    change(crates)
    assert run("cargo", "metadata", "--format-version=1", cwd=crates / crate).returncode != 0


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_cargo_resolves_what_is_right_for_every_target(crates, target):
    for crate in [FACADE, PLATFORM, PART]:
        call = ["--format-version=1", "--filter-platform", target]
        must("cargo", "metadata", *call, cwd=crates / crate)


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
