//! `stage generate-types --out FILE`

use std::time::Duration;

use anyhow::Context as _;
use schema_types::{Schema, Traits};
use serde_json::json;

use crate::base::failure::Advice;
use crate::commands::cli::{GenerateTypes, SchemaSource};
use crate::commands::failure::Advised;
use crate::commands::report::Report;

/// A runtime prints its schema in a tenth of a second; the first start of one may be scanned for
/// viruses.
const LIMIT: Duration = Duration::from_secs(60);

impl Advice for schema_types::Error {
    fn help(&self) -> String {
        self.help()
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::NotAPath { .. })
    }
}

pub fn run(arguments: &GenerateTypes, report: &Report) -> anyhow::Result<()> {
    generate(arguments, report)
        .with_context(|| format!("cannot generate {}", arguments.out.display()))
}

fn generate(arguments: &GenerateTypes, report: &Report) -> Result<(), Advised> {
    let GenerateTypes {
        schema,
        out,
        traits,
    } = arguments;
    let traits = match traits {
        Some(path) => Traits::at(path)?,
        None => Traits::Own,
    };
    let schema = read(schema)?;
    let types = schema.types(&traits)?;
    types.write(out)?;
    let of = schema
        .version()
        .map_or_else(String::new, |version| format!(" of {version}"));
    report.result(
        &format!(
            "{}: {} types for {} methods{of}",
            out.display(),
            types.types,
            types.methods
        ),
        &json!({
            "path": out,
            "version": schema.version(),
            "methods": types.methods,
            "types": types.types,
        }),
    );
    Ok(())
}

pub(super) fn read(source: &SchemaSource) -> Result<Schema, schema_types::Error> {
    let SchemaSource {
        codex_bin,
        schema_dir,
    } = source;
    match schema_dir {
        Some(directory) => Schema::in_directory(directory),
        // The command line has one of the two.
        None => Schema::of_runtime(codex_bin.as_deref().unwrap_or("codex".as_ref()), LIMIT),
    }
}
