use super::*;
use crate::claims::testing::{Package, elf, glibc, mach_o, set_runpath, slice};

/// What is missing of a library when the program with these search paths is below `bin`.
fn missing(runpath: &[&str], rpath: &[&str], library: &'static str, cpu: Cpu) -> usize {
    let mut program = glibc(Cpu::X86_64, &[("libx.so.1", &[])]);
    if !runpath.is_empty() {
        set_runpath(&mut program, runpath);
    }
    program.rpath = rpath.iter().map(ToString::to_string).collect();
    let package = Package(vec![
        ("a/bin/tool", Facts::Elf(program)),
        (library, Facts::Elf(elf(cpu))),
    ]);
    package.claims().missing().len()
}

#[test]
fn a_library_is_found_where_the_loader_looks() {
    let cpu = Cpu::X86_64;
    for (runpath, rpath, library) in [
        (&["$ORIGIN"][..], &[][..], "a/bin/libx.so.1"),
        (&["${ORIGIN}/../lib"], &[], "a/lib/libx.so.1"),
        (&["/opt", "$ORIGIN/./../lib/"], &[], "a/lib/libx.so.1"),
        (&[], &["$ORIGIN/../.."], "libx.so.1"),
    ] {
        assert_eq!(missing(runpath, rpath, library, cpu), 0, "{library}");
    }
}

#[test]
fn elsewhere_it_is_not() {
    let cpu = Cpu::X86_64;
    for (runpath, rpath, library) in [
        (&[][..], &[][..], "a/bin/libx.so.1"),
        (&["$ORIGIN"], &[], "a/lib/libx.so.1"),
        (&["$ORIGIN"], &[], "a/bin/libx.so"),
        (&["$ORIGINAL"], &[], "a/bin/libx.so.1"),
        (&["/a/bin"], &[], "a/bin/libx.so.1"),
        (&["$ORIGIN/../../.."], &[], "libx.so.1"),
        // A library is not carried where the user happens to stand.
        (&[""], &[], "libx.so.1"),
        (&["a/bin"], &[], "a/bin/libx.so.1"),
        (&["."], &[], "a/bin/libx.so.1"),
        (&["@loader_path"], &[], "a/bin/libx.so.1"),
        (&["${ORIGIN}.libs"], &[], "a/bin.libs/libx.so.1"),
        (&["$ORIGIN/$LIB"], &[], "a/bin/lib64/libx.so.1"),
        // A loader with a runpath does not look at the other.
        (&["$ORIGIN/../lib"], &["$ORIGIN"], "a/bin/libx.so.1"),
    ] {
        assert_eq!(missing(runpath, rpath, library, cpu), 1, "{library}");
    }
    assert_eq!(missing(&["$ORIGIN"], &[], "a/bin/libx.so.1", Cpu::X86), 1);
}

#[test]
fn what_a_program_has_loaded_its_libraries_find() {
    let mut program = glibc(Cpu::X86_64, &[("liba.so", &[]), ("libb.so", &[])]);
    set_runpath(&mut program, &["$ORIGIN/../lib"]);
    let library = glibc(Cpu::X86_64, &[("libb.so", &[])]);
    let package = Package(vec![
        ("bin/tool", Facts::Elf(program)),
        ("lib/liba.so", Facts::Elf(library)),
        ("lib/libb.so", Facts::Elf(elf(Cpu::X86_64))),
    ]);
    assert_eq!(package.claims().missing(), []);
}

#[test]
fn a_library_inherits_the_rpath_of_what_loads_it() {
    // The module has a path; the library that it loads has none, and needs another one.
    let missing = |rpath: bool, runpath_of_library: bool, libc: Libc| {
        let mut module = glibc(Cpu::X86_64, &[("liba.so", &[])]);
        let mut library = glibc(Cpu::X86_64, &[("libb.so", &[])]);
        (module.libc, library.libc) = (Some(libc), Some(libc));
        if rpath {
            module.rpath = vec!["$ORIGIN/../x.libs".to_owned()];
        } else {
            set_runpath(&mut module, &["$ORIGIN/../x.libs"]);
        }
        if runpath_of_library {
            set_runpath(&mut library, &["$ORIGIN/elsewhere"]);
        }
        let package = Package(vec![
            ("x/module.so", Facts::Elf(module)),
            ("x.libs/liba.so", Facts::Elf(library)),
            ("x.libs/libb.so", Facts::Elf(elf(Cpu::X86_64))),
        ]);
        package.claims().missing().len()
    };
    assert_eq!(missing(true, false, Libc::Glibc), 0);
    assert_eq!(missing(true, true, Libc::Glibc), 1);
    assert_eq!(missing(false, false, Libc::Glibc), 1);
    assert_eq!(missing(false, true, Libc::Musl), 0);
}

