"""The crates of other products: their names, and the commands that `cargo install` installs."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import bundles
import pytest
from bundles import HOST, OTHER, VERSION, File
from clients import ROOT, cargo, cargo_package, must, run, tomllib, try_cargo

import products

# Names and texts as products have them, and some that are hard: for Markdown, for Rust, for Cargo.
PRODUCTS = {
    "two commands": {
        "crate": "z-7_tool",
        "commands": ["7-z", "z_x"],
        "title": "It's [7z] <fast> `z`",
        "summary": "Packs & unpacks [archives] <of many kinds>: *all* of https://z.example.",
    },
    "crate named like its command": {
        "crate": "t",
        "commands": ["t"],
        "title": "T",
        "summary": "# 1 of the tools",
    },
    "capitals": {
        "crate": "Run--Time",
        "commands": ["Runtime", "run", "std"],
        "title": "Runtime",
        "summary": "The runtime",
    },
}

STAGE_TOML = """
[product]
name = "seven"
title = {title}
authors = ["Ada"]
commands = {commands}
license = "MIT"
license-files = ["COPYING"]
homepage = "https://z.example"
repository = "https://z.example/source"
issues = "https://z.example/issues"
tag-prefixes = ["v", "rust-v"]
path-env = "SEVEN_PATH"

[bundle]
metadata = "about.json"
layout-version = 1
variant = "seven"
entrypoint = "{entrypoint}"
resources-dir = "share"
path-dir = "path"

[bundle.limits]
entries = 1000
unpacked-bytes = 100_000_000

[wheel]
distribution = "seven"
import-package = "seven"
summary = "A tool"
requires-python = ">=3.8"
keywords = []
classifiers = []
description = "A tool."

[wheel.limits]

[crate]
name = "{crate}"
summary = {summary}
cache-dir-env = "SEVEN_CACHE"
{extra}

[crate.limits]

[npm]
package = "seven"
bin = "seven"
summary = "A tool"
node = ">=16"
description = "A tool."

