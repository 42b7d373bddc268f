//! The wheel tags that are true of a runtime whose platform lists none.
//!
//! The lowest true tag is looked for by the rules that `stage verify` uses for wheels of anybody, so
//! what is made here passes there. What no byte tells decides nothing: of a static program nobody can
//! tell which C library it was linked with, so it may have the tags of both.

use super::error::AuditError;
use super::tags::{Choice, Refusal};
use crate::contents::Contents;
use crate::product::known_targets::{KnownWheel, TagFamily};
use native_claims::claims::{self, Claims};
use native_claims::facts::Facts;
use native_claims::{PlatformTag, System, WheelTags};

/// What is asked for: the wheels of one target.
#[derive(Clone, Copy, Debug)]
pub struct TrueTags<'a> {
    /// The target triple, for messages.
    pub target: &'a str,
    /// What its tags begin and end with.
    pub wheel: KnownWheel,
    /// Whether the product has a target for the same CPU with the other C library of Linux: its wheels
    /// have the tags of that.
    pub has_sibling: bool,
    /// The program that the bundle is there for.
    pub entrypoint: &'a str,
    /// Codes of the rules that the caller lets stand.
    pub allow: &'a [String],
}

impl TrueTags<'_> {
    /// Returns the wheel that the executables of a bundle allow: one, whose tags are all that are true.
    /// A tag of which users may expect a wheel and that is not true is among
    /// [`dropped`](Choice::dropped).
    ///
    /// No wheel: no installer looks for one on the target's systems. It is an error if one does, and
    /// the executables do not allow it.
    pub fn of(&self, bundle: &Contents) -> Result<Choice, AuditError> {
        let claims = claims::allowed(bundle.objects(), Some(self.entrypoint));
        let mut tags: Vec<String> = Vec::new();
        let mut refusals = Vec::new();
        for family in self.families(bundle) {
            let wheel = KnownWheel {
                family,
                ..self.wheel
            };
            match lowest(&wheel, &claims, self.allow) {
                Lowest::True(tag) => tags.push(tag.to_string()),
                Lowest::Refused(refusal) => refusals.push(refusal),
                Lowest::None => {}
            }
        }
        // A set with any tag is one.
        let wheels = tags.join(".").parse::<WheelTags>();
        let wheels = wheels.into_iter().collect::<Vec<_>>();
        // Of ARM of the sixth generation there are systems with glibc, and no tag for what needs it.
        let may_be_none = self.wheel.family == TagFamily::Linux;
        if wheels.is_empty() && !refusals.is_empty() && !may_be_none {
            return Err(AuditError::NoTrueTag {
                target: self.target.to_owned(),
                nearest: refusals.into_iter().map(|refusal| refusal.text).collect(),
            });
        }
        let dropped = refusals.into_iter();
        let dropped = dropped.map(|refusal| refusal.explain(&wheels)).collect();
        Ok(Choice { wheels, dropped })
    }

    /// The target's own family of tags, and for a static program without a sibling the one of the other
    /// C library.
    fn families(&self, bundle: &Contents) -> Vec<TagFamily> {
        let own = self.wheel.family;
        let other = match own {
            TagFamily::Manylinux => TagFamily::Musllinux,
            TagFamily::Musllinux => TagFamily::Manylinux,
            _ => return vec![own],
        };
        let entrypoint = bundle.get(self.entrypoint);
        let facts = entrypoint.and_then(|file| file.facts());
        let is_static = matches!(facts, Some(Facts::Elf(elf)) if !elf.dynamic);
        if is_static && !self.has_sibling {
            vec![own, other]
        } else {
            vec![own]
        }
    }
}

/// What was found among the tags of one family.
enum Lowest {
    /// The lowest one that is true.
    True(PlatformTag),
    /// None is true, and this stands against the one that comes nearest.
    Refused(Refusal),
    /// There are no such tags.
    None,
}

/// Looks for the lowest tag of a family that is true. The one with the fewest reasons against it comes
/// nearest, and of several the lowest.
fn lowest(wheel: &KnownWheel, claims: &Claims<'_>, allow: &[String]) -> Lowest {
    let mut nearest: Option<Refusal> = None;
    for tag in candidates(wheel, claims) {
        let Ok(wheel) = tag.to_string().parse::<WheelTags>() else {
            continue;
        };
        match Refusal::of(&wheel, claims, allow) {
            None => return Lowest::True(tag),
            Some(refusal) => {
                let is_nearer = nearest
                    .as_ref()
                    .is_none_or(|known| refusal.count < known.count);
                nearest = if is_nearer { Some(refusal) } else { nearest };
            }
        }
    }
    nearest.map_or(Lowest::None, Lowest::Refused)
}

/// The tags of a family, those that ask least of a system first.
fn candidates(wheel: &KnownWheel, claims: &Claims<'_>) -> Vec<PlatformTag> {
    /// The oldest tag that is given. The tags before it are of systems with kernels from before 2.6.32,
    /// whose system calls no header tells.
    const OLDEST_GLIBC: (u32, u32) = (2, 17);
    // Any tag of the family, to name it by.
    let (major, minor) = match wheel.family {
        TagFamily::Manylinux => OLDEST_GLIBC,
        TagFamily::Musllinux => (1, 1),
        TagFamily::Macosx => (11, 0),
        TagFamily::Android => (21, 0),
        TagFamily::Linux | TagFamily::Win => (0, 0),
    };
    let Ok(like) = wheel.tag(major, minor).parse::<PlatformTag>() else {
        return Vec::new();
    };
    let mut tags = claims.candidates(&like);
    tags.retain(|tag| match tag.system() {
        System::Manylinux { major, minor } => (major, minor) >= OLDEST_GLIBC,
        _ => true,
    });
    tags
}

#[cfg(test)]
mod tests;
