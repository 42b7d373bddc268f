//! Whether a tag in WHEEL is for every system that a tag of the file name is for.
//!
//! pip and uv install a wheel by its file name. Afterwards they read WHEEL: `pip check` and
//! `uv pip check` complain of a package of whose tags the system takes none. So the two may differ
//! without harm, where WHEEL asks for less: `py3-none-any` under a name with
//! `manylinux_2_17_x86_64` fits each system of that name.

/// Python, ABI and platform of one tag.
#[derive(Clone, Copy, Debug)]
struct Tag<'a> {
    python: &'a str,
    abi: &'a str,
    platform: &'a str,
}

impl<'a> Tag<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split('-');
        let tag = Self {
            python: parts.next()?,
            abi: parts.next()?,
            platform: parts.next()?,
        };
        parts.next().is_none().then_some(tag)
    }
}

/// Returns whether all systems that take the tag `narrow` take `wide` too.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    let (Some(wide), Some(narrow)) = (Tag::parse(wide), Tag::parse(narrow)) else {
        return false;
    };
    covers_python(wide, narrow) && covers_platform(wide.platform, narrow.platform)
}

/// Python and ABI: an interpreter takes the ABIs of its own and the stable one, and code without
/// an ABI that is for it or an older one.
fn covers_python(wide: Tag, narrow: Tag) -> bool {
    if (wide.python, wide.abi) == (narrow.python, narrow.abi) {
        return true;
    }
    let (Some((wide_kind, wide_version)), Some((kind, version))) =
        (interpreter(wide.python), interpreter(narrow.python))
    else {
        return false;
    };
    let is_older = wide_version.0 == version.0 && wide_version.1 <= version.1;
    match wide.abi {
        "none" if wide_kind == "py" => is_older,
        // CPython 3.10 takes `cp310-none`, and what is for `py3` is for others too.
        "none" => kind == wide_kind && wide_version == version,
        // The free-threaded interpreters take other stable ABIs.
        "abi3" => kind == "cp" && wide_kind == "cp" && is_older && is_with_gil(narrow.abi),
        _ => false,
    }
}

/// Whether an ABI is of `CPython` as it is usually built.
fn is_with_gil(abi: &str) -> bool {
    abi == "abi3" || (abi.starts_with("cp") && !abi.ends_with('t'))
}

/// `cp310` is `("cp", (3, 10))`, and `py3` is `("py", (3, 0))`.
fn interpreter(python: &str) -> Option<(&str, (u32, u32))> {
    let (kind, version) = python.split_at_checked(2)?;
    let (major, minor) = version.split_at_checked(1)?;
    let minor = if minor.is_empty() { "0" } else { minor };
    Some((kind, (major.parse().ok()?, minor.parse().ok()?)))
}

fn covers_platform(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "any" {
        return true;
    }
    let (Some(wide), Some(narrow)) = (platform(wide), platform(narrow)) else {
        return false;
    };
    let same_cpu = wide.cpu == narrow.cpu
        || (wide.system == "macosx" && holds_macos_cpu(wide.cpu, narrow.cpu));
    // Each Linux takes `linux_x86_64`, whatever its C library.
    let same_system = wide.system == narrow.system
        || (wide.system == "linux" && matches!(narrow.system, "manylinux" | "musllinux"));
    let same_major = wide.system != "musllinux" || wide.version.0 == narrow.version.0;
    same_cpu && same_system && same_major && wide.version <= narrow.version
}

/// Whether a macOS on one of these CPUs takes code for the other name, which stands for several.
fn holds_macos_cpu(several: &str, cpu: &str) -> bool {
    match several {
        "universal2" => matches!(cpu, "x86_64" | "arm64"),
        "intel" | "universal" => matches!(cpu, "x86_64" | "i386"),
        _ => false,
    }
}

struct Platform<'a> {
    system: &'a str,
    version: (u32, u32),
    cpu: &'a str,
}

