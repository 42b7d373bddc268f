"""`stage fetch`: what is fetched from where, how it is verified, and what is said of it."""

import fcntl
import json
import subprocess

import bundles
import pytest
import release_server
from clients import copy_product, edit, must
from mounts import READ_ONLY, run_with_mount
from release_server import API, SUMS, Fetcher, Release, redirect, served, sha256


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
    assert "says no digest of it" in error and "--allow-unverified" in error
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
    fetcher.release.always[fetcher.name] = release_server.status(404)
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


# The token


@pytest.fixture
def forge(fetcher, tmp_path):
    """The loopback server as the forge of a product, which therefore gets the token."""
    product = copy_product(tmp_path)
    releases = f"/{release_server.REPOSITORY}/releases"
    edit(product, "stage.toml", f"https://github.com{releases}", fetcher.release.url + releases)
    edit(product, "stage.toml", "https://api.github.com", fetcher.release.url)
    call = ["fetch", "--codex-version", fetcher.release.tag, "--out", fetcher.out]
    call += ["--platform-tag", fetcher.target, "--product", product, "--verbose"]
    fetcher.call = lambda *options: [*call, *options]
    return fetcher


def authorizations(release: Release) -> list[str | None]:
    return [request.headers["Authorization"] for request in release.requests]


@pytest.mark.parametrize("name", ["GH_TOKEN", "GITHUB_TOKEN"])
def test_token_goes_to_the_api(forge, name):
    """The API is asked for the files too, which is how those of private releases are had."""
    result = forge(**{name: "secret"})
    assert authorizations(forge.release) == ["Bearer secret"] * 3
    assert all("/releases/assets/" in request.path for request in forge.asked())
    assert [request.headers["Accept"] for request in forge.asked()] == ["application/octet-stream"]
    assert "secret" not in result.stdout + result.stderr


def test_gh_token_comes_first(forge):
    forge(GH_TOKEN="one", GITHUB_TOKEN="two")
    assert set(authorizations(forge.release)) == {"Bearer one"}
    forge(GH_TOKEN="", GITHUB_TOKEN="two")
    assert authorizations(forge.release)[-1] == "Bearer two"


@pytest.mark.parametrize("moved", [API, SUMS, "file"])
def test_token_does_not_follow_a_redirect(forge, moved):
    """Storage is another host, even if that is another port of this machine."""
    name = forge.name if moved == "file" else moved
    with Release(forge.release.files) as storage:
        to = f"{storage.url}{storage.path(name)}?signature=s"
        if moved == API:
            to = f"{storage.url}/repos/{release_server.REPOSITORY}/releases/tags/{storage.tag}"
        forge.release.always[name] = redirect(to)
        result = forge(GH_TOKEN="secret")
        assert len(storage.requests) == 1
        assert authorizations(storage) == [None]
        assert "secret" not in str(storage.requests[0].headers)
        assert set(authorizations(forge.release)) == {"Bearer secret"}
        assert "secret" not in result.stdout + result.stderr


def test_token_does_not_come_back_by_another_host(forge):
    """From storage back to the API: a host that is trusted may have it again."""
    with Release(forge.release.files) as storage:
        back = f"{forge.release.url}{forge.release.path(forge.name)}"
        storage.always[storage.path(forge.name)] = redirect(back)
        storage.always[forge.name] = redirect(back)
        forge.release.fail(forge.name, redirect(f"{storage.url}{storage.path(forge.name)}"))
        forge(GH_TOKEN="secret")
        assert authorizations(storage) == [None]


def test_mirror_gets_no_token(fetcher):
    fetcher(GH_TOKEN="secret")
    assert set(authorizations(fetcher.release)) == {None}


def test_token_is_in_no_error(forge):
    forge.release.always[API] = release_server.status(401)
    error = forge.refuses(GH_TOKEN="secret")
    assert "does not allow it (401 Unauthorized)" in error and "GH_TOKEN" in error
    assert "secret" not in error


@pytest.mark.parametrize("token", ["a\nb", "a\x7fb", b"a\xff".decode("utf-8", "surrogateescape")])
def test_token_that_is_none(forge, token):
    error = forge.refuses(GH_TOKEN=token)
    assert "GH_TOKEN holds no token" in error
    assert token not in error
    assert forge.release.requests == []


# Connections


def test_proxy_from_the_environment(fetcher):
    """Which is asked for the whole address."""
    call = fetcher.call()
    call[call.index("--base-url") + 1] = "http://mirror.invalid"
    env = fetcher.env({"http_proxy": fetcher.release.url})
    fetcher.stage(*call, env=env, check=True)
    assert fetcher.fetched() == {fetcher.name: fetcher.content}
    paths = [request.path for request in fetcher.release.requests]
    assert all(path.startswith("http://mirror.invalid/") for path in paths)
    error = fetcher.stage.refuses(*call, "--retries", 0, env=env | {"no_proxy": "mirror.invalid"})
    assert "no answer from mirror.invalid" in error


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    work = tmp_path_factory.mktemp("certificate")
    key, pem = work / "key.pem", work / "certificate.pem"
    subject = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"]
    subject += ["-addext", "basicConstraints=critical,CA:FALSE"]
    new = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", pem]
    must("openssl", "req", "-x509", *new, *subject)
    return pem, key


def test_certificates_from_the_environment(fetcher, certificate, tmp_path):
    pem, key = certificate
    fetcher.release.encrypt(pem, key)
    error = fetcher.refuses()
    assert "no answer from 127.0.0.1" in error and "SSL_CERT_FILE" in error
    assert "trying again" not in error
    fetcher(SSL_CERT_FILE=str(pem))
    missing = str(tmp_path / "missing.pem")
    error = fetcher.stage.refuses(*fetcher.call(), env=fetcher.env({"SSL_CERT_FILE": missing}))
    assert "cannot read the certificates of SSL_CERT_FILE" in error and missing in error


def test_https_is_not_given_up(fetcher, certificate):
    pem, key = certificate
    fetcher.release.encrypt(pem, key)
    with Release(fetcher.release.files) as plain:
        fetcher.release.always[fetcher.name] = redirect(plain.url + plain.path(fetcher.name))
        error = fetcher.refuses(SSL_CERT_FILE=str(pem))
        assert "a redirect leads from https to http://127.0.0.1" in error
        assert plain.requests == []


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


@pytest.mark.parametrize("damage", ["a byte", "cut", "empty", "directory"])
def test_damage_in_the_cache_is_repaired(fetcher, damage):
    fetcher()
    (fetcher.out / fetcher.name).unlink()
    cached = fetcher.cache / sha256(fetcher.content)
    if damage == "directory":
        cached.unlink()
        bundles.save(cached / "file", b"in a directory")
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
