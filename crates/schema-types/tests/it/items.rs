//! What becomes of each kind of schema.

use serde_json::json;

use crate::{declaration, items};

#[test]
fn an_object_whole() {
    let items = items(json!({"A": {
        "description": "An [A].",
        "type": "object",
        "required": ["threadId"],
        "properties": {
            "threadId": {"type": "string", "description": "Which thread."},
            "limit": {"type": ["integer", "null"], "format": "uint32", "default": 10},
        },
    }}));
    assert_eq!(
        items,
        r#"/// An \[A\].
#[derive(Clone, Debug)]
pub struct A {
    /// `limit` on the wire.
    ///
    /// Default: `10`.
    pub limit: Option<u32>,
    /// Which thread.
    pub thread_id: String,
    /// Fields that the schema does not name.
    pub extra: Extra,
}

impl A {
    /// With the fields that have to be there, and no others.
    pub fn new(thread_id: String) -> Self {
        Self {
            limit: None,
            thread_id,
            extra: Default::default(),
        }
    }
}

impl wire::Wire for A {
    #[inline]
    fn read(value: Value) -> wire::Read<Self> {
        let mut fields = wire::Fields::read(value)?;
        Ok(Self {
            limit: fields.optional("limit")?,
            thread_id: fields.required("threadId")?,
            extra: fields.rest(),
        })
    }

    #[inline]
    fn write(&self) -> Value {
        let mut fields = wire::Fields::write(&self.extra);
        fields.put_some("limit", &self.limit);
        fields.put("threadId", &self.thread_id);
        fields.object()
    }
}
"#
    );
}

#[test]
fn types_of_fields() {
    let items = items(json!({
        "A": {
            "required": ["map", "nullable", "any", "nothing"],
            "properties": {
                "any": true,
                "bool": {"type": "boolean"},
                "float": {"type": "number", "format": "double"},
                "free": {"type": "object"},
                "i16": {"type": "integer", "format": "int16"},
                "integer": {"type": "integer"},
                "list": {"type": "array", "items": {"$ref": "#/definitions/Path"}},
                "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "natural": {"type": "integer", "minimum": 0.0},
                "nothing": {"type": "null"},
                "nullable": {"anyOf": [{"$ref": "#/definitions/Path"}, {"type": "null"}]},
                "odd": {"type": "integer", "format": "int1000"},
                "one": {"allOf": [{"$ref": "#/definitions/Path"}], "default": "/"},
                "tuple": {"type": "array", "items": [{"type": "string"}]},
            },
        },
        "Path": {"type": "string", "description": "Absolute."},
    }));
    assert_eq!(
        declaration(&items, "A"),
        "pub struct A {
    pub any: Value,
    pub bool: Option<bool>,
    pub float: Option<f64>,
    pub free: Option<Extra>,
    pub i16: Option<i16>,
    pub integer: Option<i64>,
    pub list: Option<Vec<Path>>,
    pub map: std::collections::BTreeMap<String, bool>,
    pub natural: Option<u64>,
    pub nothing: (),
    pub nullable: Option<Path>,
    pub odd: Option<i64>,
    pub one: Option<Path>,
    pub tuple: Option<Vec<Value>>,
    pub extra: Extra,
}
"
    );
    assert_eq!(declaration(&items, "Path"), "pub type Path = String;\n");
}

#[test]
fn what_is_beside_the_properties_may_have_a_type() {
    let items = items(json!({"A": {
        "properties": {"default": {"type": "string"}, "extra": {"type": "string"}},
        "additionalProperties": {"properties": {"on": {"type": "boolean"}}},
    }}));
    assert_eq!(
        declaration(&items, "A"),
        "pub struct A {
    pub default: Option<String>,
    pub extra2: Option<String>,
    pub extra: std::collections::BTreeMap<String, AExtra>,
}
"
    );
    assert!(items.contains("extra: fields.all()?,"));
    assert!(items.contains("#[derive(Clone, Debug, Default)]\npub struct A {"));
}

