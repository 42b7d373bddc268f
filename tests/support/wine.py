"""Windows programs under Wine, with a system of the tests' own: its drives, its user's profile.

`scripts/cross/windows` installs Wine and makes the prefix from which each process of the tests gets
its own. Wine 8 has no limit of 260 characters, makes no links, and shows those of Linux as what
they lead to. It locks less than Windows does: see `scripts/test-windows`.
"""

import fcntl
import functools
import os
import pty
import subprocess
import tempfile
import termios
from contextlib import ExitStack
from pathlib import Path

from clients import must
from stage_command import Stage
from terminal import read_all

#: The user's cache directory. What Linux stores as UTF-8, Windows stores as UTF-16.
LOCAL = r"C:\users\Größe Ωж\AppData\Local"
FOLDERS = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"

SETTINGS = """Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\Software\\Wine]
"Version"="win10"

[HKEY_CURRENT_USER\\Environment]
"TEMP"="C:\\\\users\\\\Größe Ωж\\\\Temp"
"TMP"="C:\\\\users\\\\Größe Ωж\\\\Temp"
"""


def windows(path: object) -> str:
    """An argument as Windows spells it: a path of this machine is on drive Z."""
    if isinstance(path, Path) and path.is_absolute():
        return "Z:" + str(path).replace("/", "\\")
    return str(path)


