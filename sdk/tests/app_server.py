#!/usr/bin/env python3
"""An app-server that misbehaves as it is told: by SCENARIO, a name and its arguments.

It takes the arguments of `codex` and knows enough of the protocol for a turn, whose answer is
`echo: ` and what was said. A scenario is a function of this file that changes something of that.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

NAME, *ARGUMENTS = os.environ.get("SCENARIO", "normal").split()
VERSION = os.environ.get("VERSION", "0.163.0")


def write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def send(**message: object) -> None:
    write(json.dumps(message).encode() + b"\n")


def notify(method: str, **params: object) -> None:
    send(method=method, params=params)


def die() -> None:
    sys.stderr.write("the last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    while True:
        time.sleep(60)


class Server:
    """Answers as a real one does."""

    def __init__(self) -> None:
        self.threads = 0
        self.turns = 0

    def serve(self) -> None:
        for line in sys.stdin.buffer:
            self.take(json.loads(line))

    def take(self, message: dict) -> None:
        method = message.get("method")
        if method is None:
            self.answered(message)
        elif "id" in message:
            handler = getattr(self, "on_" + method.replace("/", "_"), self.refuse)
            handler(message["id"], message.get("params"))

    def answered(self, message: dict) -> None:
        """An answer to a request of this server's."""

    def refuse(self, id: int, params: object) -> None:
        send(id=id, error={"code": -32601, "message": "unknown method"})

    def on_initialize(self, id: int, params: dict) -> None:
        name = params["clientInfo"]["name"]
        send(id=id, result={"userAgent": f"{name}/{VERSION} (Test 1; x) none", "codexHome": "/h"})

    def on_thread_start(self, id: int, params: dict) -> None:
        self.threads += 1
        send(id=id, result={"thread": {"id": f"thread-{self.threads}"}})

    def on_thread_archive(self, id: int, params: dict) -> None:
        send(id=id, result={})

    def on_turn_start(self, id: int, params: dict) -> None:
        self.turns += 1
        thread, turn = params["threadId"], f"turn-{self.turns}"
        text = params["input"][0]["text"]
        self.begin(id, thread, turn)
        self.middle(thread, turn, text)
        self.end(thread, turn, text)

    def begin(self, id: int, thread: str, turn: str) -> None:
        send(id=id, result={"turn": {"id": turn, "status": "inProgress", "items": []}})
        notify("turn/started", threadId=thread, turn={"id": turn, "status": "inProgress"})

    def middle(self, thread: str, turn: str, text: str) -> None:
        self.delta(thread, turn, "echo: ")
        self.delta(thread, turn, text)

    def delta(self, thread: str, turn: str, text: str) -> None:
        notify("item/agentMessage/delta", threadId=thread, turnId=turn, itemId="m", delta=text)

    def message(self, thread: str, turn: str, text: str) -> None:
        item = {"type": "agentMessage", "id": f"m-{turn}", "text": text, "phase": None}
        notify("item/completed", threadId=thread, turnId=turn, item=item)

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        self.message(thread, turn, "echo: " + text)
        self.completed(thread, turn, status=status)

    def completed(self, thread: str, turn: str, status: str, **more: object) -> None:
        notify("turn/completed", threadId=thread, turn={"id": turn, "status": status} | more)

    def on_turn_interrupt(self, id: int, params: dict) -> None:
        send(id=id, result={})
        self.completed(params["threadId"], params["turnId"], status="interrupted")


class At(Server):
    """Something happens at a stage."""

    STAGES = ("start", "initialize", "thread", "request", "answer", "delta", "item")

    def __init__(self, stage: str) -> None:
        super().__init__()
        assert stage in self.STAGES, stage
        self.stage = stage
        self.reach("start")

    def reach(self, stage: str) -> None:
        if self.stage == stage:
            self.happen()

    def happen(self) -> None:
        raise NotImplementedError

    def on_initialize(self, id: int, params: dict) -> None:
        self.reach("initialize")
        super().on_initialize(id, params)

    def on_thread_start(self, id: int, params: dict) -> None:
        self.reach("thread")
        super().on_thread_start(id, params)

    def begin(self, id: int, thread: str, turn: str) -> None:
        self.reach("request")
        super().begin(id, thread, turn)
        self.reach("answer")

    def middle(self, thread: str, turn: str, text: str) -> None:
        super().middle(thread, turn, text)
        self.reach("delta")

    def message(self, thread: str, turn: str, text: str) -> None:
        super().message(thread, turn, text)
        self.reach("item")


class Dies(At):
    happen = staticmethod(die)


class Hangs(At):
    happen = staticmethod(hang)


class Exits(At):
    """Ends as a program does that has given up."""

    def happen(self) -> None:
        sys.stderr.write("\033[31mERROR\033[0m no disk\n")
        sys.exit(3)


