//! How the types of this file become JSON and come from it.
//!
//! Everything goes through [`Value`], in functions without type parameters: that is quick to compile,
//! and what a type does not know is at hand to be kept.

use serde_json::{Map, Value};

/// What a reader says: the value, or what does not fit and where.
pub(super) type Read<T> = Result<T, Mismatch>;

/// A value that does not fit the type.
#[derive(Debug)]
pub(super) struct Mismatch {
    path: String,
    problem: String,
}

impl Mismatch {
    fn expected(what: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self {
            path: String::new(),
            problem: format!("expected {what}, found {found}"),
        }
    }

    /// The same, seen from the object that has the value at `key`.
    pub(super) fn at(mut self, key: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{key}{dot}{}", self.path);
        self
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

/// What in a value the schema does not know: the more, the worse the type fits it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Novelty {
    /// Nothing.
    Nothing,
    /// A field.
    Fields,
    /// A name, perhaps the one that tells which type this is.
    Names,
}

impl Novelty {
    /// Of the fields that an object has besides those of its type.
    pub(super) fn of_rest(is_empty: bool) -> Self {
        if is_empty { Self::Nothing } else { Self::Fields }
    }
}

/// The novelty of the whole.
pub(super) fn greatest(parts: impl IntoIterator<Item = Novelty>) -> Novelty {
    parts.into_iter().max().unwrap_or(Novelty::Nothing)
}

/// A type that is read from JSON and written to it.
pub(super) trait Wire: Sized {
    /// Reads the value.
    fn read(value: Value) -> Read<Self>;

    /// Writes the value.
    fn write(&self) -> Value;

    /// What in it the schema does not know.
    fn novelty(&self) -> Novelty {
        Novelty::Nothing
    }
}

impl Wire for Value {
    fn read(value: Value) -> Read<Self> {
        Ok(value)
    }

