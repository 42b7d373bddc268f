"""The types of published runtimes: generated, compiled, and exercised with what these say."""

import http.server
import json
import os
import queue
import resource
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import bundles
import pytest
from bundles import HOST
from real_codex import unpack
from types_program import Types, Values

BUNDLE = "codex_app_server_protocol.schemas.json"

# Today's, and older ones, from (version, registry): each prints other types.
RUNTIMES = [
    (bundles.VERSION, "npm"),
    ("0.136.0", "pypi"),
    ("0.116.0", "npm"),
]


class Published:
    """A published runtime, its schema and the types that are generated of it."""

    def __init__(self, stage, program: Path, version: str, work: Path):
        self.program, self.version = program, version
        must_print = [program, "app-server", "generate-json-schema", "--out", work / "schemas"]
        subprocess.run(must_print, check=True, timeout=60)
        self.schema = json.loads((work / "schemas" / BUNDLE).read_bytes())
        self.out = work / "types.rs"
        call = ["generate-types", "--codex-bin", program, "--out", self.out]
        self.said = stage(*call, "--message-format", "json", check=True).stdout
        stage(
            "generate-types",
            "--schema-dir",
            work / "schemas",
            "--out",
            work / "again.rs",
            check=True,
        )
        self.again = work / "again.rs"
        self.types = Types(self.out, work / "program")


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime[0])
def published(request, stage, fetch, tmp_path_factory) -> Published:
    version, source = request.param
    work = tmp_path_factory.mktemp(version)
    program = unpack(fetch(HOST, source, version), work / "runtime")
    return Published(stage, program, version, work)


def test_the_runtime_says_its_version(published):
    assert json.loads(published.said)["version"] == published.version
    # Which a directory of schemas does not.
    text = published.out.read_text(encoding="utf-8")
    assert f'RUNTIME_VERSION: &str = "{published.version}"' in text
    items = [
        path.read_text(encoding="utf-8").split("/// The fields of an object")[1]
        for path in (published.out, published.again)
    ]
    assert items[0] == items[1]


def test_every_method_is_there_with_its_types(published):
    definitions = published.schema["definitions"]
    for group, name in [
        ("client_requests", "ClientRequest"),
        ("client_notifications", "ClientNotification"),
        ("server_requests", "ServerRequest"),
        ("server_notifications", "ServerNotification"),
    ]:
        listed = {entry["properties"]["method"]["enum"][0] for entry in definitions[name]["oneOf"]}
        assert {method for key, method in published.types.methods if key == group} == listed
    untyped = [
        method
        for (_, method), parts in published.types.methods.items()
        if "super::Value" in parts.values()
    ]
    assert untyped == []


# As the source of Codex pairs them, where the name of the parameters does not say it.
RESULTS = {
    "account/logout": "LogoutAccountResponse",
    "account/rateLimits/read": "GetAccountRateLimitsResponse",
    "config/batchWrite": "ConfigWriteResponse",
    "config/mcpServer/reload": "McpServerRefreshResponse",
    "config/value/write": "ConfigWriteResponse",
    "configRequirements/read": "ConfigRequirementsReadResponse",
}


def test_results_that_only_the_words_of_a_method_tell(published):
    for method, result in RESULTS.items():
        assert published.types.methods["client_requests", method]["result"] == f"super::{result}"


