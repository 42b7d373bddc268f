//! `stage generate-types --out FILE`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use schema_types::{Schema, Traits};
use serde_json::json;

use crate::base::failure::Advice;
use crate::base::patience;
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

/// The file of the types could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

impl Advice for NotWritten {
    fn help(&self) -> String {
        "name a file in a directory that is there".to_owned()
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
    write(out, &types.source).map_err(|source| NotWritten {
        path: out.clone(),
        source,
    })?;
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

/// Makes a temporary file with the mode of any other new file: less what the umask takes away.
fn new_file(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o666);
        tempfile::Builder::new()
            .permissions(mode)
            .tempfile_in(directory)
    }
    #[cfg(not(unix))]
    tempfile::NamedTempFile::new_in(directory)
}

/// Writes a file, which is complete or not there at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = new_file(directory)?;
    file.write_all(text.as_bytes())?;
    patience::persist(file.into_temp_path(), path)
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
