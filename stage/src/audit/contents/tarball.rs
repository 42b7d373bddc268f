use std::io::Read;

use super::sink::{Sink, TextBudget};
use super::{Contents, Error, is_kept};
use crate::container::tar::{Kind, Reader};

/// Reads a tar, whatever it was compressed with, from front to back.
pub fn read_tar(mut reader: Reader<impl Read>) -> Result<Contents, Error> {
    let texts = TextBudget::new();
    let mut contents = Contents::default();
    while let Some(entry) = reader.next_entry()? {
        let path = entry.name.as_str();
        match entry.kind {
            Kind::Directory => {}
            Kind::Symlink(_) | Kind::HardLink(_) => contents.links.push(path.to_owned()),
            Kind::File => {
                let mut sink = Sink::new(path, Some(entry.mode), entry.size, &texts);
                if is_kept(path) {
                    sink.keep();
                }
                loop {
                    match reader.chunk()? {
                        [] => break,
                        chunk => sink.write(chunk)?,
                    }
                }
                contents.files.insert(path.to_owned(), sink.finish()?);
            }
        }
    }
    Ok(contents)
}
