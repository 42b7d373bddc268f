//! The client with a real Codex and a model on loopback, whose answers
//! tests/support/model_server.py describes.
//!
//! tests/sdk/test_sdk.py runs this: it brings the Codex (`CODEX_CLI_BIN_PATH`), and a `CODEX_HOME`
//! that names the model.

use std::path::PathBuf;
use std::time::Duration;

use codex_app_server_sdk::protocol::{Method, ServerNotification};
use codex_app_server_sdk::{
    ApprovalPolicy, AsyncCodex, Codex, Config, Error, Event, ForkOptions, InputItem, ItemKind,
    ItemStatus, ListOptions, Reply, RequestKind, ResumeOptions, Retry, Sandbox, Thread,
    ThreadOptions, TurnOptions, TurnStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

/// An empty directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("real")
        .join(name);
    let _ = fs_err::remove_dir_all(&dir);
    fs_err::create_dir_all(&dir).unwrap();
    dir
}

/// A thread that may do anything, in a directory of its own.
fn free(codex: &Codex, name: &str) -> Thread {
    let options = ThreadOptions::new()
        .cwd(directory(name))
        .sandbox(Sandbox::DangerFullAccess)
        .approval_policy(ApprovalPolicy::Never);
    codex.thread_start(options).unwrap()
}

#[test]
fn a_turn_by_run_and_by_stream() {
    let codex = Codex::new().unwrap();
    assert_eq!(
        codex.server().unwrap().version,
        std::env::var("CODEX_VERSION").unwrap()
    );
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();

    let result = thread.run("good morning").unwrap();
    assert_eq!(result.final_response.as_deref(), Some("echo: good morning"));
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(result.usage.unwrap().last.output_tokens, 5);
    assert!(matches!(result.items[0].kind, ItemKind::UserMessage { .. }));

    let turn = thread.turn("deltas 50").unwrap();
    let mut text = String::new();
    let mut last = None;
    for notification in turn.stream() {
        let event = notification.unwrap().event();
        if let Event::MessageDelta(delta) = &event {
            text.push_str(&delta.text);
        }
        last = Some(event);
    }
    assert!(
        text.starts_with("0 1 2 ") && text.ends_with("48 49 "),
        "{text}"
    );
    assert!(
        matches!(last, Some(Event::TurnCompleted(turn)) if turn.status == TurnStatus::Completed)
    );
    assert_eq!(
        turn.run().unwrap().final_response.as_deref(),
        Some(text.as_str())
    );
}

#[test]
fn a_thread_is_resumed_in_a_new_process_and_forked() {
    let dir = directory("resume");
    let codex = Codex::new().unwrap();
    let thread = codex.thread_start(ThreadOptions::new().cwd(&*dir)).unwrap();
    thread.run("my name is Ada").unwrap();
    let id = thread.id().to_owned();
    drop(thread);
    codex.close().unwrap();

    let codex = Codex::new().unwrap();
    let resumed = codex.thread_resume(&id, ResumeOptions::new()).unwrap();
    assert_eq!(resumed.id(), id);
    let recalled = resumed.run("recall").unwrap().final_response;
    assert_eq!(recalled.as_deref(), Some("my name is Ada; recall"));

    let fork = codex.thread_fork(&id, ForkOptions::new()).unwrap();
    assert_ne!(fork.id(), id);
    fork.run("the fork").unwrap();
    let recalled = fork.run("recall").unwrap().final_response;
    assert_eq!(
        recalled.as_deref(),
        Some("my name is Ada; recall; the fork; recall")
    );
    // The other one knows nothing of that.
    let recalled = resumed.run("recall").unwrap().final_response;
    assert_eq!(recalled.as_deref(), Some("my name is Ada; recall; recall"));

    assert_eq!(codex.thread_read(&id, true).unwrap().turns.len(), 3);
    assert!(codex.thread_read(&id, false).unwrap().turns.is_empty());
    let info = codex.thread_read(fork.id(), false).unwrap();
    assert_eq!(info.forked_from_id.as_deref(), Some(&*id));

    let listed = |archived: bool| {
        let mut ids = Vec::new();
        let mut options = ListOptions::new()
            .cwd(&*dir)
            .limit(10_u32)
            .archived(archived);
        loop {
            let page = codex.thread_list(options.clone()).unwrap();
            ids.extend(page.data.into_iter().map(|thread| thread.id));
            let Some(next) = page.next_cursor else {
                return ids;
            };
            options = options.cursor(next);
        }
    };
    let fork = fork.id().to_owned();
    let both = [fork.clone(), id.clone()];
    let sorted = |mut ids: Vec<String>| {
        ids.sort_by_key(|id| both.iter().position(|other| other == id));
        ids
    };
    assert_eq!(sorted(listed(false)), both);
    codex.thread_archive(&id).unwrap();
    assert_eq!(
        (listed(false), listed(true)),
        (vec![fork], vec![id.clone()])
    );
    codex.thread_unarchive(&id).unwrap();
    assert_eq!(sorted(listed(false)), both);
}