#[test]
fn names() {
    let items = items(json!({"A": {"oneOf": [
        {"enum": ["on-request"], "description": "When asked."},
        {"type": "string", "enum": ["never", "on_request", "unrecognized", "never"]},
    ]}}));
    assert_eq!(
        declaration(&items, "A"),
        "pub enum A {
    OnRequest,
    Never,
    OnRequest2,
    Unrecognized2,
    Unrecognized(Value),
}
"
    );
    assert!(items.contains("    /// When asked.\n    OnRequest,"));
    assert!(items.contains(r#"Self::OnRequest2 => Value::from("on_request"),"#));
    assert!(items.contains("#[derive(Clone, Debug, PartialEq, Eq)]\npub enum A {"));
}

#[test]
fn names_and_objects_of_one_field() {
    let items = items(json!({"A": {"anyOf": [
        {"enum": ["accept", "decline"]},
        {
            "type": "object",
            "required": ["granular"],
            "properties": {"granular": {"properties": {"rules": {"type": "boolean"}}}},
            "additionalProperties": false,
        },
        {"type": ["string", "object"]},
    ]}}));
    assert_eq!(
        declaration(&items, "A"),
        "pub enum A {
    Accept,
    Decline,
    Granular(AGranular),
    Unrecognized(Value),
}
"
    );
}

#[test]
fn objects_with_a_tag() {
    let items = items(json!({
        "A": {
            "required": ["threadId"],
            "properties": {"threadId": {"type": "string"}},
            "oneOf": [
                {"properties": {"kind": {"const": "text"}, "text": {"type": "string"}}},
                {"properties": {"kind": {"enum": ["none"]}}},
            ],
        },
        "B": true,
    }));
    assert_eq!(
        declaration(&items, "A"),
        "pub enum A {
    Text(AText),
    None(ANone),
    Unrecognized(Value),
}
"
    );
    // The tag is the variant; what stands beside the alternatives belongs to each of them.
    assert_eq!(
        declaration(&items, "AText"),
        "pub struct AText {
    pub text: Option<String>,
    pub thread_id: String,
    pub extra: Extra,
}
"
    );
}

#[test]
fn definitions_with_a_tag_keep_it() {
    let items = items(json!({
        "A": {"oneOf": [{"$ref": "#/definitions/Cat"}, {"$ref": "#/definitions/Dog"}]},
        "Cat": {"type": "object", "properties": {"type": {"const": "cat"}}},
        "Dog": {"type": "object", "properties": {"type": {"const": "dog"}}},
    }));
    assert!(items.contains(r#"Some("cat") => wire::Wire::read(value).map(Self::Cat),"#));
    assert!(items.contains("Self::Cat(content) => content.write(),"));
    assert!(declaration(&items, "Cat").contains("pub r#type: Option<CatType>,"));
}

#[test]
fn alternatives_that_nothing_tells_apart_are_tried() {
    let items = items(json!({"A": {"anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "required": ["url", "x"], "properties": {"url": {"type": "string"}}},
        {"type": "object", "required": ["id", "x"], "properties": {"id": {"type": "string"}}},
    ]}}));
    assert_eq!(
        declaration(&items, "A"),
        "pub enum A {
    Text(String),
    List(Vec<String>),
    Url(AUrl),
    Id(AId),
    Unrecognized(Value),
}
"
    );
}

#[test]
fn a_list_of_types_is_alternatives() {
    let items = items(json!({"A": {"properties": {
        "id": {"type": ["string", "integer", "null"]},
    }}}));
    assert!(declaration(&items, "A").contains("pub id: Option<AId>,"));
    assert_eq!(
        declaration(&items, "AId"),
        "pub enum AId {
    Integer(i64),
    Text(String),
    Unrecognized(Value),
}
"
    );
}

