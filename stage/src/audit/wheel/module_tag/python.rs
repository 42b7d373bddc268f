//! Interpreters, as names of modules and tags of wheels write them.

/// Which of the interpreters that a wheel is for import a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// None of them.
    None,
    /// Some of them.
    Some,
    /// All of them.
    All,
}

/// The interpreters that import a module, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interpreter<'a> {
    /// One version of `CPython`.
    CPython(CPython),
    /// One version of `PyPy`: `pypy310-pp73`.
    PyPy(&'a str),
    /// `CPython` of any version (PEP 384). Interpreters without the lock, from 3.15 on, do not import
    /// it.
    Stable,
    /// `CPython` from 3.15 on (PEP 803).
    StableFreeThreaded,
}

/// A version of `CPython`, and how it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CPython {
    version: (u32, u32),
    /// Without the global lock: `t`.
    free_threaded: bool,
    /// `d`.
    debug: bool,
}

/// The first version with a stable ABI for interpreters without the lock.
const ABI3T: (u32, u32) = (3, 15);

impl CPython {
    /// Reads `313t`.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, flags) = text.split_at(digits);
        if !flags.bytes().all(|flag| b"tdmu".contains(&flag)) {
            return None;
        }
        Some(Self {
            version: version(number)?,
            free_threaded: flags.contains('t'),
            debug: flags.contains('d'),
        })
    }
}

/// `313` is 3.13.
fn version(number: &str) -> Option<(u32, u32)> {
    let (major, minor) = number.split_at_checked(1)?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

impl<'a> Interpreter<'a> {
    /// Splits the tag in the name of a module into what it says of the interpreter and of the
    /// platform. Nothing for what is no such tag.
    pub(super) fn parse(tag: &'a str, is_pyd: bool) -> Option<(Self, Option<&'a str>)> {
        match tag {
            "abi3" => return Some((Self::Stable, None)),
            "abi3t" => return Some((Self::StableFreeThreaded, None)),
            _ => {}
        }
        let (first, rest) = match tag.split_once('-') {
            Some((first, rest)) => (first, Some(rest)),
            None => (tag, None),
        };
        if is_pyd && let Some(own) = first.strip_prefix("cp") {
            return Some((Self::CPython(CPython::parse(own)?), rest));
        }
        let rest = rest?;
        let (second, platform) = match rest.split_once('-') {
            Some((second, platform)) => (second, Some(platform)),
            None => (rest, None),
        };
        if first == "cpython" {
            return Some((Self::CPython(CPython::parse(second)?), platform));
        }
        let is_pypy = first.starts_with("pypy") && second.starts_with("pp");
        is_pypy.then(|| {
            let own = &tag[..first.len() + 1 + second.len()];
            (Self::PyPy(own), platform)
        })
    }

    /// The version of `CPython`, if it is one.
    pub(super) fn version(&self) -> Option<(u32, u32)> {
        match self {
            Self::CPython(own) => Some(own.version),
            _ => None,
        }
    }

    /// Which interpreters of a wheel's Python and ABI tags import the module.
    pub(super) fn fit(&self, python: &str, abi: &str) -> Fit {
        let all = |fits| if fits { Fit::All } else { Fit::None };
        let some = |fits| if fits { Fit::Some } else { Fit::None };
        if let Self::PyPy(own) = self {
            let abi_of_wheel = own.replace('-', "_");
            return match (abi, python.get(..2)) {
                ("none", Some("py")) => Fit::Some,
                ("none", Some("pp")) => Fit::All,
                _ => all(abi == abi_of_wheel),
            };
        }
        let oldest = python.get(2..).and_then(|number| {
            let is_major = number.len() == 1;
            version(number).or_else(|| is_major.then_some((number.parse().ok()?, 0)))
        });
        let kind = python.get(..2).unwrap_or_default();
        let is_from =
            |own: (u32, u32)| oldest.is_none_or(|oldest| oldest.0 == own.0 && oldest.1 <= own.1);
        match abi {
            "none" => match (kind, self) {
                ("cp", Self::CPython(own)) if python.len() > 3 => all(oldest == Some(own.version)),
                ("cp" | "py", Self::CPython(own)) => some(is_from(own.version)),
                ("cp" | "py", _) => Fit::All,
                _ => Fit::None,
            },
            "abi3" => match self {
                Self::CPython(own) => some(is_from(own.version) && !own.free_threaded),
                Self::StableFreeThreaded => {
                    if oldest.is_some_and(|oldest| oldest >= ABI3T) {
                        Fit::All
                    } else {
                        Fit::Some
                    }
                }
                _ => Fit::All,
            },
            "abi3t" => match self {
                Self::CPython(own) => some(is_from(own.version)),
                // Those with the lock.
                Self::Stable => Fit::Some,
                _ => Fit::All,
            },
            _ => {
                let wheel = abi.strip_prefix("cp").and_then(CPython::parse);
                all(wheel.is_some_and(|wheel| self.is_imported_by(wheel)))
            }
        }
    }

    fn is_imported_by(&self, wheel: CPython) -> bool {
        match self {
            Self::CPython(own) => {
                // A debug build imports modules of the other one too.
                own.version == wheel.version
                    && own.free_threaded == wheel.free_threaded
                    && (wheel.debug || !own.debug)
            }
            Self::Stable => !wheel.free_threaded || wheel.version < ABI3T,
            Self::StableFreeThreaded => wheel.version >= ABI3T,
            Self::PyPy(_) => false,
        }
    }
}