#[test]
fn a_turn_is_interrupted_in_the_middle() {
    let codex = Codex::new().unwrap();
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    let turn = thread.turn("slow so far").unwrap();
    let said = turn
        .stream()
        .find_map(|notification| match notification.unwrap().event() {
            Event::MessageDelta(delta) => Some(delta.text),
            _ => None,
        });
    assert_eq!(said.as_deref(), Some("so far"));
    turn.interrupt().unwrap();
    assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
    // Codex does not answer this one.
    turn.interrupt().unwrap();

    let limited = TurnOptions::new().timeout(Duration::from_millis(500));
    let error = thread.run_with("slow again", limited).unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(
        thread.run("after").unwrap().final_response.as_deref(),
        Some("echo: after")
    );
}

#[test]
fn a_turn_is_steered_while_a_command_runs() {
    let codex = Codex::new().unwrap();
    let turn = free(&codex, "steer").turn("run sleep 2").unwrap();
    for notification in turn.stream() {
        if let Event::ItemStarted(item) = notification.unwrap().event()
            && matches!(item.kind, ItemKind::CommandExecution { .. })
        {
            turn.steer("json steered").unwrap();
            break;
        }
    }
    assert_eq!(
        turn.run().unwrap().final_response.as_deref(),
        Some("steered")
    );
}

#[test]
fn an_approval_is_asked_and_answered() {
    let dir = directory("approval");
    let yes = dir.join("yes");
    let wanted = format!("touch {}", yes.display());
    let config = Config::new().on_request(move |request| match request.kind() {
        RequestKind::CommandApproval(approval)
            if approval
                .command
                .as_ref()
                .is_some_and(|command| command.contains(&wanted)) =>
        {
            Reply::accept()
        }
        _ => Reply::decline(),
    });
    let codex = Codex::with(config).unwrap();
    let options = ThreadOptions::new()
        .cwd(&*dir)
        .sandbox(Sandbox::DangerFullAccess)
        .approval_policy(ApprovalPolicy::Untrusted);
    let thread = codex.thread_start(options).unwrap();
    for (file, status) in [("yes", ItemStatus::Completed), ("no", ItemStatus::Declined)] {
        let path = dir.join(file);
        let result = thread.run(format!("run touch {}", path.display())).unwrap();
        let command = result.items.iter().find_map(|item| match &item.kind {
            ItemKind::CommandExecution { status, .. } => Some(status),
            _ => None,
        });
        assert_eq!(
            (command, path.exists()),
            (Some(&status), file == "yes"),
            "{:?}",
            result.items
        );
    }
}

