//! The methods, and what the schema does not say of them.

use schema_types::{Schema, Traits};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{FILE, generate, protocol};

fn entry(method: &str, params: &Value) -> Value {
    json!({"properties": {"method": {"enum": [method]}, "params": params}})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

/// The result of each method, `Value` where none is found.
fn results(requests: &[(&str, Value)], definitions: &[&str]) -> Vec<String> {
    let mut all = json!({"ClientRequest": {"oneOf": requests
        .iter()
        .map(|(method, params)| entry(method, params))
        .collect::<Vec<_>>()}});
    for definition in definitions {
        all[*definition] = json!({"type": "object"});
    }
    let source = generate(json!({"definitions": all}).to_string()).unwrap();
    source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("type Result = ")?
                .strip_suffix(';')
        })
        .map(|name| name.trim_start_matches("super::").to_owned())
        .collect()
}

#[test]
fn params_and_response_of_one_name_belong_together() {
    let nullable = json!({"anyOf": [reference("ReadParams"), {"type": "null"}]});
    assert_eq!(
        results(
            &[("a/start", reference("StartParams")), ("b/read", nullable)],
            &[
                "StartParams",
                "StartResponse",
                "ReadParams",
                "ReadResponse",
                "BReadResponse"
            ],
        ),
        ["StartResponse", "ReadResponse"]
    );
}

#[test]
fn a_response_belongs_to_the_method_that_has_all_its_words() {
    let none = || json!({"type": "null"});
    let write = || reference("ConfigValueWriteParams");
    assert_eq!(
        results(
            &[
                ("account/logout", none()),
                ("account/rateLimits/read", none()),
                ("config/mcpServer/reload", none()),
                ("config/value/write", write()),
                ("no/such/answer", none()),
            ],
            &[
                "ConfigValueWriteParams",
                "ConfigWriteResponse",
                "GetAccountRateLimitsResponse",
                "JSONRPCResponse",
                "LogoutAccountResponse",
                "McpServerRefreshResponse",
            ],
        ),
        [
            "LogoutAccountResponse",
            "GetAccountRateLimitsResponse",
            "McpServerRefreshResponse",
            "ConfigWriteResponse",
            "Value",
        ]
    );
}

#[test]
fn two_that_fit_as_well_fit_not_at_all() {
    let results = results(
        &[("a/b/c", json!({"type": "null"}))],
        &["ABResponse", "BCResponse"],
    );
    assert_eq!(results, ["Value"]);
}

#[test]
fn methods_whose_names_are_alike_are_two() {
    let none = &json!({"type": "null"});
    let list = json!({"oneOf": [entry("a/b", none), entry("a_b", none), entry("any", none)]});
    let definitions = json!({"definitions": {"ServerNotification": list}});
    let source = generate(definitions.to_string()).unwrap();
    assert!(source.contains("pub enum AB {}"));
    assert!(source.contains("pub enum AB2 {}"));
    assert!(source.contains("pub enum Any2 {}"));
    assert!(source.contains(r#""a_b" => Ok(Self::AB2),"#));
}

#[test]
fn traits_may_be_elsewhere() {
    let dir = TempDir::new().unwrap();
    fs_err::write(dir.path().join(FILE), protocol(json!({"A": true}))).unwrap();
    let schema = Schema::in_directory(dir.path()).unwrap();
    let traits = Traits::at("sdk::protocol").unwrap();
    let source = schema.types(&traits).unwrap().source;
    assert!(source.contains("impl sdk::protocol::Method for A {"));
    assert!(!source.contains("pub trait Method"));
    for path in ["", "a b", "a::", "a<B>", "1"] {
        assert!(Traits::at(path).is_err(), "{path}");
    }
}

#[test]
fn the_order_of_keys_makes_no_difference() {
    let [first, second] = [["b", "a"], ["a", "b"]].map(|names| {
        let fields = names
            .map(|name| format!(r#""{name}": {{"type": "string"}}"#))
            .join(",");
        protocol(json!({"A": "HERE"}))
            .replace("\"HERE\"", &format!(r#"{{"properties": {{{fields}}}}}"#))
    });
    assert_ne!(first, second);
    assert_eq!(generate(first).unwrap(), generate(second).unwrap());
}

/// The code that is generated uses these names for other things.
#[test]
fn no_name_is_taken_from_the_code_around_it() {
    let names = [
        "any",
        "option",
        "result",
        "string",
        "unrecognized",
        "value",
        "vec",
    ];
    let methods: Vec<Value> = (names.iter())
        .map(|name| entry(name, &json!({"type": ["string", "null"]})))
        .collect();
    let traits = [
        "ClientNotification",
        "Method",
        "ServerNotification",
        "ServerRequest",
    ];
    let mut definitions = json!({"ServerRequest": {"oneOf": methods}});
    for list in ["ClientRequest", "ServerNotification"] {
        definitions[list] = definitions["ServerRequest"].clone();
    }
    for name in traits {
        let namespaced = json!({"properties": {"x": {"type": "string"}}});
        definitions["v2"][name] = namespaced;
        let list = definitions["ClientRequest"]["oneOf"].as_array_mut();
        let params = json!({"$ref": format!("#/definitions/v2/{name}")});
        list.unwrap().push(entry(&format!("with{name}"), &params));
    }
    let source = generate(json!({"definitions": definitions}).to_string()).unwrap();
    for name in names {
        let mut name = name.to_owned();
        name[..1].make_ascii_uppercase();
        let marker = format!("pub enum {name}2 {{}}");
        assert_eq!(source.matches(&marker).count(), 3, "{marker}");
    }
    for name in traits {
        assert!(
            source.contains(&format!("pub struct {name}V2 {{")),
            "{name}"
        );
    }
}

#[test]
fn debug_of_a_schema_and_of_types_names_sizes() {
    let dir = TempDir::new().unwrap();
    let large = "a".repeat(1 << 20);
    let protocol = protocol(json!({"A": {"type": "object", "description": large}}));
    fs_err::write(dir.path().join(FILE), protocol).unwrap();
    let schema = Schema::in_directory(dir.path()).unwrap();
    let text = format!("{schema:#?}");
    assert!(
        text.len() < 4 << 10 && text.contains("definitions: 2"),
        "{text}"
    );
    let types = schema.types(&Traits::Own).unwrap();
    let text = format!("{types:#?}");
    let size = format!("source: {} bytes", types.source.len());
    assert!(text.len() < 4 << 10 && text.contains(&size), "{text}");
}
