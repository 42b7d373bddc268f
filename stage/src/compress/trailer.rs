//! The end of a file in the cache: a list of its pieces, and the checksums that show damage.
//!
//! The pieces come first, without gaps. Lines follow: the name of the file, to notice a file that
//! got the name of another; and for each piece its length, the length of its content, its CRC-32,
//! and the SHA-256 of its content or `-`. Then come the CRC-32 of these lines, their length, and a
//! mark.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

use fs_err::File;

use super::blocks::{BLOCK, Piece, blocks};
use super::form::CHUNK;

/// Ends every file of the cache; another layout has another mark.
const MARK: &[u8; 8] = b"stage-2\n";

/// Returns the trailer: what follows the pieces in the file of this name.
pub fn write(name: &str, pieces: &[Piece]) -> Vec<u8> {
    let mut lines = format!("{name}\n");
    for Piece {
        length,
        content_length,
        sha256,
        crc32,
    } in pieces
    {
        let sha256 = sha256.map_or_else(|| "-".to_owned(), |digest| digest.to_string());
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{length} {content_length} {crc32:08x} {sha256}");
    }
    let mut bytes = lines.into_bytes();
    let crc32 = crc32fast::hash(&bytes);
    let length = bytes.len() as u64;
    bytes.extend(crc32.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(MARK);
    bytes
}

/// How many bytes of the trailer follow its lines.
const FOOT: usize = 4 + 8 + 8;

/// No line has more bytes. This limits how much is read into memory if a length is damaged.
const LONGEST_LINE: u64 = 128;

/// Reads the cached file of this name to its end. `None` if it is damaged.
pub fn verify(file: &mut File, name: &str, content_size: u64) -> io::Result<Option<Vec<Piece>>> {
    let length = file.metadata()?.len();
    let Some(foot_at) = length.checked_sub(FOOT as u64) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(foot_at))?;
    let mut foot = [0; FOOT];
    file.read_exact(&mut foot)?;
    let (crc32, rest) = foot.split_at(4);
    let (lines_length, mark) = rest.split_at(8);
    let lines_length = u64::from_le_bytes(lines_length.try_into().unwrap_or_default());
    let most = LONGEST_LINE * (1 + content_size.div_ceil(CHUNK));
    if mark != MARK || lines_length > most {
        return Ok(None);
    }
    let Some(lines_at) = foot_at.checked_sub(lines_length) else {
        return Ok(None);
    };
    let mut lines = Vec::new();
    file.seek(SeekFrom::Start(lines_at))?;
    file.by_ref().take(lines_length).read_to_end(&mut lines)?;
    if crc32fast::hash(&lines).to_le_bytes() != *crc32 {
        return Ok(None);
    }
    let Some(pieces) = read_lines(&lines, name) else {
        return Ok(None);
    };
    let total = |of: fn(&Piece) -> u64| pieces.iter().map(of).try_fold(0_u64, u64::checked_add);
    if total(|piece| piece.length) != Some(lines_at)
        || total(|piece| piece.content_length) != Some(content_size)
    {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; BLOCK];
    for piece in &pieces {
        let mut crc32 = crc32fast::Hasher::new();
        for (_, length) in blocks(piece.length) {
            file.read_exact(&mut buffer[..length])?;
            crc32.update(&buffer[..length]);
        }
        if crc32.finalize() != piece.crc32 {
            return Ok(None);
        }
    }
    Ok(Some(pieces))
}

fn read_lines(lines: &[u8], name: &str) -> Option<Vec<Piece>> {
    let lines = std::str::from_utf8(lines).ok()?;
    let pieces = lines.strip_prefix(name)?.strip_prefix('\n')?;
    let line = |line: &str| {
        let mut fields = line.split(' ');
        let piece = Piece {
            length: fields.next()?.parse().ok()?,
            content_length: fields.next()?.parse().ok()?,
            crc32: u32::from_str_radix(fields.next()?, 16).ok()?,
            sha256: match fields.next()? {
                "-" => None,
                digest => Some(digest.parse().ok()?),
            },
        };
        fields.next().is_none().then_some(piece)
    };
    pieces.lines().map(line).collect()
}
