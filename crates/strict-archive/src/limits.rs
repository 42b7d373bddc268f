/// How much an archive may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of every kind, directories and links included.
    pub entries: u64,
    /// Bytes of all files together once unpacked.
    pub unpacked_bytes: u64,
}

impl Limits {
    /// Checks that `count` entries may be there.
    pub fn check_entries(self, count: u64) -> Result<(), LimitFault> {
        if count > self.entries {
            return Err(LimitFault::Entries {
                limit: self.entries,
            });
        }
        Ok(())
    }

    /// Checks that a file of `size` bytes may follow `total` bytes, and returns the new total.
    pub fn add_bytes(self, total: u64, size: u64) -> Result<u64, LimitFault> {
        match total.checked_add(size) {
            Some(sum) if sum <= self.unpacked_bytes => Ok(sum),
            _ => Err(LimitFault::UnpackedBytes {
                limit: self.unpacked_bytes,
            }),
        }
    }
}

/// A limit that an archive passes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitFault {
    /// Too many entries.
    #[error("it has more than {limit} entries, the limit")]
    Entries {
        /// The limit.
        limit: u64,
    },
    /// Too much content.
    #[error("it unpacks to more than {limit} bytes, the limit")]
    UnpackedBytes {
        /// The limit.
        limit: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_the_last_value_that_passes() {
        let limits = Limits {
            entries: 3,
            unpacked_bytes: 10,
        };
        assert_eq!(limits.check_entries(3), Ok(()));
        assert_eq!(
            limits.check_entries(4),
            Err(LimitFault::Entries { limit: 3 })
        );
        assert_eq!(limits.add_bytes(4, 6), Ok(10));
        assert_eq!(
            limits.add_bytes(5, 6),
            Err(LimitFault::UnpackedBytes { limit: 10 })
        );
        assert_eq!(
            limits.add_bytes(5, u64::MAX),
            Err(LimitFault::UnpackedBytes { limit: 10 })
        );
    }
}
