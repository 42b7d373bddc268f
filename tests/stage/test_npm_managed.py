"""What the npm launcher tells the program of its installation, behind each package manager."""

import json
from pathlib import Path

import bundles
import pytest
from node import ALIAS, ENVIRONMENT, NAME, Installation, platform_package, root_package

PREFIX = "CODEX_MANAGED"
ROOT_VARIABLE = "CODEX_MANAGED_PACKAGE_ROOT"
# The program: its environment.
TELL = """#!/usr/bin/env python3
import json, os, sys
json.dump(dict(os.environ), sys.stdout)
"""


def told(installation: Installation, **env: object) -> dict[str, str]:
    """The variables that the program gets."""
    result = installation(env=env)
    assert result.returncode == 0, result.stderr
    environment = json.loads(result.stdout)
    return {name: value for name, value in environment.items() if name.startswith(PREFIX)}


def expected(root: Path, manager: str) -> dict[str, str]:
    return {ROOT_VARIABLE: str(root.resolve()), f"CODEX_MANAGED_BY_{manager}": "1"}


def npm(project: Path) -> Installation:
    return Installation.of(TELL, project)


def npm_global(prefix: Path) -> Installation:
    """The platform package is inside the root package."""
    installation = Installation(prefix / "lib")
    bundles.write(root_package(), installation.root)
    bundles.write(platform_package(TELL), installation.root / "node_modules" / ALIAS)
    return installation


def pnpm(project: Path, store: Path | None = None) -> Installation:
    """Links into a store, which may be far away."""
    modules = project / "node_modules"
    store = store or modules / ".pnpm"
    root = store / f"{NAME.replace('/', '+')}@0/node_modules/{NAME}"
    bundles.write(root_package(), root)
    bundles.write(platform_package(TELL), root.parent / Path(ALIAS).name)
    (modules / NAME).parent.mkdir(parents=True)
    (modules / NAME).symlink_to(root)
    (modules / ".modules.yaml").write_text("layoutVersion: 5\n")
    (project / "package.json").write_text("{}")
    return Installation(project)


def bun_global(home: Path) -> Installation:
    return Installation.of(TELL, home / ".bun/install/global")


def vite_plus(home: Path, install_id: str = "abc", name: str = NAME) -> Installation:
    packages = home / "packages"
    own = f"{NAME}{install_id}" if install_id.startswith("#") else f"{NAME}/{install_id}"
    installation = npm_global(packages / own)
    record = {"name": name, "installId": install_id}
    bundles.save(packages / f"{NAME}.json", json.dumps(record).encode())
    return installation


def test_npm(tmp_path):
    for layout in [npm, npm_global]:
        installation = layout(tmp_path / layout.__name__)
        assert told(installation) == expected(installation.root, "NPM")


@pytest.mark.parametrize("agent", ["", "npm/11.0.0 node/v22", "yarn/1.22.22 npm/?", "pnpm/10"])
def test_what_is_not_told_apart_is_npm(tmp_path, agent):
    """As upstream has it: what calls the program has not installed it."""
    installation = npm(tmp_path / "project")
    assert told(installation, npm_config_user_agent=agent) == expected(installation.root, "NPM")


@pytest.mark.parametrize("where", ["project", "PNPM/global/5"])
@pytest.mark.parametrize("far", [False, True], ids=["store inside", "store outside"])
def test_pnpm(tmp_path, where, far):
    installation = pnpm(tmp_path / where, tmp_path / "a store" if far else None)
    assert told(installation) == expected(installation.root, "PNPM")


def test_near_misses_of_pnpm(tmp_path):
    """A file of pnpm's above a package that pnpm did not install."""
    installation = npm(tmp_path / "project/inside")
    (tmp_path / "project/node_modules").mkdir()
    (tmp_path / "project/node_modules/.modules.yaml").write_text("layoutVersion: 5\n")
    assert told(installation) == expected(installation.root, "NPM")


@pytest.mark.parametrize(
    "env", [{"npm_config_user_agent": "bun/1.2.3 npm/? node/v22"}, {"npm_execpath": "/x/bin/bun"}]
)
def test_bun_that_calls(tmp_path, env):
    installation = npm(tmp_path / "project")
    assert told(installation, **env) == expected(installation.root, "BUN")


def test_bun(tmp_path):
    installation = bun_global(tmp_path)
    assert told(installation) == expected(installation.root, "BUN")


@pytest.mark.parametrize(
    "env",
    [{"npm_config_user_agent": agent} for agent in ["bundler/2.0 npm/11", "ebun/1", "npm/11"]]
    + [{"npm_execpath": path} for path in ["/home/bunny/npm/bin/npm-cli.js", "/bun/npm", "/ebun"]],
)
def test_near_misses_of_bun(tmp_path, env):
    installation = npm(tmp_path / "project")
    assert "CODEX_MANAGED_BY_BUN" not in told(installation, **env)


@pytest.mark.parametrize("install_id", ["abc", "#abc", ""])
def test_vite_plus(tmp_path, install_id):
    installation = vite_plus(tmp_path, install_id)
    assert told(installation) == expected(installation.root, "VITE_PLUS")


def test_near_misses_of_vite_plus(tmp_path):
    other = vite_plus(tmp_path / "of another package", name="@openai/other")
    broken = vite_plus(tmp_path / "broken")
    (tmp_path / f"broken/packages/{NAME}.json").write_text("{")
    old = vite_plus(tmp_path / "replaced")
    bundles.save(
        tmp_path / f"replaced/packages/{NAME}.json",
        json.dumps({"name": NAME, "installId": "newer"}).encode(),
    )
    for installation in [other, broken, old]:
        assert told(installation) == expected(installation.root, "NPM")


def test_inherited_variables_are_removed(tmp_path):
    """Of the launcher from whose program this one is called."""
    inherited = {variable["name"]: "inherited" for variable in ENVIRONMENT}
    for installation, manager in [
        (npm(tmp_path / "npm"), "NPM"),
        (pnpm(tmp_path / "pnpm"), "PNPM"),
        (bun_global(tmp_path / "bun"), "BUN"),
    ]:
        assert told(installation, **inherited) == expected(installation.root, manager)
        # Near misses: only the names that the product has are the launcher's.
        others = {"CODEX_MANAGED": "a", "CODEX_MANAGED_BY": "b", "CODEX_MANAGED_BY_NPM_": "c"}
        assert told(installation, **others) == others | expected(installation.root, manager)


def test_program_of_the_user_is_not_installed_by_any(tmp_path):
    installation = npm(tmp_path / "project")
    own = bundles.save(tmp_path / "own", TELL.encode(), 0o755)
    inherited = {ROOT_VARIABLE: "x", "CODEX_MANAGED_BY_NPM": "1"}
    assert told(installation, CODEX_CLI_BIN_PATH=own, **inherited) == {}


def test_product_without_variables(tmp_path):
    installation = npm(tmp_path / "project")
    bundles.write(root_package(environment=[]), installation.root)
    assert told(installation, CODEX_MANAGED_BY_NPM="mine") == {"CODEX_MANAGED_BY_NPM": "mine"}


def test_variables_of_another_product(tmp_path):
    installation = npm(tmp_path / "project")
    variables = [{"name": "CODEX_MANAGED_TEXT", "value": "$& {manager} in {package-root}"}]
    bundles.write(root_package(environment=variables), installation.root)
    text = f"$& npm in {installation.root.resolve()}"
    assert told(installation) == {"CODEX_MANAGED_TEXT": text}
