"""`--product DIR`: another product is another folder, and a mistake in it has a place."""

import os
import re
import shutil
from pathlib import Path

import bundles
import pytest
from clients import Program, Venv, copy_product, edit, must

LINUX = f"platforms/{bundles.LINUX_X64}.toml"
WINDOWS = f"platforms/{bundles.WINDOWS_X64}.toml"

# What is wrong, in which file, the field that is named, its good value and the bad one.
STAGE = "stage.toml"
LONG = "c" * 64
MISTAKES = {
    "wrong type": (STAGE, "bundle.layout-version", "1", '"1"'),
    "negative limit": (STAGE, "bundle.limits.entries", "100_000", "-1"),
    "path for a name": (STAGE, "bundle.metadata", '"codex-package.json"', '"../x"'),
    "device for a name": (STAGE, "bundle.metadata", '"codex-package.json"', '"aux.json"'),
    # Texts
    "name of two words": (STAGE, "product.name", '"codex"', '"acme tool"'),
    "name ends in a dash": (STAGE, "product.name", '"codex"', '"acme-"'),
    "title of two lines": (STAGE, "product.title", '"Codex CLI"', r'"Codex\nCLI"'),
    "title ends a docstring": (STAGE, "product.title", '"Codex CLI"', "'Co\"\"\"dex'"),
    "title with an escape": (STAGE, "product.title", '"Codex CLI"', r"'Codex \N'"),
    "empty title": (STAGE, "product.title", '"Codex CLI"', '""'),
    "author with a field": (STAGE, "product.authors[0]", '["OpenAI"]', r'["A\nLicense: B"]'),
    "empty summary": (STAGE, "wheel.summary", '"The Codex CLI runtime, for', '"" #'),
    "summary of two lines": (STAGE, "crate.summary", '"The Codex', r'"The\rCodex'),
    "summary with a line separator": (STAGE, "npm.summary", '"The Codex', r'"The\u2028Codex'),
    "keyword of two": (STAGE, "wheel.keywords[0]", '["codex",', '["codex,cli",'),
    "classifier of two lines": (STAGE, "wheel.classifiers[0]", "[", r'["A :: B\nName: x",'),
    "description with NUL": (STAGE, "wheel.description", '"""', r'"""\u0000'),
    "homepage is no URL": (STAGE, "product.homepage", '"https:', '"javascript:'),
    "repository with a space": (STAGE, "product.repository", '"https://', '"https://a b'),
    "issues of two lines": (STAGE, "product.issues", '"https://', r'"https://a\n'),
    # Names and expressions that others have rules for
    "unknown license": (STAGE, "product.license", '"Apache-2.0"', '"Apache 2"'),
    "no prefix": (STAGE, "product.tag-prefixes", '["rust-v", "v"]', "[]"),
    "prefix with a space": (STAGE, "product.tag-prefixes[0]", '["rust-v"', '["rust v"'),
    "prefix ends in a digit": (STAGE, "product.tag-prefixes[1]", '"v"]', '"v1"]'),
    "download without the asset": (STAGE, "release.download-url", "{asset}", "asset"),
    "download by another protocol": (STAGE, "release.download-url", '"https:', '"ftp:'),
    "API without the tag": (STAGE, "release.api-url", "/tags/{tag}", "/latest"),
    "API with a password": (STAGE, "release.api-url", '"https://', '"https://me:secret@'),
    "checksums in a folder": (STAGE, "release.checksums", '"codex-', '"../codex-'),
    "asset without the target": (STAGE, "release.assets[0]", "{target}", "x86_64"),
    "asset of a colour": (STAGE, "release.assets[1]", ', "codex-', ', "{colour}-'),
    "no asset": (STAGE, "release.assets", '["codex-package-{target}.tar.gz"', '[] #'),
    "asset of another name": (WINDOWS, "release.assets[1]", "{target}.exe", "{TARGET}.exe"),
    "environment variable": (STAGE, "product.path-env", '"CODEX_', '"CODEX-'),
    "cache variable": (STAGE, "crate.cache-dir-env", '"CODEX_', '"1CODEX_'),
    "one variable for two": (
        STAGE, "crate.cache-dir-env", '"CODEX_CLI_BIN_CACHE_DIR"', '"CODEX_CLI_BIN_PATH"',
    ),
    "distribution": (STAGE, "wheel.distribution", '"openai', '"-openai'),
    "import package": (STAGE, "wheel.import-package", '"codex_cli_bin"', '"codex-cli"'),
    "import package is a keyword": (STAGE, "wheel.import-package", '"codex_cli_bin"', '"async"'),
    "import package beyond ASCII": (STAGE, "wheel.import-package", '"codex_cli_bin"', '"größe"'),
    "Python version": (STAGE, "wheel.requires-python", '">=3.10"', '"3.10+"'),
    "no Python version": (STAGE, "wheel.requires-python", '">=3.10"', '""'),
    "crate begins with a digit": (STAGE, "crate.name", '"codex-cli-bin"', '"7codex"'),
    "crate is a keyword": (STAGE, "crate.name", '"codex-cli-bin"', '"crate"'),
    "crate with a dot": (STAGE, "crate.name", '"codex-cli-bin"', '"codex.cli"'),
    "platform crate's name too long": (STAGE, "crate.name", '"codex-cli-bin"', f'"{LONG[:32]}"'),
    "npm package without its scope": (STAGE, "npm.package", '"@openai/codex"', '"@openai"'),
    "npm package in capitals": (STAGE, "npm.package", '"@openai/codex"', '"@openai/Codex"'),
    "npm package too long": (STAGE, "npm.package", '"@openai/codex"', f'"{LONG * 4}"'),
    "Node.js version": (STAGE, "npm.node", '">=16"', '"sixteen"'),
    "command is a path": (STAGE, "npm.bin", '"codex"', '"../codex"'),
    "command that starts the command": (STAGE, "npm.bin", '"codex"', '"node"'),
    "command that does on Windows": (STAGE, "npm.bin", '"codex"', '"Node.exe"'),
    "command of a package manager": (STAGE, "npm.bin", '"codex"', '"npx"'),
    # The tree
    "entrypoint outside": (STAGE, "bundle.entrypoint", '"bin/codex"', '"../codex"'),
    "entrypoint with a backslash": (STAGE, "bundle.entrypoint", '"bin/codex"', r"'bin\codex'"),
    "absolute directory": (STAGE, "bundle.resources-dir", '"codex-r', '"/codex-r'),
    "directory with two slashes": (STAGE, "bundle.path-dir", '"codex-path"', '"a//b"'),
    "variant of two lines": (STAGE, "bundle.variant", '"codex"', r'"co\ndex"'),
    "move out of the tree": (STAGE, "bundle.legacy[0].moves.codex", '"bin"', '"../bin"'),
    # Licence files
    "license is a README": (STAGE, "product.license-files[1]", '"NOTICE"', '"readme.md"'),
    "license is a manifest": (STAGE, "product.license-files[1]", '"NOTICE"', '"package.json"'),
    "license in a directory": (STAGE, "product.license-files[1]", '"NOTICE"', '"legal/NOTICE"'),
    "license that is not there": (STAGE, "product.license-files", '"NOTICE"', '"COPYING"'),
    "license twice": (STAGE, "product.license-files", '"NOTICE"', '"LICENSE"'),
    # Platforms
    "target is not the file's name": (LINUX, "target", f'"{bundles.LINUX_X64}"', '"arm-hurd"'),
    "target is a path": (LINUX, "target", f'"{bundles.LINUX_X64}"', '"../x"'),
    "unknown format": (LINUX, "executable.format", '"elf"', '"a.out"'),
    "suffix without a dot": (WINDOWS, "executable.suffix", '".exe"', '"exe"'),
    "suffix is a path": (WINDOWS, "executable.suffix", '".exe"', '"/.exe"'),
    "malformed tag": (WINDOWS, "wheel.tags", '"win_amd64"', '"win-amd64"'),
    "no tag": (WINDOWS, "wheel.tags", '["win_amd64"]', "[]"),
    "tags of two machines": (WINDOWS, "wheel.tags", '"win_amd64"', '"win_amd64", "win_arm64"'),
    "tag of another platform": (WINDOWS, "wheel.tags", '"win_amd64"', '"win_arm64"'),
    "npm name twice": (LINUX, "npm.name", '"linux-x64"', '"darwin-x64"'),
    "npm name with a slash": (LINUX, "npm.name", '"linux-x64"', '"linux/x64"'),
    "os in capitals": (LINUX, "npm.os", '"linux"', '"Linux"'),
    "cpu with a dash": (LINUX, "npm.cpu", '"x64"', '"x86-64"'),
    "other os with a space": (LINUX, "npm.also-os[0]", '"android"', '"and roid"'),
    "os and cpu of another platform": (WINDOWS, "npm.cpu", '"x64"', '"arm64"'),
    "cfg does not parse": (LINUX, "crate.cfg", "'all(", "'all((("),
    "cfg with its cfg()": (LINUX, "crate.cfg", "'all(", "'cfg(all("),
    "no parts": (LINUX, "crate.parts", "24", "0"),
    "runner of two lines": (LINUX, "ci.runner", '"ubuntu', r'"a\nubuntu'),
}  # fmt: skip


