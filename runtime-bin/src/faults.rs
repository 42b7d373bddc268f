//! What a cache survives: crowds, kills, damage, full disks. Everything here goes through `locate`, as
//! a program does.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::error::Error;
use crate::runtime::Runtime;
use crate::testing::{self, Scene, assert_good, names};
use crate::verify::Damage;

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
fn locates_extracts_once_and_then_only_looks() {
    let mut scene = Scene::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    scene.locator = scene.locator.clone().progress({
        let seen = seen.clone();
        move |progress| seen.lock().unwrap().push(progress)
    });
    let runtime = scene.locate().unwrap();
    assert_good(&runtime);
    assert_eq!(runtime.version(), Some("1.2.3"));
    assert_eq!(runtime.entrypoint(), scene.entry().join("1/bin/codex"));
    assert_eq!(
        runtime.path_dir(),
        Some(&*scene.entry().join("1/codex-path"))
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
        "begun", "retired", "swept", "probed", "created", "laid out", "placed", "filled", "marked",
        "ready",
    ];
    for step in steps {
        let scene = Scene::new();
        let mut command = testing::child_command("faults::child", &scene.dir);
        testing::kill_at(&mut command, step);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(
            output.status.code().is_none(),
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
    assert_eq!(healed, 35);
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
        scene.embedded = testing::embedded("1.2.4");
        scene.locate().unwrap();
        std::fs::read(scene.entry().join("ready")).unwrap()
    };
    for bad in [
        &b""[..],
        b"\xff\n",
        &good[1..],
        &good[..good.len() - 1],
        &other,
        &vec![b'x'; 99_999],
    ] {
        std::fs::write(&marker, bad).unwrap();
        assert_good(&scene.locate().unwrap());
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
    let restart = || {
        let marker = scene.entry().join("ready");
        let text = std::fs::read_to_string(&marker).unwrap();
        let (kept, _) = text.split_once("disk ").unwrap();
        std::fs::write(&marker, format!("{kept}disk another-boot\n")).unwrap();
    };
    let marker = || std::fs::read_to_string(scene.entry().join("ready")).unwrap();
    let runtime = scene.locate().unwrap();
    // Nothing is wrong: every byte is read, once.
    restart();
    assert_eq!(scene.locate().unwrap().package_dir(), runtime.package_dir());
    assert!(marker().ends_with("disk synced\n"));
    // A file that has its size, and whose content never came to the disk.
    restart();
    let large = runtime.package_dir().unwrap().join("bin/large");
    let length = std::fs::metadata(&large).unwrap().len();
    std::fs::write(&large, vec![0; usize::try_from(length).unwrap()]).unwrap();
    let healed = scene.locate().unwrap();
    assert_ne!(healed.package_dir(), runtime.package_dir());
    assert_good(&healed);
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
        scene.embedded = testing::leak(manifest.clone(), parts).unwrap();
        let error = scene.locate().unwrap_err();
        assert!(matches!(error, Error::Payload(_)), "{error}");
        assert_eq!(names(&scene.cache()), ["lock"]);
    }
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
    other.embedded = testing::embedded("1.2.4");
    other.variables = scene.variables.clone();
    let runtime = other.locate().unwrap();
    let entry = scene
        .cache()
        .join(crate::entry::name(&other.embedded.bundle));
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
    viewer.embedded = testing::embedded("1.2.4");
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
    let (scene, other, _scene, entry) = two_versions();
    let mut command = other.command();
    command
        .arg("wait")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = loop {
        // See `testing::run`.
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            child => break child.unwrap(),
        }
    };
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
    std::fs::create_dir_all(scene.cache().join("1.0.0-t-0123456789abcdef/1/bin")).unwrap();
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

#[test]
fn paths_with_spaces_and_more() {
    let mut paths = vec![
        OsString::from("a b"),
        "ünï côdé 🦀".into(),
        "quote'\"$(x)".into(),
    ];
    #[cfg(target_os = "linux")]
    paths.push(std::os::unix::ffi::OsStringExt::from_vec(
        b"not \xff utf-8".to_vec(),
    ));
    for path in paths {
        let mut scene = Scene::new();
        scene
            .variables
            .insert("CODEX_CLI_BIN_CACHE_DIR", scene.dir.join(&path).into());
        let runtime = scene.locate().unwrap();
        assert!(runtime.entrypoint().starts_with(scene.dir.join(path)));
        assert_good(&runtime);
        assert_good(&scene.locate().unwrap());
    }
}

#[test]
#[cfg(unix)]
fn a_cache_directory_that_is_a_link() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.cache().parent().unwrap()).unwrap();
    std::fs::create_dir(scene.dir.join("big disk")).unwrap();
    std::os::unix::fs::symlink(scene.dir.join("big disk"), scene.cache()).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_eq!(names(&scene.dir.join("big disk")).len(), 2);
}

