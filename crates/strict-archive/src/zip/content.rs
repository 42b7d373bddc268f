use std::path::Path;

use flate2::{Decompress, FlushDecompress, Status};

use super::central::{Entry, Method};
use super::fault::ZipFault;
use super::record::read;
use crate::error::{EntryContext as _, Error, Fault};
use crate::source::ReadAt;

/// The content of an entry as it streams past: sizes and CRC-32 are right to the byte, or the last
/// chunk is an error.
pub struct Content<'a, S> {
    source: &'a S,
    /// What errors call the archive.
    path: &'a Path,
    entry: &'a Entry,
    inflate: Option<Decompress>,
    /// Compressed bytes that were read; those from `input_start` on are still to be inflated.
    input: Vec<u8>,
    input_start: usize,
    /// Compressed bytes that are still in the file.
    unread: u64,
    output: Vec<u8>,
    produced: u64,
    crc: crc32fast::Hasher,
    complete: bool,
}

/// Bytes read from the file at once.
const INPUT_LEN: usize = 64 * 1024;
/// Bytes handed out at once, at most.
const OUTPUT_LEN: usize = 128 * 1024;

impl<'a, S: ReadAt> Content<'a, S> {
    pub(super) fn new(source: &'a S, path: &'a Path, entry: &'a Entry) -> Self {
        // A deflated member of n bytes may take any number of compressed ones; only the buffers are
        // allocated here.
        let output_len =
            usize::try_from(entry.size).map_or(OUTPUT_LEN, |size| size.clamp(1, OUTPUT_LEN));
        Self {
            source,
            path,
            entry,
            inflate: (entry.method == Method::Deflate).then(|| Decompress::new(false)),
            input: Vec::new(),
            input_start: 0,
            unread: entry.compressed_size,
            output: vec![0; output_len],
            produced: 0,
            crc: crc32fast::Hasher::new(),
            complete: false,
        }
    }

    /// The next bytes; none when the content is complete and proven right.
    pub fn chunk(&mut self) -> Result<&[u8], Error> {
        let len = self.fill().entry(self.path, &self.entry.name)?;
        Ok(&self.output[..len])
    }

    /// The whole content, for an entry that is known to be small.
    pub fn read_to_vec(mut self) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        loop {
            match self.chunk()? {
                [] => return Ok(content),
                chunk => content.extend_from_slice(chunk),
            }
        }
    }

    /// Puts the next bytes at the start of `output` and returns their number.
    fn fill(&mut self) -> Result<usize, Fault> {
        if self.complete {
            return Ok(0);
        }
        let len = match self.entry.method {
            Method::Stored => self.fill_stored()?,
            Method::Deflate => self.fill_inflated()?,
        };
        let claimed = self.entry.size;
        self.produced += len as u64;
        if self.produced > claimed {
            return Err(ZipFault::LargerThanClaimed { claimed }.into());
        }
        self.crc.update(&self.output[..len]);
        if len == 0 {
            self.complete = true;
            if self.produced < claimed {
                return Err(ZipFault::SmallerThanClaimed {
                    claimed,
                    actual: self.produced,
                }
                .into());
            }
            if self.crc.clone().finalize() != self.entry.crc32 {
                return Err(ZipFault::Checksum.into());
            }
        }
        Ok(len)
    }

    fn fill_stored(&mut self) -> Result<usize, Fault> {
        let len = self
            .output
            .len()
            .min(usize::try_from(self.unread).unwrap_or(usize::MAX));
        let offset = self.entry.data_offset + (self.entry.compressed_size - self.unread);
        read(self.source, &mut self.output[..len], offset)?;
        self.unread -= len as u64;
        Ok(len)
    }

    fn fill_inflated(&mut self) -> Result<usize, Fault> {
        let Some(mut inflate) = self.inflate.take() else {
            return Ok(0);
        };
        loop {
            if self.input_start == self.input.len() {
                self.read_input()?;
            }
            let input = &self.input[self.input_start..];
            let at_end = input.is_empty();
            let (taken, given) = (inflate.total_in(), inflate.total_out());
            let status = inflate
                .decompress(input, &mut self.output, FlushDecompress::None)
                .map_err(|_| ZipFault::Corrupt)?;
            self.input_start += usize::try_from(inflate.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(inflate.total_out() - given).unwrap_or(usize::MAX);
            if status == Status::StreamEnd {
                let surplus = self.unread + (self.input.len() - self.input_start) as u64;
                if surplus > 0 {
                    return Err(ZipFault::Surplus(surplus).into());
                }
                // Without the inflater the next call says that this was all.
                return Ok(given);
            }
            if given > 0 {
                self.inflate = Some(inflate);
                return Ok(given);
            }
            if at_end {
                return Err(ZipFault::Short.into());
            }
        }
    }

    fn read_input(&mut self) -> Result<(), Fault> {
        let len = INPUT_LEN.min(usize::try_from(self.unread).unwrap_or(usize::MAX));
        let offset = self.entry.data_offset + (self.entry.compressed_size - self.unread);
        self.input.resize(len, 0);
        read(self.source, &mut self.input, offset)?;
        self.input_start = 0;
        self.unread -= len as u64;
        Ok(())
    }
}