def set_bad(product, file, field, good, bad):
    """Puts the bad value in the place of the good one, and says on which line that is."""
    *tables, key = re.sub(r"\[\d+\]", "", field).split(".")
    text = (product / file).read_text(encoding="utf-8")
    # A table inline stands on the line of its own key.
    start = text.find("[" + ".".join(tables) + "]") if tables else 0
    if start < 0:
        start, key = text.index("[[" + ".".join(tables[:-1]) + "]]"), tables[-1]
    line = re.compile(f"^{key} = .*$", re.MULTILINE).search(text, start)[0]
    assert good in line
    return edit(product, file, line, line.replace(good, bad, 1), start)


@pytest.fixture
def product(tmp_path):
    return copy_product(tmp_path)


def stage_with(product, staging, runtime):
    return ["stage-runtime", staging, runtime, "--codex-version", bundles.TAG, "--product", product]


@pytest.mark.parametrize(("file", "field", "good", "bad"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_has_file_line_and_field(
    stage, product, staging, small_runtime, file, field, good, bad
):
    line = set_bad(product, file, field, good, bad)
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / file}:{line}: `{field}" in error
    assert not staging.exists()


# What is wrong with a variable that the launcher sets: the good text, and the bad one.
VARIABLE = '{ name = "CODEX_MANAGED_BY_NPM", value = "1", manager = "npm" }'
BAD_VARIABLES = {
    "PATH": ('"CODEX_MANAGED_BY_NPM"', '"PATH"', "[1].name`: ", "is reserved"),
    "path on Windows": ('"CODEX_MANAGED_BY_NPM"', '"Path"', "[1].name`: ", "is reserved"),
    "of Node.js": ('"CODEX_MANAGED_BY_NPM"', '"NODE_OPTIONS"', "[1].name`: ", "is reserved"),
    "of the loader": ('"CODEX_MANAGED_BY_NPM"', '"LD_PRELOAD"', "[1].name`: ", "is reserved"),
    "of npm": ('"CODEX_MANAGED_BY_NPM"', '"npm_config_x"', "[1].name`: ", "is reserved"),
    "no name": ('"CODEX_MANAGED_BY_NPM"', '"A-B"', "[1].name`: ", "cannot name"),
    "unknown manager": ('"npm"', '"yarn"', "[1].manager`: ", "unknown variant `yarn`"),
    "unknown field": ('"npm"', '"npm", colour = 1', "[1].colour`: ", "unknown field"),
    "unknown placeholder": ('"1"', '"{root}"', "[1].value`: ", "{package-root}"),
    "twice": ('"CODEX_MANAGED_BY_NPM"', '"CODEX_MANAGED_PACKAGE_ROOT"', "`: ", "is set twice"),
    "the runtime's own": ('"CODEX_MANAGED_BY_NPM"', '"CODEX_CLI_BIN_PATH"', "`: ", "path-env"),
}  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "where", "why"), BAD_VARIABLES.values(), ids=BAD_VARIABLES)
def test_variables_of_the_launcher(stage, product, staging, small_runtime, good, bad, where, why):
    edit(product, STAGE, VARIABLE, VARIABLE.replace(good, bad))
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"`npm.environment{where}" in error
    assert why in error
    assert not staging.exists()


