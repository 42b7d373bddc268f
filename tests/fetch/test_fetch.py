"""`stage fetch`: what is fetched from where, how it is verified, and what is said of it."""

import fcntl
import json
import os
import re
import subprocess
import time

import bundles
import pytest
import release_server
import terminal
from clients import copy_product, edit
from mounts import READ_ONLY, run_with_mount
from release_server import Fetcher, Release, served, sha256, status


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# What is fetched


def test_one_platform(fetcher):
    result = fetcher("--message-format", "json")
    assert fetcher.fetched() == {fetcher.name: fetcher.content}
    assert result.stderr == ""
    assert rows(result) == [
        {
            "type": "file",
            "target": fetcher.target,
            "path": str(fetcher.out / fetcher.name),
            "size": len(fetcher.content),
            "sha256": sha256(fetcher.content),
            "verified_by": "both",
            "from": "download",
        }
    ]


def test_table(fetcher):
    result = fetcher()
    heading, row = result.stdout.splitlines()
    assert heading.split() == ["file", "size", "verified", "by", "from", "sha256"]
    size = ["300.0", "kB"]
    assert row.split() == [fetcher.name, *size, "both", "download", sha256(fetcher.content)]
    assert result.stderr.startswith(f"fetched Codex CLI 0.163.0 into {fetcher.out} in ")


def slowly(handler, content: bytes) -> None:
    """In so many pieces that bars have something to show."""
    handler.reply(200, Content_Length=len(content))
    for at in range(0, len(content), 10_000):
        handler.wfile.write(content[at : at + 10_000])
        time.sleep(0.01)


def test_bars(fetcher):
    """One a file, and one for all; they go away, and what is waited for is told above them."""
    targets = [f"--platform-tag={fetcher.target_of(name)}" for name in fetcher.release.files]
    for name in fetcher.release.files:
        fetcher.release.always[name] = slowly
    fetcher.release.fail(fetcher.name, status(503))
    written = terminal.run(fetcher.stage, *fetcher.call(*targets), **fetcher.env({}))
    for name in fetcher.release.files:
        assert re.search(rf"\d\.\d+ kB of 300\.00 kB  {name}", written), written
    assert re.search(r"\d\.\d+ kB of 600\.00 kB  .+/s, .+ left", written), written
    assert f"{fetcher.name}: the server answered 503 Service Unavailable; trying again" in written
    seen = written.rpartition("\x1b[2K")[2].strip("\r\n")
    assert seen.startswith("fetched Codex CLI") and "\n" not in seen, "the bars have gone away"
    shown = [*fetcher.call(*targets, "--no-cache"), "--quiet"]
    fetcher.out.rename(fetcher.out.with_name("before"))
    assert terminal.run(fetcher.stage, *shown, **fetcher.env({})) == ""


def test_all_platforms_without_a_choice(stage, tmp_path):
    with Release(release_server.packages(bundles.TARGETS)) as release:
        fetcher = Fetcher(stage, release, tmp_path)
        call = ["--codex-version", "0.163.0", "--out", fetcher.out, "--base-url", release.url]
        stage("fetch", *call, env=fetcher.env({}), check=True)
        assert fetcher.fetched() == release.files


def test_platforms_by_tag_and_by_target(fetcher):
    options = ["--platform-tag", bundles.LINUX_ARM64, "--platform-tag", "manylinux_2_28_x86_64"]
    fetcher(*options, "--platform-tag", "musllinux_1_1_x86_64", "--jobs", "1")
    assert fetcher.fetched() == fetcher.release.files


def old_release() -> Release:
    """As before the packages: no file of digests, and a zip for Windows."""
    names = [f"codex-{bundles.LINUX_X64}.tar.gz", f"codex-{bundles.WINDOWS_X64}.exe.zip"]
    release = Release({name: name.encode() * 1000 for name in names})
    release.has_sums = False
    return release


@pytest.mark.parametrize("has_api", [True, False])
def test_old_layout(stage, tmp_path, has_api):
    """A new name is tried first; where nothing says what there is, by asking for it."""
    with old_release() as release:
        release.has_api = has_api
        fetcher = Fetcher(stage, release, tmp_path)
        options = ["--platform-tag", "win_amd64", "--platform-tag", bundles.LINUX_X64]
        fetcher(*options, *([] if has_api else ["--allow-unverified"]))
        assert fetcher.fetched() == release.files
        new = f"/codex-package-{bundles.LINUX_X64}.tar.gz"
        asked = [request.path for request in release.requests if request.path.endswith(new)]
        assert len(asked) == (0 if has_api else 1)


def test_both_layouts(fetcher):
    """The new one is the one that is fetched."""
    fetcher.release.files[f"codex-{fetcher.target}.tar.gz"] = b"old"
    fetcher()
    assert fetcher.fetched() == {fetcher.name: fetcher.content}


