//! What follows the numbers of a version: whether the release is a pre-release, and which one.

use super::numbers::canonical_number;

/// Whether a release is a pre-release, and which one. The derived order is the order of releases, as
/// PEP 440 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    /// A build on the way to the version, before every other pre-release.
    Dev {
        number: u64,
        build: Build,
    },
    Pre {
        phase: Phase,
        number: u64,
        hotfix: Option<u64>,
    },
    Final,
}

/// The kinds of builds on the way to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Build {
    /// Counted, in whatever way.
    Counted,
    /// Of a day. The number is the date: 20260105.
    Nightly,
}

/// The kinds of pre-releases that have a name in both SemVer (as used here) and PEP 440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    Alpha,
    Beta,
    Candidate,
}

/// The words of pre-releases, in semantic versions and tags.
const WORDS: &str = "-alpha, -beta, -rc, -dev or -nightly";

impl Phase {
    const ALL: [Self; 3] = [Self::Alpha, Self::Beta, Self::Candidate];

    fn semver(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Candidate => "rc",
        }
    }

    /// The pre-release segment of [PEP 440](https://peps.python.org/pep-0440/#pre-releases).
    fn python(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

impl Build {
    fn semver(self) -> &'static str {
        match self {
            Self::Counted => "dev",
            Self::Nightly => "nightly",
        }
    }
}

impl Stage {
    /// Returns what a semantic version has after its numbers.
    pub(super) fn semver(self) -> String {
        match self {
            Self::Final => String::new(),
            Self::Dev { number, build } => format!("-{}.{number}", build.semver()),
            Self::Pre {
                phase,
                number,
                hotfix,
            } => {
                let hotfix = hotfix.map(|n| format!(".{n}")).unwrap_or_default();
                format!("-{}.{number}{hotfix}", phase.semver())
            }
        }
    }

    /// Returns what a Python version has after its numbers. A hotfix is a post-release of its
    /// pre-release.
    pub(super) fn python(self) -> String {
        match self {
            Self::Final => String::new(),
            Self::Dev { number, .. } => format!(".dev{number}"),
            Self::Pre {
                phase,
                number,
                hotfix,
            } => {
                let hotfix = hotfix.map(|n| format!(".post{n}")).unwrap_or_default();
                format!("{}{number}{hotfix}", phase.python())
            }
        }
    }

    /// Reads what follows the first `-` of a tag or semantic version: a word, and behind a dot, a `-`
    /// or nothing its number.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_alphabetic());
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let numbers = rest.strip_prefix(['.', '-']).unwrap_or(rest);
        if word == Build::Nightly.semver() {
            return nightly(numbers);
        }
        let phase = Phase::ALL.into_iter().find(|phase| phase.semver() == word);
        let dev = word == Build::Counted.semver();
        if phase.is_none() && !dev {
            return Err(unknown(word));
        }
        // PEP 440 has 0 for a number that is not there.
        let mut numbers = if rest.is_empty() { "0" } else { numbers }.split('.');
        let mut next = || {
            let number = |part: &str| {
                canonical_number(part)
                    .ok_or_else(|| format!("{part:?} after `-{word}` is not a number"))
            };
            numbers.next().map(number).transpose()
        };
        let (number, hotfix, more) = (next()?.unwrap_or_default(), next()?, numbers.next());
        match phase {
            _ if more.is_some() => Err(format!(
                "`-{text}` has more than a number and a hotfix number"
            )),
            Some(phase) => Ok(Self::Pre {
                phase,
                number,
                hotfix,
            }),
            None if hotfix.is_some() => Err(format!(
                "`-{text}` has two numbers, and PEP 440 has no hotfix of a dev release"
            )),
            None => Ok(Self::Dev {
                number,
                build: Build::Counted,
            }),
        }
    }

    /// Reads what follows the numbers of a Python version, in canonical form: `a1`, `rc1.post2`,
    /// `.dev3`.
    pub(super) fn of_python(text: &str) -> Option<Self> {
        if let Some(number) = text.strip_prefix(".dev") {
            let number = canonical_number(number)?;
            let build = Build::Counted;
            return Some(Self::Dev { number, build });
        }
        let mut phases = Phase::ALL.into_iter();
        let (phase, numbers) = phases.find_map(|phase| {
            let numbers = text.strip_prefix(phase.python())?;
            let follows = numbers.starts_with(|c: char| c.is_ascii_digit());
            follows.then_some((phase, numbers))
        })?;
        let (number, hotfix) = match numbers.split_once(".post") {
            Some((number, hotfix)) => (number, Some(canonical_number(hotfix)?)),
            None => (numbers, None),
        };
        Some(Self::Pre {
            phase,
            number: canonical_number(number)?,
            hotfix,
        })
    }
}

/// Reads the date of a nightly.
fn nightly(text: &str) -> Result<Stage, String> {
    let refused = || {
        let found = match text {
            "" => String::new(),
            _ => format!(", and {text:?} is not one"),
        };
        Err(format!(
            "`-nightly` needs a date, such as -nightly.20260105 or -nightly.2026.1.5{found}"
        ))
    };
    let parts = text.split(['.', '-']).collect::<Vec<_>>();
    let (year, month, day) = match parts[..] {
        [whole] if whole.len() == 8 && whole.is_ascii() => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            (year, month, day)
        }
        _ => return refused(),
    };
    match date(year, month, day) {
        Some([year, month, day]) => Ok(Stage::Dev {
            number: (year * 100 + month) * 100 + day,
            build: Build::Nightly,
        }),
        None => refused(),
    }
}

/// Reads a day of the calendar, from the year 1970 on.
pub(super) fn date(year: &str, month: &str, day: &str) -> Option<[u64; 3]> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let there = (1970..=9999).contains(&year) && (1..=days).contains(&day);
    there.then_some([year, month, day])
}

/// Says why a word has no place.
fn unknown(word: &str) -> String {
    let why = match word {
        "" => return format!("what follows the first `-` is not {WORDS}"),
        "a" | "b" | "c" => "a tag has the whole word",
        "preview" | "pre" => {
            "PEP 440 reads it as rc, so -preview.2 would be newer than -rc.1 for pip"
        }
        "post" => "a repaired package of the same release is a `--revision`",
        _ if word.contains(|c: char| c.is_ascii_uppercase()) => "capitals count",
        _ => "PEP 440 has no form for it",
    };
    format!("`-{word}` is not {WORDS}: {why}")
}
