//! A server that fails, at each stage of a turn: the right error, in time, whoever waits.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use codex_app_server_sdk::{Codex, Error, ThreadOptions, TurnResult};

use crate::support::{config, limit, within};

/// The stages of a turn at which a server can fail.
const STAGES: [&str; 7] = [
    "start",
    "initialize",
    "thread",
    "request",
    "answer",
    "delta",
    "item",
];
/// How long a test allows a server that never answers.
const PATIENCE: Duration = Duration::from_secs(1);

/// A whole turn, from nothing.
fn turn(scenario: &str) -> Result<TurnResult, Error> {
    let scenario = scenario.to_owned();
    within(Duration::from_secs(20), move || {
        let config = match scenario.as_str() {
            "hangs start" | "hangs initialize" => config(&scenario).start_timeout(PATIENCE),
            hangs if hangs.starts_with("hangs") => config(hangs).request_timeout(PATIENCE),
            other => config(other),
        };
        let codex = Codex::with(config)?;
        let thread = codex.thread_start(ThreadOptions::new())?;
        thread.run("hello")
    })
}

#[test]
fn nothing_fails_where_nothing_is_wrong() {
    assert_eq!(
        turn("normal").unwrap().final_response.unwrap(),
        "echo: hello"
    );
}

#[test]
fn a_killed_process_has_ended_with_its_last_words_at_every_stage() {
    for stage in STAGES {
        match turn(&format!("dies {stage}")).unwrap_err() {
            Error::Ended { status, stderr } => {
                assert!(was_killed(status.unwrap()), "{stage}: {status:?}");
                assert_eq!(stderr, "the last words", "{stage}");
            }
            other => panic!("{stage}: {other:?}"),
        }
    }
}

fn was_killed(status: ExitStatus) -> bool {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status) == Some(9);
    // There are no signals: the code is that of the exception, or the one that the killer chose.
    #[cfg(windows)]
    return !matches!(status.code(), None | Some(0));
}

#[test]
fn a_process_that_gives_up_says_why() {
    let code = if cfg!(windows) {
        "exit code: 3"
    } else {
        "exit status: 3"
    };
    for stage in STAGES {
        let error = turn(&format!("exits {stage}")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("Codex ended with {code}, after it wrote:\nERROR no disk"),
            "{stage}"
        );
        assert!(error.help().contains("resumed"), "{}", error.help());
    }
}

#[test]
fn a_server_that_never_answers_runs_into_the_limit_of_what_it_was_asked() {
    for (stage, method) in [
        ("start", "initialize"),
        ("initialize", "initialize"),
        ("thread", "thread/start"),
        ("request", "turn/start"),
    ] {
        match turn(&format!("hangs {stage}")).unwrap_err() {
            Error::TimedOut { what, after } => {
                assert_eq!((what.as_str(), after), (method, PATIENCE));
            }
            other => panic!("{stage}: {other:?}"),
        }
    }
}

#[test]
fn a_turn_that_never_ends_runs_into_its_own_limit() {
    use codex_app_server_sdk::TurnOptions;
    for stage in ["answer", "delta", "item"] {
        let scenario = format!("hangs {stage}");
        let error = within(Duration::from_secs(20), move || {
            let codex = Codex::with(config(&scenario)).unwrap();
            let thread = codex.thread_start(ThreadOptions::new()).unwrap();
            thread
                .run_with("hello", TurnOptions::new().timeout(PATIENCE))
                .unwrap_err()
        });
        assert_eq!(
            error.to_string(),
            "the turn took longer than 1 s",
            "{stage}"
        );
    }
}

#[test]
fn what_is_not_the_protocol_is_named() {
    for (what, message) in [
        (
            "words",
            r#"expected value at line 1 column 1, in the line "hello, world""#,
        ),
        (
            "bytes",
            "expected value at line 1 column 1, in the line \"\u{fffd}\u{fffd}",
        ),
        (
            "empty",
            r#"EOF while parsing a value at line 1 column 0, in the line """#,
        ),
        ("number", "invalid type: integer `17`"),
        ("array", "neither a method nor an id"),
        ("object", "neither a method nor an id"),
        ("deep", "EOF while parsing a list"),
        ("twice", "duplicate field `id`"),
        ("nothing", "neither a result nor an error"),
    ] {
        for stage in ["start", "thread", "delta"] {
            let error = turn(&format!("says {what} {stage}")).unwrap_err();
            assert!(
                matches!(error, Error::Protocol(_)),
                "{what} {stage}: {error:?}"
            );
            assert!(
                error.to_string().contains(message),
                "{what} {stage}: {error}"
            );
            assert!(error.help().contains("codex_bin"), "{}", error.help());
        }
    }
}

#[test]
fn half_a_line_at_the_end_is_an_end() {
    // Half a line, and then the next message in the same line: that is no message.
    let error = turn("says half thread").unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
}

#[test]
fn a_line_may_come_in_pieces() {
    assert_eq!(
        turn("pieces").unwrap().final_response.unwrap(),
        "echo: hello"
    );
}

#[test]
fn a_line_of_50_mb_is_read() {
    let result = turn("large 50000000").unwrap();
    assert_eq!(result.final_response.as_deref(), Some("echo: hello"));
}

#[test]
fn a_line_that_is_too_long_ends_the_connection() {
    let error = within(Duration::from_secs(20), || {
        let codex = Codex::with(config("large 50000000").max_message(1 << 20)).unwrap();
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        thread.run("hello").unwrap_err()
    });
    assert_eq!(
        error.to_string(),
        "this is not what a Codex app-server says: a message of more than 1048576 bytes"
    );
}

/// What is said of a process that closes a pipe and does not end.
const KILLED: &str = "this is not what a Codex app-server says: it closed its stdin or stdout, went on \
                      running, and was killed";

#[test]
fn a_process_without_stdout_is_killed() {
    for stage in ["start", "thread", "answer", "delta"] {
        let begin = Instant::now();
        let error = turn(&format!("closes-stdout {stage}")).unwrap_err();
        assert_eq!(error.to_string(), KILLED, "{stage}");
        assert!(begin.elapsed() < limit(Duration::from_secs(5)));
    }
}

#[test]
fn a_process_without_stdin_is_killed_when_there_is_something_to_say() {
    let error = within(Duration::from_secs(20), || {
        let codex = Codex::with(config("closes-stdin item")).unwrap();
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        thread.run("hello").unwrap();
        thread.run("hello").unwrap_err()
    });
    assert_eq!(error.to_string(), KILLED);
}

#[test]
fn answers_without_what_they_should_have_are_named() {
    for method in ["initialize", "thread/start", "turn/start", "turn/completed"] {
        let error = turn(&format!("shapeless {method}")).unwrap_err();
        assert!(matches!(error, Error::Protocol(_)), "{method}: {error:?}");
        assert!(error.to_string().contains(method), "{method}: {error}");
    }
}

#[test]
fn a_server_that_asks_and_never_listens_is_cut_off() {
    let error = turn("asks-for-ever").unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
    assert!(
        error.to_string().contains("1024 requests at once"),
        "{error}"
    );
}

#[test]
fn what_ends_the_connection_is_the_answer_to_what_comes_later_too() {
    within(Duration::from_secs(20), || {
        let codex = Codex::with(config("exits delta")).unwrap();
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        let first = thread.run("hello").unwrap_err();
        let second = thread.run("hello").unwrap_err();
        assert_eq!(first.to_string(), second.to_string());
    });
}
