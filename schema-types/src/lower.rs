//! From schemas to types.
//!
//! Only what a method leads to becomes a type. Definitions are taken from a queue and never by
//! recursion, so a schema may go in circles; what recursion is left is within one definition, and
//! its depth and the number of its steps have a limit.

mod merge;
mod union;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use crate::document::{Document, last_segment, namespace};
use crate::error::Error;
use crate::model::{Body, Field, Item, Type};
use crate::name::{Scope, field_name, type_name};
use crate::node::{Additional, Kind, Node};
use crate::place::Place;
pub use union::FALLBACK;

/// The schema of 0.163.0 takes 16,000 steps.
const MOST_PARTS: usize = 1_000_000;

/// How deep inline schemas lie in one another. JSON itself may be 128 deep, which is half as many
/// schemas; the rest is room for what `allOf` brings together.
const MOST_LEVELS: usize = 100;

/// Names that mean something in the generated file, so no type of the schema has them.
const TAKEN: [&str; 25] = [
    "Box",
    "ClientNotification",
    "Clone",
    "Debug",
    "Default",
    "Deserialize",
    "Err",
    "Extra",
    "From",
    "Map",
    "Method",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Result",
    "Serialize",
    "ServerNotification",
    "ServerRequest",
    "Some",
    "String",
    "Value",
    "Vec",
    "Wire",
    "BTreeMap",
];

/// A schema on its way to a type.
pub struct Lowering<'a> {
    document: &'a Document,
    scope: Scope,
    /// What each reference is called.
    names: HashMap<String, String>,
    /// The references of each name as the schema has it, to find two definitions that are one.
    homonyms: HashMap<String, Vec<String>>,
    queue: VecDeque<String>,
    parsed: HashMap<String, Rc<Node>>,
    items: BTreeMap<String, Item>,
    parts: usize,
    level: usize,
}

/// The name that a schema has, or would have.
#[derive(Debug, Clone)]
pub enum Naming {
    /// A definition: the name is its own.
    Own(String),
    /// Nobody has named it yet.
    Hint(String),
}

impl Naming {
    /// A name for something inside.
    fn inside(&self, raw: &str) -> Self {
        let (Self::Own(name) | Self::Hint(name)) = self;
        Self::Hint(format!("{name}{}", type_name(raw)))
    }
}

impl<'a> Lowering<'a> {
    pub fn new(document: &'a Document) -> Self {
        Self {
            document,
            scope: Scope::with(&TAKEN),
            names: HashMap::new(),
            homonyms: HashMap::new(),
            queue: VecDeque::new(),
            parsed: HashMap::new(),
            items: BTreeMap::new(),
            parts: 0,
            level: 0,
        }
    }

    /// The type of a schema, and whether it may be null.
    pub fn type_of(&mut self, node: &Node, naming: &Naming) -> Result<Type, Error> {
        self.spend(&node.at)?;
        self.level += 1;
        let lowered = if self.level > MOST_LEVELS {
            Err(Self::too_many(&node.at))
        } else {
            self.lower(node, naming)
        };
        self.level -= 1;
        lowered
    }

    /// Turns every definition that was referred to into an item.
    pub fn finish(mut self) -> Result<BTreeMap<String, Item>, Error> {
        while let Some(reference) = self.queue.pop_front() {
            let node = self.parse(&reference, &Place::of_reference(&reference))?;
            let Some(name) = self.names.get(&reference).cloned() else {
                continue;
            };
            let ty = self.type_of(&node, &Naming::Own(name.clone()))?;
            // What is no struct and no enum has not become an item yet.
            self.items.entry(name).or_insert_with(|| Item {
                description: node.description.clone(),
                body: Body::Alias(ty),
            });
        }
        Ok(self.items)
    }

    /// The type that a reference stands for.
    pub fn reference(&mut self, reference: &str, at: &Place) -> Result<Type, Error> {
        if let Some(name) = self.names.get(reference) {
            return Ok(Type::Named(name.clone()));
        }
        // It has to be there, even if it turns out to be another one's twin.
        self.parse(reference, at)?;
        let raw = last_segment(reference);
        let homonyms = self.homonyms.get(&raw).cloned().unwrap_or_default();
        for other in &homonyms {
            if self.same(reference, other, at)? {
                let name = self.names[other].clone();
                self.names.insert(reference.to_owned(), name.clone());
                return Ok(Type::Named(name));
            }
        }
        let mut name = type_name(&raw);
        if !self.scope.is_free(&name)
            && let Some(namespace) = namespace(reference)
        {
            name.push_str(&type_name(namespace));
        }
        let name = self.scope.take(&name);
        self.homonyms
            .entry(raw)
            .or_default()
            .push(reference.to_owned());
        self.names.insert(reference.to_owned(), name.clone());
        self.queue.push_back(reference.to_owned());
        Ok(Type::Named(name))
    }

    /// Whether two definitions say the same, as those do that both versions of the protocol have.
    fn same(&mut self, first: &str, second: &str, at: &Place) -> Result<bool, Error> {
        let mut pairs = vec![(first.to_owned(), second.to_owned())];
        let mut seen = HashSet::new();
        while let Some((first, second)) = pairs.pop() {
            if first == second || !seen.insert((first.clone(), second.clone())) {
                continue;
            }
            self.spend(at)?;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            let shape = self.parse(&first, at)?.shape(&mut ours);
            if shape != self.parse(&second, at)?.shape(&mut theirs) {
                return Ok(false);
            }
            pairs.extend(ours.into_iter().zip(theirs));
        }
        Ok(true)
    }

