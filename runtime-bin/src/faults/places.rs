//! Places where a cache can be, or cannot.

use std::ffi::OsString;

use super::assert_no_litter;
use crate::error::Error;
use crate::payload::PRODUCT;
use crate::testing::{self, Scene, assert_good, names};

static CRATE_NAME: &str = PRODUCT.crate_name;
static CACHE_DIR_ENV: &str = PRODUCT.cache_dir_env;

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
            .insert(CACHE_DIR_ENV, scene.dir.join(&path).into());
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
    scene
        .variables
        .insert(CACHE_DIR_ENV, scene.dir.join("home/.cache").into());
    let error = scene.locate().unwrap_err();
    let Error::NoPlace { tried } = &error else {
        panic!("{error}")
    };
    assert_eq!(tried.len(), 1);
    assert!(
        error
            .to_string()
            .contains(&format!("home/.cache ({CACHE_DIR_ENV}): cannot ")),
        "{error}"
    );
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

#[test]
#[cfg(unix)]
fn a_cache_directory_of_another_user() {
    let mut scene = Scene::new();
    // The directories here are ours, and we are somebody else.
    let user = scene.user.unwrap() + 4321;
    scene.user = Some(user);
    std::fs::create_dir_all(scene.cache()).unwrap();
    let shared = scene.dir.join(format!("tmp/{CRATE_NAME}-{user}"));
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
    scene.variables.insert(CACHE_DIR_ENV, scene.cache().into());
    assert_good(&scene.locate().unwrap());
}

#[test]
#[cfg(unix)]
fn the_directory_for_temporary_files_is_no_place_for_trust() {
    let mut scene = Scene::new();
    scene.variables.clear();
    let shared = scene
        .dir
        .join(format!("tmp/{CRATE_NAME}-{}", scene.user.unwrap()));
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
    testing::with_mounts(
        "faults::places::a_disk_that_is_full_at_every_twentieth",
        || {
            let scene = Scene::new();
            let size = scene.carried.bundle.size;
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
        },
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_system_that_is_read_only_or_noexec() {
    testing::with_mounts(
        "faults::places::a_file_system_that_is_read_only_or_noexec",
        || {
            let mut scene = Scene::new();
            let home = scene.dir.join("home");
            testing::mount("noexec", &home);
            let runtime = scene.locate().unwrap();
            assert!(runtime.entrypoint().starts_with(scene.dir.join("tmp")));
            assert_eq!(names(&scene.cache()), ["lock"]);
            scene.variables.insert(CACHE_DIR_ENV, home.clone().into());
            let error = scene.locate().unwrap_err().to_string();
            assert!(error.contains("mounted noexec"), "{error}");
            scene.variables.remove(CACHE_DIR_ENV);

            std::fs::remove_dir_all(scene.dir.join("tmp")).unwrap();
            testing::mount("ro", &home);
            let error = scene.locate().unwrap_err().to_string();
            assert!(
                error.contains(&format!("home/.cache/{CRATE_NAME} (HOME): cannot create")),
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
        },
    );
}
