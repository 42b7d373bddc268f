"""The licence, the repository and the name: from the folder, from archives, from around."""

import os

import pytest
from bundles import LINUX_X64, MACOS_ARM64, WINDOWS_X64
from init_archives import APACHE, LGPL, MIT, REPOSITORY, pack, release, save, taken, tree, unknown

ONE = {LINUX_X64: ".tar.gz", MACOS_ARM64: ".tar.gz"}
BOTH = {"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}


def test_a_pair_of_licences_is_a_choice(init):
    run = init(release(ONE, licenses=BOTH | {"README.md": b"# Tool\n"}))
    run("--repository", REPOSITORY)
    assert run.product["license"] == "MIT OR Apache-2.0"
    assert run.files() == sorted(["LICENSE-APACHE", "LICENSE-MIT", "stage.toml", *release(ONE)])


def test_the_folder_comes_before_the_archives_and_nothing_is_overwritten(init):
    run = init(release(ONE) | {"LICENSE": APACHE})
    results = run.json("--repository", REPOSITORY)
    assert taken(results, "license") == {"Apache-2.0": "LICENSE"}
    assert (run.folder / "LICENSE").read_bytes() == APACHE
    assert taken(results, "licence file") == {}


def test_licences_that_nothing_chooses_among(init):
    run = init(release(ONE, licenses={"LICENSE": MIT, "COPYING": LGPL}))
    results = run.json("--repository", REPOSITORY)
    assert unknown(results)["license"] == (
        "COPYING is LGPL-3.0-only, LICENSE is MIT in tool-aarch64-apple-darwin.tar.gz, and nothing "
        "says which holds"
    )
    assert '# ? license = "MIT"\n' in run.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "Cargo.toml",
            '[package]\nname = "x"\nlicense = "LGPL-3.0-or-later"\nrepository = "{url}"\n',
        ),
        (
            "package.json",
            '{{"license": "LGPL-3.0-or-later", "repository": {{"url": "git+{url}.git"}}}}',
        ),
        (
            "pyproject.toml",
            '[project]\nlicense = "LGPL-3.0-or-later"\nurls.Source = "{url}"\n',
        ),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_a_manifest_says_what_a_text_leaves_open(init, name, text, above):
    run = init(release(ONE, licenses={"COPYING": LGPL}))
    place = run.folder.parent if above else run.folder
    save(place, {name: text.format(url=REPOSITORY).encode()})
    results = run.json()
    shown = f"../{name}" if above else name
    assert taken(results, "license") == {
        "LGPL-3.0-or-later": f"{shown} and COPYING in tool-aarch64-apple-darwin.tar.gz"
    }
    assert taken(results, "repository") == {REPOSITORY: shown}


def test_a_text_of_the_lgpl_alone(init):
    run = init(release(ONE, licenses={"COPYING": LGPL}))
    result = run("--repository", REPOSITORY)
    assert run.product["license"] == "LGPL-3.0-only"
    assert (
        "warning: licence: the text does not say whether later versions hold too: if they do, it "
        "is LGPL-3.0-or-later\n"
    ) in result.stderr


def test_a_manifest_that_disagrees(init):
    files = {"Cargo.toml": b'[package]\nlicense = "Apache-2.0"\n'}
    run = init(release(ONE) | files)
    result = run("--repository", REPOSITORY)
    assert (
        "warning: Cargo.toml says that the licence is Apache-2.0, and LICENSE in "
        "tool-aarch64-apple-darwin.tar.gz is MIT\n"
    ) in result.stderr


RESTRICTED = MIT + b"\nIt may not be used commercially.\n"


@pytest.mark.parametrize(
    ("licenses", "reason"),
    [
        ({"LICENSE": RESTRICTED}, "LICENSE in {0} has the text of MIT, and more"),
        (
            {"LICENSE": MIT, "COPYING": b"All rights reserved. Do not copy.\n"},
            "COPYING in {0} is no text that stage knows",
        ),
        (
            {"LICENSE": MIT, "PATENTS": b"You lose your rights if you sue.\n"},
            "PATENTS in {0} is no text that stage knows",
        ),
        (
            {"LICENSE": MIT.replace(b"is hereby granted", b"is hereby not granted")},
            "LICENSE in {0} is no text that stage knows",
        ),
        (
            {"LICENSE": b"SPDX-License-Identifier: MIT\n\nAll use is forbidden.\n"},
            "LICENSE in {0} is no text that stage knows",
        ),
    ],
)
def test_a_text_that_takes_something_back_leaves_the_licence_open(init, licenses, reason):
    run = init(release(ONE, licenses=licenses))
    results = run.json("--repository", REPOSITORY)
    expected = reason.format("tool-aarch64-apple-darwin.tar.gz")
    assert unknown(results)["license"] == expected
    assert '# ? license = "MIT"\n' in run.text
    # A manifest says it, and the files are named.
    other = init(release(ONE, licenses=licenses), "other")
    save(other.folder, {"Cargo.toml": b'[package]\nlicense = "MIT"\n'})
    result = other("--repository", REPOSITORY)
    assert other.product["license"] == "MIT"
    assert (
        "warning: Cargo.toml says that the licence is MIT, which the files do not show: "
        f"{expected}\n"
    ) in result.stderr


