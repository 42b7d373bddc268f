//! What the name of an archive says: the target, in the words that projects use, and the version.

use std::ops::Range;

use crate::product::known_targets::{self, KnownTarget, UNIVERSAL2};

/// A word that projects use for a target, or a part of one.
struct Word {
    text: &'static str,
    /// The first parts of the triples that it may stand for. Empty: it says nothing of the CPU.
    cpus: &'static [&'static str],
    /// The system, as [`system`] calls it.
    system: &'static str,
    /// How the ABI begins. Empty: it says nothing of it.
    abi: &'static str,
}

const fn cpu(text: &'static str, cpus: &'static [&'static str]) -> Word {
    Word {
        text,
        cpus,
        system: "",
        abi: "",
    }
}

const fn system_word(text: &'static str, system: &'static str) -> Word {
    Word {
        text,
        cpus: &[],
        system,
        abi: "",
    }
}

const fn abi_word(text: &'static str, abi: &'static str) -> Word {
    Word {
        text,
        cpus: &[],
        system: "",
        abi,
    }
}

const X64: &[&str] = &["x86_64"];
const ARM64: &[&str] = &["aarch64", "arm64ec"];
const IA32: &[&str] = &["i686", "i586"];
const ARM: &[&str] = &["armv7", "arm", "armv5te"];
const ARMV7: &[&str] = &["armv7"];
const PPC64: &[&str] = &["powerpc64", "powerpc64le"];

/// The words, in lower case. Of two that begin at one place, the longer one counts.
const WORDS: &[Word] = &[
    cpu("x86_64", X64),
    cpu("x86-64", X64),
    cpu("amd64", X64),
    cpu("amd64v1", X64),
    cpu("amd64v2", X64),
    cpu("amd64v3", X64),
    cpu("amd64v4", X64),
    cpu("x64", X64),
    cpu("64bit", X64),
    cpu("64-bit", X64),
    cpu("aarch64", ARM64),
    cpu("arm64", ARM64),
    cpu("i686", &["i686"]),
    cpu("i586", &["i586"]),
    cpu("i386", IA32),
    cpu("386", IA32),
    cpu("x86", IA32),
    cpu("ia32", IA32),
    cpu("32bit", IA32),
    cpu("32-bit", IA32),
    cpu("arm", ARM),
    cpu("armhf", ARM),
    cpu("armv7", ARMV7),
    cpu("armv7l", ARMV7),
    cpu("armv7hf", ARMV7),
    cpu("armv6", &["arm"]),
    cpu("armv6l", &["arm"]),
    cpu("armv6hf", &["arm"]),
    cpu("armv5", &["armv5te"]),
    cpu("armv5te", &["armv5te"]),
    cpu("riscv64", &["riscv64gc"]),
    cpu("riscv64gc", &["riscv64gc"]),
    cpu("loong64", &["loongarch64"]),
    cpu("loongarch64", &["loongarch64"]),
    cpu("ppc64le", &["powerpc64le"]),
    cpu("powerpc64le", &["powerpc64le"]),
    // In the words of Node.js it is either.
    cpu("ppc64", PPC64),
    cpu("powerpc64", PPC64),
    cpu("s390x", &["s390x"]),
    cpu("mips64el", &["mips64el"]),
    cpu("mips64le", &["mips64el"]),
    cpu("mipsel", &["mipsel"]),
    cpu("mipsle", &["mipsel"]),
    cpu("mips", &["mips"]),
    cpu("universal2", &["universal2"]),
    cpu("universal", &["universal2"]),
    system_word("linux", "linux"),
    system_word("darwin", "darwin"),
    system_word("macos", "darwin"),
    system_word("macosx", "darwin"),
    system_word("osx", "darwin"),
    system_word("mac", "darwin"),
    system_word("apple", "darwin"),
    system_word("windows", "windows"),
    system_word("win", "windows"),
    // Of Node.js, for any CPU.
    system_word("win32", "windows"),
    system_word("freebsd", "freebsd"),
    system_word("netbsd", "netbsd"),
    system_word("openbsd", "openbsd"),
    system_word("android", "android"),
    system_word("illumos", "illumos"),
    system_word("solaris", "solaris"),
    system_word("sunos", ""),
    system_word("aix", "aix"),
    system_word("ohos", "ohos"),
    system_word("openharmony", "ohos"),
    abi_word("gnu", "gnu"),
    abi_word("glibc", "gnu"),
    abi_word("gnueabi", "gnueabi"),
    abi_word("gnueabihf", "gnueabihf"),
    abi_word("gnullvm", "gnullvm"),
    abi_word("mingw", "gnu"),
    abi_word("musl", "musl"),
    abi_word("musleabi", "musleabi"),
    abi_word("musleabihf", "musleabihf"),
    abi_word("msvc", "msvc"),
    // Parts of triples that say nothing.
    system_word("unknown", ""),
    system_word("pc", ""),
    Word {
        text: "linux64",
        cpus: X64,
        system: "linux",
        abi: "",
    },
    Word {
        text: "linux32",
        cpus: IA32,
        system: "linux",
        abi: "",
    },
    Word {
        text: "win64",
        cpus: X64,
        system: "windows",
        abi: "",
    },
    // GoReleaser's word for a universal program.
    Word {
        text: "darwin_all",
        cpus: &["universal2"],
        system: "darwin",
        abi: "",
    },
];

/// What a name says of a target.
#[derive(Clone, Default)]
pub struct Words {
    found: Vec<(Range<usize>, &'static Word)>,
    /// A triple that stands in the name as a whole.
    pub triple: Option<(Range<usize>, &'static KnownTarget)>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.found.iter().map(|(_, word)| word.text);
        f.debug_list().entries(words).finish()
    }
}

impl Words {
    /// Reads a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let triples = known_targets::all().filter_map(|target| {
            let at = at_boundary(&lower, target.triple)?;
            Some((at..at + target.triple.len(), target))
        });
        let triples = triples.collect::<Vec<(Range<usize>, _)>>();
        let longest = triples.iter().max_by_key(|(_, target)| target.triple.len());
        // A name with two triples says neither.
        let triple = longest.filter(|(range, _)| {
            let mut others = triples.iter();
            others.all(|(other, _)| range.start <= other.start && other.end <= range.end)
        });
        let triple = triple.cloned();
        let mut found: Vec<(Range<usize>, &'static Word)> = Vec::new();
        let mut at = 0;
        while at < lower.len() {
            let here = WORDS
                .iter()
                .filter(|word| is_at_boundary(&lower, at, word.text))
                .max_by_key(|word| word.text.len());
            match here {
                Some(word) => {
                    found.push((at..at + word.text.len(), word));
                    at += word.text.len();
                }
                None => at += lower[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        Self { found, triple }
    }

    /// Returns whether a target may be meant.
    #[must_use]
    pub fn fit(&self, target: &KnownTarget) -> bool {
        if self.triple.is_some() {
            return self.contradicts(target.triple).is_none();
        }
        self.found.iter().all(|(_, word)| {
            let cpu = target.triple.split('-').next().unwrap_or_default();
            let of_cpu = word.cpus.is_empty() || word.cpus.contains(&cpu);
            let of_system = word.system.is_empty() || word.system == system(target);
            of_cpu && of_system && has_abi(target, word.abi)
        })
    }

    /// Returns the triple that stands in the name, if a program for a target is not one for it. A
    /// universal program is one for each CPU of macOS.
    #[must_use]
    pub fn contradicts(&self, target: &str) -> Option<&'static str> {
        let (_, said) = self.triple.as_ref()?;
        let is_part = target == UNIVERSAL2 && said.triple.ends_with("-apple-darwin");
        (said.triple != target && !is_part).then_some(said.triple)
    }

    /// Returns whether the words make sense together. The name of a product may be one of them.
    #[must_use]
    pub fn is_sensible(&self) -> bool {
        known_targets::all().any(|target| self.fit(target))
    }

    /// Returns whether it is the name that says which of several ABIs is meant.
    #[must_use]
    pub fn name_abi(&self) -> bool {
        self.triple.is_some() || self.found.iter().any(|(_, word)| !word.abi.is_empty())
    }

    /// Returns whether it says anything of a target.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.name_machine() || self.name_abi()
    }

    /// Returns whether it says a system or a CPU.
    #[must_use]
    pub fn name_machine(&self) -> bool {
        let says = |word: &Word| !word.cpus.is_empty() || !word.system.is_empty();
        self.triple.is_some() || self.found.iter().any(|(_, word)| says(word))
    }

    /// Returns the words as they stand in the name.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        let says =
            |word: &Word| !(word.cpus.is_empty() && word.system.is_empty() && word.abi.is_empty());
        let found = self.found.iter().filter(|(_, word)| says(word));
        let ranges = match &self.triple {
            Some((range, _)) => vec![range.clone()],
            _ => found.map(|(range, _)| range.clone()).collect(),
        };
        let words = ranges
            .into_iter()
            .map(|range| &name[range])
            .collect::<Vec<_>>();
        words.join(" ")
    }

    /// Returns where the words stand, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let words = self.found.iter().map(|(range, _)| range.clone());
        self.triple
            .iter()
            .map(|(range, _)| range.clone())
            .chain(words)
    }
}

