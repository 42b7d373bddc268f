"""`stage fetch` from a server that misbehaves: it gets through, or keeps nothing and says why."""

import re
import socket
import threading
import time
from email.utils import formatdate

import bundles
import pytest
from release_server import API, SUMS, Release, cut, redirect, served, sha256, silence, status


def waits(result) -> list[str]:
    """What was said of waiting."""
    return [line for line in result.stderr.splitlines() if "; trying again in " in line]


# Answers that are none


@pytest.mark.parametrize("number", [404, 410])
def test_not_there(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"{fetcher.release.url}{fetcher.release.path(fetcher.name)} does not exist" in error
    assert len(fetcher.asked()) == 1 and fetcher.kept_nothing()


@pytest.mark.parametrize("number", [401, 403])
def test_not_allowed(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"the server refused access ({number}" in error
    assert len(fetcher.asked()) == 1 and fetcher.kept_nothing()


@pytest.mark.parametrize("number", [204, 206, 304, 400, 418, 501])
def test_no_answer_to_this(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"the server answered {number}" in error
    assert len(fetcher.asked()) == 1 and fetcher.kept_nothing()


@pytest.mark.parametrize("number", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("what", [API, SUMS, "file"])
def test_passing_trouble(fetcher, number, what):
    """It is said what is waited for."""
    name = fetcher.name if what == "file" else what
    fetcher.release.fail(name, status(number), status(number))
    result = fetcher()
    assert len(waits(result)) == 2 and str(number) in waits(result)[0]
    assert len(fetcher.release.asked_for(name)) == 3


def test_lasting_trouble(fetcher):
    fetcher.release.always[fetcher.name] = status(503)
    result = fetcher.stage(*fetcher.call("--retries", 2), env=fetcher.env({}))
    assert result.returncode == 1
    assert len(waits(result)) == 2 and len(fetcher.asked()) == 3
    assert "because: the server answered 503 Service Unavailable\nhelp: " in result.stderr
    assert fetcher.kept_nothing()


def test_no_patience(fetcher):
    fetcher.release.fail(fetcher.name, status(503))
    assert "503" in fetcher.refuses("--retries", 0)


def test_a_file_that_fails_stops_no_other(fetcher):
    """And all that failed are told."""
    targets = [fetcher.target_of(name) for name in fetcher.release.files]
    options = [f"--platform-tag={target}" for target in targets]
    fetcher.release.always[fetcher.other] = status(404)
    call = [*fetcher.call(), *options]
    error = fetcher.stage.refuses(*call, env=fetcher.env({}))
    assert f"cannot fetch {fetcher.other}" in error
    assert fetcher.fetched() == {fetcher.name: fetcher.content}
    fetcher.release.always[fetcher.name] = status(403)
    (fetcher.out / fetcher.name).unlink()
    error = fetcher.stage.refuses(*call, "--no-cache", env=fetcher.env({}))
    assert "2 of 2 assets cannot be fetched: " in error
    assert f"{fetcher.name} (the server refused access (403 Forbidden))" in error
    assert (
        f"{fetcher.other} ({fetcher.release.url}{fetcher.release.path(fetcher.other)} does" in error
    )


# Limits


@pytest.mark.parametrize("number", [403, 429, 503])
def test_retry_after(fetcher, number):
    fetcher.release.fail(fetcher.name, status(number, Retry_After=2))
    start = time.monotonic()
    result = fetcher()
    assert time.monotonic() - start >= 2
    assert "asks to wait 2.0 s; trying again in 2.0 s" in waits(result)[0]


def test_retry_after_a_date(fetcher):
    fetcher.release.fail(
        fetcher.name, status(429, Retry_After=formatdate(time.time() + 3, usegmt=True))
    )
    start = time.monotonic()
    fetcher()
    assert time.monotonic() - start >= 1.5


@pytest.mark.parametrize("number", [403, 429])
def test_rate_limit_of_the_api(fetcher, number):
    reset = int(time.time()) + 3
    limit = status(number, X_RateLimit_Remaining=0, X_RateLimit_Reset=reset)
    fetcher.release.fail(API, limit)
    result = fetcher()
    assert time.time() >= reset
    assert "the server accepts no more requests for now" in waits(result)[0]


@pytest.mark.parametrize("number", [403, 429])
def test_rate_limit_that_lasts(fetcher, number):
    """Half an hour is not waited for."""
    reset = int(time.time()) + 1800
    limit = status(number, X_RateLimit_Remaining=0, X_RateLimit_Reset=reset)
    fetcher.release.always[API] = limit
    error = fetcher.refuses()
    assert "asks to wait 30 min" in error and "a token in GH_TOKEN raises the limit" in error
    assert len(fetcher.release.requests) == 1


@pytest.mark.parametrize("wait", ["99999999999999999999", "-1", "soon", "18446744073709551615"])
def test_retry_after_that_means_nothing(fetcher, wait):
    fetcher.release.fail(fetcher.name, status(503, Retry_After=wait))
    result = fetcher.stage(*fetcher.call(), env=fetcher.env({}))
    assert "panicked" not in result.stderr
    assert result.returncode == (1 if wait.startswith("1") else 0)


# Connections that end


@pytest.mark.parametrize("tenth", range(10))
def test_cut_at_every_tenth(fetcher, tenth):
    length = len(fetcher.content) * tenth // 10
    fetcher.release.fail(fetcher.name, cut(length))
    result = fetcher()
    assert len(waits(result)) == 1 and f"ended after {length} bytes" in waits(result)[0]
    first, second = fetcher.asked()
    assert first.headers["Range"] is None
    assert second.headers["Range"] == (f"bytes={length}-" if length else None)
    etag = f'"{sha256(fetcher.content)[:16]}"'
    assert second.headers["If-Range"] == (etag if length else None)


@pytest.mark.parametrize("options", [[], ["--no-cache"]])
def test_cut_ten_times(fetcher, options):
    """As often as it takes: tries are there again after one that brought something."""
    fetcher.release.fail(fetcher.name, *[cut(len(fetcher.content) // 10)] * 9)
    fetcher("--retries", 1, *options)
    asked = [request.headers["Range"] for request in fetcher.asked()]
    assert asked == [None, *(f"bytes={30_000 * tenth}-" for tenth in range(1, 10))]


def test_a_byte_at_a_time(fetcher):
    """That is no progress."""
    fetcher.release.always[fetcher.name] = cut(1)
    result = fetcher.stage(*fetcher.call("--retries", 2), env=fetcher.env({}))
    assert result.returncode == 1
    assert len(fetcher.asked()) == 3


def test_cut_without_a_length(fetcher):
    """A server that ends each answer by closing: only the size from the API tells."""
    fetcher.release.fail(fetcher.name, cut(1000, Content_Length=None))
    result = fetcher()
    assert "ended after 1000 bytes" in waits(result)[0]


def test_the_next_call_resumes(fetcher):
    fetcher.release.fail(fetcher.name, cut(200_000))
    error = fetcher.refuses("--retries", 0)
    assert "ended after 200000 bytes" in error and "what is already downloaded is kept" in error
    incomplete = f"incomplete-{sha256(fetcher.content)}"
    assert fetcher.cached() == [incomplete, f"{incomplete}.validator"]
    fetcher()
    assert fetcher.asked()[-1].headers["Range"] == "bytes=200000-"
    assert fetcher.asked()[-1].headers["If-Range"] == f'"{sha256(fetcher.content)[:16]}"'
    assert fetcher.cached() == [sha256(fetcher.content)]


def test_silence(fetcher):
    end = threading.Event()
    fetcher.release.fail(fetcher.name, silence(1000, end))
    start = time.monotonic()
    result = fetcher("--timeout", 1)
    assert 1 <= time.monotonic() - start < 20
    assert len(waits(result)) == 1
    assert fetcher.asked()[1].headers["Range"] == "bytes=1000-"
    end.set()


def trickle(count: int, pause: float, after: int = 0):
    """A server that sends so many bytes at a time, with pauses."""

    def fault(handler, content):
        handler.reply(200, Content_Length=len(content))
        handler.wfile.write(content[:after])
        for at in range(after, len(content), count):
            handler.wfile.write(content[at : at + count])
            handler.wfile.flush()
            time.sleep(pause)

    return fault


@pytest.mark.parametrize("after", [0, 200_000], ids=["from the start", "later"])
def test_trickle(fetcher, after):
    """Something always comes, but it would take days."""
    fetcher.release.always[fetcher.name] = trickle(1, 0.2, after)
    start = time.monotonic()
    error = fetcher.refuses("--timeout", 2, "--retries", 0)
    assert time.monotonic() - start < 30
    assert re.search(r"because: only \d+ bytes came in \d+ s\n", error), error
    assert "what is already downloaded is kept" in error


def test_trickle_is_a_passing_fault(fetcher):
    fetcher.release.fail(fetcher.name, trickle(1, 0.2, 1000))
    result = fetcher("--timeout", 1)
    assert len(waits(result)) == 1
    assert int(fetcher.asked()[1].headers["Range"].strip("bytes=-")) > 1000


def test_trickle_of_the_list(fetcher):
    """What is read into memory has the same limit."""
    fetcher.release.always[API] = fetcher.release.always[SUMS] = trickle(1, 0.2)
    error = fetcher.refuses("--timeout", 1, "--retries", 0)
    assert "bytes came in" in error


def test_slow_and_steady(fetcher):
    """Ten times the least rate, for longer than the timeout."""
    fetcher.release.always[fetcher.name] = trickle(10_000, 0.1)
    assert waits(fetcher("--timeout", 1, "--retries", 0)) == []


def test_silence_before_the_answer(fetcher):
    end = threading.Event()
    fetcher.release.fail(fetcher.name, lambda handler, content: end.wait(60))
    result = fetcher("--timeout", 1)
    assert "no answer from 127.0.0.1" in waits(result)[0]
    end.set()


def test_nobody_listens(fetcher):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        call = fetcher.call("--retries", 0)
        call[call.index("--base-url") + 1] = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        error = fetcher.stage.refuses(*call, env=fetcher.env({}))
    assert "no answer from 127.0.0.1" in error and "Connection refused" in error


def test_resumption_is_ignored(fetcher):
    """A server without ranges sends the whole again."""

    def whole(handler, content):
        del handler.headers["Range"]
        handler.file(content)

    fetcher.release.fail(fetcher.name, cut(200_000))
    fetcher.release.always[fetcher.name] = whole
    fetcher()
    assert len(fetcher.asked()) == 2


def test_no_ranges_past_the_end(fetcher):
    """All bytes were there already, as far as this server knows."""
    fetcher.release.has_api = False
    fetcher.release.fail(fetcher.name, cut(len(fetcher.content), Content_Length=300_001))
    fetcher()
    assert fetcher.asked()[1].headers["Range"] == "bytes=300000-"


# Redirects


def test_redirects_are_followed(fetcher):
    path = fetcher.release.path(fetcher.name)
    with Release(fetcher.release.files) as storage:
        hops = [f"{path}?hop={number}" for number in range(9)]
        hops.append(storage.url + path)
        fetcher.release.fail(fetcher.name, *(redirect(hop) for hop in hops))
        fetcher()
        assert len(storage.requests) == 1


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
def test_every_redirect_resumes(fetcher, number):
    with Release(fetcher.release.files) as storage:
        to = storage.url + storage.path(fetcher.name)
        fetcher.release.always[fetcher.name] = redirect(to, number)
        storage.fail(fetcher.name, cut(200_000))
        fetcher()
        assert storage.requests[1].headers["Range"] == "bytes=200000-"


def test_redirect_loop(fetcher):
    path = fetcher.release.path(fetcher.name)
    fetcher.release.fail(fetcher.name, redirect(f"{path}?a"), redirect(f"{path}?b"))
    fetcher.release.always[fetcher.name] = redirect(f"{path}?a")
    error = fetcher.refuses()
    assert f"redirects form a circle, back to {fetcher.release.url}{path}\n" in error
    assert len(fetcher.asked()) == 3


def test_redirects_without_an_end(fetcher):
    path = fetcher.release.path(fetcher.name)
    hops = iter(range(100))
    fetcher.release.always[fetcher.name] = lambda handler, content: handler.reply(
        302, Location=f"{path}?signature={next(hops)}"
    )
    error = fetcher.refuses()
    assert "more than 10 redirects" in error and "signature" not in error
    assert len(fetcher.asked()) == 11


@pytest.mark.parametrize("to", [None, "", "file:///etc/passwd", "http://", "http://[", "\xff"])
def test_redirect_to_nowhere(fetcher, to):
    fetcher.release.always[fetcher.name] = redirect(to)
    error = fetcher.refuses()
    circle = "circle" in error and to == ""
    assert circle or "302 Found without an address to follow" in error


# Other forms


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("what", [API, SUMS, "file"])
def test_encoding_that_was_not_asked_for(fetcher, encoding, what):
    name = fetcher.name if what == "file" else what
    body = bundles.gzip_bytes(b"content")
    fetcher.release.always[name] = served(body, Content_Encoding=encoding)
    error = fetcher.refuses()
    assert f'encoded the answer as "{encoding}", which was not asked for' in error
    assert fetcher.release.asked_for(name)[0].headers["Accept-Encoding"] == "identity"
    assert fetcher.kept_nothing()


def test_identity_is_no_encoding(fetcher):
    fetcher.release.always[fetcher.name] = served(Content_Encoding="identity")
    fetcher()


PAGE = b"<!DOCTYPE html><title>Log in</title>"


@pytest.mark.parametrize("what", [API, SUMS, "file"])
def test_page(fetcher, what):
    name = fetcher.name if what == "file" else what
    fetcher.release.always[name] = served(PAGE, Content_Type="text/html; charset=utf-8")
    error = fetcher.refuses()
    assert "the server answered with an HTML page instead of the file" in error
    assert fetcher.kept_nothing()


def test_page_that_is_called_a_file(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(PAGE)
    assert "it has the digest" in fetcher.refuses()
    fetcher.release.has_sums = False
    fetcher.release.always[fetcher.name] = served(b"\r\n" + PAGE)
    assert "an HTML page instead of the file" in fetcher.refuses("--allow-unverified")
    assert fetcher.kept_nothing()
