"""Other products than the built-in one, as small folders, and runtimes for them."""

import json
import shutil
from pathlib import Path

import bundles
from bundles import HOST, VERSION, File
from clients import ROOT

NAME = "acme"
COMMANDS = ("acme", "acme-x")
DISTRIBUTION = "acme-tool"
PACKAGE = "acme_tool"
STEM = f"acme_tool-{VERSION}"
NPM = "@acme/tool"

PRODUCT = """
[product]
name = "acme"
title = "Acme"
authors = ["Ada Acme <ada@acme.example>", "Acme, Inc. <info@acme.example>", "The others"]
commands = {commands}
license = "MIT"
license-files = ["LICENSE"]
homepage = "https://acme.example"
repository = "https://acme.example/tool"
issues = "https://acme.example/issues"
tag-prefixes = ["v", "rust-v"]
path-env = "ACME_PATH"
{product}

[product.urls]
Changelog = "https://acme.example/changes"

[bundle]
metadata = "acme-package.json"
layout-version = 1
variant = "acme"
entrypoint = "bin/acme"
resources-dir = "share"
path-dir = "path"

[bundle.limits]
entries = 1000
unpacked-bytes = 100_000_000

[wheel]
distribution = "acme-tool"
import-package = "acme_tool"
summary = "A tool"
requires-python = ">=3.8"
keywords = ["acme", "tool"]
classifiers = ["Environment :: Console"]
dependencies = ["six>=1.16; python_version < '3'"]
description = "# Acme"
{wheel}

[wheel.extras]
More_things = ["packaging>=20", "six; os_name == 'nt'"]

[wheel.limits]

[crate]
name = "acme-tool"
summary = "A tool"
cache-dir-env = "ACME_CACHE"

[crate.limits]

[npm]
package = "@acme/tool"
bin = "acme"
summary = "A tool"
node = ">=16"
keywords = ["acme", "tool"]
funding = ["https://acme.example/pay"]
description = "A tool."
{npm}

[npm.limits]
"""


def folder(
    parent: Path,
    *,
    commands: tuple[str, ...] = COMMANDS,
    product: str = "",
    wheel: str = "",
    npm: str = "",
    license_text: str = "MIT\n",
) -> Path:
    """The folder of a product; the last ones are lines for sections of its stage.toml."""
    folder = parent / "acme"
    shutil.copytree(ROOT / "platforms", folder / "platforms")
    text = PRODUCT.format(commands=json.dumps(commands), product=product, wheel=wheel, npm=npm)
    (folder / "stage.toml").write_text(text, encoding="utf-8")
    (folder / "LICENSE").write_text(license_text, encoding="utf-8")
    return folder


def metadata(target: str = HOST) -> File:
    fields = {
        "layoutVersion": 1,
        "version": VERSION,
        "target": target,
        "variant": "acme",
        "entrypoint": f"bin/acme{bundles.suffix(target)}",
    }
    return File(json.dumps(fields).encode())


def programs(target: str = HOST, commands: tuple[str, ...] = COMMANDS) -> bundles.Tree:
    """The executables of commands, each of which says its name, and what describes them."""
    exe = bundles.suffix(target)
    tree = {
        f"bin/{name}{exe}": File(bundles.executable(target, f"{name} {VERSION}"), 0o755)
        for name in commands
    }
    return {"acme-package.json": metadata(target)} | tree


#: What a project packs beside its executables, and where a wheel of commands has it. `None`: nowhere.
BESIDE = {
    "README.md": None,
    "CHANGELOG.md": None,
    "LICENSE": None,
    "LICENSE-APACHE": "licenses",
    "doc/acme.1": "data/share/man/man1/acme.1",
    "complete/acme.bash": "data/share/bash-completion/completions/acme",
    "complete/_acme": "data/share/zsh/site-functions/_acme",
    "complete/acme.fish": "data/share/fish/vendor_completions.d/acme.fish",
    "complete/_acme.ps1": None,
}


def beside() -> bundles.Tree:
    # Modes as archives have them that were made without any.
    return {path: File(f"{path}\n".encode(), 0o755) for path in BESIDE}


def only_commands(target: str = HOST, commands: tuple[str, ...] = COMMANDS) -> bundles.Tree:
    """What GoReleaser and cargo-dist publish: executables and what is read about them."""
    return programs(target, commands) | beside()


def tree(target: str = HOST, commands: tuple[str, ...] = COMMANDS) -> bundles.Tree:
    """Executables that look for data beside themselves."""
    return programs(target, commands) | {"share/data.bin": File(b"data\n")}


def stage_all(stage, product: Path, staging: Path, runtimes: Path, *args: object, **trees) -> None:
    """Stages bundles by their targets' names, with `-` written `_`, into one directory."""
    for name, tree in trees.items():
        runtime = bundles.write(tree, runtimes / name)
        stage.runtime(staging, runtime, "--product", product, *args)
