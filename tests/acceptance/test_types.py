"""The types of published runtimes: generated, compiled, and exercised with what these say."""

import json
from pathlib import Path

import pytest
from types_program import Types, Values

BUNDLE = "codex_app_server_protocol.schemas.json"
