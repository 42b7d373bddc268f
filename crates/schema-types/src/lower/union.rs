//! Alternatives: `enum`, `anyOf`, `oneOf` and lists of types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::merge::merged;
use super::naming::Naming;
use super::state::Lowering;
use crate::document::last_segment;
use crate::error::Error;
use crate::model::{Body, Content, Form, Type, Variant};
use crate::name::{FALLBACK, Scope, type_name};
use crate::node::{Additional, Kind, Node};

/// One alternative.
struct Branch {
    /// As it stands in the list, with what stands beside the list.
    node: Node,
    /// With what it refers to.
    flat: Node,
}

impl Lowering<'_> {
    /// A list of values.
    pub fn values(&mut self, node: &Node, values: &[Value], naming: &Naming) -> Type {
        let nullable = values.contains(&Value::Null);
        let names: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        if names.is_empty() || !names.iter().all(|value| value.is_string()) {
            return Type::Any;
        }
        let mut variants = Variants::default();
        for name in names.into_iter().filter_map(Value::as_str) {
            variants.add_named(name, None, Content::Nothing);
        }
        let ty = self.define_enum(node, &naming.of_value(nullable), Form::Named, variants);
        if nullable { ty.optional() } else { ty }
    }

    /// A list of types that are not one.
    pub fn one_of_kinds(
        &mut self,
        node: &Node,
        kinds: &[Kind],
        naming: &Naming,
    ) -> Result<Type, Error> {
        let branches = kinds
            .iter()
            .map(|&kind| Node {
                kinds: vec![kind],
                title: None,
                description: None,
                ..node.clone()
            })
            .collect();
        let mut union = node.clone();
        union.kinds.retain(|kind| *kind == Kind::Null);
        union.any_of = branches;
        self.union(
            &Node {
                kinds: Vec::new(),
                properties: BTreeMap::new(),
                ..union
            },
            naming,
        )
    }

    /// A schema with alternatives, flat.
    pub fn union(&mut self, node: &Node, naming: &Naming) -> Result<Type, Error> {
        let mut base = node.clone();
        let alternatives = std::mem::take(&mut base.any_of);
        // These belong to the whole.
        (base.title, base.description, base.default) = (None, None, None);
        let mut nullable = false;
        let mut branches: Vec<Branch> = Vec::new();
        let mut open: Vec<Node> = alternatives.into_iter().rev().collect();
        while let Some(alternative) = open.pop() {
            self.spend(&alternative.at)?;
            if alternative.is_null() {
                nullable = true;
            } else if alternative.is_nothing_but_alternatives() {
                open.extend(alternative.any_of.into_iter().rev());
            } else if !branches.iter().any(|branch| branch.node == alternative) {
                let flat = self.flatten(&alternative)?;
                branches.push(if base.properties.is_empty() {
                    Branch {
                        node: alternative,
                        flat,
                    }
                } else {
                    let whole = merged(base.clone(), flat);
                    Branch {
                        node: whole.clone(),
                        flat: whole,
                    }
                });
            }
        }
        let naming = &naming.of_value(nullable);
        let ty = match branches.as_slice() {
            [] => Type::Nothing,
            [only] => self.type_of(&only.node, naming)?,
            several => self.enumeration(node, several, naming)?,
        };
        Ok(if nullable { ty.optional() } else { ty })
    }

    fn enumeration(
        &mut self,
        node: &Node,
        branches: &[Branch],
        naming: &Naming,
    ) -> Result<Type, Error> {
        let name = self.take(naming);
        let own = Naming::Own(name.clone());
        let inner = Naming::Hint(name);
        let mut variants = Variants::default();
        let form = if let Some(tag) = common_tag(branches) {
            for branch in branches {
                self.tagged(branch, &tag, &inner, &mut variants)?;
            }
            Form::Tagged(tag)
        } else if are_named(branches) {
            for branch in branches {
                self.named(branch, &inner, &mut variants)?;
            }
            Form::Named
        } else {
            for branch in branches {
                let name = variants.scope.take(&untagged_name(branch, branches));
                let ty = self.type_of(&branch.node, &inner.inside(&name))?;
                variants.list.push(Variant {
                    wire: String::new(),
                    name,
                    description: branch.node.description.clone(),
                    content: Content::Of(ty),
                });
            }
            Form::Untagged
        };
        Ok(self.define_enum(node, &own, form, variants))
    }

    /// An object whose field `tag` says which one it is.
    fn tagged(
        &mut self,
        branch: &Branch,
        tag: &str,
        inner: &Naming,
        variants: &mut Variants,
    ) -> Result<(), Error> {
        let Some(wire) = branch
            .flat
            .properties
            .get(tag)
            .and_then(Node::single_string)
        else {
            return Ok(());
        };
        let name = variants.name(wire);
        let content = if branch.node.reference.is_some() {
            // Its type may stand elsewhere too, where it needs its tag.
            Content::Whole(self.type_of(&branch.node, inner)?)
        } else {
            let mut beside = branch.flat.clone();
            beside.properties.remove(tag);
            beside.required.remove(tag);
            beside.description = None;
            Content::Of(self.type_of(&beside, &inner.inside(&name))?)
        };
        variants.add(name, wire, branch.node.description.clone(), content);
        Ok(())
    }

    /// Names, or an object with one field.
    fn named(
        &mut self,
        branch: &Branch,
        inner: &Naming,
        variants: &mut Variants,
    ) -> Result<(), Error> {
        let description = branch.node.description.as_deref();
        if let Some(values) = &branch.flat.values {
            // A text about several names is no text about one of them.
            let description = description.filter(|_| values.len() == 1);
            for wire in values.iter().filter_map(Value::as_str) {
                variants.add_named(wire, description, Content::Nothing);
            }
        } else if let Some((wire, content)) = only_property(&branch.flat) {
            let name = variants.name(wire);
            let ty = self.type_of(content, &inner.inside(&name))?;
            let description = description.map(str::to_owned);
            variants.add(name, wire, description, Content::Of(ty));
        }
        Ok(())
    }

    fn define_enum(&mut self, node: &Node, naming: &Naming, form: Form, from: Variants) -> Type {
        let name = self.take(naming);
        let variants = from.list;
        self.define(name, node, Body::Enum { form, variants })
    }
}

