"""`stage verify` of a wheel: its name, WHEEL, RECORD and what lies in it."""

import re
import stat
from collections.abc import Callable
from dataclasses import replace

import bundles
import pytest
from bundles import VERSION
from clients import IMPORT_PACKAGE as PACKAGE
from clients import ROOT
from damage import (
    ENTRYPOINT,
    FILE_NAME,
    INIT,
    NAME,
    TAG,
    Change,
    Matrix,
    added,
    as_release,
    broken,
    is_found,
    passes,
    pure,
    right,
    tags,
    then,
)
from hostile import Member
from wheels import Wheel, base64_digest

from . import (
    test_mach_o,
    test_wheel_archive,
    test_wheel_claims,
    test_wheel_code,
    test_wheel_metadata,
    test_wheel_runtime,
)

TWO_TAGS = FILE_NAME.replace(TAG, f"manylinux2014_x86_64.{TAG}")


def as_project(name: str, written: str) -> Change:
    def change(wheel: Wheel) -> Wheel:
        wheel = pure(wheel).field(f"Name: {name}", instead_of="Name")
        written_name = f"{written}-{VERSION}"
        return wheel.renamed(f"{written_name}-py3-none-any.whl", f"{written_name}.dist-info")

    return change


def for_tag(tag: str) -> Change:
    """A pure wheel that goes by a platform's tag."""
    name = f"{NAME}-{VERSION}-py3-none-{tag}.whl"
    expanded = [f"py3-none-{one}" for one in tag.split(".")]

    def change(wheel: Wheel) -> Wheel:
        wheel = replace(pure(wheel), name=name)
        lines = "".join(f"Tag: {one}\n" for one in dict.fromkeys(expanded))
        return wheel.edit(wheel.meta("WHEEL"), "Tag: py3-none-any\n", lines)

    return change


def whl(edit: tuple[str, str]) -> Change:
    """A change of the file WHEEL."""
    return lambda wheel: wheel.edit(wheel.meta("WHEEL"), *edit)


def built(number: str, inside: str) -> Change:
    def change(wheel: Wheel) -> Wheel:
        wheel = whl(("Root-Is-Purelib", f"Build: {inside}\nRoot-Is-Purelib"))(wheel)
        return replace(wheel, name=FILE_NAME.replace("-py3", f"-{number}-py3"))

    return change


def in_data(path: str, mode: int = 0o755, data: bytes | str = "#!/bin/sh\n") -> Change:
    return lambda wheel: wheel.put(f"{NAME}-{VERSION}.data/{path}", data, mode)


def entry_points(text: str) -> Change:
    return lambda wheel: wheel.put_meta("entry_points.txt", text)


def without(file: str) -> Change:
    return lambda wheel: wheel.drop(wheel.meta(file))


def row(change: Callable[[list[str]], list[str] | None], path: str = INIT) -> Change:
    return lambda wheel: wheel.record(change, path)


def own_row(change: Callable[[list[str]], list[str] | None], file: str = "RECORD") -> Change:
    return lambda wheel: wheel.record(change, wheel.meta(file))


def hashed(algorithm: str, path: str = INIT) -> Change:
    """RECORD with a right digest of another algorithm."""

    def change(wheel: Wheel) -> Wheel:
        digest = base64_digest(wheel.tree[path].data, algorithm)
        return wheel.record(lambda row: [row[0], f"{algorithm}={digest}", row[2]], path)

    return change


def more_rows(*rows: list[str]) -> Change:
    return lambda wheel: replace(wheel, rows=lambda own: [*own, *rows])


def raw_record(text: bytes) -> Change:
    """RECORD as it is given, which is written past what makes it anew."""
    return lambda wheel: wheel.member(wheel.meta("RECORD"), content=text)


def signed(suffix: str) -> Change:
    return lambda wheel: wheel.put_meta(f"RECORD.{suffix}", "a signature")


