"""From a folder with archives to an installed command: three calls, and no line written by hand."""

import shlex
import subprocess

import bundles
import clients
import pytest
from bundles import File
from init_archives import MIT, REPOSITORY, next_commands, pack


@pytest.mark.parametrize("commands", [("ruff",), ("uv", "uvx")])
def test_three_calls(init, tmp_path, commands):
    name = commands[0]
    stem = f"{name}-{bundles.HOST}"
    content = {
        command: File(bundles.program(f"{command} 1.2.3"), 0o755) for command in commands
    } | {"LICENSE-MIT": File(MIT), "README.md": File(b"# It\n")}
    run = init({f"{stem}.tar.gz": pack("x.tar.gz", content, f"{stem}/")})
    # The maintainer's checkout lies around it.
    bundles.save(
        run.folder.parent / "Cargo.toml", f'[package]\nrepository = "{REPOSITORY}"\n'.encode()
    )

    results = run.json("--release-tag", "v1.2.3")
    (command,) = next_commands(results)
    _, *arguments = shlex.split(command)
    subprocess.run([run.stage.binary, *arguments], cwd=tmp_path, env=run.stage.env, check=True)
    venv = clients.Venv(tmp_path / "venv")
    venv.install("pip", next((tmp_path / "dist/wheels").iterdir()))

    for command in commands:
        installed = tmp_path / "venv" / "bin" / command
        assert clients.must(installed, "--version").stdout == f"{command} 1.2.3\n"
        assert installed.read_bytes() == content[command].data
