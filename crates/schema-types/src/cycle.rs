//! Types that contain themselves: where a `Box` has to be, and which aliases have to be types.

use std::collections::{BTreeMap, HashMap};

use crate::error::Error;
use crate::model::{Body, Content, Item, Type};

/// Whether a type is held through a list or map, which is pointer enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Directly,
    /// Directly, or as an option.
    ByValue,
    Anyhow,
}

/// Groups of types that contain one another, by name.
pub struct Cycles(HashMap<String, usize>);

impl Cycles {
    /// Whether `inner` as a part of `outer` makes a type of infinite size.
    pub fn are_in_one(&self, outer: &str, inner: &str) -> bool {
        outer == inner
            || matches!((self.0.get(outer), self.0.get(inner)), (Some(a), Some(b)) if a == b)
    }
}

/// Makes types of the aliases that contain themselves, and finds which types do.
pub fn find(items: &mut BTreeMap<String, Item>) -> Result<Cycles, Error> {
    let aliases = |held| {
        graph(items, |item| match &item.body {
            Body::Alias(ty) => named_in(ty, held),
            _ => Vec::new(),
        })
    };
    if let Some(name) = aliases(Held::Directly).first_on_a_cycle() {
        return Err(Error::Circular { at: name });
    }
    let circular = aliases(Held::Anyhow).on_cycles();
    for name in circular {
        if let Some(item) = items.get_mut(&name)
            && let Body::Alias(ty) = &item.body
        {
            item.body = Body::Wrapper(ty.clone());
        }
    }
    let by_value = graph(items, |item| parts(&item.body));
    Ok(Cycles(by_value.groups()))
}

/// The types that a value of this one holds by value.
fn parts(body: &Body) -> Vec<String> {
    let types: Vec<&Type> = match body {
        Body::Struct { fields, .. } => fields.iter().map(|field| &field.ty).collect(),
        Body::Enum { variants, .. } => variants
            .iter()
            .filter_map(|variant| match &variant.content {
                Content::Nothing => None,
                Content::Of(ty) | Content::Whole(ty) => Some(ty),
            })
            .collect(),
        Body::Alias(ty) | Body::Wrapper(ty) => vec![ty],
    };
    types
        .into_iter()
        .flat_map(|ty| named_in(ty, Held::ByValue))
        .collect()
}

fn named_in(ty: &Type, held: Held) -> Vec<String> {
    match ty {
        Type::Named(name) => vec![name.clone()],
        Type::Optional(inner) if held != Held::Directly => named_in(inner, held),
        Type::List(inner) | Type::Map(inner) if held == Held::Anyhow => named_in(inner, held),
        _ => Vec::new(),
    }
}

fn graph(items: &BTreeMap<String, Item>, edges: impl Fn(&Item) -> Vec<String>) -> Graph {
    let names: Vec<String> = items.keys().cloned().collect();
    let index: HashMap<&String, usize> = items.keys().zip(0..).collect();
    let edges = items
        .values()
        .map(|item| {
            let found = edges(item);
            found
                .iter()
                .filter_map(|name| index.get(name).copied())
                .collect()
        })
        .collect();
    Graph { names, edges }
}

struct Graph {
    names: Vec<String>,
    edges: Vec<Vec<usize>>,
}

impl Graph {
    /// The strongly connected components (Kosaraju), without recursion: a chain may be long.
    fn groups(&self) -> HashMap<String, usize> {
        let mut backwards = vec![Vec::new(); self.edges.len()];
        for (from, targets) in self.edges.iter().enumerate() {
            for &to in targets {
                backwards[to].push(from);
            }
        }
        let mut group: Vec<Option<usize>> = vec![None; self.edges.len()];
        for &root in self.finished().iter().rev() {
            let mut open = vec![root];
            while let Some(node) = open.pop() {
                if group[node].is_none() {
                    group[node] = Some(root);
                    open.extend(&backwards[node]);
                }
            }
        }
        (self.names.iter().cloned())
            .zip(group.into_iter().map(Option::unwrap_or_default))
            .collect()
    }

    /// All nodes, each after those that it leads to.
    fn finished(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.edges.len()];
        for root in 0..self.edges.len() {
            let mut path = vec![(root, 0)];
            while let Some((node, next)) = path.pop() {
                if next == 0 && std::mem::replace(&mut seen[node], true) {
                    continue;
                }
                if let Some(&target) = self.edges[node].get(next) {
                    path.push((node, next + 1));
                    path.push((target, 0));
                } else {
                    order.push(node);
                }
            }
        }
        order
    }

    fn on_cycles(&self) -> Vec<String> {
        let groups = self.groups();
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for group in groups.values() {
            *sizes.entry(*group).or_default() += 1;
        }
        self.names
            .iter()
            .enumerate()
            .filter(|(node, name)| sizes[&groups[*name]] > 1 || self.edges[*node].contains(node))
            .map(|(_, name)| name.clone())
            .collect()
    }

    fn first_on_a_cycle(&self) -> Option<String> {
        self.on_cycles().into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph_of(edges: &[(&str, &[&str])]) -> Graph {
        let names: Vec<String> = edges.iter().map(|(name, _)| (*name).to_owned()).collect();
        let position = |name: &&str| names.iter().position(|other| other == name).unwrap();
        Graph {
            edges: edges
                .iter()
                .map(|(_, targets)| targets.iter().map(position).collect())
                .collect(),
            names,
        }
    }

    #[test]
    fn what_leads_back_to_itself_is_on_a_cycle() {
        let graph = graph_of(&[
            ("a", &["b"]),
            ("b", &["c", "d"]),
            ("c", &["a"]),
            ("d", &["e"]),
            ("e", &[]),
            ("f", &["f", "a"]),
        ]);
        assert_eq!(graph.on_cycles(), ["a", "b", "c", "f"]);
        let cycles = Cycles(graph.groups());
        assert!(cycles.are_in_one("a", "c"));
        assert!(!cycles.are_in_one("b", "d"));
        assert!(!cycles.are_in_one("f", "a"));
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let count = 300_000;
        let graph = Graph {
            names: (0..count).map(|node| node.to_string()).collect(),
            edges: (0..count).map(|node| vec![(node + 1) % count]).collect(),
        };
        assert_eq!(graph.on_cycles().len(), count);
    }
}