MATRIX: Matrix = {
    "wheel-file-name": (
        [
            lambda wheel: replace(wheel, name="codex.whl"),
            lambda wheel: replace(wheel, name=FILE_NAME.replace("py3-none", "Py3-none")),
            lambda wheel: replace(wheel, name=FILE_NAME.replace("-py3", "-x1-py3")),
        ],
        [built("1x", "1x")],
    ),
    "wheel-name-form": (
        [as_project("Openai.Codex", "Openai.Codex"), as_project("A-B", "A_B")],
        [as_project("Openai.Codex", "openai_codex")],
    ),
    "wheel-version-form": (
        [as_release("1.0a1", "1.0.alpha1"), as_release("1.0", "01.0")],
        [as_release("1.0-alpha.1", "1.0a1"), as_release("1.0", "1.0.0")],
    ),
    "wheel-platform-tag": (
        [
            for_tag("linux_x86_64"),
            for_tag("macosx_12_3_arm64"),
            for_tag("macosx_16_0_arm64"),
            for_tag("macosx_10_26_x86_64"),
            for_tag("win_x86_64"),
            for_tag("manylinux1_aarch64"),
            for_tag("manylinux_2_4_x86_64"),
            for_tag("musllinux_1_1_ppc64"),
            for_tag("pyodide_2025_0_wasm32"),
        ],
        [
            for_tag("macosx_10_13_universal2"),
            for_tag("macosx_26_0_arm64"),
            for_tag("linux_armv7l"),
            for_tag("win_arm64"),
            for_tag("manylinux1_x86_64"),
            for_tag("musllinux_1_1_ppc64le"),
            for_tag("pyemscripten_2026_0_wasm32"),
            for_tag("manylinux_2_4_x86_64.manylinux_2_17_x86_64"),
        ],
    ),
    "wheel-platform-tag-new": (
        [for_tag("macosx_27_0_arm64")],
        [for_tag("macosx_26_0_arm64")],
    ),
    "wheel-tag-repeated": (
        [for_tag("win_amd64.win_amd64")],
        [for_tag("manylinux2014_x86_64.manylinux_2_17_x86_64")],
    ),
    "wheel-dist-info": (
        [
            lambda wheel: wheel.renamed(FILE_NAME, "codex-1.0.dist-info"),
            lambda wheel: wheel.put("other-1.0.dist-info/METADATA", "Name: other\n"),
            lambda wheel: replace(wheel, name=FILE_NAME.replace(VERSION, "0.163.1")),
            lambda wheel: replace(wheel, tree={INIT: wheel.tree[INIT]}),
        ],
        [lambda wheel: wheel.put(f"{PACKAGE}/_vendor/other-1.0.dist-info/METADATA", "Name: x\n")],
    ),
    "wheel-file-missing": (
        [without("WHEEL"), without("METADATA"), without("RECORD")],
        [lambda wheel: wheel.put_meta("INSTALLER", "pip\n")],
    ),
    "wheel-malformed": (
        [
            lambda wheel: wheel.put_meta("WHEEL", b"\xff\xfe"),
            whl(("Wheel-Version: 1.0\n", "")),
            whl(("Wheel-Version: 1.0", "Wheel-Version: one")),
            whl(("Wheel-Version", "Wheel Version")),
            whl(("Root-Is-Purelib: false\n", "")),
            whl(("Purelib: false", "Purelib: no")),
        ],
        [whl(("Purelib: false", "purelib: False")), whl(("\nTag", "\nGenerator: b (1)\nTag"))],
    ),
    "wheel-format-version": (
        [whl(("Version: 1.0", "Version: 2.0")), whl(("Version: 1.0", "Version: 0.1"))],
        [whl(("Wheel-Version: 1.0", "WHEEL-VERSION:   1.0"))],
    ),
    "wheel-format-minor": (
        [whl(("Version: 1.0", "Version: 1.1"))],
        [whl(("Wheel-Version: 1.0", "wheel-version: 1.0"))],
    ),
    "wheel-tags-unfit": (
        [
            whl((f"Tag: py3-none-{TAG}", "Tag: py3-none-manylinux_2_28_x86_64\nTag: " + TAG)),
            whl((f"Tag: py3-none-{TAG}\n", "")),
            whl((f"Tag: py3-none-{TAG}", f"Tag: py2-none-{TAG}")),
            whl((f"Tag: py3-none-{TAG}", "Tag: py3-none-win_amd64")),
            # It fits the file name, and the bytes do not.
            whl((f"Tag: py3-none-{TAG}", f"Tag: py3-none-{TAG}\nTag: py3-none-win_amd64")),
        ],
        [whl(("Tag: py3", "tag: py3"))],
    ),
    "wheel-tags-differ": (
        [
            whl((f"Tag: py3-none-{TAG}", f"Tag: py3-none-{TAG}\nTag: py2-none-{TAG}")),
            # Of playwright, and of wheels that were renamed after the build.
            whl((f"Tag: py3-none-{TAG}", "Tag: py3-none-any")),
            whl((f"Tag: py3-none-{TAG}", "Tag: py3-none-linux_x86_64")),
            whl((f"Tag: py3-none-{TAG}", "Tag: py3-none-manylinux_2_5_x86_64")),
        ],
        [
            tags(
                FILE_NAME.replace("py3", "py2.py3").replace(TAG, f"manylinux2014_x86_64.{TAG}"),
                f"py3-none-{TAG}",
                "py3-none-manylinux2014_x86_64",
                f"py2-none-{TAG}",
                "py2-none-manylinux2014_x86_64",
            )
        ],
    ),
    "wheel-tags-compressed": (
        [tags(TWO_TAGS, f"py3-none-manylinux2014_x86_64.{TAG}")],
        [tags(TWO_TAGS, "py3-none-manylinux2014_x86_64", f"py3-none-{TAG}")],
    ),
    "wheel-build-differs": (
        [built("1", "2"), lambda wheel: replace(wheel, name=FILE_NAME.replace("-py3", "-1-py3"))],
        [built("1", "1")],
    ),
    "wheel-purelib": (
        [
            whl(("Purelib: false", "Purelib: true")),
            in_data("purelib/lib.so", data=bundles.elf(0x3E, "library")),
        ],
        [
            in_data("platlib/x.sh"),
            then(pure, lambda wheel: wheel.put(f"{PACKAGE}/run.exe", bundles.pe(0x8664, "x"))),
        ],
    ),
    "wheel-data-scheme": (
        [
            in_data("bin/tool"),
            in_data("scripts"),
            in_data("Scripts/tool"),
            in_data("platinclude/x.h"),
            lambda wheel: wheel.put("other-1.0.data/bin/tool", "#!/bin/sh\n", 0o755),
            lambda wheel: wheel.put("weights.data", b"\0"),
        ],
        [
            in_data("scripts/tool"),
            in_data("data/etc/x"),
            in_data("headers/x.h", 0o644),
            lambda wheel: wheel.put(f"{PACKAGE}/weights.data", b"\0"),
            lambda wheel: wheel.put(f"{PACKAGE}/other-1.0.data/bin/tool", "x"),
        ],
    ),
    "wheel-data-name": (
        [
            lambda wheel: wheel.put("other-1.0.data/scripts/tool", "#!/bin/sh\n", 0o755),
            lambda wheel: wheel.put(f"{NAME}-0.162.0.data/purelib/a.py", ""),
            lambda wheel: wheel.put(f"{NAME.upper()}-{VERSION}.data/data/x", ""),
        ],
        [in_data("purelib/a.py", 0o644, "")],
    ),
    "wheel-data-scripts": (
        [in_data("scripts/a/tool")],
        [in_data("data/a/tool"), in_data("scripts/a")],
    ),
    "wheel-script-mode": (
        [in_data("scripts/tool", 0o644), in_data("scripts/tool", 0o640)],
        [
            in_data("scripts/tool", 0o555),
            then(for_tag("win_amd64"), in_data("scripts/tool.exe", 0o644)),
        ],
    ),
    "wheel-bytecode": (
        [
            lambda wheel: wheel.put(f"{PACKAGE}/__pycache__/a.cpython-312.pyc", b"\0"),
            lambda wheel: wheel.put(f"{PACKAGE}/a.pyo", b"\0"),
        ],
        [lambda wheel: wheel.put(f"{PACKAGE}/pyc/__pycache__.py", "")],
    ),
    "wheel-record-malformed": (
        [raw_record(b"\xff,,\n"), raw_record(b"a,b\n"), raw_record(b'"a,,\n')],
        [lambda wheel: wheel.put(f'{PACKAGE}/a, "b".txt', "quoted")],
    ),
    "wheel-record-missing": (
        [row(lambda row: None), own_row(lambda row: None), own_row(lambda row: None, "METADATA")],
        [then(signed("jws"), own_row(lambda row: None, "RECORD.jws"))],
    ),
    "wheel-record-surplus": (
        [
            more_rows([f"{PACKAGE}/gone.py", "", ""]),
            more_rows([f"{PACKAGE}/", "", ""]),
            more_rows(["../../bin/x", "sha256=AA", "1"]),
        ],
        [
            added(Member(f"{PACKAGE}/", b"", stat.S_IFDIR | 0o755)),
        ],
    ),
    "wheel-record-repeated": (
        [
            lambda wheel: replace(wheel, rows=lambda rows: [*rows, rows[0]]),
            lambda wheel: replace(wheel, rows=lambda rows: [*rows, rows[-1]]),
            more_rows([f"{PACKAGE}\\__init__.py", "", ""]),
        ],
        [lambda wheel: replace(wheel, rows=lambda rows: rows[::-1])],
    ),
    "wheel-record-hash": (
        [
            row(lambda row: [row[0], "sha256=" + base64_digest(b"another"), row[2]]),
            row(lambda row: [row[0], row[1] + "A", row[2]]),
            row(lambda row: [row[0], "sha256=", row[2]]),
            row(lambda row: [row[0], "sha512=" + base64_digest(b"", "sha512"), row[2]]),
        ],
        [
            row(lambda row: [row[0], row[1] + "=", row[2]]),
            hashed("sha512"),
            hashed("sha384", ENTRYPOINT),
        ],
    ),
    "wheel-record-size": (
        [
            row(lambda row: [*row[:2], str(int(row[2]) + 1)]),
            row(lambda row: [*row[:2], "many"]),
            row(lambda row: [*row[:2], "-1"]),
        ],
        [row(lambda row: [*row[:2], ""])],
    ),
    "wheel-record-unhashed": (
        [row(lambda row: [row[0], "", ""]), row(lambda row: [row[0], "", row[2]])],
        [then(signed("p7s"), own_row(lambda row: [row[0], "", ""], "RECORD.p7s"))],
    ),
    "wheel-record-weak-hash": (
        [hashed("md5"), hashed("sha1"), hashed("sha224"), row(lambda row: [row[0], "x", row[2]])],
        [hashed("sha384")],
    ),
    "wheel-record-self": (
        [own_row(lambda row: [row[0], "sha256=" + base64_digest(b""), ""])],
        [own_row(lambda row: [row[0], "", "12"])],
    ),
    "wheel-entry-points": (
        [
            entry_points("codex = codex_cli_bin:main\n"),
            entry_points("[console_scripts]\ncodex = codex_cli_bin\n"),
            entry_points("[console_scripts]\ncodex\n"),
            entry_points("[console_scripts]\n../codex = codex_cli_bin:main\n"),
            lambda wheel: wheel.put_meta("entry_points.txt", b"\xff"),
        ],
        [
            entry_points(
                "# commands\n[console_scripts]\ncodex = codex_cli_bin.a:b.c [x]\n\n[p]\nq = r"
            )
        ],
    ),
}


