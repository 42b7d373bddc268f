"""`stage verify` and `stage stage-runtime` of programs for macOS and iOS: signatures, CPUs and
systems.

The programs are signed by the tests, as a linker does it. The same rules hold in every kind of
package."""

import json

import bundles
import pytest
from bundles import MACOS_ARM64, MACOS_X64, TAG, macho, universal
from clients import IMPORT_PACKAGE as PACKAGE
from damage import Change, Matrix, broken, is_found, passes, right
from npm_packages import native, write
from tampered import codes, put

from .test_wheel_claims import only

X86_64 = (0x01000007, 3)
HASWELL = (0x01000007, 8)
ARM64 = (0x0100000C, 0)
# With the flags that the newest linker writes: a version of the interface.
ARM64E = (0x0100000C, 2 - (1 << 31))
LIB64 = (0x01000007, 3 - (1 << 31))

MACOS, IOS, CATALYST, SIMULATOR = 1, 2, 6, 7

DYLIB, BUNDLE, OBJECT, SYMBOLS = 6, 8, 1, 10


def program(cpu=ARM64, minimum=(11, 0), **options: object) -> bytes:
    return macho(cpu, minimum, "program", **options)


def flipped(content: bytes, at: int = 0x2000) -> bytes:
    """Changed after it was signed."""
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def resigned_by_length(content: bytes, covered: int) -> bytes:
    """Its signature is about fewer bytes than there are."""
    image = content[:0x4000]
    signature = bundles.ad_hoc_signature(image[:covered])
    return image + signature.ljust(len(content) - 0x4000, b"\0")


ARM = "macosx_11_0_arm64"
INTEL = "macosx_11_0_x86_64"
BOTH = "macosx_11_0_universal2"

SIGNATURES: Matrix = {
    "signature-absent": (
        [
            only(ARM, program(signed=False)),
            only(ARM, program(kind=DYLIB, signed=False)),
            only(ARM, program(kind=BUNDLE, signed=False)),
            only(BOTH, universal(program(X86_64), program(signed=False))),
            only(BOTH, universal(program(signed=False), program(X86_64))),
        ],
        [
            only(ARM, program()),
            only(ARM, program(kind=DYLIB)),
            only(ARM, program(kind=OBJECT, signed=False)),
            only(ARM, program(kind=SYMBOLS, signed=False)),
            only("ios_13_0_arm64_iphoneos", program(platform=IOS, kind=DYLIB, signed=False)),
        ],
    ),
    "signature-broken": (
        [
            only(ARM, flipped(program())),
            only(ARM, flipped(program(), 0x3FFF)),
            only(ARM, flipped(program(kind=BUNDLE))),
            only(ARM, program() + b"\0"),
            only(ARM, program() + b"a payload"),
            only(ARM, resigned_by_length(program(), 0x3000)),
            only(BOTH, universal(program(X86_64), flipped(program()))),
            only(BOTH, universal(flipped(program()), program(X86_64))),
        ],
        [only(BOTH, universal(program(X86_64), program()))],
    ),
    "signature-intel-absent": (
        [
            only(INTEL, program(X86_64, signed=False)),
            only(BOTH, universal(program(X86_64, signed=False), program())),
        ],
        [only(INTEL, program(X86_64)), only(INTEL, program(LIB64))],
    ),
    "signature-intel-broken": (
        [
            only(INTEL, flipped(program(X86_64))),
            only(INTEL, program(X86_64) + b"a payload"),
            only(BOTH, universal(program(), flipped(program(X86_64)))),
        ],
        [only(BOTH, universal(program(), program(X86_64)))],
    ),
}

