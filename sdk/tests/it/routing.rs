//! Who gets what: answers by id, notifications by turn, and a bound on what waits.

use std::time::Duration;

use codex_app_server_sdk::{AsyncCodex, Codex, Error, Event, ThreadOptions, TurnStatus};

use crate::support::{codex, config, limit, thread_of, within};

fn tokio_test<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let limited = async { tokio::time::timeout(limit(Duration::from_secs(20)), test).await };
    runtime.block_on(limited).expect("it hangs")
}

#[test]
fn answers_may_come_in_any_order() {
    tokio_test(async {
        let codex = AsyncCodex::with(config("reorders 20"));
        let mut requests = tokio::task::JoinSet::new();
        for n in 0..20 {
            let codex = codex.clone();
            requests.spawn(async move {
                let error = codex.thread_archive(&format!("t{n}")).await.unwrap_err();
                assert_eq!(
                    error.to_string(),
                    format!("Codex refused thread/archive: about t{n} (-32602)")
                );
            });
        }
        requests.join_all().await;
    });
}

#[test]
fn answers_that_come_twice_or_that_nobody_asked_for_are_dropped() {
    let codex = codex("duplicates");
    for n in 1..=3 {
        // The second answer of each has counted the server on.
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        assert_eq!(thread.id(), format!("thread-{}", 2 * n - 1));
    }
    assert_eq!(
        codex
            .thread_start(ThreadOptions::new())
            .unwrap()
            .run("x")
            .unwrap()
            .items
            .len(),
        1
    );
}

#[test]
fn what_comes_before_the_answer_belongs_to_the_turn_too() {
    let turn = thread_of("early").turn("x").unwrap();
    let result = turn.run().unwrap();
    assert_eq!(result.items.len(), 2);
    let whole = thread_of("early-end").run("x").unwrap();
    assert_eq!(whole.final_response.as_deref(), Some("over"));
}

#[test]
fn many_turns_at_once_get_each_its_own() {
    tokio_test(async {
        let codex = AsyncCodex::with(config("normal"));
        let mut threads = tokio::task::JoinSet::new();
        for thread_number in 0..8 {
            let codex = codex.clone();
            threads.spawn(async move {
                let thread = codex.thread_start(ThreadOptions::new()).await.unwrap();
                for turn in 0..20 {
                    let text = format!("{thread_number}.{turn}");
                    let result = thread.run(text.as_str()).await.unwrap();
                    assert_eq!(result.final_response, Some(format!("echo: {text}")));
                    assert_eq!(result.items.len(), 1);
                }
            });
        }
        threads.join_all().await;
    });
}

#[test]
fn a_slow_reader_stops_nobody_and_misses_only_deltas() {
    within(Duration::from_secs(60), || {
        let codex = Codex::with(config("flood 20000 1000").event_buffer(1 << 20)).unwrap();
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        let slow = thread.turn("flood").unwrap();
        // 20 MB for a turn that nobody reads, before this one.
        let quick = codex
            .thread_start(ThreadOptions::new())
            .unwrap()
            .run("quick")
            .unwrap();
        assert_eq!(quick.final_response.as_deref(), Some("echo: quick"));

        let (mut deltas, mut missed) = (0, 0);
        for notification in slow.stream() {
            match notification.unwrap().event() {
                Event::MessageDelta(_) => deltas += 1,
                Event::Missed(count) => missed += count,
                _ => {}
            }
        }
        assert_eq!(deltas + missed, 20_000);
        assert!(
            deltas < 1_100 && deltas > 100,
            "{deltas} of 1 KB in a buffer of 1 MiB"
        );
        let result = slow.run().unwrap();
        assert_eq!(result.final_response.as_deref(), Some("echo: flood"));
        assert_eq!(result.missed, missed);
    });
}

#[test]
fn inputs_that_join_a_turn_make_one_more_handle_of_it() {
    let thread = thread_of("joined");
    let first = thread.turn("a").unwrap();
    let second = thread.turn("b").unwrap();
    let third = thread.turn("end").unwrap();
    assert_eq!((first.id(), second.id()), (third.id(), third.id()));
    for turn in [first, second, third] {
        assert_eq!(
            turn.run().unwrap().final_response.as_deref(),
            Some("echo: 3")
        );
    }
}

#[test]
fn an_input_that_joins_a_turn_at_its_end_learns_of_the_end() {
    within(Duration::from_secs(20), || {
        let thread = thread_of("joined-late");
        let first = thread.turn("a").unwrap();
        let second = thread.turn("end").unwrap();
        assert_eq!(first.id(), second.id());
        let result = first.run().unwrap();
        assert_eq!(result.final_response.as_deref(), Some("echo: late"));
        assert_eq!(second.run().unwrap().status, TurnStatus::Completed);
    });
}

#[test]
fn a_stream_reads_in_one_place_while_another_one_steers() {
    within(Duration::from_secs(20), || {
        let turn = thread_of("open").turn("x").unwrap();
        let steering = turn.clone();
        let reader = std::thread::spawn(move || turn.stream().map(Result::unwrap).count());
        std::thread::sleep(Duration::from_millis(100));
        steering.steer("end").unwrap();
        assert!(reader.join().unwrap() >= 3);
    });
}

#[test]
fn what_belongs_to_no_turn_goes_to_whoever_wants_it() {
    let codex = codex("normal");
    let mut all = codex.notifications().unwrap();
    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    // A turn that nobody holds is nobody's.
    drop(thread.turn("one").unwrap());
    thread.run("two").unwrap();
    codex.close().unwrap();
    let left: Vec<String> = all
        .by_ref()
        .map_while(Result::ok)
        .map(|notification| notification.params().get().to_owned())
        .collect();
    assert!(
        left.iter().all(|params| params.contains("turn-1")),
        "{left:?}"
    );
    assert!(all.next().is_none());
}

#[test]
fn a_request_that_nobody_waits_for_any_longer_is_forgotten() {
    tokio_test(async {
        let codex = AsyncCodex::with(config("hangs thread"));
        codex.server().await.unwrap();
        let start = codex.thread_start(ThreadOptions::new());
        assert!(
            tokio::time::timeout(Duration::from_millis(100), start)
                .await
                .is_err()
        );
        codex.close().await.unwrap();
        let closed = codex.thread_start(ThreadOptions::new()).await.unwrap_err();
        assert!(matches!(closed, Error::Closed), "{closed:?}");
    });
}
