//! Which app-servers this SDK can talk to.

use crate::error::{Error, Result};

/// The oldest one that it was tried with.
pub(crate) const OLDEST: &str = "0.116.0";
/// Semantic versioning promises nothing beyond.
pub(crate) const BEFORE: &str = "1.0.0";
/// What a Codex says that was built from a checkout.
const CHECKOUT: (u64, u64, u64) = (0, 0, 0);

/// The version in a `userAgent`, such as `my-program/0.163.0 (Debian 12; x86_64) xterm`, where the client
/// has this name.
pub(crate) fn of_user_agent<'a>(user_agent: &'a str, client: &str) -> Option<&'a str> {
    // A name may have in it what ends it elsewhere. The environment can make the server take another one.
    let named = user_agent.strip_prefix(client);
    let named = named.filter(|rest| rest.starts_with('/'));
    let product = named.unwrap_or(user_agent).split(" (").next()?;
    let (_, version) = product.rsplit_once('/')?;
    numbers(version).map(|_| version)
}

/// Refuses what is too old or too new.
pub(crate) fn check(version: &str) -> Result<()> {
    let found = numbers(version);
    if found == Some(CHECKOUT) {
        return Ok(());
    }
    if found < numbers(OLDEST) {
        return Err(Error::TooOld {
            found: version.to_owned(),
            oldest: OLDEST,
        });
    }
    if found >= numbers(BEFORE) {
        return Err(Error::TooNew {
            found: version.to_owned(),
            before: BEFORE,
        });
    }
    Ok(())
}

/// The three numbers; a pre-release counts as the release that it leads to.
fn numbers(version: &str) -> Option<(u64, u64, u64)> {
    let release = version.split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(str::parse);
    let three = (
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    );
    numbers.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_whatever_the_program_is_called() {
        for (name, user_agent, version) in [
            (
                "codex_rust_sdk",
                "codex_rust_sdk/0.163.0 (Debian 12.0.0; x86_64) xterm (codex_rust_sdk; 1)",
                "0.163.0",
            ),
            (
                "my app (beta)",
                "my app (beta)/0.163.0 (Debian 12; x86_64) xterm",
                "0.163.0",
            ),
            ("a/9.9.9 (b", "a/9.9.9 (b/0.163.0 (Debian 12)", "0.163.0"),
            ("a/b", "a/b/0.131.0-alpha.4 (Mac; arm64)", "0.131.0-alpha.4"),
            ("x", "x/0.0.0", "0.0.0"),
            ("x", "xy/0.163.0 (Debian 12)", "0.163.0"),
            ("x", "another/0.163.0 (Debian 12)", "0.163.0"),
            ("", "/0.163.0 (Debian 12)", "0.163.0"),
        ] {
            assert_eq!(of_user_agent(user_agent, name), Some(version), "{name}");
        }
        for user_agent in [
            "",
            "codex",
            "codex/",
            "codex/new",
            "codex/1.2",
            "codex/1.2.3.4",
        ] {
            assert_eq!(of_user_agent(user_agent, "codex"), None, "{user_agent}");
        }
    }

    #[test]
    fn what_is_too_old_or_too_new_is_refused() {
        for version in ["0.116.0", "0.116.0-alpha.1", "0.163.0", "0.999.1", "0.0.0"] {
            check(version).unwrap();
        }
        for version in ["0.115.9", "0.0.1"] {
            assert!(
                matches!(check(version), Err(Error::TooOld { .. })),
                "{version}"
            );
        }
        for version in ["1.0.0", "1.0.0-alpha.1", "2.3.4"] {
            assert!(
                matches!(check(version), Err(Error::TooNew { .. })),
                "{version}"
            );
        }
    }
}