def test_runtime_that_is_fetched_is_staged(stage, tmp_path):
    runtime = bundles.tar_gz(bundles.bundle(size="small"), tmp_path / "runtime")
    name = f"codex-package-{bundles.HOST}.tar.gz"
    with Release({name: runtime.read_bytes(), "other": b""}) as release:
        fetcher = Fetcher(stage, release, tmp_path)
        fetcher()
        stage.runtime(tmp_path / "staging", fetcher.out / name)


# What a mirror has


@pytest.mark.parametrize(
    ("api", "sums", "verified_by"),
    [(True, False, "api"), (False, True, "checksums"), (True, True, "both")],
)
def test_sources_of_digests(fetcher, api, sums, verified_by):
    fetcher.release.has_api, fetcher.release.has_sums = api, sums
    (row,) = rows(fetcher("--message-format", "json"))
    assert row["verified_by"] == verified_by


def test_api_that_says_no_digests(fetcher):
    fetcher.release.digests = False
    (row,) = rows(fetcher("--message-format", "json"))
    assert row["verified_by"] == "checksums"


@pytest.mark.parametrize("has_api", [True, False])
def test_no_digest_at_all(fetcher, has_api):
    fetcher.release.has_api = has_api
    fetcher.release.has_sums = fetcher.release.digests = False
    error = fetcher.refuses()
    assert "has no digest for it" in error and "--allow-unverified" in error
    assert fetcher.asked() == []
    (row,) = rows(fetcher("--allow-unverified", "--message-format", "json"))
    assert row["verified_by"] == "unverified"
    assert fetcher.cached() == []


def test_no_such_release(fetcher):
    """A mirror without an API may have it; without any digest, nothing is asked for."""
    fetcher.release.tag = "rust-v0.1.0"
    call = fetcher.call("--allow-unverified")
    call[2] = "rust-v0.2.0"
    error = fetcher.stage.refuses(*call, env=fetcher.env({}))
    assert "404 Not Found" in error and "check that the tag is published" in error
    assert not fetcher.out.exists()


def test_all_that_the_release_lacks_is_told(fetcher):
    options = [f"--platform-tag={tag}" for tag in (bundles.MACOS_ARM64, "win_arm64")]
    error = fetcher.refuses(*options)
    assert "2 of 3 assets cannot be fetched" in error
    for target, old in [
        (bundles.MACOS_ARM64, f"codex-{bundles.MACOS_ARM64}.tar.gz"),
        (bundles.WINDOWS_ARM64, f"codex-{bundles.WINDOWS_ARM64}.exe.zip"),
    ]:
        assert f"no codex-package-{target}.tar.gz and no {old}" in error
    assert fetcher.asked() == []


def test_base_url_with_a_path(fetcher):
    """A mirror below a path has everything below it."""
    find = fetcher.release.find
    fetcher.release.find = lambda path: find(path.removeprefix("/mirror"))
    call = fetcher.call()
    call[-1] = fetcher.release.url + "/mirror/"
    fetcher.stage(*call, env=fetcher.env({}), check=True)
    assert fetcher.fetched() == {fetcher.name: fetcher.content}
    assert all(request.path.startswith("/mirror/") for request in fetcher.release.requests)


def test_base_url_with_a_password(fetcher):
    """It is sent, and not shown."""
    call = fetcher.call("--verbose")
    call[call.index("--base-url") + 1] = fetcher.release.url.replace("//", "//me:secret@")
    fetcher.release.always[fetcher.name] = status(404)
    error = fetcher.stage.refuses(*call, env=fetcher.env({}))
    assert "secret" not in error and fetcher.release.url in error
    assert all(request.headers["Authorization"] for request in fetcher.release.requests)


# The product


def test_another_forge(fetcher, tmp_path):
    product = copy_product(tmp_path)
    downloads = "https://github.com/openai/codex/releases"
    edit(product, "stage.toml", downloads, f"{fetcher.release.url}/mirror/openai/codex/releases")
    edit(product, "stage.toml", 'api-url = "https', '# api-url = "https')
    edit(product, "stage.toml", 'assets = ["codex-package-{target}', 'assets = ["{target}')
    release = fetcher.release
    release.files = {f"{fetcher.target}.tar.gz": fetcher.content}
    release.summed = lambda name: True
    find = release.find
    release.find = lambda path: find(path.removeprefix("/mirror"))
    call = ["--codex-version", release.tag, "--out", fetcher.out, "--product", product]
    call += ["--platform-tag", fetcher.target]
    fetcher.stage("fetch", *call, env=fetcher.env({}), check=True)
    assert fetcher.fetched() == release.files
    assert len(release.requests) == 2


def test_product_without_releases(fetcher, tmp_path):
    product = copy_product(tmp_path)
    text = (product / "stage.toml").read_text()
    (product / "stage.toml").write_text(text[: text.index("# Where upstream publishes")])
    error = fetcher.refuses("--product", product)
    assert "stage.toml has no [release]" in error


# The cache


