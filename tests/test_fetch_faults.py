"""`stage fetch` from a server that misbehaves: it gets through, or keeps nothing and says why."""

import socket
import threading
import time
from email.utils import formatdate

import bundles
import pytest
from release_server import API, SUMS, Release, cut, redirect, served, sha256, silence, status

ETAG = '"changed"'
DATE = "Tue, 03 Nov 2026 10:00:00 GMT"


def nothing_kept(fetcher) -> bool:
    return not fetcher.out.exists() and fetcher.cached() == []


def waits(result) -> list[str]:
    """What was said of waiting."""
    return [line for line in result.stderr.splitlines() if "; trying again in " in line]


# Answers that are none


@pytest.mark.parametrize("number", [404, 410])
def test_not_there(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"{fetcher.release.url}{fetcher.release.path(fetcher.name)} is not there" in error
    assert len(fetcher.asked()) == 1 and nothing_kept(fetcher)


@pytest.mark.parametrize("number", [401, 403])
def test_not_allowed(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"the server does not allow it ({number}" in error
    assert len(fetcher.asked()) == 1 and nothing_kept(fetcher)


@pytest.mark.parametrize("number", [204, 206, 304, 400, 418, 501])
def test_no_answer_to_this(fetcher, number):
    fetcher.release.always[fetcher.name] = status(number)
    error = fetcher.refuses()
    assert f"the server answered {number}" in error
    assert len(fetcher.asked()) == 1 and nothing_kept(fetcher)


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
    assert nothing_kept(fetcher)


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
    assert f"{fetcher.name} (the server does not allow it (403 Forbidden))" in error
    assert (
        f"{fetcher.other} ({fetcher.release.url}{fetcher.release.path(fetcher.other)} is" in error
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
    assert "the server takes no more requests for now" in waits(result)[0]


@pytest.mark.parametrize("number", [403, 429])
def test_rate_limit_that_lasts(fetcher, number):
    """Half an hour is not waited for."""
    reset = int(time.time()) + 1800
    limit = status(number, X_RateLimit_Remaining=0, X_RateLimit_Reset=reset)
    fetcher.release.always[API] = limit
    error = fetcher.refuses()
    assert "asks to wait 30 min" in error and "GH_TOKEN with a token raises the limit" in error
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
    assert "ended after 200000 bytes" in error and "what is downloaded already is kept" in error
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


# Another content


def test_wrong_digest(fetcher):
    wrong = bytes(len(fetcher.content))
    fetcher.release.always[fetcher.name] = served(wrong)
    error = fetcher.refuses()
    assert f"it has the digest {sha256(wrong)}, and should have {sha256(fetcher.content)}" in error
    assert len(fetcher.asked()) == 1 and nothing_kept(fetcher)


def test_wrong_digest_of_what_was_resumed(fetcher):
    """The beginning may have been wrong: one download from the start, then it is an error."""
    wrong = bytes(len(fetcher.content))
    fetcher.release.always[fetcher.name] = served(wrong, ETag=None)
    fetcher.release.fail(fetcher.name, cut(1000, ETag=None))
    error = fetcher.stage(*fetcher.call(), env=fetcher.env({})).stderr
    assert "; downloading it again\n" in error and "it has the digest" in error
    ranges = [request.headers["Range"] for request in fetcher.asked()]
    assert ranges == [None, "bytes=1000-", None]
    assert nothing_kept(fetcher)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"ETag": '"old"'}, {"ETag": '"new"'}),
        ({"ETag": None, "Last_Modified": DATE}, {"ETag": None, "Last_Modified": "later"}),
    ],
    ids=["ETag", "Last-Modified"],
)
def test_changed_between_two_ranges(fetcher, before, after):
    """The server sees it by If-Range and sends the whole."""

    def new(handler, content):
        validator = next(value for value in after.values() if value)
        if handler.headers["If-Range"] not in (None, validator):
            del handler.headers["Range"]
        handler.file(content, **after)

    old = bytes(len(fetcher.content))
    fetcher.release.fail(
        fetcher.name, lambda handler, content: handler.file(old, cut=200_000, **before)
    )
    fetcher.release.always[fetcher.name] = new
    fetcher()
    _, second = fetcher.asked()
    assert second.headers["Range"] == "bytes=200000-"
    assert second.headers["If-Range"] == next(value for value in before.values() if value)


