//! The methods of the protocol, and the types that belong to each.
//!
//! The schema lists requests and notifications with their parameters. What a request is answered
//! with it does not say; it only has types whose names end in `Response`. Which belongs to which is
//! told from the names, in two steps, and what neither step settles stays any JSON value:
//!
//! 1. `FooParams` are answered with `FooResponse`.
//! 2. Of the responses that are left, the one whose words all occur in the name of the method
//!    (`LogoutAccountResponse`: `account/logout`), if no other has as many.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::document::{Document, last_segment, namespace};
use crate::error::Error;
use crate::lower::{Lowering, Naming};
use crate::model::{Method, Methods, Type};
use crate::name::{ANY, FALLBACK, Scope, type_name};
use crate::node::Node;
use crate::place::Place;
use crate::well_known::{
    CLIENT_NOTIFICATIONS, CLIENT_REQUESTS, SERVER_NOTIFICATIONS, SERVER_REQUESTS,
};

/// Words for one thing: a method is called one, its response after the other.
const SYNONYMS: [(&str, &str); 2] = [("get", "read"), ("refresh", "reload")];

/// A method as the schema lists it.
struct Listed {
    method: String,
    description: Option<String>,
    params: Option<Node>,
}

/// Reads the methods, and has their types lowered.
pub fn methods(document: &Document, lowering: &mut Lowering) -> Result<Methods, Error> {
    let client_requests = listed(document, lowering, CLIENT_REQUESTS)?;
    let server_requests = listed(document, lowering, SERVER_REQUESTS)?;
    let client_notifications = listed(document, lowering, CLIENT_NOTIFICATIONS)?;
    let server_notifications = listed(document, lowering, SERVER_NOTIFICATIONS)?;
    if client_requests.is_empty() && server_notifications.is_empty() {
        return Err(Error::NoMethods {
            path: document.path().to_owned(),
        });
    }
    let mut claimed = BTreeSet::new();
    for request in client_requests.iter().chain(&server_requests) {
        claimed.extend(response_of_params(document, request).map(|found| last_segment(&found)));
    }
    // No method is answered with the envelope of all answers.
    claimed.insert("JSONRPCResponse".to_owned());
    let unclaimed: Vec<&str> = document
        .names_ending_in("Response")
        .into_iter()
        .filter(|name| !claimed.contains(*name))
        .collect();
    let mut requests = |listed: &[Listed]| {
        named(listed, lowering, |lowering, request| {
            let response = response_of_params(document, request)
                .or_else(|| response_of_words(document, request, &unclaimed));
            match response {
                Some(reference) => lowering.reference(&reference, &Place::default()).map(Some),
                None => Ok(Some(Type::Any)),
            }
        })
    };
    Ok(Methods {
        client_requests: requests(&client_requests)?,
        server_requests: requests(&server_requests)?,
        client_notifications: named(&client_notifications, lowering, |_, _| Ok(None))?,
        server_notifications: named(&server_notifications, lowering, |_, _| Ok(None))?,
    })
}

/// The methods of one list. An older protocol may lack a list.
fn listed(document: &Document, lowering: &mut Lowering, list: &str) -> Result<Vec<Listed>, Error> {
    let Some(reference) = document.definitions(list).pop() else {
        return Ok(Vec::new());
    };
    let at = Place::of_reference(&reference);
    let node = Node::parse(document.resolve(&reference, &at)?, &at)?;
    let mut methods: Vec<Listed> = Vec::new();
    for entry in &node.any_of {
        let entry = lowering.flatten(entry)?;
        let names = entry
            .properties
            .get("method")
            .and_then(|n| n.values.as_deref());
        for method in names.unwrap_or_default().iter().filter_map(Value::as_str) {
            if methods.iter().all(|listed| listed.method != method) {
                methods.push(Listed {
                    method: method.to_owned(),
                    description: entry.description.clone(),
                    params: entry.properties.get("params").cloned(),
                });
            }
        }
    }
    methods.sort_by(|a, b| a.method.cmp(&b.method));
    Ok(methods)
}

/// Gives the methods of a list their names and types.
fn named(
    listed: &[Listed],
    lowering: &mut Lowering,
    mut result: impl FnMut(&mut Lowering, &Listed) -> Result<Option<Type>, Error>,
) -> Result<Vec<Method>, Error> {
    let mut scope = Scope::with(&TAKEN);
    let mut methods = Vec::new();
    for entry in listed {
        let name = scope.take(&type_name(&entry.method));
        let params = match &entry.params {
            None => Type::Nothing,
            Some(params) => lowering.type_of(params, &Naming::Hint(format!("{name}Params")))?,
        };
        methods.push(Method {
            wire: entry.method.clone(),
            description: entry.description.clone(),
            params,
            result: result(lowering, entry)?,
            name,
        });
    }
    Ok(methods)
}

/// Names that mean something in the modules of the lists, so no method has them.
const TAKEN: [&str; 7] = [ANY, FALLBACK, "Option", "Result", "String", "Value", "Vec"];

/// The response that is called as the parameters are, where these are defined or anywhere.
fn response_of_params(document: &Document, request: &Listed) -> Option<String> {
    let params = request.params.as_ref()?;
    let reference = params.reference.as_ref().or_else(|| {
        // `null` may stand beside it.
        params
            .any_of
            .iter()
            .chain(&params.all_of)
            .find_map(|n| n.reference.as_ref())
    })?;
    let stem = last_segment(reference);
    let found = document.definitions(&format!("{}Response", stem.strip_suffix("Params")?));
    let beside = found
        .iter()
        .find(|other| namespace(other) == namespace(reference));
    beside.or(found.first()).cloned()
}

fn response_of_words(document: &Document, request: &Listed, names: &[&str]) -> Option<String> {
    let method = words(&request.method);
    let mut best: (usize, Option<&str>) = (0, None);
    for name in names {
        let response = words(name.strip_suffix("Response")?);
        if !response.is_subset(&method) || response.len() < best.0 {
            continue;
        }
        let tie = response.len() == best.0;
        best = (response.len(), (!tie).then_some(*name));
    }
    document.definitions(best.1?).first().cloned()
}

fn words(name: &str) -> BTreeSet<String> {
    name.replace('/', "_")
        .to_snake_case()
        .split('_')
        .map(|word| {
            let synonym = SYNONYMS.iter().find(|(one, _)| *one == word);
            synonym.map_or(word, |(_, other)| other).to_owned()
        })
        .collect()
}
