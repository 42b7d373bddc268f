//! Trying again while the server is too busy.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use crate::error::{Error, Result};

/// How often something is tried again, and how long is waited in between.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    delay: Duration,
    longest_delay: Duration,
    jitter: f64,
}

impl Retry {
    /// 3 attempts; 250 ms before the second, twice as long before each one after that, and never more than
    /// 2 s; each time 20 % more or less, so that clients that were refused together do not come back
    /// together.
    pub fn new() -> Self {
        Self {
            attempts: 3,
            delay: Duration::from_millis(250),
            longest_delay: Duration::from_secs(2),
            jitter: 0.2,
        }
    }

    /// Sets how often it is tried, the first time included. At least once.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets how long is waited before the second attempt.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the longest wait between two attempts.
    pub fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest_delay = delay;
        self
    }

    /// Sets how much each delay varies, as a share of it: from 0 to 1.
    pub fn jitter(mut self, share: f64) -> Self {
        self.jitter = share.clamp(0.0, 1.0);
        self
    }

    /// Does something, and does it again while the server says that it is too busy.
    pub async fn run_async<T>(&self, mut work: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        let mut failures = 0;
        loop {
            match work().await {
                Err(error) if self.again(&mut failures, &error) => {
                    tokio::time::sleep(self.delay_after(failures, random())).await;
                }
                result => return result,
            }
        }
    }

    /// Does something, and does it again while the server says that it is too busy.
    pub fn run<T>(&self, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        let mut failures = 0;
        loop {
            match work() {
                Err(error) if self.again(&mut failures, &error) => {
                    std::thread::sleep(self.delay_after(failures, random()));
                }
                result => return result,
            }
        }
    }

    fn again(&self, failures: &mut u32, error: &Error) -> bool {
        *failures = failures.saturating_add(1);
        error.is_overload() && *failures < self.attempts
    }

    /// How long to wait after so many failures, with a number from 0 to 1.
    fn delay_after(&self, failures: u32, random: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let delay = self.delay.saturating_mul(doubled).min(self.longest_delay);
        let factor = 1.0 + self.jitter * (2.0 * random - 1.0);
        let varied = Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(delay);
        // What would be too long is as much too short: cut off, it would be the same for many clients.
        let excess = varied.saturating_sub(self.longest_delay);
        varied.min(self.longest_delay).saturating_sub(excess)
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// A number from 0 to 1. A hasher of the standard library has a new seed each time; more than that, no
/// delay needs.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
    let share = bits as f64 / f64::from(u32::MAX);
    share
}

/// Does something, and again while the server is too busy, as [`Retry::new`] says.
///
/// ```no_run
/// use codex_app_server_sdk::{Codex, ThreadOptions, retry_on_overload};
///
/// let codex = Codex::new()?;
/// let thread = codex.thread_start(ThreadOptions::new())?;
/// let result = retry_on_overload(|| thread.run("Describe this project."))?;
/// # Ok::<(), codex_app_server_sdk::Error>(())
/// ```
pub fn retry_on_overload<T>(work: impl FnMut() -> Result<T>) -> Result<T> {
    Retry::new().run(work)
}

/// Does something, and again while the server is too busy, as [`Retry::new`] says.
///
/// In `tokio::spawn`, each attempt takes a clone: a future that borrows from the closure is not known to be
/// `Send`.
///
/// ```no_run
/// use codex_app_server_sdk::{AsyncThread, retry_on_overload_async};
///
/// # async fn example(thread: AsyncThread) -> codex_app_server_sdk::Result<()> {
/// let result = retry_on_overload_async(async || thread.run("Describe this project.").await).await?;
///
/// tokio::spawn(async move {
///     retry_on_overload_async(move || {
///         let thread = thread.clone();
///         async move { thread.run("Describe it again.").await }
///     })
///     .await
/// });
/// # Ok(())
/// # }
/// ```
pub async fn retry_on_overload_async<T>(work: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    Retry::new().run_async(work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_vary_and_are_never_longer_than_the_longest() {
        let milliseconds = |retry: &Retry, failures, random| {
            let delay = retry.delay_after(failures, random).as_secs_f64();
            (delay * 1000.0).round()
        };
        let retry = Retry::new();
        for (failures, random, expected) in [
            (1, 0.0, 200.0),
            (1, 0.5, 250.0),
            (1, 1.0, 300.0),
            (3, 1.0, 1200.0),
            (4, 0.0, 1600.0),
            (4, 0.5, 2000.0),
            (4, 0.75, 1800.0),
            (4, 1.0, 1600.0),
            (u32::MAX, 0.5, 2000.0),
        ] {
            let delay = milliseconds(&retry, failures, random);
            assert!(
                (delay - expected).abs() < 1.5,
                "{failures}, {random}: {delay}"
            );
        }
        for retry in [
            Retry::new().jitter(1.0),
            Retry::new().jitter(f64::NAN),
            Retry::new().delay(Duration::MAX),
        ] {
            for random in [0.0, 0.5, 0.9, 1.0] {
                let delay = retry.delay_after(4, random);
                assert!(delay <= Duration::from_secs(2), "{retry:?}: {delay:?}");
            }
        }
    }
}
