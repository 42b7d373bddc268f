//! A TOML file that a maintainer wrote, what stands in it where they wrote nothing, and where in it
//! a mistake is.
//!
//! All mistakes of a file are found in one run. A value that its type refuses is taken out, so that
//! its default stands in its place, and the file is read again.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use toml::Value;
use toml::de::{DeArray, DeTable, DeValue};

use super::mistake::{Mistake, line_of};

/// A TOML file, and what stands where it says nothing.
pub(super) struct Document {
    /// Its path, as the user can open it.
    file: String,
    text: String,
    /// TOML of `stage` itself.
    defaults: String,
    /// Whether the file is TOML.
    sound: bool,
}

impl Document {
    /// Reads a file, and adds what is not TOML to the mistakes.
    pub(super) fn parse(file: String, text: String, mistakes: &mut Vec<Mistake>) -> Self {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let sound = errors.is_empty();
        for error in errors {
            mistakes.push(Mistake {
                file: file.clone(),
                line: line_of(&text, error.span().map_or(0, |span| span.start)),
                field: None,
                reason: error.message().to_owned(),
            });
        }
        Self {
            file,
            text,
            defaults: String::new(),
            sound,
        }
    }

    /// Sets what stands where the file says nothing.
    pub(super) fn set_defaults(&mut self, defaults: String) {
        debug_assert!(DeTable::parse(&defaults).is_ok(), "{defaults}");
        self.defaults = defaults;
    }

    /// Returns whether the file is TOML.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Returns whether the file itself has a field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.look(field, |_| ()).is_some()
    }

    /// Returns the text of a field of the file; `None` if it has none, or another type.
    pub(super) fn text_of(&self, field: &str) -> Option<String> {
        self.look(field, |value| value.as_str().map(str::to_owned))?
    }

    /// Returns the texts of a field of the file that is an array of them.
    pub(super) fn texts_of(&self, field: &str) -> Option<Vec<String>> {
        self.look(field, |value| {
            let items = value.as_array()?.iter();
            let texts = items.filter_map(|item| item.get_ref().as_str());
            Some(texts.map(str::to_owned).collect())
        })?
    }

    fn look<T>(&self, field: &str, see: impl FnOnce(&DeValue) -> T) -> Option<T> {
        let (table, _) = DeTable::parse_recoverable(&self.text);
        let value = DeValue::Table(table.into_inner());
        let mut value = &value;
        for key in field.split('.') {
            value = value.as_table()?.get(key)?.get_ref();
        }
        Some(see(value))
    }

    /// Makes a mistake in a field whose value is well-formed, or that is not there.
    pub(super) fn mistake(&self, field: &str, reason: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.clone(),
            line: line_of(&self.text, self.start_of(field)),
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }

    /// Returns where a field begins, or else the nearest table around it.
    fn start_of(&self, field: &str) -> usize {
        let (root, _) = DeTable::parse_recoverable(&self.text);
        let (mut table, mut start) = (root.get_ref(), 0);
        for key in field.split('.') {
            let key = key.split('[').next().unwrap_or(key);
            let Some((key, value)) = table.get_key_value(key) else {
                break;
            };
            start = key.span().start;
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        start
    }

    /// Returns the fields with their defaults as one text, in an order of its own, except the fields
    /// and tables of these names.
    pub(super) fn canonical(&self, except: &[&str]) -> String {
        let (mut full, _) = DeTable::parse_recoverable(&self.text);
        let (defaults, _) = DeTable::parse_recoverable(&self.defaults);
        fill(full.get_mut(), defaults.get_ref());
        for field in except {
            let steps = field.split('.').map(|key| Step::Key(key.to_owned()));
            Removed::default().take(full.get_mut(), &steps.collect::<Vec<_>>());
        }
        // A `Table` is sorted by its keys.
        let table = toml::Table::deserialize(toml::Deserializer::from(full));
        table.map(|table| table.to_string()).unwrap_or_default()
    }

    /// Reads the file into a type, and adds everything that the type refuses to the mistakes. `None`
    /// if nothing can be made of the rest.
    pub(super) fn read<T: DeserializeOwned>(&self, mistakes: &mut Vec<Mistake>) -> Option<T> {
        if !self.sound {
            return None;
        }
        let (mut table, _) = DeTable::parse_recoverable(&self.text);
        let (defaults, _) = DeTable::parse_recoverable(&self.defaults);
        let mut removed = Removed::default();
        loop {
            let mut full = table.clone();
            fill(full.get_mut(), defaults.get_ref());
            let error = match serde_path_to_error::deserialize(toml::Deserializer::from(full)) {
                Ok(value) => return Some(value),
                Err(error) => error,
            };
            let steps = steps(error.path());
            let field = removed.original(&steps);
            let reason = error.inner().message().to_owned();
            let missing = reason.starts_with("missing field");
            if missing && removed.is_below(&field) {
                // It was there, and wrong. Without it, the table around it says nothing: the rest of the
                // file may have mistakes of its own.
                if removed.take(table.get_mut(), &steps) {
                    continue;
                }
                return None;
            }
            let own = removed.take(table.get_mut(), &steps);
            let line = match error.inner().span() {
                Some(span) if own => line_of(&self.text, span.start),
                _ => line_of(&self.text, self.start_of(&field)),
            };
            mistakes.push(Mistake {
                file: self.file.clone(),
                line,
                field: (!field.is_empty()).then_some(field),
                reason,
            });
            if !own {
                return None;
            }
        }
    }
}

