"""For PyInstaller, which finds this through an entry point: where the hook is."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """The directories with hooks."""
    return [str(Path(__file__).resolve().parent)]
