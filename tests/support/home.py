"""A home directory of the tests' own.

What a test starts may write into its home, and may be killed while it does: a login shell that was
killed once left a lock in the developer's ~/.pyenv. What the package managers need to know of the
machine, such as its registries, is still the developer's.
"""

import os
from pathlib import Path

import pytest

# Named by variables: a link would give the sources of crates another path at each run, and Cargo
# would compile them all again.
NAMED = {"CARGO_HOME": ".cargo", "RUSTUP_HOME": ".rustup"}

LINKED = [
    # Registries, and what they ask for.
    ".netrc",
    ".npmrc",
    ".pip",
    "Library/Application Support/pip",
    # Which Python and Node.js the commands on the PATH stand for.
    ".asdf",
    ".asdfrc",
    ".local/share/mise",
    ".tool-versions",
    ".volta",
]
LINKED_CONFIG = ["mise", "pip", "uv"]


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
    for variable, name in NAMED.items():
        if variable not in os.environ and (home / name).exists():
            environment.setenv(variable, str(home / name))
    for variable in [name for name in os.environ if name.startswith("XDG_")]:
        environment.delenv(variable)
    environment.setenv("HOME", str(directory))
