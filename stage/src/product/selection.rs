//! The values of `--platform-tag`.

use super::definition::Product;
use super::platform::Platform;
use crate::base::failure::Advice;
use native_claims::{PlatformTag, TagError, WheelTags};

/// The wheels that a call asks for by their tags.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The one target of all the tags.
    pub platform: &'a Platform,
    /// The tags that were asked for: one wheel for each.
    pub wheels: Vec<WheelTags>,
    /// Whether the target was asked for by its triple: one wheel for each of its listed tags that
    /// the runtime's executables allow.
    pub listed: bool,
}

/// Values of `--platform-tag` for which no wheel can be made.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct SelectionError {
    reason: Reason,
    /// The tags that could be used.
    choices: String,
}

#[derive(Clone, Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Malformed(#[from] TagError),
    #[error("no platform of this product has the system and CPU of the tag `{0}`")]
    Unknown(PlatformTag),
    #[error("{0} is for {1}, and {2} is for {3}: all tags of one call must be for one target")]
    TwoTargets(String, String, String, String),
}

impl Advice for SelectionError {
    fn help(&self) -> String {
        format!(
            "name tags of one target, or the target itself; listed are: {}",
            self.choices
        )
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

impl<'a> Selection<'a> {
    /// Reads the values of `--platform-tag`; `None` if there are none.
    ///
    /// A value is a wheel platform tag, a compressed set of them (one wheel for all), or a target
    /// triple (its listed tags). A wheel that is asked for twice is made once.
    pub fn parse(values: &[String], product: &'a Product) -> Result<Option<Self>, SelectionError> {
        let refuse = |reason| SelectionError {
            reason,
            choices: product.listed_tags(),
        };
        let mut selection: Option<Self> = None;
        for value in values {
            let (platform, tags) = if let Some(platform) = product.platform(value) {
                (platform, None)
            } else {
                let tags: WheelTags = value
                    .parse()
                    .map_err(|error| refuse(Reason::Malformed(error)))?;
                let platform = product
                    .platform_of_tag(tags.first())
                    .ok_or_else(|| refuse(Reason::Unknown(tags.first().clone())))?;
                (platform, Some(tags))
            };
            let selection = selection.get_or_insert(Self {
                platform,
                wheels: Vec::new(),
                listed: false,
            });
            if selection.platform.target != platform.target {
                return Err(refuse(Reason::TwoTargets(
                    values[0].clone(),
                    selection.platform.target.to_string(),
                    value.clone(),
                    platform.target.to_string(),
                )));
            }
            match tags {
                Some(tags) if !selection.wheels.contains(&tags) => selection.wheels.push(tags),
                Some(_) => {}
                None => selection.listed = true,
            }
        }
        Ok(selection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::ProductSource;

    fn wheels(values: &[&str]) -> Result<(String, Vec<String>), String> {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let values = values
            .iter()
            .map(|value| (*value).to_owned())
            .collect::<Vec<_>>();
        let selection = Selection::parse(&values, &product).map_err(|error| {
            assert!(
                error
                    .help()
                    .contains("macosx_11_0_arm64 (aarch64-apple-darwin)")
            );
            error.to_string()
        })?;
        let selection = selection.ok_or("none")?;
        let wheels = selection.wheels.iter().map(WheelTags::to_string).collect();
        Ok((selection.platform.target.to_string(), wheels))
    }

    #[test]
    fn tags_and_targets_select_wheels() {
        for (values, target, expected) in [
            (
                &["manylinux_2_28_x86_64"][..],
                "x86_64-unknown-linux-musl",
                &["manylinux_2_28_x86_64"][..],
            ),
            (
                &["x86_64-unknown-linux-musl", "musllinux_1_1_x86_64"],
                "x86_64-unknown-linux-musl",
                &["musllinux_1_1_x86_64"],
            ),
            (
                &["macosx_12_0_arm64", "macosx_11_0_arm64.macosx_12_0_arm64"],
                "aarch64-apple-darwin",
                &["macosx_12_0_arm64", "macosx_11_0_arm64.macosx_12_0_arm64"],
            ),
        ] {
            let (selected, wheels) = wheels(values).unwrap();
            assert_eq!(
                (selected.as_str(), wheels),
                (target, expected.iter().map(|s| (*s).to_owned()).collect())
            );
        }
        assert_eq!(wheels(&[]).unwrap_err(), "none");
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        for (values, reason) in [
            (&["any"][..], "native code"),
            (&["win32"], "no platform of this product"),
            (&["manylinux_2_17_riscv64"], "no platform of this product"),
            (
                &["riscv64gc-unknown-linux-gnu"],
                "is not a usable platform tag",
            ),
            (
                &["win_amd64", "win_arm64"],
                "win_amd64 is for x86_64-pc-windows-msvc, and win_arm64 is for aarch64",
            ),
        ] {
            let error = wheels(values).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
