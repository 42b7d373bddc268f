//! Extension modules whose own name says which interpreter imports them.
//!
//! `m.cpython-313-x86_64-linux-gnu.so` and `m.cp313-win32.pyd` are imported by the interpreters of
//! that name alone (PEP 3149); others look for files of their own and say that there is no module
//! `m`. A wheel may carry several of one module, or the same in Python beside it. `m.abi3.so`,
//! `m.so` and `m.pyd` are imported by (nearly) all.

mod platform;
mod python;

use std::collections::BTreeMap;

use super::data;
use super::name::FileName;
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use python::{Fit, Interpreter};

/// What a file name says of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Module<'a> {
    /// The path without what follows the module's name.
    stem: &'a str,
    /// As it stands in the name: `cp313-win32`. None: every interpreter imports it.
    tag: Option<&'a str>,
    /// Whether it ends as modules for Windows do.
    is_pyd: bool,
}

impl<'a> Module<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let pyd = path.strip_suffix(".pyd");
        let rest = pyd.or_else(|| path.strip_suffix(".so"))?;
        let name = rest.rfind('/').map_or(0, |slash| slash + 1);
        let tag = rest[name..].split_once('.').map(|(_, tag)| tag);
        let stem = tag.map_or(rest, |tag| &rest[..rest.len() - tag.len() - 1]);
        Some(Self {
            stem,
            tag,
            is_pyd: pyd.is_some(),
        })
    }
}

/// Checks the modules of a wheel against the tags of its file name.
pub(super) fn check(name: &FileName, contents: &Contents, findings: &mut Findings) {
    if name.is_for_any() {
        return;
    }
    let mut modules: BTreeMap<&str, Vec<(&str, Module)>> = BTreeMap::new();
    for (path, _) in contents
        .objects()
        .filter(|(path, _)| !data::is_for_tests(path))
    {
        if let Some(module) = Module::of(path) {
            let variants = modules.entry(module.stem).or_default();
            variants.push((path, module));
        }
    }
    let mut fits = false;
    let mut unfit = Vec::new();
    for (stem, variants) in modules {
        let Some(fit) = fit_of(&variants, name) else {
            continue;
        };
        let in_python = [format!("{stem}.py"), format!("{stem}/__init__.py")];
        let has_fallback = in_python.iter().any(|path| contents.get(path).is_some());
        // Several are there for several interpreters.
        if fit == Fit::All || has_fallback || (fit == Fit::Some && variants.len() > 1) {
            fits |= fit != Fit::None;
            continue;
        }
        fits |= fit == Fit::Some;
        let (path, module) = variants[0];
        unfit.push((path, module.tag.unwrap_or_default(), fit));
    }
    let wheel = [&name.pythons, &name.abis, &name.platforms].map(|set| set.join("."));
    let wheel = wheel.join("-");
    for (path, tag, fit) in unfit {
        let (rule, detail) = match fit {
            Fit::None if !fits => (
                &rules::wheel::MODULE_TAG,
                format!("it is for `{tag}`, which no Python of `{wheel}` imports"),
            ),
            Fit::None => (
                &rules::wheel::MODULE_TAG_OTHER,
                format!("it is for `{tag}`, which no Python of `{wheel}` imports"),
            ),
            Fit::Some | Fit::All => (
                &rules::wheel::MODULE_TAG_OTHER,
                format!("it is for `{tag}` alone, and the wheel for all of `{wheel}`"),
            ),
        };
        findings.add_at(rule, path, detail);
    }
}

/// Which of the wheel's interpreters import one of the files of a module. Nothing for files that
/// are no modules, or of an interpreter that is not known here.
fn fit_of(variants: &[(&str, Module)], name: &FileName) -> Option<Fit> {
    let mut best = None;
    for (_, module) in variants {
        let fit = match module.tag {
            None => Fit::All,
            Some(tag) => fit(tag, module.is_pyd, name)?,
        };
        best = best.max(Some(fit));
    }
    best
}

