//! Compresses the content in one pass, for all artifacts that carry it.
//!
//! Files are cut into chunks of [`CHUNK`] bytes. Each chunk is read once and becomes a piece of
//! DEFLATE for the archives, a zstd frame for the crates, and the checksums of both. Chunks are
//! independent, so all threads work on them, even within one large file. A thread holds one chunk
//! and its outputs in memory, whatever the size of the runtime. The outputs go to a store in the
//! order of the chunks, and the packagers copy them from there. What the store has from an earlier
//! run is unpacked and compared with the chunks, which takes a fraction of the time.

mod blocks;
mod cached;
mod chunk;
mod deflate;
mod error;
mod form;
mod in_order;
mod pass;
mod store;
mod trailer;

pub use deflate::{LiteralEncoder, STREAM_END};
pub use error::CompressError;
pub use form::{CHUNK, Encoding};
pub use pass::{Compressed, Options, compress};
pub use store::{Frame, Stored};
