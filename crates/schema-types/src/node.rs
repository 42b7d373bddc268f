//! One schema, parsed: the part of JSON Schema that types are made of.
//!
//! What only narrows a value (`minLength`, `pattern`, `format` of a string, …) is left out on purpose:
//! a type that refuses what a newer server sends is worth less than one that takes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::error::Error;
use crate::place::Place;

/// A type of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// What an object may have besides its properties.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Additional {
    #[default]
    Unsaid,
    Closed,
    Open,
    Of(Box<Node>),
}

/// A schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    pub at: Place,
    pub reference: Option<String>,
    /// Sorted; empty is any.
    pub kinds: Vec<Kind>,
    /// `enum` or `const`.
    pub values: Option<Vec<Value>>,
    pub properties: BTreeMap<String, Node>,
    pub required: BTreeSet<String>,
    pub additional: Additional,
    pub items: Option<Box<Node>>,
    pub all_of: Vec<Node>,
    /// `anyOf` or `oneOf`: a value that fits several is read as the first of them either way.
    pub any_of: Vec<Node>,
    pub format: Option<String>,
    /// Two lists of alternatives at once, which no type of Rust says.
    pub opaque: bool,
    /// `minimum` is zero or more.
    pub unsigned: bool,
    pub title: Option<String>,
    pub description: Option<String>,
    pub default: Option<Value>,
}

impl Node {
    /// Parses a schema at a place. The depth of a JSON text is limited by its parser.
    pub fn parse(value: &Value, at: &Place) -> Result<Self, Error> {
        let fields = match value {
            Value::Object(fields) => fields,
            // `true` is anything; `false` is nothing, and a type for nothing helps nobody.
            Value::Bool(_) => {
                return Ok(Self {
                    at: at.clone(),
                    ..Self::default()
                });
            }
            _ => return Err(malformed(at, "a schema is an object or a boolean")),
        };
        let (any_of, one_of) = (list(fields, "anyOf", at)?, list(fields, "oneOf", at)?);
        let opaque = !any_of.is_empty() && !one_of.is_empty();
        Ok(Self {
            at: at.clone(),
            reference: text(fields, "$ref", at)?,
            kinds: kinds(fields, at)?,
            values: values(fields, at)?,
            properties: properties(fields, at)?,
            required: required(fields, at)?,
            additional: match fields.get("additionalProperties") {
                None => Additional::Unsaid,
                Some(Value::Bool(true)) => Additional::Open,
                Some(Value::Bool(false)) => Additional::Closed,
                Some(schema) => Additional::Of(Box::new(Self::parse(
                    schema,
                    &at.join("additionalProperties"),
                )?)),
            },
            // A list of schemas, one for each item of a tuple, is left as a list of anything.
            items: match fields.get("items") {
                None | Some(Value::Array(_)) => None,
                Some(schema) => Some(Box::new(Self::parse(schema, &at.join("items"))?)),
            },
            all_of: list(fields, "allOf", at)?,
            any_of: if any_of.is_empty() { one_of } else { any_of },
            opaque,
            format: text(fields, "format", at)?,
            unsigned: fields
                .get("minimum")
                .and_then(Value::as_f64)
                .is_some_and(|minimum| minimum >= 0.0),
            title: text(fields, "title", at)?,
            description: text(fields, "description", at)?,
            default: fields.get("default").cloned(),
        })
    }

    /// What this says, without texts and without where its references lead, which are listed.
    pub fn shape(&self, references: &mut Vec<String>) -> Self {
        references.extend(self.reference.clone());
        let mut each =
            |nodes: &[Self]| -> Vec<Self> { nodes.iter().map(|n| n.shape(references)).collect() };
        let (all_of, any_of) = (each(&self.all_of), each(&self.any_of));
        Self {
            reference: self.reference.as_ref().map(|_| String::new()),
            properties: self
                .properties
                .iter()
                .map(|(name, property)| (name.clone(), property.shape(references)))
                .collect(),
            additional: match &self.additional {
                Additional::Of(schema) => Additional::Of(Box::new(schema.shape(references))),
                other => other.clone(),
            },
            items: (self.items.as_ref()).map(|items| Box::new(items.shape(references))),
            all_of,
            any_of,
            title: None,
            description: None,
            default: None,
            ..self.clone()
        }
    }