CLAIMS: Matrix = {
    "claim-system": (
        [
            # Alone, code for a newer CPU is not code for the CPU.
            only(ARM, program(ARM64E)),
            only(INTEL, program(HASWELL)),
            only(BOTH, universal(program(HASWELL), program())),
            # Each system of Apple has its own tags.
            only("ios_13_0_arm64_iphoneos", program(platform=MACOS)),
            only("ios_13_0_arm64_iphoneos", program(platform=SIMULATOR)),
            only("ios_13_0_arm64_iphonesimulator", program(platform=IOS)),
            only("ios_13_0_arm64_iphonesimulator", program(platform=MACOS)),
            only("ios_13_0_x86_64_iphonesimulator", program(platform=SIMULATOR)),
            only(ARM, program(platform=IOS)),
            only(ARM, program(platform=CATALYST)),
            only(ARM, program(platform=SIMULATOR)),
        ],
        [
            only(ARM, universal(program(ARM64E), program())),
            only(ARM, universal(program(), program(ARM64E))),
            only(INTEL, universal(program(X86_64), program(HASWELL))),
            only(INTEL, universal(program(HASWELL), program(X86_64))),
            only("ios_13_0_arm64_iphoneos", program(platform=IOS, minimum=(13, 0))),
            only("ios_13_0_x86_64_iphonesimulator", program(X86_64, (13, 0), platform=SIMULATOR)),
            # There is none before 14.
            only("ios_13_0_arm64_iphonesimulator", program(platform=SIMULATOR, minimum=(14, 0))),
        ],
    ),
    "claim-macos": (
        [
            only("ios_13_0_arm64_iphoneos", program(platform=IOS, minimum=(13, 4))),
            only(INTEL, universal(program(X86_64), program(HASWELL, (12, 0)))),
            only(INTEL, universal(program(HASWELL, (12, 0)), program(X86_64))),
        ],
        [
            only("ios_13_4_arm64_iphoneos", program(platform=IOS, minimum=(13, 4))),
            only(ARM, universal(program(ARM64E, (12, 0)), program())),
        ],
    ),
    "object-malformed": (
        [
            # What is loaded depends on who loads it.
            only(ARM, universal(program(), program())),
            only(BOTH, universal(program(), program(X86_64), program(X86_64, (10, 9)))),
        ],
        [],
    ),
}
MATRIX: Matrix = SIGNATURES | CLAIMS


@pytest.mark.parametrize(("code", "change"), broken(MATRIX))
def test_damage_is_found_and_nothing_else(stage, good_wheel, tmp_path, code, change):
    is_found(stage, change(good_wheel), tmp_path, code)


@pytest.mark.parametrize("change", right(MATRIX))
def test_near_miss_passes(stage, good_wheel, tmp_path, change):
    passes(stage, change(good_wheel), tmp_path)


@pytest.mark.parametrize(
    ("content", "severity", "detail"),
    [
        (program(signed=False), "error", "it has no signature"),
        (
            flipped(program()),
            "error",
            "its signature is broken: 1 of its 4 pages is not what was signed, the first at byte "
            "8192",
        ),
        (
            program() + b"a payload",
            "error",
            "its signature is broken: 9 bytes lie behind the signature",
        ),
        (
            universal(program(X86_64, signed=False), program()),
            "note",
            "its code for x86_64 has no signature",
        ),
        (
            universal(flipped(program(X86_64)), program()),
            "warning",
            "the signature of its code for x86_64 is broken: 1 of its 4 pages is not what was "
            "signed, the first at byte 8192",
        ),
    ],
)
def test_what_is_said_of_a_signature(stage, good_wheel, tmp_path, content, severity, detail):
    wheel = only(BOTH if content[0] == 0xCA else ARM, content)(good_wheel).write(tmp_path)
    result = stage("verify", wheel)
    (line,) = [line for line in result.stdout.splitlines() if "[signature-" in line]
    assert line.strip().startswith(f"{severity}[signature-")
    assert line.endswith(f": {PACKAGE}/program: {detail}")
    assert result.returncode == (severity == "error")


def test_what_programs_read_of_a_signature(stage, good_wheel, tmp_path):
    content = universal(program(X86_64, signed=False), program(), program(ARM64E) + b"\0")
    wheel = only(BOTH, content)(good_wheel).write(tmp_path)
    result = stage("verify", wheel, "--message-format", "json")
    (found,) = [
        executable["facts"]["slices"]
        for executable in json.loads(result.stdout)["executables"]
        if executable["path"] == f"{PACKAGE}/program"
    ]
    assert [slice["signature"] for slice in found] == [
        {"state": "absent"},
        {"state": "intact"},
        {"state": "broken", "why": "1 bytes lie behind the signature"},
    ]


