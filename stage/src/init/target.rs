//! Which target each archive is for: the bytes say it, and where they leave several open, the names.

use native_claims::facts::{ElfOrigin, Linkage, Origin};

use super::archive::Archive;
use super::error::InitError;
use super::rival;
use crate::product::known_targets::{self, Abi, KnownTarget};

/// An archive, and the target that it is for.
#[derive(Debug)]
pub struct Assigned<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// Its target.
    pub target: &'static KnownTarget,
    /// What it was taken from, for a person.
    pub from: String,
    /// What its name says, where that is something else than its bytes.
    pub contradiction: Option<String>,
    /// The targets that its bytes leave open.
    pub open: Vec<&'static KnownTarget>,
}

/// What is said of archives that are of no use.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Archives that are left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Finds the target of each archive. `product` is the product's name, if it is known.
pub fn assign<'a>(
    archives: &[&'a Archive],
    product: Option<&str>,
    remarks: &mut Remarks,
) -> Result<Vec<Assigned<'a>>, InitError> {
    let mut assigned: Vec<Assigned<'a>> = Vec::new();
    let mut left_out = |archive: &Archive, why: String| {
        remarks.left_out.push((archive.name.clone(), why));
    };
    let mut of_bytes = Vec::new();
    for archive in archives.iter().copied() {
        let programs = archive.commands();
        let Some(first) = programs.first() else {
            left_out(archive, "there is no program in it".to_owned());
            continue;
        };
        let mut open = known_targets::of(&first.origin);
        for program in &programs {
            open.retain(|target| known_targets::matches(target, &program.origin));
        }
        let first_words = format!("a program for {}", first.origin);
        if open.is_empty() {
            let other = programs
                .iter()
                .find(|program| program.origin != first.origin);
            left_out(
                archive,
                match other {
                    Some(other) => format!(
                        "`{}` is {first_words}, and `{}` is one for {}",
                        first.path, other.path, other.origin
                    ),
                    None => format!("{first_words}, for which stage knows no target"),
                },
            );
            continue;
        }
        of_bytes.push((archive, &first.origin, open));
    }
    // Those whose names say all come first: what is left open goes by what they leave.
    of_bytes.sort_by_key(|(archive, _, open)| open.len() > 1 && !archive.words.name_abi());
    for (archive, origin, open) in of_bytes {
        let one = choose(archive, origin, open);
        let triple = one.target.triple;
        if let Some(said) = archive.words.contradicts(triple) {
            left_out(archive, contradiction(said, triple));
            continue;
        }
        let same = assigned
            .iter()
            .position(|other| other.target.triple == triple);
        let Some(same) = same else {
            assigned.push(one);
            continue;
        };
        let other = &assigned[same];
        if is_same(other.archive, archive) {
            left_out(
                archive,
                format!("it has the same programs as {}", other.archive.name),
            );
            continue;
        }
        // It says nothing of the C library, and another one says that it is the one for musl.
        let free = one.open.iter().find(|target| {
            let is_taken = assigned
                .iter()
                .any(|other| other.target.triple == target.triple);
            !is_taken && (!archive.words.is_sensible() || archive.words.fit(target))
        });
        match free {
            Some(target) if other.archive.words.name_abi() && !archive.words.name_abi() => {
                let from = format!(
                    "{}: {origin}; {} is {}",
                    archive.name, other.archive.name, other.target.triple
                );
                assigned.push(Assigned {
                    target,
                    from,
                    ..one
                });
            }
            _ => match rival::choose(&other.archive.name, &archive.name, product) {
                Some((true, why)) => left_out(archive, why),
                Some((false, why)) => {
                    left_out(other.archive, why);
                    assigned[same] = one;
                }
                None => {
                    return Err(InitError::SameTarget {
                        first: other.archive.name.clone(),
                        second: archive.name.clone(),
                        target: triple.to_owned(),
                        what: what(origin),
                    });
                }
            },
        }
    }
    assigned.sort_by(|a, b| a.target.triple.cmp(b.target.triple));
    Ok(assigned)
}

/// Says that the name of an archive and its bytes do not fit together.
pub(super) fn contradiction(said: &str, target: &str) -> String {
    format!("its name says {said}, and it is a program for {target}")
}

/// Chooses among the targets that the bytes leave open.
fn choose<'a>(
    archive: &'a Archive,
    origin: &Origin,
    open: Vec<&'static KnownTarget>,
) -> Assigned<'a> {
    let words = &archive.words;
    let sensible = words.is_sensible();
    let named = open
        .iter()
        .filter(|target| sensible && words.fit(target))
        .copied()
        .collect::<Vec<_>>();
    let contradiction = (sensible && named.is_empty()).then(|| {
        format!(
            "the name of {} says `{}`, but it is {}: the bytes count",
            archive.name,
            words.shown(&archive.name),
            what(origin)
        )
    });
    let likely = if named.is_empty() { &open } else { &named };
    let target = likeliest(likely, origin).unwrap_or(likely[0]);
    let mut from = format!("{}: {origin}", archive.name);
    if contradiction.is_none() && open.len() > 1 {
        if named.len() == 1 {
            from.push_str(", by its name");
        } else if is_static(origin) && is_musl(target) {
            from.push_str(", needs no C library");
        } else if let Origin::Pe(_) = origin {
            from.push_str("; nothing tells which compiler made it");
        }
    }
    Assigned {
        archive,
        target,
        from,
        contradiction,
        open,
    }
}

/// A static program runs on every Linux, as the packages for musl do where there are none for glibc.
fn likeliest(open: &[&'static KnownTarget], origin: &Origin) -> Option<&'static KnownTarget> {
    let musl = open.iter().find(|target| is_musl(target));
    musl.filter(|_| is_static(origin)).copied()
}

fn is_musl(target: &KnownTarget) -> bool {
    matches!(target.abi, Abi::Musl | Abi::MuslHardFloat)
}

fn is_static(origin: &Origin) -> bool {
    let linkage = |elf: &ElfOrigin| elf.linkage == Linkage::Static;
    matches!(origin, Origin::Elf(elf) if linkage(elf))
}

fn what(origin: &Origin) -> String {
    format!("a program for {origin}")
}

/// Whether two archives have the same programs: they are one build in two containers.
fn is_same(one: &Archive, other: &Archive) -> bool {
    let digests = |archive: &Archive| {
        let programs = archive.programs.iter();
        let mut digests = programs.map(|program| program.sha256).collect::<Vec<_>>();
        digests.sort();
        digests
    };
    digests(one) == digests(other)
}
