"""`stage fetch` of what is not what the release says: nothing of it is kept."""

import pytest
from release_server import API, SUMS, Release, cut, served, sha256

DATE = "Tue, 03 Nov 2026 10:00:00 GMT"


# Another content


def test_wrong_digest(fetcher):
    wrong = bytes(len(fetcher.content))
    fetcher.release.always[fetcher.name] = served(wrong)
    error = fetcher.refuses()
    assert f"it has the digest {sha256(wrong)}, but should have {sha256(fetcher.content)}" in error
    assert len(fetcher.asked()) == 1 and fetcher.kept_nothing()


def test_wrong_digest_of_what_was_resumed(fetcher):
    """The beginning may have been wrong: one download from the start, then it is an error."""
    wrong = bytes(len(fetcher.content))
    fetcher.release.always[fetcher.name] = served(wrong, ETag=None)
    fetcher.release.fail(fetcher.name, cut(1000, ETag=None))
    error = fetcher.stage(*fetcher.call(), env=fetcher.env({})).stderr
    assert "; downloading it again\n" in error and "it has the digest" in error
    ranges = [request.headers["Range"] for request in fetcher.asked()]
    assert ranges == [None, "bytes=1000-", None]
    assert fetcher.kept_nothing()


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
    assert f"announces {length} bytes, but the release API says 300000" in error
    assert fetcher.kept_nothing()


def test_length_too_short_without_an_api(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(Content_Length=299_999)
    assert "it has the digest" in fetcher.refuses()
    assert fetcher.kept_nothing()


def test_length_too_long_without_an_api(fetcher):
    """The rest never comes; what came is verified."""
    fetcher.release.has_api = False
    fetcher.release.fail(fetcher.name, cut(300_000, Content_Length=400_000))
    fetcher()


def test_length_beyond_the_limit(fetcher):
    fetcher.release.has_api = False
    fetcher.release.always[fetcher.name] = served(Content_Length=2**40)
    assert "it is longer than 8589934592 bytes" in fetcher.refuses()
    assert fetcher.kept_nothing()


def test_without_an_end(fetcher):
    """Chunk after chunk: it is left at the size that the API says."""

    def endless(handler, content):
        handler.reply(200, Content_Length=None, Transfer_Encoding="chunked")
        while True:
            handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")

    fetcher.release.always[fetcher.name] = endless
    assert "it is longer than 300000 bytes" in fetcher.refuses()
    assert fetcher.kept_nothing()


@pytest.mark.parametrize("what", [API, SUMS])
def test_endless_metadata(fetcher, what):
    def endless(handler, content):
        handler.reply(200, Content_Length=None, Transfer_Encoding="chunked")
        while True:
            handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")

    fetcher.release.always[what] = endless
    assert "it is longer than 16777216 bytes" in fetcher.refuses()


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
    assert f"line 2 has a different digest for {fetcher.name} than an earlier line" in error
    assert fetcher.asked() == []


def test_sums_without_the_line(fetcher):
    fetcher.release.sums = f"{sha256(b'other')}  other\n".encode()
    fetcher()
    fetcher.release.has_api = False
    (fetcher.out / fetcher.name).unlink()
    error = fetcher.stage.refuses(*fetcher.call(), env=fetcher.env({}))
    assert "has no digest for it" in error


def test_empty_sums(fetcher):
    fetcher.release.has_api, fetcher.release.sums = False, b""
    assert "has no digest for it" in fetcher.refuses()


@pytest.mark.parametrize(
    ("sums", "reason"),
    [
        (b"<html>", "line 1 is not a SHA-256 digest and a file name"),
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
    assert f"but should have {sha256(b'')}" in error
    assert fetcher.asked() == []


def test_two_digests(fetcher):
    fetcher.release.api_digests[fetcher.name] = f"sha256:{sha256(b'')}"
    error = fetcher.refuses()
    assert f"says {sha256(fetcher.content)}, but the release API says {sha256(b'')}" in error
    assert fetcher.asked() == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"not JSON", b"[]", b"{}", b'{"assets": 1}', b'{"assets": [{"name": "a", "size": -1}]}',
     b'{"assets": [{"name": "a", "size": 1, "digest": "sha256:0"}]}', b"[" * 100_000],
)  # fmt: skip
def test_api_that_says_something_else(fetcher, answer):
    fetcher.release.always[API] = served(answer, Content_Type="application/json")
    error = fetcher.refuses()
    assert "it is not the answer of a release API" in error


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
