//! Which server is started, how, and why not.

use std::path::PathBuf;
use std::time::Duration;

use codex_app_server_sdk::{AsyncCodex, Codex, Config, Error, ThreadOptions};
use serde_json::{Value, json};

use crate::support::{codex, config, server, within};

fn refusal(config: Config) -> Error {
    within(Duration::from_secs(20), || Codex::with(config).unwrap_err())
}

#[test]
fn the_server_says_who_it_is() {
    let server = codex("normal").server().unwrap();
    assert_eq!(server.version, "0.163.0");
    assert_eq!(server.codex_home.as_deref(), Some("/h"));
    for name in ["my/program", "my app (beta)"] {
        let named = Codex::with(config("normal").client(name, "1.0")).unwrap();
        let server = named.server().unwrap();
        assert_eq!(
            server.user_agent,
            format!("{name}/0.163.0 (Test 1; x) none")
        );
        assert_eq!(server.version, "0.163.0");
    }
}

#[test]
fn there_is_nothing_at_codex_bin() {
    let error = refusal(Config::new().codex_bin("/nowhere/codex"));
    assert!(matches!(&error, Error::CodexBinMissing(path) if path.as_os_str() == "/nowhere/codex"));
    assert_eq!(
        error.to_string(),
        "codex_bin is /nowhere/codex: there is nothing there"
    );
    assert!(
        error.help().starts_with("point codex_bin at"),
        "{}",
        error.help()
    );
}

#[test]
fn codex_bin_may_not_be_executed() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = refusal(Config::new().codex_bin(&file));
    if cfg!(windows) {
        // No file is marked as a program there: the system says so when it is started.
        assert!(matches!(error, Error::Start { .. }), "{error:?}");
        return;
    }
    assert!(
        matches!(&error, Error::CodexBinNotExecutable(path) if *path == file),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        format!("codex_bin is {}: it is not executable", file.display())
    );
    assert_eq!(error.help(), format!("chmod +x {}", file.display()));
}

#[test]
fn codex_bin_is_a_directory_without_a_codex() {
    let error = refusal(Config::new().codex_bin(env!("CARGO_MANIFEST_DIR")));
    assert!(matches!(error, Error::CodexBin(_)), "{error:?}");
    assert!(
        error.to_string().contains("is not a package directory"),
        "{error}"
    );
}

#[test]
fn this_build_carries_no_runtime() {
    // The other source of a runtime.
    let other = std::env::var_os("CODEX_CLI_BIN_PATH");
    assert_eq!(other, None, "unset CODEX_CLI_BIN_PATH for this test");
    let error = refusal(Config::new());
    assert!(matches!(error, Error::NoRuntime(_)), "{error:?}");
    assert!(
        error
            .to_string()
            .starts_with("this program carries no Codex"),
        "{error}"
    );
    assert!(
        error.help().contains("Config::codex_bin"),
        "{}",
        error.help()
    );
}

#[test]
fn an_executable_that_the_system_does_not_know() {
    let error = refusal(config("normal").cwd("/nowhere"));
    assert!(matches!(error, Error::Start { .. }), "{error:?}");
    assert!(error.to_string().starts_with("cannot start "), "{error}");
}

#[test]
fn a_server_that_is_too_old_or_too_new_is_named_with_what_would_do() {
    let old = refusal(config("normal").env("VERSION", "0.99.0"));
    assert!(matches!(old, Error::TooOld { .. }), "{old:?}");
    assert_eq!(
        old.to_string(),
        "this is Codex 0.99.0, and this SDK needs 0.116.0 or newer"
    );
    let new = refusal(config("normal").env("VERSION", "1.0.0-alpha.1"));
    assert!(matches!(new, Error::TooNew { .. }), "{new:?}");
    assert_eq!(
        new.to_string(),
        "this is Codex 1.0.0-alpha.1, and this SDK is made for versions before 1.0.0"
    );
    for error in [old, new] {
        assert!(
            error.help().contains("the Codex that this SDK brings"),
            "{}",
            error.help()
        );
    }
    let any = config("normal").env("VERSION", "7.0.0").any_version(true);
    assert_eq!(Codex::with(any).unwrap().server().unwrap().version, "7.0.0");
    let none = refusal(config("normal").env("VERSION", "of today"));
    assert!(none.to_string().contains("has no version"), "{none}");
}

#[test]
fn the_process_gets_what_the_configuration_says() {
    let dir = std::path::absolute("/").unwrap();
    let config = config("environment")
        .option("model=\"m\"")
        .option("a.b=1")
        .cwd(&dir)
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("OWN", "1");
    let codex = Codex::with(config).unwrap();
    let told = codex
        .thread_start(ThreadOptions::new())
        .unwrap()
        .run("x")
        .unwrap();
    let told: Value = told.parse().unwrap();
    let arguments = [
        "--config",
        "model=\"m\"",
        "--config",
        "a.b=1",
        "app-server",
        "--listen",
        "stdio://",
    ];
    assert_eq!(told["argv"], Value::from(arguments.to_vec()));
    assert_eq!(told["cwd"], dir.to_str().unwrap());
    assert_eq!(told["env"]["OWN"], "1");
    // Ctrl-C is for this program, which closes the other.
    let group = if cfg!(unix) { true.into() } else { Value::Null };
    assert_eq!(told["group"], group);
}

#[test]
fn the_helpers_of_a_package_are_in_front_of_the_path() {
    // Cargo's path is that of the system that compiles.
    let root = std::path::absolute(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = root.join("package");
    let _ = fs_err::remove_dir_all(&root);
    for dir in ["bin", "codex-path"] {
        fs_err::create_dir_all(root.join(dir)).unwrap();
    }
    let executable = format!("bin/codex{}", std::env::consts::EXE_SUFFIX);
    fs_err::copy(server(), root.join(&executable)).unwrap();
    let metadata = json!({"layoutVersion": 1, "version": "0.163.0", "target": "any", "variant": "codex",
        "entrypoint": executable, "pathDir": "codex-path"});
    fs_err::write(root.join("codex-package.json"), metadata.to_string()).unwrap();
    let own_path = std::env::join_paths(["/usr/local/bin", "/usr/bin"]).unwrap();
    for own_path in [None, own_path.to_str()] {
        let mut config = config("environment").codex_bin(&root);
        if let Some(path) = own_path {
            config = config.env("PATH", path);
        }
        let codex = Codex::with(config).unwrap();
        let told = codex
            .thread_start(ThreadOptions::new())
            .unwrap()
            .run("x")
            .unwrap();
        let told: Value = told.parse().unwrap();
        let path = told["env"]["PATH"].as_str().unwrap();
        let helpers = root.join("codex-path");
        let own_path = own_path.map_or_else(|| std::env::var("PATH").unwrap(), str::to_owned);
        let parts = std::iter::once(helpers).chain(std::env::split_paths(&own_path));
        let expected = std::env::join_paths(parts.filter(|dir| !dir.as_os_str().is_empty()));
        assert_eq!(path, expected.unwrap().to_str().unwrap());
    }
}

#[test]
fn an_asynchronous_client_needs_tokio_and_says_so() {
    let mut client = std::pin::pin!(async { AsyncCodex::with(config("normal")).server().await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = client.as_mut().poll(&mut context) else {
        panic!("it waits for something");
    };
    let error = result.unwrap_err();
    assert!(matches!(error, Error::NoTokio(_)), "{error:?}");
    assert!(error.help().contains("enable_all"), "{}", error.help());
}
