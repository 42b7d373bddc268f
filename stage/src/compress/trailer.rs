//! The end of a file in the cache: a list of its pieces.
//!
//! The pieces come first, without gaps. Lines follow: the name of the file, and for each piece its
//! length and its SHA-256 or `-`. Then come the length of these lines and a mark.
//!
//! Nothing here shows that the pieces are what they should be: only their content can, and
//! [`cached`](super::cached) compares it. So there are no checksums.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

use fs_err::File;

use super::blocks::Piece;
use super::chunk::chunk_lengths;
use super::form::{CHUNK, Encoding};

/// Ends every file of the cache; another layout has another mark.
const MARK: &[u8; 8] = b"stage-3\n";

/// Returns the trailer: what follows the pieces in the file of this name.
pub fn write(name: &str, pieces: &[Piece]) -> Vec<u8> {
    let mut lines = format!("{name}\n");
    for Piece { length, sha256, .. } in pieces {
        let sha256 = sha256.map_or_else(|| "-".to_owned(), |digest| digest.to_string());
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{length} {sha256}");
    }
    let mut bytes = lines.into_bytes();
    let length = bytes.len() as u64;
    bytes.extend(length.to_le_bytes());
    bytes.extend(MARK);
    bytes
}

/// How many bytes of the trailer follow its lines.
const FOOT: usize = 8 + 8;

/// No line has more bytes. This limits how much is read into memory if a length is damaged.
const LONGEST_LINE: u64 = 128;

/// The most bytes of a piece: no encoder makes data that much longer. This limits how much is read
/// into memory when the piece is checked.
const LONGEST_PIECE: u64 = CHUNK + CHUNK / 8;

/// Reads the list of pieces at the end of the cached file of this name, which has this encoding.
/// `None` if it is damaged.
pub fn read(
    file: &mut File,
    name: &str,
    encoding: Encoding,
    content_size: u64,
) -> io::Result<Option<Vec<Piece>>> {
    let length = file.metadata()?.len();
    let Some(foot_at) = length.checked_sub(FOOT as u64) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(foot_at))?;
    let mut foot = [0; FOOT];
    file.read_exact(&mut foot)?;
    let (lines_length, mark) = foot.split_at(8);
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
    let pieces = read_lines(&lines, name, encoding, content_size);
    Ok(pieces.filter(|pieces| pieces.iter().map(|piece| piece.length).sum::<u64>() == lines_at))
}

fn read_lines(
    lines: &[u8],
    name: &str,
    encoding: Encoding,
    content_size: u64,
) -> Option<Vec<Piece>> {
    let lines = std::str::from_utf8(lines).ok()?;
    let lines = lines.strip_prefix(name)?.strip_prefix('\n')?;
    let lines = lines.lines().collect::<Vec<_>>();
    let lengths = chunk_lengths(content_size);
    if lengths.len() != lines.len() {
        return None;
    }
    let mut next = 0;
    let piece = |(line, content_length): (&&str, u64)| {
        let (length, sha256) = line.split_once(' ')?;
        let length = length
            .parse()
            .ok()
            .filter(|length| *length <= LONGEST_PIECE)?;
        let sha256 = match (encoding, sha256) {
            (Encoding::Deflate, "-") => None,
            (Encoding::Deflate, _) => return None,
            (Encoding::Zstd, digest) => Some(digest.parse().ok()?),
        };
        let piece = Piece {
            offset: next,
            length,
            content_length,
            sha256,
        };
        next += length;
        Some(piece)
    };
    lines.iter().zip(lengths).map(piece).collect()
}
