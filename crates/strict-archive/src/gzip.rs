use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};

/// Inflates gzip (RFC 1952), members one after another, and nothing beside them.
///
/// Unlike the readers in common use it demands both checksums and the length of each member, and
/// refuses bytes after the last. Faults pass through [`Read`] as an [`io::Error`] that holds a
/// [`GzipFault`].
#[derive(Debug)]
pub struct GzipReader<R> {
    input: R,
    inflate: Decompress,
    crc: crc32fast::Hasher,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FirstHeader,
    Body,
    /// A trailer was read: another member or the end must follow.
    BetweenMembers,
    End,
}

impl<R: BufRead> GzipReader<R> {
    /// Reads gzip from `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            inflate: Decompress::new(false),
            crc: crc32fast::Hasher::new(),
            state: State::FirstHeader,
        }
    }

    /// Reads a member's header (section 2.3).
    fn read_header(&mut self) -> io::Result<()> {
        let mut crc = crc32fast::Hasher::new();
        let mut take = |input: &mut R, buffer: &mut [u8]| {
            read_exact(input, buffer)?;
            crc.update(buffer);
            io::Result::Ok(())
        };
        let mut fixed = [0; 10];
        take(&mut self.input, &mut fixed)?;
        let [0x1f, 0x8b, method, flags, ..] = fixed else {
            return Err(GzipFault::TrailingData.into());
        };
        if method != 8 {
            return Err(GzipFault::Method(method).into());
        }
        if flags & 0b1110_0000 != 0 {
            return Err(GzipFault::ReservedFlags.into());
        }
        if flags & FEXTRA != 0 {
            let mut length = [0; 2];
            take(&mut self.input, &mut length)?;
            for _ in 0..u16::from_le_bytes(length) {
                take(&mut self.input, &mut [0])?;
            }
        }
        for text in [FNAME, FCOMMENT] {
            if flags & text == 0 {
                continue;
            }
            let mut length = 0;
            let mut byte = [0xff];
            while byte != [0] {
                length += 1;
                if length > MAX_TEXT {
                    return Err(GzipFault::LongText.into());
                }
                take(&mut self.input, &mut byte)?;
            }
        }
        if flags & FHCRC != 0 {
            let mut stored = [0; 2];
            read_exact(&mut self.input, &mut stored)?;
            if u32::from(u16::from_le_bytes(stored)) != crc.finalize() & 0xffff {
                return Err(GzipFault::HeaderChecksum.into());
            }
        }
        self.inflate.reset(false);
        self.crc.reset();
        self.state = State::Body;
        Ok(())
    }

    /// Inflates into `buffer`; 0 means that the member is over and its trailer is right.
    fn read_body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.input.fill_buf()?;
            let truncated = input.is_empty();
            let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(input, buffer, FlushDecompress::None)
                .map_err(|_| GzipFault::Deflate)?;
            let taken = usize::try_from(self.inflate.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(self.inflate.total_out() - given).unwrap_or(usize::MAX);
            self.input.consume(taken);
            self.crc.update(&buffer[..given]);
            if given > 0 {
                return Ok(given);
            }
            if status == Status::StreamEnd {
                self.read_trailer()?;
                return Ok(0);
            }
            if truncated {
                return Err(GzipFault::Truncated.into());
            }
        }
    }

    fn read_trailer(&mut self) -> io::Result<()> {
        let mut crc = [0; 4];
        let mut length = [0; 4];
        read_exact(&mut self.input, &mut crc)?;
        read_exact(&mut self.input, &mut length)?;
        if u32::from_le_bytes(crc) != self.crc.clone().finalize() {
            return Err(GzipFault::Checksum.into());
        }
        // ISIZE counts modulo 2³².
        if u64::from(u32::from_le_bytes(length)) != self.inflate.total_out() & 0xffff_ffff {
            return Err(GzipFault::Length.into());
        }
        self.state = State::BetweenMembers;
        Ok(())
    }
}

const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;

/// Longest file name or comment in a header, in bytes.
const MAX_TEXT: usize = 64 * 1024;

impl<R: BufRead> Read for GzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match self.state {
                State::FirstHeader => self.read_header()?,
                State::Body => match self.read_body(buffer)? {
                    0 => {}
                    given => return Ok(given),
                },
                State::BetweenMembers if self.input.fill_buf()?.is_empty() => {
                    self.state = State::End;
                }
                State::BetweenMembers => {
                    if self.input.fill_buf()?.first() != Some(&0x1f) {
                        return Err(GzipFault::TrailingData.into());
                    }
                    self.read_header()?;
                }
                State::End => return Ok(0),
            }
        }
    }
}

