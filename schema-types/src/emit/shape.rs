//! One item: the type, and how it is read and written.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Emit;
use crate::doc;
use crate::lower::FALLBACK;
use crate::model::{Body, Content, Field, Form, Item, Type, Variant};
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
                let ty = super::ty(ty, &TokenStream::new());
                quote! { #doc pub type #ident = #ty; }
            }
            Body::Wrapper(ty) => {
                let ty = self.held(name, ty);
                quote! {
                    #doc
                    #[derive(Clone, Debug, PartialEq)]
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

    fn structure(
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
        let rest_type = super::ty(rest, &TokenStream::new());
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
        let recognized = self.tried.contains(name).then(|| {
            let all = idents.iter().map(|ident| quote!(self.#ident.recognized()));
            let all = if idents.is_empty() {
                quote!(true)
            } else {
                quote!(#(#all)&&*)
            };
            recognized(&all)
        });
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq #default)]
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

                #recognized
            }
        }
    }

    fn enumeration(
        &self,
        name: &str,
        doc: &TokenStream,
        form: &Form,
        variants: &[Variant],
    ) -> TokenStream {
        let ident = identifier(name);
        let fallback = identifier(FALLBACK);
        let declared = variants.iter().map(|variant| {
            let doc = doc::attributes(
                variant.description.as_deref(),
                &match form {
                    Form::Untagged => format!("{} of the schema.", doc::code(&variant.name)),
                    _ => format!("{} on the wire.", doc::code(&variant.wire)),
                },
                None,
            );
            let variant_ident = identifier(&variant.name);
            match &variant.content {
                Content::Nothing => quote!(#doc #variant_ident),
                Content::Of(ty) | Content::Whole(ty) => {
                    let ty = self.held(name, ty);
                    quote!(#doc #variant_ident(#ty))
                }
            }
        });
        let (read, write) = match form {
            Form::Named => (read_named(variants), write_named(variants)),
            Form::Tagged(tag) => (read_tagged(tag, variants), write_tagged(tag, variants)),
            Form::Untagged => (read_untagged(variants), write_untagged(variants)),
        };
        let recognized = self.tried.contains(name).then(|| {
            let contents = variants.iter().filter_map(|variant| {
                let ident = identifier(&variant.name);
                match variant.content {
                    Content::Nothing => None,
                    _ => Some(quote!(Self::#ident(content) => content.recognized(),)),
                }
            });
            let names = variants
                .iter()
                .any(|v| matches!(v.content, Content::Nothing));
            let names = names.then(|| quote!(_ => true,));
            recognized(&quote!(match self {
                Self::#fallback(_) => false,
                #(#contents)*
                #names
            }))
        });
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq)]
            pub enum #ident {
                #(#declared,)*
                /// What the schema does not know, as it came.
                #fallback(Value),
            }

            impl wire::Wire for #ident {
                #[inline] fn read(value: Value) -> wire::Read<Self> { #read }
                #[inline] fn write(&self) -> Value {
                    match self {
                        #(#write)*
                        Self::#fallback(value) => value.clone(),
                    }
                }
                #recognized
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

    /// A type as a part of another, in a box if it would hold itself.
    fn held(&self, owner: &str, ty: &Type) -> TokenStream {
        match ty {
            Type::Named(name) if self.cycles.are_in_one(owner, name) => {
                let ident = identifier(name);
                quote!(Box<#ident>)
            }
            Type::Optional(inner) => {
                let inner = self.held(owner, inner);
                quote!(Option<#inner>)
            }
            other => super::ty(other, &TokenStream::new()),
        }
    }
}

fn recognized(all: &TokenStream) -> TokenStream {
    quote! { #[inline] fn recognized(&self) -> bool { #all } }
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

fn read_named(variants: &[Variant]) -> TokenStream {
    let fallback = identifier(FALLBACK);
    let (names, objects): (Vec<_>, Vec<_>) = variants
        .iter()
        .partition(|variant| matches!(variant.content, Content::Nothing));
    let names = (!names.is_empty()).then(|| {
        let arms = names.iter().map(|variant| {
            let (wire, ident) = (&variant.wire, identifier(&variant.name));
            quote!(Some(#wire) => return Ok(Self::#ident),)
        });
        quote!(match value.as_str() { #(#arms)* _ => {} })
    });
    let objects = (!objects.is_empty()).then(|| {
        let arms = objects.iter().map(|variant| {
            let (wire, ident) = (&variant.wire, identifier(&variant.name));
            quote!(Some(#wire) => return wire::content(value, #wire).map(Self::#ident),)
        });
        quote!(match wire::only_field(&value) { #(#arms)* _ => {} })
    });
    quote! { #names #objects Ok(Self::#fallback(value)) }
}

fn write_named(variants: &[Variant]) -> Vec<TokenStream> {
    let arm = |variant: &Variant| {
        let (wire, ident) = (&variant.wire, identifier(&variant.name));
        if let Content::Nothing = variant.content {
            quote!(Self::#ident => Value::from(#wire),)
        } else {
            quote!(Self::#ident(content) => wire::named(#wire, content),)
        }
    };
    variants.iter().map(arm).collect()
}

fn read_tagged(tag: &str, variants: &[Variant]) -> TokenStream {
    let fallback = identifier(FALLBACK);
    let arms = variants.iter().map(|variant| {
        let (wire, ident) = (&variant.wire, identifier(&variant.name));
        let content = if let Content::Whole(_) = variant.content {
            quote!(value)
        } else {
            quote!(wire::untagged(value, #tag))
        };
        quote!(Some(#wire) => wire::Wire::read(#content).map(Self::#ident),)
    });
    quote! {
        match wire::tag(&value, #tag) {
            #(#arms)*
            _ => Ok(Self::#fallback(value)),
        }
    }
}

fn write_tagged(tag: &str, variants: &[Variant]) -> Vec<TokenStream> {
    let arm = |variant: &Variant| {
        let (wire, ident) = (&variant.wire, identifier(&variant.name));
        if let Content::Whole(_) = variant.content {
            quote!(Self::#ident(content) => content.write(),)
        } else {
            quote!(Self::#ident(content) => wire::tagged(content.write(), #tag, #wire),)
        }
    };
    variants.iter().map(arm).collect()
}

fn read_untagged(variants: &[Variant]) -> TokenStream {
    let fallback = identifier(FALLBACK);
    let tries = variants.iter().map(|variant| {
        let ident = identifier(&variant.name);
        quote! {
            if let Some(content) = wire::fit(&value, surely) {
                return Ok(Self::#ident(content));
            }
        }
    });
    quote! {
        for surely in [true, false] { #(#tries)* }
        Ok(Self::#fallback(value))
    }
}

fn write_untagged(variants: &[Variant]) -> Vec<TokenStream> {
    let arm = |variant: &Variant| {
        let ident = identifier(&variant.name);
        quote!(Self::#ident(content) => content.write(),)
    };
    variants.iter().map(arm).collect()
}
