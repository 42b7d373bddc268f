use crate::base::failure::Advice;

/// A text that is not a version in any of the accepted spellings.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a version: {reason}")]
pub struct Error {
    pub(super) text: String,
    pub(super) reason: String,
    pub(super) prefixes: Vec<String>,
}

impl Advice for Error {
    fn wrong_call(&self) -> bool {
        true
    }

    fn help(&self) -> String {
        let prefixes = self.prefixes.iter().map(String::as_str);
        let prefixes = prefixes.filter(|prefix| !prefix.is_empty()).chain([""]);
        let spellings = prefixes.map(|prefix| format!("{prefix}0.116.0-alpha.1"));
        format!(
            "write a release tag or version ({}; also 0.116.0, 0.116, 0.116.0.1, 2026.01.05, \
             -beta.N, -rc.N, -dev.N, -nightly.DATE and the hotfix -alpha.N.M), or a Python version \
             in canonical form (0.116.0a1, 0.116.0b1, 0.116.0rc1, 0.116.0.dev1, 0.116.0a1.post2)",
            spellings.collect::<Vec<_>>().join(", ")
        )
    }
}
