"""`--max-crate-size`: how many crates a platform has, for registries that take more or less."""

from pathlib import Path

import bundles
from bundles import HOST
from clients import FACADE, Program, copy_product, edit


def crates(staging: Path) -> set[str]:
    return {crate.name.removeprefix(f"{FACADE}-{HOST}") for crate in (staging / "crates").iterdir()}


def test_max_crate_size_is_the_registrys(stage, runtime, staging):
    """With none, a platform is one crate, and what a smaller limit took before is gone."""
    stage.runtime(staging, runtime, "--format", "crate", "--max-crate-size", "5500000")
    assert crates(staging) == {"", FACADE}
    stage.runtime(staging, runtime, "--format", "crate", "--max-crate-size", "3300KiB")
    assert crates(staging) == {"", FACADE} | {f"-part{number}" for number in range(2, 25)}
    stage.runtime(staging, runtime, "--format", "crate", "--max-crate-size", "none")
    assert crates(staging) == {"", FACADE}
    result = Program.install(staging / "crates", staging.parent / "root")("--version")
    assert result.stdout == f"codex-cli {bundles.VERSION}\n"


def test_more_crates_than_the_platform_has(stage, runtime, staging, tmp_path):
    product = copy_product(tmp_path)
    edit(product, f"platforms/{HOST}.toml", "parts = 24", "parts = 1")
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG]
    error = stage.refuses(*call, "--product", product, "--max-crate-size", "3300KiB")
    assert "needs 2 crates" in error and "allows 1" in error
    assert f"`crate.parts` in platforms/{HOST}.toml to 2" in error and "--max-crate-size" in error
    assert not list(staging.rglob("*.toml"))


def test_crates_too_small_for_a_piece(stage, runtime, staging):
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG]
    error = stage.refuses(*call, "--max-crate-size", "100kB")
    assert "does not fit in a crate" in error and "100000" in error and "5 MiB" in error


def test_crates_of_a_number_that_nobody_gave_are_not_near_the_limit(stage, runtime, tmp_path):
    product = copy_product(tmp_path)
    edit(product, f"platforms/{HOST}.toml", "parts = 24\n", "")
    most = {}
    for size in range(3_400_000, 4_400_000, 200_000):
        staging = tmp_path / str(size)
        call = ["--format", "crate", "--product", product, "--max-crate-size", size]
        result = stage.runtime(staging, runtime, *call)
        assert "size-near-limit" not in result.stderr, size
        payloads = [path.stat().st_size for path in staging.glob("crates/*/payload.bin")]
        if len(payloads) > 1:
            most[size] = max(payloads) / size
    # Some of them have parts, which are as full as they may be without a warning.
    assert most and 0.4 < max(most.values()) < 0.9