def test_good_wheel_has_no_findings(stage, good_wheel, tmp_path):
    """The one of `stage`, as `wheels` writes it."""
    passes(stage, good_wheel, tmp_path)


SUBJECTS = [
    "Archives",
    "Zip archives",
    "Claims",
    "Signatures of Mach-O files",
    "The runtime in a package",
    "Wheels",
    "Metadata of wheels",
    "Bills of materials",
]


def test_every_rule_that_a_wheel_can_break_is_in_a_matrix():
    sections = re.split(r"^## ", (ROOT / "docs/findings.md").read_text(), flags=re.MULTILINE)
    sections = [section for section in sections if section.split("\n")[0] in SUBJECTS]
    assert len(sections) == len(SUBJECTS)
    rules = {code for section in sections for code in re.findall(r"^### `(.*)`", section, re.M)}
    others = [
        test_mach_o.MATRIX,
        test_wheel_archive.MATRIX,
        test_wheel_claims.MATRIX,
        test_wheel_code.MATRIX,
        test_wheel_metadata.MATRIX,
        test_wheel_runtime.MATRIX,
    ]
    covered = MATRIX.keys() | {code for matrix in others for code in matrix}
    # The limits that a product sets, and its commands, have tests of their own.
    assert rules - covered == {"archive-too-large", "wheel-command"}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)
