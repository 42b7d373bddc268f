//! Programs that are asked for their schema.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use schema_types::{Error, Schema};
use serde_json::json;
use tempfile::TempDir;

use crate::{FILE, protocol};

const LIMIT: Duration = Duration::from_secs(20);

/// A program that says what it is told to.
struct Fake {
    dir: TempDir,
}

impl Fake {
    fn new(script: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let program = dir.path().join("codex");
        fs_err::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        Self { dir }
    }

    fn program(&self) -> PathBuf {
        self.dir.path().join("codex")
    }

    fn schema(&self, limit: Duration) -> Result<Schema, Error> {
        Schema::of_runtime(&self.program(), limit)
    }

    /// The process that the program has started.
    fn child(&self) -> Option<String> {
        let id = fs_err::read_to_string(self.dir.path().join("child")).ok()?;
        id.ends_with('\n').then(|| id.trim().to_owned())
    }

    /// Whether that process ends soon: the system may take a moment.
    fn child_has_ended(&self) -> bool {
        let id = self.child().unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            // A process that nobody waits for is there, as a zombie.
            let ps = Command::new("ps").args(["-o", "stat=", "-p", &id]).output();
            let state = String::from_utf8(ps.unwrap().stdout).unwrap();
            if state.trim().is_empty() || state.starts_with('Z') {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// The error, without where the program lies.
    fn refusal(&self, limit: Duration) -> String {
        let error = self.schema(limit).unwrap_err().to_string();
        error.replace(self.dir.path().to_str().unwrap(), "")
    }
}

/// Answers `--version`; what follows answers the other call, in which `$4` is DIR.
const CODEX: &str = r#"if [ "$1" = --version ]; then echo "codex-cli 0.163.0-alpha.1"; exit; fi"#;

#[test]
fn a_runtime_prints_its_version_and_its_schema() {
    let schema = protocol(json!({"A": true}));
    let fake = Fake::new(&format!(
        "{CODEX}\n[ \"$1 $2 $3\" = 'app-server generate-json-schema --out' ] || exit 9\n\
         mkdir \"$4\" && ls -A \"$CODEX_HOME\" >&2 && cat > \"$4/{FILE}\" <<'END'\n{schema}\nEND"
    ));
    let schema = fake.schema(LIMIT).unwrap();
    assert_eq!(schema.version(), Some("0.163.0-alpha.1"));
    let source = schema.types(&schema_types::Traits::Own).unwrap().source;
    assert!(source.contains("pub const RUNTIME_VERSION: &str = \"0.163.0-alpha.1\";"));
}

#[test]
fn what_is_no_codex_is_told_so() {
    for (script, message) in [
        (
            "",
            r#"`/codex --version` printed "", which is not `codex-cli VERSION`"#,
        ),
        (
            "echo node v20.1.0; echo more",
            r#"`/codex --version` printed "node v20.1.0", which is not `codex-cli VERSION`"#,
        ),
        (
            r"printf 'codex-cli \377\n'",
            r#"`/codex --version` printed "codex-cli �", which is not `codex-cli VERSION`"#,
        ),
        (
            "echo no such library >&2; exit 127",
            "`/codex --version` failed: exit status: 127; it wrote\nno such library",
        ),
        (
            "kill -9 $$",
            "`/codex --version` failed: signal: 9 (SIGKILL), and it wrote nothing to its standard error",
        ),
    ] {
        assert_eq!(Fake::new(script).refusal(LIMIT), message);
    }
}

#[test]
fn a_codex_that_prints_no_schema_is_told_so() {
    let codex = |script: &str| Fake::new(&format!("{CODEX}\n{script}"));
    assert_eq!(
        codex("exit 0").refusal(LIMIT),
        "/codex succeeded and wrote no schema"
    );
    assert_eq!(
        codex("echo \"unrecognized subcommand\" >&2; exit 2").refusal(LIMIT),
        "`/codex app-server generate-json-schema --out DIR` failed: exit status: 2; it wrote\n\
         unrecognized subcommand"
    );
    let error = codex("mkdir \"$4\"").refusal(LIMIT);
    assert!(
        error.starts_with(&format!("there is no {FILE} in ")),
        "{error}"
    );
}

#[test]
fn only_the_end_of_much_is_shown() {
    let fake = Fake::new("yes noise | head -c 3000000 >&2; echo the end >&2; exit 1");
    let error = fake.refusal(LIMIT);
    assert!(error.ends_with("noise\nthe end"), "{error}");
    assert!(error.len() < 2200);
}

#[test]
fn a_program_that_does_not_end_is_ended() {
    let start = Instant::now();
    assert_eq!(
        Fake::new("exec sleep 1000").refusal(Duration::from_millis(1500)),
        "`/codex --version` did not end within 1 s"
    );
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_program_that_is_ended_takes_its_children_with_it() {
    let fake = Fake::new(r#"sleep 1000 & echo $! > "$(dirname "$0")/child"; wait"#);
    let error = fake.refusal(Duration::from_millis(1500));
    assert_eq!(error, "`/codex --version` did not end within 1 s");
    assert!(fake.child_has_ended());
}

#[test]
fn a_program_that_writes_without_end_is_ended() {
    for to in ["1", "2"] {
        let error = Fake::new(&format!("exec yes >&{to}")).refusal(Duration::from_secs(100));
        assert_eq!(error, "`/codex --version` wrote more than 64 MiB");
    }
}

#[test]
fn a_file_that_is_no_program_cannot_be_run() {
    let fake = Fake::new("");
    fs_err::set_permissions(fake.program(), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(fake.refusal(LIMIT), "/codex cannot be run");
    fs_err::write(fake.program(), "\x7fELF").unwrap();
    fs_err::set_permissions(fake.program(), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(fake.refusal(LIMIT), "/codex cannot be run");
    fs_err::remove_file(fake.program()).unwrap();
    assert_eq!(fake.refusal(LIMIT), "/codex cannot be run");
}
