//! Rust types from the JSON Schema that a Codex runtime prints of its app-server protocol.

mod cycle;
mod doc;
mod document;
mod emit;
mod error;
mod lower;
mod model;
mod name;
mod node;
mod place;
mod protocol;
mod runtime;

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

pub use document::Document;
pub use emit::Traits;
pub use error::Error;

use lower::Lowering;
use model::Module;

/// The schema of one protocol, and where it is from.
#[derive(Debug)]
pub struct Schema {
    document: Document,
    version: Option<String>,
}

impl Schema {
    /// Has a runtime print its schema. Each of the two calls that this takes gets `limit`.
    pub fn of_runtime(program: &Path, limit: Duration) -> Result<Self, Error> {
        let (version, document) = runtime::print(program, limit)?;
        Ok(Self {
            document,
            version: Some(version),
        })
    }

    /// Reads what `codex app-server generate-json-schema --out DIR` wrote, which does not say of
    /// what version it is.
    pub fn in_directory(directory: &Path) -> Result<Self, Error> {
        Ok(Self {
            document: Document::read(directory)?,
            version: None,
        })
    }

    /// The version that the runtime has by its own account.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The types, as a Rust file. The same schema gives the same bytes.
    pub fn types(&self, traits: &Traits) -> Result<Types, Error> {
        let mut lowering = Lowering::new(&self.document);
        let methods = protocol::methods(&self.document, &mut lowering)?;
        let items = lowering.finish()?;
        let module = Module { items, methods };
        Ok(Types {
            methods: module.methods.len(),
            types: module.items.len(),
            source: emit::file(module, self.version(), traits)?,
        })
    }
}

/// A generated Rust file.
#[derive(Debug)]
pub struct Types {
    /// How many methods there are: requests and notifications of both sides.
    pub methods: usize,
    /// How many types these need.
    pub types: usize,
    /// The text.
    pub source: String,
}

impl Types {
    /// Writes the file, which is there whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let directory = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            let mut builder = tempfile::Builder::new();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                // As any other new file: less what the umask takes away.
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let mut file = builder.tempfile_in(directory)?;
            file.write_all(self.source.as_bytes())?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|source| Error::NotWritten {
            path: path.to_owned(),
            source,
        })
    }
}
