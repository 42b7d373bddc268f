"""A home directory and an environment of the tests' own.

What a test starts may write into its home, and may be killed while it does: a login shell that was
killed once left a lock in the developer's ~/.pyenv. And no setting of the developer's may change
what a test sees. So each thing that a test gets from outside is named here.

What the package managers need to know of the machine is still the developer's: which registries
there are and how they are reached.
"""

import configparser
import os
import re
from pathlib import Path

import pytest

# Named by variables: a link would give the sources of crates another path at each run, and Cargo
# would compile them all again.
NAMED = {"CARGO_HOME": ".cargo", "RUSTUP_HOME": ".rustup"}

# What stays of the environment: names, and beginnings of names.
KEPT = re.compile(
    r"""
    # The machine
    PATH | USER | LOGNAME | SHELL | TERM | TMPDIR | LD_LIBRARY_PATH | CI | PYTEST_\w+ | PYTHONUTF8
    # How the tests are run: scripts/test and scripts/acceptance
    | STAGE_(BIN|EXE|UPDATE|INTERRUPTIONS|ACCEPTANCE_CACHE) | CARGO_TARGET_DIR | TESTS_NOT_RUN
    | WINEPREFIX | CROSS_DIR
    # Compilers, and which Python, Node.js and Rust the commands on the PATH stand for
    | CC | AR | SDKROOT | DEVELOPER_DIR | CARGO_HOME | CARGO_INCREMENTAL | RUSTUP_\w+
    | (PYENV|ASDF|MISE|VOLTA|NVM|FNM|NODENV)_\w+
    # Registries, and how to reach them
    | (https?|all|no)_proxy | \w+_(CERT|CERTS|CA_BUNDLE|CAINFO|CERT_FILE|CERT_DIR)
    | CARGO_(HTTP|NET|SOURCE|REGISTRY|REGISTRIES)_\w+
    | (PIP|UV)_(\w*INDEX\w*|FIND_LINKS|TRUSTED_HOST|DEFAULT_TIMEOUT|HTTP_TIMEOUT|NATIVE_TLS)
    | npm_config_(registry|cafile|strict_ssl|proxy|https_proxy|noproxy)
    """,
    re.VERBOSE | re.IGNORECASE,
)

LINKED = [
    ".netrc",
    # Which Python and Node.js the commands on the PATH stand for.
    ".asdf",
    ".asdfrc",
    ".local/share/mise",
    ".tool-versions",
    ".volta",
]
LINKED_CONFIG = ["mise", "uv"]

# Of pip's and npm's own files only what is about registries: `prefix=`, `ignore-scripts=true` or
# `require-virtualenv` are the developer's taste.
NPM = re.compile(
    r"\s*(//|(@[^:=\s]+:)?registry\b|cafile\b|ca\b|strict-ssl\b|proxy\b|https-proxy\b|noproxy\b)"
)
PIP = ["index-url", "extra-index-url", "find-links", "trusted-host", "cert", "client-cert", "proxy"]
PIP_FILES = [".pip/pip.conf", "Library/Application Support/pip/pip.conf"]

LOOPBACK = "127.0.0.1,localhost,::1"


def private(directory: Path, environment: pytest.MonkeyPatch) -> None:
    """Makes `directory` the home of this process, and of all that it starts."""
    home = Path.home()
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    links = {name: home / name for name in LINKED}
    links |= {f".config/{name}": config / name for name in LINKED_CONFIG}
    for name, original in links.items():
        if original.exists():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).symlink_to(original)
    write_npmrc(Path(os.environ.get("NPM_CONFIG_USERCONFIG", home / ".npmrc")), directory)
    write_pip([config / "pip/pip.conf", *(home / file for file in PIP_FILES)], directory)

    # Installers give files the modes that it allows. Tests of other masks set them.
    os.umask(0o022)
    for name in [name for name in os.environ if not KEPT.fullmatch(name)]:
        environment.delenv(name)
    for variable, name in NAMED.items():
        if variable not in os.environ and (home / name).exists():
            environment.setenv(variable, str(home / name))
    environment.setenv("HOME", str(directory))
    environment.setenv("LC_ALL", "C.UTF-8")
    # Servers of tests are on loopback, which no proxy can reach.
    for name in ["NO_PROXY", "no_proxy"]:
        environment.setenv(name, ",".join(filter(None, [os.environ.get(name), LOOPBACK])))


def write_npmrc(own: Path, directory: Path) -> None:
    """npm's registries."""
    lines = own.read_text(encoding="utf-8").splitlines() if own.is_file() else []
    kept = [line for line in lines if NPM.match(line)]
    (directory / ".npmrc").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def write_pip(own: list[Path], directory: Path) -> None:
    """pip's indexes."""
    files = configparser.RawConfigParser(strict=False)
    files.read([path for path in own if path.is_file()], encoding="utf-8")
    kept = configparser.RawConfigParser()
    for section in files.sections():
        kept[section] = {name: files[section][name] for name in PIP if name in files[section]}
    (directory / ".config/pip").mkdir(parents=True, exist_ok=True)
    with (directory / ".config/pip/pip.conf").open("w", encoding="utf-8") as file:
        kept.write(file)
