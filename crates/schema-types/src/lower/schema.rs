//! One schema: its type, and the struct of an object.

use super::naming::Naming;
use super::state::Lowering;
use crate::error::Error;
use crate::model::{Body, Field, Type};
use crate::name::{Scope, field_name};
use crate::node::{Additional, Kind, Node};

/// How deep inline schemas lie in one another. JSON itself may be 128 deep, which is half as many
/// schemas; the rest is room for what `allOf` brings together.
const MOST_LEVELS: usize = 100;

impl Lowering<'_> {
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
