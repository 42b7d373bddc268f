"""`stage init --from URL`: the archives of a release that a forge has."""

import json
import os
import shlex
import signal
import subprocess
import threading

import pytest
import release_server
from bundles import LINUX_X64, File
from init_archives import FOUR, MIT, left_out, next_commands, pack, program, release, taken
from release_server import API, REPOSITORY, Release, redirect, served, silence, status

PAGE = "https://github.com/openai/codex"


@pytest.fixture
def forge():
    """A release with archives of four targets, and what lies beside them."""
    files = release() | {"checksums.txt": b"", "source.tar.gz": b""}
    with Release(files, "v1.2.3") as forge:
        forge.has_sums = False
        yield forge


def address(forge: Release) -> str:
    return f"{forge.url}/repos/{REPOSITORY}/releases/tags/{forge.tag}"


def answer(forge: Release, **changes: object) -> bytes:
    return json.dumps(json.loads(forge.listing()) | changes).encode()


def says(forge: Release, content: bytes) -> None:
    forge.always[API] = served(content, Content_Type="application/json")


def test_a_release_becomes_a_product(init, forge):
    run = init({}, "new/folder")
    says(forge, answer(forge, html_url=f"{PAGE}/releases/tag/{forge.tag}"))
    results = run.json("--from", address(forge), env={"GH_TOKEN": "s3cret"})
    assert run.product["name"] == "codex"
    assert run.product["repository"] == PAGE
    assert run.product["targets"] == sorted(FOUR)
    assert taken(results, "release tag") == {"v1.2.3": "the release"}
    assert taken(results, "repository") == {PAGE: "the address of the release"}
    assert (run.folder / "LICENSE").read_bytes() == MIT
    # The archives do not stay, and only they were asked for.
    assert run.files() == ["LICENSE", "stage.toml"]
    assert not forge.asked_for("checksums.txt") and not forge.asked_for("source.tar.gz")
    assert left_out(results)["source.tar.gz"] == "an archive of the source"
    # The token is for another host.
    assert all("Authorization" not in request.headers for request in forge.requests)


def test_the_next_commands_download_the_archives_again_from_the_cache(init, forge, tmp_path):
    run = init({})
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    options = ["--repository", "https://example.org/somebody/tool"]
    results = run.json("--from", address(forge), *options, env=env)
    assert run.toml["release"]["api-url"] == (
        f"{forge.url}/repos/{REPOSITORY}/releases/tags/{{tag}}"
    )
    for command in next_commands(results):
        _, *arguments = shlex.split(command)
        environment = run.stage.env | env
        subprocess.run([run.stage.binary, *arguments], cwd=tmp_path, env=environment, check=True)
    assert len(list((tmp_path / "dist/wheels").iterdir())) == 4
    for name in release():
        assert len(forge.asked_for(name)) == 1, name


def test_a_release_without_digests(init, forge):
    forge.digests = False
    run = init({})
    options = ["--repository", "https://example.org/somebody/tool", "--message-format", "json"]
    result = run("--from", address(forge), *options)
    (warning,) = [json.loads(line) for line in result.stderr.splitlines()]
    assert warning["message"].startswith("the release has no digest for tool-x86_64-unknown")
    results = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(command.count("--allow-unverified") for command in next_commands(results))


def test_a_check_of_a_release(init, forge):
    run = init({})
    run("--from", address(forge), "--repository", PAGE)
    archives = run.json("--check", "--from", address(forge))
    assert [archive["ok"] for archive in archives] == [True] * 4
    del forge.files["tool-x86_64-pc-windows-msvc.zip"]
    result = run.stage("init", run.folder, "--check", "--from", address(forge))
    assert result.returncode == 1
    assert "missing: x86_64-pc-windows-msvc" in result.stdout


@pytest.mark.parametrize("check", [False, True])
def test_a_tag_of_the_caller_is_read_before_anything_is_downloaded(init, forge, check):
    run = init({})
    if check:
        run("--from", address(forge), "--repository", PAGE)
        forge.requests.clear()
    options = ["--from", address(forge), "--release-tag", "latest", *["--check"] * check]
    error = run.stage.refuses("init", run.folder, *options, status=2)
    assert 'the release tag "latest" does not end in a version' in error
    assert forge.requests == []


def test_a_repository_on_another_host_is_named(init, forge):
    says(forge, answer(forge, html_url=f"{PAGE}/releases/tag/{forge.tag}"))
    result = init({})("--from", address(forge))
    assert (
        f"warning: 127.0.0.1 says that the repository is {PAGE}, which is on another host: check it\n"
    ) in result.stderr


def test_files_that_are_where_no_pattern_says(init, forge):
    listing = json.loads(forge.listing())
    del listing["assets"][0]["browser_download_url"]
    page = f"{PAGE}/releases/tag/{forge.tag}"
    says(forge, json.dumps(listing | {"html_url": page}).encode())
    run = init({})
    result = run("--from", address(forge))
    assert (
        "warning: the files of the release are not where one pattern says: to download them with stage, "
        "fill in download-url, api-url and assets of `[release]` in stage.toml\n"
    ) in result.stderr
    # The product would look for them on GitHub.
    assert "next, where the archives of the release are:\n" in result.stdout
    assert "stage stage-runtime dist tool-aarch64-apple-darwin.tar.gz " in result.stdout


# What a forge may do


