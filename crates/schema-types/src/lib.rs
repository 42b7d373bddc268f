//! Rust types from the JSON Schema that a Codex runtime prints of its app-server protocol.
//!
//! [`Schema`] reads what a runtime prints, or a directory that it has written before;
//! [`Schema::types`] makes one Rust file of it. From the methods on, what these lead to becomes
//! types: JSON Schema becomes a model ([`lower`]), and the model becomes Rust ([`emit`]).
//!
//! # Why not typify
//!
//! typify 0.6 is the field's generator, and was tried first.
//! - It panics on the schema of 0.163.0 that has the server's requests (`not yet implemented`), as it
//!   does on a missing `$ref`, on a foreign one, on `not`, and on enum values that differ by no letter;
//!   on an `allOf` that leads to itself it overflows its stack. A schema from outside must not do that.
//! - A value that its types do not know is an error. To keep such values, every enum and every
//!   object that it writes would have to be written again.
//! - Half of the time that its output takes is derives, which stay when all else is taken away.
//!
//! | `cargo check`, 0.163.0, dependencies built | lines | CPU |
//! | --- | --- | --- |
//! | typify, version 2 of the protocol | 58,797 | 16.8 s |
//! | the same without any of its `impl`s: structs, enums, serde's derives | 45,971 | 11.9 s |
//! | this crate, with the server's requests | 34,260 | 2.9 s |
//!
//! # What keeps it small
//!
//! No type has derives of serde's. Each has two functions without type parameters, from
//! [`serde_json::Value`] and to it, and serde's traits by a macro of two calls. They are inline: a
//! program compiles those that it uses. Nothing is compared but names, nothing is built but what a
//! client sends (`new` takes the fields that have to be there, `Default` if none has).

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
mod process;
mod protocol;
mod runtime;
mod well_known;

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

pub use document::Document;
pub use emit::Traits;
pub use error::Error;
pub use process::clean_up;

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

    /// Returns the version that the runtime says it has. `None`: the schema was read from a directory.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Makes the types, as a Rust file. The same schema gives the same bytes.
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
pub struct Types {
    /// How many methods there are: requests and notifications of both sides.
    pub methods: usize,
    /// How many types these need.
    pub types: usize,
    /// The text.
    pub source: String,
}

impl fmt::Debug for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            methods,
            types,
            source,
        } = self;
        f.debug_struct("Types")
            .field("methods", methods)
            .field("types", types)
            .field("source", &format_args!("{} bytes", source.len()))
            .finish()
    }
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

impl Types {
    /// Writes the file, which is complete or not there at all.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let directory = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            let mut file = new_file(directory)?;
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