/// The words that triples have for systems. The longer ones first: Android's triples have `linux` in them.
const SYSTEMS: [&str; 11] = [
    "android", "ohos", "linux", "darwin", "windows", "freebsd", "netbsd", "openbsd", "illumos",
    "solaris", "aix",
];

/// The system of a target, in one word.
fn system(target: &KnownTarget) -> &'static str {
    let triple = target.triple;
    let found = SYSTEMS.into_iter().find(|system| triple.contains(system));
    found.unwrap_or_default()
}

/// Whether the ABI of a target begins with a word. On Windows, `gnu` does not mean `gnullvm`.
fn has_abi(target: &KnownTarget, abi: &str) -> bool {
    let own = target.triple.rsplit('-').next().unwrap_or_default();
    match abi {
        "" => true,
        "gnu" if system(target) == "windows" => own == "gnu",
        abi => own.starts_with(abi),
    }
}

/// Systems that names have with the version of the system behind them, beside the words above.
const SYSTEMS_WITH_VERSIONS: [&str; 10] = [
    "alpine",
    "centos",
    "debian",
    "el",
    "fedora",
    "manylinux",
    "musllinux",
    "rhel",
    "ubuntu",
    "python",
];

/// Returns whether a version behind a word is that of a system, or of a part of one.
pub fn is_system_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let mut words = WORDS.iter().filter(|word| word.cpus.is_empty());
    SYSTEMS_WITH_VERSIONS.contains(&&*lower) || words.any(|word| word.text == lower)
}