@pytest.mark.parametrize("etag", ['"new"', None, 'W/"weak"'])
def test_changed_and_not_told(fetcher, etag):
    """A server that ignores If-Range: another tag gives it away, or else the digest."""

    def careless(handler, content):
        del handler.headers["If-Range"]
        handler.file(content, ETag=etag)

    old = bytes(len(fetcher.content))
    fetcher.release.fail(
        fetcher.name, lambda handler, content: handler.file(old, cut=200_000, ETag='"old"')
    )
    fetcher.release.always[fetcher.name] = careless
    fetcher()
    ranges = [request.headers["Range"] for request in fetcher.asked()]
    assert ranges == [None, "bytes=200000-", None]


def test_unverified_file_is_not_resumed_blindly(fetcher):
    """Without a digest and without a tag, nothing would show that it changed."""
    fetcher.release.has_sums = fetcher.release.digests = False
    fetcher.release.fail(fetcher.name, cut(200_000, ETag=None))
    fetcher("--allow-unverified")
    assert [request.headers["Range"] for request in fetcher.asked()] == [None, None]


@pytest.mark.parametrize(
    "range_", ["bytes 0-299999/300000", "bytes 200001-299999/300000", "bytes 200000-299999/300001",
               "200000-299999", "bytes */300000", "bytes 99999999999999999999-1/2", None],
)  # fmt: skip
def test_another_range_than_asked_for(fetcher, range_):
    def other(handler, content):
        handler.reply(206, content[200_000:], Content_Range=range_)

    fetcher.release.fail(fetcher.name, cut(200_000), other)
    fetcher()
    assert fetcher.asked()[-1].headers["Range"] is None


# Lengths


@pytest.mark.parametrize("length", [299_999, 300_001, 2**63, 0])
def test_length_is_not_that_of_the_api(fetcher, length):
    fetcher.release.always[fetcher.name] = served(Content_Length=length)
    error = fetcher.refuses()
    assert f"announces {length} bytes, and the release API says 300000" in error
    assert nothing_kept(fetcher)


