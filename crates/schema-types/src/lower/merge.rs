//! Several schemas that a value has to fit at once, as one.

use std::mem;

use super::state::Lowering;
use crate::error::Error;
use crate::node::{Additional, Node};

/// A chain of references longer than this leads nowhere.
const MOST_REFERENCES: usize = 64;

impl Lowering<'_> {
    /// The schema with what it refers to, and all parts of its `allOf`, in one.
    pub fn flatten(&mut self, node: &Node) -> Result<Node, Error> {
        self.flatten_within(node, &mut Vec::new())
    }

    fn flatten_within(&mut self, node: &Node, trail: &mut Vec<String>) -> Result<Node, Error> {
        self.spend(&node.at)?;
        if let Some(reference) = &node.reference {
            if trail.contains(reference) {
                return Err(Error::Circular {
                    at: reference.clone(),
                });
            }
            if trail.len() == MOST_REFERENCES {
                return Err(Self::too_many(&node.at));
            }
            let target = self.parse(reference, &node.at)?;
            trail.push(reference.clone());
            let flat = self.flatten_within(&target, trail);
            trail.pop();
            return flat;
        }
        let mut flat = node.clone();
        for part in mem::take(&mut flat.all_of) {
            flat = merged(flat, self.flatten_within(&part, trail)?);
        }
        Ok(flat)
    }
}

/// What fits both, neither of which is a reference. Where they contradict each other the second
/// has its way.
pub fn merged(first: Node, second: Node) -> Node {
    let mut properties = first.properties;
    for (name, property) in second.properties {
        let property = match properties.remove(&name) {
            Some(other) if other.reference.is_none() && property.reference.is_none() => {
                merged(other, property)
            }
            _ => property,
        };
        properties.insert(name, property);
    }
    let mut required = first.required;
    required.extend(second.required);
    let mut all_of = first.all_of;
    all_of.extend(second.all_of);
    let both: Vec<_> = (first.kinds.iter().copied())
        .filter(|kind| second.kinds.contains(kind))
        .collect();
    Node {
        at: second.at,
        reference: None,
        kinds: match (both.is_empty(), second.kinds.is_empty()) {
            (false, _) => both,
            (true, false) => second.kinds,
            (true, true) => first.kinds,
        },
        values: second.values.or(first.values),
        properties,
        required,
        additional: match second.additional {
            Additional::Unsaid => first.additional,
            said => said,
        },
        items: second.items.or(first.items),
        all_of,
        opaque: first.opaque
            || second.opaque
            || (!first.any_of.is_empty() && !second.any_of.is_empty()),
        any_of: if second.any_of.is_empty() {
            first.any_of
        } else {
            second.any_of
        },
        format: second.format.or(first.format),
        unsigned: first.unsigned || second.unsigned,
        title: second.title.or(first.title),
        description: first.description.or(second.description),
        default: first.default.or(second.default),
    }
}
