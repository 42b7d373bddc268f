"""Wheels to be damaged, one thing at a time, with nothing of `stage`."""

import base64
import csv
import hashlib
import io
import json
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import bundles
from bundles import File, Tree
from clients import IMPORT_PACKAGE, WHEEL_ADDS
from hostile import Member, zip_of

Row = list[str]


@dataclass(frozen=True)
class Wheel:
    """A wheel as its files. When it is written, RECORD and the bill of materials are made anew, so
    that they say what is there; then `bom`, `rows` and `members` change the list of files in the
    bill, the rows of RECORD and the members of the archive."""

    name: str
    tree: Tree
    dist_info: str
    bom: Callable[[list[dict]], list[dict]] = lambda files: files
    rows: Callable[[list[Row]], list[Row]] = lambda rows: rows
    members: Callable[[list[Member]], list[Member]] = lambda members: members
    end: dict[str, object] = field(default_factory=dict)
    after: Callable[[bytes], bytes] = lambda archive: archive

    @classmethod
    def read(cls, path: Path) -> "Wheel":
        name, version = path.name.split("-")[:2]
        return cls(path.name, bundles.read_zip(path), f"{name}-{version}.dist-info")

    # Files

    def put(self, path: str, data: bytes | str, mode: int = 0o644) -> "Wheel":
        data = data.encode() if isinstance(data, str) else data
        return replace(self, tree=self.tree | {path: File(data, mode)})

    def mode(self, path: str, mode: int) -> "Wheel":
        return self.put(path, self.tree[path].data, mode)

    def drop(self, path: str) -> "Wheel":
        assert path in self.tree
        return replace(self, tree={k: v for k, v in self.tree.items() if k != path})

    def edit(self, path: str, old: str, new: str) -> "Wheel":
        """Replaces text of a file, which has it once."""
        text = self.tree[path].data.decode()
        assert text.count(old) == 1, f"{old!r} in {path}:\n{text}"
        return self.put(path, text.replace(old, new), self.tree[path].mode)

    # Metadata

    def meta(self, file: str) -> str:
        return f"{self.dist_info}/{file}"

    def put_meta(self, file: str, data: bytes | str) -> "Wheel":
        return self.put(self.meta(file), data)

    def field(self, line: str, instead_of: str | None = None) -> "Wheel":
        """Adds a field to METADATA, or puts it in the place of the one that begins like this."""
        path = self.meta("METADATA")
        head, body = self.tree[path].data.decode().split("\n\n", 1)
        fields = head.split("\n")
        if instead_of is not None:
            (place,) = (i for i, field in enumerate(fields) if field.startswith(instead_of + ":"))
            del fields[place]
        if line:
            fields.insert(1 if line.startswith("Metadata-Version") else len(fields), line)
        return self.put(path, "\n".join(fields) + "\n\n" + body)

    def renamed(self, name: str, dist_info: str | None = None) -> "Wheel":
        """Another file name, and if asked for another directory of metadata."""
        new = dist_info or self.dist_info
        tree = {path.replace(self.dist_info, new, 1): file for path, file in self.tree.items()}
        return replace(self, name=name, tree=tree, dist_info=new)

    # RECORD and the archive

    def record(self, change: Callable[[Row], Row | None], path: str) -> "Wheel":
        """Changes the row of a file in RECORD, or takes it out."""

        def rows(rows: list[Row]) -> list[Row]:
            assert path in {row[0] for row in rows}
            changed = [change(row) if row[0] == path else row for row in rows]
            return [row for row in changed if row is not None]

        return replace(self, rows=rows)

    def member(self, path: str, **changes: object) -> "Wheel":
        """Changes how a file is written into the archive."""

        def members(members: list[Member]) -> list[Member]:
            assert path in {member.name for member in members}
            return [
                replace(member, **changes) if member.name == path else member for member in members
            ]

        return replace(self, members=members)

    def with_member(self, *added: Member) -> "Wheel":
        return replace(self, members=lambda members: [*added, *members])

    def with_bom(self, change: Callable[[list[dict]], list[dict]]) -> "Wheel":
        """Changes the files that the bill of materials lists."""
        return replace(self, bom=change)

    def bill(self) -> File:
        """The bill of materials with the files as they are now."""
        bom = json.loads(self.tree[self.sbom].data)
        (runtime,) = [part for part in bom["components"] if part["type"] == "application"]
        added = {f"{IMPORT_PACKAGE}/{name}" for name in WHEEL_ADDS}
        runtime["components"] = self.bom(
            [
                {
                    "type": "file",
                    "name": path.removeprefix(f"{IMPORT_PACKAGE}/"),
                    "hashes": [{"alg": "SHA-256", "content": file.sha256}],
                }
                for path, file in self.tree.items()
                if path.startswith(f"{IMPORT_PACKAGE}/") and path not in added
            ]
        )
        return File(json.dumps(bom).encode())

    @property
    def sbom(self) -> str:
        return self.meta("sboms/openai-codex-cli-bin.cdx.json")

    def bytes(self) -> bytes:
        tree = dict(self.tree)
        if self.sbom in tree:
            tree[self.sbom] = self.bill()
        record = self.meta("RECORD")
        if record in tree:
            rows = [
                [path, f"sha256={base64_digest(file.data)}", str(len(file.data))]
                for path, file in tree.items()
                if path != record
            ]
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(self.rows([*rows, [record, "", ""]]))
            tree[record] = File(text.getvalue().encode())
        members = [Member(path, f.data, stat.S_IFREG | f.mode) for path, f in tree.items()]
        return self.after(zip_of(*self.members(members), **self.end))

    def write(self, parent: Path) -> Path:
        return bundles.save(parent / self.name, self.bytes())


def base64_digest(data: bytes, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def with_zip64_end(archive: bytes, extensible: bytes = b"") -> bytes:
    """Puts a zip64 end record and its locator before the end record."""
    end = len(archive) - 22
    entries, size, offset = struct.unpack("<HII", archive[end + 10 : end + 20])
    record = struct.pack(
        "<4sQHHIIQQQQ",
        b"PK\x06\x06", 44 + len(extensible), 45, 45, 0, 0, entries, entries, size, offset,
    )  # fmt: skip
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return archive[:end] + record + extensible + locator + archive[end:]