#[test]
fn search_paths_outside_of_the_package_are_told() {
    let mut program = elf(Cpu::X86_64);
    let paths = [
        "$ORIGIN/../lib",
        "$ORIGIN/../../lib",
        "/home/build/lib",
        "/usr/lib64/x",
        "/usr/lib/../tmp",
        "/usr/library",
    ];
    set_runpath(&mut program, &paths);
    let mut code = slice(Cpu::X86_64, 11, 0);
    code.rpaths = [
        "@loader_path/../lib",
        "/usr/lib/swift",
        "/opt/lib",
        "$ORIGIN",
    ]
    .map(str::to_owned)
    .to_vec();
    let package = Package(vec![
        ("bin/tool", Facts::Elf(program)),
        ("bin/rg", mach_o(vec![code])),
    ]);
    let tool = [
        "$ORIGIN/../../lib",
        "/home/build/lib",
        "/usr/lib/../tmp",
        "/usr/library",
    ];
    let mut expected = tool.map(|path| ("bin/tool", path)).to_vec();
    expected.push(("bin/rg", "/opt/lib"));
    expected.push(("bin/rg", "$ORIGIN"));
    assert_eq!(package.claims().foreign_search_paths(), expected);
}

#[test]
fn search_paths_in_the_current_directory_are_told() {
    let relative = |libc: Option<Libc>, paths: &[&str], is_runpath: bool| {
        let mut program = elf(Cpu::X86_64);
        program.libc = libc;
        if is_runpath {
            set_runpath(&mut program, paths);
        } else {
            program.rpath = paths.iter().map(ToString::to_string).collect();
        }
        let package = Package(vec![("bin/tool", Facts::Elf(program))]);
        let claims = package.claims();
        // Each is told once.
        let foreign = claims.foreign_search_paths();
        let found = claims.relative_search_paths();
        assert!(found.iter().all(|one| !foreign.contains(one)), "{paths:?}");
        let paths = found.into_iter().map(|(_, path)| path.to_owned());
        paths.collect::<Vec<_>>()
    };
    let paths = [
        "",
        ".",
        "..",
        "lib",
        "./lib",
        "$LIB",
        "$ORIGINAL/lib",
        "@loader_path",
    ];
    for is_runpath in [true, false] {
        let found = relative(Some(Libc::Glibc), &paths, is_runpath);
        assert_eq!(found, paths);
        assert_eq!(relative(None, &paths, is_runpath), paths);
    }
    // musl leaves out empty ones, and all where one has a variable that it does not know.
    let musl = Some(Libc::Musl);
    assert_eq!(relative(musl, &["", "lib", ""], true), ["lib"]);
    assert_eq!(relative(musl, &["lib", "$LIB"], true), [""; 0]);
    assert_eq!(
        relative(musl, &["lib", "$ORIGINAL"], true),
        ["lib", "$ORIGINAL"]
    );
    for path in [
        "$ORIGIN",
        "${ORIGIN}/lib",
        "/usr/lib",
        "/",
        "/..$ORIGIN",
        "$ORIGIN/../..",
    ] {
        assert_eq!(
            relative(Some(Libc::Glibc), &[path], true),
            [""; 0],
            "{path}"
        );
    }
}

#[test]
fn an_empty_runpath_takes_the_place_of_an_rpath() {
    let mut program = glibc(Cpu::X86_64, &[("libx.so.1", &[])]);
    program.rpath = vec!["$ORIGIN".to_owned()];
    let missing = |program: &Elf| {
        let package = Package(vec![
            ("bin/tool", Facts::Elf(program.clone())),
            ("bin/libx.so.1", Facts::Elf(elf(Cpu::X86_64))),
        ]);
        package.claims().missing().len()
    };
    assert_eq!(missing(&program), 0);
    program.has_runpath = true;
    assert_eq!(missing(&program), 1);
}
