//! What comes of turns, and of errors that a server answers with.

use std::time::{Duration, Instant};

use codex_app_server_sdk::{
    Error, Event, InputItem, ItemKind, ItemStatus, Retry, RpcErrorKind, ThreadOptions, TurnStatus,
    retry_on_overload,
};
use serde::Deserialize;
use serde_json::json;

use crate::support::{codex, limit, thread_of, within};

#[test]
fn a_stream_ends_with_its_turn_and_the_result_follows_from_it() {
    let turn = thread_of("normal").turn("hello").unwrap();
    let events: Vec<Event> = turn.stream().map(|next| next.unwrap().event()).collect();
    let said: String = events
        .iter()
        .filter_map(|event| match event {
            Event::MessageDelta(delta) => Some(delta.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(said, "echo: hello");
    assert!(
        matches!(events.last(), Some(Event::TurnCompleted(turn)) if turn.status == TurnStatus::Completed)
    );
    let result = turn.run().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("echo: hello"));
    assert_eq!((result.items.len(), result.missed), (1, 0));
    assert_eq!(turn.stream().count(), 0);
    assert_eq!(turn.run().unwrap(), result);
}

#[test]
fn inputs_may_be_parts() {
    let parts = [
        InputItem::text("one"),
        InputItem::image("https://example.org/a.png"),
    ];
    let result = thread_of("normal").run(parts).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("echo: one"));
}

#[test]
fn what_is_not_known_yet_is_kept() {
    let turn = thread_of("unknown").turn("x").unwrap();
    let others: Vec<String> = turn
        .stream()
        .filter_map(|next| match next.unwrap().event() {
            Event::Other(notification) => Some(format!(
                "{} {}",
                notification.method(),
                notification.params().get().len()
            )),
            _ => None,
        })
        .collect();
    assert_eq!(others.len(), 2, "{others:?}");
    assert!(others[0].starts_with("turn/newThing "));
    assert!(others[1].starts_with("thread/tokenUsage/updated "));
    let result = turn.run().unwrap();
    assert_eq!(result.status, TurnStatus::Other("dreamed".to_owned()));
    assert_eq!(result.items[0].kind, ItemKind::Other);
    assert_eq!(
        result.items[0].json().parse::<serde_json::Value>().unwrap()["depth"],
        3
    );
    let ItemKind::CommandExecution { status, .. } = &result.items[1].kind else {
        panic!("{:?}", result.items[1]);
    };
    assert_eq!(*status, ItemStatus::Other("pondered".to_owned()));
    assert!(result.items[1].json().get().contains("shiny"));
}

#[test]
fn a_turn_that_fails_is_an_error_with_all_that_happened() {
    let error = thread_of("fails badRequest").run("x").unwrap_err();
    assert_eq!(error.to_string(), "the turn failed: it went wrong");
    assert!(!error.is_overload());
    let Error::TurnFailed(result) = error else {
        panic!()
    };
    assert_eq!(result.final_response.as_deref(), Some("so far"));
    assert_eq!(result.error.unwrap().kind(), Some("badRequest"));
}

#[test]
fn a_turn_without_a_login_says_so() {
    let error = thread_of("fails unauthorized").run("x").unwrap_err();
    assert_eq!(error.to_string(), "Codex is not logged in: it went wrong");
    assert!(error.help().contains("codex login"), "{}", error.help());
}

#[derive(Debug, PartialEq, Deserialize)]
struct Count {
    files: u32,
}

#[test]
fn a_final_response_is_read_as_a_type() {
    let schema = json!({"type": "object"});
    let count: Count = thread_of("answers {\"files\":3}")
        .run_as("x", schema.clone())
        .unwrap();
    assert_eq!(count, Count { files: 3 });
    let error = thread_of("answers three")
        .run_as::<Count>("x", schema)
        .unwrap_err();
    assert!(
        matches!(&error, Error::Response { text, .. } if text == "three"),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with("the final response is not what was asked for"),
        "{error}"
    );
}

#[test]
fn each_code_has_its_kind() {
    for (code, kind) in [
        (-32700, RpcErrorKind::Parse),
        (-32600, RpcErrorKind::InvalidRequest),
        (-32601, RpcErrorKind::MethodNotFound),
        (-32602, RpcErrorKind::InvalidParams),
        (-32603, RpcErrorKind::Internal),
        (-32050, RpcErrorKind::Server),
        (12, RpcErrorKind::Other),
    ] {
        let error = codex(&format!("code {code}"))
            .thread_start(ThreadOptions::new())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("Codex refused thread/start: no ({code})")
        );
        assert!(!error.is_overload());
        let Error::Rpc(error) = error else { panic!() };
        assert_eq!(
            (error.kind(), &error.data),
            (kind, &Some(json!({"why": "x"})))
        );
    }
}

#[test]
fn only_overload_is_tried_again() {
    let quick = Retry::new().delay(Duration::from_millis(20));
    let thread = thread_of("overloaded 2");
    let result = quick.run(|| thread.run("x")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("echo: x"));

    let thread = thread_of("overloaded 3");
    let error = quick.run(|| thread.run("x")).unwrap_err();
    assert!(error.is_overload(), "{error:?}");
    assert!(
        error.help().contains("retry_on_overload"),
        "{}",
        error.help()
    );

    let mut attempts = 0;
    let thread = thread_of("fails badRequest");
    let failed = retry_on_overload(|| {
        attempts += 1;
        thread.run("x")
    });
    assert!(failed.is_err());
    assert_eq!(attempts, 1);

    let mut attempts = 0;
    let thread = thread_of("fails serverOverloaded");
    let failed = quick.run(|| {
        attempts += 1;
        thread.run("x")
    });
    assert!(failed.unwrap_err().is_overload());
    assert_eq!(attempts, 3);
}

#[test]
fn an_interrupted_turn_is_a_result() {
    within(Duration::from_secs(20), || {
        let turn = thread_of("open").turn("x").unwrap();
        turn.interrupt().unwrap();
        assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
        // Once more, and it has ended already.
        turn.interrupt().unwrap();
    });
}

#[test]
fn interrupting_what_has_ended_waits_for_nothing() {
    within(Duration::from_secs(20), || {
        let begin = Instant::now();
        let turn = thread_of("open mute").turn("end").unwrap();
        turn.interrupt().unwrap();
        assert_eq!(turn.run().unwrap().status, TurnStatus::Completed);
        assert!(begin.elapsed() < limit(Duration::from_secs(10)));
    });
}

#[test]
fn an_agent_is_steered_while_it_works() {
    within(Duration::from_secs(20), || {
        let turn = thread_of("open").turn("x").unwrap();
        turn.steer("end").unwrap();
        assert_eq!(
            turn.run().unwrap().final_response.as_deref(),
            Some("echo: end")
        );
    });
}
