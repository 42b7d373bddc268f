"""A program of generated types: it reads JSON as the type of a method, and writes it again."""

import json
import random
import re
import string
import subprocess
from pathlib import Path

from clients import cargo, target_dir

MANIFEST = """\
[package]
name = "types-program"
version = "0.0.0"
edition = "2024"

[dependencies]
serde = "1"
serde_json = "1"

[workspace]
"""

LIBRARY = """\
//! Generated types as a user has them, whose lints are strict.
#![deny(warnings, missing_docs, clippy::all, rustdoc::all, unreachable_pub)]

pub mod types;
"""

MAIN = r"""use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use types_program::types::*;

type Again = Result<(Value, &'static str), String>;

fn again<T: Debug + DeserializeOwned + Serialize>(value: Value) -> Again {
    let read: T = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let shown = format!("{read:?}");
    let new = if shown.contains("Unrecognized(") {
        "name"
    } else if shown.contains("extra: {\"") {
        "field"
    } else {
        ""
    };
    Ok((serde_json::to_value(&read).map_err(|error| error.to_string())?, new))
}

fn run(list: &str, method: &str, part: &str, value: Value) -> Again {
    match list {
        "server_requests" if part == "params" => {
            server_requests::Any::read(method, value.clone()).map_err(|error| error.to_string())?;
        }
        "server_notifications" => {
            server_notifications::Any::read(method, value.clone())
                .map_err(|error| error.to_string())?;
        }
        _ => {}
    }
    match (list, method, part) {
        ARMS
        _ => Err("no such method".to_owned()),
    }
}

fn main() {
    for line in std::io::stdin().lines() {
        let (list, method, part, value): (String, String, String, Value) =
            serde_json::from_str(&line.unwrap()).unwrap();
        match run(&list, &method, &part, value) {
            Ok((value, new)) => println!("{}", json!({"value": value, "new": new})),
            Err(error) => println!("{}", json!({"error": error})),
        }
    }
}
"""

TRAITS = {
    "Method": "client_requests",
    "ClientNotification": "client_notifications",
    "ServerRequest": "server_requests",
    "ServerNotification": "server_notifications",
}

LISTS = {
    "client_requests": "ClientRequest",
    "server_requests": "ServerRequest",
    "server_notifications": "ServerNotification",
}

MARKER = re.compile(
    r"impl super::(\w+) for (\S+) \{\s+const NAME: &'static str = (\"(?:[^\"\\]|\\.)*\");"
    r"\s+type Params = (.*?);(?:\s+type Result = (.*?);)?",
    re.DOTALL,
)


class Types:
    """A generated file: what it says of the methods, and a program that uses it."""

    def __init__(self, source: Path, directory: Path):
        self.text = source.read_text(encoding="utf-8")
        self.directory = directory
        # (list, method) to the names of its types.
        self.methods: dict[tuple[str, str], dict[str, str]] = {}
        arms = []
        for trait, marker, method, params, result in MARKER.findall(self.text):
            group = TRAITS[trait]
            parts = {"params": params} | ({"result": result} if result else {})
            self.methods[group, json.loads(method)] = parts
            arms += [
                f'("{group}", {method}, "{part}") => '
                f"again::<<{group}::{marker} as {trait}>::{part.title()}>(value),"
                for part in parts
            ]
        (directory / "src").mkdir(parents=True)
        (directory / "Cargo.toml").write_text(MANIFEST)
        (directory / "src/lib.rs").write_text(LIBRARY)
        (directory / "src/types.rs").write_text(self.text, encoding="utf-8")
        (directory / "src/main.rs").write_text(MAIN.replace("ARMS", "\n        ".join(arms)))

    def cargo(self, *args: object, **kwargs) -> subprocess.CompletedProcess:
        return cargo(*args, "--manifest-path", self.directory / "Cargo.toml", **kwargs)

    def messages(self, values: "Values", count: int) -> list[tuple]:
        """Values for each method, as `again` takes them."""
        definitions = values.schema["definitions"]
        messages = []
        for (group, method), parts in self.methods.items():
            for part, name in parts.items():
                if name in ("()", "super::Value"):
                    continue
                if part == "params":
                    (schema,) = (
                        entry["properties"]["params"]
                        for entry in definitions[LISTS[group]]["oneOf"]
                        if method in entry["properties"]["method"]["enum"]
                    )
                else:
                    name = name.removeprefix("super::")
                    schema = definitions.get("v2", {}).get(name) or definitions[name]
                messages += [(group, method, part, values.one(schema)) for _ in range(count)]
        return messages

    def again(self, messages: list[tuple]) -> list[dict]:
        """Has the program read and write values: `(list, method, "params" or "result", value)`.

        Gives the value that it wrote, and what in it was new to its type: a "name", a "field", "".
        """
        self.cargo("build", "--quiet")
        lines = "".join(json.dumps(message) + "\n" for message in messages)
        result = subprocess.run(
            [target_dir() / "debug/types-program"],
            input=lines.encode(),
            capture_output=True,
            timeout=120,
        )
        assert result.returncode == 0, result.stderr.decode()
        return [json.loads(line) for line in result.stdout.splitlines()]


