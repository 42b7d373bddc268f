"""`stage generate-types`: what it says and writes, and that what it writes compiles and works.

The types of published runtimes are tested in tests/acceptance/test_types.py.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import target_dir
from types_program import Types, Values

BUNDLE = "codex_app_server_protocol.schemas.json"


def text(*names: str) -> dict:
    return {"type": "string"} | ({"enum": list(names)} if names else {})


def ref(name: str) -> dict:
    return {"$ref": f"#/definitions/{name}"}


def obj(required: str = "", **properties: object) -> dict:
    return {"type": "object", "properties": properties, "required": required.split()}


def method(name: str, params: dict) -> dict:
    return obj("method params", method=text(name), params=params)


# Markdown that would be code, which rustdoc compiles and runs as a test, or HTML.
HOSTILE = r"""
-     fail
1.		fail
-
      fail
>     fail
- ```
  fail
  ```
+ ~~~rust
  fail

    fail

\<img> `` <img> ` <img> `` ` <img> &lt;img&gt;

a `|` b
-|-
`<img> | <img>`
"""

# Every kind of schema that the real ones have, and some that nobody should have.
DEFINITIONS = {
    "ClientRequest": {
        "oneOf": [
            method("thread/start", ref("v2/StartParams")),
            method("odd", ref("v2/Odd")),
            method("logout", {"type": "null"}),
        ]
    },
    "ClientNotification": {"oneOf": [obj("method", method=text("initialized"))]},
    "ServerRequest": {"oneOf": [method("item/approve", ref("ApproveParams"))]},
    "ServerNotification": {
        "properties": {"emittedAtMs": {"type": "integer"}},
        "oneOf": [method("item/completed", ref("v2/ItemNotification"))],
    },
    "ApproveParams": obj("item", item=ref("v2/Item"), decisions={"items": ref("Decision")}),
    "ApproveResponse": obj("decision", decision=ref("Decision")),
    "Decision": {
        "oneOf": [
            text("accept", "decline"),
            obj("granular", granular=obj("rules", rules={"type": "boolean"}))
            | {"additionalProperties": False},
        ]
    },
    "v2": {
        "StartParams": obj(
            "",
            cwd={"type": ["string", "null"], "description": "Where. See [the docs](x) <here>"},
            effort={"allOf": [ref("v2/Effort")], "default": "low", "description": "```\nfail\n```"},
            config={"type": ["object", "null"], "additionalProperties": True},
            limits={
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "description": HOSTILE,
                "default": "`` <img> `` ` <img> ",
            },
        ),
        "StartResponse": obj("thread", thread=ref("v2/Thread")),
        "LogoutResponse": {"type": "object"},
        "Effort": {"oneOf": [{"description": "Quick.", **text("low")}, text("high", "unknown")]},
        "Thread": obj(
            "id turns parent",
            id=text(),
            turns={"type": "array", "items": ref("v2/Turn")},
            parent={"anyOf": [ref("v2/Thread"), {"type": "null"}]},
        ),
        "Turn": obj(
            "items", items={"type": "array", "items": ref("v2/Item")}, ms={"type": "number"}
        ),
        "ItemNotification": obj("item", item=ref("v2/Item"), thread=ref("v2/Thread")),
        "Item": {
            "oneOf": [
                obj("id type text", id=text(), type=text("message"), text=text()),
                obj("type", type=text("nothing")),
                obj("type", type=text("image"), detail=ref("v2/Effort"))
                | {"anyOf": [obj("url", url=text()), obj("fileId", fileId=text())]},
            ]
        },
        "Odd": obj(
            "type self",
            **{
                "type": {"type": ["string", "integer"]},
                "self": {"anyOf": [text(), {"type": "array", "items": text()}]},
                "": ref("v2/Option"),
                "*": ref("v2/List"),
                "fooBar": {"type": "integer", "format": "uint8"},
                "foo_bar": {"type": "integer", "format": "int32"},
                "extra": {"type": "number"},
                "gen": True,
                '"#; /*': {"type": "string"},
                "\u202e\u0000": {"type": "string", "description": "\u202e */ \u0000"},
            },
        )
        | {"additionalProperties": {"type": "boolean"}},
        "Option": text("", "*", "Self", "Unrecognized", "\u202e", "a-b", "a_b"),
        "List": {"type": "array", "items": ref("v2/List")},
    },
}

SCHEMA = {"definitions": DEFINITIONS}


@pytest.fixture
def schema_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / BUNDLE).write_text(json.dumps(SCHEMA))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "types.rs"


def fake_codex(folder: Path, schema_dir: Path, version: str = "codex-cli 0.163.0") -> Path:
    """A program that answers as a Codex does; on Windows a test could only write a batch file."""
    program = folder / "codex"
    program.write_text(
        f"#!{sys.executable}\nimport shutil, sys\n"
        f"if sys.argv[1:] == ['--version']: print({version!r})\n"
        "elif sys.argv[1:4] == ['app-server', 'generate-json-schema', '--out']:\n"
        f"    shutil.copytree({str(schema_dir)!r}, sys.argv[4])\n"
        "else: sys.exit(f'what is {sys.argv[1:]}?')\n"
    )
    program.chmod(0o755)
    return program


def test_a_runtime_is_asked_for_its_schema(stage, tmp_path, schema_dir, out):
    program = fake_codex(tmp_path, schema_dir)
    call = ["generate-types", "--codex-bin", program, "--out", out]
    result = stage(*call, check=True)
    assert result.stdout == f"{out}: 21 types for 6 methods of 0.163.0\n"
    first = out.read_bytes()
    assert b'pub const RUNTIME_VERSION: &str = "0.163.0";' in first

    # Again, with a path that is relative, in other words: the same bytes in place of the first.
    call = ["generate-types", "--codex-bin", "codex", "--out", "out/types.rs"]
    result = stage(*call, "--message-format", "json", cwd=tmp_path, check=True)
    assert json.loads(result.stdout) == {
        "path": "out/types.rs", "version": "0.163.0", "methods": 6, "types": 21,
    }  # fmt: skip
    assert out.read_bytes() == first
    assert list(out.parent.iterdir()) == [out]


def test_a_directory_does_not_say_its_version(stage, schema_dir, out):
    result = stage("generate-types", "--schema-dir", schema_dir, "--out", out, check=True)
    assert result.stdout == f"{out}: 21 types for 6 methods\n"
    assert "RUNTIME_VERSION" not in out.read_text(encoding="utf-8")


def test_the_file_is_as_readable_as_any_other(stage, schema_dir, out):
    out.parent.joinpath("other").touch()
    stage("generate-types", "--schema-dir", schema_dir, "--out", out, check=True)
    assert out.stat().st_mode == out.parent.joinpath("other").stat().st_mode


def test_a_failure_leaves_the_file_as_it_was(stage, schema_dir, out):
    out.write_text("mine")
    (schema_dir / BUNDLE).write_text('{"definitions":')
    error = stage.refuses("generate-types", "--schema-dir", schema_dir, "--out", out)
    assert error.splitlines() == [
        f"error: cannot generate {out}",
        f"  because: {schema_dir / BUNDLE} is not JSON",
        "  because: EOF while parsing a value at line 1 column 15",
        "help: let the runtime write its schema again; it is not meant to be edited",
    ]
    assert out.read_text() == "mine"
    assert list(out.parent.iterdir()) == [out]


def test_a_directory_that_has_no_schema(stage, tmp_path, out):
    error = stage.refuses("generate-types", "--schema-dir", tmp_path, "--out", out)
    assert error.splitlines() == [
        f"error: cannot generate {out}",
        f"  because: there is no {BUNDLE} in {tmp_path}",
        "help: write the schema with `codex app-server generate-json-schema --out DIR`",
    ]


def test_a_system_without_temporary_directory(stage, tmp_path, schema_dir, out):
    """It once advised to name another schema."""
    call = ["generate-types", "--codex-bin", fake_codex(tmp_path, schema_dir), "--out", out]
    error = stage.refuses(*call, env={"TMPDIR": str(tmp_path / "nowhere")})
    assert "because: cannot make a temporary directory" in error
    assert error.endswith("help: set TMPDIR to a directory in which you may write\n")


def test_a_program_that_is_no_codex(stage, tmp_path, schema_dir, out):
    program = fake_codex(tmp_path, schema_dir, version="v20.1.0")
    error = stage.refuses("generate-types", "--codex-bin", program, "--out", out)
    assert error.splitlines() == [
        f"error: cannot generate {out}",
        f'  because: `{program} --version` printed "v20.1.0", which is not `codex-cli VERSION`',
        "help: name the entrypoint of a runtime for this machine, such as bin/codex",
    ]
    program.chmod(0o644)
    error = stage.refuses("generate-types", "--codex-bin", program, "--out", out)
    assert f"because: {program} cannot be run\n  because: Permission denied" in error


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to kill")
def test_an_interruption_ends_the_runtime_and_what_it_has_started(stage, tmp_path, out):
    """It is in a process group of its own, which Ctrl-C does not reach."""
    codex, ids = tmp_path / "codex", tmp_path / "ids"
    codex.write_text(f"#!/bin/sh\nsleep 1000 &\necho $$ $! > {ids}.new\nmv {ids}.new {ids}\nwait\n")
    codex.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    call = [stage.binary, "generate-types", "--codex-bin", codex, "--out", out]
    environment = stage.env | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(call, env=environment, stderr=subprocess.PIPE)
    wait_for(ids.exists)
    assert list(temporary.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert not list(temporary.iterdir())
    for number in ids.read_text().split():
        wait_for(lambda number=number: state(number) in ("", "Z"))


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def state(process: str) -> str:
    """The letter that `ps` has for it; nothing when it is gone. Z is one that nobody waits for."""
    call = ["ps", "-o", "stat=", "-p", process]
    return subprocess.run(call, capture_output=True, text=True).stdout.strip()[:1]


def test_a_place_where_nothing_can_be_written(stage, schema_dir, tmp_path):
    out = tmp_path / "missing" / "types.rs"
    error = stage.refuses("generate-types", "--schema-dir", schema_dir, "--out", out)
    assert f"because: cannot write {out}\n  because: No such file or directory" in error
    assert error.endswith("help: name a file in a directory that is there\n")


WRONG_CALLS = {
    "no schema": ["--out", "types.rs"],
    "two schemas": ["--out", "types.rs", "--codex-bin", "codex", "--schema-dir", "."],
    "no file": ["--schema-dir", "."],
    "not the path of a module": ["--out", "types.rs", "--schema-dir", ".", "--traits", "a b"],
}


@pytest.mark.parametrize("call", WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_wrong_call(stage, tmp_path, call):
    stage.refuses("generate-types", *call, status=2, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def types(stage, tmp_path_factory) -> Types:
    folder = tmp_path_factory.mktemp("types")
    (folder / BUNDLE).write_text(json.dumps(SCHEMA))
    stage("generate-types", "--schema-dir", folder, "--out", folder / "types.rs", check=True)
    return Types(folder / "types.rs", folder / "program")


def test_the_types_of_each_method(types):
    assert types.methods == {
        ("client_requests", "logout"): {"params": "()", "result": "super::LogoutResponse"},
        ("client_requests", "odd"): {"params": "super::Odd", "result": "super::Value"},
        ("client_requests", "thread/start"): {
            "params": "super::StartParams", "result": "super::StartResponse",
        },
        ("client_notifications", "initialized"): {"params": "()"},
        ("server_requests", "item/approve"): {
            "params": "super::ApproveParams", "result": "super::ApproveResponse",
        },
        ("server_notifications", "item/completed"): {"params": "super::ItemNotification"},
    }  # fmt: skip


def test_it_compiles_without_a_warning(types):
    assert types.cargo("clippy", "--quiet").stderr == ""
    assert types.cargo("doc", "--quiet", "--no-deps").stderr == ""


def test_a_description_is_neither_code_nor_html(types):
    tests = types.cargo("test", "--doc").stdout
    assert "running 0 tests" in tests
    types.cargo("doc", "--quiet", "--no-deps")
    page = (target_dir() / "doc/types_program/types/struct.StartParams.html").read_text("utf-8")
    assert page.count("&lt;img&gt;") == 8 and "<img>" not in page
    # What is written as an entity is shown as it is written.
    assert "&amp;lt;img&amp;gt;" in page


@pytest.mark.parametrize("novelty", [0, 0.2])
def test_what_is_read_is_written(types, novelty):
    values = Values(SCHEMA, seed=7, novelty=novelty)
    messages = types.messages(values, count=200)
    assert len(messages) == 200 * 7
    for message, again in zip(messages, types.again(messages), strict=True):
        assert again.get("value") == message[3], (message, again)
        # The schema lets this one have fields without a name.
        assert novelty or message[1] == "odd" or not again["new"], message


def test_what_does_not_fit_is_told_with_its_place(types):
    message = {"type": "message", "id": "1"}
    turns = [{"items": []}, {"items": [message | {"text": 1}]}]
    thread = {"id": "a", "parent": None, "turns": turns}
    start = ("client_requests", "thread/start")
    faults = [
        (*start, "params", [], "expected an object, found an array"),
        (*start, "params", {"cwd": 1}, "cwd: expected a string, found a number"),
        (
            *start, "params", {"limits": {"a": 1.5}},
            "limits.a: expected an integer of i64, found a number",
        ),
        (*start, "result", {"thread": {"id": "a"}}, "thread.parent: missing"),
        (
            *start, "result", {"thread": thread},
            "thread.turns[1].items[0].text: expected a string, found a number",
        ),
        (
            "server_notifications", "item/completed", "params", {"item": message},
            "params.item.text: missing",
        ),
        (
            "client_requests", "odd", "params", {"type": 1, "self": "", "fooBar": 256},
            "fooBar: expected an integer of u8, found a number",
        ),
    ]  # fmt: skip
    answers = types.again([fault[:4] for fault in faults])
    assert answers == [{"error": fault[4]} for fault in faults]


def test_null_is_sent_by_way_of_extra(types):
    """`None` is absent; whoever means null says so."""
    call = ("client_requests", "thread/start", "params", {"cwd": None, "brandNew": None})
    (answer,) = types.again([call])
    assert answer == {"value": {"brandNew": None}, "new": "field"}
