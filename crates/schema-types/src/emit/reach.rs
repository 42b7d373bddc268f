//! Which types are reached from where.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Body, Content, Form, Item, Module, Type};

/// Names of types.
pub type Reach = HashSet<String>;

/// What a client sends: parameters of its methods, and answers to the server's requests.
pub fn sent(module: &Module) -> Reach {
    let methods = &module.methods;
    let client = methods
        .client_requests
        .iter()
        .chain(&methods.client_notifications);
    let params = client.map(|method| &method.params);
    let answers = methods
        .server_requests
        .iter()
        .filter_map(|method| method.result.as_ref());
    from(&module.items, params.chain(answers))
}

/// What is tried in turn, because nothing in the value says which it is.
pub fn tried(items: &BTreeMap<String, Item>) -> Reach {
    let untagged = items.values().flat_map(|item| match &item.body {
        Body::Enum {
            form: Form::Untagged,
            ..
        } => types(&item.body),
        _ => Vec::new(),
    });
    from(items, untagged)
}

fn from<'a>(items: &'a BTreeMap<String, Item>, roots: impl Iterator<Item = &'a Type>) -> Reach {
    let mut open: Vec<&Type> = roots.collect();
    let mut reached = Reach::new();
    while let Some(ty) = open.pop() {
        match ty {
            Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => open.push(inner),
            Type::Named(name) => {
                if let Some(item) = items.get(name)
                    && reached.insert(name.clone())
                {
                    open.extend(types(&item.body));
                }
            }
            _ => {}
        }
    }
    reached
}

fn types(body: &Body) -> Vec<&Type> {
    match body {
        Body::Struct { fields, rest } => {
            fields.iter().map(|field| &field.ty).chain([rest]).collect()
        }
        Body::Enum { variants, .. } => variants
            .iter()
            .filter_map(|variant| match &variant.content {
                Content::Nothing => None,
                Content::Of(ty) | Content::Whole(ty) => Some(ty),
            })
            .collect(),
        Body::Alias(ty) | Body::Wrapper(ty) => vec![ty],
    }
}
