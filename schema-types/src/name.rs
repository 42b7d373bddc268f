//! Names of the schema as names of Rust.
//!
//! A name keeps its ASCII letters and digits only. What else a schema may hold (other scripts,
//! invisible characters) is legal in part, and warned about in part; the name on the wire stays
//! what it was in any case, as a string.

use std::collections::HashSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, Span};

/// The names of one scope.
#[derive(Debug, Default)]
pub struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// A scope in which some names have a meaning already.
    pub fn with(taken: &[&str]) -> Self {
        Self {
            taken: taken.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// Takes a name, with the lowest number behind it that makes it the only one.
    pub fn take(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number: u32 = 1;
        while !self.taken.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{name}{number}");
        }
        candidate
    }

    /// Whether a name is free.
    pub fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name)
    }
}

/// A name for a type or a variant: `thread/start` is `ThreadStart`.
pub fn type_name(raw: &str) -> String {
    let name = ascii(raw).to_upper_camel_case();
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Self" => "SelfValue".to_owned(),
        _ if name.starts_with(|first: char| first.is_ascii_digit()) => format!("N{name}"),
        _ => name,
    }
}

/// A name for a field or an argument: `threadId` is `thread_id`.
pub fn field_name(raw: &str) -> String {
    let name = ascii(raw).to_snake_case();
    match name.as_str() {
        "" => "empty".to_owned(),
        // These are no identifiers, not even as `r#self`.
        "self" | "super" | "crate" => format!("{name}_"),
        _ if name.starts_with(|first: char| first.is_ascii_digit()) => format!("n{name}"),
        _ => name,
    }
}

/// The identifier: a keyword gets its `r#`.
pub fn identifier(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

fn ascii(raw: &str) -> String {
    raw.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect()
}
