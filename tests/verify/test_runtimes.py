"""`stage verify` of runtimes as upstream publishes them."""

import bundles
import elves
import pytest
from bundles import HOST, OTHER, File, Tree
from npm_packages import dynamic_elf
from tampered import Matrix, cases, codes, drop, fields, mode, put, spoiled, survives

DESCRIPTION = "codex-package.json"
PROGRAM = bundles.entrypoint()
HELPER = f"codex-path/rg{bundles.suffix(HOST)}"
FOREIGN = bundles.pe(0x8664, "another system")
FREEBSD = elves.of_system(9, elves.program("-static-pie"))
OTHER_CPU = bundles.elf(0xF3, "another CPU")

# It needs a library of the machine that built it, and one that users may have.
BUILT_HERE = dynamic_elf("/lib64/ld-linux-x86-64.so.2", "/opt/lib/libz.so.1")
USUAL = dynamic_elf("/lib64/ld-linux-x86-64.so.2", "libgtk-3.so.0")

MATRIX: Matrix = {
    "runtime-metadata": (
        [
            put(DESCRIPTION, "{"),
            put(DESCRIPTION, b"\xff"),
            fields(DESCRIPTION, layoutVersion=2),
            fields(DESCRIPTION, variant="other"),
            fields(DESCRIPTION, target=...),
            fields(DESCRIPTION, entrypoint="../codex"),
            fields(DESCRIPTION, pathDir="/usr/bin"),
        ],
        [fields(DESCRIPTION, more=[1])],
    ),
    "runtime-version": (
        [fields(DESCRIPTION, version="nightly"), fields(DESCRIPTION, version="1.2.x")],
        [fields(DESCRIPTION, version="1.2.3-alpha.1")],
    ),
    "runtime-target": (
        [fields(DESCRIPTION, target="riscv64gc-unknown-linux-gnu")],
        [fields(DESCRIPTION, target=HOST)],
    ),
    "runtime-entrypoint": (
        [drop(PROGRAM), fields(DESCRIPTION, entrypoint="codex-path")],
        [fields(DESCRIPTION, entrypoint=HELPER)],
    ),
    "runtime-not-executable": ([mode(PROGRAM, 0o644)], [mode(PROGRAM, 0o500)]),
    "runtime-helper-not-executable": (
        [mode(HELPER, 0o644)],
        [mode("codex-resources/helper.sh", 0o644)],
    ),
    "runtime-machine": (
        [
            put(PROGRAM, OTHER_CPU, 0o755),
            put(PROGRAM, FOREIGN, 0o755),
            put(PROGRAM, FREEBSD, 0o755),
            put(PROGRAM, "#!/bin/sh\n", 0o755),
            put(PROGRAM, "data", 0o755),
        ],
        [put(PROGRAM, bundles.program("another program"), 0o755)],
    ),
    "runtime-helper-machine": (
        [put(HELPER, OTHER_CPU, 0o755), put("codex-resources/lib", OTHER_CPU)],
        [put(HELPER, "#!/bin/sh\n", 0o755)],
    ),
    "runtime-foreign-executable": (
        [put(HELPER, FOREIGN, 0o755), put(HELPER, FREEBSD, 0o755)],
        [put(HELPER, "data", 0o755)],
    ),
    "claim-loader": (
        [put(HELPER, elves.with_loader("/nix/store/x/ld-linux-x86-64.so.2"), 0o755)],
        [put(HELPER, elves.with_loader("/lib64/ld-linux-x86-64.so.2"), 0o755)],
    ),
    "runtime-path-dir": (
        [fields(DESCRIPTION, pathDir=HELPER), fields(DESCRIPTION, resourcesDir=PROGRAM)],
        [fields(DESCRIPTION, pathDir="bin")],
    ),
    "runtime-directory-missing": (
        [fields(DESCRIPTION, pathDir="gone"), fields(DESCRIPTION, resourcesDir="codex-res")],
        [
            fields(DESCRIPTION, pathDir=..., resourcesDir=...),
            # One program, as older releases were: nothing is missing.
            lambda tree: {path: tree[path] for path in (DESCRIPTION, PROGRAM)},
        ],
    ),
    "claim-library": (
        [
            put("codex-resources/helper", BUILT_HERE, 0o755),
            put("lib/libz.so", BUILT_HERE, 0o755),
        ],
        [put("codex-resources/helper", USUAL, 0o755)],
    ),
    "object-malformed": (
        [put("codex-resources/lib.so", OTHER_CPU[:70])],
        [put("codex-resources/lib", b"\x7fEL")],
    ),
}

ARCHIVES = [bundles.tar_gz, bundles.tar_zst, bundles.zip_archive]


@pytest.mark.parametrize(("code", "change"), cases(MATRIX, 0))
def test_damage_is_found_and_nothing_else(stage, tmp_path, code, change):
    runtime = bundles.directory(change(bundles.bundle()), tmp_path)
    assert codes(stage, runtime) == {code}


@pytest.mark.parametrize(("code", "change"), cases(MATRIX, 1))
def test_near_miss_passes(stage, tmp_path, code, change):
    runtime = bundles.directory(change(bundles.bundle()), tmp_path)
    assert codes(stage, runtime) == set()


@pytest.mark.parametrize("wrap", ARCHIVES)
def test_an_archive_is_what_the_directory_is(stage, tmp_path, wrap):
    assert codes(stage, wrap(bundles.bundle(), tmp_path)) == set()
    damaged = mode(PROGRAM, 0o644)(bundles.bundle())
    assert codes(stage, wrap(damaged, tmp_path)) == {"runtime-not-executable"}


@pytest.mark.parametrize("target", bundles.TARGETS)
def test_runtimes_of_every_target_are_right(stage, tmp_path, target):
    assert codes(stage, bundles.tar_gz(bundles.bundle(target), tmp_path)) == set()


def test_windows_has_no_modes(stage, tmp_path):
    tree = bundles.bundle(bundles.WINDOWS_X64)
    without = {path: File(file.data) for path, file in tree.items()}
    assert codes(stage, bundles.zip_archive(without, tmp_path)) == set()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (f"codex-package-{OTHER}.tar.gz", {"runtime-file-name"}),
        (f"codex-package-{HOST}.tar.gz", set()),
        (f"codex-package-{HOST}.2.tar.gz", set()),
        ("codex-package-riscv64.tar.gz", set()),
        (f"{OTHER}.tar.gz", set()),
    ],
)
def test_the_name_of_an_archive_fits_its_target(stage, tmp_path, name, code):
    archive = bundles.tar_gz(bundles.bundle(), tmp_path)
    assert codes(stage, archive.rename(tmp_path / name)) == code


def test_the_published_layout_without_resources_is_a_note(stage, tmp_path):
    runtime = bundles.directory(bundles.bundle(size="small"), tmp_path)
    result = stage("verify", runtime, check=True)
    assert (
        "note[runtime-directory-missing]: codex-resources: `resourcesDir` names it, and there is "
        "no file in it"
    ) in result.stdout


def test_a_spoiled_archive_is_a_finding_or_an_error(stage, tmp_path):
    tree: Tree = {
        path: File(file.data[:3000], file.mode) for path, file in bundles.bundle().items()
    }
    for wrap in ARCHIVES:
        archive = wrap(tree, tmp_path)
        survives(stage, archive, spoiled(archive.read_bytes()))
