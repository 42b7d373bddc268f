//! Texts that were checked when they were read.
//!
//! The texts of a product's files end up in metadata with one field a line, in TOML and JSON, in
//! file names and in code. [`Checked`] is a text that satisfies a [`Constraint`]. The rule is
//! checked once, while the file is parsed, so that an error can name line and field.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A rule for texts.
pub trait Constraint {
    /// Checks a text. An error completes a sentence that begins with the text: "is not a …".
    fn check(text: &str) -> Result<(), String>;
}

/// A text that satisfies the rule `R`.
pub struct Checked<R>(String, PhantomData<R>);

/// A text that breaks its rule.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} {reason}")]
pub struct Unchecked {
    /// The text, or the beginning of a long one.
    text: String,
    reason: String,
}

impl Unchecked {
    /// Returns what is wrong. It completes a sentence that begins with the text: "is not a …".
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl<R: Constraint> FromStr for Checked<R> {
    type Err = Unchecked;

    fn from_str(text: &str) -> Result<Self, Unchecked> {
        Self::try_from(text.to_owned())
    }
}

impl<R: Constraint> TryFrom<String> for Checked<R> {
    type Error = Unchecked;

    fn try_from(text: String) -> Result<Self, Unchecked> {
        match R::check(&text) {
            Ok(()) => Ok(Self(text, PhantomData)),
            Err(reason) => Err(Unchecked {
                text: text.chars().take(80).collect(),
                reason,
            }),
        }
    }
}

impl<'de, R: Constraint> Deserialize<'de> for Checked<R> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(source)?).map_err(D::Error::custom)
    }
}

impl<R> Serialize for Checked<R> {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        target.serialize_str(self)
    }
}

impl<R> JsonSchema for Checked<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl<R> Deref for Checked<R> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<R> Borrow<str> for Checked<R> {
    fn borrow(&self) -> &str {
        self
    }
}

impl<R> fmt::Display for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<R> fmt::Debug for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<R> Clone for Checked<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<R> PartialEq for Checked<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<R> PartialEq<String> for Checked<R> {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl<R> PartialEq<Checked<R>> for String {
    fn eq(&self, other: &Checked<R>) -> bool {
        *self == other.0
    }
}

impl<R> Eq for Checked<R> {}

impl<R> PartialOrd for Checked<R> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Checked<R> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// Declares a rule: its name, the type of the texts that satisfy it, and its check.
macro_rules! constraint {
    ($(#[$doc:meta])* $text:ident, $rule:ident, $check:expr) => {
        $(#[$doc])*
        pub type $text = $crate::product::Checked<$rule>;

        #[doc = concat!("The rule of [`", stringify!($text), "`].")]
        pub enum $rule {}

        impl $crate::product::Constraint for $rule {
            fn check(text: &str) -> Result<(), String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text)
            }
        }
    };
}

pub(super) use constraint;

/// Fails with `reason` unless `good`.
pub(super) fn must(good: bool, reason: &str) -> Result<(), String> {
    if good { Ok(()) } else { Err(reason.to_owned()) }
}
