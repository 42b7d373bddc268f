//! Schemas that nothing can be made of: each is told what is wrong with it, and where.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{generate, protocol, refusal, types};

#[test]
fn each_fault_is_named_with_its_place() {
    let a = |schema: Value| protocol(json!({"A": schema}));
    for (schema, message) in [
        (
            a(json!({"properties": {"x": {"$ref": "#/definitions/B"}}})),
            "#/definitions/A/properties/x: there is no #/definitions/B",
        ),
        (
            a(json!({"items": {"$ref": "other.json#/B"}, "type": "array"})),
            "#/definitions/A/items: other.json#/B is not in this file",
        ),
        (
            a(json!({"$ref": "#/definitions/A"})),
            "A is defined only by itself",
        ),
        (
            a(json!({"allOf": [{"$ref": "#/definitions/A"}, {"type": "object"}]})),
            "#/definitions/A is defined only by itself",
        ),
        (
            protocol(json!({"A": {"$ref": "#/definitions/B"}, "B": {"$ref": "#/definitions/A"}})),
            "A is defined only by itself",
        ),
        (
            a(json!(3)),
            "#/definitions/A: a schema is an object or a boolean",
        ),
        (
            a(json!({"$ref": 3})),
            "#/definitions/A/$ref: this is a string",
        ),
        (
            a(json!({"type": "text"})),
            "#/definitions/A/type: this is not a type of JSON",
        ),
        (
            a(json!({"type": [["null"]]})),
            "#/definitions/A/type: this is not a type of JSON",
        ),
        (
            a(json!({"enum": "a"})),
            "#/definitions/A/enum: this is a list of values",
        ),
        (
            a(json!({"anyOf": {}})),
            "#/definitions/A/anyOf: this is a list of schemas",
        ),
        (
            a(json!({"properties": []})),
            "#/definitions/A/properties: this is an object of schemas",
        ),
        (
            a(json!({"required": "a"})),
            "#/definitions/A/required: this is a list of names",
        ),
        (
            a(json!({"required": [1]})),
            "#/definitions/A/required: this is a list of names",
        ),
        (
            a(json!({"properties": {"x": {"oneOf": [{"type": "object", "title": 1}]}}})),
            "#/definitions/A/properties/x/oneOf/0/title: this is a string",
        ),
    ] {
        let error = refusal(&schema);
        assert_eq!(error.to_string(), message, "{schema}");
        assert!(!error.help().ends_with('.'));
    }
}

#[test]
fn what_is_no_schema_of_an_app_server() {
    for text in [
        "{}",
        "[]",
        "3",
        r#"{"definitions": {}}"#,
        r#"{"definitions": {"A": {}}}"#,
    ] {
        let error = refusal(text).to_string();
        assert!(
            error.contains("has no methods: no definition ClientRequest,"),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_json() {
    let deep = "[".repeat(100_000);
    let texts: [&[u8]; 4] = [
        b"",
        b"{\"definitions\": ",
        b"{\"a\": \"\xff\"}",
        deep.as_bytes(),
    ];
    for text in texts {
        let error = refusal(text).to_string();
        assert!(
            error.ends_with("codex_app_server_protocol.schemas.json is not JSON"),
            "{error}"
        );
    }
}

#[test]
fn what_is_not_there() {
    let dir = TempDir::new().unwrap();
    let error = types(dir.path()).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no codex_app_server_protocol.schemas.json in "),
        "{error}"
    );
    let error = types(&dir.path().join("missing")).unwrap_err().to_string();
    assert!(error.starts_with("failed to open file"), "{error}");
}

/// A pipe that nobody writes to would be waited for.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(crate::FILE);
    fs_err::create_dir(&path).unwrap();
    let refusal = || types(dir.path()).unwrap_err().to_string();
    let message = format!("{} is not a regular file", path.display());
    assert_eq!(refusal(), message);
    fs_err::remove_dir(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    assert_eq!(refusal(), message);
}

#[test]
fn what_is_too_large() {
    let error = refusal(vec![b' '; (64 << 20) + 1]).to_string();
    assert!(
        error.ends_with(".schemas.json is larger than 64 MiB"),
        "{error}"
    );
}

/// Each definition holds the next one twice: 2 to the power of 60 parts.
#[test]
fn what_unfolds_without_end() {
    let mut doubling = json!({"A": true});
    for level in 0..60 {
        let next = json!({"$ref": format!("#/definitions/L{}", level + 1)});
        doubling[format!("L{level}")] = json!({"allOf": [next.clone(), next]});
    }
    doubling["L60"] = json!({"properties": {"x": {"type": "string"}}});
    doubling["A"] = json!({"allOf": [{"$ref": "#/definitions/L0"}, {"type": "object"}]});
    // Inline, itself in itself.
    let own = json!([{"$ref": "#/definitions/A"}, {"required": ["y"]}]);
    let nested = json!({"A": {"properties": {"x": {"allOf": own}, "y": {"type": "string"}}}});
    // A chain of references.
    let mut chain = json!({"A": {"allOf": [{"$ref": "#/definitions/L0"}, {"type": "object"}]}});
    for level in 0..10_000 {
        chain[format!("L{level}")] = json!({"$ref": format!("#/definitions/L{}", level + 1)});
    }
    chain["L10000"] = json!({"type": "object"});
    for definitions in [doubling, nested, chain] {
        let error = refusal(protocol(definitions)).to_string();
        assert!(
            error.ends_with(": the schema unfolds without end"),
            "{error}"
        );
    }
}

#[test]
fn a_long_chain_of_types_is_no_fault() {
    let mut chain = json!({"A": {"properties": {"x": {"$ref": "#/definitions/L0"}}}});
    for level in 0..5_000 {
        let next = json!({"$ref": format!("#/definitions/L{}", (level + 1) % 5_000)});
        chain[format!("L{level}")] = json!({"properties": {"x": next}});
    }
    assert!(
        generate(protocol(chain))
            .unwrap()
            .contains("pub x: Option<Box<L4999>>,")
    );
}
