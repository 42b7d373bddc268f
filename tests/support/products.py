"""Other products than the built-in one, as small folders, and runtimes for them."""

import json
from pathlib import Path

import bundles
from bundles import HOST, VERSION, File

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
targets = {targets}
commands = {commands}
license = "MIT"
homepage = "https://acme.example"
repository = "https://acme.example/tool"
issues = "https://acme.example/issues"
keywords = ["acme", "tool"]
tag-prefixes = ["v", "rust-v"]
path-env = "ACME_PATH"
{product}

[product.urls]
Changelog = "https://acme.example/changes"

[wheel]
distribution = "acme-tool"
classifiers = ["Environment :: Console"]
dependencies = ["six>=1.16; python_version < '3'"]
{wheel}

[wheel.extras]
more-things = ["packaging>=20", "six; os_name == 'nt'"]

[npm]
package = "@acme/tool"
funding = ["https://acme.example/pay"]
{npm}
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
    folder.mkdir()
    lists = {"targets": json.dumps(bundles.TARGETS), "commands": json.dumps(commands)}
    text = PRODUCT.format(**lists, product=product, wheel=wheel, npm=npm)
    (folder / "stage.toml").write_text(text, encoding="utf-8")
    (folder / "LICENSE").write_text(license_text, encoding="utf-8")
    return folder


def programs(target: str = HOST, commands: tuple[str, ...] = COMMANDS) -> bundles.Tree:
    """The executables of commands, each of which says its name."""
    exe = bundles.suffix(target)
    return {
        f"bin/{name}{exe}": File(bundles.executable(target, f"{name} {VERSION}"), 0o755)
        for name in commands
    }


#: What a project packs beside its executables, and where a wheel of commands has it, if it has.
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