fn fit(tag: &str, is_pyd: bool, name: &FileName) -> Option<Fit> {
    let (interpreter, platform) = Interpreter::parse(tag, is_pyd)?;
    let fits = name.pythons.iter().flat_map(|python| {
        let abis = name.abis.iter();
        abis.map(|abi| interpreter.fit(python, abi))
    });
    let fit = fits.max().unwrap_or(Fit::None);
    let mut platforms = name.platforms.iter();
    let is_there =
        platform.is_none_or(|own| platforms.any(|tag| platform::fits(own, &interpreter, tag)));
    Some(if is_there { fit } else { Fit::None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit_in(module: &str, wheel: &str) -> Option<Fit> {
        let name = FileName::parse(&format!("a-1.0-{wheel}.whl")).unwrap();
        let path = format!("a/{module}");
        fit_of(&[(&path, Module::of(&path).unwrap())], &name)
    }

    #[test]
    fn names_of_modules_are_read() {
        for (path, stem, tag) in [
            ("a/m.so", "a/m", None),
            ("m.pyd", "m", None),
            ("a.b/m.abi3.so", "a.b/m", Some("abi3")),
            ("a/m.cp313-win32.pyd", "a/m", Some("cp313-win32")),
            ("a/m_d.cp313-win32.pyd", "a/m_d", Some("cp313-win32")),
        ] {
            let module = Module::of(path).unwrap();
            assert_eq!((module.stem, module.tag), (stem, tag));
        }
        for path in ["a/m.dll", "a/libm.so.1", "a/m.so/x", "a/so"] {
            assert_eq!(Module::of(path), None);
        }
    }

    /// As published wheels have them, but for the last ones of a list.
    #[test]
    fn modules_fit_their_wheels() {
        for (module, wheel) in [
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-cp313-manylinux_2_17_x86_64",
            ),
            (
                "m.cpython-37m-x86_64-linux-gnu.so",
                "cp37-cp37m-manylinux1_x86_64",
            ),
            ("m.cpython-34m.so", "cp34-cp34m-manylinux1_x86_64"),
            (
                "m.cpython-313-i386-linux-gnu.so",
                "cp313-cp313-manylinux2014_i686",
            ),
            (
                "m.cpython-313-i386-linux-musl.so",
                "cp313-cp313-musllinux_1_2_i686",
            ),
            (
                "m.cpython-313-arm-linux-gnueabihf.so",
                "cp313-cp313-manylinux_2_31_armv7l",
            ),
            (
                "m.cpython-313-arm-linux-musleabihf.so",
                "cp313-cp313-musllinux_1_2_armv7l",
            ),
            (
                "m.cpython-312-powerpc64le-linux-gnu.so",
                "cp312-cp312-manylinux_2_28_ppc64le",
            ),
            (
                "m.cpython-313-riscv64-linux-gnu.so",
                "cp313-cp313-manylinux_2_39_riscv64",
            ),
            (
                "m.cpython-311-x86_64-linux-musl.so",
                "cp311-cp311-musllinux_1_2_x86_64",
            ),
            // Before 3.11 the name did not tell the C libraries apart.
            (
                "m.cpython-310-x86_64-linux-gnu.so",
                "cp310-cp310-musllinux_1_2_x86_64",
            ),
            ("m.cpython-314t-darwin.so", "cp314-cp314t-macosx_11_0_arm64"),
            (
                "m.cpython-313-darwin.so",
                "cp313-cp313-macosx_10_13_universal2",
            ),
            (
                "m.cpython-313-iphoneos.so",
                "cp313-cp313-ios_13_0_arm64_iphoneos",
            ),
            (
                "m.cpython-313-aarch64-linux-android.so",
                "cp313-cp313-android_24_arm64_v8a",
            ),
            (
                "m.cpython-313-wasm32-emscripten.so",
                "cp313-cp313-pyemscripten_2026_0_wasm32",
            ),
        ] {
            assert_eq!(fit_in(module, wheel), Some(Fit::All), "{module} {wheel}");
        }
    }

    #[test]
    fn modules_of_windows_and_of_several_interpreters_fit_their_wheels() {
        for (module, wheel) in [
            ("m.cp313-win32.pyd", "cp313-cp313-win32"),
            ("m.cp314t-win_amd64.pyd", "cp314-cp314t-win_amd64"),
            ("m_d.cp313-win_amd64.pyd", "cp313-cp313-win_amd64"),
            (
                "m.cpython-313d-x86_64-linux-gnu.so",
                "cp313-cp313d-manylinux_2_17_x86_64",
            ),
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-cp313d-manylinux_2_17_x86_64",
            ),
            (
                "m.pypy310-pp73-x86_64-linux-gnu.so",
                "pp310-pypy310_pp73-manylinux_2_17_x86_64",
            ),
            (
                "m.pypy310-pp73-win_amd64.pyd",
                "pp310-pypy310_pp73-win_amd64",
            ),
            ("m.abi3.so", "cp39-abi3-manylinux_2_17_x86_64"),
            ("m.abi3.so", "cp313-cp313-macosx_11_0_arm64"),
            ("m.abi3.so", "cp314-cp314t-macosx_11_0_arm64"),
            ("m.abi3.so", "py3-none-manylinux_2_17_x86_64"),
            ("m.abi3t.so", "cp315-abi3.abi3t-manylinux_2_28_x86_64"),
            ("m.abi3t.so", "cp315-cp315t-macosx_11_0_arm64"),
            ("m.so", "cp313-cp313-macosx_11_0_arm64"),
            ("m.pyd", "cp313-cp313-win32"),
            (
                "m.cpython-39-x86_64-linux-gnu.so",
                "cp38.cp39-cp38.cp39-manylinux1_x86_64",
            ),
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-none-manylinux_2_17_x86_64",
            ),
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-cp313-linux_x86_64",
            ),
            ("m.cp312-mingw_x86_64_ucrt.pyd", "cp312-cp312-win_amd64"),
        ] {
            assert_eq!(fit_in(module, wheel), Some(Fit::All), "{module} {wheel}");
        }
    }

    #[test]
    fn others_do_not() {
        for (module, wheel) in [
            ("m.cp313-win32.pyd", "cp313-cp313-win_amd64"),
            ("m.cp313-win_amd64.pyd", "cp313-cp313-win32"),
            ("m.cp312-win32.pyd", "cp313-cp313-win32"),
            ("m.cp313-win_amd64.pyd", "cp313-cp313t-win_amd64"),
            ("m.cp313t-win_amd64.pyd", "cp313-cp313-win_amd64"),
            ("m.cpython-313d-darwin.so", "cp313-cp313-macosx_11_0_arm64"),
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-cp313-manylinux_2_17_aarch64",
            ),
            (
                "m.cpython-313-x86_64-linux-gnu.so",
                "cp313-cp313-musllinux_1_2_x86_64",
            ),
            (
                "m.cpython-310-x86_64-linux-musl.so",
                "cp310-cp310-manylinux_2_17_x86_64",
            ),
            (
                "m.cpython-313-darwin.so",
                "cp313-cp313-manylinux_2_17_x86_64",
            ),
            (
                "m.cpython-313-darwin.so",
                "cp313-cp313-ios_13_0_arm64_iphoneos",
            ),
            ("m.cpython-313-iphoneos.so", "cp313-cp313-macosx_11_0_arm64"),
            (
                "m.cpython-313-iphoneos.so",
                "cp313-cp313-ios_13_0_arm64_iphonesimulator",
            ),
            (
                "m.cpython-313-aarch64-linux-gnu.so",
                "cp313-cp313-android_24_arm64_v8a",
            ),
            ("m.cpython-313-x86_64-linux-gnu.so", "cp313-cp313-win_amd64"),
            ("m.cp313-win_amd64.pyd", "cp313-cp313-manylinux_2_17_x86_64"),
            ("m.pypy310-pp73-darwin.so", "cp310-cp310-macosx_11_0_arm64"),
            (
                "m.cpython-310-darwin.so",
                "pp310-pypy310_pp73-macosx_11_0_arm64",
            ),
            (
                "m.pypy39-pp73-darwin.so",
                "pp310-pypy310_pp73-macosx_11_0_arm64",
            ),
            ("m.abi3.so", "pp310-pypy310_pp73-macosx_11_0_arm64"),
            ("m.abi3.so", "cp315-cp315t-macosx_11_0_arm64"),
            ("m.abi3t.so", "cp314-cp314t-macosx_11_0_arm64"),
            ("m.cpython-38-darwin.so", "cp39-abi3-macosx_11_0_arm64"),
            ("m.cpython-39-darwin.so", "py310-none-macosx_11_0_arm64"),
        ] {
            assert_eq!(fit_in(module, wheel), Some(Fit::None), "{module} {wheel}");
        }
    }

    #[test]
    fn a_module_for_one_interpreter_is_not_for_all() {
        for (module, wheel) in [
            ("m.cpython-39-darwin.so", "cp39-abi3-macosx_11_0_arm64"),
            ("m.cp313-win32.pyd", "py3-none-win32"),
            ("m.cpython-312-darwin.so", "py2.py3-none-macosx_11_0_arm64"),
        ] {
            assert_eq!(fit_in(module, wheel), Some(Fit::Some), "{module} {wheel}");
        }
    }

    #[test]
    fn what_is_no_module_is_none() {
        for file in [
            "libm.1.so",
            "m.cython.so",
            "m.graalpy-38-native.so",
            "m.cp.pyd",
            "m..so",
        ] {
            assert_eq!(fit_in(file, "cp313-cp313-win32"), None, "{file}");
        }
    }
}
