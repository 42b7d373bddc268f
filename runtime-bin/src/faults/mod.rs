//! What a cache survives: crowds, kills, damage, full disks. Everything here goes through `locate`, as
//! a program does.

mod crowds;
mod damage;
#[cfg(target_os = "linux")]
mod mounts;
mod on_disk;
#[cfg(unix)]
mod owners;
mod places;
mod pruning;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::testing::{self, Scene, assert_good, names};

/// The process of several tests below: locates in the scene that it is told, says how that went, and
/// holds on to the runtime until its standard input ends.
#[test]
fn child() {
    let Some(dir) = testing::child() else {
        return;
    };
    let mut scene = Scene::new();
    scene.variables.insert("HOME", dir.join("home").into());
    let extractions = count_extractions(&mut scene);
    let runtime = scene.locate().unwrap();
    assert_good(&runtime);
    println!("extractions {}", extractions.load(Ordering::Relaxed));
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Everything else here holds as well where locks are mandatory and what is open cannot be removed.
#[test]
#[cfg(target_os = "linux")]
fn all_of_it_holds_under_windows_rules() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .env(crate::windows_rules::VARIABLE, "1")
        .arg("faults::")
        // This one, one that needs the usual speed, and what only Linux has.
        .args(["--skip", "windows_rules", "--skip", "a_hundred_moments"])
        .args(["--skip", "mounts::"])
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}");
    assert!(
        out.contains("a_power_cut_is_found_after_the_restart ... ok"),
        "{out}"
    );
}

/// Has the extractions of a scene counted.
fn count_extractions(scene: &mut Scene) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    scene.locator = scene.locator.clone().progress({
        let count = count.clone();
        move |progress| {
            if progress.written == 0 {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    count
}

fn spawn_child(scene: &Scene) -> Child {
    let mut command = testing::child_command("faults::child", &scene.dir);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The number of extractions that a child did.
fn extractions(child: &mut Child) -> usize {
    // The test harness leaves its own words in front of it.
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap())
        .lines()
        .map(Result::unwrap);
    lines
        .find_map(|line| line.split_once("extractions ")?.1.parse().ok())
        .unwrap()
}

/// An entry with nothing in it but one generation and its marker, in a cache with nothing but that.
fn assert_no_litter(scene: &Scene) {
    let cache = names(&scene.cache());
    assert_eq!(cache.len(), 2, "{cache:?}");
    let entry = names(&scene.entry());
    assert!(entry.len() == 2 && entry[1] == "ready", "{entry:?}");
}

#[test]
fn extracts_once_and_then_only_looks() {
    let mut scene = Scene::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    scene.locator = scene.locator.clone().progress({
        let seen = seen.clone();
        move |progress| seen.lock().unwrap().push(progress)
    });
    let runtime = scene.locate().unwrap();
    assert_good(&runtime);
    assert_eq!(runtime.version(), Some("1.2.3"));
    assert_eq!(runtime.entrypoint(), scene.entry().join("1/bin/command"));
    assert_eq!(
        runtime.path_dir(),
        Some(&*scene.entry().join("1/tool-path"))
    );
    assert_no_litter(&scene);
    let report = runtime.verify().unwrap();
    assert!(report.is_intact() && report.files == 5);
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(seen[0].written, 0);
    assert_eq!(seen.last().unwrap().written, report.bytes);
    assert!(seen.is_sorted_by_key(|progress| progress.written));

    let again = scene.locate().unwrap();
    assert_eq!(again.entrypoint(), runtime.entrypoint());
}