def test_it_compiles_without_a_warning_and_soon(published, figure):
    types = published.types
    assert types.cargo("clippy", "--quiet").stderr == ""
    assert types.cargo("doc", "--quiet", "--no-deps").stderr == ""
    types.cargo("check", "--lib")
    (types.directory / "src/types.rs").write_text(f"{types.text}\n", encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"CARGO_INCREMENTAL": "0"}
    types.cargo("check", "--lib", env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = types.text.count("\n")
    figure(
        f"cargo check of the types of {published.version}", f"{seconds:.1f} s CPU  {lines:,} lines"
    )
    assert seconds < 8


@pytest.mark.parametrize("novelty", [0, 0.2])
def test_what_is_read_is_written(published, novelty):
    values = Values(published.schema, seed=163, novelty=novelty)
    messages = published.types.messages(values, count=30)
    for message, again in zip(messages, published.types.again(messages), strict=True):
        assert again.get("value") == message[3], (message, again)
        assert novelty or not again["new"], message


class Model(http.server.BaseHTTPRequestHandler):
    """A model that says one thing."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {
            "type": "message",
            "role": "assistant",
            "id": "m1",
            "content": [{"type": "output_text", "text": "Hello."}],
        }
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        usage |= {"input_tokens_details": None, "output_tokens_details": None}
        events = [
            {"type": "response.created", "response": {"id": "r1"}},
            {"type": "response.output_item.done", "item": message},
            {"type": "response.completed", "response": {"id": "r1", "usage": usage}},
        ]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, *_: object):
        pass


class AppServer:
    """A session with an app-server; all that it says is kept."""

    def __init__(self, program: Path, home: Path, port: int):
        home.mkdir()
        provider = (
            f'{{name="mock",base_url="http://127.0.0.1:{port}/v1",wire_api="responses",'
            "supports_websockets=false,requires_openai_auth=false}"
        )
        config = {
            "model": '"mock-model"',
            "model_provider": '"mock"',
            "model_providers.mock": provider,
        }
        options = [f"--config={key}={value}" for key, value in config.items()]
        self.process = subprocess.Popen(
            [program, "app-server", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"CODEX_HOME": str(home)},
            cwd=home,
        )
        self.incoming: queue.Queue = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        self.said: list[tuple] = []
        self.count = 0

    def listen(self):
        for line in self.process.stdout:
            self.incoming.put(json.loads(line))

    def send(self, **message: object):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def request(self, method: str, params: object) -> dict:
        self.count += 1
        self.send(id=self.count, method=method, params=params)
        message = self.until(lambda message: message.get("id") == self.count)
        assert "result" in message, message
        self.said.append(("client_requests", method, "result", message["result"]))
        return message["result"]

    def until(self, fits) -> dict:
        while True:
            message = self.incoming.get(timeout=60)
            if "id" not in message:
                said = ("server_notifications", message["method"], "params", message["params"])
                self.said.append(said)
            if fits(message):
                return message

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


@pytest.fixture
def app_server(published, tmp_path) -> Iterator[AppServer]:
    model = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    server = AppServer(published.program, tmp_path / "home", model.server_port)
    yield server
    server.close()
    model.shutdown()


def without_null(value: object) -> object:
    """Where a field may be null or absent, the types make no difference."""
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_null(item) for item in value]
    return value


def test_a_conversation(published, app_server, tmp_path):
    """What the types write the server takes, and what the server says the types know."""

    def request(method: str, params: object) -> dict:
        call = ("client_requests", method, "params", params)
        (written,) = published.types.again([call])
        assert written == {"value": params, "new": ""}
        return app_server.request(method, written["value"])

    client = {"name": "types-program", "version": "0.0.0"}
    request("initialize", {"clientInfo": client})
    app_server.send(method="initialized")
    request("model/list", {})
    request("config/read", {})
    request("configRequirements/read", None)
    request("account/read", {})
    thread = request("thread/start", {"cwd": str(tmp_path), "approvalPolicy": "never"})["thread"]
    text = {"type": "text", "text": "Hello?", "text_elements": []}
    request("turn/start", {"threadId": thread["id"], "input": [text]})
    done = app_server.until(lambda message: message.get("method") == "turn/completed")
    assert done["params"]["turn"]["status"] == "completed", done
    request("thread/read", {"threadId": thread["id"], "includeTurns": True})
    request("thread/list", {})

    said = app_server.said
    texts = [item["item"].get("text") for *_, item in said if "item" in item]
    assert "Hello." in texts
    for message, again in zip(said, published.types.again(said), strict=True):
        assert without_null(again.get("value")) == without_null(message[3]), (message, again)
        # Fields that are experimental are sent, and no part of the schema.
        assert again["new"] != "name", message
