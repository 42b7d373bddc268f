"""The .data directories of wheels: what `stage verify` says, and what pip and uv do."""

import sys
from pathlib import Path

import pytest
from bundles import VERSION
from clients import must, run
from damage import NAME, findings, pure
from wheels import Wheel

OWN = f"{NAME}-{VERSION}.data"

# A file in a wheel, where pip and uv put it (nowhere if the wheel does not install), and what is
# found.
CASES = [
    (f"{OWN}/scripts/tool", "bin/tool", "bin/tool", set()),
    (f"{OWN}/data/share/tool", "share/tool", "share/tool", set()),
    (f"{OWN}/bin/tool", None, None, {"wheel-data-scheme"}),
    (f"{OWN}/tool", None, None, {"wheel-data-scheme"}),
    (f"{OWN}/scripts/a/tool", "bin/a/tool", None, {"wheel-data-scripts"}),
    ("other-1.0.data/scripts/tool", "bin/tool", "other-1.0.data/scripts/tool", {"wheel-data-name"}),
    ("other-1.0.data/bin/tool", None, "other-1.0.data/bin/tool", {"wheel-data-scheme"}),
    ("tool.data", None, "tool.data", {"wheel-data-scheme"}),
    (f"{NAME}/tool.data", f"{NAME}/tool.data", f"{NAME}/tool.data", set()),
]


def installed(client: str, wheel: Path, root: Path) -> str | None:
    """Where the file lies in a new environment."""
    uv = [sys.executable, "-m", "uv", "--no-config"]
    must(*uv, "venv", root)
    python = root / "bin/python"
    call = {
        "pip": [sys.executable, "-m", "pip", "--isolated", "--python", python, "install"],
        "uv": [*uv, "pip", "install", "--no-cache", "--python", python],
    }[client]
    result = run(*call, "--no-index", "--no-deps", wheel)
    if result.returncode:
        assert "data" in result.stderr
        return None
    (path,) = (path for path in root.rglob("tool*") if path.is_file())
    (packages,) = root.glob("lib/python*/site-packages")
    return path.relative_to(packages if packages in path.parents else root).as_posix()


@pytest.mark.parametrize(("path", "pip", "uv", "codes"), CASES, ids=[case[0] for case in CASES])
def test_what_installers_do_is_what_is_said(
    stage, good_wheel: Wheel, tmp_path, path, pip, uv, codes
):
    wheel = pure(good_wheel).put(path, "#!/bin/sh\n", 0o755).write(tmp_path)
    assert {found["code"] for found in findings(stage, wheel)} == codes
    assert installed("pip", wheel, tmp_path / "pip") == pip
    assert installed("uv", wheel, tmp_path / "uv") == uv
