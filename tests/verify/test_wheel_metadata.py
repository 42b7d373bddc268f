"""`stage verify` of METADATA in a wheel."""

import pytest
from damage import Change, Matrix, as_release, broken, field, is_found, passes, right, then
from wheels import Wheel


def body(text: str, content_type: str) -> Change:
    def change(wheel: Wheel) -> Wheel:
        wheel = field(content_type, instead_of="Description-Content-Type")(wheel)
        path = wheel.meta("METADATA")
        head = wheel.tree[path].data.decode().split("\n\n")[0]
        return wheel.put(path, f"{head}\n\n{text}")

    return change


def at_version(version: str, *without: str) -> Change:
    """METADATA of another version, without some fields."""

    def change(wheel: Wheel) -> Wheel:
        for name in without:
            wheel = wheel.field("", instead_of=name)
        return wheel.field(f"Metadata-Version: {version}", instead_of="Metadata-Version")

    return change


MATRIX: Matrix = {
    "wheel-metadata-malformed": (
        [
            lambda wheel: wheel.put_meta("METADATA", b"Name: \xff\n"),
            field("a line that is no field"),
            lambda wheel: wheel.edit(
                wheel.meta("METADATA"), "Metadata-Version", "Metadata Version"
            ),
        ],
        [field("Author-email: \u00fc@example.org"), field("Keywords: a,\n b", "Keywords")],
    ),
    "wheel-metadata-version": (
        [at_version("2.7"), at_version("3.0"), at_version("2"), at_version("1.3")],
        [at_version("2.5")],
    ),
    "wheel-metadata-version-new": ([at_version("2.6")], [at_version("2.5")]),
    "wheel-metadata-missing": (
        [field("", name) for name in ["Metadata-Version", "Name", "Version"]],
        [field("", "Author"), field("", "Summary")],
    ),
    "wheel-metadata-name": (
        [field("Name: openai-codex", "Name")],
        [field("Name: OpenAI.Codex_CLI--bin", "Name")],
    ),
    "wheel-metadata-release": (
        [field("Version: 0.163.1", "Version"), field("Version: 0.163.0a1", "Version")],
        [field("Version: v0.163", "Version")],
    ),
    "wheel-local-version": (
        [as_release("1.0+cu121", "1.0+cu121")],
        [as_release("1.0.post1", "1.0.post1")],
    ),
    "wheel-field-too-new": (
        [
            at_version("2.3"),
            field("Import-Name: codex_cli_bin"),
            then(at_version("2.1", "License-Expression"), field("Dynamic: Summary")),
        ],
        [
            at_version("2.3", "License-Expression"),
            then(at_version("2.5"), field("Import-Name: codex_cli_bin")),
            then(at_version("2.0", "License-Expression"), field("Provides-Extra: a")),
        ],
    ),
    "wheel-field-unknown": (
        [field("Licence: MIT"), field("X-Made-By: hand")],
        [field("maintainer: Somebody")],
    ),
    "wheel-field-repeated": (
        [
            field("Summary: another"),
            field("version: 0.163.0"),
            field("Description: a second one"),
        ],
        [field("Platform: a"), field("Classifier: Typing :: Typed")],
    ),
    "wheel-field-value": (
        [
            field("Name: -codex", "Name"),
            field("Version: one", "Version"),
            field("Provides-Extra: a b"),
            field("Home-page: example.org"),
            field("Download-URL: https://"),
            then(at_version("2.5"), field("Import-Name: 1codex")),
        ],
        [
            field("Provides-Extra: a-b"),
            field("Home-page: HTTPS://example.org/#x"),
            field("Home-page: UNKNOWN"),
            then(at_version("2.5"), field("Import-Name: codex_cli_bin._x ; private")),
        ],
    ),
    "wheel-requires-python": (
        [
            field("Requires-Python: 3.10", "Requires-Python"),
            field("Requires-Python: >=3.x", "Requires-Python"),
        ],
        [
            field("Requires-Python: >=3.8,!=3.9.*, <4", "Requires-Python"),
            field("", "Requires-Python"),
        ],
    ),
    "wheel-requires-dist": (
        [
            field("Requires-Dist: a b"),
            field("Requires-Dist: a>=1; python=='3'"),
            field("Requires-Dist: a>=1;\n os_name == 'nt'"),
        ],
        [
            field("Requires-Dist: a>=1,"),
            field("Requires-Dist: a[x]>=1,<2; extra == 'x' and (os_name == 'nt')"),
            field("Requires-Dist: a (>=1)"),
        ],
    ),
    "wheel-requires-url": (
        [field("Requires-Dist: a @ https://example.org/a.whl ; os_name == 'nt'")],
        [field("Requires-Dist: a ; os_name == '@'")],
    ),
    "wheel-license-expression": (
        [
            field("License-Expression: Apache 2.0", "License-Expression"),
            field("License-Expression: MIT/Apache-2.0", "License-Expression"),
            field("License-Expression: Mine", "License-Expression"),
        ],
        [
            field("License-Expression: mit or apache-2.0", "License-Expression"),
            field("License-Expression: LicenseRef-Mine", "License-Expression"),
            field("License-Expression: GPL-2.0+ WITH GCC-exception-2.0", "License-Expression"),
        ],
    ),
    "wheel-license-file": (
        [
            field("License-File: COPYING"),
            lambda wheel: wheel.drop(wheel.meta("licenses/NOTICE")),
        ],
        [
            lambda wheel: wheel.put_meta("licenses/a/COPYING", "x").field(
                "License-File: a/COPYING"
            ),
            then(at_version("2.2", "License-Expression"), field("License-File: COPYING")),
        ],
    ),
    "wheel-license-twice": (
        [
            field("License: Apache"),
            field("Classifier: License :: OSI Approved :: Apache Software License"),
        ],
        [
            then(
                field("License: Apache", "License-Expression"),
                field("Classifier: License :: OSI Approved :: Apache Software License"),
            )
        ],
    ),
    "wheel-classifier": (
        [
            field("Classifier: Private :: Do Not Upload"),
            field("Classifier: Programming Language::Python"),
            field("Classifier: Topic"),
            field("Classifier: Language :: Rust"),
        ],
        [field("Classifier: Programming Language :: Rust")],
    ),
    "wheel-project-url": (
        [
            field(f"Project-URL: {'x' * 33}, https://example.org"),
            field("Project-URL: https://example.org"),
            field("Project-URL: Home, example.org"),
            field("Project-URL: , https://example.org"),
        ],
        [field(f"Project-URL: {'x' * 32}, https://example.org/a,b")],
    ),
    "wheel-summary": (
        [
            field(f"Summary: {'x' * 513}", "Summary"),
            field("Summary: one\n  two", "Summary"),
        ],
        [field(f"Summary: {'ü' * 512}", "Summary")],
    ),
    "wheel-dynamic": (
        [field("Dynamic: Version"), field("Dynamic: licence"), field("Dynamic: name")],
        [field("Dynamic: requires-dist"), field("Dynamic: Summary")],
    ),
    "wheel-description-type": (
        [
            body("# x", "Description-Content-Type: text/html"),
            body("# x", "Description-Content-Type: text/markdown; charset=latin-1"),
            body("# x", "Description-Content-Type: text/markdown; variant=Mine"),
        ],
        [body("# x", "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM")],
    ),
    "wheel-description-untyped": (
        [body("# x", "")],
        [body("", "")],
    ),
    "wheel-description-rst": (
        [
            body("See :class:`codex`.\n", "Description-Content-Type: text/x-rst"),
            body("Codex\n=====\n\n.. toctree::\n", "Description-Content-Type: text/x-rst"),
            body(".. raw:: html\n\n   <b>x</b>\n", "Description-Content-Type: text/x-rst"),
            body(".. only:: html\n\n   x\n", "Description-Content-Type: text/x-rst"),
            body("The Codex\n=======\n\nx\n", "Description-Content-Type: text/x-rst"),
        ],
        [
            body("x\n.. raw:: html\n", "Description-Content-Type: text/x-rst"),
            body("The Codex\n=========\n\nx\n", "Description-Content-Type: text/x-rst"),
            body("Codex\n===\n\nx\n", "Description-Content-Type: text/x-rst"),
            body("See ``:class:`` and :pep:`427`.\n", "Description-Content-Type: text/x-rst"),
            body("See :class:`codex`.\n", "Description-Content-Type: text/markdown"),
        ],
    ),
}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)
