//! What may stand in the files of a product, as JSON Schema and as a page of the documentation, both
//! from the types that read these files.

use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

use super::load::REQUIRED;
use super::platform::Platform;
use super::stage_toml::ProductFile;

/// A file of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductFileKind {
    /// `stage.toml`
    Stage,
    /// A file of `platforms/`.
    Platform,
}

impl ProductFileKind {
    /// Returns the JSON Schema of the file, with which editors complete and check it.
    #[must_use]
    pub fn schema(self) -> Value {
        match self {
            Self::Stage => {
                let required = REQUIRED.map(|(field, _)| field.trim_start_matches("product."));
                let mut schema = schema::<ProductFile>("stage.toml");
                schema["required"] = json!(["product"]);
                schema["$defs"]["Identity"]["required"] = json!(required);
                schema
            }
            Self::Platform => schema::<Platform>("platforms/TARGET.toml"),
        }
    }

    /// Returns a table of the fields of each section, in Markdown.
    #[must_use]
    pub fn reference(self) -> String {
        let schema = self.schema();
        let mut text = String::new();
        let mut top = Vec::new();
        for (name, field) in properties(&schema) {
            match resolve(&schema, field) {
                Some(table) if !properties(table).is_empty() => {
                    let place = if name == "product" { " (required)" } else { "" };
                    let heading = format!("\n### `[{name}]`{place}\n\n{}\n", sentence(table));
                    text.extend([heading, rows(&schema, table, "")]);
                }
                _ => top.push((name, field)),
            }
        }
        if top.is_empty() {
            return text;
        }
        let top = top
            .into_iter()
            .map(|(name, field)| row(&schema, name, field, false));
        format!("{HEAD}{}{text}", top.collect::<String>())
    }
}

const HEAD: &str = "\n| field | value | meaning |\n| --- | --- | --- |\n";

/// Everything has a default but what is listed.
fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = schema_for!(T).to_value();
    schema["title"] = title.into();
    let sections = properties(&schema)
        .into_iter()
        .filter_map(|(_, field)| reference(field))
        .map(str::to_owned)
        .chain(["ArchiveLimits".to_owned()])
        .collect::<Vec<_>>();
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
    }
    for section in sections {
        let section = schema["$defs"]
            .get_mut(&section)
            .and_then(Value::as_object_mut);
        section.map(|section| section.remove("required"));
    }
    schema
}

/// The name of the type that a field has, if it has one.
fn reference(field: &Value) -> Option<&str> {
    let direct = field.get("$ref").and_then(Value::as_str);
    let either = field.get("anyOf").and_then(Value::as_array);
    let direct = direct.or_else(|| either?.iter().find_map(|one| one.get("$ref")?.as_str()));
    direct?.strip_prefix("#/$defs/")
}

fn resolve<'a>(schema: &'a Value, field: &'a Value) -> Option<&'a Value> {
    schema["$defs"].get(reference(field)?)
}

fn properties(table: &Value) -> Vec<(&str, &Value)> {
    let properties = table.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flat_map(Map::iter);
    properties
        .map(|(name, field)| (name.as_str(), field))
        .collect()
}

/// The description of a type or a field, on one line.
fn sentence(of: &Value) -> String {
    let text = of.get("description").and_then(Value::as_str);
    text.unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A table of the fields of a section, and of the tables in it.
fn rows(schema: &Value, table: &Value, within: &str) -> String {
    let head = if within.is_empty() { HEAD } else { "" };
    let required = table.get("required").and_then(Value::as_array);
    let rows = properties(table).into_iter().map(|(name, field)| {
        let path = format!("{within}{name}");
        let item = field.get("items").filter(|item| reference(item).is_some());
        let inner = resolve(schema, item.unwrap_or(field));
        let inner = inner.filter(|inner| !properties(inner).is_empty());
        let is_required = within.is_empty()
            && required.is_some_and(|required| required.iter().any(|other| other == name));
        let own = row(schema, &path, field, is_required);
        let inner = inner.map(|inner| rows(schema, inner, &format!("{path}.")));
        own + &inner.unwrap_or_default()
    });
    format!("{head}{}", rows.collect::<String>())
}

fn row(schema: &Value, name: &str, field: &Value, required: bool) -> String {
    let meaning = match sentence(field) {
        text if text.is_empty() => resolve(schema, field).map(sentence).unwrap_or_default(),
        text => text,
    };
    let meaning = meaning.replace('|', "\\|");
    let required = if required { " **Required.**" } else { "" };
    format!(
        "| `{name}` | {} | {meaning}{required} |\n",
        value(schema, field)
    )
}

/// What a field takes, in words.
fn value(schema: &Value, field: &Value) -> String {
    if let Some(target) = resolve(schema, field) {
        return value(schema, target);
    }
    if let Some(choices) = field.get("oneOf").and_then(Value::as_array) {
        let choices = choices.iter().filter_map(|one| one.get("const")?.as_str());
        return choices
            .map(|one| format!("`\"{one}\"`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(choices) = field.get("enum").and_then(Value::as_array) {
        let choices = choices.iter().filter_map(Value::as_str);
        return choices
            .map(|one| format!("`\"{one}\"`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(either) = field.get("anyOf").and_then(Value::as_array) {
        let words = either.iter().map(|one| value(schema, one));
        let mut words = words.filter(|word| word != "nothing").collect::<Vec<_>>();
        words.dedup();
        return words.join(" or ");
    }
    let kinds = match field.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match kinds.into_iter().find(|kind| *kind != "null") {
        Some("string") => "text".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("array") => {
            let item = field.get("items").map(|item| value(schema, item));
            match item.as_deref() {
                Some("text") | None => "list of texts".to_owned(),
                Some("table") => "list of tables".to_owned(),
                Some(choices) => format!("list of {choices}"),
            }
        }
        Some("object") => "table".to_owned(),
        _ => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::Path;

    use super::*;

    const BEGIN: &str =
        "<!-- Generated from the types: STAGE_UPDATE_DOCS=1 cargo test -p stage docs_ -->\n";

    /// Compares a file of docs/ with what it should be, or writes it with `STAGE_UPDATE_DOCS=1`.
    fn check(name: &str, expected: impl Fn(&str) -> String) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs")
            .join(name);
        let there = fs_err::read_to_string(&file).unwrap_or_default();
        let expected = expected(&there);
        if env::var_os("STAGE_UPDATE_DOCS").is_some() {
            fs_err::write(&file, &expected).unwrap();
            return;
        }
        let current = there.replace("\r\n", "\n") == expected.replace("\r\n", "\n");
        assert!(
            current,
            "docs/{name} is not up to date: STAGE_UPDATE_DOCS=1 cargo test -p stage docs_"
        );
    }

    #[test]
    fn docs_schemas_are_those_of_the_types() {
        for (name, file) in [
            ("stage.schema.json", ProductFileKind::Stage),
            ("platform.schema.json", ProductFileKind::Platform),
        ] {
            check(name, |_| {
                serde_json::to_string_pretty(&file.schema()).unwrap() + "\n"
            });
        }
    }

    #[test]
    fn docs_products_md_has_every_field() {
        check("products.md", |there| {
            let (guide, _) = there.split_once(BEGIN).unwrap();
            format!(
                "{guide}{BEGIN}\n## Every field of stage.toml\n{}\n## Every field of platforms/TARGET.toml\n{}",
                ProductFileKind::Stage.reference(),
                ProductFileKind::Platform.reference(),
            )
        });
    }
}
