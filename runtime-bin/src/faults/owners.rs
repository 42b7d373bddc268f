//! Whose the places are where a cache can be. Windows has links and owners too; nobody asks for them there,
//! where these places lie in the user's profile.

use crate::error::Error;
use crate::payload::PRODUCT;
use crate::testing::{self, Scene, assert_good, names};

static CRATE_NAME: &str = PRODUCT.crate_name;
static CACHE_DIR_ENV: &str = PRODUCT.cache_dir_env;

#[test]
fn a_cache_directory_that_is_a_link() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.cache().parent().unwrap()).unwrap();
    std::fs::create_dir(scene.dir.join("big disk")).unwrap();
    std::os::unix::fs::symlink(scene.dir.join("big disk"), scene.cache()).unwrap();
    assert_good(&scene.locate().unwrap());
    assert_eq!(names(&scene.dir.join("big disk")).len(), 2);
}

#[test]
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
