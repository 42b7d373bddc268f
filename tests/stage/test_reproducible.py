"""The same input gives the same bytes, whatever the machine, the caller and the day are like."""

import os
import shutil
import subprocess
import time
import zipfile
from datetime import datetime, timezone

import bundles
import pytest
from bundles import snapshot


@pytest.fixture(scope="module")
def expected(stage, runtime, tmp_path_factory):
    staging = tmp_path_factory.mktemp("expected") / "staging"
    stage.runtime(staging, runtime)
    return snapshot(staging)


ENVIRONMENTS = {
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "C locale": {"LC_ALL": "C"},
    "one thread": {"RAYON_NUM_THREADS": "1", "STAGE_THREADS": "1"},
    "cold cache": {"XDG_CACHE_HOME": "{tmp}/cold"},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_environment_does_not_matter(stage, runtime, tmp_path, expected, environment):
    env = {name: value.format(tmp=tmp_path) for name, value in environment.items()}
    stage.runtime(tmp_path / "staging", runtime, env=env)
    assert snapshot(tmp_path / "staging") == expected


def test_umask_does_not_matter(stage, runtime, tmp_path, expected):
    command = ["stage-runtime", "staging", runtime, "--codex-version", bundles.TAG]
    script = ["sh", "-c", 'umask 0077; exec "$@"', "sh", stage.binary, *map(str, command)]
    subprocess.run(script, cwd=tmp_path, env=stage.env, check=True, capture_output=True)
    assert bundles.contents(tmp_path / "staging") == {
        path: sha256 for path, (_, sha256) in expected.items()
    }


@pytest.mark.parametrize("umask", [0o002, 0o077])
def test_umask_of_the_input_does_not_matter(stage, tmp_path, expected, umask):
    tree = {
        path: bundles.File(file.data, (0o777 if file.mode & 0o100 else 0o666) & ~umask)
        for path, file in bundles.bundle().items()
    }
    stage.runtime(tmp_path / "staging", bundles.directory(tree, tmp_path))
    assert snapshot(tmp_path / "staging") == expected


@pytest.mark.parametrize("wrap", bundles.WRAPPINGS)
def test_order_of_files_does_not_matter(stage, tmp_path, expected, wrap):
    tree = dict(reversed(bundles.bundle().items()))
    stage.runtime(tmp_path / "staging", wrap(tree, tmp_path / "input"))
    assert snapshot(tmp_path / "staging") == expected


def test_times_of_files_do_not_matter(stage, runtime, tmp_path, expected):
    copy = shutil.copytree(runtime, tmp_path / "copy")
    for path in copy.rglob("*"):
        os.utime(path, (0, 86_400))
    stage.runtime(tmp_path / "staging", copy)
    assert snapshot(tmp_path / "staging") == expected


def test_directories_do_not_matter(stage, runtime, tmp_path, expected):
    """The paths of neither the input nor the output get into the artifacts."""
    copy = shutil.copytree(runtime, tmp_path / "a directory with spaces, ünïcode" / "copy")
    (tmp_path / "elsewhere").mkdir()
    stage.runtime("../relative/staging", copy, cwd=tmp_path / "elsewhere")
    assert snapshot(tmp_path / "relative/staging") == expected


def dates(staging) -> set[tuple[int, ...]]:
    wheels = [zipfile.ZipFile(wheel) for wheel in (staging / "wheels").iterdir()]
    return {info.date_time for wheel in wheels for info in wheel.infolist()}


def test_source_date_epoch_is_honoured(stage, small_runtime, tmp_path):
    moment = datetime(2026, 11, 22, 12, 34, 56, tzinfo=timezone.utc)
    env = {"SOURCE_DATE_EPOCH": str(int(moment.timestamp())), "TZ": "Asia/Tokyo"}
    stage.runtime(tmp_path, small_runtime, "--format", "wheel", env=env)
    assert dates(tmp_path) == {(2026, 11, 22, 12, 34, 56)}


def test_without_it_the_time_is_fixed(stage, small_runtime, tmp_path):
    stage.runtime(tmp_path, small_runtime, "--format", "wheel")
    assert len(dates(tmp_path)) == 1
    assert dates(tmp_path).pop()[0] != time.gmtime().tm_year


def test_time_before_zip_began_is_its_beginning(stage, small_runtime, tmp_path):
    env = {"SOURCE_DATE_EPOCH": "0"}
    stage.runtime(tmp_path, small_runtime, "--format", "wheel", env=env)
    assert dates(tmp_path) == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("epoch", ["", "today", "-1", "1.5", " 1", "0x10", str(2**64)])
def test_malformed_source_date_epoch_is_an_error(stage, small_runtime, staging, epoch):
    call = ["stage-runtime", staging, small_runtime, "--codex-version", bundles.TAG]
    error = stage.refuses(*call, status=2, env={"SOURCE_DATE_EPOCH": epoch})
    assert "SOURCE_DATE_EPOCH" in error
    assert not staging.exists()