def test_two_platforms_for_one_system(stage, product, staging, small_runtime):
    edit(product, WINDOWS, "[crate]", 'also-os = ["android"]\n\n[crate]')
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert "already has `android` and `x64`" in error


def test_unknown_field(stage, product, staging, small_runtime):
    line = edit(product, "stage.toml", 'title = "Codex CLI"', 'heading = "Codex"')
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / 'stage.toml'}:{line}: `product.heading`: unknown field" in error


def test_license_that_is_not_utf_8(stage, product, staging, small_runtime):
    (product / "NOTICE").write_bytes(b"Acme\n\xa9 Acme")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    notice = product / "NOTICE"
    assert f"{notice}:2: is not UTF-8: it has the byte 0xa9; save it as UTF-8\n" in error
    assert f"help: correct line 2 of {notice}\n" in error
    assert not staging.exists()


@pytest.mark.parametrize("name", ["stage.toml", LINUX])
def test_toml_that_is_not_utf_8(stage, product, staging, small_runtime, name):
    path = product / name
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{path}:" in error
    assert "is not UTF-8: it has the byte 0xe9; save it as UTF-8\n" in error


@pytest.mark.parametrize("name", ["stage.toml", "LICENSE", LINUX])
def test_a_link_out_of_the_folder(stage, product, staging, small_runtime, name, tmp_path):
    path = product / name
    outside = tmp_path / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert (
        "is a link to a file outside of the product's folder; put the file itself there\n" in error
    )
    assert path.name in error


