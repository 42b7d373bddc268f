"""Questions of `stage init`: only on a terminal, and only what nothing says."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

import terminal
from bundles import LINUX_X64
from init_archives import REPOSITORY, release

ONE = {LINUX_X64: ".tar.gz"}
LICENSE = "Licence, as an SPDX expression such as MIT (empty: leave it open): "
REPOSITORY_QUESTION = "Repository, such as https://github.com/OWNER/NAME (empty: leave it open): "
TAG = "Tag of the release that the archives are of, such as v1.2.3 (empty: leave it open): "


def talk(run, answers: str, *options: object, **env: str) -> str:
    """`stage init` on a terminal, where somebody types ahead; gives all that is on the screen."""
    screen, other_end = pty.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    os.write(screen, answers.encode())
    environment = {name: value for name, value in run.stage.env.items() if name != "CI"}
    process = subprocess.Popen(
        [run.stage.binary, "init", run.folder, *map(str, options)],
        env=environment | {"TERM": "xterm"} | env,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
    )
    os.close(other_end)
    written = terminal.read_all(screen).decode().replace("\r\n", "\n")
    assert process.wait() == 0, written
    return written


def test_only_what_nothing_says_is_asked(init):
    run = init(release(ONE, licenses={}))
    written = talk(run, f"MIT\n{REPOSITORY}\nv1.2.3\n")
    assert LICENSE in written and REPOSITORY_QUESTION in written and TAG in written
    assert "Name of the product" not in written
    assert (run.product["license"], run.product["repository"]) == ("MIT", REPOSITORY)
    assert "license: MIT (from your answer)\n" in written
    assert "--release-tag v1.2.3" in written
    assert "# From your answer.\n" in run.text


def test_an_answer_that_cannot_be_one_is_asked_again(init):
    run = init(release(ONE, licenses={}))
    written = talk(run, "whatever\nMIT\nexample.org\n\nlatest\n\n", "--name", "tool")
    assert written.count(LICENSE) == 2
    assert '"whatever" is not an SPDX licence expression' in written
    assert run.product["license"] == "MIT"
    assert written.count(REPOSITORY_QUESTION) == 2
    # Empty leaves it open.
    assert "repository" not in run.product
    assert "does not end in a version" in written


def test_nobody_is_asked_what_is_known(init):
    run = init(release(ONE, "tool-1.2.3-{target}"))
    written = talk(run, "", "--repository", REPOSITORY)
    assert "(empty: leave it open)" not in written


def test_the_end_of_the_input_leaves_everything_open(init):
    run = init(release(ONE, licenses={}))
    written = talk(run, "\x04\x04\x04")
    assert "license" not in run.product and "repository" not in run.product
    assert "next, when stage.toml is filled in:" in written


def test_nobody_is_asked_in_ci_or_for_programs(init):
    run = init(release(ONE, licenses={}))
    assert "(empty: leave it open)" not in talk(run, "", CI="true")
    (run.folder / "stage.toml").unlink()
    assert "(empty: leave it open)" not in talk(run, "", "--message-format", "json")
    (run.folder / "stage.toml").unlink()
    assert "(empty: leave it open)" not in run().stdout
