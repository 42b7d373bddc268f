#!/usr/bin/env python3
"""A model on loopback, for a Codex under test: it does what the last message of the user tells it.

Run as a program it prints its port, and serves until its stdin closes. The first word decides:

    run COMMAND     asks for the command to be run, and then answers `done: ` and what came of it
    slow TEXT       begins to answer, and never ends
    deltas N        answers in N pieces
    busy N TEXT     is overloaded N times, and then answers with TEXT
    login           wants a login first
    recall          answers with all that the user has said
    images          answers with how many images came with this
    schema          answers with the name of the schema that it should keep to
    json TEXT       answers with TEXT alone
    TEXT            answers `echo: TEXT`
"""

import json
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Model(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.refused: Counter[str] = Counter()
        self.requests: list[dict] = []
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def config(self) -> list[str]:
        """The `--config` values that make a Codex use this model."""
        provider = (
            f'{{name="mock",base_url="http://127.0.0.1:{self.port}/v1",wire_api="responses",'
            "supports_websockets=false,requires_openai_auth=false,"
            "request_max_retries=0,stream_max_retries=0}"
        )
        return [
            'model_provider="mock"',
            'model="mock-model"',
            f"model_providers.mock={provider}",
        ]

    def start(self) -> "Model":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Model

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        user, outputs = last_turn(body["input"])
        word, _, rest = user.partition(" ")
        if word == "busy":
            times, _, rest = rest.partition(" ")
            self.server.refused[user] += 1
            if self.server.refused[user] <= int(times):
                return self.refuse(503, "server_is_overloaded")
        if word == "login":
            return self.refuse(401, "invalid_api_key")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.event("response.created", response={"id": "r"})
        if word == "run" and not outputs:
            call = json.dumps({"cmd": rest})
            item = {
                "type": "function_call",
                "call_id": "call-1",
                "name": "exec_command",
                "arguments": call,
            }
            self.event("response.output_item.done", item=item)
        elif word == "run":
            self.message("done: " + outputs[-1])
        elif word == "slow":
            self.deltas([rest])
            self.server.closing.wait(600)
            return None
        elif word == "deltas":
            pieces = [f"{n} " for n in range(int(rest))]
            self.deltas(pieces)
            self.complete("".join(pieces))
        elif word == "recall":
            self.message("; ".join(texts(body["input"])))
        elif word == "images":
            parts = [part for item in body["input"] for part in item.get("content") or []]
            self.message(str(sum(part.get("type") == "input_image" for part in parts)))
        elif word == "schema":
            self.message(json.dumps(body["text"]["format"]["schema"]))
        elif word in ("busy", "json"):
            self.message(rest)
        else:
            self.message("echo: " + user)
        usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
        usage["input_tokens_details"] = {"cached_tokens": 2}
        usage["output_tokens_details"] = {"reasoning_tokens": 1}
        self.event("response.completed", response={"id": "r", "usage": usage})
        self.close_connection = True
        return None

    def refuse(self, status: int, code: str) -> None:
        body = json.dumps({"error": {"code": code, "message": code}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, kind: str, **fields: object) -> None:
        data = json.dumps({"type": kind} | fields)
        self.wfile.write(f"event: {kind}\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def deltas(self, pieces: list[str]) -> None:
        item = {"type": "message", "role": "assistant", "id": "m", "content": []}
        self.event("response.output_item.added", item=item)
        for piece in pieces:
            self.event("response.output_text.delta", delta=piece, item_id="m")

    def message(self, text: str) -> None:
        self.deltas([text])
        self.complete(text)

    def complete(self, text: str) -> None:
        content = [{"type": "output_text", "text": text}]
        item = {"type": "message", "role": "assistant", "id": "m", "content": content}
        self.event("response.output_item.done", item=item)


def said(item: dict) -> str | None:
    """What the user says in this item: not what Codex says in the user's name."""
    if item.get("type") == "message" and item.get("role") == "user":
        for part in item["content"]:
            if part.get("type") == "input_text" and not part["text"].startswith("<"):
                return part["text"]
    return None


def texts(items: list[dict]) -> list[str]:
    """All that the user has said."""
    return [text for item in items if (text := said(item)) is not None]


def last_turn(items: list[dict]) -> tuple[str, list[str]]:
    """What the user said last, and what tools have given since."""
    user, outputs = "", []
    for item in items:
        if (text := said(item)) is not None:
            user, outputs = text, []
        elif item.get("type") == "function_call_output":
            outputs.append(json.dumps(item["output"]))
    return user, outputs


def main() -> None:
    model = Model().start()
    print(model.port, flush=True)
    sys.stdin.read()
    model.stop()


if __name__ == "__main__":
    main()