def test_a_licence_in_another_encoding(init):
    latin = MIT.replace(b"Somebody", "José".encode("latin-1"))
    run = init(release(ONE, licenses={"LICENSE": latin}))
    result = run("--repository", REPOSITORY)
    assert run.product["license"] == "MIT"
    assert (
        "warning: LICENSE in tool-aarch64-apple-darwin.tar.gz is not UTF-8, so it is not "
        "taken over: "
        "save it as UTF-8 in the folder of stage.toml\n"
    ) in result.stderr
    assert not (run.folder / "LICENSE").exists()


def test_a_licence_of_the_folder_that_cannot_be_packaged(init):
    run = init(release(ONE))
    (run.folder.parent / "outside").write_bytes(MIT)
    (run.folder / "LICENSE").symlink_to("../outside")
    (run.folder / "README.md").symlink_to("../outside")
    result = run("--repository", REPOSITORY)
    for name in ["LICENSE", "README.md"]:
        assert (
            f"to correct: {run.folder}/{name}: is a link to a file outside of the "
            "product's folder; put "
            "the file itself there\n"
        ) in result.stdout
    assert "next, when stage.toml is filled in:\n" in result.stdout
    assert '# ? license = "MIT"\n' in run.text


@pytest.mark.parametrize("manifest", [b"{[", b"\xff\xfe", b'[package]\nlicense = "no licence"\n'])
def test_a_manifest_that_says_nothing(init, manifest):
    run = init(release(ONE, licenses={}) | {"Cargo.toml": manifest, "package.json": manifest})
    results = run.json()
    assert unknown(results) == {
        "license": "neither the folder nor an archive has a licence file",
        "repository": "neither the archives nor the folder say it",
        "release tag": "no name says a version",
    }


def test_the_repository_is_that_of_git_without_its_password(init):
    run = init(release(ONE), "checkout/release")
    config = '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://me:s3cret@github.com/somebody/tool.git\n'
    save(run.folder.parent, {".git/config": config.encode()})
    results = run.json()
    assert taken(results, "repository") == {REPOSITORY: "../.git/config"}
    assert "s3cret" not in run.text


def test_a_work_tree_of_git(init):
    run = init(release(ONE), "checkout/release")
    config = (
        b'[remote "upstream"]\nurl = x\n[remote "origin"]\nurl = git@github.com:somebody/tool.git\n'
    )
    save(
        run.folder.parent.parent,
        {
            "main/.git/config": config,
            "main/.git/worktrees/checkout/commondir": b"../..\n",
            "checkout/.git": b"gitdir: ../main/.git/worktrees/checkout\n",
        },
    )
    run("--license", "MIT")
    assert run.product["repository"] == REPOSITORY


def test_a_git_directory_that_never_ends(init):
    run = init(release(ONE), "checkout/release")
    save(run.folder.parent, {".git": b"gitdir: there\n", "there/config": b""})
    os.mkfifo(run.folder.parent / "there/commondir")
    os.mkfifo(run.folder.parent / "Cargo.toml")
    run("--license", "MIT")
    assert "repository" not in run.product


def test_what_is_not_known_is_left_open_and_named(init):
    run = init(release(ONE, licenses={}))
    result = run()
    assert '# ? license = "MIT"\n# ? repository = "https://github.com/OWNER/NAME"\n' in run.text
    assert (
        "not known: license: neither the folder nor an archive has a licence file; fill in its "
        "line in stage.toml, or delete stage.toml and run `stage init` again with --license\n"
    ) in result.stdout
    assert "next, when stage.toml is filled in:\n" in result.stdout
    # It says itself what is missing, and is right when that is filled in.
    error = run.stage.refuses("matrix", "--release-tag", "1.0.0", "--product", run.folder)
    assert "`product.license`: is missing" in error
    (run.folder / "stage.toml").write_text(run.text.replace("# ? ", ""))
    run.stage("matrix", "--release-tag", "1.0.0", "--product", run.folder, check=True)


def test_archives_that_have_nothing_in_common(init):
    names = {"abc-linux-x64.tar.gz": LINUX_X64, "xyz-windows-x64.zip": WINDOWS_X64}
    files = {name: pack(name, tree(target, name.split("-")[0])) for name, target in names.items()}
    run = init(files)
    results = run.json("--license", "MIT", "--repository", "https://example.org")
    assert unknown(results)["commands"] == "no executable is in all archives"
    assert '# ? commands = ["tool"]\n' in run.text
    assert "name" in run.product or "# ? name" in run.text


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--license", "no licence", "is not an SPDX licence expression"),
        ("--name", "a b", "cannot name a product"),
        ("--repository", "example.org", "is not an http:// or https:// URL"),
        ("--release-tag", "latest", 'the release tag "latest" does not end in a version'),
    ],
)
def test_an_answer_that_cannot_be_one(init, option, value, reason):
    run = init(release(ONE))
    assert reason in run.refuses(option, value, status=2)
