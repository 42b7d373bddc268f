"""`stage completions`, by the shell that reads them, and `scripts/package-docs`."""

import json
import os
import pty
import re
import shutil
import subprocess

import pytest
from clients import ROOT, must, run
from terminal import read_all

COMMANDS = {
    "init", "stage-runtime", "fetch", "matrix", "assemble", "verify", "stage-sdk", "generate-types",
    "normalize", "schema", "completions",
}  # fmt: skip
# What a script of each shell cannot do without.
SHELLS = {
    "bash": "complete -F _stage",
    "elvish": "edit:completion:arg-completer[stage]",
    "fish": "complete -c stage",
    "powershell": "Register-ArgumentCompleter -Native -CommandName 'stage'",
    "zsh": "#compdef stage",
}


def complete(stage, *words: str, cwd=None) -> set[str]:
    """What bash offers for the last word."""
    script = """
        source <("$STAGE" completions bash)
        complete -p stage >&2
        # As readline calls the function that `complete` names.
        function=$(complete -p stage | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        COMPREPLY=()
        "$function" stage "${!#}" "${@: -2:1}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    bash = ["bash", "--norc", "--noprofile", "-c", script, "bash", "stage", *words]
    env = stage.env | {"STAGE": str(stage.binary)}
    result = must(*bash, env=env, cwd=cwd)
    assert re.search(r"^complete .*-F \S+ stage$", result.stderr, re.MULTILINE)
    return set(result.stdout.splitlines())


def test_bash_completes_commands(stage):
    assert complete(stage, "") >= COMMANDS
    assert complete(stage, "ver") == {"verify"}
    assert complete(stage, "stage-") == {"stage-runtime", "stage-sdk"}


def test_bash_completes_options(stage):
    assert complete(stage, "stage-runtime", "--max") == {"--max-crate-size"}
    assert complete(stage, "verify", "--exp") == {"--explain"}


def test_bash_completes_values(stage):
    assert complete(stage, "stage-runtime", "--format", "") == {"wheel", "crate", "npm"}
    assert complete(stage, "--message-format", "j") == {"json"}
    assert complete(stage, "completions", "") >= set(SHELLS)


def test_bash_completes_paths(stage, tmp_path):
    (tmp_path / "staged.whl").touch()
    assert complete(stage, "verify", "--product", "sta", cwd=tmp_path) == {"staged.whl"}


def test_bash_completes_what_a_person_types(stage, tmp_path):
    """On a terminal: the key is pressed, and bash asks."""
    (tmp_path / "stage").symlink_to(stage.binary)
    terminal, other_end = pty.openpty()
    env = {"PATH": f"{tmp_path}:{stage.env['PATH']}", "TERM": "xterm"}
    with subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        env=stage.env | env,
        start_new_session=True,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
    ):
        os.close(other_end)
        typed = "source <(stage completions bash)\nstage norm\t1.2.3\nexit\n"
        os.write(terminal, typed.encode())
        shown = read_all(terminal).decode()
    assert "Python version  1.2.3" in shown


@pytest.mark.parametrize(("shell", "part"), SHELLS.items())
def test_a_script_for_each_shell(stage, shell, part):
    result = stage("completions", shell, check=True)
    assert part in result.stdout
    assert not result.stderr
    for command in COMMANDS:
        assert command in result.stdout


def test_a_script_as_an_object(stage):
    result = stage("completions", "zsh", "--message-format", "json", check=True)
    document = json.loads(result.stdout)
    assert document["shell"] == "zsh"
    assert document["script"] + "\n" == stage("completions", "zsh", check=True).stdout


def test_an_unknown_shell(stage):
    error = stage.refuses("completions", "tcsh", status=2)
    assert "tcsh" in error and "elvish" in error


# For packages of a system


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """What `scripts/package-docs` writes, called from elsewhere with a relative path."""
    work = tmp_path_factory.mktemp("package")
    must(ROOT / "scripts/package-docs", "usr", cwd=work)
    return work / "usr"


def test_package_docs_writes_where_programs_look(stage, prefix):
    written = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert written == {
        "share/bash-completion/completions/stage",
        "share/fish/vendor_completions.d/stage.fish",
        "share/zsh/site-functions/_stage",
        "share/man/man1/stage.1",
        *(f"share/man/man1/stage-{command}.1" for command in COMMANDS),
    }
    bash = (prefix / "share/bash-completion/completions/stage").read_text()
    assert bash == stage("completions", "bash", check=True).stdout


def formatter() -> list[str]:
    """What shows man pages on this system, with every complaint that it has."""
    if shutil.which("mandoc"):
        return ["mandoc", "-Tutf8", "-Werror"]
    assert shutil.which("groff"), "this test needs groff or mandoc"
    # Which encoding it is: `man` says so too.
    return ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-P-cbou"]


@pytest.mark.parametrize("command", [None, *sorted(COMMANDS)])
def test_man_page(prefix, command):
    name = "stage" if command is None else f"stage-{command}"
    page = prefix / f"share/man/man1/{name}.1"
    result = must(*formatter(), page)
    assert not result.stderr
    text = re.sub(".\b", "", result.stdout)
    assert re.search(rf"^ +{name} +-", text, re.MULTILINE)
    for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]:
        assert re.search(rf"^{heading}$", text, re.MULTILINE), text


def test_the_formatter_sees_mistakes(tmp_path):
    """So that its silence says something."""
    page = tmp_path / "stage.1"
    page.write_text(".TH stage 1\n.SH NAME\nstage\n.NOTAMACRO x\n")
    result = run(*formatter(), page)
    assert "NOTAMACRO" in result.stderr


def test_package_docs_needs_a_prefix(tmp_path):
    result = run(ROOT / "scripts/package-docs", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == "help: scripts/package-docs PREFIX"
