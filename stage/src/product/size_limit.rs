//! A size limit as it is typed on the command line: `10MiB`, `none`.

use std::str::FromStr;

use super::stage_toml::SizeLimits;

/// The most bytes that a file may have; `None` if there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimit(Option<u64>);

/// A text that is not a size limit.
#[derive(Debug, thiserror::Error)]
#[error("expected a number of bytes, one with kB, MB, KiB or MiB after it, or `none`")]
pub struct ProductError;

/// The names of units, the empty one last, and their bytes.
const UNITS: [(&str, u64); 5] = [
    ("kB", 1000),
    ("MB", 1000 * 1000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("", 1),
];

impl FromStr for SizeLimit {
    type Err = ProductError;

    fn from_str(text: &str) -> Result<Self, ProductError> {
        if text == "none" {
            return Ok(Self(None));
        }
        let mut units = UNITS.iter();
        let split = units.find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)));
        let (number, unit) = split.ok_or(ProductError)?;
        // Rust's own parser would accept a sign.
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse::<u64>().ok();
        let bytes = number.filter(|number| digits && *number > 0);
        let bytes = bytes.and_then(|number| number.checked_mul(*unit));
        bytes.map(|bytes| Self(Some(bytes))).ok_or(ProductError)
    }
}

impl From<SizeLimit> for SizeLimits {
    /// Returns the limits of a registry about which nothing else is known.
    fn from(SizeLimit(limit): SizeLimit) -> Self {
        Self {
            default_bytes: limit,
            granted_bytes: None,
            hard_bytes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        for (text, bytes) in [
            ("1", 1),
            ("10485760", 10 << 20),
            ("500kB", 500_000),
            ("20MB", 20_000_000),
            ("64KiB", 64 << 10),
            ("10MiB", 10 << 20),
        ] {
            let limit: SizeLimit = text.parse().unwrap();
            assert_eq!(SizeLimits::from(limit).in_force(), Some(bytes), "{text}");
        }
        let limit: SizeLimit = "none".parse().unwrap();
        assert_eq!(SizeLimits::from(limit).in_force(), None);
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in [
            "",
            " ",
            "0",
            "0MiB",
            "-1",
            "+1",
            "1.5MB",
            "1e6",
            "1_000",
            "MB",
            "10mb",
            "10 MB",
            "10M",
            "10MBs",
            " 1",
            "1 ",
            "None",
            "ten",
            "1k1",
            "18446744073709551616",
            "18446744073709551615kB",
        ] {
            assert!(text.parse::<SizeLimit>().is_err(), "{text:?}");
        }
    }
}
