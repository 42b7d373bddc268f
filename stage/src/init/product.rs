//! The files of a product, made of what is known. Whether they load is tried out before anybody sees
//! them.

use std::path::Path;

use super::assets::Assets;
use super::draft::{self, Gaps};
use super::error::InitError;
use super::folder::STAGE_TOML;
use super::proposal::Proposal;
use super::try_out::try_out;
use crate::product::{Product, ProductError};

/// The files of a product.
#[derive(Debug)]
pub struct Files {
    /// Their paths in the product's folder, and their texts. stage.toml is the last one.
    pub texts: Vec<(String, String)>,
    /// The name of the first command in npm, where it is not its own.
    pub npm_bin: Option<String>,
    /// What has to be corrected before the product can be loaded, beside what is not known.
    pub mistakes: Vec<String>,
    /// The product, if it can be loaded once what is not known is filled in.
    pub product: Option<Product>,
}

/// Makes the files of a product, and tries whether they load.
pub fn files(proposal: &Proposal<'_>, folder: &Path, scratch: &Path) -> Result<Files, InitError> {
    let mut texts = proposal.license_files.clone();
    let none = Assets::none(proposal);
    let defaults = draft::stage_toml(proposal, &none, Gaps::Examples);
    let (place, bare) = try_out(&defaults, &texts, scratch)?;
    let assets = match &bare {
        Ok(product) => Assets::of(proposal, product),
        Err(_) => none,
    };
    for (target, asset) in &assets.own {
        texts.push((
            format!("platforms/{target}.toml"),
            draft::platform_toml(asset),
        ));
    }
    let has_own_names = !assets.patterns.is_empty() || !assets.own.is_empty();
    let (place, loaded) = if has_own_names {
        let text = draft::stage_toml(proposal, &assets, Gaps::Examples);
        try_out(&text, &texts, scratch)?
    } else {
        (place, bare)
    };
    let text = draft::stage_toml(proposal, &assets, Gaps::Comments);
    texts.push((STAGE_TOML.to_owned(), text));
    let (product, mistakes) = match loaded {
        Ok(product) => (Some(product), Vec::new()),
        Err(error) => (None, mistakes(error, &place, folder)),
    };
    Ok(Files {
        texts,
        npm_bin: draft::npm_bin(proposal),
        mistakes,
        product,
    })
}

/// What is wrong with a product, as it is going to lie in a folder.
fn mistakes(error: ProductError, place: &Path, folder: &Path) -> Vec<String> {
    let ProductError::Mistakes(mistakes) = error else {
        return vec![error.to_string()];
    };
    let (place, folder) = (place.display().to_string(), folder.display().to_string());
    let mistakes = mistakes.into_iter();
    mistakes
        .map(|mistake| mistake.to_string().replace(&place, &folder))
        .collect()
}
