//! How large a registry lets artifacts be.

use super::finding::Findings;
use crate::audit::rules;
use crate::product::SizeLimits;

/// What becomes of an artifact when there is more to put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// It grows.
    Larger,
    /// Others take a part of it.
    Spread,
}

/// Checks the size of an artifact against the limits of its registry.
pub(super) fn check(size: u64, limits: SizeLimits, growth: Growth, findings: &mut Findings) {
    if let Some(hard) = limits.hard_bytes.filter(|hard| size > *hard) {
        findings.add(
            &rules::limits::HARD,
            format!("it has {size} bytes, and the registry's hard limit is {hard}"),
        );
        return;
    }
    let Some(limit) = limits.in_force() else {
        return;
    };
    if size > limit {
        findings.add(
            &rules::limits::GRANTED,
            format!("it has {size} bytes, and the registry takes {limit}"),
        );
    } else if growth == Growth::Larger && size >= SizeLimits::near(limit) {
        findings.add(
            &rules::limits::NEAR,
            format!("it has {size} bytes of the {limit} that the registry takes"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_limit_is_the_one_that_is_named() {
        let limits = SizeLimits {
            default_bytes: Some(50),
            granted_bytes: Some(100),
            hard_bytes: Some(200),
        };
        let found = |size, growth| {
            let mut findings = Findings::default();
            check(size, limits, growth, &mut findings);
            findings
                .finish()
                .iter()
                .map(|finding| finding.rule.code)
                .collect::<Vec<_>>()
        };
        let code = |size| found(size, Growth::Larger);
        assert_eq!(code(89), [""; 0]);
        assert_eq!(code(90), ["size-near-limit"]);
        assert_eq!(code(100), ["size-near-limit"]);
        assert_eq!(code(101), ["size-over-limit"]);
        assert_eq!(code(201), ["size-over-hard-limit"]);
        assert_eq!(found(100, Growth::Spread), [""; 0]);
        assert_eq!(found(101, Growth::Spread), ["size-over-limit"]);
    }
}
