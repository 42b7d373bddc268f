"""The matrix of damage: what breaks a wheel in one thing, and how that is looked at."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from bundles import VERSION
from clients import IMPORT_PACKAGE as PACKAGE
from hostile import Member
from wheels import Wheel

Change = Callable[[Wheel], Wheel]

# code: wheels that break that rule and no other, and wheels that are odd and right.
Matrix = dict[str, tuple[list[Change], list[Change]]]

TAG = "manylinux_2_17_x86_64"
NAME = "openai_codex_cli_bin"
FILE_NAME = f"{NAME}-{VERSION}-py3-none-{TAG}.whl"
ENTRYPOINT = f"{PACKAGE}/bin/codex"
INIT = f"{PACKAGE}/__init__.py"
DESCRIPTION = f"{PACKAGE}/codex-package.json"


def findings(stage, *arguments: object) -> list[dict]:
    """What `verify` finds, having checked that it says so in its exit status too."""
    result = stage("verify", *arguments, "--message-format", "json")
    assert "panicked" not in result.stderr
    found = [
        finding for line in result.stdout.splitlines() for finding in json.loads(line)["findings"]
    ]
    has_errors = any(finding["severity"] == "error" for finding in found)
    assert result.returncode == has_errors, result.stderr
    return found


def broken(matrix: Matrix) -> list:
    """Each wheel that breaks a rule, with the code of that rule."""
    return _cases(matrix, 0)


def right(matrix: Matrix) -> list:
    return [pytest.param(*case.values[1:], id=case.id) for case in _cases(matrix, 1)]


def _cases(matrix: Matrix, place: int) -> list:
    return [
        pytest.param(code, change, id=f"{code}-{number}")
        for code, changes in matrix.items()
        for number, change in enumerate(changes[place])
    ]


def is_found(stage, wheel: Wheel, directory: Path, code: str) -> None:
    """A broken wheel: the rule is named, and no other."""
    found = findings(stage, wheel.write(directory))
    assert {finding["code"] for finding in found} == {code}, found


def passes(stage, wheel: Wheel, directory: Path) -> None:
    assert findings(stage, wheel.write(directory)) == []


# Changes


def then(*changes: Change) -> Change:
    def change(wheel: Wheel) -> Wheel:
        for one in changes:
            wheel = one(wheel)
        return wheel

    return change


def tags(name: str, *tags: str) -> Change:
    """A wheel under another name, with the tags of that name in WHEEL."""

    def change(wheel: Wheel) -> Wheel:
        lines = "".join(f"Tag: {tag}\n" for tag in tags)
        return replace(wheel, name=name).edit(wheel.meta("WHEEL"), f"Tag: py3-none-{TAG}\n", lines)

    return change


def pure(wheel: Wheel) -> Wheel:
    """The wheel without the runtime: Python code for every platform."""
    ours = [path for path in wheel.tree if path.startswith(f"{PACKAGE}/") and path != INIT]
    for path in [*ours, wheel.sbom]:
        wheel = wheel.drop(path)
    wheel = tags(f"{NAME}-{VERSION}-py3-none-any.whl", "py3-none-any")(wheel)
    return wheel.edit(wheel.meta("WHEEL"), "Purelib: false", "Purelib: true")


def as_release(version: str, written: str) -> Change:
    """A pure wheel of another version, with that spelling of it in the file name."""

    def change(wheel: Wheel) -> Wheel:
        wheel = pure(wheel).field(f"Version: {version}", instead_of="Version")
        return wheel.renamed(f"{NAME}-{written}-py3-none-any.whl", f"{NAME}-{written}.dist-info")

    return change


def field(line: str, instead_of: str | None = None) -> Change:
    return lambda wheel: wheel.field(line, instead_of)


def member(path: str = INIT, **changes: object) -> Change:
    return lambda wheel: wheel.member(path, **changes)


def added(*members: Member) -> Change:
    return lambda wheel: wheel.with_member(*members)
