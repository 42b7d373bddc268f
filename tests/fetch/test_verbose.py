"""`--verbose`: what `stage fetch` says of its requests, its cache and its choices."""

import json
import re

import pytest
from release_server import redirect, status


def events(stderr: str) -> list[dict]:
    """The lines of JSON, each of which is an event."""
    lines = [json.loads(line) for line in stderr.splitlines()]
    assert {line["type"] for line in lines} == {"trace"}
    return lines


def named(stderr: str, message: str) -> list[dict]:
    return [event for event in events(stderr) if event["message"] == message]


def test_requests_and_the_cache(fetcher):
    """The second time, the file comes from the cache, and nobody is asked for it."""
    options = ("--verbose", "--message-format", "json")
    url = fetcher.release.url + fetcher.release.path(fetcher.name)
    first = fetcher(*options).stderr
    (asked,) = [event for event in named(first, "request") if event["url"] == url]
    assert (asked["status"], asked["with_token"]) == (200, False)
    assert [event["file"] for event in named(first, "cache miss")] == [fetcher.name]
    assert [event["file"] for event in named(first, "asset chosen")] == [fetcher.name]
    assert named(first, "cache hit") == []
    (fetcher.out / fetcher.name).unlink()
    second = fetcher(*options).stderr
    assert [event["file"] for event in named(second, "cache hit")] == [fetcher.name]
    assert url not in {event["url"] for event in named(second, "request")}


def test_redirects_and_retries(fetcher):
    url = fetcher.release.url + fetcher.release.path(fetcher.name)
    fetcher.release.fail(fetcher.name, status(503), redirect(f"{url}?signature=hidden"))
    # The redirect leads back to the same path with a query, which the server answers.
    stderr = fetcher("--verbose", "--message-format", "json").stderr
    assert [event["number"] for event in named(stderr, "retry")] == [1]
    assert [event["to"] for event in named(stderr, "redirect")] == [url]
    assert "hidden" not in stderr


@pytest.mark.parametrize("format", ["text", "github"])
def test_people_see_a_line_for_each_event(fetcher, format):
    lines = fetcher("--verbose", "--message-format", format).stderr.splitlines()
    assert any(re.fullmatch(r"request .*url=http://\S+.*", line) for line in lines), lines
    assert f"cache miss file={fetcher.name}" in lines
    foreign = ("hyper", "reqwest", "rustls", "h2")
    assert not [line for line in lines if line.startswith(foreign)]


def test_nothing_is_said_unasked(fetcher):
    """One line, as before there were events."""
    (line,) = fetcher().stderr.splitlines()
    assert line.startswith("fetched Codex CLI 0.163.0 into ")
