//! The 512 bytes before each entry.

use super::fault::TarFault;

/// Bytes of a block; all parts of an archive are multiples of it.
pub(super) const BLOCK: usize = 512;

/// A header whose checksum is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    block: &'a [u8; BLOCK],
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Has a prefix to the name.
    Posix,
    /// Has times where POSIX has the prefix.
    Gnu,
}

/// The largest size that the octal digits of a header hold.
pub(super) const MAX_OCTAL_SIZE: u64 = 0o77_777_777_777;

impl<'a> Header<'a> {
    /// Whether a block is one of those that end an archive.
    pub(super) fn is_zero(block: &[u8; BLOCK]) -> bool {
        block.iter().all(|&byte| byte == 0)
    }

    pub(super) fn parse(block: &'a [u8; BLOCK]) -> Result<Self, TarFault> {
        // The checksum is that of the header with spaces in its own place.
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(index, &byte)| {
                if (148..156).contains(&index) {
                    u64::from(b' ')
                } else {
                    byte.into()
                }
            })
            .sum();
        if octal(&block[148..156]) != Some(sum) {
            return Err(TarFault::HeaderChecksum);
        }
        let format = match &block[257..265] {
            b"ustar\x0000" => Format::Posix,
            b"ustar  \0" => Format::Gnu,
            _ => return Err(TarFault::Magic),
        };
        Ok(Self { block, format })
    }

    pub(super) fn type_flag(&self) -> u8 {
        self.block[156]
    }

    pub(super) fn size(&self) -> Result<u64, TarFault> {
        number(&self.block[124..136]).ok_or(TarFault::Number("size"))
    }

    /// Permission bits.
    pub(super) fn mode(&self) -> Result<u32, TarFault> {
        number(&self.block[100..108])
            .and_then(|mode| u32::try_from(mode).ok())
            .ok_or(TarFault::Number("mode"))
    }

    pub(super) fn name(&self) -> Vec<u8> {
        let name = text(&self.block[..100]);
        let prefix = text(&self.block[345..500]);
        match self.format {
            Format::Posix if !prefix.is_empty() => [prefix, b"/", name].concat(),
            Format::Posix | Format::Gnu => name.to_owned(),
        }
    }

    pub(super) fn link_name(&self) -> Vec<u8> {
        text(&self.block[157..257]).to_owned()
    }
}

/// What comes before the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or(field)
}

/// A number as octal digits, or in base 256 as GNU tar writes those that are too large for them.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        // The bit above says base 256, the one below it that the number is negative.
        [first @ 0x80..=0xbf, rest @ ..] => rest
            .iter()
            .try_fold(u64::from(first & 0x3f), |value, &byte| {
                value.checked_mul(256).map(|value| value | u64::from(byte))
            })
            .filter(|value| i64::try_from(*value).is_ok()),
        field => octal(field),
    }
}

/// Octal digits, with spaces before and spaces or NULs after them. An empty field is 0.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field
        .iter()
        .position(|&byte| byte != b' ')
        .unwrap_or(field.len());
    let field = &field[start..];
    let end = field
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(field.len());
    let (digits, rest) = field.split_at(end);
    if rest.iter().any(|byte| !matches!(byte, b' ' | 0)) {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, &digit| match digit {
        b'0'..=b'7' => value
            .checked_mul(8)
            .map(|value| value | u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"77777777777\0"), Some(MAX_OCTAL_SIZE));
        assert_eq!(number(b"777777777777"), Some(0o777_777_777_777));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(
            number(b"\x80\0\0\0\0\0\0\0\x01\0\0\x02"),
            Some((1 << 24) + 2)
        );
        assert_eq!(
            number(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
            Some(i64::MAX as u64)
        );
        for bad in [
            &b"0000648\0"[..],
            b"-000001\0",
            b"12 34\0\0",
            b"0x10\0",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x80\0\0\0\x80\0\0\0\0\0\0\0",
            b"\x81\0\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
    }
}