def refused(run, forge: Release) -> str:
    """The error, after which nothing is there."""
    error = run.stage.refuses("init", run.folder, "--from", address(forge), "--retries", "0")
    assert run.files() == []
    return error


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (served(b"<html>", Content_Type="text/html"), "answered with an HTML page"),
        (
            served(b"<html>", Content_Type="application/json"),
            "it is not the answer of a release API",
        ),
        (served(b"[]", Content_Type="application/json"), "it is not the answer of a release API"),
        (served(b"{}", Content_Type="application/json"), "it is not the answer of a release API"),
        (
            served(b" " * (17 << 20), Content_Type="application/json"),
            "it is longer than 16777216 bytes",
        ),
        (status(404), "does not exist (404 Not Found)"),
        (status(401), "the server refused access"),
        (redirect("file:///etc/passwd"), "without an address to follow"),
    ],
)
def test_answers_that_are_none(init, forge, fault, text):
    forge.always[API] = fault
    error = refused(init({}), forge)
    assert text in error
    assert "cannot read the release at http://127.0.0.1" in error


def test_names_that_are_paths(init, forge):
    listing = json.loads(forge.listing())
    for name in [
        "../../evil.tar.gz",
        "/etc/evil.tar.gz",
        "a\\b.tar.gz",
        "evil\n.tar.gz",
        "NUL.zip",
    ]:
        listing["assets"].append(listing["assets"][0] | {"name": name})
    says(forge, json.dumps(listing).encode())
    run = init({})
    results = run.json("--from", address(forge), "--repository", PAGE)
    reasons = left_out(results)
    assert "is not the name of a file" in reasons["../../evil.tar.gz"]
    assert len(reasons) == 7
    assert run.files() == ["LICENSE", "stage.toml"]


def test_addresses_at_other_hosts_are_not_followed(init, forge):
    with Release({"tool.tar.gz": b"x"}, "v1.2.3") as other:
        listing = json.loads(forge.listing())
        for asset in listing["assets"]:
            asset |= {"browser_download_url": f"{other.url}/x", "url": f"{other.url}/y"}
        says(forge, json.dumps(listing).encode())
        error = refused(init({}), forge)
        assert "the release API names no address for it at 127.0.0.1" in error
        assert "help: download the files yourself" in error
        assert other.requests == []


def test_more_files_than_a_release_has(init, forge):
    asset = json.loads(forge.listing())["assets"][0]
    assets = [asset | {"name": f"{number}.zip"} for number in range(2001)]
    says(forge, answer(forge, assets=assets))
    assert "the release has more than 2000 files" in refused(init({}), forge)


def test_a_release_with_nothing(init, forge):
    says(forge, answer(forge, assets=[]))
    assert "the release has no archive of a program\n" in refused(init({}), forge)


def test_a_wrong_digest(init, forge):
    name = "tool-aarch64-apple-darwin.tar.gz"
    forge.api_digests[name] = f"sha256:{release_server.sha256(b'another')}"
    error = refused(init({}), forge)
    assert f"cannot fetch {name}" in error and "but should have" in error


def test_texts_of_the_forge_add_nothing(init, forge):
    page = 'javascript:alert(1)/releases/tag/v1"\nname = "evil'
    says(forge, answer(forge, html_url=page))
    run = init({})
    run("--from", address(forge))
    assert '# ? repository = "https://github.com/OWNER/NAME"\n' in run.text
    assert run.product["name"] == "tool"


@pytest.mark.parametrize("tag", ["latest", "v1.2.3\nx", "v1.2.3\u001b[2J", "--help"])
def test_a_tag_without_a_version(init, forge, tag):
    says(forge, answer(forge, tag_name=tag))
    run = init({})
    error = run.stage.refuses("init", run.folder, "--from", address(forge), status=2)
    assert "does not end in a version" in error
    assert "\x1b" not in error
    run("--from", address(forge), "--release-tag", "v1.2.3", "--repository", PAGE)


def test_an_interruption_leaves_nothing(init, forge):
    held = threading.Event()
    name = "tool-aarch64-apple-darwin.tar.gz"
    began = threading.Event()

    def stall(handler, content: bytes) -> None:
        began.set()
        silence(10, held)(handler, content)

    forge.always[name] = stall
    run = init({})
    run.folder.rmdir()
    call = [run.stage.binary, "init", run.folder, "--from", address(forge), "--no-cache"]
    process = subprocess.Popen(call, env=run.stage.env, stderr=subprocess.PIPE)
    try:
        assert began.wait(60)
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        held.set()
    assert process.returncode == 130
    assert not run.folder.exists()


def test_a_text_that_is_no_address(init):
    run = init({})
    for text in ["tool", "https://github.com/somebody", "https://example.org/somebody/tool"]:
        result = run.stage("init", run.folder, "--from", text)
        assert result.returncode == 2
        assert "expected the page of a repository or of a release on GitHub" in result.stderr
    assert run.files() == []


def test_a_release_whose_archive_is_one_executable(init):
    with Release(
        {"tool-linux-x64.gz": pack("x.gz", {"x": File(program(LINUX_X64), 0o755)})}, "2.0.0"
    ) as forge:
        forge.has_sums = False
        run = init({})
        run("--from", address(forge), "--repository", PAGE, "--license", "MIT")
        assert "tag-prefixes" not in run.product
        assert run.product["targets"] == [LINUX_X64]
