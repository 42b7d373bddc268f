//! What is in the cache, or in the program, is not what it was.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::assert_no_litter;
use crate::error::Error;
use crate::fs;
use crate::testing::{self, Scene, assert_good, names};
use crate::verify::Damage;
use crate::windows_rules;

/// Damages one file in every way, and expects each time that it is noticed and healed.
#[test]
fn heals_every_file_from_every_damage() {
    type Act = fn(&Path);
    let acts: [(&str, Act); 7] = [
        ("deleted", |file| std::fs::remove_file(file).unwrap()),
        ("truncated", |file| {
            let length = std::fs::metadata(file).unwrap().len();
            let file = std::fs::File::options().write(true).open(file).unwrap();
            file.set_len(length.saturating_sub(1)).unwrap();
            if length == 0 {
                file.set_len(1).unwrap();
            }
        }),
        ("longer", |file| {
            std::fs::File::options()
                .append(true)
                .open(file)
                .unwrap()
                .write_all(b"x")
                .unwrap();
        }),
        ("not executable", |file| testing::chmod(file, 0o600)),
        ("open to all", |file| testing::chmod(file, 0o777)),
        ("a directory", |file| {
            std::fs::remove_file(file).unwrap();
            std::fs::create_dir(file).unwrap();
        }),
        ("without its directory", |file| {
            std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
        }),
    ];
    let scene = Scene::new();
    let mut healed = 0;
    for (path, ..) in testing::tree() {
        for (what, damage) in acts {
            // Files have no modes there.
            if cfg!(windows) && (what.contains("exec") || what.contains("open")) {
                continue;
            }
            let package = scene.locate().unwrap().package_dir().unwrap().to_owned();
            damage(&package.join(path));
            let runtime = scene.locate().unwrap();
            assert_ne!(runtime.package_dir().unwrap(), package, "{path} {what}");
            assert!(runtime.verify().unwrap().is_intact(), "{path} {what}");
            assert_no_litter(&scene);
            healed += 1;
        }
    }
    assert_eq!(healed, 5 * if cfg!(windows) { 5 } else { 7 });
}

#[test]
#[cfg(unix)]
fn heals_a_file_that_became_a_link() {
    let scene = Scene::new();
    let file = scene.locate().unwrap().entrypoint().to_owned();
    let elsewhere = scene.dir.join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_no_litter(&scene);
}

#[test]
fn heals_a_marker_that_is_none() {
    let scene = Scene::new();
    let marker = scene.entry().join("ready");
    scene.locate().unwrap();
    let good = std::fs::read(&marker).unwrap();
    let other = {
        let mut scene = Scene::new();
        scene.carried = testing::carried("1.2.4");
        scene.locate().unwrap();
        std::fs::read(scene.entry().join("ready")).unwrap()
    };
    let manifest = good.split(|&byte| byte == b'\n').next().unwrap();
    // The other entry's marker names the generation that is there; so it comes first.
    for bad in [
        &other[..],
        b"",
        b"\xff\n",
        &good[1..],
        &good[..good.len() - 1],
        &vec![b'x'; 99_999],
    ] {
        std::fs::write(&marker, bad).unwrap();
        assert_good(&scene.locate().unwrap());
        assert!(std::fs::read(&marker).unwrap().starts_with(manifest));
        assert_no_litter(&scene);
    }
    std::fs::remove_file(&marker).unwrap();
    std::fs::create_dir_all(marker.join("a directory")).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_no_litter(&scene);
}

#[test]
fn a_generation_in_use_is_not_disturbed() {
    let scene = Scene::new();
    let old = scene.locate().unwrap();
    let rg = old.path_dir().unwrap().join("rg");
    std::fs::remove_file(&rg).unwrap();
    let new = scene.locate().unwrap();
    assert_good(&new);
    assert!(old.entrypoint().exists());
    assert_eq!(names(&scene.entry()), ["1", "1.retired", "2", "ready"]);
    // Once it is not in use any more, the next to put something in order removes it.
    drop(old);
    std::fs::remove_file(new.path_dir().unwrap().join("rg")).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_eq!(names(&scene.entry()), ["2", "2.retired", "3", "ready"]);
}

#[test]
fn verify_names_the_file_with_a_changed_byte() {
    let scene = Scene::new();
    let runtime = scene.locate().unwrap();
    for (path, mode, mut content) in testing::tree() {
        let file = runtime.package_dir().unwrap().join(path);
        let Some(byte) = content.last_mut() else {
            continue;
        };
        *byte ^= 1;
        std::fs::write(&file, &content).unwrap();
        let report = runtime.verify().unwrap();
        assert_eq!(report.damaged.len(), 1);
        assert!(matches!(report.damaged[0].damage, Damage::Content));
        assert_eq!(report.damaged[0].path, file);
        assert!(report.damaged[0].to_string().ends_with("has other content"));
        // As documented, this is not for `locate` to notice.
        assert_eq!(scene.locate().unwrap().package_dir(), runtime.package_dir());
        *content.last_mut().unwrap() ^= 1;
        std::fs::write(&file, &content).unwrap();
        testing::chmod(&file, mode);
    }
    assert!(runtime.verify().unwrap().is_intact());
}

