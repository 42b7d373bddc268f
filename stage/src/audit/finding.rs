use serde_json::{Value, json};

use super::rule::{Rule, Severity};
use strict_archive::escaped_sentence;

/// Something that a rule has against a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The file inside the artifact, if it is about one.
    pub place: Option<String>,
    /// What exactly is wrong: the values that do not fit. No full stop.
    pub detail: String,
    /// How often the rule is broken in this way: more than once where the rest of many is counted.
    pub times: usize,
    /// Whether it was allowed by name: it is shown, and does no harm.
    pub allowed: bool,
}

impl Finding {
    /// Whether it stands in the way of a release.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.rule.severity == Severity::Error && !self.allowed
    }

    /// What is wrong and where, on one line that a terminal can be shown.
    #[must_use]
    pub fn said(&self) -> String {
        let place = self.place.as_ref();
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        escaped_sentence(&format!("{place}{}", self.detail))
    }

    /// `error[wheel-record-hash]: RECORD: …`
    #[must_use]
    pub fn text(&self) -> String {
        let Rule { code, severity, .. } = self.rule;
        let allowed = if self.allowed { " (allowed)" } else { "" };
        format!("{}[{code}]{allowed}: {}", severity.as_str(), self.said())
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let Rule {
            code,
            severity,
            matters,
            remedy,
            source,
            ..
        } = self.rule;
        json!({
            "code": code,
            "severity": severity,
            "allowed": self.allowed,
            "place": self.place,
            "detail": self.detail,
            "times": self.times,
            "matters": matters,
            "remedy": remedy,
            "source": source,
        })
    }
}

/// Findings as they are collected.
///
/// A package can break one rule in each of 100,000 files. The first ones say all there is to say,
/// so of each rule a few are kept and the rest are counted.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    /// Rules with more findings than are kept, and how many more.
    more: Vec<(&'static Rule, usize)>,
}

/// Findings of one rule that are kept.
const KEPT: usize = 10;

impl Findings {
    /// A rule is broken by the artifact as a whole.
    pub fn add(&mut self, rule: &'static Rule, detail: impl Into<String>) {
        self.push(rule, None, detail.into());
    }

    /// A rule is broken by a file of the artifact.
    pub fn add_at(
        &mut self,
        rule: &'static Rule,
        place: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.push(rule, Some(place.into()), detail.into());
    }

    fn push(&mut self, rule: &'static Rule, place: Option<String>, detail: String) {
        let same = |finding: &&Finding| finding.rule == rule;
        if self.kept.iter().filter(same).count() < KEPT {
            self.kept.push(Finding {
                rule,
                place,
                detail,
                times: 1,
                allowed: false,
            });
        } else if let Some((_, count)) = self.more.iter_mut().find(|(more, _)| *more == rule) {
            *count += 1;
        } else {
            self.more.push((rule, 1));
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All of them: errors first, else in the order in which they were found.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        let mut findings = self.kept;
        let more = self.more.into_iter().map(|(rule, count)| Finding {
            rule,
            place: None,
            detail: format!("and {count} more of this kind"),
            times: count,
            allowed: false,
        });
        findings.extend(more);
        findings.sort_by_key(|finding| (finding.rule.severity, finding.rule.code));
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rules;

    #[test]
    fn errors_come_first_and_repetitions_are_counted() {
        let mut findings = Findings::default();
        findings.add(&rules::limits::NEAR, "95 % of 10 bytes");
        for index in 0..KEPT + 3 {
            findings.add_at(
                &rules::archive::OBJECT_MALFORMED,
                format!("bin/{index}"),
                "cut",
            );
        }
        let findings = findings.finish();
        assert_eq!(findings.len(), KEPT + 2);
        assert_eq!(findings[0].text(), "error[object-malformed]: bin/0: cut");
        assert_eq!(findings[KEPT].detail, "and 3 more of this kind");
        assert_eq!(findings[KEPT + 1].rule, &rules::limits::NEAR);
    }
}
