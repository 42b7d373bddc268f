"""`stage fetch` on the network: who gets the token, proxies, certificates."""

import pytest
import release_server
from clients import copy_product, edit, must
from release_server import API, SUMS, Release, redirect, status
from socks import Proxy

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


@pytest.mark.parametrize("format", ["text", "json", "github"])
def test_token_is_in_no_event(forge, format):
    """Of the requests that carry it, `--verbose` says that they do."""
    result = forge("--message-format", format, GH_TOKEN="secret")
    assert set(authorizations(forge.release)) == {"Bearer secret"}
    carried = '"with_token":true' if format == "json" else "with_token=true"
    assert carried in result.stderr
    assert "secret" not in result.stdout + result.stderr
    assert "authorization" not in result.stderr.lower()


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
    forge.release.always[API] = status(401)
    error = forge.refuses(GH_TOKEN="secret")
    assert "refused access (401 Unauthorized)" in error and "GH_TOKEN" in error
    assert "secret" not in error


@pytest.mark.parametrize("token", ["a\nb", "a\x7fb", b"a\xff".decode("utf-8", "surrogateescape")])
def test_token_that_is_none(forge, token):
    error = forge.refuses(GH_TOKEN=token)
    assert "GH_TOKEN is not a token" in error
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


@pytest.fixture
def nowhere(fetcher):
    """A call for a host that only a proxy can find."""
    call = fetcher.call()
    call[call.index("--base-url") + 1] = "http://mirror.invalid"
    return [*call, "--retries", 0]


@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize("scheme", ["socks5h", "socks5"])
def test_socks_proxy(fetcher, nowhere, variable, scheme):
    with Proxy(fetcher.release.server.server_address) as proxy:
        env = fetcher.env({variable: f"{scheme}://{proxy.address}"})
        if scheme == "socks5":
            # Here names are not the proxy's business.
            error = fetcher.stage.refuses(*nowhere, env=env)
            assert "no answer from mirror.invalid" in error and proxy.asked == []
        else:
            fetcher.stage(*nowhere, env=env, check=True)
            assert set(proxy.asked) == {("mirror.invalid", 80)}


NO_PROXIES = ["*", " * ", "localhost,*", "127.0.0.1", "127.0.0.0/8", "10.0.0.1, 127.0.0.1"]


@pytest.mark.parametrize("exceptions", NO_PROXIES)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_for_an_address(fetcher, variable, exceptions):
    fetcher(http_proxy="http://127.0.0.1:1", **{variable: exceptions})


@pytest.mark.parametrize(
    "exceptions", ["", "127.0.0.2", "127.0.0", "localhost", "*.0.0.1", "10.0.0.0/8"]
)
def test_proxy_for_an_address(fetcher, exceptions):
    error = fetcher.refuses("--retries", 0, http_proxy="http://127.0.0.1:1", NO_PROXY=exceptions)
    assert "no answer from 127.0.0.1" in error


BAD_PROXIES = [
    "ftp://s3cret@proxy.example", "socks://s3cret@proxy.example", "socks6://s3cret@proxy.example",
    "http://s3cret@", "http://", "://s3cret", "http://s3cret@proxy.example:99999", "s3cret proxy",
    "proxy.example:s3cret", "http://proxy.example/s3cret", "http:/proxy.example:s3cret",
    "direct://s3cret", "http://s3cret@[::1", "DIRECT; s3cret",
]  # fmt: skip


@pytest.mark.parametrize("value", BAD_PROXIES)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "all_proxy"])
def test_variable_that_is_no_proxy(fetcher, variable, value):
    """The network is not asked directly, and the value, which may hold a password, is not shown."""
    error = fetcher.refuses("--verbose", **{variable: value})
    assert f"because: {variable} is not the address of a proxy\n" in error
    assert f"help: set {variable} to an address such as http://proxy.example:3128" in error
    assert "s3cret" not in error and fetcher.release.requests == []


@pytest.mark.parametrize(
    "value", ["127.0.0.1:1", "http://user:pass%40word@127.0.0.1:1/", "localhost:1"]
)
def test_variable_that_is_a_proxy(fetcher, value):
    error = fetcher.refuses("--retries", 0, http_proxy=value)
    assert "no answer from 127.0.0.1" in error and "pass" not in error


def test_empty_variable_is_none(fetcher):
    fetcher(HTTP_PROXY="", http_proxy=" ", ALL_PROXY="")
    error = fetcher.stage.refuses(
        *fetcher.call(), env=fetcher.env({"HTTP_PROXY": "", "http_proxy": "nothing: here"})
    )
    assert "http_proxy is not the address of a proxy" in error


def test_proxy_that_a_client_of_a_server_can_set(fetcher):
    """In a CGI script, the header `Proxy` becomes HTTP_PROXY: only that one does not count."""
    fetcher(REQUEST_METHOD="GET", HTTP_PROXY="http://127.0.0.1:1")
    error = fetcher.stage.refuses(
        *fetcher.call(), env=fetcher.env({"REQUEST_METHOD": "GET", "http_proxy": "nothing: here"})
    )
    assert "http_proxy is not the address of a proxy" in error


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
