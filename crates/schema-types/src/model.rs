//! What is generated, before it is Rust.

use std::collections::BTreeMap;

/// A type, as a field has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Any JSON value.
    Any,
    /// Any JSON object.
    Object,
    Bool,
    /// A type of Rust, such as `u32`.
    Integer(&'static str),
    Float,
    Text,
    /// No value: what a method without parameters takes.
    Nothing,
    List(Box<Type>),
    /// Strings to values.
    Map(Box<Type>),
    Optional(Box<Type>),
    /// One of [`Module::items`].
    Named(String),
}

impl Type {
    /// The type, or null.
    pub fn optional(self) -> Self {
        match self {
            // These take null as it is.
            Self::Any | Self::Nothing | Self::Optional(_) => self,
            other => Self::Optional(Box::new(other)),
        }
    }
}

/// A type with a name.
#[derive(Debug)]
pub struct Item {
    pub description: Option<String>,
    pub body: Body,
}

#[derive(Debug)]
pub enum Body {
    Struct {
        fields: Vec<Field>,
        /// Of what type the fields are that the schema does not name.
        rest: Type,
    },
    Enum {
        form: Form,
        variants: Vec<Variant>,
    },
    Alias(Type),
    /// An alias that contains itself.
    Wrapper(Type),
}

#[derive(Debug)]
pub struct Field {
    /// The name on the wire.
    pub wire: String,
    pub name: String,
    pub description: Option<String>,
    /// As JSON.
    pub default: Option<String>,
    pub ty: Type,
    pub required: bool,
}

/// How a value tells its variant.
#[derive(Debug, PartialEq, Eq)]
pub enum Form {
    /// By being its name, or an object whose only field has its name.
    Named,
    /// By the name in a field.
    Tagged(String),
    /// By fitting no earlier one.
    Untagged,
}

#[derive(Debug)]
pub struct Variant {
    /// The name on the wire; empty in an untagged enum.
    pub wire: String,
    pub name: String,
    pub description: Option<String>,
    pub content: Content,
}

#[derive(Debug)]
pub enum Content {
    /// The name is all.
    Nothing,
    /// What belongs to the name, or stands beside the tag.
    Of(Type),
    /// A whole tagged object, tag and all.
    Whole(Type),
}

/// A method and its types.
#[derive(Debug)]
pub struct Method {
    /// The name on the wire.
    pub wire: String,
    pub name: String,
    pub description: Option<String>,
    pub params: Type,
    /// Of a request; `Any` if the schema does not say.
    pub result: Option<Type>,
}

/// The four lists of methods.
#[derive(Debug, Default)]
pub struct Methods {
    pub client_requests: Vec<Method>,
    pub client_notifications: Vec<Method>,
    pub server_requests: Vec<Method>,
    pub server_notifications: Vec<Method>,
}

impl Methods {
    /// How many there are.
    pub fn len(&self) -> usize {
        let Self {
            client_requests,
            client_notifications,
            server_requests,
            server_notifications,
        } = self;
        [
            client_requests,
            client_notifications,
            server_requests,
            server_notifications,
        ]
        .into_iter()
        .map(Vec::len)
        .sum()
    }
}

/// All that is generated.
#[derive(Debug, Default)]
pub struct Module {
    pub items: BTreeMap<String, Item>,
    pub methods: Methods,
}
