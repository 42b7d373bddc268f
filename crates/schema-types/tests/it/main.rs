//! Schemas go in, Rust comes out. Whether that Rust compiles and does what it should is seen in
//! `tests/sdk/test_generate_types.py`, and on published runtimes in tests/acceptance.

mod items;
mod methods;
mod refused;
#[cfg(unix)]
mod runtimes;

use std::path::Path;

use schema_types::{Error, Schema, Traits};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The name of the only file that is read.
const FILE: &str = "codex_app_server_protocol.schemas.json";

/// The error for a file with these bytes.
fn refusal(bytes: impl AsRef<[u8]>) -> Error {
    generate(bytes).map(|_| ()).unwrap_err()
}

fn generate(bytes: impl AsRef<[u8]>) -> Result<String, Error> {
    let dir = TempDir::new().unwrap();
    fs_err::write(dir.path().join(FILE), bytes).unwrap();
    types(dir.path())
}

fn types(directory: &Path) -> Result<String, Error> {
    let types = Schema::in_directory(directory)?.types(&Traits::Own)?;
    Ok(types.source)
}

/// A protocol of one request, whose parameters are the definition `A`.
fn protocol(mut definitions: Value) -> String {
    definitions["ClientRequest"] = json!({"oneOf": [{
        "type": "object",
        "properties": {"method": {"enum": ["a"]}, "params": {"$ref": "#/definitions/A"}},
    }]});
    json!({"definitions": definitions}).to_string()
}

/// What is generated of some definitions, between the methods and `Serialize`.
fn items(definitions: Value) -> String {
    let source = generate(protocol(definitions)).unwrap();
    let (_, items) = source.split_once("pub mod server_notifications {").unwrap();
    let (_, items) = items.split_once("\n}\n\n").unwrap();
    let (items, _) = items.split_once("\nwire::serde_by_wire!").unwrap();
    items.to_owned()
}

/// The declaration of one item, without its documentation.
fn declaration(items: &str, name: &str) -> String {
    let start = ["struct", "enum", "type"]
        .iter()
        .find_map(|kind| {
            items
                .find(&format!("pub {kind} {name} "))
                .or_else(|| items.find(&format!("pub {kind} {name}(")))
        })
        .unwrap_or_else(|| panic!("no {name} in\n{items}"));
    let lines = items[start..].lines();
    let mut declaration = String::new();
    for line in lines {
        if !line.trim_start().starts_with("//") {
            declaration.push_str(line);
            declaration.push('\n');
        }
        if line == "}" || line.ends_with(';') {
            break;
        }
    }
    declaration
}
