"""`stage verify` of the runtime in a wheel, and of its bill of materials."""

import json
from collections.abc import Callable

import bundles
import pytest
from damage import (
    DESCRIPTION,
    ENTRYPOINT,
    Change,
    Matrix,
    broken,
    is_found,
    member,
    passes,
    right,
)
from wheels import Wheel


def described(*target: str, **changes: object) -> Change:
    """The file that describes the runtime, with other values."""
    text = bundles.metadata(*target, **changes)
    return lambda wheel: wheel.put(DESCRIPTION, text)


def alpha(wheel: Wheel) -> Wheel:
    """A pre-release, whose version the runtime and Python spell differently."""
    wheel = wheel.field("Version: 0.163.0a1", instead_of="Version")
    wheel = described(version="0.163.0-alpha.1")(wheel)
    name = wheel.name.replace(bundles.VERSION, "0.163.0a1")
    return wheel.renamed(name, wheel.dist_info.replace(bundles.VERSION, "0.163.0a1"))


def bill(change: Callable[[list[dict]], list[dict]]) -> Change:
    return lambda wheel: wheel.with_bom(change)


def second_bill(text: str) -> Change:
    return lambda wheel: wheel.put_meta("sboms/libraries.cdx.json", text)


LIBRARIES = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"type": "library", "name": "zlib", "version": "1.3"}],
    }
)


MATRIX: Matrix = {
    "runtime-metadata": (
        [
            lambda wheel: wheel.put(DESCRIPTION, "{"),
            described(layoutVersion=2),
            described(variant="other"),
            described(entrypoint="../codex"),
        ],
        [described(new=["key"])],
    ),
    "runtime-version": (
        [described(version="0.163.1")],
        [alpha],
    ),
    "runtime-target": (
        [
            described(bundles.LINUX_ARM64, entrypoint="bin/codex"),
            described("riscv64gc-unknown-linux-gnu"),
        ],
        [described(bundles.LINUX_X64)],
    ),
    "runtime-entrypoint": (
        [
            lambda wheel: wheel.drop(ENTRYPOINT),
            described(entrypoint="bin/other"),
        ],
        [described(entrypoint="codex-path/rg")],
    ),
    "runtime-not-executable": (
        [lambda wheel: wheel.mode(ENTRYPOINT, 0o644), member(ENTRYPOINT, mode=0)],
        [
            lambda wheel: wheel.mode(ENTRYPOINT, 0o700),
            lambda wheel: wheel.mode(ENTRYPOINT, 0o500),
        ],
    ),
    "sbom-malformed": (
        [
            second_bill("{"),
            second_bill('{"bomFormat": "SPDX", "specVersion": "1"}'),
            second_bill("{}"),
        ],
        [second_bill(LIBRARIES)],
    ),
    "sbom-file-missing": (
        [bill(lambda files: [file for file in files if file["name"] != "bin/codex"])],
        [bill(lambda files: files[::-1]), bill(lambda files: [])],
    ),
    "sbom-file-unknown": (
        [bill(lambda files: [*files, files[0] | {"name": "bin/gone"}])],
        [bill(lambda files: [*files, {"type": "library", "name": "bin/gone"}])],
    ),
    "sbom-hash": (
        [
            bill(lambda files: [files[0] | {"hashes": []}, *files[1:]]),
            bill(lambda files: [files[0] | {"hashes": files[1]["hashes"]}, *files[1:]]),
        ],
        [
            bill(
                lambda files: [
                    file | {"hashes": [{"alg": "MD5", "content": "0"}, *file["hashes"]]}
                    for file in files
                ]
            )
        ],
    ),
}


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)
