//! Platforms, as names of modules write them: `x86_64-linux-gnu`, `darwin`, `win_amd64`.

use super::python::Interpreter;

/// The first `CPython` whose names tell the C libraries of Linux apart.
const TELLS_MUSL: (u32, u32) = (3, 11);

/// Names of CPUs in platform tags, and how what stands before `-linux` begins.
const CPUS: [(&str, &[&str]); 15] = [
    ("x86_64", &["x86_64"]),
    ("i686", &["i386", "i686"]),
    ("aarch64", &["aarch64"]),
    ("armv6l", &["arm"]),
    ("armv7l", &["arm"]),
    ("armv8l", &["arm"]),
    ("ppc64", &["powerpc64", "ppc64"]),
    ("ppc64le", &["powerpc64le", "ppc64le"]),
    ("s390x", &["s390x"]),
    ("riscv64", &["riscv64"]),
    ("loongarch64", &["loongarch64"]),
    // Of Android.
    ("arm64_v8a", &["aarch64"]),
    ("armeabi_v7a", &["arm"]),
    ("x86", &["i686", "i386"]),
    ("ppc", &["powerpc"]),
];

/// Whether Python on the systems of a platform tag imports modules of a platform, as their names
/// have it. What is not known here is not held against a wheel.
pub(super) fn fits(own: &str, interpreter: &Interpreter<'_>, tag: &str) -> bool {
    if own == "win32" || own.starts_with("win_") {
        return own == tag;
    }
    if own == "darwin" {
        return tag.starts_with("macosx_");
    }
    if let Some(device) = ["iphoneos", "iphonesimulator"]
        .into_iter()
        .find(|device| own.ends_with(device))
    {
        return tag.starts_with("ios_") && tag.ends_with(device);
    }
    if own.ends_with("-emscripten") {
        return tag.contains("wasm32");
    }
    let Some((cpu, libc)) = own.split_once("-linux") else {
        return true;
    };
    let (system, rest) = tag.split_once('_').unwrap_or((tag, ""));
    let is_known = CPUS.iter().find(|(name, _)| {
        let before = rest.strip_suffix(name);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    });
    let same_cpu = is_known.is_none_or(|(_, names)| names.contains(&cpu));
    let libc = libc.trim_start_matches('-');
    let same_libc = match system {
        "linux" => !libc.starts_with("android"),
        "android" => libc.starts_with("android"),
        "musllinux" => {
            let tells = interpreter.version().is_none_or(|own| own >= TELLS_MUSL);
            libc.starts_with("musl") || (libc.starts_with("gnu") && !tells)
        }
        _ if system.starts_with("manylinux") => libc.starts_with("gnu"),
        _ => false,
    };
    same_cpu && same_libc
}