#[test]
fn eight_threads_with_twenty_turns_each_at_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let codex = AsyncCodex::new();
        let mut threads = JoinSet::new();
        for thread_number in 0..8 {
            let codex = codex.clone();
            threads.spawn(async move {
                let thread = codex.thread_start(ThreadOptions::new()).await.unwrap();
                for turn_number in 0..20 {
                    let text = format!("{thread_number}.{turn_number}");
                    let answer = thread.run(text.as_str()).await.unwrap();
                    assert_eq!(answer.final_response, Some(format!("echo: {text}")));
                }
            });
        }
        threads.join_all().await;
        codex.close().await.unwrap();
    });
}

#[test]
fn overload_is_tried_again_and_nothing_else_is() {
    let codex = Codex::new().unwrap();
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    let quick = Retry::new().delay(Duration::from_millis(20));
    let result = quick.run(|| thread.run("busy 2 at last")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("at last"));
    let error = quick.run(|| thread.run("busy 9 never")).unwrap_err();
    assert!(error.is_overload(), "{error:?}");

    let error = thread.run("login").unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn(_)), "{error:?}");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Count {
    files: u32,
}

#[test]
fn structured_output_and_images() {
    let codex = Codex::new().unwrap();
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    let schema = json!({
        "type": "object",
        "properties": {"files": {"type": "integer"}},
        "required": ["files"],
        "additionalProperties": false,
    });
    let count: Count = thread
        .run_as("json {\"files\": 3}", schema.clone())
        .unwrap();
    assert_eq!(count, Count { files: 3 });
    let sent: serde_json::Value = thread.run_as("schema", schema.clone()).unwrap();
    assert_eq!(sent, schema);

    let picture = directory("images").join("picture.png");
    fs_err::write(&picture, PIXEL).unwrap();
    let data = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let images = [
        InputItem::text("images"),
        InputItem::image(data),
        InputItem::local_image(&picture),
    ];
    assert_eq!(
        thread.run(images).unwrap().final_response.as_deref(),
        Some("2")
    );
}

/// A PNG of one pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54,
    0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0, 3, 0x86, 1, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0,
    0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn what_else_the_server_knows() {
    enum ThreadNameSet {}
    impl Method for ThreadNameSet {
        const NAME: &'static str = "thread/name/set";
        type Params = SetName;
        type Result = Empty;
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct SetName {
        thread_id: String,
        name: String,
    }
    #[derive(Deserialize)]
    struct Empty {}
    enum ThreadNameUpdated {}
    impl ServerNotification for ThreadNameUpdated {
        const NAME: &'static str = "thread/name/updated";
        type Params = NameUpdated;
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct NameUpdated {
        thread_name: String,
    }

    let codex = Codex::new().unwrap();
    assert!(!codex.models().unwrap().is_empty());
    assert!(!codex.account().unwrap().needs_login());
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    thread.run("hello").unwrap();
    let mut notifications = codex.notifications().unwrap();
    let params = SetName {
        thread_id: thread.id().to_owned(),
        name: "Ada".to_owned(),
    };
    let Empty {} = codex.request::<ThreadNameSet>(&params).unwrap();
    let updated =
        notifications.find_map(|next| next.unwrap().parse::<ThreadNameUpdated>().unwrap());
    assert_eq!(updated.unwrap().thread_name, "Ada");
    assert_eq!(
        codex
            .thread_read(thread.id(), false)
            .unwrap()
            .name
            .as_deref(),
        Some("Ada")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_a_turn_whose_client_goes() {
    // No other process has this among its arguments.
    let mark = format!("31{}", std::process::id());
    let running = || {
        fs_err::read_dir("/proc").unwrap().any(|entry| {
            let cmdline = entry.unwrap().path().join("cmdline");
            let cmdline = fs_err::read(cmdline).unwrap_or_default();
            cmdline
                .split(|byte| *byte == 0)
                .any(|argument| argument == mark.as_bytes())
        })
    };
    let codex = Codex::new().unwrap();
    let turn = free(&codex, "left")
        .turn(format!("run exec sleep {mark}"))
        .unwrap();
    let begin = std::time::Instant::now();
    while !running() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "the command never ran"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(turn);
    drop(codex);
    let begin = std::time::Instant::now();
    while running() {
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "the command still runs"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