    fn write(&self) -> Value {
        self.clone()
    }
}

impl Wire for () {
    fn read(_: Value) -> Read<Self> {
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Null
    }
}

impl Wire for String {
    fn read(value: Value) -> Read<Self> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(Mismatch::expected("a string", &other)),
        }
    }

    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Wire for bool {
    fn read(value: Value) -> Read<Self> {
        value
            .as_bool()
            .ok_or_else(|| Mismatch::expected("a boolean", &value))
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Wire for f64 {
    fn read(value: Value) -> Read<Self> {
        value
            .as_f64()
            .ok_or_else(|| Mismatch::expected("a number", &value))
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

/// An integer type, read through the widest one of its sign.
macro_rules! integers {
    ($($integer:ident by $widest:ident,)*) => {
        $(impl Wire for $integer {
            fn read(value: Value) -> Read<Self> {
                value
                    .$widest()
                    .and_then(|number| Self::try_from(number).ok())
                    .ok_or_else(|| {
                        Mismatch::expected(concat!("an integer of ", stringify!($integer)), &value)
                    })
            }

            fn write(&self) -> Value {
                Value::from(*self)
            }
        })*
    };
}

integers! {
    i8 by as_i64,
    i16 by as_i64,
    i32 by as_i64,
    i64 by as_i64,
    u8 by as_u64,
    u16 by as_u64,
    u32 by as_u64,
    u64 by as_u64,
}

impl<T: Wire> Wire for Box<T> {
    fn read(value: Value) -> Read<Self> {
        T::read(value).map(Self::new)
    }

    fn write(&self) -> Value {
        T::write(self)
    }

    fn novelty(&self) -> Novelty {
        T::novelty(self)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read(value: Value) -> Read<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn novelty(&self) -> Novelty {
        self.as_ref().map_or(Novelty::Nothing, T::novelty)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read(value: Value) -> Read<Self> {
        let items = match value {
            Value::Array(items) => items,
            other => return Err(Mismatch::expected("an array", &other)),
        };
        let mut list = Self::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            list.push(T::read(item).map_err(|mismatch| mismatch.at(&format!("[{index}]")))?);
        }
        Ok(list)
    }

    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }

    fn novelty(&self) -> Novelty {
        greatest(self.iter().map(T::novelty))
    }
}

impl Wire for Map<String, Value> {
    fn read(value: Value) -> Read<Self> {
        Fields::read(value).map(|fields| fields.0)
    }

    fn write(&self) -> Value {
        Value::Object(self.clone())
    }
}

impl<T: Wire> Wire for std::collections::BTreeMap<String, T> {
    fn read(value: Value) -> Read<Self> {
        Fields::read(value)?.all()
    }

    fn write(&self) -> Value {
        self.iter()
            .map(|(key, value)| (key.clone(), value.write()))
            .collect()
    }

    fn novelty(&self) -> Novelty {
        greatest(self.values().map(T::novelty))
    }
}

/// The fields of an object, while it is read or written.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of an object that is read.
    pub(super) fn read(value: Value) -> Read<Self> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(Mismatch::expected("an object", &other)),
        }
    }

    /// Takes a field that has to be there.
    pub(super) fn required<T: Wire>(&mut self, key: &str) -> Read<T> {
        match self.0.remove(key) {
            Some(value) => T::read(value).map_err(|mismatch| mismatch.at(key)),
            None => Err(Mismatch {
                path: key.to_owned(),
                problem: "missing".to_owned(),
            }),
        }
    }

    /// Takes a field that may be absent.
    pub(super) fn optional<T: Wire>(&mut self, key: &str) -> Read<Option<T>> {
        let value = self.0.remove(key).unwrap_or_default();
        Wire::read(value).map_err(|mismatch| mismatch.at(key))
    }

    /// What nobody took.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }

    /// What nobody took, all of one type.
    pub(super) fn all<T: Wire>(self) -> Read<std::collections::BTreeMap<String, T>> {
        self.0
            .into_iter()
            .map(|(key, value)| match T::read(value) {
                Ok(value) => Ok((key, value)),
                Err(mismatch) => Err(mismatch.at(&key)),
            })
            .collect()
    }

    /// An object that is written, to begin with what its type does not know.
    pub(super) fn write<T: Wire>(unknown: &T) -> Self {
        match unknown.write() {
            Value::Object(fields) => Self(fields),
            _ => Self(Map::new()),
        }
    }

    /// Puts a field.
    pub(super) fn put<T: Wire>(&mut self, key: &str, value: &T) {
        self.0.insert(key.to_owned(), value.write());
    }

    /// Puts a field if it has a value.
    pub(super) fn put_some<T: Wire>(&mut self, key: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// The object.
    pub(super) fn object(self) -> Value {
        Value::Object(self.0)
    }
}

/// The text at `tag`, which says what kind of object this is.
pub(super) fn tag<'a>(value: &'a Value, tag: &str) -> Option<&'a str> {
    value.get(tag)?.as_str()
}

/// The object without its tag.
pub(super) fn untagged(mut value: Value, tag: &str) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.remove(tag);
    }
    value
}

/// The object with its tag.
pub(super) fn tagged(mut value: Value, tag: &str, name: &str) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.insert(tag.to_owned(), Value::from(name));
    }
    value
}

/// The only field of an object: a name, and what belongs to it.
pub(super) fn only_field(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) if fields.len() == 1 => fields.keys().next().map(String::as_str),
        _ => None,
    }
}

/// Reads what belongs to the name of an object's only field.
pub(super) fn content<T: Wire>(value: Value, name: &str) -> Read<T> {
    Fields::read(value)?.required(name)
}

/// An object with one field.
pub(super) fn named<T: Wire>(name: &str, content: &T) -> Value {
    let mut fields = Fields(Map::new());
    fields.put(name, content);
    fields.object()
}

/// From the closest fit of a type to the loosest.
pub(super) const FITS: [Novelty; 3] = [Novelty::Nothing, Novelty::Fields, Novelty::Names];

/// Reads the type if the value fits it this closely.
pub(super) fn fit<T: Wire>(value: &Value, fit: Novelty) -> Option<T> {
    T::read(value.clone())
        .ok()
        .filter(|read| read.novelty() <= fit)
}

/// `Serialize` and `Deserialize` by way of [`Wire`].
macro_rules! serde_by_wire {
    ($($type:ident,)*) => {
        $(impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                wire::Wire::write(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                wire::Wire::read(serde_json::Value::deserialize(deserializer)?)
                    .map_err(serde::de::Error::custom)
            }
        })*
    };
}

pub(super) use serde_by_wire;
