"""Archives that lie, built field by field with `struct`, and with `tarfile` where that can."""

import gzip
import io
import stat
import struct
import tarfile
import zlib
from dataclasses import dataclass, field

import bundles
from bundles import Tree

# zip (APPNOTE.TXT)


@dataclass
class Member:
    """One entry of a zip. What `local` and `central` name is written there instead of the truth."""

    name: str | bytes
    content: bytes = b""
    mode: int = stat.S_IFREG | 0o644
    method: int = 8
    flags: int = 0
    local: dict[str, object] = field(default_factory=dict)
    central: dict[str, object] = field(default_factory=dict)
    packed: bytes | None = None
    before: bytes = b""
    after: bytes = b""
    move: int = 0

    def fields(self) -> dict[str, object]:
        packed = self.packed
        if packed is None:
            packed = deflate(self.content) if self.method == 8 else self.content
        name = self.name.encode() if isinstance(self.name, str) else self.name
        utf8 = 0 if name.isascii() else 1 << 11
        return {
            "version": 20,
            "flags": self.flags | utf8,
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": packed,
            "packed_size": len(packed),
            "size": len(self.content),
            "name": name,
            "extra": b"",
            "comment": b"",
            "disk": 0,
            "attributes": self.mode << 16 | (0x10 if stat.S_ISDIR(self.mode) else 0),
        }


def deflate(content: bytes, level: int = 6) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def zip_of(*members: Member, **end: object) -> bytes:
    """The archive of `members`; `end` overrides fields of the end record, and adds a comment."""
    body = b""
    directory = b""
    for member in members:
        truth = member.fields()
        local = truth | member.local
        central = truth | member.central
        body += member.before
        offset = len(body) + member.move
        body += b"PK\x03\x04" + header(local) + local["name"] + local["extra"]
        body += truth["packed"] + member.after
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + header(central)
        directory += struct.pack(
            "<HHHII", len(central["comment"]), central["disk"], 0, central["attributes"], offset
        )
        directory += central["name"] + central["extra"] + central["comment"]
    values = {
        "disk": 0,
        "entries": len(members),
        "size": len(directory),
        "offset": len(body),
        "comment": b"",
    } | end
    return (
        body
        + directory
        + struct.pack(
            "<4sHHHHIIH",
            b"PK\x05\x06",
            values["disk"],
            values["disk"],
            values["entries"],
            values["entries"],
            values["size"],
            values["offset"],
            len(values["comment"]),
        )
        + values["comment"]
    )


def header(fields: dict[str, object]) -> bytes:
    return struct.pack(
        "<HHHIIIIHH",
        fields["version"],
        fields["flags"],
        fields["method"],
        0x5A21_0000,
        fields["crc"],
        fields["packed_size"],
        fields["size"],
        len(fields["name"]),
        len(fields["extra"]),
    )


def descriptor(content: bytes, **lies: int) -> bytes:
    truth = {"crc": zlib.crc32(content), "packed": len(deflate(content)), "size": len(content)}
    return b"PK\x07\x08" + struct.pack("<III", *(truth | lies).values())


def members(tree: Tree, prefix: str = "") -> list[Member]:
    return [
        Member(prefix + path, file.data, stat.S_IFREG | file.mode) for path, file in tree.items()
    ]


# tar


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"") -> bytes:
    """A POSIX header and its content, without the end of an archive."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, len(content), 0o755
    return info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)


def entries(tree: Tree, prefix: str = "") -> bytes:
    return unended(bundles.tar_bytes(tree, prefix))


def unended(archive: bytes) -> bytes:
    """An archive without its end: entries can follow."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        last = members.getmembers()[-1]
    return archive[: last.offset_data + (last.size + 511) // 512 * 512]


def tgz(*parts: bytes) -> bytes:
    """The parts and the end of an archive, compressed."""
    return gzip.compress(b"".join(parts) + bytes(1024), 1, mtime=0)


def raw_header(**changes: bytes) -> bytes:
    """A POSIX header whose fields are written as they are given, with a right checksum."""
    places = {"name": 0, "mode": 100, "size": 124, "type": 156, "link": 157, "magic": 257}
    block = bytearray(entry("file")[:512])
    for name, value in changes.items():
        block[places[name] : places[name] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(**records: str) -> bytes:
    """An extended header for the next entry."""
    body = b""
    for key, value in records.items():
        rest = f" {key}={value}\n".encode()
        length = len(rest)
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        body += str(length).encode() + rest
    return entry("PaxHeaders/next", tarfile.XHDTYPE, content=body)