#[test]
fn all_of_is_one_object() {
    let items = items(json!({
        "A": {
            "allOf": [{"$ref": "#/definitions/Base"}, {"required": ["b"]}],
            "properties": {"own": {"type": "boolean"}},
        },
        "Base": {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
    }));
    assert_eq!(
        declaration(&items, "A"),
        "pub struct A {
    pub a: Option<String>,
    pub b: String,
    pub own: Option<bool>,
    pub extra: Extra,
}
"
    );
}

#[test]
fn what_contains_itself_is_in_a_box() {
    let items = items(json!({
        "A": {"properties": {
            "a": {"$ref": "#/definitions/A"},
            "list": {"type": "array", "items": {"$ref": "#/definitions/A"}},
            "tree": {"$ref": "#/definitions/Tree"},
            "b": {"$ref": "#/definitions/B"},
        }},
        "B": {"anyOf": [{"$ref": "#/definitions/A"}, {"type": "null"}]},
        "Tree": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
    }));
    assert_eq!(
        declaration(&items, "A"),
        "pub struct A {
    pub a: Option<Box<A>>,
    pub b: Option<Box<B>>,
    pub list: Option<Vec<A>>,
    pub tree: Option<Tree>,
    pub extra: Extra,
}
"
    );
    assert_eq!(declaration(&items, "B"), "pub type B = Option<A>;\n");
    assert_eq!(
        declaration(&items, "Tree"),
        "pub struct Tree(pub Vec<Tree>);\n"
    );
}

#[test]
fn a_definition_in_both_versions_is_one_type_if_both_say_the_same() {
    let named = |id: &str| json!({"properties": {"id": {"$ref": id}}});
    let items = items(json!({
        "A": {"properties": {
            "both": {"$ref": "#/definitions/v2/Both"},
            "old": {"$ref": "#/definitions/Both"},
            "left": {"$ref": "#/definitions/Differs"},
            "right": {"$ref": "#/definitions/v2/Differs"},
        }},
        "Both": named("#/definitions/Id"),
        "Id": {"type": "string", "title": "Id"},
        "Differs": named("#/definitions/Key"),
        "Key": {"type": "string"},
        "v2": {
            "Both": named("#/definitions/v2/Id"),
            "Id": {"type": "string"},
            "Differs": named("#/definitions/v2/Key"),
            "Key": {"type": "integer"},
        },
    }));
    let a = declaration(&items, "A");
    assert!(
        a.contains("pub both: Option<Both>,\n    pub left: Option<Differs>,"),
        "{a}"
    );
    assert!(
        a.contains("pub old: Option<Both>,\n    pub right: Option<DiffersV2>,"),
        "{a}"
    );
}

#[test]
fn only_what_a_method_leads_to_is_there() {
    let items = items(json!({
        "A": {"properties": {"b": {"$ref": "#/definitions/B"}}},
        "B": {"type": "object"},
        "Unused": {"type": "object"},
    }));
    assert!(items.contains("pub struct B {"));
    assert!(!items.contains("Unused"));
}

#[test]
fn hostile_names() {
    let items = items(json!({"A": {
        "properties": {
            "": {"type": "string"}, "*": {"type": "string"}, "self": {"type": "string"},
            "type": {"type": "string"}, "fooBar": {"type": "string"}, "foo_bar": {"type": "string"},
            "\"; fn main() {} //": {"$ref": "#/definitions/Option"},
        },
    }, "Option": {"enum": ["", "*", "Self", "a\u{202e}b", "\"\\"]}}));
    assert_eq!(
        declaration(&items, "A"),
        "pub struct A {
    pub empty: Option<String>,
    pub fn_main: Option<Option2>,
    pub empty2: Option<String>,
    pub foo_bar: Option<String>,
    pub foo_bar2: Option<String>,
    pub self_: Option<String>,
    pub r#type: Option<String>,
    pub extra: Extra,
}
"
    );
    assert!(items.contains(r#"fields.optional("\"; fn main() {} //")?"#));
    assert!(
        items.contains(r#"Some("a\u{202e}b") => return Ok(Self::AB),"#),
        "{items}"
    );
}
