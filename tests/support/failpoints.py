"""A command that is killed at each step that it passes."""

import shutil
from pathlib import Path

import bundles
from bundles import snapshot


def artifacts(files: dict) -> dict:
    """Those that a manifest names, which the indexes over all platforms are not."""
    names = ("wheels/", "crates/codex-cli-bin-", f"npm/openai-codex-{bundles.VERSION}-")
    return {path: entry for path, entry in files.items() if path.startswith(names)}


class Killed:
    """Runs `stage-runtime` again and again, and kills it at each step that a whole run passes."""

    def __init__(self, stage, work: Path, runtime: Path, *options: str):
        self.stage, self.work, self.runtime, self.options = stage, work, runtime, options

    def at_each_step(self, *before: Path):
        """Gives the step and STAGING_DIR of each kill, into which `before` was staged first."""
        log = self.work / "steps"
        whole = self.prepare("whole", before)
        self.run(whole, check=True, env={"STAGE_FAILPOINT_LOG": str(log)})
        self.expected = snapshot(whole)
        steps = log.read_text().splitlines()
        assert len(steps) == len(set(steps)) >= 5, steps
        for number, step in enumerate(steps):
            staging = self.prepare(str(number), before)
            result = self.run(staging, env={"STAGE_FAILPOINT": step})
            assert result.returncode in self.stage.ABORTED, f"{step}: {result}"
            yield step, staging

    def prepare(self, name: str, before: tuple[Path, ...]) -> Path:
        staging = self.work / name / "staging"
        staging.parent.mkdir()
        first = self.work / "before"
        if before and not first.exists():
            for runtime in before:
                self.stage.runtime(first, runtime, *self.options)
        if before:
            shutil.copytree(first, staging)
        return staging

    def run(self, staging: Path, **kwargs):
        call = ["stage-runtime", staging, self.runtime, "--codex-version", bundles.TAG]
        return self.stage(*call, *self.options, **kwargs)

    def holds_old_or_new(self, step: str, staging: Path, old: dict) -> None:
        """Where there is a manifest, the artifacts are those that it names: the old, or the new."""
        left = snapshot(staging)
        for path in (path for path in left if path.startswith("manifests/")):
            whole = old if left[path] == old.get(path) else self.expected
            assert artifacts(left) == artifacts(whole), step

    def completes(self, step: str, staging: Path) -> None:
        self.run(staging, check=True)
        assert snapshot(staging) == self.expected, step
        assert [path.name for path in staging.parent.iterdir()] == ["staging"], step