    /// Whether a value that fits `allOf` fits this.
    pub fn adds_nothing(&self) -> bool {
        let bare = Self {
            all_of: self.all_of.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            default: self.default.clone(),
            ..Self::default()
        };
        *self == bare
    }

    /// The one string that this may be.
    pub fn single_string(&self) -> Option<&str> {
        match self.values.as_deref() {
            Some([Value::String(text)]) => Some(text),
            _ => None,
        }
    }

    /// Whether this is `null` and nothing else.
    pub fn is_null(&self) -> bool {
        self.kinds == [Kind::Null] || self.values.as_deref() == Some(&[Value::Null])
    }

    /// Whether this is `anyOf` or `oneOf` and nothing else.
    pub fn is_nothing_but_alternatives(&self) -> bool {
        let bare = Self {
            any_of: self.any_of.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            ..Self::default()
        };
        !self.any_of.is_empty() && *self == bare
    }

    /// Whether this can only be an object.
    pub fn is_object(&self) -> bool {
        self.kinds == [Kind::Object] || (self.kinds.is_empty() && !self.properties.is_empty())
    }

    /// Whether this says no more than that it is a string or an object.
    pub fn is_room(&self) -> bool {
        let bare = Self {
            kinds: self.kinds.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            ..Self::default()
        };
        let room = |kind: &Kind| matches!(kind, Kind::String | Kind::Object);
        !self.kinds.is_empty() && self.kinds.iter().all(room) && *self == bare
    }
}

fn malformed(at: &Place, problem: &'static str) -> Error {
    Error::Malformed {
        at: at.to_string(),
        problem,
    }
}

fn text(fields: &Map<String, Value>, key: &str, at: &Place) -> Result<Option<String>, Error> {
    match fields.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(malformed(&at.join(key), "this is a string")),
    }
}

fn list(fields: &Map<String, Value>, key: &str, at: &Place) -> Result<Vec<Node>, Error> {
    let at = at.join(key);
    match fields.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(schemas)) => schemas
            .iter()
            .enumerate()
            .map(|(index, schema)| Node::parse(schema, &at.join(&index.to_string())))
            .collect(),
        Some(_) => Err(malformed(&at, "this is a list of schemas")),
    }
}

fn kinds(fields: &Map<String, Value>, at: &Place) -> Result<Vec<Kind>, Error> {
    let at = at.join("type");
    let names = match fields.get("type") {
        None => return Ok(Vec::new()),
        Some(Value::Array(names)) => names.as_slice(),
        Some(name) => std::slice::from_ref(name),
    };
    let mut kinds = names
        .iter()
        .map(|name| match name.as_str() {
            Some("null") => Ok(Kind::Null),
            Some("boolean") => Ok(Kind::Boolean),
            Some("integer") => Ok(Kind::Integer),
            Some("number") => Ok(Kind::Number),
            Some("string") => Ok(Kind::String),
            Some("array") => Ok(Kind::Array),
            Some("object") => Ok(Kind::Object),
            _ => Err(malformed(&at, "this is not a type of JSON")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

fn values(fields: &Map<String, Value>, at: &Place) -> Result<Option<Vec<Value>>, Error> {
    match (fields.get("const"), fields.get("enum")) {
        (Some(value), _) => Ok(Some(vec![value.clone()])),
        (None, Some(Value::Array(values))) => Ok(Some(values.clone())),
        (None, Some(_)) => Err(malformed(&at.join("enum"), "this is a list of values")),
        (None, None) => Ok(None),
    }
}

fn properties(fields: &Map<String, Value>, at: &Place) -> Result<BTreeMap<String, Node>, Error> {
    let at = at.join("properties");
    match fields.get("properties") {
        None => Ok(BTreeMap::new()),
        Some(Value::Object(properties)) => properties
            .iter()
            .map(|(name, schema)| {
                Node::parse(schema, &at.join(name)).map(|node| (name.clone(), node))
            })
            .collect(),
        Some(_) => Err(malformed(&at, "this is an object of schemas")),
    }
}

fn required(fields: &Map<String, Value>, at: &Place) -> Result<BTreeSet<String>, Error> {
    let at = at.join("required");
    let wrong = || malformed(&at, "this is a list of names");
    match fields.get("required") {
        None => Ok(BTreeSet::new()),
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}
