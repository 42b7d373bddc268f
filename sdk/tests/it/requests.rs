//! What the server asks, and what it is answered.

use std::time::Duration;

use codex_app_server_sdk::{
    AsyncCodex, Codex, Config, Reply, RequestKind, ServerRequest, ThreadOptions,
};
use serde_json::{Value, json};

use crate::support::{config, within};

const COMMAND: &str = r#"item/commandExecution/requestApproval {"command": "make"}"#;
const FILES: &str = r#"item/fileChange/requestApproval {"reason": "because"}"#;
const PERMISSIONS: &str =
    r#"item/permissions/requestApproval {"permissions": {"network": {"enabled": true}}}"#;

/// What the server is answered when it asks this.
fn answer(config: Config, question: &str) -> Value {
    let question = question.to_owned();
    within(Duration::from_secs(20), move || {
        let codex = Codex::with(config).unwrap();
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        thread.run(question).unwrap().parse().unwrap()
    })
}

fn replying(reply: fn() -> Reply) -> Config {
    config("asks").on_request(move |_| reply())
}

#[test]
fn everything_is_declined_unless_somebody_answers() {
    for (question, refusal) in [
        (COMMAND, json!({"decision": "decline"})),
        (FILES, json!({"decision": "decline"})),
        (PERMISSIONS, json!({"permissions": {}})),
        (
            "mcpServer/elicitation/request",
            json!({"action": "decline"}),
        ),
        ("item/tool/requestUserInput", json!({"answers": {}})),
        (
            "item/tool/call",
            json!({"contentItems": [], "success": false}),
        ),
    ] {
        assert_eq!(
            answer(config("asks"), question),
            json!({"result": refusal}),
            "{question}"
        );
    }
    assert_eq!(
        answer(config("asks"), "item/tomorrow/request"),
        json!({"error": {"code": -32601, "message": "this client does not answer item/tomorrow/request"}})
    );
}

#[test]
fn approvals_are_given_in_the_words_of_what_was_asked() {
    for (question, reply, result) in [
        (
            COMMAND,
            Reply::accept as fn() -> Reply,
            json!({"decision": "accept"}),
        ),
        (
            COMMAND,
            Reply::accept_for_session,
            json!({"decision": "acceptForSession"}),
        ),
        (COMMAND, Reply::cancel, json!({"decision": "cancel"})),
        (FILES, Reply::accept, json!({"decision": "accept"})),
        (
            PERMISSIONS,
            Reply::accept,
            json!({"permissions": {"network": {"enabled": true}}, "scope": "turn"}),
        ),
        (
            PERMISSIONS,
            Reply::accept_for_session,
            json!({"permissions": {"network": {"enabled": true}}, "scope": "session"}),
        ),
        (PERMISSIONS, Reply::cancel, json!({"permissions": {}})),
        // More than a yes is needed.
        (
            "item/tool/call",
            Reply::accept,
            json!({"contentItems": [], "success": false}),
        ),
        (
            "item/permissions/requestApproval",
            Reply::accept,
            json!({"permissions": {}}),
        ),
        (
            "mcpServer/elicitation/request",
            Reply::cancel,
            json!({"action": "cancel"}),
        ),
    ] {
        assert_eq!(
            answer(replying(reply), question),
            json!({"result": result}),
            "{question}"
        );
    }
    let own = || Reply::result(json!({"decision": {"own": 1}}));
    assert_eq!(
        answer(replying(own), COMMAND),
        json!({"result": {"decision": {"own": 1}}})
    );
    let error = || Reply::error("not today");
    assert_eq!(
        answer(replying(error), COMMAND)["error"]["message"],
        "not today"
    );
}

#[test]
fn a_handler_sees_what_is_asked() {
    let config = config("asks").on_request(|request| match request.kind() {
        RequestKind::CommandApproval(approval) => {
            assert_eq!(approval.command.as_deref(), Some("make"));
            assert!(
                approval.thread_id.starts_with("thread-") && approval.turn_id.starts_with("turn-")
            );
            Reply::accept()
        }
        RequestKind::FileChangeApproval(approval) => {
            assert_eq!(approval.reason.as_deref(), Some("because"));
            Reply::cancel()
        }
        _ => Reply::result(json!({"method": request.method()})),
    });
    assert_eq!(
        answer(config.clone(), COMMAND)["result"]["decision"],
        "accept"
    );
    assert_eq!(
        answer(config.clone(), FILES)["result"]["decision"],
        "cancel"
    );
    assert_eq!(answer(config, "a/b")["result"]["method"], "a/b");
}

#[test]
fn a_handler_that_panics_has_agreed_to_nothing() {
    let blocking = config("asks").on_request(|_| panic!("on purpose"));
    assert_eq!(answer(blocking, COMMAND)["result"]["decision"], "decline");
    let future = config("asks").on_request_async(|_| async { panic!("on purpose") });
    assert_eq!(answer(future, COMMAND)["result"]["decision"], "decline");
}

#[test]
fn a_handler_may_take_its_time_and_stops_nobody() {
    let slow = |request: &ServerRequest| {
        assert_eq!(request.method(), "item/commandExecution/requestApproval");
        std::thread::sleep(Duration::from_millis(500));
        Reply::accept()
    };
    within(Duration::from_secs(20), move || {
        let codex = Codex::with(config("asks").on_request(slow)).unwrap();
        let asking = codex
            .thread_start(ThreadOptions::new())
            .unwrap()
            .turn(COMMAND)
            .unwrap();
        // Answered while the handler is at it.
        assert_eq!(
            codex.thread_start(ThreadOptions::new()).unwrap().id(),
            "thread-2"
        );
        let result: Value = asking.run().unwrap().parse().unwrap();
        assert_eq!(result["result"]["decision"], "accept");
    });
}

#[test]
fn a_handler_may_be_asynchronous() {
    let config = config("asks").on_request_async(|request| async move {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(matches!(request.kind(), RequestKind::CommandApproval(_)));
        Reply::accept()
    });
    assert_eq!(
        answer(config.clone(), COMMAND)["result"]["decision"],
        "accept"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let decision = runtime.block_on(async {
        let codex = AsyncCodex::with(config);
        let thread = codex.thread_start(ThreadOptions::new()).await.unwrap();
        thread.run(COMMAND).await.unwrap().parse::<Value>().unwrap()
    });
    assert_eq!(decision["result"]["decision"], "accept");
}