[npm.limits]
"""

MIT = "Permission is hereby granted.\n"


class Product:
    """A product of two platforms, staged."""

    def __init__(self, stage, work: Path, options: dict, *, targets=(HOST, OTHER), extra=""):
        self.crate, self.commands = options["crate"], options["commands"]
        self.identifier = self.crate.replace("-", "_")
        self.folder = work / "product"
        shutil.copytree(ROOT / "platforms", self.folder / "platforms")
        texts = {key: json.dumps(options[key]) for key in ["title", "summary", "commands"]}
        entrypoint = f"bin/{self.commands[0]}"
        toml = STAGE_TOML.format(entrypoint=entrypoint, crate=self.crate, extra=extra, **texts)
        (self.folder / "stage.toml").write_text(toml, encoding="utf-8")
        (self.folder / "COPYING").write_text(MIT, encoding="utf-8")
        self.staging = work / "staging"
        for target in targets:
            runtime = bundles.write(self.tree(target), work / target)
            stage.runtime(self.staging, runtime, "--product", self.folder)
        self.crates = self.staging / "crates"
        self.facade = self.crates / self.crate

    def tree(self, target: str = HOST, version: str = VERSION) -> bundles.Tree:
        exe = bundles.suffix(target)
        entrypoint = f"bin/{self.commands[0]}{exe}"
        metadata = {
            "layoutVersion": 1,
            "version": version,
            "target": target,
            "variant": "seven",
            "entrypoint": entrypoint,
            "pathDir": "path",
        }
        tree = {
            "about.json": File(json.dumps(metadata).encode()),
            f"path/helper{exe}": File(bundles.executable(target, "helper"), 0o755),
        }
        for command in self.commands:
            says = f"{command} {version}"
            tree[f"bin/{command}{exe}"] = File(bundles.executable(target, says), 0o755)
        return tree

    def cargo(self, command: str, *args: object, **kwargs) -> subprocess.CompletedProcess:
        return cargo(command, "--manifest-path", self.facade / "Cargo.toml", *args, **kwargs)

    def install(self, root: Path, *options: object) -> "Installed":
        cargo("install", "--quiet", "--debug", "--path", self.facade, "--root", root, *options)
        return Installed(root)


class Installed:
    """The commands that `cargo install` installed, with an empty cache."""

    def __init__(self, root: Path):
        self.bin, self.cache = root / "bin", root / "cache"

    def names(self) -> set[str]:
        return {file.name for file in self.bin.iterdir()}

    def env(self, **env: object) -> dict[str, str]:
        return os.environ | {"SEVEN_CACHE": str(self.cache)} | {k: str(v) for k, v in env.items()}

    def __call__(self, command: str, *args: str, **env: object) -> subprocess.CompletedProcess:
        return run(self.bin / command, *args, env=self.env(**env), timeout=60)


@pytest.fixture(scope="module", params=PRODUCTS)
def product(request, stage, tmp_path_factory) -> Product:
    return Product(stage, tmp_path_factory.mktemp("product"), PRODUCTS[request.param])


@pytest.fixture(scope="module")
def two(stage, tmp_path_factory) -> Product:
    return Product(stage, tmp_path_factory.mktemp("two"), PRODUCTS["two commands"])


@pytest.fixture(scope="module")
def everything(two, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("root")
    before = bundles.snapshot(two.staging)
    two.install(root)
    assert bundles.snapshot(two.staging) == before, "a build leaves nothing in the crates"
    return root


@pytest.fixture
def installed(everything, tmp_path) -> Installed:
    program = Installed(everything)
    program.cache = tmp_path / "cache"
    return program


# Names


def test_no_package_names_another_product(product):
    packages = bundles.read(product.staging)
    for path in list(packages):
        if path.endswith(".whl"):
            packages |= bundles.read_zip(product.staging / path)
        elif path.endswith(".tgz"):
            packages |= bundles.read_tar(product.staging / path)
    foreign = re.compile(rb"codex|openai|\b43 files|430 MB", re.IGNORECASE)
    for path, file in packages.items():
        assert not foreign.search(file.data), path
        assert not foreign.search(path.encode()), path


def test_the_facade_has_the_names_of_the_product(product):
    readme = (product.facade / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {product.crate}\n")
    assert f"{product.identifier}::locate()" in readme
    assert "SEVEN_PATH" in readme and "SEVEN_CACHE" in readme and "Licensed under MIT." in readme
    library = (product.facade / "src/lib.rs").read_text(encoding="utf-8")
    assert f"{product.identifier}::prune(month)" in library
    assert f"~/.cache/{product.crate}`" in library
    for text in [readme, library]:
        assert ".." not in text.splitlines()[2], "one full stop"


def test_documentation_and_its_examples_are_right(product):
    """As docs.rs and those read it who depend on the crate by its path: without a warning."""
    strict = os.environ | {"RUSTDOCFLAGS": "--deny warnings"}
    product.cargo("doc", "--no-deps", "--quiet", env=strict)
    tests = product.cargo("test", "--doc", env=strict)
    assert re.search(r"test result: ok\. [1-9]", tests.stdout)
    clippy = product.cargo("clippy", "--all-targets")
    for result in [tests, clippy]:
        assert "warning" not in result.stderr
    for lock in product.crates.rglob("Cargo.lock"):
        lock.unlink()


def test_its_own_tests_pass(two):
    # Windows' rules ask nothing of a product.
    result = two.cargo("test", "--lib", "--quiet", "--", "--skip=windows_rules")
    assert re.search(r"test result: ok\. [1-9]\d", result.stdout)
    (two.facade / "Cargo.lock").unlink()


def test_packages_that_cargo_accepts(product):
    with_bins = {f"src/bin/{command}.rs" for command in product.commands}
    for crate in sorted(product.crates.iterdir()):
        packaged = bundles.read_tar(cargo_package(crate), f"{crate.name}-{VERSION}/")
        assert {"Cargo.toml", "README.md", "COPYING", "src/lib.rs"} <= packaged.keys()
        if crate == product.facade:
            assert {path for path in packaged if path.startswith("src/bin/")} == with_bins


# Commands


def test_cargo_install_installs_the_commands(product, tmp_path):
    installed = product.install(tmp_path)
    assert installed.names() == set(product.commands)
    for command in product.commands:
        assert installed(command, "--version").stdout == f"{command} {VERSION}\n"


def test_what_ran_is_what_was_put_in(installed, two):
    for command in two.commands:
        where = Path(installed(command, "where").stdout.removesuffix("\n"))
        assert where.is_relative_to(installed.cache)
        expected = two.tree()[f"bin/{command}"].sha256
        assert hashlib.sha256(where.read_bytes()).hexdigest() == expected


def test_arguments_and_exit_status_are_the_commands(installed, two):
    arguments = ["two words", "", "--option", "*", "ünïcode"]
    for command in two.commands:
        assert installed(command, *arguments).stdout.splitlines() == arguments
        assert installed(command, "exit", "7").returncode == 7


def test_the_process_becomes_the_command(installed, two):
    """A signal to the process that was started ends the runtime: there is no other process."""
    command = [installed.bin / two.commands[1], "sleep"]
    process = subprocess.Popen(command, env=installed.env(), stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "sleeping\n"
    program = str(Path(f"/proc/{process.pid}/exe").readlink())
    assert program.startswith(str(installed.cache)) and program.endswith(two.commands[1])
    environment = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    (path,) = [entry for entry in environment if entry.startswith(b"PATH=")]
    assert path.startswith(f"PATH={Path(program).parent.parent}/path:".encode())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM


def test_a_runtime_of_the_users_own(installed, two, tmp_path):
    own = bundles.write(two.tree(version="9.9.9"), tmp_path / "own")
    first, second = two.commands
    for path in [own, own / "bin" / first]:
        for command in two.commands:
            result = installed(command, "--version", SEVEN_PATH=path)
            assert result.stdout == f"{command} 9.9.9\n"
    assert not installed.cache.exists(), "nothing is unpacked for nothing"
    (own / "bin" / second).unlink()
    result = installed(second, SEVEN_PATH=own)
    error, advice = result.stderr.splitlines()
    assert result.returncode == 1
    assert error.startswith("error: SEVEN_PATH is ") and f'no command "{second}"' in error
    assert advice.startswith("help: point SEVEN_PATH at ")


def test_a_variable_that_names_the_command_itself(installed, two, tmp_path):
    """It would start itself for ever."""
    first, _ = two.commands
    link = tmp_path / "link"
    link.symlink_to(installed.bin / first)
    script = bundles.save(
        tmp_path / "script", f'#!/bin/sh\nexec "{installed.bin / first}"\n'.encode(), 0o755
    )
    for path in [installed.bin / first, link, script]:
        result = installed(first, SEVEN_PATH=path)
        assert result.returncode == 1
        assert f"SEVEN_PATH is {path}: it is this program itself" in result.stderr
    # A program of the user's own may call the command, if it is not for ever.
    call = f'[ "$1" = inner ] && exec echo inside\n"{installed.bin / first}" inner\n'
    wrapper = bundles.save(tmp_path / "wrapper", f"#!/bin/sh\n{call}".encode(), 0o755)
    assert installed(first, SEVEN_PATH=wrapper).stdout == "inside\n"


def test_what_cannot_be_run_says_why(installed, two, tmp_path):
    first, _ = two.commands
    own = bundles.save(tmp_path / "own", b"#!/nowhere/interpreter\n", 0o755)
    result = installed(first, SEVEN_PATH=own)
    error, advice = result.stderr.splitlines()
    assert result.returncode == 1
    assert error.startswith(f"error: cannot run {own}: the loader that it names is missing")
    assert advice.startswith("help: set SEVEN_PATH to ")


def test_target_that_was_not_staged_is_an_error_at_run_time(stage, tmp_path):
    product = Product(stage, tmp_path, PRODUCTS["two commands"], targets=[OTHER])
    installed = product.install(tmp_path / "root")
    for command in product.commands:
        result = installed(command, "--version")
        error, advice = result.stderr.splitlines()
        assert result.returncode == 1
        assert error.startswith("error: this build of z-7_tool is for ") and OTHER in error
        assert advice.startswith("help: ") and "SEVEN_PATH" in advice
    own = bundles.write(product.tree(), tmp_path / "own")
    for command in product.commands:
        result = installed(command, "--version", SEVEN_PATH=own)
        assert result.stdout == f"{command} {VERSION}\n"


def test_a_program_finds_the_commands(two, tmp_path):
    bundles.save(
        tmp_path / "Cargo.toml",
        f'[package]\nname = "app"\nversion = "1.0.0"\nedition = "2024"\n'
        f'[dependencies]\n{two.crate} = {{ path = "{two.facade}" }}\n[workspace]\n'.encode(),
    )
    bundles.save(
        tmp_path / "src/main.rs",
        f"""fn main() {{
            let runtime = {two.identifier}::locate().unwrap();
            for name in runtime.commands() {{
                let mut command = runtime.command_named(name).unwrap();
                assert_eq!(command.get_program(), runtime.executable(name).unwrap());
                assert!(command.arg("--version").status().unwrap().success());
            }}
            println!("{{}}", runtime.executable("none").unwrap_err());
        }}""".encode(),
    )
    environment = os.environ | {"SEVEN_CACHE": str(tmp_path / "cache")}
    manifest = ["--manifest-path", tmp_path / "Cargo.toml"]
    result = cargo("run", "--quiet", *manifest, env=environment).stdout.splitlines()
    first, second = two.commands
    none = f'the runtime for {HOST} has no command "none", only {first}, {second}'
    assert result == [f"{first} {VERSION}", f"{second} {VERSION}", none]


def test_a_product_may_install_none(stage, tmp_path):
    options = PRODUCTS["crate named like its command"]
    product = Product(stage, tmp_path, options, targets=[HOST], extra="commands = false")
    assert not (product.facade / "src/bin").exists()
    assert "bin" not in tomllib.loads((product.facade / "Cargo.toml").read_text(encoding="utf-8"))
    readme = (product.facade / "README.md").read_text(encoding="utf-8")
    assert "cargo install" not in readme
    result = try_cargo("install", "--path", product.facade, "--root", tmp_path / "root")
    assert result.returncode != 0 and "nothing to install" in result.stderr


def test_the_example_takes_no_commands_name(stage, tmp_path):
    product = Product(stage, tmp_path, PRODUCTS["crate named like its command"], targets=[HOST])
    assert [file.name for file in (product.facade / "examples").iterdir()] == ["t-runtime.rs"]
    root = ["--root", tmp_path / "root"]
    cargo("install", "--quiet", "--debug", "--path", product.facade, "--example=t-runtime", *root)
    program = tmp_path / "root/bin/t-runtime"
    environment = os.environ | {"SEVEN_CACHE": str(tmp_path / "cache")}
    assert must(program, "run", "--", "--version", env=environment).stdout == f"t {VERSION}\n"
    assert "t-runtime path " in (product.facade / "README.md").read_text(encoding="utf-8")


def test_a_product_of_one_executable(stage, tmp_path):
    """Its stage.toml has what is required, and its runtime is the program."""
    product = tmp_path / "product"
    text = f'''[product]
        name = "a"
        license = "MIT"
        repository = "https://a.example"
        targets = ["{HOST}"]
        commands = ["a"]'''
    bundles.save(product / "stage.toml", text.encode())
    bundles.save(product / "LICENSE", MIT.encode())
    runtime = bundles.save(tmp_path / "a", bundles.program("a 1"), 0o755)
    options = ["--codex-version", VERSION, "--product", product, "--format", "crate"]
    stage("stage-runtime", tmp_path / "staging", runtime, *options, check=True)
    facade = tmp_path / "staging/crates/a"
    for path, file in bundles.read(facade).items():
        assert b"codex" not in file.data.lower(), path
    cargo("install", "--quiet", "--debug", "--path", facade, "--root", tmp_path / "root")
    environment = os.environ | {"A_BINARY_CACHE_DIR": str(tmp_path / "cache")}
    where = Path(must(tmp_path / "root/bin/a", "where", env=environment).stdout.strip())
    assert where.is_relative_to(tmp_path / "cache")
    assert where.read_bytes() == runtime.read_bytes()
    # A package directory of the user's own is one that `stage` described.
    package = next(d for d in where.parents if (d / "a-package.json").exists())
    environment |= {"A_BINARY_PATH": str(package)}
    assert must(tmp_path / "root/bin/a", "where", env=environment).stdout.strip() == str(where)


def test_the_built_in_product_installs_none(stage, small_runtime, staging):
    stage.runtime(staging, small_runtime, "--format", "crate")
    (facade,) = [crate for crate in (staging / "crates").iterdir() if HOST not in crate.name]
    assert not (facade / "src/bin").exists()
    manifest = tomllib.loads((facade / "Cargo.toml").read_text(encoding="utf-8"))
    assert "bin" not in manifest and "autobins" not in manifest["package"]


def test_keywords_are_those_that_the_registry_takes(stage, tmp_path):
    keywords = ["linter", "code formatter", "größe", "a-very-long-keyword-of-21"]
    keywords += ["c++", "Linter", "_x", "x_y", "7z", "fast", "sixth"]
    product = products.folder(tmp_path)
    text = (product / "stage.toml").read_text()
    text = text.replace('keywords = ["acme", "tool"]', f"keywords = {json.dumps(keywords)}")
    (product / "stage.toml").write_text(text, encoding="utf-8")
    runtime = bundles.write(products.programs(), tmp_path / "runtime")
    stage.runtime(tmp_path / "staging", runtime, "--product", product, "--format", "crate")
    crates = tmp_path / "staging/crates"
    facade = tomllib.loads((crates / "acme/Cargo.toml").read_text())
    assert facade["package"]["keywords"] == ["linter", "c++", "x_y", "7z", "fast"]
    must("cargo", "metadata", "--no-deps", "--format-version=1", "--offline", cwd=crates / "acme")
    other = tomllib.loads((crates / f"acme-{HOST}/Cargo.toml").read_text())
    assert "keywords" not in other["package"]