def test_a_link_in_the_folder_is_followed(stage, product):
    (product / "LICENSE").rename(product / "text")
    (product / "LICENSE").symlink_to("text")
    stage("matrix", "--release-tag", "1.0.0", "--product", product, check=True)


@pytest.mark.parametrize(("name", "most"), [("stage.toml", 1 << 20), ("LICENSE", 16 << 20)])
def test_a_file_that_is_too_large(stage, product, staging, small_runtime, name, most):
    with (product / name).open("ab") as file:
        file.write(b"#" * (most + 1))
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{name} has more than {most} bytes, the limit\n" in error


@pytest.mark.parametrize("name", ["stage.toml", "LICENSE"])
def test_a_fifo_is_not_waited_for(stage, product, staging, small_runtime, name):
    (product / name).unlink()
    os.mkfifo(product / name)
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{name} is not a regular file\n" in error


def test_a_mistake_in_a_table_hides_no_other_one(stage, tmp_path):
    folder = tmp_path / "product"
    folder.mkdir()
    (folder / "stage.toml").write_text("""[product]
name = "tool"
license = "MIT"
repository = "https://example.org/tool"
targets = ["x86_64-unknown-linux-musl", "sparc-unknown-hurd"]
commands = ["pip"]

[release]
download-url = "https://example.org/{tag}/{asset}"
api-url = "https://example.org/api/{tag}"
assets = ["tool-{colour}.tar.gz"]
""")
    error = stage.refuses("matrix", "--release-tag", "1.0.0", "--product", folder)
    for text in ["`release.assets[0]`", "`product.commands`", "sparc-unknown-hurd"]:
        assert text in error
    assert "missing field" not in error
    text = (folder / "stage.toml").read_text()
    (folder / "stage.toml").write_text(text.replace('assets = ["tool-{colour}.tar.gz"]\n', ""))
    error = stage.refuses("matrix", "--release-tag", "1.0.0", "--product", folder)
    for text in ["`release`: missing field `assets`", "`product.commands`", "sparc-unknown-hurd"]:
        assert text in error


@pytest.mark.parametrize(
    ("field", "good"),
    [
        ("bundle.layout-version", "1"),
        ("bundle.limits.entries", "100_000"),
        ("bundle.limits.unpacked-bytes", "8_589_934_592"),
        ("wheel.limits.hard-bytes", "1_073_741_824"),
    ],
)
def test_a_number_that_json_does_not_have(stage, product, staging, small_runtime, field, good):
    line = set_bad(product, STAGE, field, good, str(2**53))
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert (
        f"{product / STAGE}:{line}: `{field}`: 9007199254740992 is more than 9007199254740991, the most "
        "that JSON has exactly\n"
    ) in error


def test_missing_field_names_its_table(stage, product, staging, small_runtime):
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "")
    legacy = edit(product, "stage.toml", 'before = "0.136.0"', "")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / 'stage.toml'}:{legacy - 2}: `bundle.legacy[0]`: missing field" in error