class Says(At):
    """Writes something that is no message."""

    WHAT = {
        "words": b"hello, world\n",
        "bytes": b"\xff\xfe\x00\n",
        "empty": b"\n",
        "number": b"17\n",
        "array": b"[]\n",
        "object": b"{}\n",
        "deep": b'{"params":' + b"[" * 100_000 + b"\n",
        "twice": b'{"id":1,"id":1,"result":{}}\n',
        "nothing": b'{"id":1}\n',
        "half": b'{"id":1,"res',
    }

    def __init__(self, what: str, stage: str) -> None:
        self.what = self.WHAT[what]
        super().__init__(stage)

    def happen(self) -> None:
        write(self.what)


class ClosesStdin(At):
    """Hears nothing more, and finishes what it is at."""

    def happen(self) -> None:
        os.close(0)

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            super().serve()
        hang()


class ClosesStdout(At):
    def happen(self) -> None:
        os.close(1)
        hang()


class Pieces(Server):
    """Writes each line in pieces."""

    def begin(self, id: int, thread: str, turn: str) -> None:
        line = json.dumps({"id": id, "result": {"turn": {"id": turn, "status": "inProgress"}}})
        for piece in (line[:7], line[7:30], line[30:], "\n"):
            write(piece.encode())
            time.sleep(0.02)


class Large(Server):
    """A delta of so many bytes."""

    def __init__(self, size: str) -> None:
        super().__init__()
        self.size = int(size)

    def middle(self, thread: str, turn: str, text: str) -> None:
        self.delta(thread, turn, "x" * self.size)


class Flood(Server):
    """So many deltas, of so many bytes each, in turns that are told to `flood`."""

    def __init__(self, count: str, size: str) -> None:
        super().__init__()
        self.count, self.size = int(count), int(size)

    def middle(self, thread: str, turn: str, text: str) -> None:
        if text == "flood":
            for _ in range(self.count):
                self.delta(thread, turn, "x" * self.size)


class Reorders(Server):
    """Answers so many requests in the opposite order."""

    def __init__(self, count: str) -> None:
        super().__init__()
        self.count = int(count)
        self.held: list[tuple[int, dict]] = []

    def on_thread_archive(self, id: int, params: dict) -> None:
        self.held.append((id, params))
        if len(self.held) == self.count:
            for id, params in reversed(self.held):
                error = {"code": -32602, "message": "about " + params["threadId"]}
                send(id=id, error=error)


class Duplicates(Server):
    """Answers twice, and what nobody has asked."""

    def on_thread_start(self, id: int, params: dict) -> None:
        send(id=id + 1000, result={"thread": {"id": "of nobody"}})
        send(id="a string", result={})
        send(id=None, error={"code": -32700, "message": "what?"})
        super().on_thread_start(id, params)
        super().on_thread_start(id, params)


class Unknown(Server):
    """Says what no client knows yet."""

    def on_initialize(self, id: int, params: dict) -> None:
        send(method="news/flash", params={"turnId": 7, "threadId": ["x"]}, more=1)
        send(method="news/nothing")
        super().on_initialize(id, params)

    def middle(self, thread: str, turn: str, text: str) -> None:
        notify("turn/newThing", threadId=thread, turnId=turn, value=[1])
        item = {"type": "hologram", "id": "h", "depth": 3}
        notify("item/completed", threadId=thread, turnId=turn, item=item)
        item = {"type": "commandExecution", "id": "c", "command": "ls", "status": "pondered"}
        notify("item/completed", threadId=thread, turnId=turn, item=item | {"shiny": True})
        notify("thread/tokenUsage/updated", threadId=thread, turnId=turn, tokenUsage="many")

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        self.completed(thread, turn, status="dreamed", mood="good")


class Early(Server):
    """Tells of a turn before it has said that there is one."""

    def begin(self, id: int, thread: str, turn: str) -> None:
        notify("turn/started", threadId=thread, turn={"id": turn, "status": "inProgress"})
        self.message(thread, turn, "early")
        notify("turn/started", threadId=thread, turn={"id": "other", "status": "inProgress"})
        send(id=id, result={"turn": {"id": turn, "status": "inProgress", "items": []}})


class EarlyEnd(Server):
    """Has done a turn before it says that there is one."""

    def on_turn_start(self, id: int, params: dict) -> None:
        self.message("t", "turn-1", "over")
        self.completed("t", "turn-1", status="completed")
        send(id=id, result={"turn": {"id": "turn-1", "status": "inProgress", "items": []}})


class Overloaded(Server):
    """Is too busy for so many turns."""

    def __init__(self, count: str) -> None:
        super().__init__()
        self.left = int(count)

    def on_turn_start(self, id: int, params: dict) -> None:
        if self.left > 0:
            self.left -= 1
            data = {"codexErrorInfo": "server_overloaded"}
            error = {"code": -32001, "message": "too busy", "data": data}
            return send(id=id, error=error)
        return super().on_turn_start(id, params)


class Code(Server):
    """Answers a thread/start with this code."""

    def on_thread_start(self, id: int, params: dict) -> None:
        send(id=id, error={"code": int(ARGUMENTS[0]), "message": "no", "data": {"why": "x"}})


class Fails(Server):
    """A turn fails, for this reason."""

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        self.message(thread, turn, "so far")
        error = {"message": "it went wrong", "codexErrorInfo": ARGUMENTS[0]}
        self.completed(thread, turn, status="failed", error=error)


