use serde::Serialize;

/// Something that can be wrong with a package.
///
/// All rules are in the tables of [`super::rules`]; docs/findings.md is made from them.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// What the rule is called by, for ever: `wheel-record-hash`.
    pub code: &'static str,
    /// What a finding of it does to a release.
    pub severity: Severity,
    /// What is wrong, where nothing more exact is said.
    pub wrong: &'static str,
    /// Why it matters to somebody who installs the package.
    pub matters: &'static str,
    /// What to do, in the imperative.
    pub remedy: &'static str,
    /// The specification or the registry's rule that it comes from.
    pub source: &'static str,
}

/// What a finding does to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody gets a package that does not install or does not run.
    Error,
    /// It works, and somebody should look at it before it is published.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}