class Prefix:
    """A Windows system: C is its own, D is `directory/d`, and Z is the root of this machine."""

    def __init__(self, directory: Path, original: Path):
        self.directory, self.drive_c, self.drive_d = (
            directory, directory / "drive_c", directory / "d"
        )  # fmt: skip
        self.env = {
            k: v for k, v in os.environ.items() if not k.startswith(("CODEX_", "STAGE_", "npm_"))
        }
        self.env |= {"WINEPREFIX": str(directory), "WINEDEBUG": "-all"}
        temporary = self.drive_c / "users/Größe Ωж/Temp"
        for folder in [temporary, self.drive_d, directory / "dosdevices"]:
            folder.mkdir(parents=True)
        for file in ["system.reg", "user.reg", "userdef.reg", ".update-timestamp"]:
            (directory / file).write_bytes((original / file).read_bytes())
        for folder in original.joinpath("drive_c").iterdir():
            if folder.name != "users":
                (self.drive_c / folder.name).symlink_to(folder)
        for drive, place in {"c:": "../drive_c", "d:": "../d", "z:": "/"}.items():
            (directory / "dosdevices" / drive).symlink_to(place)
        # Each program would otherwise start the system again, which takes seconds.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["wineserver", "--persistent"], env=self.env, check=True, **quiet)
        settings = directory / "settings.reg"
        settings.write_text(SETTINGS, encoding="utf-16")
        self("regedit", "/S", settings, check=True)
        self.caches_in(LOCAL)

    def caches_in(self, folder: str) -> None:
        """Makes a folder the one for what belongs to the user and to this machine alone.

        Windows has made it with the profile.
        """
        self.folder(folder).mkdir(parents=True, exist_ok=True)
        key = rf"HKCU\{FOLDERS}"
        self("reg", "add", key, "/v", "Local AppData", "/d", folder, "/f", check=True)

    def folder(self, name: str) -> Path:
        """A folder of drive C or D."""
        drive = {"C": self.drive_c, "D": self.drive_d}[name[0]]
        return drive / name[3:].replace("\\", "/")

    def __call__(
        self,
        *command: object,
        env: dict[str, object] | None = None,
        input: str = "",
        check: bool = False,
        **kwargs,
    ) -> subprocess.CompletedProcess:
        """Runs a program. Its input and output are files: Node.js cannot use pipes of Linux."""
        environment = self.env | {k: windows(v) for k, v in (env or {}).items()}
        with ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(input.encode())
            files[0].seek(0)
            result = subprocess.run(
                ["wine", *map(windows, command)],
                stdin=files[0], stdout=files[1], stderr=files[2],
                env=environment, timeout=180, **kwargs,
            )  # fmt: skip
            for file in files:
                file.seek(0)
            result.stdout, result.stderr = (
                file.read().decode().replace("\r\n", "\n") for file in files[1:]
            )
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
        return result

    def on_console(self, *command: object) -> tuple[subprocess.Popen, int]:
        """Starts it on a console, whose keys are what is written to the file descriptor."""
        keys, other_end = pty.openpty()
        process = subprocess.Popen(
            ["wine", *map(windows, command)], env=self.env,
            stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(other_end)
        return process, keys

    def stop(self) -> None:
        """Ends Wine's own processes, which otherwise wait for another program for a while."""
        subprocess.run(["wineserver", "--kill"], env=self.env)


class Exe(Stage):
    """`stage.exe`. Its cache is that of the prefix."""

    #: What Linux sees of the status of a program that aborts, which is 0xc0000409.
    ABORTED = (9,)

    def __init__(self, binary: Path, prefix: Prefix):
        super().__init__(binary, prefix.directory)
        self.env |= prefix.env
        self.prefix = prefix

    def command(self, *args: object) -> list[str]:
        return ["wine", windows(self.binary), *map(windows, args)]

    def on_console(self, *args: object) -> tuple[subprocess.Popen, int]:
        return self.prefix.on_console(self.binary, *args)


def pressed(keys: int, key: bytes) -> str:
    """Presses a key; gives what is then on the console until its program has ended."""
    os.write(keys, key)
    return read_all(keys).decode(errors="replace")


PROGRAM = r"""
#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <windows.h>

static void say(const wchar_t *text) {
    char bytes[40000];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, 0, 0);
    puts(bytes);
}

/* What Windows does by itself. Wine 8 ends a program with 0. */
static BOOL WINAPI interrupted(DWORD event) {
    ExitProcess(event == CTRL_C_EVENT ? 0xc000013a : 1);
}

int wmain(int argc, wchar_t **argv) {
    static wchar_t text[32768];
    const wchar_t *call = argc > 1 ? argv[1] : L"";
    _setmode(1, _O_BINARY);
    _setmode(0, _O_BINARY);
    if (!wcscmp(call, L"--version")) return puts("SAYS") < 0;
    if (!wcscmp(call, L"exit")) ExitProcess(wcstoul(argv[2], 0, 0));
    if (!wcscmp(call, L"where")) return GetModuleFileNameW(0, text, 32768) ? say(text), 0 : 1;
    if (!wcscmp(call, L"variable"))
        return GetEnvironmentVariableW(argv[2], text, 32768) ? say(text), 0 : 1;
    if (!wcscmp(call, L"copy")) {
        for (int c; (c = getchar()) != EOF;) putchar(c);
        return fprintf(stderr, "to stderr\n") < 0;
    }
    if (!wcscmp(call, L"sleep")) {
        SetConsoleCtrlHandler(interrupted, TRUE);
        return _wfopen(argv[2], L"w") ? Sleep(60000), 0 : 1;
    }
    /* What another program ends with, of which Linux would see only the last byte. */
    if (!wcscmp(call, L"status"))
        return printf("%#lx\n", (unsigned long)_wspawnvp(_P_WAIT, argv[2], (void *)(argv + 2))) < 0;
    if (argc > 2 && !wcscmp(argv[2], L"generate-json-schema")) {
        static wchar_t source[32768];
        const wchar_t *name = L"codex_app_server_protocol.schemas.json";
        CreateDirectoryW(argv[argc - 1], 0);
        GetModuleFileNameW(0, source, 32768);
        wcscpy(wcsrchr(source, '\\') + 1, name);
        swprintf(text, 32768, L"%ls\\%ls", argv[argc - 1], name);
        return !CopyFileW(source, text, 0);
    }
    for (int i = 1; i < argc; i++) say(argv[i]);
    return 0;
}
"""


@functools.cache
def program(says: str = "codex-cli 0.163.0") -> bytes:
    """A program for Windows. `--version` prints what it `says`; PROGRAM has what else it does."""
    with tempfile.TemporaryDirectory() as work:
        source, target = Path(work) / "program.c", Path(work) / "program.exe"
        source.write_text(PROGRAM.replace("SAYS", says))
        must("x86_64-w64-mingw32-gcc", "-municode", "-Os", "-s", "-o", target, source)
        return target.read_bytes()
