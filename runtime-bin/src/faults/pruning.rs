//! What is in use, what was used when, and what goes.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{assert_no_litter, extractions, spawn_child};
use crate::runtime::Runtime;
use crate::testing::{self, Scene, assert_good, names};

#[test]
fn a_clock_that_was_set_back() {
    let scene = Scene::new();
    scene.locate().unwrap();
    let marker = || std::fs::File::open(scene.entry().join("ready")).unwrap();
    let modified = || marker().metadata().unwrap().modified().unwrap();
    let (now, day) = (SystemTime::now(), Duration::from_secs(24 * 60 * 60));
    let near = |time: SystemTime| time >= now && time < now + day / 2;
    for (noted, replaced) in [
        (now + 99 * day, true),
        (now - 2 * day, true),
        (now - day / 2, false),
    ] {
        marker().set_modified(noted).unwrap();
        assert_good(&scene.locate().unwrap());
        assert_eq!(near(modified()), replaced);
    }
}

/// Two versions in one cache, and the time of the last use of the other.
fn two_versions() -> (Scene, Runtime, Scene, PathBuf) {
    let scene = Scene::new();
    let mut other = Scene::new();
    other.carried = testing::carried("1.2.4");
    other.variables = scene.variables.clone();
    let runtime = other.locate().unwrap();
    let entry = scene
        .cache()
        .join(crate::entry::name(&other.carried.bundle));
    (scene, runtime, other, entry)
}

#[test]
fn two_versions_side_by_side_and_prune_while_one_runs() {
    let (scene, other, _other_scene, entry) = two_versions();
    let runtime = scene.locate().unwrap();
    assert_good(&runtime);
    assert_good(&other);
    let pruned = scene.prune(Duration::ZERO).unwrap();
    assert_eq!(
        (pruned.removed, pruned.in_use),
        (vec![], vec![entry.clone()])
    );
    assert_good(&other);
    drop(other);
    assert_eq!(
        scene.prune(Duration::from_secs(60)).unwrap().removed,
        Vec::<PathBuf>::new()
    );
    assert_eq!(scene.prune(Duration::ZERO).unwrap().removed, [entry]);
    assert_good(&runtime);
    assert_no_litter(&scene);
}

#[test]
fn prune_spares_what_another_process_uses() {
    let (scene, other, ..) = two_versions();
    let mut child = spawn_child(&scene);
    assert_eq!(extractions(&mut child), 1);
    let used = scene.entry();
    // From the point of view of the other version.
    drop(other);
    let mut viewer = Scene::new();
    viewer.carried = testing::carried("1.2.4");
    viewer.variables = scene.variables.clone();
    assert_eq!(
        viewer.prune(Duration::ZERO).unwrap().in_use,
        std::slice::from_ref(&used)
    );
    drop(child.stdin.take());
    child.wait().unwrap();
    assert_eq!(viewer.prune(Duration::ZERO).unwrap().removed, [used]);
}

/// What was started goes on holding the lock, when the `Runtime` is long gone.
#[test]
#[cfg(unix)]
fn prune_spares_what_a_started_program_uses() {
    use std::process::Stdio;

    let (scene, other, _scene, entry) = two_versions();
    let mut command = other.command();
    command
        .arg("wait")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop((command, other));
    assert_eq!(
        scene.prune(Duration::ZERO).unwrap().in_use,
        std::slice::from_ref(&entry)
    );
    drop(child.stdin.take());
    child.wait().unwrap();
    assert_eq!(scene.prune(Duration::ZERO).unwrap().removed, [entry]);
}

#[test]
fn prune_touches_nothing_that_is_not_an_entry() {
    let scene = Scene::new();
    scene.locate().unwrap();
    let foreign = [
        "0123456789abcdef",
        "notes-2024",
        "x-0123456789ABCDEF",
        "y-0123456789abcdef0",
    ];
    for name in foreign {
        std::fs::create_dir_all(scene.cache().join(name).join("1")).unwrap();
    }
    // An entry that was begun, and one with something of somebody else's in it.
    let begun = scene.cache().join("1.0.0-t-0123456789abcdef");
    std::fs::create_dir_all(begun.join("1/bin")).unwrap();
    std::fs::write(begun.join("probe"), "").unwrap();
    std::fs::write(begun.join("ready.new"), "").unwrap();
    std::fs::create_dir_all(scene.cache().join("2.0.0-t-0123456789abcdef/1/bin")).unwrap();
    std::fs::write(scene.cache().join("2.0.0-t-0123456789abcdef/notes"), "").unwrap();
    scene.prune(Duration::ZERO).unwrap();
    let left = names(&scene.cache());
    assert!(
        foreign
            .iter()
            .all(|name| left.iter().any(|left| left == name)),
        "{left:?}"
    );
    assert!(
        !left.iter().any(|name| name.starts_with("1.0.0")),
        "{left:?}"
    );
    assert_eq!(
        names(&scene.cache().join("2.0.0-t-0123456789abcdef")),
        ["notes"]
    );
    assert_good(&scene.locate().unwrap());
}
