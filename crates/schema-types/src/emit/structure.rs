//! A struct, how it is read and written, and how a client makes one.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Emit;
use super::item::novelty;
use super::rust_type::rust_type;
use crate::doc;
use crate::model::{Field, Type};
use crate::name::identifier;

impl Emit {
    pub fn structure(
        &self,
        name: &str,
        doc: &TokenStream,
        fields: &[Field],
        rest: &Type,
    ) -> TokenStream {
        let ident = identifier(name);
        let sent = self.sent.contains(name);
        let default =
            (sent && fields.iter().all(|field| !field.required)).then(|| quote!(, Default));
        let idents: Vec<Ident> = fields.iter().map(|field| identifier(&field.name)).collect();
        let types: Vec<TokenStream> = fields
            .iter()
            .map(|field| self.field_type(name, field))
            .collect();
        let docs = fields.iter().map(|field| {
            let default = field
                .default
                .as_ref()
                .map(|json| format!("Default: {}.", doc::code(json)));
            let fallback = format!("{} on the wire.", doc::code(&field.wire));
            doc::attributes(field.description.as_deref(), &fallback, default.as_deref())
        });
        let rest_type = rust_type(rest, &TokenStream::new());
        let read = fields.iter().zip(&idents).map(|(field, ident)| {
            let wire = &field.wire;
            if field.required {
                quote!(#ident: fields.required(#wire)?)
            } else {
                quote!(#ident: fields.optional(#wire)?)
            }
        });
        let write = fields.iter().zip(&idents).map(|(field, ident)| {
            let wire = &field.wire;
            if field.required {
                quote!(fields.put(#wire, &self.#ident);)
            } else {
                quote!(fields.put_some(#wire, &self.#ident);)
            }
        });
        let take_rest = if let Type::Map(_) = rest {
            quote!(fields.all()?)
        } else {
            quote!(fields.rest())
        };
        let mutable = (!fields.is_empty()).then(|| quote!(mut));
        let constructor =
            (sent && default.is_none()).then(|| constructor(&ident, fields, &idents, &types));
        let novelty = self.tried.contains(name).then(|| {
            let rest = if let Type::Map(_) = rest {
                quote!(self.extra.novelty())
            } else {
                quote!(wire::Novelty::of_rest(self.extra.is_empty()))
            };
            novelty(&quote!(wire::greatest([#rest, #(self.#idents.novelty(),)*])))
        });
        quote! {
            #doc
            #[derive(Clone, Debug #default)]
            pub struct #ident {
                #(#docs pub #idents: #types,)*
                /// Fields that the schema does not name.
                pub extra: #rest_type,
            }

            #constructor

            impl wire::Wire for #ident {
                #[inline] fn read(value: Value) -> wire::Read<Self> {
                    let #mutable fields = wire::Fields::read(value)?;
                    Ok(Self { #(#read,)* extra: #take_rest })
                }

                #[inline] fn write(&self) -> Value {
                    let #mutable fields = wire::Fields::write(&self.extra);
                    #(#write)*
                    fields.object()
                }

                #novelty
            }
        }
    }

    fn field_type(&self, owner: &str, field: &Field) -> TokenStream {
        let ty = self.held(owner, &field.ty);
        // A field that may be null has its Option already.
        match field.ty {
            Type::Optional(_) => ty,
            _ if field.required => ty,
            _ => quote!(Option<#ty>),
        }
    }
}

fn constructor(
    ident: &Ident,
    fields: &[Field],
    idents: &[Ident],
    types: &[TokenStream],
) -> TokenStream {
    let all = || fields.iter().zip(idents).zip(types);
    let arguments = all()
        .filter(|((field, _), _)| field.required)
        .map(|((_, ident), ty)| quote!(#ident: #ty));
    let values = all().map(|((field, ident), _)| {
        if field.required {
            quote!(#ident)
        } else {
            quote!(#ident: None)
        }
    });
    quote! {
        impl #ident {
            /// With the fields that have to be there, and no others.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* extra: Default::default() }
            }
        }
    }
}