/// Returns a text as TOML writes it.
pub(crate) fn literal(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A step into a table or an array.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

fn steps(path: &Path) -> Vec<Step> {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

/// The values that were taken out of a file, because their types refused them.
#[derive(Default)]
struct Removed {
    /// Their paths in the file.
    fields: Vec<String>,
    /// The indices of the items that were taken out of an array, by its path.
    items: BTreeMap<String, Vec<usize>>,
}

impl Removed {
    /// Returns the path in the file of what is at a path now.
    fn original(&self, steps: &[Step]) -> String {
        let mut path = String::new();
        for step in steps {
            match step {
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Index(index) => {
                    let mut index = *index;
                    for removed in self.items.get(&path).into_iter().flatten() {
                        index += usize::from(*removed <= index);
                    }
                    path = format!("{path}[{index}]");
                }
            }
        }
        path
    }

    /// Returns whether something was taken out of this table.
    fn is_below(&self, table: &str) -> bool {
        let below = |field: &String| {
            let rest = field.strip_prefix(table);
            rest.is_some_and(|rest| table.is_empty() || rest.starts_with(['.', '[']))
        };
        self.fields.iter().any(below)
    }

    /// Takes the value at a path out of the file's table. The last item of an array goes with the
    /// array, which may have to have items. Returns whether the file had the value.
    fn take(&mut self, table: &mut DeTable, steps: &[Step]) -> bool {
        let Some((last, around)) = steps.split_last() else {
            return false;
        };
        let field = self.original(steps);
        let done = match last {
            Step::Key(key) => {
                let table = match around {
                    [] => Some(table),
                    _ => find(table, around).and_then(|value| match value {
                        DeValue::Table(table) => Some(table),
                        _ => None,
                    }),
                };
                table.is_some_and(|table| table.remove_entry(&**key).is_some())
            }
            Step::Index(index) => {
                let Some(DeValue::Array(array)) = find(table, around) else {
                    return false;
                };
                if array.len() < 2 {
                    return self.take(table, around);
                }
                let items = std::mem::replace(array, DeArray::new());
                let kept = items.into_iter().enumerate();
                let kept = kept.filter(|(at, _)| at != index);
                kept.for_each(|(_, item)| array.push(item));
                let array = self.original(around);
                let removed = self.items.entry(array.clone()).or_default();
                let original = field[array.len()..]
                    .trim_matches(['[', ']'])
                    .parse::<usize>();
                removed.extend(original.ok());
                removed.sort_unstable();
                true
            }
        };
        if done {
            self.fields.push(field);
        }
        done
    }
}

/// Returns the value at a path.
fn find<'a, 'i>(table: &'a mut DeTable<'i>, steps: &[Step]) -> Option<&'a mut DeValue<'i>> {
    let (first, rest) = steps.split_first()?;
    let Step::Key(key) = first else { return None };
    let mut value = table.get_mut(&**key)?.get_mut();
    for step in rest {
        value = match (step, value) {
            (Step::Key(key), DeValue::Table(table)) => table.get_mut(&**key)?.get_mut(),
            (Step::Index(index), DeValue::Array(array)) => array.get_mut(*index)?.get_mut(),
            _ => return None,
        };
    }
    Some(value)
}

/// Adds what a table lacks.
fn fill<'i>(table: &mut DeTable<'i>, defaults: &DeTable<'i>) {
    for (key, default) in defaults {
        match table.get_mut(&**key.get_ref()) {
            None => {
                table.insert(key.clone(), default.clone());
            }
            Some(value) => {
                if let (DeValue::Table(table), DeValue::Table(defaults)) =
                    (value.get_mut(), default.get_ref())
                {
                    fill(table, defaults);
                }
            }
        }
    }
}
