//! `--verbose`: what `stage` does and decides, an event a line, on standard error.
//!
//! Every layer says it with `tracing`. An event has no secret in it: addresses come without user name
//! and query, and nobody may put a header or the value of an environment variable into one.

use std::fmt::Debug;
use std::io::{self, Write as _};

use serde_json::{Map, Value, json};
use strict_archive::escaped_sentence;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::commands::cli::{MessageFormat, Output};

/// Prints the events of this process from now on, if the caller asked for them.
pub fn install(output: Output) {
    if output.verbose {
        let lines = Lines {
            format: output.message_format,
        };
        // It fails where a subscriber is there already, which then has the events.
        let _ = registry().with(lines).try_init();
    }
}

/// Prints each event as a line.
struct Lines {
    format: MessageFormat,
}

impl<S: Subscriber> Layer<S> for Lines {
    /// Events of our own only: the HTTP libraries have some too, with headers in them.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let root = metadata.target().split("::").next();
        root == Some("stage")
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = match self.format {
            MessageFormat::Json => fields.json(),
            MessageFormat::Text | MessageFormat::Github => fields.text(),
        };
        // Nobody reads any more: the work is done all the same.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// What an event says.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    /// `message name=value …`
    fn text(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.others {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            text = format!("{text} {name}={value}");
        }
        escaped_sentence(&text)
    }

    /// `{"type":"trace","message":…,"name":value,…}`
    fn json(&self) -> String {
        let mut object = json!({"type": "trace", "message": self.message});
        if let Value::Object(object) = &mut object {
            object.extend(self.others.clone());
        }
        object.to_string()
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.others.insert(field.name().to_owned(), json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.others.insert(field.name().to_owned(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.others.insert(field.name().to_owned(), json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        if field.name() == "message" {
            self.message = value;
        } else {
            self.others.insert(field.name().to_owned(), json!(value));
        }
    }
}
