//! When to try again, and when to give up.
//!
//! The longest wait doubles from try to try. The real wait is a random share of it ("full jitter"),
//! so that many jobs that were rejected together do not come back together. If the server asks for
//! a time, that time is waited exactly, unless it is too long.

use std::thread;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::error::{FetchFault, seconds};
use super::request::Events;

/// The longest wait before the first retry.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest wait if the server did not ask for one.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The longest wait that a server may ask for. If it asks for more, the command fails and says so:
/// a job that hangs costs more than one that is started again.
const LONGEST_ASKED: Duration = Duration::from_secs(5 * 60);

/// Counts the retries that are left.
pub(super) struct Patience {
    retries: u32,
    used: u32,
}

impl Patience {
    /// Allows this many tries after the first.
    pub fn new(retries: u32) -> Self {
        Self { retries, used: 0 }
    }

    /// Allows all retries again, because the last try made progress.
    pub fn restore(&mut self) {
        self.used = 0;
    }

    /// Waits for the next try and reports why. Returns the fault if there is no next try.
    pub fn wait(
        &mut self,
        fault: FetchFault,
        what: &str,
        events: &dyn Events,
    ) -> Result<(), FetchFault> {
        let Some(wait) = self.next(&fault) else {
            return Err(fault);
        };
        let again = seconds(wait);
        tracing::debug!(of = what, number = self.used, most = self.retries, wait = %again, "retry");
        events.note(&format!("{what}: {fault}; trying again in {again}"));
        thread::sleep(wait);
        Ok(())
    }

    /// Returns how long to wait before the next try; `None` if there is no next try.
    fn next(&mut self, fault: &FetchFault) -> Option<Duration> {
        if !fault.is_passing() || self.used >= self.retries {
            return None;
        }
        let doubled = 1_u32.checked_shl(self.used).unwrap_or(u32::MAX);
        self.used += 1;
        match fault {
            FetchFault::Limited {
                after: Some(after), ..
            }
            | FetchFault::Busy {
                after: Some(after), ..
            } => (*after <= LONGEST_ASKED).then_some(*after),
            _ => {
                let most = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
                Some(most.mul_f64(fastrand::f64()))
            }
        }
    }
}

/// Returns the fault for an answer that rejects requests in general, not only for this file.
pub(super) fn turned_away(status: StatusCode, headers: &HeaderMap) -> Option<FetchFault> {
    let after = asked_wait(headers, SystemTime::now());
    match status {
        StatusCode::FORBIDDEN if after.is_some() => Some(FetchFault::Limited { status, after }),
        StatusCode::TOO_MANY_REQUESTS => Some(FetchFault::Limited { status, after }),
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => None,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
            Some(FetchFault::Busy { status, after })
        }
        _ if status.is_server_error() => Some(FetchFault::Busy { status, after }),
        _ => None,
    }
}

/// Returns how long the server asks to wait: `Retry-After` (seconds or a date), or the end of
/// [GitHub's rate limit](https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
fn asked_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let number = |name: &str| text(name).and_then(|text| text.trim().parse::<u64>().ok());
    let until = |time: SystemTime| time.duration_since(now).unwrap_or_default();
    if let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    if let Some(date) =
        text(RETRY_AFTER.as_str()).and_then(|text| httpdate::parse_http_date(text).ok())
    {
        return Some(until(date));
    }
    let used_up = number("x-ratelimit-remaining") == Some(0);
    let reset = number("x-ratelimit-reset").filter(|_| used_up)?;
    let reset = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(reset))?;
    Some(until(reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let fields = fields
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        fields.collect()
    }

    #[test]
    fn waits_double_and_end() {
        let busy = FetchFault::Busy {
            status: StatusCode::BAD_GATEWAY,
            after: None,
        };
        let mut patience = Patience::new(70);
        for _ in 0..70 {
            assert!(patience.next(&busy).unwrap() <= LONGEST_WAIT);
        }
        assert_eq!(patience.next(&busy), None);
        patience.restore();
        assert!(patience.next(&busy).unwrap() <= FIRST_WAIT);
        assert_eq!(Patience::new(1).next(&FetchFault::Page), None);
        assert_eq!(Patience::new(0).next(&busy), None);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_within_bounds() {
        let limited = |seconds| FetchFault::Limited {
            status: StatusCode::FORBIDDEN,
            after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(
            Patience::new(1).next(&limited(300)),
            Some(Duration::from_secs(300))
        );
        assert_eq!(Patience::new(1).next(&limited(301)), None);
    }

    #[test]
    fn servers_say_in_three_ways_when_to_come_back() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        for (fields, seconds) in [
            (&[("retry-after", "7")][..], Some(7)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(7)),
            (&[("retry-after", "Tue, 06 Nov 1984 08:49:37 GMT")], Some(0)),
            (
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "784111777"),
                ],
                Some(7),
            ),
            (
                &[
                    ("x-ratelimit-remaining", "1"),
                    ("x-ratelimit-reset", "784111777"),
                ],
                None,
            ),
            (
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "18446744073709551615"),
                ],
                None,
            ),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            let wait = asked_wait(&headers(fields), now);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{fields:?}");
        }
    }

    #[test]
    fn only_some_refusals_are_about_time() {
        let about_time = |status: u16, fields: &[_]| {
            turned_away(StatusCode::from_u16(status).unwrap(), &headers(fields)).is_some()
        };
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(about_time(status, &[]), "{status}");
        }
        for status in [400, 401, 403, 404, 501, 505] {
            assert!(!about_time(status, &[]), "{status}");
        }
        assert!(about_time(403, &[("retry-after", "1")]));
        assert!(!about_time(404, &[("retry-after", "1")]));
    }
}
