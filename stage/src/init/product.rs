//! The files of a product, made of what is known. Whether they load is tried out before anybody sees
//! them.

use std::path::Path;

use super::assets::Assets;
use super::draft::{self, Gaps};
use super::error::InitError;
use super::folder::STAGE_TOML;
use super::proposal::Proposal;
use super::try_out::try_out;
use crate::product::{PackageFormat, Product, ProductError, taken_in_python};

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

impl Files {
    /// Returns the package that Python imports, where it cannot have the product's name, and why not.
    #[must_use]
    pub fn import_package(&self) -> Option<(&str, &'static str)> {
        let product = self.product.as_ref()?;
        let wheel = &product.wheel;
        let plain = wheel.distribution.to_ascii_lowercase();
        let why = taken_in_python(&plain)?;
        (product.identity.formats.contains(&PackageFormat::Wheel))
            .then_some((&*wheel.import_package, why))
    }
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
    let (product, mut mistakes) = match loaded {
        Ok(product) => (Some(product), Vec::new()),
        Err(error) => (None, mistakes(error, &place, folder)),
    };
    mistakes.extend(proposal.mistakes.iter().map(ToString::to_string));
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
