//! The payload is in files, as with the feature `on-disk`, and something happens to them.

use std::path::PathBuf;

use super::assert_no_litter;
use crate::carried::Carried;
use crate::error::Error;
use crate::part::Part;
use crate::testing::{self, Scene, assert_good, names};

/// A scene whose payload is in files, and the files.
fn scene() -> (Scene, Vec<PathBuf>) {
    let mut scene = Scene::new();
    let (manifest, parts) = testing::payload("1.2.3", &testing::tree());
    let write = |(index, content): (usize, Vec<u8>)| {
        let path = format!("sources/part{index}/payload.bin");
        scene.dir.write(&path, 0o644, &content)
    };
    let files: Vec<_> = parts.into_iter().enumerate().map(write).collect();
    let part = |path: &PathBuf| Part::File(Box::leak(path.clone().into_boxed_path()));
    let carried = Carried::read(manifest.leak(), files.iter().map(part).collect());
    scene.carried = Box::leak(Box::new(carried.unwrap()));
    (scene, files)
}

#[test]
fn files_are_needed_once() {
    let (scene, files) = scene();
    assert_good(&scene.locate().unwrap());
    assert_no_litter(&scene);
    for file in files {
        std::fs::remove_file(file).unwrap();
    }
    let runtime = scene.locate().unwrap();
    assert_good(&runtime);
    assert!(runtime.verify().unwrap().is_intact());
}

#[test]
fn a_file_that_is_not_as_it_was_is_an_error_and_leaves_nothing() {
    // What becomes of the content, if anything is left of it.
    type Act = fn(&mut Vec<u8>) -> bool;
    let acts: [(&str, Act); 5] = [
        ("cannot be read", |_| false),
        ("bytes instead of", |content| content.pop().is_some()),
        ("bytes instead of", |content| {
            content.clear();
            true
        }),
        ("at byte 0: ", |content| {
            content[9] ^= 0x55;
            true
        }),
        ("at byte ", |content| {
            *content.last_mut().unwrap() ^= 0x55;
            true
        }),
    ];
    for index in 0..2 {
        for (expected, act) in acts {
            let (scene, files) = scene();
            let file = &files[index];
            let mut content = std::fs::read(file).unwrap();
            if act(&mut content) {
                std::fs::write(file, content).unwrap();
            } else {
                std::fs::remove_file(file).unwrap();
            }
            let error = scene.locate().unwrap_err();
            assert!(matches!(&error, Error::PayloadFile { path, .. } if path == file));
            assert!(error.to_string().contains(expected), "{error}");
            let dir = file.parent().unwrap().display().to_string();
            assert!(error.help().contains(&dir) && error.help().contains("`embed`"));
            assert_eq!(names(&scene.cache()), ["lock"]);
        }
    }
}