impl<S> std::fmt::Debug for Content<'_, S> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Content")
            .field("entry", self.entry)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Member, deflate, fault, read, zip};
    use super::*;

    /// More than the buffers hold, and compressible only in part.
    fn large() -> Vec<u8> {
        (0..250_000_u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 12).to_le_bytes())
            .collect()
    }

    #[test]
    fn content_is_what_was_put_in() {
        let large = large();
        let members = [
            Member::deflated("a", &large),
            Member::stored("b", &large[..40_000]),
            Member::deflated("c", b""),
            Member::stored("d", b""),
        ];
        let content: Vec<_> = read(&zip(&members))
            .unwrap()
            .into_iter()
            .map(|(_, content)| content)
            .collect();
        assert_eq!(content, [&large[..], &large[..40_000], b"", b""]);
    }

    #[test]
    fn a_size_that_lies_is_found_whichever_way_it_lies() {
        let claiming =
            |member: Member, size| zip(&[member.with(|m| m.both(|header| header.size = size))]);
        for actual in [0, 1, 7, 200_000_usize] {
            let content = vec![b'x'; actual];
            let size = u32::try_from(actual).unwrap();
            let (more, less) = (size + 1, size.saturating_sub(1));
            assert_eq!(
                fault(&claiming(Member::deflated("a", &content), more)),
                ZipFault::SmallerThanClaimed {
                    claimed: more.into(),
                    actual: actual as u64
                }
            );
            if actual > 0 {
                assert_eq!(
                    fault(&claiming(Member::deflated("a", &content), less)),
                    ZipFault::LargerThanClaimed {
                        claimed: less.into()
                    }
                );
            }
        }
    }

    #[test]
    fn a_bomb_stops_at_the_size_it_claims() {
        let zeros = vec![0; 64 << 20];
        let bomb = Member::deflated("bomb", &zeros).with(|m| m.both(|header| header.size = 10));
        assert_eq!(
            fault(&zip(&[bomb])),
            ZipFault::LargerThanClaimed { claimed: 10 }
        );
    }

    #[test]
    fn the_compressed_data_are_one_stream_and_nothing_more() {
        let content = b"some content, some content";
        let data = |change: fn(&mut Vec<u8>)| {
            zip(&[Member::deflated("a", content)
                .with(|m| change(&mut m.data))
                .fix_size()])
        };
        assert_eq!(
            fault(&data(|data| data.extend(b"tail"))),
            ZipFault::Surplus(4)
        );
        assert_eq!(
            fault(&data(|data| data.truncate(data.len() - 1))),
            ZipFault::Short
        );
        assert_eq!(fault(&data(|data| data[0] |= 6)), ZipFault::Corrupt);
        assert_eq!(fault(&data(Vec::clear)), ZipFault::Short);
        let two_streams = data(|data| {
            let other = deflate(b"other");
            data.extend(other);
        });
        assert!(matches!(fault(&two_streams), ZipFault::Surplus(_)));
    }

    #[test]
    fn the_checksum_is_verified() {
        for member in [
            Member::stored("a", b"x"),
            Member::deflated("a", b"x"),
            Member::stored("a", b""),
        ] {
            let wrong = member.with(|m| m.both(|header| header.crc32 ^= 1));
            assert_eq!(fault(&zip(&[wrong])), ZipFault::Checksum);
        }
    }
}
