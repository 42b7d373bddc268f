//! The methods: a type without values for each, that a trait ties to its types.

use proc_macro2::TokenStream;
use quote::quote;

use super::rust_type::rust_type;
use super::traits::Traits;
use crate::doc;
use crate::model::{Method, Methods, Type};
use crate::name::{ANY, FALLBACK, identifier};

/// The modules of the four lists.
pub fn modules(methods: &Methods, traits: &Traits) -> TokenStream {
    let path = |name: &str| {
        let name = identifier(name);
        match traits {
            Traits::Own => quote!(super::#name),
            Traits::At(path) => quote!(#path::#name),
        }
    };
    let client_requests = markers(&methods.client_requests, &path("Method"));
    let server_requests = markers(&methods.server_requests, &path("ServerRequest"));
    let server_notifications = markers(&methods.server_notifications, &path("ServerNotification"));
    let client_notifications = markers(
        &methods.client_notifications,
        &quote!(super::ClientNotification),
    );
    let any_request = any(
        &methods.server_requests,
        "Any request of the server, with its parameters.",
    );
    let any_notification = any(
        &methods.server_notifications,
        "Any notification of the server.",
    );
    quote! {
        /// A notification that a client sends, such as `initialized`.
        pub trait ClientNotification {
            /// The name on the wire.
            const NAME: &'static str;
            /// What it says.
            type Params: serde::Serialize;
        }

        /// The requests that a client sends.
        pub mod client_requests { #client_requests }

        /// The notifications that a client sends.
        pub mod client_notifications { #client_notifications }

        /// The requests that the server sends.
        pub mod server_requests { use serde_json::Value; #any_request #server_requests }

        /// The notifications that the server sends.
        pub mod server_notifications { use serde_json::Value; #any_notification #server_notifications }
    }
}

fn markers(methods: &[Method], path: &TokenStream) -> TokenStream {
    let from = quote!(super::);
    methods
        .iter()
        .map(|method| {
            let doc = documentation(method);
            let (wire, ident) = (&method.wire, identifier(&method.name));
            let params = rust_type(&method.params, &from);
            let result = method.result.as_ref().map(|result| {
                let result = rust_type(result, &from);
                quote!(type Result = #result;)
            });
            quote! {
                #doc
                pub enum #ident {}

                impl #path for #ident {
                    const NAME: &'static str = #wire;
                    type Params = #params;
                    #result
                }
            }
        })
        .collect()
}

/// The enum of all methods of a list, for a `match` on what comes in.
fn any(methods: &[Method], about: &str) -> TokenStream {
    let about = format!(" {about}");
    let (any, fallback) = (identifier(ANY), identifier(FALLBACK));
    let from = quote!(super::);
    let variants = methods.iter().map(|method| {
        let doc = documentation(method);
        let ident = identifier(&method.name);
        match &method.params {
            Type::Nothing => quote!(#doc #ident),
            params => {
                let params = rust_type(params, &from);
                quote!(#doc #ident(#params))
            }
        }
    });
    let arms = methods.iter().map(|method| {
        let (wire, ident) = (&method.wire, identifier(&method.name));
        if method.params == Type::Nothing {
            quote!(#wire => Ok(Self::#ident),)
        } else {
            quote!(#wire => super::wire::Wire::read(params).map(Self::#ident),)
        }
    });
    quote! {
        #[doc = #about]
        #[derive(Clone, Debug)]
        pub enum #any {
            #(#variants,)*
            /// A method that the schema does not know, and its parameters.
            #fallback(String, Value),
        }

        impl #any {
            /// Reads the parameters of a method as the type that belongs to it.
            pub fn read(method: &str, params: Value) -> Result<Self, serde_json::Error> {
                let read: super::wire::Read<Self> = match method {
                    #(#arms)*
                    _ => Ok(Self::#fallback(method.to_owned(), params)),
                };
                read.map_err(|mismatch| serde::de::Error::custom(mismatch.at("params")))
            }
        }
    }
}

fn documentation(method: &Method) -> TokenStream {
    let name = doc::code(&method.wire);
    let text = match &method.description {
        Some(description) => format!("{name}\n\n{description}"),
        None => name,
    };
    doc::attributes(Some(&text), "", None)
}