def test_second_time(fetcher):
    """What is there is not downloaded again, and then what is in the cache."""
    fetcher()
    (row,) = rows(fetcher("--message-format", "json"))
    assert row["from"] == "present"
    (fetcher.out / fetcher.name).unlink()
    (row,) = rows(fetcher("--message-format", "json"))
    assert row["from"] == "cache"
    assert len(fetcher.asked()) == 1
    assert fetcher.cached() == [sha256(fetcher.content)]


@pytest.mark.parametrize("damage", ["a byte", "cut", "empty", "directory", "pipe"])
def test_damage_in_the_cache_is_repaired(fetcher, damage):
    fetcher()
    (fetcher.out / fetcher.name).unlink()
    cached = fetcher.cache / sha256(fetcher.content)
    if damage == "directory":
        cached.unlink()
        bundles.save(cached / "file", b"in a directory")
    elif damage == "pipe":
        cached.unlink()
        os.mkfifo(cached)
    else:
        damaged = {
            "a byte": fetcher.content[:-1] + bytes([fetcher.content[-1] ^ 1]),
            "cut": fetcher.content[:-1],
            "empty": b"",
        }
        cached.write_bytes(damaged[damage])
    (row,) = rows(fetcher("--message-format", "json"))
    assert row["from"] == "download"
    assert cached.read_bytes() == fetcher.content


def test_another_file_of_the_name_is_replaced(fetcher):
    bundles.save(fetcher.out / fetcher.name, b"of another release")
    fetcher()
    assert fetcher.fetched() == {fetcher.name: fetcher.content}


def test_without_the_cache(fetcher):
    (row,) = rows(fetcher("--no-cache", "--message-format", "json"))
    assert row["from"] == "download"
    assert not fetcher.home.exists()


def test_cache_that_cannot_be_used(fetcher):
    """Costs a warning, never the file."""
    bundles.save(fetcher.home / "stage", b"a file where a directory should be")
    result = fetcher()
    assert result.stderr.startswith("warning: going on without the cache in "), result.stderr
    assert fetcher.fetched() == {fetcher.name: fetcher.content}


def test_a_pipe_where_a_download_begins(fetcher):
    fetcher.cache.mkdir(parents=True)
    os.mkfifo(fetcher.cache / f"incomplete-{sha256(fetcher.content)}")
    result = fetcher()
    assert "is not a regular file" in result.stderr, result.stderr
    assert result.stderr.startswith("warning: going on without the cache in ")
    assert fetcher.fetched() == {fetcher.name: fetcher.content}


def test_cache_that_cannot_be_written(fetcher):
    fetcher.home.mkdir()
    result, left = run_with_mount(
        fetcher.stage, fetcher.home, READ_ONLY, fetcher.call(), **fetcher.env({})
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.startswith("warning: going on without the cache in ")
    assert left == ""
    assert fetcher.fetched() == {fetcher.name: fetcher.content}


def test_output_directory_that_cannot_be_written(fetcher):
    fetcher.out.mkdir()
    result, left = run_with_mount(
        fetcher.stage, fetcher.out, READ_ONLY, fetcher.call(), **fetcher.env({})
    )
    assert result.returncode == 1
    assert "Read-only file system" in result.stderr
    assert "help: use a directory that you may write to" in result.stderr
    assert left == ""


def test_two_at_once(fetcher):
    """Into two directories, of one file: both get it, and one of them by way of the cache."""
    fetcher.release.always[fetcher.name] = served()
    calls = []
    for number in range(4):
        call = fetcher.call()
        call[call.index("--out") + 1] = fetcher.out / str(number)
        calls.append(call)
    started = [
        subprocess.Popen(
            [fetcher.stage.binary, *map(str, call)],
            env=fetcher.stage.env | fetcher.env({}),
            stdout=subprocess.DEVNULL,
        )
        for call in calls
    ]
    assert [process.wait(60) for process in started] == [0] * 4
    for number in range(4):
        assert (fetcher.out / str(number) / fetcher.name).read_bytes() == fetcher.content
    assert fetcher.cached() == [sha256(fetcher.content)]


def test_one_at_a_time_in_a_directory(fetcher):
    (fetcher.out / ".stage").mkdir(parents=True)
    lock = fetcher.out / ".stage" / "lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        error = fetcher.stage.refuses(*fetcher.call(), env=fetcher.env({}))
    assert "another `stage` is writing into" in error


# Wrong calls


@pytest.mark.parametrize(
    "options",
    [
        ["--base-url", "mirror"],
        ["--base-url", "ftp://127.0.0.1/"],
        ["--base-url", "http://127.0.0.1/?a"],
        ["--timeout", "0"],
        ["--retries", "-1"],
        ["--jobs", "0"],
        ["--platform-tag", "linux"],
        ["--codex-version", "latest"],
    ],
)
def test_wrong_call(stage, tmp_path, options):
    call = ["--out", tmp_path / "out"]
    if "--codex-version" not in options:
        call += ["--codex-version", bundles.TAG]
    stage.refuses("fetch", *call, *options, status=2)
    assert list(tmp_path.iterdir()) == []
