//! A type of the model, as Rust.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Type;
use crate::name::identifier;

/// A type, seen from the root of the file or from a module in it.
pub fn rust_type(ty: &Type, from: &TokenStream) -> TokenStream {
    match ty {
        Type::Any => quote!(#from Value),
        Type::Object => quote!(#from Extra),
        Type::Bool => quote!(bool),
        Type::Integer(name) => {
            let name = identifier(name);
            quote!(#name)
        }
        Type::Float => quote!(f64),
        Type::Text => quote!(String),
        Type::Nothing => quote!(()),
        Type::List(item) => {
            let item = rust_type(item, from);
            quote!(Vec<#item>)
        }
        Type::Map(value) => {
            let value = rust_type(value, from);
            quote!(std::collections::BTreeMap<String, #value>)
        }
        Type::Optional(value) => {
            let value = rust_type(value, from);
            quote!(Option<#value>)
        }
        Type::Named(name) => {
            let name = identifier(name);
            quote!(#from #name)
        }
    }
}
