//! Why a product's files cannot be used.

use super::mistake::Mistake;
use crate::base::failure::Advice;

/// Why a product's files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    /// Files are wrong: all mistakes in them, in the order of files and lines.
    #[error("{}", summary(.0))]
    Mistakes(Vec<Mistake>),
    /// A file cannot be read.
    #[error("cannot read the product's file")]
    Read(#[from] std::io::Error),
}

/// Returns the one mistake, or how many there are.
fn summary(mistakes: &[Mistake]) -> String {
    match mistakes {
        [mistake] => mistake.to_string(),
        mistakes => format!("{} mistakes", mistakes.len()),
    }
}

impl Advice for ProductError {
    fn help(&self) -> String {
        match self {
            Self::Mistakes(mistakes) => match &mistakes[..] {
                [Mistake { file, line: 0, .. }] => format!("correct {file}"),
                [Mistake { file, line, .. }] => format!("correct line {line} of {file}"),
                _ => "correct these lines".to_owned(),
            },
            Self::Read(_) => {
                "--product takes a folder with a stage.toml and the files that it names; \
                              docs/products.md describes it"
                    .to_owned()
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Mistakes(mistakes) if mistakes.len() > 1 => {
                mistakes.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }
}
