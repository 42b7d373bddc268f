use std::io;

use super::image::Damage;
use crate::format::ObjectFormat;

/// Why a file that begins as an executable has no facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The file could not be read.
    #[error("it could not be read")]
    Io(#[source] io::Error),
    /// No loader would take it.
    #[error("it begins as {} and is damaged: {damage}", article(*format))]
    Damaged {
        /// What it begins as.
        format: ObjectFormat,
        /// What is wrong with it.
        damage: Damage,
    },
}

impl FactsError {
    /// Returns what to do about it: one sentence, in the imperative, without a full stop.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the disk and the permissions of the file",
            Self::Damaged { .. } => {
                "build the file again, or fetch it again: it was cut short or changed on the way"
            }
        }
    }
}

fn article(format: ObjectFormat) -> &'static str {
    match format {
        ObjectFormat::Elf => "an ELF file",
        ObjectFormat::MachO => "a Mach-O file",
        ObjectFormat::Pe => "a PE file",
        ObjectFormat::Xcoff => "an XCOFF file",
    }
}
