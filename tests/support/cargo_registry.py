"""A registry of Rust crates on loopback: a real server, which real `cargo publish` fills.

Cargo knows it by a Cargo home of the test's own, in one of two ways. In place of crates.io: crates
are published and added by plain name and version, and what they need of the public crates is
published there as well, from the files that Cargo has downloaded. Or beside crates.io, by its name.
"""

import hashlib
import json
import os
import struct
import subprocess
import time
from pathlib import Path
from urllib.request import Request, urlopen

from clients import must

NAME = "acceptance"
SERVER = "cargo-http-registry"
SERVER_VERSION = "0.1.8"


class CargoRegistry:
    def __init__(self, root: Path, tools: Path, *, beside: bool = False):
        """Starts the server, which is built into `tools` the first time."""
        install = ["cargo", "install", "--locked", "--quiet", SERVER, "--version", SERVER_VERSION]
        must(*install, "--root", tools)
        self.root, self.home = root / "registry", root / "cargo"
        self.server = subprocess.Popen(
            [tools / "bin" / SERVER, self.root], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.api = self._api()
        self.home.mkdir()
        config = f'[registries.{NAME}]\nindex = "{self.root.as_uri()}"\ntoken = "none"\n'
        if not beside:
            config += f'[source.crates-io]\nreplace-with = "{NAME}"\n'
        (self.home / "config.toml").write_text(config)
        clean = {k: v for k, v in os.environ.items() if k != "CARGO_TARGET_DIR"}
        self.env = clean | {"CARGO_HOME": str(self.home)}

    def _api(self) -> str:
        """The server's address, which it writes into its index when it has one."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.server.poll() is None, self.server.stderr.read().decode()
            config = self.root / "config.json"
            if config.exists() and (self.root / ".git/refs/heads/master").exists():
                return json.loads(config.read_text())["api"]
            time.sleep(0.05)
        raise AssertionError(f"{SERVER} does not serve")

    def __enter__(self) -> "CargoRegistry":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait()
        self.server.stderr.close()

    def cargo(self, *arguments: object, cwd: Path) -> subprocess.CompletedProcess:
        """Cargo, to which this registry is known."""
        return must("cargo", *arguments, cwd=cwd, env=self.env)

    def publish_all(self, crates: Path, target_dir: Path) -> None:
        """`cargo publish`, with the build that belongs to it, of each staged crate."""
        where = ["--registry", NAME, "--target-dir", target_dir]
        # Parts, platform, facade: each after what it depends on.
        for crate in sorted(crates.iterdir(), key=lambda crate: len(crate.name), reverse=True):
            self.cargo("publish", "--quiet", *where, cwd=crate)

    def publish_public(self, package: dict) -> None:
        """Publishes a crate of crates.io as it is, known from `cargo metadata` of this machine."""
        source = Path(package["manifest_path"]).parent
        file = f"{package['name']}-{package['version']}.crate"
        crate = source.parent.parent.parent / "cache" / source.parent.name / file
        dependencies = [
            {
                "name": needs["name"],
                "explicit_name_in_toml": needs["rename"],
                "version_req": needs["req"],
                "features": needs["features"],
                "optional": needs["optional"],
                "default_features": needs["uses_default_features"],
                "target": needs["target"],
                "kind": needs["kind"] or "normal",
            }
            for needs in package["dependencies"]
            if needs["kind"] != "dev"
        ]
        metadata = {
            "name": package["name"],
            "vers": package["version"],
            "deps": dependencies,
            "features": package["features"],
            "authors": [],
            "description": None,
            "documentation": None,
            "homepage": None,
            "readme": None,
            "readme_file": None,
            "keywords": [],
            "categories": [],
            "license": package["license"],
            "license_file": None,
            "repository": None,
            "badges": {},
            "links": package["links"],
        }
        body = b"".join(
            struct.pack("<I", len(part)) + part
            for part in [json.dumps(metadata).encode(), crate.read_bytes()]
        )
        request = Request(f"{self.api}/api/v1/crates/new", body, method="PUT")
        with urlopen(request) as response:
            assert response.read() == b"", f"{file} was refused"

    def sha256(self, name: str, version: str) -> str:
        """Of the file that is served for a crate."""
        return hashlib.sha256((self.root / f"{name}-{version}.crate").read_bytes()).hexdigest()
