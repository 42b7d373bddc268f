//! Places where a cache can be, or cannot.

use std::ffi::OsString;

use crate::error::Error;
use crate::payload::PRODUCT;
use crate::testing::{Scene, assert_good};

static CACHE_DIR_ENV: &str = PRODUCT.cache_dir_env;

#[test]
fn paths_with_spaces_and_more() {
    let paths = [
        OsString::from("a b"),
        "ünï côdé 🦀".into(),
        "quote'$(x)".into(),
        // Windows has no such name.
        #[cfg(unix)]
        "double\"quote".into(),
        // Nor has it bytes in its names, and those of macOS are UTF-8.
        #[cfg(target_os = "linux")]
        std::os::unix::ffi::OsStringExt::from_vec(b"not \xff utf-8".to_vec()),
    ];
    for path in paths {
        let mut scene = Scene::new();
        scene
            .variables
            .insert(CACHE_DIR_ENV, scene.dir.join(&path).into());
        let runtime = scene.locate().unwrap();
        assert!(runtime.entrypoint().starts_with(scene.dir.join(path)));
        assert_good(&runtime);
        assert_good(&scene.locate().unwrap());
    }
}

#[test]
fn a_cache_directory_that_is_a_file() {
    let mut scene = Scene::new();
    std::fs::write(scene.dir.join("home/.cache"), "").unwrap();
    // The next place is used…
    let runtime = scene.locate().unwrap();
    assert!(runtime.entrypoint().starts_with(scene.dir.join("tmp")));
    // …but not where the directory was named.
    scene
        .variables
        .insert(CACHE_DIR_ENV, scene.dir.join("home").join(".cache").into());
    let error = scene.locate().unwrap_err();
    let Error::NoPlace { tried } = &error else {
        panic!("{error}")
    };
    assert_eq!(tried.len(), 1);
    let place = scene.dir.join("home").join(".cache");
    let expected = format!("{} ({CACHE_DIR_ENV}): cannot ", place.display());
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(error.help().contains(CACHE_DIR_ENV));
}

#[test]
fn no_home_and_no_place_at_all() {
    let mut scene = Scene::new();
    scene.variables.clear();
    scene.variables.insert("XDG_CACHE_HOME", "relative".into());
    assert!(
        scene
            .locate()
            .unwrap()
            .entrypoint()
            .starts_with(scene.dir.join("tmp"))
    );
    std::fs::remove_dir_all(scene.dir.join("tmp")).unwrap();
    std::fs::write(scene.dir.join("tmp"), "").unwrap();
    let error = scene.locate().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("\n  XDG_CACHE_HOME, HOME: not set to an absolute path"),
        "{text}"
    );
    assert!(
        text.contains("(the directory for temporary files): cannot "),
        "{text}"
    );
}

/// Longer than the 260 characters that Windows allows in a path, unless it is spelled as std spells it.
#[test]
fn a_path_that_is_long() {
    let mut scene = Scene::new();
    let long = ["d".repeat(120), "e".repeat(120), "f".repeat(120)];
    let cache = long
        .iter()
        .fold(scene.dir.to_owned(), |dir, name| dir.join(name));
    scene.variables.insert(CACHE_DIR_ENV, cache.clone().into());
    let runtime = scene.locate().unwrap();
    assert!(runtime.entrypoint().starts_with(&cache));
    assert_good(&runtime);
    assert!(runtime.verify().unwrap().is_intact());
    drop(runtime);
    assert_good(&scene.locate().unwrap());
}
