"""`stage verify` of what was made to keep it busy, to lead it elsewhere or to speak for it."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import bundles
import pytest
from bundles import HOST, File
from damage import INIT, findings, pure

CRATE = '[package]\nname = "a"\nversion = "1.0.0"\ndescription = "d"\nlicense = "MIT"\n'


def crate(directory: Path, manifest: str = "") -> Path:
    (directory / "src").mkdir(parents=True)
    (directory / "Cargo.toml").write_text(CRATE + manifest)
    (directory / "src/lib.rs").write_text("")
    return directory


# Each of these takes minutes, or all memory, where the work is not in proportion to the bytes.


def test_conditions_of_many_parentheses(stage, tmp_path):
    depth = 100_000
    target = "not(" * depth + "unix" + ")" * depth
    manifest = f"[target.'cfg({target})'.dependencies]\n"
    (found,) = findings(stage, crate(tmp_path / "a", manifest))
    assert (found["code"], "too many parentheses" in found["detail"]) == ("crate-target-cfg", True)
    assert len(found["detail"]) < 1000


def test_a_digest_is_made_once_however_often_it_is_listed(stage, good_wheel, tmp_path):
    large = f"{INIT}.data"
    wheel = pure(good_wheel).put(large, bytes(40 << 20))
    listed = [[large, "sha512=x", ""]] * 20_000
    wheel = replace(wheel, rows=lambda rows: [*(row for row in rows if row[0] != large), *listed])
    codes = {finding["code"] for finding in findings(stage, wheel.write(tmp_path))}
    assert {"wheel-record-hash", "wheel-record-repeated"} <= codes


def test_roles_of_a_long_line(stage, good_wheel, tmp_path):
    kind = "Description-Content-Type"
    wheel = pure(good_wheel).field(f"{kind}: text/x-rst", instead_of=kind)
    metadata = wheel.tree[wheel.meta("METADATA")].data
    wheel = wheel.put_meta("METADATA", metadata + b"\n`` " + b"x:ref:` " * 1_000_000)
    findings(stage, wheel.write(tmp_path))


def test_machines_of_long_lists(stage, tmp_path):
    package = {"name": "a", "version": "1.0.0", "os": ["linux"] * 3000, "cpu": ["x64"] * 3000}
    tree = {"package/package.json": File(json.dumps(package).encode())}
    tree |= {f"package/{n}": File(bundles.elf(0x3E, "x"), 0o755) for n in range(100)}
    path = tmp_path / "a-1.0.0.tgz"
    path.write_bytes(bundles.gzip_bytes(bundles.tar_bytes(tree)))
    assert not [found for found in findings(stage, path) if found["severity"] == "error"]


def test_directories_of_more_bytes_than_the_limit(stage, tmp_path):
    directory = crate(tmp_path / "a")
    with (directory / "holes").open("wb") as file:
        file.truncate(200 << 30)
    (found,) = findings(stage, directory)
    assert "unpacks to more than" in found["detail"]
    # One that is no package is not read at all.
    (directory / "Cargo.toml").unlink()
    assert "a directory without a package" in stage.refuses("verify", directory)


# Files that are none


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_read(stage, tmp_path, make):
    release = tmp_path / "release.json"
    make(release)
    assert "is not a regular file" in stage.refuses("verify", release)
    manifests = tmp_path / "staging/manifests"
    manifests.mkdir(parents=True)
    make(manifests / f"{HOST}.json")
    (found,) = findings(stage, tmp_path / "staging")
    assert (found["code"], "is not a regular file" in found["detail"]) == ("staged-manifest", True)


def test_links_that_lead_nowhere_beside_artifacts(stage, tmp_path):
    for directory in ["manifests", "wheels"]:
        (tmp_path / "staging" / directory).mkdir(parents=True)
    (tmp_path / "staging/wheels/README").symlink_to("nowhere")
    findings(stage, tmp_path / "staging")


def test_what_cargo_leaves_out_of_a_crate(stage, tmp_path):
    directory = crate(tmp_path / "a")
    (tmp_path / "LICENSE").write_text("text")
    (directory / "LICENSE").symlink_to("../LICENSE")
    for name in [".git", "target"]:
        (directory / name).mkdir()
        (directory / name / "x").symlink_to("nowhere")
        bundles.save(directory / name / "cut.so", b"\x7fELF", 0o755)
    assert findings(stage, directory) == []
    (directory / "src/x.rs").symlink_to("nowhere")
    assert [found["code"] for found in findings(stage, directory)] == ["archive-link"]


# Names


def test_a_name_begins_no_line_of_its_own(stage, good_wheel, tmp_path):
    wheel = pure(good_wheel).write(tmp_path)
    name = tmp_path / "a\n::error::said by the name\n\x1b[31m.whl"
    shutil.copy(wheel, name)
    for path in [name, tmp_path / "b\n::error::said by the name\n.whl"]:
        for form in ["text", "github"]:
            result = stage("verify", path, "--message-format", form)
            assert result.returncode == 1
            lines = (result.stdout + result.stderr).splitlines()
            assert not [line for line in lines if line.startswith("::error::said")], lines
            assert "\x1b" not in result.stdout + result.stderr


def test_separators_of_windows(stage, good_wheel, tmp_path):
    wheel = replace(
        good_wheel, rows=lambda rows: [[row[0].replace("/", "\\"), *row[1:]] for row in rows]
    )
    assert findings(stage, wheel.write(tmp_path)) == []


def test_what_comes_after_a_path_that_cannot_be_read(stage, good_wheel, tmp_path):
    good = good_wheel.write(tmp_path)
    cut = tmp_path / f"cut-{good.name}"
    cut.write_bytes(good.read_bytes()[:-9])
    result = stage("verify", tmp_path / "nothing", good, tmp_path / "nothing either", cut)
    assert result.returncode == 1
    assert f"{good}: wheel" in result.stdout and f"{cut}: wheel" in result.stdout
    assert result.stderr.count("error: cannot verify") == 2
    assert "2 artifacts: " in result.stderr
