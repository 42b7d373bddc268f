//! What is known while schemas become types, and the limit on the work.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use super::naming::Naming;
use crate::document::Document;
use crate::error::Error;
use crate::model::{Body, Item, Type};
use crate::name::Scope;
use crate::node::Node;
use crate::place::Place;

/// The schema of 0.163.0 takes 16,000 steps.
const MOST_PARTS: usize = 1_000_000;

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
    pub(super) document: &'a Document,
    pub(super) scope: Scope,
    /// What each reference is called.
    pub(super) names: HashMap<String, String>,
    /// The references of each name as the schema has it, to find two definitions that are one.
    pub(super) homonyms: HashMap<String, Vec<String>>,
    pub(super) queue: VecDeque<String>,
    pub(super) parsed: HashMap<String, Rc<Node>>,
    pub(super) items: BTreeMap<String, Item>,
    pub(super) parts: usize,
    pub(super) level: usize,
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

    /// Takes the name of a type that is about to be defined.
    pub(super) fn take(&mut self, naming: &Naming) -> String {
        match naming {
            Naming::Own(name) => name.clone(),
            Naming::Hint(hint) => self.scope.take(hint),
        }
    }

    pub(super) fn define(&mut self, name: String, node: &Node, body: Body) -> Type {
        let description = node.description.clone();
        self.items.insert(name.clone(), Item { description, body });
        Type::Named(name)
    }

    pub(super) fn parse(&mut self, reference: &str, at: &Place) -> Result<Rc<Node>, Error> {
        if let Some(node) = self.parsed.get(reference) {
            return Ok(Rc::clone(node));
        }
        let value = self.document.resolve(reference, at)?;
        let node = Rc::new(Node::parse(value, &Place::of_reference(reference))?);
        self.parsed.insert(reference.to_owned(), Rc::clone(&node));
        Ok(node)
    }

    pub(super) fn spend(&mut self, at: &Place) -> Result<(), Error> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Self::too_many(at));
        }
        Ok(())
    }

    pub(super) fn too_many(at: &Place) -> Error {
        Error::TooManyParts { at: at.to_string() }
    }
}
