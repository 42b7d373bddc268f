"""What the tests get of the home and the environment of whoever runs them."""

import os
from pathlib import Path

import bundles
import home
import needs
import pytest

#: Settings that are the developer's own, and would change what a test sees.
ODD = {
    "CARGO_BUILD_TARGET_DIR": "/nowhere",
    "CODEX_HOME": "/nowhere",
    "GIT_DIR": "/nowhere",
    "GITHUB_TOKEN": "x",
    "LANG": "de_DE.UTF-8",
    "LC_NUMERIC": "tr_TR.UTF-8",
    "NODE_OPTIONS": "--no-warnings",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_TARGET": "/nowhere",
    "PYTHONHOME": "/nowhere",
    "RUSTFLAGS": "-C target-cpu=native",
    "SOURCE_DATE_EPOCH": "0",
    "STAGE_FAILPOINT": "x",
    "XDG_CACHE_HOME": "/nowhere",
    "npm_config_ignore_scripts": "true",
    "npm_config_prefix": "/nowhere",
}
KEPT = {
    "CI": "1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "NO_PROXY": "intranet",
    "PIP_INDEX_URL": "https://index.example/simple",
    "SSL_CERT_FILE": "/certificates",
    "npm_config_registry": "https://registry.example/",
}

NPMRC = """prefix=/nowhere
ignore-scripts=true
registry=https://registry.example/
@acme:registry=https://acme.example/
//registry.example/:_authToken=${TOKEN}
package-lock=false
"""
PIP = """[global]
index-url = https://index.example/simple
require-virtualenv = true
user = true
[install]
find-links = /wheels
target = /nowhere
"""


@pytest.fixture
def directory(tmp_path, monkeypatch) -> Path:
    """A home of the tests, of one who has settings of every kind."""
    own = tmp_path / "it's my home"
    bundles.save(own / ".npmrc", NPMRC.encode())
    bundles.save(own / ".config/pip/pip.conf", PIP.encode())
    bundles.save(own / ".gitconfig", b"[commit]\n  gpgsign = true\n")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(own))
    for name in ["CARGO_HOME", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in (ODD | KEPT).items():
        monkeypatch.setenv(name, value)
    (own / ".cargo").mkdir()
    os.umask(0o077)
    # What is changed here is changed back by monkeypatch too.
    home.private(tmp_path / "home", monkeypatch)
    return tmp_path / "home"


def test_environment(directory, tmp_path):
    assert os.umask(0o022) == 0o022
    assert {name for name in ODD if name in os.environ} == set()
    kept = KEPT | {"NO_PROXY": f"intranet,{home.LOOPBACK}"}
    assert {name: os.environ.get(name) for name in kept} == kept
    assert os.environ["no_proxy"] == home.LOOPBACK
    assert os.environ["HOME"] == str(directory)
    assert os.environ["CARGO_HOME"] == str(tmp_path / "it's my home/.cargo")


def test_files(directory):
    assert (directory / ".npmrc").read_text().splitlines() == [
        "registry=https://registry.example/",
        "@acme:registry=https://acme.example/",
        "//registry.example/:_authToken=${TOKEN}",
    ]
    assert (directory / ".config/pip/pip.conf").read_text().split("\n") == [
        "[global]",
        "index-url = https://index.example/simple",
        "",
        "[install]",
        "find-links = /wheels",
        "",
        "",
    ]
    assert not (directory / ".gitconfig").exists()


# What a test needs


NOWHERE = needs.Need("no such thing", (("no-such-program-anywhere",), ("false",)))


def test_a_need_that_is_not_met(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such thing"):
        needs.needs(NOWHERE)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="every test must run"):
        needs.needs(NOWHERE)


def test_the_first_way_that_works_is_taken():
    assert needs.needs(needs.Need("nothing", (("false",), ("env",), ("nice",)))) == ("env",)


def test_summary(tmp_path, monkeypatch):
    told = bundles.save(tmp_path / "told", b"no mounts\nno mounts\n")
    monkeypatch.setenv("TESTS_NOT_RUN", str(told))
    report = type("Report", (), {"longrepr": ("file.py", 1, "Skipped: no mounts")})
    other = type("Report", (), {"longrepr": ("file.py", 1, "Skipped: no users")})
    assert needs.summary([report, report, other]) == [
        "4 tests not run: no mounts",
        "1 test not run: no users",
    ]