@pytest.mark.parametrize(
    ("shift", "padding"),
    # The room for hashes tells the size of a page, or seems to.
    [(12, 0), (14, 0), (14, 1 << 20)],
)
def test_a_large_program_is_hashed_as_it_streams_past(stage, good_wheel, tmp_path, shift, padding):
    """Larger than what is held in memory, with a byte that is changed near its end."""
    code = 6 << 20

    def signature(image: bytes) -> bytes:
        return bundles.ad_hoc_signature(image, shift) + bytes(padding)

    def large(change: int | None) -> Change:
        image = bytearray(program()[:0x4000])
        # The segments and the signature: where they are, and how long.
        size = len(signature(bytes(code)))
        for at, value in [(32 + 48, code), (104 + 40, code), (104 + 48, size)]:
            image[at : at + 8] = value.to_bytes(8, "little")
        at = 32 + 72 + 72 + 24 + 24 + 8
        image[at : at + 8] = code.to_bytes(4, "little") + size.to_bytes(4, "little")
        image = bytes(image) + bytes(range(256)) * ((code - 0x4000) // 256)
        signed = image + signature(image)
        return only(ARM, signed if change is None else flipped(signed, change))

    passes(stage, large(None)(good_wheel), tmp_path)
    for change in [code - 1, 3 << 20, 0x2000]:
        is_found(stage, large(change)(good_wheel), tmp_path, "signature-broken")


BROKEN = flipped(macho(ARM64, (11, 0), f"codex-cli {bundles.VERSION}"))
BROKEN_X64 = flipped(macho(X86_64, (10, 9), f"codex-cli {bundles.VERSION}"))


@pytest.mark.parametrize(
    ("target", "content", "code"),
    [
        (MACOS_ARM64, BROKEN, {"signature-broken"}),
        (MACOS_ARM64, program(signed=False), {"signature-absent"}),
        (MACOS_X64, BROKEN_X64, {"signature-intel-broken"}),
        (MACOS_X64, program(X86_64, (10, 9), signed=False), {"signature-intel-absent"}),
        (MACOS_ARM64, program(), set()),
        (MACOS_ARM64, program(ARM64E), {"runtime-machine"}),
        (MACOS_ARM64, program(platform=IOS), {"runtime-machine"}),
        (MACOS_ARM64, universal(program(ARM64E), program()), set()),
    ],
)
def test_runtimes(stage, tmp_path, target, content, code):
    tree = put(bundles.entrypoint(target), content, 0o755)(bundles.bundle(target))
    for wrap in [bundles.directory, bundles.tar_gz, bundles.zip_archive]:
        assert codes(stage, wrap(tree, tmp_path)) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (program(), set()),
        (flipped(program()), {"signature-broken"}),
        (program() + b"\0", {"signature-broken"}),
        (program(signed=False), {"signature-absent"}),
        (universal(program(X86_64), program(signed=False)), {"signature-absent"}),
        (program(platform=IOS), {"npm-os-cpu"}),
        (program(platform=CATALYST), {"npm-os-cpu"}),
        (program(ARM64E), {"npm-os-cpu"}),
        (universal(program(ARM64E), program()), set()),
    ],
)
def test_npm_packages(stage, tmp_path, content, code):
    package = native(("a", content), os=["darwin"], cpu=["arm64"])
    assert codes(stage, write(tmp_path, package)) == code


@pytest.mark.parametrize("kind", ["wheel", "npm", "crate"])
def test_a_runtime_with_a_broken_signature_is_not_staged(stage, staging, tmp_path, kind):
    tree = bundles.bundle(MACOS_ARM64, size="small")
    tree = bundles.replace(tree, bundles.entrypoint(MACOS_ARM64), BROKEN)
    for wrap in [bundles.directory, bundles.tar_gz, bundles.zip_archive]:
        runtime = wrap(tree, tmp_path)
        call = ["stage-runtime", staging, runtime, "--codex-version", TAG, "--format", kind]
        error = stage.refuses(*call)
        assert "signature-broken" in error
        assert "1 of its 4 pages is not what was signed" in error
        assert not staging.exists()

    # Somebody may say that it is meant, and everybody sees it.
    stage(*call, "--allow", "signature-broken", check=True)
    manifest = json.loads((staging / "manifests" / f"{MACOS_ARM64}.json").read_text())
    assert {allowed["code"] for allowed in manifest["allowed"]} == {"signature-broken"}
    result = stage("verify", staging, "--message-format", "json", check=True)
    audits = [json.loads(line) for line in result.stdout.splitlines()]
    found = [finding for audit in audits for finding in audit["findings"]]
    allowed = [finding for finding in found if finding["code"] == "signature-broken"]
    assert allowed
    assert all(finding["allowed"] for finding in allowed)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (program(ARM64E), "a program for macOS on arm64e"),
        (program(platform=IOS), "a program for iOS on aarch64"),
    ],
)
def test_a_program_for_another_machine_is_no_runtime(stage, staging, tmp_path, content, what):
    tree = bundles.bundle(MACOS_ARM64, size="small")
    tree = bundles.replace(tree, bundles.entrypoint(MACOS_ARM64), content)
    runtime = bundles.directory(tree, tmp_path)
    error = stage.refuses("stage-runtime", staging, runtime, "--codex-version", TAG)
    assert f"the entrypoint `bin/codex` is {what}" in error
