"""The command under test."""

import os
import signal
import subprocess
from pathlib import Path

import bundles

Result = subprocess.CompletedProcess


class Stage:
    """The command under test: `stage("normalize", tag)` reads like the shell session it is."""

    #: How it ends at a failpoint.
    ABORTED = (-signal.SIGABRT, -signal.SIGKILL)

    def __init__(self, binary: Path, cache: Path):
        self.binary = binary
        # What is for the clients of real registries.
        others = ("STAGE_", "SSL_CERT_")
        self.env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(others) and not k.lower().endswith("_proxy")
        }
        self.env["XDG_CACHE_HOME"] = str(cache)

    def command(self, *args: object) -> list[str]:
        """What is started."""
        return [str(self.binary), *map(str, args)]

    def __call__(
        self,
        *args: object,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        check: bool = False,
        prefix: tuple[str, ...] = (),
    ) -> Result:
        result = subprocess.run(
            [*prefix, *self.command(*args)],
            env=self.env | (env or {}),
            cwd=cwd,
            text=True,
            encoding="utf-8",
            capture_output=True,
            timeout=120,
        )
        assert not check or result.returncode == 0, (
            f"stage {' '.join(map(str, args))}\n{result.stderr}"
        )
        return result

    def runtime(self, staging: Path, runtime: Path, *args: object, **kwargs) -> Result:
        """`stage stage-runtime`, which must succeed, of the version that all bundles have."""
        return self(
            "stage-runtime",
            staging,
            runtime,
            "--codex-version",
            bundles.TAG,
            *args,
            check=True,
            **kwargs,
        )

    def refuses(self, *args: object, status: int = 1, **kwargs) -> str:
        """Runs what must fail the way every failure does; gives the error that the user sees."""
        result = self(*args, **kwargs)
        assert result.returncode == status, result.stderr or result.stdout
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        if "--verbose" in args:
            # What was done until it failed.
            lines = lines[next(n for n, line in enumerate(lines) if line.startswith("error: ")) :]
        assert lines[0].startswith("error: "), result.stderr
        assert lines[-1].startswith("help: "), result.stderr
        assert "panicked" not in result.stderr
        return result.stderr
