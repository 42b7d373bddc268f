//! One item: what is declared, in terms of the model's bodies.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Emit;
use super::rust_type::rust_type;
use crate::doc;
use crate::model::{Body, Item, Type};
use crate::name::identifier;

impl Emit {
    pub fn item(&self, name: &str, item: &Item) -> TokenStream {
        let ident = identifier(name);
        let doc = doc::attributes(
            item.description.as_deref(),
            &format!("{} of the schema.", doc::code(name)),
            None,
        );
        match &item.body {
            Body::Alias(ty) => {
                let ty = rust_type(ty, &TokenStream::new());
                quote! { #doc pub type #ident = #ty; }
            }
            Body::Wrapper(ty) => {
                let ty = self.held(name, ty);
                quote! {
                    #doc
                    #[derive(Clone, Debug)]
                    pub struct #ident(pub #ty);

                    impl wire::Wire for #ident {
                        #[inline] fn read(value: Value) -> wire::Read<Self> {
                            wire::Wire::read(value).map(Self)
                        }

                        #[inline] fn write(&self) -> Value {
                            self.0.write()
                        }
                    }
                }
            }
            Body::Struct { fields, rest } => self.structure(name, &doc, fields, rest),
            Body::Enum { form, variants } => self.enumeration(name, &doc, form, variants),
        }
    }

    /// `Serialize` and `Deserialize` of everything.
    pub fn serde(&self) -> TokenStream {
        let names = (self.items.iter())
            .filter(|(_, item)| !matches!(item.body, Body::Alias(_)))
            .map(|(name, _)| identifier(name));
        quote! { wire::serde_by_wire! { #(#names,)* } }
    }

    /// A type as a part of another, in a box if it would hold itself.
    pub fn held(&self, owner: &str, ty: &Type) -> TokenStream {
        match ty {
            Type::Named(name) if self.cycles.are_in_one(owner, name) => {
                let ident = identifier(name);
                quote!(Box<#ident>)
            }
            Type::Optional(inner) => {
                let inner = self.held(owner, inner);
                quote!(Option<#inner>)
            }
            other => rust_type(other, &TokenStream::new()),
        }
    }
}

/// What in a value is new, of a type that is tried among others.
pub fn novelty(novelty: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn novelty(&self) -> wire::Novelty {
            #novelty
        }
    }
}