/// Where a word stands in a text, with nothing alphanumeric beside it.
fn at_boundary(text: &str, word: &str) -> Option<usize> {
    let mut places = text.match_indices(word).map(|(at, _)| at);
    places.find(|at| is_at_boundary(text, *at, word))
}

pub(super) fn is_at_boundary(text: &str, at: usize, word: &str) -> bool {
    let alphanumeric = |c: char| c.is_alphanumeric();
    text.get(at..).is_some_and(|rest| {
        rest.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(alphanumeric))
    }) && !text[..at].ends_with(alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(name: &str) -> Vec<&'static str> {
        let words = Words::of(name);
        let all = known_targets::all().filter(|target| words.fit(target));
        all.map(|target| target.triple).collect()
    }

    #[test]
    fn names_say_targets_in_many_ways() {
        for (name, targets) in [
            (
                "ruff-x86_64-unknown-linux-gnu",
                &["x86_64-unknown-linux-gnu"][..],
            ),
            ("tool-x86_64-linux-musl", &["x86_64-unknown-linux-musl"]),
            (
                "bun-linux-x64-musl-baseline",
                &["x86_64-unknown-linux-musl"],
            ),
            (
                "tool_1.2.3_linux_amd64",
                &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"],
            ),
            ("tool_Darwin_arm64", &["aarch64-apple-darwin"]),
            ("tool_1.2_darwin_all", &["universal2-apple-darwin"]),
            ("tool-macos-universal", &["universal2-apple-darwin"]),
            (
                "esbuild-win32-x64-0.28.2",
                &[
                    "x86_64-pc-windows-msvc",
                    "x86_64-pc-windows-gnu",
                    "x86_64-pc-windows-gnullvm",
                ],
            ),
            ("tool-x86_64-pc-windows-gnu", &["x86_64-pc-windows-gnu"]),
            ("tool-win64-gnu", &["x86_64-pc-windows-gnu"]),
            (
                "tool-linux-armv7-gnueabihf",
                &["armv7-unknown-linux-gnueabihf"],
            ),
            ("tool-android-arm64", &["aarch64-linux-android"]),
            ("tool-openharmony-arm64", &["aarch64-unknown-linux-ohos"]),
            // The name of a product that is a word of targets.
            ("linux-tool-darwin-arm64", &[]),
        ] {
            assert_eq!(fitting(name), targets, "{name}");
        }
    }

    #[test]
    fn a_triple_contradicts_other_targets() {
        const MACOS: &str = "aarch64-apple-darwin";
        const LINUX: &str = "x86_64-unknown-linux-musl";
        for (name, target, said) in [
            ("tool-aarch64-apple-darwin", MACOS, None),
            ("tool-aarch64-apple-darwin", UNIVERSAL2, None),
            ("tool-aarch64-apple-darwin", LINUX, Some(MACOS)),
            ("tool-linux-arm64", LINUX, None),
            (
                "tool-x86_64-unknown-linux-musl-to-aarch64-apple-darwin",
                LINUX,
                None,
            ),
        ] {
            assert_eq!(Words::of(name).contradicts(target), said, "{name}");
        }
    }

    #[test]
    fn a_part_of_a_word_says_nothing() {
        for name in [
            "armory-1.2",
            "wind",
            "winx64",
            "tool386dx",
            "darwinia",
            "macosaix",
        ] {
            assert!(!Words::of(name).name_machine(), "{name}");
        }
    }
}
