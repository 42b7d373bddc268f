//! The platform tags that a package index takes and installers look for.
//!
//! This is wider than [`PlatformTag`](crate::platform::PlatformTag), which is what native code of
//! ours can be for: wheels of others may be for every platform, for several CPUs or for phones.

/// Why a tag is not taken; nothing if it is.
pub(super) fn refusal(tag: &str) -> Option<String> {
    const WINDOWS: [&str; 3] = ["amd64", "arm64", "ia64"];
    if matches!(tag, "any" | "win32" | "linux_armv6l" | "linux_armv7l") {
        return None;
    }
    if let Some(cpu) = tag.strip_prefix("win_") {
        return (!WINDOWS.contains(&cpu)).then(|| format!("Windows does not run on `{cpu}`"));
    }
    if tag.starts_with("linux_") {
        return Some("it does not say which C library the code needs".to_owned());
    }
    for alias in ["manylinux1_", "manylinux2010_", "manylinux2014_"] {
        if let Some(cpu) = tag.strip_prefix(alias) {
            return linux_cpu(cpu);
        }
    }
    for prefix in ["manylinux_", "musllinux_"] {
        if let Some(rest) = tag.strip_prefix(prefix) {
            return match versioned(rest) {
                Some((_, _, cpu)) => linux_cpu(cpu),
                None => Some("it has no version of the C library".to_owned()),
            };
        }
    }
    if let Some(rest) = tag.strip_prefix("macosx_") {
        return match versioned(rest) {
            Some((major, minor, cpu)) => macos(major, minor, cpu),
            None => Some("it has no version of macOS".to_owned()),
        };
    }
    let other = [
        "ios_",
        "android_",
        "pyodide_",
        "emscripten_",
        "pyemscripten_",
        "wasi_",
    ];
    let known = other.iter().any(|prefix| tag.starts_with(prefix));
    (!known).then(|| "it begins like no platform that is known".to_owned())
}

fn linux_cpu(cpu: &str) -> Option<String> {
    const CPUS: [&str; 9] = [
        "x86_64",
        "i686",
        "aarch64",
        "armv7l",
        "ppc64",
        "ppc64le",
        "s390x",
        "riscv64",
        "loongarch64",
    ];
    (!CPUS.contains(&cpu)).then(|| format!("Linux wheels are not made for `{cpu}`"))
}

fn macos(major: u32, minor: u32, cpu: &str) -> Option<String> {
    const CPUS: [&str; 11] = [
        "x86_64",
        "arm64",
        "universal2",
        "intel",
        "i386",
        "ppc",
        "ppc64",
        "fat",
        "fat3",
        "fat64",
        "universal",
    ];
    if !CPUS.contains(&cpu) {
        return Some(format!("macOS does not run on `{cpu}`"));
    }
    if major < 10 {
        return Some(format!("there is no macOS {major}"));
    }
    (major > 10 && minor != 0).then(|| {
        format!("from macOS 11 on installers look for minor version 0 only: macosx_{major}_0_{cpu}")
    })
}

/// Splits `2_17_x86_64`.
fn versioned(text: &str) -> Option<(u32, u32, &str)> {
    let mut fields = text.splitn(3, '_');
    let major = fields.next()?.parse().ok()?;
    let minor = fields.next()?.parse().ok()?;
    Some((major, minor, fields.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_real_wheels_are_taken() {
        for tag in [
            "any",
            "win32",
            "win_amd64",
            "win_arm64",
            "manylinux1_i686",
            "manylinux2014_aarch64",
            "manylinux_2_17_ppc64le",
            "manylinux_2_31_riscv64",
            "musllinux_1_2_armv7l",
            "linux_armv6l",
            "macosx_10_9_universal2",
            "macosx_11_0_arm64",
            "macosx_26_0_arm64",
            "ios_13_0_arm64_iphoneos",
            "android_24_arm64_v8a",
            "pyodide_2025_0_wasm32",
        ] {
            assert_eq!(refusal(tag), None, "{tag}");
        }
    }

    #[test]
    fn other_tags_are_not() {
        for (tag, reason) in [
            ("linux_x86_64", "which C library"),
            ("win_x86_64", "does not run on `x86_64`"),
            ("manylinux_x86_64", "no version"),
            ("manylinux_2_17_amd64", "not made for `amd64`"),
            ("macosx_11_3_arm64", "macosx_11_0_arm64"),
            ("macosx_9_0_ppc", "no macOS 9"),
            ("macosx_99999999999_0_arm64", "no version"),
            ("macosx_11_0_aarch64", "does not run on `aarch64`"),
            ("freebsd_14_amd64", "no platform that is known"),
        ] {
            let refusal = refusal(tag).unwrap();
            assert!(refusal.contains(reason), "{tag}: {refusal}");
        }
    }
}
