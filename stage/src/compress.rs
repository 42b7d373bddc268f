//! One pass over the content, for every artifact that carries it.
//!
//! Files are cut into chunks of [`CHUNK`] bytes. Each chunk is read once; from it come a piece of
//! DEFLATE for the archives, a zstd frame for the crates, and the checksums of both. Chunks are
//! independent, so all threads work on them, within a large file too, and what a thread holds is
//! one chunk and its outputs, whatever the size of the runtime. The outputs go to a store in
//! the order of the chunks, from where the packagers copy them. Content that the store has from an
//! earlier run is not read at all.

mod blocks;
mod chunk;
mod deflate;
mod error;
mod form;
mod in_order;
mod pass;
mod store;
mod trailer;

pub use deflate::{LiteralEncoder, STREAM_END};
pub use error::Error;
pub use form::{CHUNK, Encoding};
pub use pass::{Compressed, Options, compress};
pub use store::{Frame, Stored};
