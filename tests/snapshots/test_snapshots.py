"""What `stage` says to people: the text of each command in the files beside this one.

A file is a session: a line `$ stage …`, and below it what that prints, and its exit status if that
is not 0. The commands run in a directory with the files that `template` makes. What differs from
run to run is a word in capitals. To add a case, add such a line. To take over what changed, run

    STAGE_UPDATE=1 scripts/test tests/snapshots

and read the difference with `git diff`.
"""

import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import bundles
import init_archives
import pytest
import release
import release_server
from bundles import WINDOWS_X64

HERE = Path(__file__).parent
SESSIONS = [
    path.relative_to(HERE).as_posix()
    for folder in ["errors", "results"]
    for path in sorted((HERE / folder).glob("*.txt"))
]
UPDATE = "STAGE_UPDATE" in os.environ

#: What differs from run to run, or with every rule that is added.
VARIABLE = {
    r"\b[0-9a-f]{64}\b": "SHA256",
    r"(?<![\w.])[\d.,]+ (?:B|[kMG]i?B|bytes)\b": "SIZE",
    r"(?<![\w.])[\d.]+ m?s\b": "TIME",
    r"(?<![\w.])[\d.]+ %": "SHARE",
    r"(?<= )\d\.\d\d(?= )": "RATIO",
    r'(?<="size":)\d+': "SIZE",
    r'(?<="seconds":)[\d.e-]+': "TIME",
    r'(?<="share":)[\d.e-]+': "SHARE",
    r'(?<="ratio":)[\d.e-]+': "RATIO",
    r"(?<![\w.])\d{4,}(?![\w.])": "NUMBER",
    r"(?<=/)\.tmp\w+": "TEMPORARY",
    r"\b\d+ files": "COUNT files",
    r"the codes are .*": "the codes are CODES",
}

# It looks alike on every machine, since no machine that runs the tests can execute it.
TARGET = WINDOWS_X64


@pytest.fixture(scope="session")
def template(stage, tmp_path_factory) -> Path:
    """What the commands find: see the names below."""
    place = tmp_path_factory.mktemp("place")
    tree = bundles.bundle(TARGET, size="small")
    bundles.write(tree, place / "runtime")
    bundles.write(tree | {"codex-resources/more": bundles.File(b"more")}, place / "runtime-other")
    (place / "empty").mkdir()
    bundles.save(place / "notes.txt", b"no runtime\n")
    bundles.save(
        place / "sdk/pyproject.toml",
        b'[project]\nname = "my-sdk"\nversion = "0.0.1"\ndependencies = ["openai-codex-cli-bin"]\n',
    )
    bundles.save(place / "sdk-unpinned/pyproject.toml", b'[project]\nname = "x"\nversion = "1"\n')
    request = {"type": "object", "properties": {"method": {"type": "string", "enum": ["logout"]}}}
    schema = {
        "definitions": {
            "ClientRequest": {"oneOf": [request | {"required": ["method"]}]},
            "v2": {"LogoutResponse": {"type": "object"}},
        }
    }
    bundles.save(
        place / "schema/codex_app_server_protocol.schemas.json", json.dumps(schema).encode()
    )

    name = f"tool-1.2.3-{TARGET}.zip"
    archive = init_archives.tree(TARGET, "tool", licenses={"LICENSE": init_archives.MIT})
    bundles.save(place / "archives" / name, init_archives.pack(name, archive))

    stage.runtime(place / "staged", place / "runtime")
    broken = release.copy(place / "staged", place / "broken")
    (npm,) = broken.glob("npm/*-win32-x64.tgz")
    npm.unlink()
    release.change_a_byte(next(broken.glob(f"crates/*-{TARGET}/README.md")))
    bundles.save(broken / "notes.txt", b"")
    (wheel,) = broken.glob("wheels/*-win_amd64.whl")
    damaged = wheel.read_bytes() + b"more"
    bundles.save(place / wheel.name.replace("win_amd64", "win_arm64"), damaged)
    return place


@pytest.fixture
def place(template, tmp_path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "place"))


@pytest.fixture(scope="session")
def mirror() -> Iterator[str]:
    """The address of a release, of which the file for one platform is not what it should be."""
    with release_server.Release(release_server.packages(bundles.TARGETS)) as mirror:
        wrong = release_server.served(b"something else")
        mirror.always[f"codex-package-{bundles.MACOS_X64}.tar.gz"] = wrong
        yield mirror.url.removeprefix("http://")


class Shell:
    """Runs `stage` as a session says it, and gives what a person would see."""

    def __init__(self, stage, place: Path, mirror: str):
        self.binary, self.place, self.mirror = stage.binary, place, mirror
        width = ("COLUMNS", "LINES")
        env = {name: value for name, value in stage.env.items() if name not in width}
        self.env = env | {"XDG_CACHE_HOME": str(place.parent / "cache")}

    def __call__(self, command: str) -> str:
        program, *arguments = shlex.split(command.replace("MIRROR", self.mirror))
        assert program == "stage", command
        result = subprocess.run(
            [self.binary, *arguments],
            cwd=self.place,
            env=self.env,
            # Its width would be that of the text.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        status = f"[exit {result.returncode}]\n" if result.returncode else ""
        return self.normal(result.stdout) + status

    def normal(self, text: str) -> str:
        text = text.replace(str(self.place), "PLACE").replace(self.mirror, "MIRROR")
        # The cache directory, in what `--verbose` says.
        text = text.replace(str(self.place.parent), "WORK")
        for pattern, name in VARIABLE.items():
            text = re.sub(pattern, name, text)
        # The columns of a table are as wide as the sizes in it were.
        return re.sub(r"(?<=\S) {2,}", "  ", text) if "SIZE" in text else text


@pytest.fixture
def shell(stage, place, mirror) -> Shell:
    return Shell(stage, place, mirror)


def holds(name: str, session: str) -> None:
    """Compares a session with its file, or writes that."""
    path = HERE / name
    if UPDATE:
        path.write_text(session, encoding="utf-8")
        return
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [text.splitlines(keepends=True) for text in (kept, session)]
    difference = "".join(difflib.unified_diff(*lines, f"tests/snapshots/{name}", "stage says"))
    assert not difference, (
        f"{difference}\nIf this is what it should say: STAGE_UPDATE=1 scripts/test tests/snapshots"
    )


@pytest.mark.parametrize("name", SESSIONS)
def test_session(shell, name):
    commands = re.findall(r"^\$ (.*)", (HERE / name).read_text(encoding="utf-8"), re.M)
    assert commands, f"{name} has no line that begins with `$ stage`"
    holds(name, "\n".join(f"$ {command}\n{shell(command)}" for command in commands))


def test_help(shell):
    """A new command gets a file by the update, and one that is gone loses it."""
    listed = re.search(r"\nCommands:\n(.*?)\n\n", shell("stage --help"), re.S)
    commands = set(re.findall(r"^  ([\w-]+)", listed[1], re.M)) - {"help"}
    helps = {f"{command}.txt": f"stage {command} --help" for command in commands}
    helps["stage.txt"] = "stage --help"
    for file, command in helps.items():
        holds(f"help/{file}", f"$ {command}\n{shell(command)}")
    surplus = {path for path in (HERE / "help").iterdir() if path.name not in helps}
    if UPDATE:
        for path in surplus:
            path.unlink()
    else:
        assert surplus == set(), "stage has no such command"
