//! The time that all entries of artifacts have.
//!
//! An archive needs a time for each entry. A time from the clock or the disk would differ from run
//! to run. So it is [`SOURCE_DATE_EPOCH`](https://reproducible-builds.org/specs/source-date-epoch/)
//! if that is set, and otherwise the time that `npm pack` gives every entry.

use std::ffi::OsStr;

use time::OffsetDateTime;

use crate::base::failure::Advice;

/// A time that every archive format can hold: from 1980-01-01 to 2107-12-31, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(OffsetDateTime);

/// 1980-01-01T00:00:00Z, in seconds since 1970.
const EARLIEST: i64 = 315_532_800;

/// 1985-10-26T08:15:00Z: the time that `npm pack` gives every entry.
const FIXED: i64 = 499_162_500;

/// A value of `SOURCE_DATE_EPOCH` that is not a time, or a time that an archive cannot hold.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable SOURCE_DATE_EPOCH is {value:?}: {reason}")]
pub struct Error {
    value: String,
    reason: &'static str,
}

impl Advice for Error {
    fn help(&self) -> String {
        "set it to whole seconds since 1970-01-01 UTC, such as the output of \
         `git log -1 --format=%ct`, or unset it"
            .to_owned()
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

impl Timestamp {
    /// Reads a value of `SOURCE_DATE_EPOCH`; `None` if it is not set.
    ///
    /// A time before 1980 becomes the beginning of 1980, the earliest that zip can hold.
    pub fn from_source_date_epoch(value: Option<&OsStr>) -> Result<Self, Error> {
        let seconds = match value {
            None => FIXED,
            Some(value) => {
                let value = value.to_string_lossy();
                let refuse = |reason| Error {
                    value: value.chars().take(40).collect(),
                    reason,
                };
                if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(refuse("it is not a whole number of seconds"));
                }
                let too_late = "it is after the year 2107, the last that a zip file can hold";
                let seconds = value.parse::<i64>().map_err(|_| refuse(too_late))?;
                match OffsetDateTime::from_unix_timestamp(seconds) {
                    Ok(time) if time.year() <= 2107 => seconds,
                    _ => return Err(refuse(too_late)),
                }
            }
        };
        let time = OffsetDateTime::from_unix_timestamp(seconds.max(EARLIEST));
        Ok(Self(time.unwrap_or(OffsetDateTime::UNIX_EPOCH)))
    }

    /// Returns the seconds since 1970.
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0.unix_timestamp()).unwrap_or(0)
    }

    /// Returns the time and the date in the form of MS-DOS, which zip uses, in steps of two seconds.
    pub fn dos(self) -> (u16, u16) {
        let (hour, minute, second) = self.0.to_hms();
        let time = (u16::from(hour) << 11) | (u16::from(minute) << 5) | u16::from(second / 2);
        let years = u16::try_from(self.0.year() - 1980).unwrap_or(0);
        let month = u16::from(u8::from(self.0.month()));
        let date = (years << 9) | (month << 5) | u16::from(self.0.day());
        (time, date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Timestamp, Error> {
        Timestamp::from_source_date_epoch(Some(OsStr::new(value)))
    }

    #[test]
    fn times_are_those_of_a_zip() {
        let fixed = Timestamp::from_source_date_epoch(None).unwrap();
        assert_eq!(fixed.dos(), (8 * 2048 + 15 * 32, 5 * 512 + 10 * 32 + 26));
        assert_eq!(read("0").unwrap().dos(), (0, 32 + 1));
        // 2026-11-22T12:34:57Z
        let dos = read("1795350897").unwrap().dos();
        assert_eq!(dos, (12 * 2048 + 34 * 32 + 28, 46 * 512 + 11 * 32 + 22));
        assert!(read("4354819199").is_ok(), "the last second of 2107");
    }

    #[test]
    fn a_malformed_time_is_an_error() {
        for bad in ["", "-1", "+1", "1.5", "now", " 1", "1\n", "１"] {
            assert!(
                read(bad).unwrap_err().to_string().contains("whole number"),
                "{bad:?}"
            );
        }
        for late in ["4354819200", "99999999999999", "99999999999999999999999"] {
            assert!(
                read(late).unwrap_err().to_string().contains("2107"),
                "{late}"
            );
        }
    }
}
