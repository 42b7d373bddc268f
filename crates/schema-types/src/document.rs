//! The file that has all schemas of a protocol, and what its references lead to.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use fs_err::File;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::place::Place;
use crate::well_known::FILE;

/// 35 times the largest that there is.
const MOST_BYTES: u64 = 64 << 20;

/// All schemas of one protocol.
pub struct Document {
    path: PathBuf,
    root: Value,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let definitions = self.root.get("definitions").and_then(Value::as_object);
        f.debug_struct("Document")
            .field("path", &self.path)
            .field("definitions", &definitions.map_or(0, Map::len))
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Reads the bundle in a directory that `generate-json-schema` wrote.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(FILE);
        if directory.is_dir() && !path.exists() {
            return Err(Error::NoSchema(directory.to_owned()));
        }
        // To open a pipe would wait for somebody who writes to it.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::NotAFile(path));
        }
        let mut text = Vec::new();
        File::open(&path)?
            .take(MOST_BYTES + 1)
            .read_to_end(&mut text)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(Error::TooLarge {
                path,
                limit: MOST_BYTES,
            });
        }
        match serde_json::from_slice(&text) {
            Ok(root) => Ok(Self { path, root }),
            Err(source) => Err(Error::NotJson { path, source }),
        }
    }

    /// The file that was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a reference leads to. `at` is where it stands.
    pub fn resolve(&self, reference: &str, at: &Place) -> Result<&Value, Error> {
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(Error::ForeignReference {
                at: at.to_string(),
                reference: reference.to_owned(),
            });
        };
        self.root
            .pointer(pointer)
            .ok_or_else(|| Error::NoSuchDefinition {
                at: at.to_string(),
                reference: reference.to_owned(),
            })
    }

    /// The references of all definitions with a name, those of version 2 first.
    pub fn definitions(&self, name: &str) -> Vec<String> {
        let Some(Value::Object(definitions)) = self.root.get("definitions") else {
            return Vec::new();
        };
        let mut found: Vec<String> = namespaces(definitions)
            .filter(|(_, inner)| inner.contains_key(name))
            .map(|(namespace, _)| format!("#/definitions/{}/{}", escape(namespace), escape(name)))
            .collect();
        if definitions.contains_key(name) {
            found.push(format!("#/definitions/{}", escape(name)));
        }
        found
    }

    /// The names of all definitions that end in `suffix`, sorted.
    pub fn names_ending_in(&self, suffix: &str) -> Vec<&str> {
        let Some(Value::Object(definitions)) = self.root.get("definitions") else {
            return Vec::new();
        };
        let mut names: Vec<&str> = namespaces(definitions)
            .flat_map(|(_, inner)| inner.keys())
            .chain(definitions.keys())
            .map(String::as_str)
            .filter(|name| name.ends_with(suffix))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The definitions that are no schemas but hold some: the versions of the protocol.
fn namespaces(
    definitions: &Map<String, Value>,
) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
    definitions.iter().filter_map(|(name, value)| match value {
        Value::Object(inner)
            if !inner.is_empty() && inner.values().all(Value::is_object) && !is_schema(inner) =>
        {
            Some((name, inner))
        }
        _ => None,
    })
}

fn is_schema(object: &Map<String, Value>) -> bool {
    ["properties", "items", "additionalProperties", "not"]
        .iter()
        .any(|keyword| object.contains_key(*keyword))
}

fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// The last segment of a reference, as the name was written.
pub fn last_segment(reference: &str) -> String {
    reference
        .rsplit('/')
        .next()
        .unwrap_or(reference)
        .replace("~1", "/")
        .replace("~0", "~")
}

/// The segment before the last.
pub fn namespace(reference: &str) -> Option<&str> {
    reference.rsplit('/').nth(1).filter(|s| *s != "definitions")
}