#[test]
fn a_power_cut_is_found_after_the_restart() {
    let scene = Scene::new();
    let marker = || std::fs::read_to_string(scene.entry().join("ready")).unwrap();
    let restart = || {
        let text = marker();
        let (kept, disk) = text.split_once("disk ").unwrap();
        if disk != "another-boot\n" {
            let path = scene.entry().join("ready");
            let text = format!("{kept}disk another-boot\n");
            // A child of another test has the lock too, from its start until it becomes its program.
            let written = || {
                let file = fs::open_to_write(&path).unwrap();
                fs::write_all(&file, &path, text.as_bytes())
                    .inspect_err(|_| std::thread::sleep(Duration::from_millis(10)))
                    .and_then(|()| fs::at("cut", &path, file.set_len(text.len() as u64)))
                    .is_ok()
            };
            assert!((0..500).any(|_| written()));
        }
    };
    let first = scene.locate().unwrap().package_dir().unwrap().to_owned();
    // Nothing is wrong: every byte is read, once. Where nobody can write to a file that is locked, it
    // is read each time.
    restart();
    let runtime = scene.locate().unwrap();
    assert_eq!(runtime.package_dir().unwrap(), first);
    // Windows refuses that, and Wine does not.
    if !cfg!(windows) {
        let refused = windows_rules::are_imposed();
        let disk = if refused { "another-boot" } else { "synced" };
        assert!(marker().ends_with(&format!("disk {disk}\n")));
    }
    // A file that has its size, and whose content never came to the disk.
    restart();
    let large = runtime.package_dir().unwrap().join("bin/large");
    let length = std::fs::metadata(&large).unwrap().len();
    std::fs::write(&large, vec![0; usize::try_from(length).unwrap()]).unwrap();
    let healed = scene.locate().unwrap();
    assert_ne!(healed.package_dir(), runtime.package_dir());
    assert_good(&healed);
    drop(runtime);
    assert_eq!(names(&scene.entry()), ["1", "1.retired", "2", "ready"]);
    // Again, with nobody using what is replaced.
    let large = healed.package_dir().unwrap().join("bin/large");
    drop(healed);
    restart();
    std::fs::write(&large, vec![0; usize::try_from(length).unwrap()]).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_no_litter(&scene);
}

#[test]
fn syncs_where_it_is_asked_to() {
    let mut scene = Scene::new();
    scene.locator = scene.locator.clone().sync(true);
    assert_good(&scene.locate().unwrap());
    let marker = std::fs::read_to_string(scene.entry().join("ready")).unwrap();
    assert!(marker.ends_with("disk synced\n"));
}

#[test]
fn a_damaged_payload_is_an_error_and_leaves_nothing() {
    let (manifest, parts) = testing::payload("1.2.3", &testing::tree());
    let mut tries: Vec<Vec<Vec<u8>>> = Vec::new();
    for part in 0..parts.len() {
        for at in [0, parts[part].len() / 2, parts[part].len() - 1] {
            let mut parts = parts.clone();
            parts[part][at] ^= 0x55;
            tries.push(parts);
        }
    }
    tries.push(parts[..1].to_vec());
    tries.push(vec![parts[1].clone(), parts[0].clone()]);
    tries.push([&parts[..], &parts[..1]].concat());
    for parts in tries {
        let mut scene = Scene::new();
        scene.carried = testing::leak(manifest.clone(), parts).unwrap();
        let error = scene.locate().unwrap_err();
        assert!(matches!(error, Error::Payload(_)), "{error}");
        assert_eq!(names(&scene.cache()), ["lock"]);
    }
}

/// Frames that are sound, of content that is not the file's.
#[test]
fn content_that_is_not_what_the_manifest_says_is_an_error_and_leaves_nothing() {
    let tree = testing::tree();
    for (index, (path, ..)) in tree.iter().enumerate() {
        let mut forged = tree.clone();
        let Some(byte) = forged[index].2.last_mut() else {
            continue;
        };
        *byte ^= 1;
        let (manifest, _) = testing::payload("1.2.3", &tree);
        let (forgery, parts) = testing::payload("1.2.3", &forged);
        let (files, _) = manifest.split_once("part ").unwrap();
        let (_, frames) = forgery.split_once("part ").unwrap();
        let mut scene = Scene::new();
        scene.carried = testing::leak(format!("{files}part {frames}"), parts).unwrap();
        let error = scene.locate().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the runtime in this program is damaged: {path}: the content has another hash")
        );
        assert_eq!(names(&scene.cache()), ["lock"]);
    }
}
