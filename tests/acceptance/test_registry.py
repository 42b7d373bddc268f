"""From `cargo publish` to a machine that has nothing: the crates of the real runtime."""

import hashlib
import json
import shutil
import time
from pathlib import Path

import bundles
import pytest
from bundles import HOST, Tree
from cargo_registry import NAME, CargoRegistry
from clients import FACADE, copy_product, edit, must, run, target_dir, tomllib

# A program as its author writes it.
MAIN = """
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = codex_cli_bin::locate()?;
    println!("{}", runtime.entrypoint().display());
    let status = runtime.command().arg("--version").status()?;
    std::process::exit(status.code().unwrap_or(1))
}
"""
ON_DISK = ["--no-default-features", "--features", "on-disk,libzstd"]


@pytest.fixture(scope="module")
def tree(fetch) -> Tree:
    """The published runtime of this machine."""
    return bundles.read_tar(fetch(HOST, "npm"), f"package/vendor/{HOST}/")


@pytest.fixture(scope="module")
def crates(stage, fetch, tmp_path_factory) -> Path:
    """The staged crates, as they are published: in the form that crates.io takes."""
    staging = tmp_path_factory.mktemp("crates") / "staging"
    stage.runtime(staging, fetch(HOST, "npm"), "--format", "crate")
    return staging / "crates"


def public_packages(crates: Path, work: Path) -> list[dict]:
    """The crates of crates.io that the facade takes, with any of its features."""
    copy = shutil.copytree(crates, work / "copy", ignore=shutil.ignore_patterns("payload.bin"))
    manifest = copy / FACADE / "Cargo.toml"
    metadata = must(
        "cargo", "metadata", "--format-version=1", "--all-features", cwd=manifest.parent
    )
    packages = json.loads(metadata.stdout)["packages"]
    return [package for package in packages if package["source"]]


def start(root: Path, **options: bool) -> CargoRegistry:
    return CargoRegistry(root, target_dir().parent / "registry-server", **options)


class App:
    """A new program that depends on the facade."""

    def __init__(self, registry: CargoRegistry, directory: Path, *options: str):
        directory.mkdir()
        self.registry, self.directory = registry, directory
        registry.cargo("init", "--quiet", "--name", "app", cwd=directory)
        registry.cargo("add", "--quiet", FACADE, *options, cwd=directory)
        (directory / "src/main.rs").write_text(MAIN)

    def build(self) -> Path:
        self.registry.cargo("build", "--quiet", "--release", cwd=self.directory)
        return self.directory / "target/release/app"

    def locked(self) -> dict[str, str]:
        """The digests of the crates of ours that it was built from."""
        lock = tomllib.loads((self.directory / "Cargo.lock").read_text())
        packages = [package for package in lock["package"] if package["name"].startswith(FACADE)]
        return {package["name"]: package["checksum"] for package in packages}


def run_alone(program: Path, home: Path, tree: Tree) -> None:
    """Runs a program with nothing of this machine but an empty home, and looks at what ran."""
    home.mkdir()
    result = run(program, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, cwd=home)
    assert result.returncode == 0, result.stderr
    entrypoint, version = result.stdout.splitlines()
    assert version == f"codex-cli {bundles.VERSION}"
    assert Path(entrypoint).is_relative_to(home)
    ran = hashlib.sha256(Path(entrypoint).read_bytes()).hexdigest()
    assert ran == tree[bundles.entrypoint()].sha256


def test_published_added_built_and_run_elsewhere(crates, tree, figure, tmp_path):
    with start(tmp_path) as registry:
        for package in public_packages(crates, tmp_path):
            registry.publish_public(package)
        begin = time.monotonic()
        registry.publish_all(crates, tmp_path / "publishing")
        names = {crate.name for crate in crates.iterdir()}
        figure(f"cargo publish of {len(names)} crates", f"{time.monotonic() - begin:.0f} s")

        app = App(registry, tmp_path / "app")
        begin = time.monotonic()
        program = app.build()
        figure("cargo build of a new program", f"{time.monotonic() - begin:.1f} s")
        figure("  its size", f"{program.stat().st_size:,} bytes")
        # Every crate of ours is the file that was published here, and there is no other.
        assert app.locked() == {name: registry.sha256(name, bundles.VERSION) for name in names}
        run_alone(program, tmp_path / "first", tree)

        small = App(registry, tmp_path / "small", *ON_DISK)
        begin = time.monotonic()
        refers = small.build()
        figure("the same with `on-disk`", f"{time.monotonic() - begin:.1f} s")
        figure("  its size", f"{refers.stat().st_size:,} bytes")
        run_alone(refers, tmp_path / "on disk", tree)

    # The second machine: a copy of the executable, and nothing of what made it.
    elsewhere = shutil.copy(program, tmp_path / "elsewhere")
    for gone in [registry.root, registry.home, app.directory, small.directory, tmp_path / "first"]:
        shutil.rmtree(gone)
    run_alone(elsewhere, tmp_path / "second", tree)


def test_registry_beside_crates_io(stage, runtime, tmp_path):
    """`registry` in stage.toml: our crates from there, those that they need from crates.io."""
    product = copy_product(tmp_path)
    edit(product, "stage.toml", '# registry = "NAME"', f'registry = "{NAME}"')
    options = ["--format", "crate", "--product", product, "--max-crate-size", "3300KiB"]
    stage.runtime(tmp_path / "staging", runtime, *options)
    crates = tmp_path / "staging" / "crates"
    with start(tmp_path, beside=True) as registry:
        registry.publish_all(crates, tmp_path / "publishing")
        app = App(registry, tmp_path / "app", "--registry", NAME)
        program = app.build()
        names = {crate.name for crate in crates.iterdir()}
        assert app.locked() == {name: registry.sha256(name, bundles.VERSION) for name in names}
    run_alone(program, tmp_path / "home", bundles.bundle())
