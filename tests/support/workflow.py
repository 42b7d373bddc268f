"""GitHub Actions for a workflow of this repository, as far as it uses them, on this machine.

The shell steps run as they are written. The few actions are what their documentation says, on
directories. `cargo` gives the `stage` under test; `gh` downloads from a directory, and writes down
what it releases.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import bundles
import yaml

EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")

CARGO = """#!/bin/sh -eu
[ -f stage/Cargo.toml ]
case "$*" in
"install --locked --path stage --root compiled") place=compiled/bin/stage ;;
"build --locked --release --package stage --target "*) place=target/$7/release/stage ;;
*) exit 2 ;;
esac
mkdir -p "${place%/*}"
ln -s "$STAGE_BIN" "$place"
"""
GH = """#!/bin/sh -eu
[ -n "$GH_TOKEN" ]
echo "$*" >>"$WORK/gh.log"
case "$*" in
"release download "*) cp "$WORK/published/$7" . ;;
"release create "*) ;;
*) exit 2 ;;
esac
"""
TOOLS = {"cargo": CARGO, "gh": GH, "rustup": "#!/bin/sh\n", "sudo": "#!/bin/sh\n"}


class WorkflowError(AssertionError):
    """A step failed."""


class Workflow:
    def __init__(self, path: Path, stage, work: Path, inputs: dict[str, str]):
        self.document = yaml.safe_load(path.read_text())
        self.stage, self.work, self.inputs = stage, work, inputs
        self.artifacts: dict[str, Path] = {}
        self.attested: dict[str, str] = {}
        """The digests of what was signed, by name."""
        self.ran: list[str] = []
        self.published = work / "published"
        """The files of the release from which `gh` downloads."""
        self.repository: Path | None = None
        """What a checkout has beside stage/Cargo.toml."""
        self.ref_name = "main"
        for name, script in TOOLS.items():
            bundles.save(work / "tools" / name, script.encode(), 0o755)

    @property
    def jobs(self) -> dict[str, dict]:
        return self.document["jobs"]

    def run(self) -> None:
        """Every job, those of a matrix in its order; each after those that it needs."""
        outputs: dict[str, dict] = {}
        for name, job in self.jobs.items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            assert all(need in outputs for need in needs), f"{name} is before a job that it needs"
            github = {"token": "a-token", "repository": "o/r", "ref_name": self.ref_name}
            context = {"inputs": self.inputs, "github": github}
            context["needs"] = {need: {"outputs": outputs[need]} for need in needs}
            matrix = job.get("strategy", {}).get("matrix")
            for each in self.evaluate(matrix, context)["include"] if matrix else [None]:
                outputs[name] = Job(self, name, job, context | {"matrix": each}).run()

    def evaluate(self, value: object, context: dict) -> object:
        """Puts values in the place of expressions, in all that is below a value."""
        if isinstance(value, dict):
            return {key: self.evaluate(inner, context) for key, inner in value.items()}
        if not isinstance(value, str):
            return value
        if whole := EXPRESSION.fullmatch(value):
            return self.look_up(whole[1], context)
        return EXPRESSION.sub(lambda match: str(self.look_up(match[1], context)), value)

    def look_up(self, expression: str, context: dict) -> object:
        if call := re.fullmatch(r"fromJson\((.+)\)", expression):
            return json.loads(self.look_up(call[1], context))
        for name in expression.split("."):
            # An input that is not given is an empty text.
            context = context.get(name, "") if context is self.inputs else context[name]
        return context


class Job:
    """A job on a machine of its own."""

    def __init__(self, workflow: Workflow, name: str, job: dict, context: dict):
        self.workflow, self.job, self.context = workflow, job, context
        number = len(list(workflow.work.glob("job-*")))
        self.work = workflow.work / f"job-{number}-{name}"
        self.directory = self.work / "workspace"
        self.temp = self.work / "temp"
        self.path = [str(workflow.work / "tools"), os.environ["PATH"]]
        self.directory.mkdir(parents=True)
        self.temp.mkdir()
        self.context["steps"] = {}
        self.context["runner"] = {"temp": str(self.temp), "os": "Linux"}

    def run(self) -> dict[str, str]:
        """Gives the outputs of the job."""
        for step in self.job["steps"]:
            assert step.get("if", "runner.os == 'Linux'") == "runner.os == 'Linux'"
            outputs = self.uses(step) if "uses" in step else self.shell(step)
            if "id" in step:
                self.context["steps"][step["id"]] = {"outputs": outputs}
        return self.evaluate(self.job.get("outputs", {}))

    def evaluate(self, value: object) -> object:
        return self.workflow.evaluate(value, self.context)

    def shell(self, step: dict) -> dict[str, str]:
        """As `shell: bash` runs it."""
        output, path = self.work / "output", self.work / "path"
        output.write_text("")
        path.write_text("")
        scopes = (self.workflow.document, self.job, step)
        own = {}
        for scope in scopes:
            own |= {name: str(value) for name, value in self.evaluate(scope.get("env", {})).items()}
        env = self.workflow.stage.env | own
        env |= {
            "PATH": os.pathsep.join(self.path),
            "STAGE_BIN": str(self.workflow.stage.binary),
            "WORK": str(self.workflow.work),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_PATH": str(path),
            "RUNNER_TEMP": str(self.temp),
            "XDG_CACHE_HOME": str(self.work / "cache"),
        }
        script = bundles.save(self.work / "step.sh", step["run"].encode())
        bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", script]
        result = subprocess.run(
            bash, cwd=self.directory, env=env, capture_output=True, text=True, timeout=300
        )
        if result.returncode:
            raise WorkflowError(f"{step['name']}\n{result.stdout}{result.stderr}")
        self.workflow.ran.append(step["name"])
        self.path = path.read_text().splitlines() + self.path
        lines = output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def uses(self, step: dict) -> dict[str, str]:
        action = step["uses"].partition("@")[0].removeprefix("actions/")
        options = self.evaluate(step.get("with", {}))
        return {
            "checkout": self.checkout,
            "upload-artifact": self.upload,
            "download-artifact": self.download,
            "attest-build-provenance": self.attest,
        }[action](options)

    def checkout(self, options: dict) -> dict[str, str]:
        assert options == {"persist-credentials": False}
        if self.workflow.repository:
            shutil.copytree(self.workflow.repository, self.directory, dirs_exist_ok=True)
        bundles.save(self.directory / "stage/Cargo.toml", b"")
        return {}

    def upload(self, options: dict) -> dict[str, str]:
        """Files lose their modes, as they do there."""
        artifact = self.workflow.work / "artifacts" / options["name"]
        for path in options["path"].split():
            bundles.save(artifact / path, (self.directory / path).read_bytes())
        self.workflow.artifacts[options["name"]] = artifact
        return {}

    def download(self, options: dict) -> dict[str, str]:
        """One into the directory, all into directories of their own."""
        into = self.directory / options.get("path", ".")
        if "name" in options:
            shutil.copytree(self.workflow.artifacts[options["name"]], into, dirs_exist_ok=True)
        else:
            for name, artifact in self.workflow.artifacts.items():
                shutil.copytree(artifact, into / name)
        return {}

    def attest(self, options: dict) -> dict[str, str]:
        needed = {"attestations": "write", "id-token": "write"}
        assert needed.items() <= self.job["permissions"].items()
        for pattern in options["subject-path"].split():
            subjects = list(self.directory.glob(pattern))
            assert subjects, pattern
            for subject in subjects:
                self.workflow.attested[subject.name] = bundles.File(subject.read_bytes()).sha256
        bundle = bundles.save(self.work / "attestation.json", b"{}")
        return {"bundle-path": str(bundle)}
