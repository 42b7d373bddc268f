//! The numbers of a version, before any pre-release.

use std::fmt;

/// The largest number that npm reads in a version, 2^53 - 1.
pub(super) const NPM_LARGEST: u64 = (1 << 53) - 1;

/// What the third number of four is multiplied by. The fourth one is less than this.
const FOURTH: u64 = 100_000;

/// Two to four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Numbers {
    Two([u64; 2]),
    Three([u64; 3]),
    Four([u64; 4]),
}

impl Numbers {
    /// Makes the numbers of a version. Fails if there is no semantic version for them.
    pub(super) fn new(numbers: &[u64]) -> Result<Self, String> {
        let numbers = match *numbers {
            // As they always were. npm does not read the largest ones.
            [a, b, c] => return Ok(Self::Three([a, b, c])),
            [a, b] => Self::Two([a, b]),
            [a, b, c, d] => Self::Four([a, b, c, d]),
            [_] => return Err("it has one number, and a version has two to four".to_owned()),
            _ => {
                let count = numbers.len();
                return Err(format!(
                    "it has {count} numbers, and a version has two to four"
                ));
            }
        };
        if let Self::Four([.., fourth]) = numbers
            && fourth >= FOURTH
        {
            return Err(format!(
                "its fourth number is {fourth}, and the largest one is {}: the semantic version \
                 has the third and the fourth number in one",
                FOURTH - 1
            ));
        }
        let [major, minor, patch] = numbers.checked_semver().unwrap_or([u64::MAX; 3]);
        if major.max(minor).max(patch) > NPM_LARGEST {
            return Err(format!(
                "its semantic version has a number beyond {NPM_LARGEST}, which npm does not read"
            ));
        }
        Ok(numbers)
    }

    /// Reads numbers between dots. Only the spelling of upstream may have leading zeros: of two
    /// digits, and not in the first number.
    pub(super) fn parse(text: &str, zeros: bool) -> Result<Self, String> {
        let parts = text.split('.').enumerate();
        let numbers = parts.map(|(index, part)| {
            if part.is_empty() || part.contains(|c: char| !c.is_ascii_digit()) {
                return Err(format!("{part:?} is not a number"));
            }
            let padded = part.len() > 1 && part.starts_with('0');
            if padded && !(zeros && index > 0 && part.len() == 2) {
                return Err(format!(
                    "{part} has a leading zero; only a later number of two digits may have one, as \
                     in 2026.01.05"
                ));
            }
            part.parse::<u64>()
                .map_err(|_| format!("{part} is too large: the limit is {}", u64::MAX))
        });
        Self::new(&numbers.collect::<Result<Vec<_>, _>>()?)
    }

    /// Returns the numbers as upstream and Python have them.
    pub(super) fn as_slice(&self) -> &[u64] {
        match self {
            Self::Two(numbers) => numbers,
            Self::Three(numbers) => numbers,
            Self::Four(numbers) => numbers,
        }
    }

    /// Returns the three numbers of the semantic version.
    pub(super) fn semver(self) -> [u64; 3] {
        // They were checked when they were made.
        self.checked_semver().unwrap_or([u64::MAX; 3])
    }

    fn checked_semver(self) -> Option<[u64; 3]> {
        Some(match self {
            Self::Two([major, minor]) => [major, minor, 0],
            Self::Three(numbers) => numbers,
            Self::Four([major, minor, patch, fourth]) => {
                let patch = patch.checked_mul(FOURTH)?.checked_add(fourth)?;
                [major, minor, patch]
            }
        })
    }

    /// Returns four numbers, by which versions are compared: missing ones are 0, as in PEP 440.
    pub(super) fn padded(&self) -> [u64; 4] {
        let mut padded = [0; 4];
        for (place, number) in padded.iter_mut().zip(self.as_slice()) {
            *place = *number;
        }
        padded
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.as_slice().iter().map(u64::to_string);
        f.write_str(&numbers.collect::<Vec<_>>().join("."))
    }
}

/// Reads a number as both specifications write it: ASCII digits, no leading zero, within a `u64`.
pub(super) fn canonical_number(text: &str) -> Option<u64> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_four_numbers_have_a_semantic_version() {
        for (text, semver) in [
            ("1.2", [1, 2, 0]),
            ("24.04", [24, 4, 0]),
            ("2026.01.05", [2026, 1, 5]),
            ("1.2.3.4", [1, 2, 300_004]),
            ("1.2.0.0", [1, 2, 0]),
            ("1.2.3.99999", [1, 2, 399_999]),
            ("2024.01.08.00", [2024, 1, 800_000]),
            // The largest that npm reads is 9007199254740991.
            ("1.2.90071992547.40991", [1, 2, NPM_LARGEST]),
        ] {
            assert_eq!(
                Numbers::parse(text, true).unwrap().semver(),
                semver,
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_without_a_semantic_version_are_refused() {
        for (text, reason) in [
            ("1", "it has one number"),
            ("1.2.3.4.5", "it has 5 numbers"),
            (
                "1.2.3.100000",
                "its fourth number is 100000, and the largest one is 99999",
            ),
            (
                "1.2.90071992547.40992",
                "beyond 9007199254740991, which npm does not read",
            ),
            (
                "1.9007199254740992",
                "beyond 9007199254740991, which npm does not read",
            ),
            ("1.2.18446744073709551615.0", "beyond 9007199254740991"),
            ("01.2", "01 has a leading zero"),
            ("1.002", "002 has a leading zero"),
            ("1..2", "\"\" is not a number"),
            ("1.2.x", "\"x\" is not a number"),
            (
                "1.18446744073709551616.0",
                "18446744073709551616 is too large",
            ),
        ] {
            let error = Numbers::parse(text, true).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(Numbers::parse("2026.01.05", false).is_err());
    }
}
