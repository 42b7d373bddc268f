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

pub use document::Document;
pub use emit::Traits;
pub use error::Error;

use lower::Lowering;
use model::Module;

/// The Rust file for a schema.
pub fn generate(
    document: &Document,
    version: Option<&str>,
    traits: &Traits,
) -> Result<String, Error> {
    let mut lowering = Lowering::new(document);
    let methods = protocol::methods(document, &mut lowering)?;
    let items = lowering.finish()?;
    emit::file(Module { items, methods }, version, traits)
}
