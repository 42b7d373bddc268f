//! Definitions: what a reference stands for, and the queue of those that are still to be lowered.

use std::collections::{BTreeMap, HashSet};

use super::naming::Naming;
use super::state::Lowering;
use crate::document::{last_segment, namespace};
use crate::error::Error;
use crate::model::{Body, Item, Type};
use crate::name::type_name;
use crate::place::Place;

impl Lowering<'_> {
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
}