RANGES = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "uint": (0, 2**64 - 1),
}


class Values:
    """Values that fit a schema, as a server of a later version might send them: with fields and
    names that the schema does not have."""

    def __init__(self, schema: dict, seed: int, novelty: float = 0.1):
        self.schema, self.novelty = schema, novelty
        self.random = random.Random(seed)

    def new(self) -> bool:
        return self.random.random() < self.novelty

    def text(self) -> str:
        letters = string.printable + "äß€😀"
        return "".join(self.random.choices(letters, k=self.random.randrange(8)))

    def anything(self) -> object:
        return self.random.choice([None, True, 7, -1.5, "text", [1, "a"], {"a": {"b": None}}])

    def resolve(self, reference: str) -> object:
        node = self.schema
        for segment in reference.removeprefix("#/").split("/"):
            node = node[segment.replace("~1", "/").replace("~0", "~")]
        return node

    def one(self, schema: object, depth: int = 0) -> object:
        if isinstance(schema, bool):
            return self.anything()
        if "$ref" in schema:
            return self.one(self.resolve(schema["$ref"]), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            several = len(schema["enum"]) > 1
            return "brandNew" if several and self.new() else self.random.choice(schema["enum"])
        if "allOf" in schema:
            values = [self.one(part, depth) for part in schema["allOf"]]
            if not isinstance(values[0], dict):
                return values[0]
            return {k: v for value in values for k, v in value.items()}
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            return self.branch(schema, branches, depth)
        kinds = schema.get("type", "object" if "properties" in schema else None)
        if kinds is None:
            return self.anything()
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if depth > 6 and "null" in kinds:
            return None
        return self.of_kind(self.random.choice(kinds), schema, depth)

    def branch(self, schema: dict, branches: list, depth: int) -> object:
        if depth > 6 and {"type": "null"} in branches:
            return None
        if not self.novelty:
            # Beside names, "any string" is room for new ones.
            branches = [b for b in branches if b != {"type": ["string", "object"]}]
        value = self.one(self.random.choice(branches), depth)
        if "properties" in schema and isinstance(value, dict):
            value |= self.object(schema, depth)
        if isinstance(value, dict) and "type" in value and self.new():
            value["type"] = "brandNew"
        return value

    def of_kind(self, kind: str, schema: dict, depth: int) -> object:
        if kind == "null":
            return None
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "integer":
            low, high = RANGES.get(schema.get("format"), (-(2**63), 2**63 - 1))
            return self.random.choice([max(low, int(schema.get("minimum", low))), high, 7])
        if kind == "number":
            return self.random.choice([0.0, -1.5, 1e300])
        if kind == "string":
            return self.text()
        if kind == "array":
            count = 0 if depth > 6 else self.random.randrange(3)
            items = schema.get("items", True)
            return [self.one(items, depth + 1) for _ in range(count)]
        return self.object(schema, depth)

    def object(self, schema: dict, depth: int) -> dict:
        required = schema.get("required", [])
        value = {}
        for name, field in schema.get("properties", {}).items():
            if name not in required and (depth > 6 or self.random.random() < 0.3):
                continue
            item = self.one(field, depth + 1)
            # Null and nothing are one where a field may be either.
            if name in required or item is not None:
                value[name] = item
        rest = schema.get("additionalProperties", True)
        if isinstance(rest, dict):
            value |= {self.text() + "!": self.one(rest, depth + 1) for _ in range(2)}
        elif self.new():
            value["brandNew"] = self.anything()
        return value