/// Splits a tag of a platform that has versions, and the plain one of Linux.
fn platform(tag: &str) -> Option<Platform<'_>> {
    const NAMED: [(&str, u32); 3] = [
        ("manylinux1_", 5),
        ("manylinux2010_", 12),
        ("manylinux2014_", 17),
    ];
    for (name, minor) in NAMED {
        if let Some(cpu) = tag.strip_prefix(name) {
            let (system, version) = ("manylinux", (2, minor));
            return Some(Platform {
                system,
                version,
                cpu,
            });
        }
    }
    let (system, rest) = tag.split_once('_')?;
    let mut parts = rest.splitn(if system == "android" { 2 } else { 3 }, '_');
    let version = match system {
        "linux" => {
            return Some(Platform {
                system,
                version: (0, 0),
                cpu: rest,
            });
        }
        "android" => (parts.next()?.parse().ok()?, 0),
        "manylinux" | "musllinux" | "macosx" | "ios" => {
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
        }
        _ => return None,
    };
    let cpu = parts.next()?;
    Some(Platform {
        system,
        version,
        cpu,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_asks_for_less_covers_another() {
        for (wide, narrow) in [
            ("py3-none-any", "py3-none-manylinux1_x86_64"),
            ("py3-none-any", "py3-none-win_amd64"),
            ("py3-none-any", "cp310-cp310-win_amd64"),
            ("py3-none-any", "cp313-cp313t-macosx_11_0_arm64"),
            ("py38-none-win32", "py39-none-win32"),
            ("cp310-none-win32", "cp310-cp310-win32"),
            ("cp39-abi3-win_amd64", "cp310-cp310-win_amd64"),
            ("cp38-abi3-win_amd64", "cp39-abi3-win_amd64"),
            (
                "cp310-cp310-linux_x86_64",
                "cp310-cp310-manylinux_2_17_x86_64",
            ),
            ("py3-none-linux_aarch64", "py3-none-musllinux_1_2_aarch64"),
            (
                "py3-none-manylinux2014_x86_64",
                "py3-none-manylinux_2_28_x86_64",
            ),
            (
                "py3-none-manylinux_2_17_x86_64",
                "py3-none-manylinux2014_x86_64",
            ),
            (
                "py3-none-musllinux_1_1_x86_64",
                "py3-none-musllinux_1_2_x86_64",
            ),
            ("py3-none-macosx_10_9_x86_64", "py3-none-macosx_11_0_x86_64"),
            (
                "py3-none-macosx_10_9_universal2",
                "py3-none-macosx_11_0_arm64",
            ),
            (
                "py3-none-android_21_arm64_v8a",
                "py3-none-android_24_arm64_v8a",
            ),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn one_that_asks_for_more_or_something_else_does_not() {
        for (wide, narrow) in [
            ("py3-none-manylinux1_x86_64", "py3-none-any"),
            ("py3-none-win_amd64", "py3-none-win32"),
            (
                "py3-none-manylinux_2_28_x86_64",
                "py3-none-manylinux_2_17_x86_64",
            ),
            (
                "py3-none-manylinux_2_17_x86_64",
                "py3-none-manylinux_2_17_aarch64",
            ),
            (
                "py3-none-manylinux_2_17_x86_64",
                "py3-none-musllinux_1_2_x86_64",
            ),
            ("py3-none-linux_x86_64", "py3-none-linux_aarch64"),
            ("py3-none-linux_x86_64", "py3-none-win_amd64"),
            ("py3-none-macosx_12_0_arm64", "py3-none-macosx_11_0_arm64"),
            (
                "py3-none-macosx_11_0_arm64",
                "py3-none-macosx_11_0_universal2",
            ),
            ("py2-none-any", "py3-none-any"),
            ("py310-none-any", "py3-none-any"),
            ("cp310-cp310-win32", "py3-none-win32"),
            ("cp310-cp310-win32", "cp311-cp311-win32"),
            ("cp39-abi3-win32", "cp38-cp38-win32"),
            ("cp39-abi3-win32", "cp313-cp313t-win32"),
            ("cp39-abi3-win32", "pp39-pypy39_pp73-win32"),
            ("cp310-none-any", "pp310-pypy310_pp73-win32"),
            ("manylinux_2_17_x86_64", "py3-none-manylinux_2_17_x86_64"),
            ("", "py3-none-any"),
            ("é-none-any", "é3-none-any"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }
}