fn read_exact(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<()> {
    input
        .read_exact(buffer)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => GzipFault::Truncated.into(),
            _ => error,
        })
}

/// Why bytes are not gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GzipFault {
    /// The end comes inside of a member.
    #[error("the gzip stream ends early")]
    Truncated,
    /// The compressed data makes no sense.
    #[error("the gzip stream is corrupt")]
    Deflate,
    /// CRC32 of a trailer differs from that of the data.
    #[error("the gzip stream's checksum is wrong")]
    Checksum,
    /// ISIZE of a trailer differs from the length of the data.
    #[error("the gzip stream's length is not the one in its trailer")]
    Length,
    /// CRC16 of a header is wrong.
    #[error("the checksum of the gzip header is wrong")]
    HeaderChecksum,
    /// A compression method other than deflate.
    #[error("the gzip header names the unknown compression method {0}")]
    Method(u8),
    /// Flag bits that RFC 1952 reserves.
    #[error("the gzip header has flags that RFC 1952 reserves")]
    ReservedFlags,
    /// A file name or comment without an end in sight.
    #[error("the gzip header has a text of more than 64 KiB")]
    LongText,
    /// Something other than a member after a member.
    #[error("there is data after the end of the gzip stream")]
    TrailingData,
}

impl From<GzipFault> for io::Error {
    fn from(fault: GzipFault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, GzipFault> {
        let mut data = Vec::new();
        match GzipReader::new(bytes).read_to_end(&mut data) {
            Ok(_) => Ok(data),
            Err(error) => Err(error.downcast().unwrap()),
        }
    }

    #[test]
    fn members_are_read_one_after_another() {
        let data: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let two = [gzip(&data), gzip(b""), gzip(b"end")].concat();
        assert_eq!(gunzip(&two).unwrap(), [&data[..], b"end"].concat());
    }

    #[test]
    fn optional_header_fields_are_skipped_and_their_checksum_is_verified() {
        let plain = gzip(b"content");
        let mut header = vec![
            0x1f,
            0x8b,
            8,
            FHCRC | FEXTRA | FNAME | FCOMMENT,
            0,
            0,
            0,
            0,
            0,
            3,
        ];
        header.extend_from_slice(&[3, 0, b'x', b'y', b'z']);
        header.extend_from_slice(b"name\0comment\0");
        let crc = crc32fast::hash(&header).to_le_bytes();
        let whole = |crc: &[u8]| [&header[..], crc, &plain[10..]].concat();
        assert_eq!(gunzip(&whole(&crc[..2])).unwrap(), b"content");
        assert_eq!(
            gunzip(&whole(&[!crc[0], crc[1]])),
            Err(GzipFault::HeaderChecksum)
        );
    }

    #[test]
    fn a_stream_cut_anywhere_is_refused() {
        let whole = gzip(&b"some content, ".repeat(50));
        for end in 0..whole.len() {
            assert_eq!(
                gunzip(&whole[..end]),
                Err(GzipFault::Truncated),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn damage_is_refused() {
        let whole = gzip(b"content");
        let damaged = |index: usize, byte: u8| {
            let mut bytes = whole.clone();
            bytes[index] = byte;
            gunzip(&bytes)
        };
        let end = whole.len();
        assert_eq!(damaged(2, 7), Err(GzipFault::Method(7)));
        assert_eq!(damaged(3, 0x20), Err(GzipFault::ReservedFlags));
        assert_eq!(damaged(10, 0xff), Err(GzipFault::Deflate));
        assert_eq!(damaged(end - 8, !whole[end - 8]), Err(GzipFault::Checksum));
        assert_eq!(damaged(end - 1, 1), Err(GzipFault::Length));
        assert_eq!(
            gunzip(&[&whole[..], &[0]].concat()),
            Err(GzipFault::TrailingData)
        );
        let longer = [&whole[..], b"\x1f\x8bgarbage that is no member"].concat();
        assert!(gunzip(&longer).is_err());
        let mut endless = vec![0x1f, 0x8b, 8, FNAME, 0, 0, 0, 0, 0, 3];
        endless.resize(MAX_TEXT * 2, b'n');
        assert_eq!(gunzip(&endless), Err(GzipFault::LongText));
    }
}
