//! The names that schemas get as types.

use crate::name::type_name;

/// The name that a schema has, or would have.
#[derive(Debug, Clone)]
pub enum Naming {
    /// A definition: the name is its own.
    Own(String),
    /// Nobody has named it yet.
    Hint(String),
}

impl Naming {
    /// A name for something inside.
    pub(super) fn inside(&self, raw: &str) -> Self {
        let (Self::Own(name) | Self::Hint(name)) = self;
        Self::Hint(format!("{name}{}", type_name(raw)))
    }

    /// The name of the value of something that may be null: the definition itself is the option.
    pub(super) fn of_value(&self, nullable: bool) -> Self {
        match self {
            Self::Own(_) if nullable => self.inside("Value"),
            same => same.clone(),
        }
    }
}
