"""A forge on loopback in the layout of GitHub, which misbehaves where a test wants it to.

It serves the releases API, the API's own addresses of assets, and the downloads. A fault is a
function that answers one request in place of the server; faults of a file are used up one after
the other, and then the file is served as it should be.
"""

import copy
import hashlib
import json
import random
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import bundles

REPOSITORY = "openai/codex"
SUMS = "codex-package_SHA256SUMS"
API = "API"

Fault = Callable[["Handler", bytes], None]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "loopback"

    def do_GET(self):
        self.server.release.answer(self)

    def reply(self, status: int, body: bytes = b"", **headers: object) -> None:
        """Headers as keywords: `Retry_After=1`; None leaves one out."""
        fields = {"Content_Length": len(body)} | headers
        self.send_response(status)
        for name, value in fields.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def file(self, content: bytes, *, cut: int | None = None, **headers: object) -> None:
        """A file or the rest of it, as a good server sends it; `cut` bytes of it at most."""
        etag = f'"{sha256(content)[:16]}"'
        headers = {"ETag": etag, "Content_Type": "application/octet-stream"} | headers
        first = 0
        validators = (None, etag, headers.get("Last_Modified"))
        if (range_ := self.headers["Range"]) and self.headers["If-Range"] in validators:
            first = int(range_.removeprefix("bytes=").removesuffix("-"))
        if first >= len(content) > 0:
            return self.reply(416, Content_Range=f"bytes */{len(content)}")
        part = content[first:]
        status = 206 if first else 200
        if first:
            headers["Content_Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        if cut is None:
            return self.reply(status, part, **headers)
        self.reply(status, part[:cut], **{"Content_Length": len(part)} | headers)
        self.close()

    def close(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def log_message(self, *args):
        pass


class Request:
    def __init__(self, handler: Handler):
        self.path, self.headers = handler.path, copy.deepcopy(handler.headers)

    def __repr__(self) -> str:
        return f"GET {self.path} {dict(self.headers)}"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # A client that went away, or a connection that a test cut.


class Release:
    """A release, and the server that has it."""

    def __init__(self, files: dict[str, bytes], tag: str = bundles.TAG):
        self.tag, self.files = tag, files
        self.sums: bytes | None = None
        """The file of digests; without one, that of the files as they are."""
        self.has_sums = self.has_api = True
        self.summed = lambda name: name.startswith("codex-package-")
        """Which files the file of digests names."""
        self.digests = True
        """Whether the API says digests."""
        self.api_digests: dict[str, str | None] = {}
        """What the API says instead of the right ones."""
        self.faults: dict[str, list[Fault]] = {}
        self.always: dict[str, Fault] = {}
        self.requests: list[Request] = []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.release = self
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Release":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def encrypt(self, certificate: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https"

    # What it serves

    def content(self, name: str) -> bytes | None:
        if name == SUMS and self.has_sums:
            if self.sums is not None:
                return self.sums
            lines = [f"{sha256(data)}  {name}\n" for name, data in self.named().items()]
            return "".join(lines).encode()
        return self.files.get(name)

    def named(self) -> dict[str, bytes]:
        return {name: data for name, data in self.files.items() if self.summed(name)}

    def listing(self) -> bytes:
        assets = []
        names = [*self.files, *([SUMS] if self.has_sums else [])]
        for number, name in enumerate(names):
            content = self.content(name)
            digest = f"sha256:{sha256(content)}" if self.digests else None
            assets.append(
                {
                    "name": name,
                    "size": len(content),
                    "digest": self.api_digests.get(name, digest),
                    "state": "uploaded",
                    "url": f"{self.url}/repos/{REPOSITORY}/releases/assets/{number}",
                    "browser_download_url": f"{self.url}{self.path(name)}",
                }
            )
        return json.dumps({"tag_name": self.tag, "draft": False, "assets": assets}).encode()

    def path(self, name: str) -> str:
        return f"/{REPOSITORY}/releases/download/{self.tag}/{name}"

    # What it does

    def fail(self, name: str, *faults: Fault) -> None:
        """The next requests for a file, or for the API, are answered so."""
        self.faults.setdefault(name, []).extend(faults)

    def answer(self, handler: Handler) -> None:
        self.requests.append(Request(handler))
        path = unquote(urlsplit(handler.path).path)
        name, content = self.find(path)
        faults = self.faults.get(name)
        fault = faults.pop(0) if faults else self.always.get(name)
        if fault:
            fault(handler, content)
        elif content is None:
            handler.reply(404, b"Not Found")
        elif name == API:
            handler.reply(200, content, Content_Type="application/json; charset=utf-8")
        else:
            handler.file(content)

    def find(self, path: str) -> tuple[str, bytes | None]:
        if path == f"/repos/{REPOSITORY}/releases/tags/{self.tag}":
            return API, self.listing() if self.has_api else None
        assets = f"/repos/{REPOSITORY}/releases/assets/"
        names = [*self.files, SUMS]
        if path.startswith(assets):
            name = names[int(path.removeprefix(assets))]
            return name, self.content(name)
        for name in names:
            if path == self.path(name):
                return name, self.content(name)
        return path, None

    def asked_for(self, name: str) -> list[Request]:
        """The requests for a file, in order."""
        return [
            request
            for request in self.requests
            if self.find(unquote(urlsplit(request.path).path))[0] == name
        ]


def packages(targets: list[str], size: int = 300_000) -> dict[str, bytes]:
    """Files with the names of runtimes, which are not. Each has other bytes."""
    rng = random.Random(6)
    return {f"codex-package-{target}.tar.gz": rng.randbytes(size) for target in targets}


class Fetcher:
    """`stage fetch` from a release, with a cache and an output directory of its own."""

    def __init__(self, stage, release: Release, work: Path):
        self.stage, self.release = stage, release
        self.out, self.home = work / "out", work / "home"
        self.cache = self.home / "stage" / "downloads"
        self.name, self.other = [*release.files][:2]
        self.content = release.files[self.name]
        self.target = self.target_of(self.name)

    @staticmethod
    def target_of(name: str) -> str:
        return name.removeprefix("codex-package-").removesuffix(".tar.gz")

    def call(self, *options: object) -> list[object]:
        """One platform's, unless the options name others."""
        platform = [] if "--platform-tag" in options else ["--platform-tag", self.target]
        call = ["fetch", "--codex-version", self.release.tag, "--out", self.out, *platform]
        return [*call, "--base-url", self.release.url, *options]

    def env(self, env: dict[str, str]) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.home)} | env

    def __call__(self, *options: object, **env: str) -> subprocess.CompletedProcess:
        """Fetches what is right in the end."""
        result = self.stage(*self.call(*options), env=self.env(env), check=True)
        for name, content in self.fetched().items():
            assert content == self.release.files[name]
        return result

    def refuses(self, *options: object, status: int = 1, **env: str) -> str:
        """Fails, with nothing in the output directory; gives the error."""
        error = self.stage.refuses(*self.call(*options), env=self.env(env), status=status)
        assert not self.out.exists()
        return error

    def fetched(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.out.iterdir()}

    def asked(self) -> list[Request]:
        """The requests for the file of the one platform."""
        return self.release.asked_for(self.name)

    def kept_nothing(self) -> bool:
        return not self.out.exists() and self.cached() == []

    def cached(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir()) if self.cache.exists() else []


# Faults


def status(number: int, **headers: object) -> Fault:
    return lambda handler, content: handler.reply(number, b"no", **headers)


def cut(count: int, **headers: object) -> Fault:
    """So many bytes of what is asked for, then the connection is closed."""
    return lambda handler, content: handler.file(content, cut=count, **headers)


def served(other: bytes | None = None, **headers: object) -> Fault:
    """The file, or another one, with other headers."""
    return lambda handler, content: handler.file(content if other is None else other, **headers)


def redirect(to: str, number: int = 302) -> Fault:
    return lambda handler, content: handler.reply(number, Location=to)


def silence(after: int, event: threading.Event) -> Fault:
    """Some bytes, and then nothing, until the test ends it."""

    def fault(handler: Handler, content: bytes) -> None:
        handler.reply(200, content[:after], Content_Length=len(content))
        handler.wfile.flush()
        event.wait(60)
        handler.close()

    return fault