def test_length_too_short_without_an_api(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(Content_Length=299_999)
    assert "it has the digest" in fetcher.refuses()
    assert nothing_kept(fetcher)


def test_length_too_long_without_an_api(fetcher):
    """The rest never comes; what came is verified."""
    fetcher.release.has_api = False
    fetcher.release.fail(fetcher.name, cut(300_000, Content_Length=400_000))
    fetcher()


def test_length_beyond_the_limit(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(Content_Length=2**40)
    assert "goes on after 8589934592 bytes" in fetcher.refuses()
    assert nothing_kept(fetcher)


def test_without_an_end(fetcher):
    """Chunk after chunk: it is left at the size that the API says."""

    def endless(handler, content):
        handler.reply(200, Content_Length=None, Transfer_Encoding="chunked")
        while True:
            handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")

    fetcher.release.always[fetcher.name] = endless
    assert "goes on after 300000 bytes" in fetcher.refuses()
    assert nothing_kept(fetcher)


@pytest.mark.parametrize("what", [API, SUMS])
def test_endless_metadata(fetcher, what):
    def endless(handler, content):
        handler.reply(200, Content_Length=None, Transfer_Encoding="chunked")
        while True:
            handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")

    fetcher.release.always[what] = endless
    assert "goes on after 16777216 bytes" in fetcher.refuses()


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
    assert f"redirects go round in a circle, back to {fetcher.release.url}{path}\n" in error
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
    assert circle or "302 Found with no address that could be followed" in error


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
    assert nothing_kept(fetcher)


def test_identity_is_no_encoding(fetcher):
    fetcher.release.always[fetcher.name] = served(Content_Encoding="identity")
    fetcher()


PAGE = b"<!DOCTYPE html><title>Log in</title>"


@pytest.mark.parametrize("what", [API, SUMS, "file"])
def test_page(fetcher, what):
    name = fetcher.name if what == "file" else what
    fetcher.release.always[name] = served(PAGE, Content_Type="text/html; charset=utf-8")
    error = fetcher.refuses()
    assert "the server answered with an HTML page in place of the file" in error
    assert nothing_kept(fetcher)


def test_page_that_is_called_a_file(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(PAGE)
    assert "it has the digest" in fetcher.refuses()
    fetcher.release.has_sums = False
    fetcher.release.always[fetcher.name] = served(b"\r\n" + PAGE)
    assert "an HTML page in place of the file" in fetcher.refuses("--allow-unverified")
    assert nothing_kept(fetcher)


# What the release says


def test_sums_with_line_ends_of_windows(fetcher):
    fetcher.release.has_api = False
    fetcher.release.sums = f"{sha256(fetcher.content)}  {fetcher.name}\r\n".encode()
    fetcher()


def test_sums_with_a_line_twice(fetcher):
    line = f"{sha256(fetcher.content)}  {fetcher.name}\n"
    fetcher.release.has_api = False
    fetcher.release.sums = (line + line).encode()
    fetcher()


def test_sums_with_two_digests_of_a_file(fetcher):
    lines = [f"{sha256(data)}  {fetcher.name}\n" for data in (fetcher.content, b"other")]
    fetcher.release.sums = "".join(lines).encode()
    error = fetcher.refuses()
    assert f"line 2 has another digest for {fetcher.name} than a line before it" in error
    assert fetcher.asked() == []


def test_sums_without_the_line(fetcher):
    fetcher.release.sums = f"{sha256(b'other')}  other\n".encode()
    fetcher()
    fetcher.release.has_api = False
    (fetcher.out / fetcher.name).unlink()
    error = fetcher.stage.refuses(*fetcher.call(), env=fetcher.env({}))
    assert "says no digest of it" in error


def test_empty_sums(fetcher):
    fetcher.release.has_api, fetcher.release.sums = False, b""
    assert "says no digest of it" in fetcher.refuses()


@pytest.mark.parametrize(
    ("sums", "reason"),
    [
        (b"<html>", "line 1 is not a SHA-256 digest and the name of a file"),
        (b"\n\nabc  file\n", "line 3 is not a SHA-256 digest"),
        (sha256(b"").encode(), "line 1 is not a SHA-256 digest"),
        (b"\xff\xfe", "it is not UTF-8"),
    ],
)
def test_sums_that_are_none(fetcher, sums, reason):
    fetcher.release.sums = sums
    error = fetcher.refuses()
    assert f"cannot read {fetcher.release.url}{fetcher.release.path(SUMS)}" in error
    assert reason in error


def test_sums_that_the_api_does_not_know(fetcher):
    """Whoever changes the file of digests has to change the API as well."""
    fetcher.release.api_digests[SUMS] = f"sha256:{sha256(b'')}"
    error = fetcher.refuses()
    assert f"and should have {sha256(b'')}" in error
    assert fetcher.asked() == []


def test_two_digests(fetcher):
    fetcher.release.api_digests[fetcher.name] = f"sha256:{sha256(b'')}"
    error = fetcher.refuses()
    assert f"says {sha256(fetcher.content)}, and the release API {sha256(b'')}" in error
    assert fetcher.asked() == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"not JSON", b"[]", b"{}", b'{"assets": 1}', b'{"assets": [{"name": "a", "size": -1}]}',
     b'{"assets": [{"name": "a", "size": 1, "digest": "sha256:0"}]}', b"[" * 100_000],
)  # fmt: skip
def test_api_that_says_something_else(fetcher, answer):
    fetcher.release.always[API] = served(answer, Content_Type="application/json")
    error = fetcher.refuses()
    assert "it is not what a release API answers" in error


def test_api_names_a_file_of_another_host(fetcher):
    """Only addresses of stage.toml are asked, and the API's own host."""
    with Release(fetcher.release.files) as other:
        listing = fetcher.release.listing().replace(
            fetcher.release.url.encode(), other.url.encode()
        )
        fetcher.release.always[API] = served(listing, Content_Type="application/json")
        fetcher(GH_TOKEN="secret")
        assert other.requests == []


def test_name_that_leads_elsewhere(fetcher):
    """Files have the names of stage.toml; what the API calls others does not matter."""
    fetcher.release.files["../../escaped"] = b""
    fetcher()
    assert not (fetcher.out.parent.parent / "escaped").exists()


def test_asset_that_is_being_uploaded(fetcher):
    listing = fetcher.release.listing().replace(b'"uploaded"', b'"starter"')
    fetcher.release.always[API] = served(listing, Content_Type="application/json")
    assert f"the release has no {fetcher.name}" in fetcher.refuses()