class Answers(Server):
    """A turn ends with this text."""

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        self.message(thread, turn, " ".join(ARGUMENTS))
        self.completed(thread, turn, status=status)


class Shapeless(Server):
    """What this method answers lacks what it should have."""

    def take(self, message: dict) -> None:
        if message.get("method") == ARGUMENTS[0]:
            return send(id=message["id"], result={"other": 1})
        return super().take(message)

    def completed(self, thread: str, turn: str, **more: object) -> None:
        if ARGUMENTS[0] == "turn/completed":
            return notify("turn/completed", threadId=thread, turnId=turn, turn=[])
        return super().completed(thread, turn, **more)


class Asks(Server):
    """Sends the request that it was told, and says with what it was answered."""

    def middle(self, thread: str, turn: str, text: str) -> None:
        method, _, params = text.partition(" ")
        params = {"threadId": thread, "turnId": turn, "itemId": "i"} | json.loads(params or "{}")
        self.waiting = (thread, turn)
        send(id="request", method=method, params=params)

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        pass

    def answered(self, message: dict) -> None:
        thread, turn = self.waiting
        assert message.pop("id") == "request"
        self.message(thread, turn, json.dumps(message))
        self.completed(thread, turn, status="completed")


class AsksForEver(Server):
    """Sends requests and never reads an answer."""

    def on_thread_start(self, id: int, params: dict) -> None:
        for n in range(100_000):
            send(id=n, method="item/tool/call", params={"x": "y" * 100})
        hang()


class Joined(Server):
    """Everything said in a thread is one turn, which ends when it is told so."""

    def on_turn_start(self, id: int, params: dict) -> None:
        self.turns += 1
        text = params["input"][0]["text"]
        send(id=id, result={"turn": {"id": "turn", "status": "inProgress", "items": []}})
        self.delta("t", "turn", text)
        if text == "end":
            self.end("t", "turn", f"{self.turns}")


class JoinedLate(Joined):
    """The same, and it ends just before the answer to what ends it, with a message of 2 MiB."""

    def completed(self, thread: str, turn: str, **more: object) -> None:
        super().completed(thread, turn, padding="x" * (2 << 20), **more)

    def on_turn_start(self, id: int, params: dict) -> None:
        if params["input"][0]["text"] == "end":
            self.end("t", "turn", "late")
            send(id=id, result={"turn": {"id": "turn", "status": "inProgress", "items": []}})
        else:
            super().on_turn_start(id, params)


class Open(Server):
    """Turns that go on until they are interrupted, and then say nothing more."""

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        if text == "end":
            super().end(thread, turn, text)

    def on_turn_interrupt(self, id: int, params: dict) -> None:
        """As the real one: it never answers for a turn that has ended."""
        if ARGUMENTS and ARGUMENTS[0] == "mute":
            return
        super().on_turn_interrupt(id, params)

    def on_turn_steer(self, id: int, params: dict) -> None:
        send(id=id, result={"turnId": params["expectedTurnId"]})
        turn = params["expectedTurnId"]
        self.end(params["threadId"], turn, params["input"][0]["text"])


class Stays(Server):
    """Does not end when its stdin does."""

    def serve(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().serve()
        hang()


class StaysWithChild(Stays):
    """The same, and so does a child, which keeps a connection to this port."""

    def __init__(self, port: str) -> None:
        super().__init__()
        with socket.create_connection(("127.0.0.1", int(port))) as connection:
            kept = connection.fileno()
            out = subprocess.DEVNULL
            command = [sys.executable, "-c", "import time; time.sleep(60)"]
            subprocess.Popen(command, pass_fds=[kept], stdin=out, stdout=out, stderr=out)


class Environment(Server):
    """Tells how it was started."""

    def end(self, thread: str, turn: str, text: str, status: str = "completed") -> None:
        told = {"argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}
        told["group"] = os.getpgid(0) == os.getpid()
        self.message(thread, turn, json.dumps(told))
        self.completed(thread, turn, status="completed")


SCENARIOS = {
    "normal": Server,
    "dies": Dies,
    "hangs": Hangs,
    "exits": Exits,
    "says": Says,
    "closes-stdin": ClosesStdin,
    "closes-stdout": ClosesStdout,
    "pieces": Pieces,
    "large": Large,
    "flood": Flood,
    "reorders": Reorders,
    "duplicates": Duplicates,
    "unknown": Unknown,
    "early": Early,
    "early-end": EarlyEnd,
    "overloaded": Overloaded,
    "asks": Asks,
    "asks-for-ever": AsksForEver,
    "joined": Joined,
    "joined-late": JoinedLate,
    "open": Open,
    "stays": Stays,
    "stays-with-child": StaysWithChild,
    "environment": Environment,
    "code": Code,
    "fails": Fails,
    "answers": Answers,
    "shapeless": Shapeless,
}
# These take their arguments from ARGUMENTS.
PLAIN = (Code, Fails, Answers, Shapeless, Open)


if __name__ == "__main__":
    kind = SCENARIOS[NAME]
    server = kind() if kind in PLAIN else kind(*ARGUMENTS)
    server.serve()
