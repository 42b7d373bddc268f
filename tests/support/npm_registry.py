"""A registry of npm packages on loopback: what its clients ask for, and nothing else.

It makes a test of what a user types. A client installs by name and version, resolves optional
dependencies as it would from the real one, and all that it can get is what the test published.
"""

import base64
import hashlib
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


class Registry:
    def __init__(self):
        self.packages: dict[str, dict] = {}
        self.tarballs: dict[str, bytes] = {}
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = unquote(self.path).removeprefix("/")
                packument = registry.packages.get(path)
                body = json.dumps(packument).encode() if packument else registry.tarballs.get(path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> "Registry":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def publish(self, tarball: Path, *, latest: bool = False) -> None:
        """Takes a tarball as `npm publish` would."""
        data = tarball.read_bytes()
        with tarfile.open(tarball) as archive:
            manifest = json.load(archive.extractfile("package/package.json"))
        name, version = manifest["name"], manifest["version"]
        path = f"{name}/-/{tarball.name}"
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {"tarball": self.url + path, "integrity": f"sha512-{digest}"}
        package = self.packages.setdefault(name, {"name": name, "versions": {}, "dist-tags": {}})
        package["versions"][version] = manifest | {"dist": dist}
        if latest:
            package["dist-tags"]["latest"] = version
        self.tarballs[path] = data
