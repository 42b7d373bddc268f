//! An enum, and how it is read and written: by name, by tag, or by trying.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Emit;
use super::item::novelty;
use crate::doc;
use crate::model::{Content, Form, Variant};
use crate::name::{FALLBACK, identifier};

impl Emit {
    pub fn enumeration(
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
        // Names are compared; to compare all else would take a fifth of the time that `cargo check`
        // needs for the file.
        let comparable = (variants.iter())
            .all(|variant| matches!(variant.content, Content::Nothing))
            .then(|| quote!(, PartialEq, Eq));
        let novelty = self.tried.contains(name).then(|| {
            let contents = variants.iter().filter_map(|variant| {
                let ident = identifier(&variant.name);
                match variant.content {
                    Content::Nothing => None,
                    _ => Some(quote!(Self::#ident(content) => content.novelty(),)),
                }
            });
            let names = variants
                .iter()
                .any(|variant| matches!(variant.content, Content::Nothing));
            let names = names.then(|| quote!(_ => wire::Novelty::Nothing,));
            novelty(&quote!(match self {
                Self::#fallback(_) => wire::Novelty::Names,
                #(#contents)*
                #names
            }))
        });
        quote! {
            #doc
            #[derive(Clone, Debug #comparable)]
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
                #novelty
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
            if let Some(content) = wire::fit(&value, fit) {
                return Ok(Self::#ident(content));
            }
        }
    });
    quote! {
        for fit in wire::FITS { #(#tries)* }
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
