//! Names of the schema as names of Rust.
//!
//! A name keeps its ASCII letters and digits only. What else a schema may hold (other scripts,
//! invisible characters) is legal in part, and warned about in part; the name on the wire stays
//! what it was in any case, as a string.

use std::collections::HashSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, Span};

/// The variant that keeps a value that the schema does not know.
pub const FALLBACK: &str = "Unrecognized";

/// The enum of all messages of a list that the server sends.
pub const ANY: &str = "Any";

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

/// The identifier: a keyword of any edition gets its `r#`.
pub fn identifier(name: &str) -> Ident {
    let raw = || Ident::new_raw(name, Span::call_site());
    match name {
        // A keyword since edition 2024, which syn does not know.
        "gen" => raw(),
        _ => syn::parse_str(name).unwrap_or_else(|_| raw()),
    }
}

fn ascii(raw: &str) -> String {
    raw.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_variants() {
        for (raw, name) in [
            ("thread/start", "ThreadStart"),
            ("on-request", "OnRequest"),
            ("chatgptAuthTokens", "ChatgptAuthTokens"),
            ("MCPServer", "McpServer"),
            ("self", "SelfValue"),
            ("3d", "N3d"),
            ("", "Empty"),
            ("*", "Empty"),
            ("größe", "GrE"),
            ("a\u{202e}b", "AB"),
        ] {
            assert_eq!(type_name(raw), name, "{raw:?}");
        }
    }

    #[test]
    fn fields() {
        for (raw, name) in [
            ("threadId", "thread_id"),
            ("_meta", "meta"),
            ("type", "r#type"),
            ("gen", "r#gen"),
            ("self", "self_"),
            ("Self", "self_"),
            ("crate", "crate_"),
            ("super", "super_"),
            ("2fa", "n2fa"),
            ("", "empty"),
            ("a b; fn c() {}", "a_b_fn_c"),
        ] {
            assert_eq!(identifier(&field_name(raw)).to_string(), name, "{raw:?}");
        }
    }

    #[test]
    fn a_name_is_given_once() {
        let mut scope = Scope::with(&["Value"]);
        let names: Vec<String> = ["Value", "Value", "A", "Value2", "A2", "A"]
            .map(|name| scope.take(name))
            .into();
        assert_eq!(names, ["Value2", "Value3", "A", "Value22", "A2", "A3"]);
    }
}
