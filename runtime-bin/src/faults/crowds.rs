//! Many at once, and one that is killed half-way.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Barrier;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::{assert_no_litter, count_extractions, extractions, spawn_child};
use crate::error::Error;
use crate::runtime::Runtime;
use crate::testing::{self, Scene, assert_good, names};

/// What `spawn_blocking` asks for.
#[test]
fn everything_can_go_to_another_thread() {
    fn goes<T: Send + Sync + 'static>() {}
    goes::<Result<Runtime, Error>>();
    goes::<crate::Locator>();
}

#[test]
fn sixty_four_threads() {
    let mut scene = Scene::new();
    let extractions = count_extractions(&mut scene);
    let barrier = Barrier::new(64);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                barrier.wait();
                scene.locate().unwrap();
            });
        }
    });
    assert_eq!(extractions.load(Ordering::Relaxed), 1);
    assert_good(&scene.locate().unwrap());
    assert_no_litter(&scene);
}

/// Other threads start processes all the time. Each of these has copies of the descriptors that are open
/// when it is forked, until it executes its program, which takes a while here.
#[test]
#[cfg(unix)]
fn can_be_run_while_others_start_processes() {
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::sync::atomic::AtomicBool;

    // Programs that take a while to write.
    let mut tree = testing::tree();
    for (_, _, content) in tree.iter_mut().filter(|(_, mode, _)| *mode == 0o755) {
        content.extend_from_slice(b"exit\n");
        content.resize(16 << 20, b'#');
    }
    let (manifest, parts) = testing::payload("1.2.3", &tree);
    let carried = testing::leak(manifest, parts).unwrap();

    let start = || {
        let mut command = Command::new("true");
        let slowly = || {
            thread::sleep(Duration::from_millis(50));
            Ok(())
        };
        // SAFETY: sleeping is async-signal-safe: it is a system call and touches no memory.
        unsafe { command.pre_exec(slowly) };
        assert!(command.status().unwrap().success());
    };
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    start();
                }
            });
        }
        let mut refused = 0;
        for _ in 0..10 {
            let mut scene = Scene::new();
            scene.carried = carried;
            // All of its programs, and not the entrypoint alone.
            let ran = scene.locate().is_ok_and(|runtime| {
                let helper = runtime.path_dir().unwrap().join("rg");
                runtime.command().output().is_ok() && Command::new(helper).output().is_ok()
            });
            refused += usize::from(!ran);
        }
        over.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0, "of 10");
    });
}

#[test]
fn sixty_four_processes() {
    let scene = Scene::new();
    let mut children: Vec<_> = (0..64).map(|_| spawn_child(&scene)).collect();
    let total: usize = children.iter_mut().map(extractions).sum();
    assert_eq!(total, 1);
    for mut child in children {
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    }
    assert_no_litter(&scene);
}

#[test]
fn killed_at_each_step() {
    let steps = [
        "begun",
        "retired",
        "swept",
        "probed",
        "created",
        "laid out",
        "placed",
        "executable",
        "filled",
        "marked",
        "ready",
    ];
    for step in steps {
        let scene = Scene::new();
        let mut command = testing::child_command("faults::child", &scene.dir);
        testing::kill_at(&mut command, step);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(
            testing::was_killed(output.status),
            "it was not killed at {step:?}"
        );
        assert_eq!(
            scene.entry().join("ready").exists(),
            step == "ready",
            "{step}"
        );
        assert_good(&scene.locate().unwrap());
        assert_no_litter(&scene);
    }
}

#[test]
fn killed_at_a_hundred_moments() {
    let scene = Scene::new();
    let mut between = 0;
    for moment in 0..100u64 {
        let mut command = testing::child_command("faults::child", &scene.dir);
        testing::slow(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("begun")));
        // Spread over most of the 18 ms that an extraction takes there, in no order.
        thread::sleep(Duration::from_micros(moment * 7919 % 100 * 120));
        child.kill().unwrap();
        child.wait().unwrap();
        let written = names(&scene.entry())
            .iter()
            .any(|name| name.parse::<u64>().is_ok());
        between += usize::from(written && !scene.entry().join("ready").exists());
        assert!(scene.locate().unwrap().verify().unwrap().is_intact());
        assert_no_litter(&scene);
        std::fs::remove_dir_all(scene.entry()).unwrap();
    }
    println!("{between} of 100 kills fell between the first write and the marker");
    assert!(
        between >= 80,
        "only {between} kills fell between the first write and the marker"
    );
}

#[test]
fn waits_for_another_and_not_for_ever() {
    let mut scene = Scene::new();
    scene.locator = scene.locator.clone().wait(Duration::from_millis(60));
    std::fs::create_dir_all(scene.cache()).unwrap();
    let lock = std::fs::File::create(scene.cache().join("lock")).unwrap();
    lock.lock().unwrap();
    let start = Instant::now();
    let error = scene.locate().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(start.elapsed() >= Duration::from_millis(60));

    scene.locator = scene.locator.clone().wait(Duration::from_secs(60));
    thread::scope(|scope| {
        let locating = scope.spawn(|| scene.locate().unwrap());
        thread::sleep(Duration::from_millis(50));
        assert!(!locating.is_finished());
        drop(lock);
        assert_good(&locating.join().unwrap());
    });
}