#[test]
fn a_cache_directory_that_is_a_file() {
    let mut scene = Scene::new();
    std::fs::write(scene.dir.join("home/.cache"), "").unwrap();
    // The next place is used…
    let runtime = scene.locate().unwrap();
    assert!(runtime.entrypoint().starts_with(scene.dir.join("tmp")));
    // …but not where the directory was named.
    scene.variables.insert(
        "CODEX_CLI_BIN_CACHE_DIR",
        scene.dir.join("home/.cache").into(),
    );
    let error = scene.locate().unwrap_err();
    let Error::NoPlace { tried } = &error else {
        panic!("{error}")
    };
    assert_eq!(tried.len(), 1);
    assert!(
        error
            .to_string()
            .contains("home/.cache (CODEX_CLI_BIN_CACHE_DIR): cannot "),
        "{error}"
    );
    assert!(error.help().contains("CODEX_CLI_BIN_CACHE_DIR"));
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

#[test]
#[cfg(unix)]
fn a_cache_directory_of_another_user() {
    let mut scene = Scene::new();
    // The directories here are ours, and we are somebody else.
    let user = scene.user.unwrap() + 4321;
    scene.user = Some(user);
    std::fs::create_dir_all(scene.cache()).unwrap();
    let shared = scene.dir.join(format!("tmp/codex-cli-bin-{user}"));
    std::fs::create_dir(&shared).unwrap();
    testing::chmod(&shared, 0o700);
    if crate::sys::user() == Some(0) {
        // What belongs to root is good for everybody.
        for dir in [&scene.cache(), &shared] {
            std::os::unix::fs::chown(dir, Some(1234), None).unwrap();
        }
    }
    let error = scene.locate().unwrap_err();
    let Error::NoPlace { tried } = &error else {
        panic!("{error}")
    };
    assert_eq!(tried.len(), 2);
    for tried in tried {
        assert!(tried.reason.contains("belongs to another user"), "{tried}");
    }
    assert_eq!(names(&shared), Vec::<String>::new());
    // What was named is taken as it is.
    scene
        .variables
        .insert("CODEX_CLI_BIN_CACHE_DIR", scene.cache().into());
    assert_good(&scene.locate().unwrap());
}

#[test]
#[cfg(unix)]
fn the_directory_for_temporary_files_is_no_place_for_trust() {
    let mut scene = Scene::new();
    scene.variables.clear();
    let shared = scene
        .dir
        .join(format!("tmp/codex-cli-bin-{}", scene.user.unwrap()));
    // Made by us: private, whatever the umask.
    assert_good(&scene.locate().unwrap());
    let mode = || crate::sys::mode(&std::fs::metadata(&shared).unwrap()).unwrap();
    assert_eq!(mode(), 0o700);
    // Not private.
    testing::chmod(&shared, 0o777);
    let error = scene.locate().unwrap_err().to_string();
    assert!(error.contains("other users may enter it"), "{error}");
    // A link, to wherever.
    let elsewhere = scene.dir.join("elsewhere");
    testing::chmod(&shared, 0o700);
    std::fs::rename(&shared, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &shared).unwrap();
    let error = scene.locate().unwrap_err().to_string();
    assert!(error.contains("it is not a directory"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_at_every_twentieth() {
    testing::with_mounts("faults::a_disk_that_is_full_at_every_twentieth", || {
        let scene = Scene::new();
        let size = scene.embedded.bundle.size;
        std::fs::create_dir_all(scene.cache()).unwrap();
        for twentieth in 1..=20 {
            testing::mount(&format!("size={}", size * twentieth / 20), &scene.cache());
            let error = scene.locate().unwrap_err();
            let Error::NoSpace { needed, .. } = &error else {
                panic!("{twentieth}: {error}")
            };
            assert_eq!(*needed, size);
            assert!(
                error
                    .to_string()
                    .starts_with("there is no room for the runtime: cannot ")
            );
            assert_eq!(names(&scene.cache()), ["lock"]);
            testing::mount(&format!("remount,size={}", 2 * size), &scene.cache());
            assert_good(&scene.locate().unwrap());
            assert_no_litter(&scene);
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_system_that_is_read_only_or_noexec() {
    testing::with_mounts("faults::a_file_system_that_is_read_only_or_noexec", || {
        let mut scene = Scene::new();
        let home = scene.dir.join("home");
        testing::mount("noexec", &home);
        let runtime = scene.locate().unwrap();
        assert!(runtime.entrypoint().starts_with(scene.dir.join("tmp")));
        assert_eq!(names(&scene.cache()), ["lock"]);
        scene
            .variables
            .insert("CODEX_CLI_BIN_CACHE_DIR", home.clone().into());
        let error = scene.locate().unwrap_err().to_string();
        assert!(error.contains("mounted noexec"), "{error}");
        scene.variables.remove("CODEX_CLI_BIN_CACHE_DIR");

        std::fs::remove_dir_all(scene.dir.join("tmp")).unwrap();
        testing::mount("ro", &home);
        let error = scene.locate().unwrap_err().to_string();
        assert!(
            error.contains("home/.cache/codex-cli-bin (HOME): cannot create"),
            "{error}"
        );
        std::fs::create_dir(scene.dir.join("tmp")).unwrap();
        assert!(
            scene
                .locate()
                .unwrap()
                .entrypoint()
                .starts_with(scene.dir.join("tmp"))
        );

        // An entry that is there already is good, if somebody put it there before the last start too.
        testing::mount("mode=755", &home);
        std::fs::remove_dir_all(scene.dir.join("tmp")).unwrap();
        scene.locate().unwrap();
        let marker = scene.entry().join("ready");
        let text = std::fs::read_to_string(&marker).unwrap();
        std::fs::write(
            &marker,
            text.split_once("disk ").unwrap().0.to_owned() + "disk x\n",
        )
        .unwrap();
        testing::mount("remount,ro", &home);
        let runtime = scene.locate().unwrap();
        assert!(runtime.entrypoint().starts_with(&home));
        assert_good(&runtime);
    });
}