def test_syntax_error(stage, product, staging, small_runtime):
    line = edit(product, "stage.toml", 'title = "Codex CLI"', "title = ")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert f"{product / 'stage.toml'}:{line}" in error


@pytest.mark.parametrize("missing", ["stage.toml", "platforms", "LICENSE"])
def test_missing_file_is_named(stage, product, staging, small_runtime, missing):
    path = product / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert str(path) in stage.refuses(*stage_with(product, staging, small_runtime))
    assert not staging.exists()


def test_folder_that_is_not_there(stage, tmp_path, staging, small_runtime):
    product = tmp_path / "nowhere"
    assert str(product) in stage.refuses(*stage_with(product, staging, small_runtime))


def test_the_built_in_product_is_this_folder(stage, product, tmp_path, small_runtime):
    stage.runtime(tmp_path / "built-in", small_runtime)
    stage.runtime(tmp_path / "folder", small_runtime, "--product", product)
    assert bundles.snapshot(tmp_path / "built-in") == bundles.snapshot(tmp_path / "folder")


# Every name of the default product, as its files have it, and another product's.
ACME = {
    "codex_cli_bin": "acme_tool_bin",
    "codex-cli-bin": "acme-tool-bin",
    "CODEX_CLI_BIN": "ACME_TOOL",
    "Codex CLI": "Acme Tool",
    "Codex": "Acme",
    "codex": "acme",
    "OpenAI": "Acme Inc.",
    "openai": "acme-inc",
}


@pytest.fixture
def acme(product):
    """Another product, with another name for everything."""
    text = (product / "stage.toml").read_text(encoding="utf-8")
    for old, new in ACME.items():
        text = text.replace(old, new)
    text = text.replace('"Apache-2.0"', '"MIT"')
    (product / "stage.toml").write_text(text, encoding="utf-8")
    return product


def test_another_product_has_its_own_names(stage, acme, tmp_path, staging, small_runtime):
    # A bare program becomes the entrypoint that the product names.
    stage(*stage_with(acme, staging, small_runtime / "bin/codex"), check=True)
    stage("verify", staging, "--product", acme, check=True)

    (wheel, *_) = sorted((staging / "wheels").iterdir())
    assert wheel.name.startswith("acme_inc_acme_tool_bin-0.163.0-py3-none-")
    assert "acme_tool_bin/acme-package.json" in bundles.read_zip(wheel)
    venv = Venv(tmp_path / "venv")
    venv.install("pip", "--no-index", wheel)
    code = "from acme_tool_bin import bundled_acme_path; print(bundled_acme_path())"
    entrypoint = Path(must(venv.python, "-c", code).stdout.strip())
    assert entrypoint.match("acme_tool_bin/bin/acme")
    assert must(venv.python, "-m", "acme_tool_bin", "where").stdout.strip() == str(entrypoint)

    crates = staging / "crates"
    assert all(crate.name.startswith("acme-tool-bin") for crate in crates.iterdir())
    facade = crates / "acme-tool-bin"
    assert [file.name for file in (facade / "examples").iterdir()] == ["acme-tool-bin.rs"]
    readme = (facade / "README.md").read_text(encoding="utf-8")
    assert "acme_tool_bin::locate()" in readme
    assert "ACME_TOOL_PATH" in readme and "ACME_TOOL_CACHE_DIR" in readme
    assert "The Acme Tool runtime" in readme and "Licensed under MIT" in readme
    for path, file in bundles.read(facade).items():
        if path not in ("LICENSE", "NOTICE"):
            assert b"codex" not in file.data.lower(), path
    program = Program.install(crates, tmp_path / "installed", facade=facade.name)
    cache = tmp_path / "acme cache"
    assert program.where(ACME_TOOL_CACHE_DIR=cache).is_relative_to(cache)


def test_limits_are_the_products(stage, product, staging, small_runtime):
    edit(product, "stage.toml", "unpacked-bytes = 8_589_934_592", "unpacked-bytes = 1000")
    error = stage.refuses(*stage_with(product, staging, small_runtime))
    assert "1000" in error and "bundle.limits.unpacked-bytes" in error
    assert not staging.exists()