/// Variants, and the names that they have.
struct Variants {
    scope: Scope,
    wires: BTreeSet<String>,
    list: Vec<Variant>,
}

impl Default for Variants {
    fn default() -> Self {
        Self {
            scope: Scope::with(&[FALLBACK]),
            wires: BTreeSet::new(),
            list: Vec::new(),
        }
    }
}

impl Variants {
    fn name(&mut self, wire: &str) -> String {
        self.scope.take(&type_name(wire))
    }

    fn add(&mut self, name: String, wire: &str, description: Option<String>, content: Content) {
        self.list.push(Variant {
            wire: wire.to_owned(),
            name,
            description,
            content,
        });
    }

    /// Adds a name, once.
    fn add_named(&mut self, wire: &str, description: Option<&str>, content: Content) {
        if self.wires.insert(wire.to_owned()) {
            let name = self.name(wire);
            self.add(name, wire, description.map(str::to_owned), content);
        }
    }
}

/// The field that tells these objects apart.
fn common_tag(branches: &[Branch]) -> Option<String> {
    let first = branches.first()?;
    let tells_apart = |tag: &&String| {
        let mut seen = BTreeSet::new();
        branches.iter().all(|branch| {
            let value = branch.flat.properties.get(*tag);
            let value = value.and_then(Node::single_string);
            branch.flat.is_object() && value.is_some_and(|value| seen.insert(value))
        })
    };
    let mut tags: Vec<&String> = first.flat.properties.keys().filter(tells_apart).collect();
    tags.sort_by_key(|tag| tag.as_str() != "type");
    tags.first().map(|tag| (*tag).clone())
}

/// Whether each alternative is a name, or an object with one field that is a name. Alternatives
/// that say no more than "a string" or "an object" leave room for names to come.
fn are_named(branches: &[Branch]) -> bool {
    let mut has_name = false;
    branches.iter().all(|Branch { flat, .. }| {
        let name = match &flat.values {
            Some(values) => values.iter().all(Value::is_string),
            None => only_property(flat).is_some(),
        };
        has_name |= name;
        name || flat.is_room()
    }) && has_name
}

/// The only field of an object that has no others.
fn only_property(flat: &Node) -> Option<(&String, &Node)> {
    let mut properties = flat.properties.iter();
    let (name, node) = properties.next()?;
    let alone = properties.next().is_none()
        && flat.additional == Additional::Closed
        && flat.required.contains(name)
        && flat.any_of.is_empty()
        && flat.is_object();
    alone.then_some((name, node))
}

/// By its own name, or by a field that no other has to have, or by its type.
fn untagged_name(branch: &Branch, all: &[Branch]) -> String {
    let Branch { node, flat } = branch;
    if let Some(reference) = &node.reference {
        return type_name(&last_segment(reference));
    }
    let own_field = flat.required.iter().find(|field| {
        let have = |other: &&Branch| other.flat.required.contains(*field);
        all.iter().filter(have).count() == 1
    });
    if let Some(name) = own_field.or(node.title.as_ref()) {
        return type_name(name);
    }
    match flat.kinds.as_slice() {
        [Kind::Boolean] => "Bool",
        [Kind::Integer] => "Integer",
        [Kind::Number] => "Number",
        [Kind::String] => "Text",
        [Kind::Array] => "List",
        [Kind::Object] => "Object",
        _ => "Other",
    }
    .to_owned()
}