    fn lower(&mut self, node: &Node, naming: &Naming) -> Result<Type, Error> {
        if let Some(reference) = &node.reference {
            return self.reference(reference, &node.at);
        }
        if let [part] = node.all_of.as_slice()
            && node.adds_nothing()
        {
            return self.type_of(part, naming);
        }
        let node = &self.flatten(node)?;
        if node.opaque {
            return Ok(Type::Any);
        }
        if let Some(values) = &node.values {
            return Ok(self.values(node, values, naming));
        }
        if !node.any_of.is_empty() {
            return self.union(node, naming);
        }
        let nullable = node.kinds.contains(&Kind::Null);
        let kinds: Vec<Kind> = node
            .kinds
            .iter()
            .copied()
            .filter(|k| *k != Kind::Null)
            .collect();
        let naming = &naming.of_value(nullable);
        let ty = match kinds.as_slice() {
            [] if nullable => Type::Nothing,
            [] if node.properties.is_empty() => Type::Any,
            [] | [Kind::Object] => self.object(node, naming)?,
            [Kind::Boolean] => Type::Bool,
            [Kind::Integer] => integer(node),
            [Kind::Number] | [Kind::Integer, Kind::Number] => Type::Float,
            [Kind::String] => Type::Text,
            [Kind::Array] => self.list(node, naming)?,
            _ => self.one_of_kinds(node, &kinds, naming)?,
        };
        Ok(if nullable { ty.optional() } else { ty })
    }

    fn list(&mut self, node: &Node, naming: &Naming) -> Result<Type, Error> {
        let item = match &node.items {
            None => Type::Any,
            Some(items) => self.type_of(items, &naming.inside("Item"))?,
        };
        Ok(Type::List(Box::new(item)))
    }

    fn object(&mut self, node: &Node, naming: &Naming) -> Result<Type, Error> {
        if node.properties.is_empty() {
            match (&node.additional, naming) {
                (Additional::Of(schema), _) => {
                    let value = self.type_of(schema, &naming.inside("Value"))?;
                    return Ok(Type::Map(Box::new(value)));
                }
                (Additional::Open, _) | (_, Naming::Hint(_)) => return Ok(Type::Object),
                // A definition without fields, which a later version may give some.
                (Additional::Closed | Additional::Unsaid, Naming::Own(_)) => {}
            }
        }
        let name = self.take(naming);
        let own = Naming::Hint(name.clone());
        let mut scope = Scope::with(&["extra"]);
        let mut fields = Vec::new();
        for (wire, property) in &node.properties {
            fields.push(Field {
                name: scope.take(&field_name(wire)),
                description: property.description.clone(),
                default: property.default.as_ref().map(ToString::to_string),
                ty: self.type_of(property, &own.inside(wire))?,
                required: node.required.contains(wire),
                wire: wire.clone(),
            });
        }
        let rest = match &node.additional {
            Additional::Of(schema) => match self.type_of(schema, &own.inside("Extra"))? {
                Type::Any => Type::Object,
                ty => Type::Map(Box::new(ty)),
            },
            _ => Type::Object,
        };
        Ok(self.define(name, node, Body::Struct { fields, rest }))
    }

    /// Takes the name of a type that is about to be defined.
    fn take(&mut self, naming: &Naming) -> String {
        match naming {
            Naming::Own(name) => name.clone(),
            Naming::Hint(hint) => self.scope.take(hint),
        }
    }

    fn define(&mut self, name: String, node: &Node, body: Body) -> Type {
        let description = node.description.clone();
        self.items.insert(name.clone(), Item { description, body });
        Type::Named(name)
    }

    fn parse(&mut self, reference: &str, at: &Place) -> Result<Rc<Node>, Error> {
        if let Some(node) = self.parsed.get(reference) {
            return Ok(Rc::clone(node));
        }
        let value = self.document.resolve(reference, at)?;
        let node = Rc::new(Node::parse(value, &Place::of_reference(reference))?);
        self.parsed.insert(reference.to_owned(), Rc::clone(&node));
        Ok(node)
    }

    fn spend(&mut self, at: &Place) -> Result<(), Error> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Self::too_many(at));
        }
        Ok(())
    }

    fn too_many(at: &Place) -> Error {
        Error::TooManyParts { at: at.to_string() }
    }
}

impl Naming {
    /// The name of the value of something that may be null: the definition itself is the option.
    fn of_value(&self, nullable: bool) -> Self {
        match self {
            Self::Own(_) if nullable => self.inside("Value"),
            same => same.clone(),
        }
    }
}

fn integer(node: &Node) -> Type {
    Type::Integer(match node.format.as_deref() {
        Some("int8") => "i8",
        Some("int16") => "i16",
        Some("int32") => "i32",
        Some("uint8") => "u8",
        Some("uint16") => "u16",
        Some("uint32") => "u32",
        Some("uint64" | "uint") => "u64",
        Some("int64" | "int") => "i64",
        _ if node.unsigned => "u64",
        _ => "i64",
    })
}
