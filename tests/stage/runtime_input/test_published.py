"""`stage stage-runtime` without RUNTIME: that of the release is downloaded for it."""

import bundles
import pytest
from bundles import HOST, snapshot
from release_server import Fetcher, Release, sha256, status


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return bundles.tar_gz(bundles.bundle(size="small"), tmp_path_factory.mktemp("runtime"))


@pytest.fixture
def published(stage, archive, tmp_path):
    files = {f"codex-package-{HOST}.tar.gz": archive.read_bytes(), "codex-package-other": b""}
    with Release(files) as release:
        yield Fetcher(stage, release, tmp_path)


def call(published, staging, *options: object) -> list[object]:
    call = ["stage-runtime", staging, "--codex-version", bundles.TAG, "--platform-tag", HOST]
    return [*call, "--base-url", published.release.url, *options]


def test_stages_what_is_published(stage, published, archive, staging, tmp_path):
    result = stage(*call(published, staging), env=published.env({}), check=True)
    given = tmp_path / "given"
    stage.runtime(given, archive)
    assert snapshot(staging) == snapshot(given)
    assert f"staged Codex CLI 0.163.0 for {HOST} into {staging}" in result.stderr
    assert published.cached() == [sha256(archive.read_bytes())]


def test_again_from_the_cache(stage, published, staging, tmp_path):
    for number in range(2):
        stage(*call(published, tmp_path / str(number)), env=published.env({}), check=True)
    assert len(published.asked()) == 1


def test_without_the_caches(stage, published, staging):
    stage(*call(published, staging, "--no-cache"), env=published.env({}), check=True)
    assert not published.home.exists()


def test_one_tag_makes_one_wheel(stage, published, staging):
    (tag,) = [tag for tag in ["manylinux_2_28_x86_64"] if HOST == bundles.LINUX_X64] or [HOST]
    options = call(published, staging, "--format", "wheel")
    options[options.index("--platform-tag") + 1] = tag
    stage(*options, env=published.env({}), check=True)
    assert all(tag in path.name or tag == HOST for path in (staging / "wheels").iterdir())


def test_old_layout(stage, tmp_path, staging):
    """A bare executable in a zip, without any metadata."""
    tree = bundles.bundle(bundles.WINDOWS_X64, size="small")
    path = bundles.entrypoint(bundles.WINDOWS_X64)
    name = f"codex-{bundles.WINDOWS_X64}.exe"
    content = bundles.zip_bytes({name: tree[path]})
    with Release({f"{name}.zip": content, "other": b""}) as release:
        release.has_sums = False
        published = Fetcher(stage, release, tmp_path)
        options = call(published, staging)
        options[options.index("--platform-tag") + 1] = bundles.WINDOWS_X64
        stage(*options, env=published.env({}), check=True)
        assert list((staging / "manifests").iterdir())


@pytest.mark.parametrize("number", [404, 503])
def test_what_cannot_be_fetched_is_not_staged(stage, published, staging, number):
    published.release.always[published.name] = status(number)
    options = call(published, staging, "--retries", "0")
    error = stage.refuses(*options, env=published.env({}))
    assert f"error: cannot stage {bundles.TAG} into {staging}" in error
    assert f"because: cannot fetch {published.name}" in error and str(number) in error
    assert not staging.exists()


def test_what_is_published_is_no_runtime(stage, staging, tmp_path):
    with Release({f"codex-package-{HOST}.tar.gz": b"no archive", "other": b""}) as release:
        published = Fetcher(stage, release, tmp_path)
        stage.refuses(*call(published, staging), env=published.env({}))
    assert not staging.exists()


def test_which_platform_has_to_be_said(stage, staging):
    error = stage.refuses("stage-runtime", staging, "--codex-version", bundles.TAG, status=2)
    assert "neither a RUNTIME is given, nor the platform whose published one it is to be" in error
    assert "--platform-tag; listed are: macosx_11_0_arm64 (aarch64-apple-darwin)" in error
    assert not staging.exists()


@pytest.mark.parametrize(
    "option",
    ["--base-url=http://127.0.0.1/", "--retries=1", "--timeout=1", "--allow-unverified"],
)
def test_options_of_a_download_have_nothing_to_say_of_a_runtime(stage, runtime, staging, option):
    call = ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, option]
    assert "cannot be used with" in stage.refuses(*call, status=2)
