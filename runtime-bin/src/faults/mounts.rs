//! File systems that are full, read-only or `noexec`. Only Linux lets a test mount one.

use super::assert_no_litter;
use crate::error::Error;
use crate::payload::PRODUCT;
use crate::testing::{self, Scene, assert_good, names};

static CRATE_NAME: &str = PRODUCT.crate_name;
static CACHE_DIR_ENV: &str = PRODUCT.cache_dir_env;

#[test]
fn a_disk_that_is_full_at_every_twentieth() {
    testing::with_mounts(
        "faults::mounts::a_disk_that_is_full_at_every_twentieth",
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
fn a_file_system_that_is_read_only_or_noexec() {
    if std::env::var_os("QEMU_LD_PREFIX").is_some() {
        println!("not run: under QEMU, a start that the system refuses looks like one that worked");
        return;
    }
    testing::with_mounts(
        "faults::mounts::a_file_system_that_is_read_only_or_noexec",
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
