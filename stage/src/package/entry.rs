//! The entries of an archive, of whatever format.

use crate::bundle::BundleFile;

/// A file of an archive.
pub struct Entry<'a> {
    /// The path in the archive, with `/`.
    pub name: String,
    /// Whether the file is a program: its mode is 0755 if it is, and 0644 if not.
    pub executable: bool,
    /// The content.
    pub body: Body<'a>,
}

/// The content of an entry.
pub enum Body<'a> {
    /// These bytes.
    Literal(Vec<u8>),
    /// A file of the bundle.
    File(&'a BundleFile),
}

impl<'a> Entry<'a> {
    /// Makes a file with this text.
    pub fn text(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            executable: false,
            body: Body::Literal(text.into()),
        }
    }

    /// Makes a file of the bundle, in a directory of the archive.
    pub fn file(directory: &str, file: &'a BundleFile) -> Self {
        Self {
            name: format!("{directory}/{}", file.path.as_str()),
            executable: file.executable,
            body: Body::File(file),
        }
    }

    /// Returns the number of bytes of the content.
    pub fn size(&self) -> u64 {
        match &self.body {
            Body::Literal(bytes) => bytes.len() as u64,
            Body::File(file) => file.size,
        }
    }

    /// Returns the permissions.
    pub fn mode(&self) -> u32 {
        if self.executable { 0o755 } else { 0o644 }
    }
}
