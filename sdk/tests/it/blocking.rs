//! What is particular to the blocking client, and to closing.

use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use codex_app_server_sdk::{AsyncCodex, Codex, Config, Error, ThreadOptions};

use crate::support::{codex, config, limit, within};

#[test]
fn a_closed_client_says_so_to_all_that_wait_and_come() {
    within(Duration::from_secs(20), || {
        let codex = codex("open");
        let thread = codex.thread_start(ThreadOptions::new()).unwrap();
        let turn = thread.turn("x").unwrap();
        let waiting = std::thread::spawn(move || turn.run().unwrap_err());
        std::thread::sleep(Duration::from_millis(100));
        codex.close().unwrap();
        codex.close().unwrap();
        let errors = [waiting.join().unwrap(), thread.run("y").unwrap_err()];
        for error in errors {
            assert!(matches!(error, Error::Closed), "{error:?}");
            assert_eq!(error.to_string(), "this client was closed");
            assert!(error.help().contains("resumed"), "{}", error.help());
        }
    });
}

#[test]
fn a_client_that_is_closed_while_it_starts_has_ended_then() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let test = async {
        let codex = AsyncCodex::with(config("hangs initialize"));
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let codex = codex.clone();
            waiting.spawn(async move { codex.server().await });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let begin = Instant::now();
        codex.close().await.unwrap();
        let closed = begin.elapsed();
        assert!(
            closed > Duration::from_millis(500),
            "it takes no notice, and is killed: {closed:?}"
        );
        for result in waiting.join_all().await {
            assert!(matches!(result, Err(Error::Closed)), "{result:?}");
        }
    };
    let limited = async { tokio::time::timeout(limit(Duration::from_secs(10)), test).await };
    runtime.block_on(limited).expect("it hangs");
}

#[test]
fn a_process_that_does_not_end_by_itself_is_killed_in_time() {
    within(Duration::from_secs(20), || {
        let begin = Instant::now();
        codex("stays").close().unwrap();
        let closed = begin.elapsed();
        assert!(
            closed > Duration::from_millis(500),
            "it has half a second: {closed:?}"
        );
        assert!(closed < limit(Duration::from_secs(3)), "{closed:?}");
    });
}

/// On Windows it does not: a process there has no group that could be killed.
#[test]
fn a_process_that_is_killed_takes_its_children_with_it() {
    within(Duration::from_secs(20), || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let codex = codex(&format!("stays-with-child {port}"));
        let (mut child, _) = listener.accept().unwrap();
        codex.close().unwrap();
        let wait = Duration::from_secs(if cfg!(unix) { 5 } else { 1 });
        child.set_read_timeout(Some(wait)).unwrap();
        // The system closes the connection of a process that has ended.
        let ended = matches!(child.read(&mut [0]), Ok(0));
        assert_eq!(ended, cfg!(unix));
    });
}

#[test]
fn the_blocking_client_works_inside_tokio() {
    within(Duration::from_secs(20), || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let codex = codex("normal");
            let thread = codex.thread_start(ThreadOptions::new()).unwrap();
            assert_eq!(thread.run("x").unwrap().items.len(), 1);
        });
    });
}

#[test]
fn many_blocking_calls_in_one_task_need_no_budget() {
    within(Duration::from_secs(30), || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let calls = runtime.block_on(async {
            let codex = codex("normal");
            let calls = tokio::spawn(async move {
                for _ in 0..300 {
                    codex.thread_archive("x").unwrap();
                }
            });
            calls.await
        });
        calls.unwrap();
    });
}

#[test]
fn clients_end_inside_tokio_however_they_end() {
    within(Duration::from_secs(60), || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            // The runtime may go at any moment from the end on, so often.
            for _ in 0..2000 {
                let missing = Config::new().codex_bin("/nowhere/codex");
                Codex::with(missing).unwrap_err();
            }
            for _ in 0..20 {
                let codex = codex("normal");
                codex.close().unwrap();
            }
        });
    });
}

#[test]
fn handles_work_from_several_threads() {
    within(Duration::from_secs(20), || {
        let codex = codex("normal");
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let codex = codex.clone();
                std::thread::spawn(move || {
                    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
                    for turn in 0..5 {
                        let result = thread.run(format!("{n}.{turn}")).unwrap();
                        assert_eq!(result.final_response, Some(format!("echo: {n}.{turn}")));
                    }
                })
            })
            .collect();
        drop(codex);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_client_that_goes_with_its_runtime_says_that_it_is_closed() {
    within(Duration::from_secs(20), || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let codex = AsyncCodex::with(config("normal"));
        runtime.block_on(codex.server()).unwrap();
        drop(runtime);
        let other = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let error = other
            .block_on(codex.thread_start(ThreadOptions::new()))
            .unwrap_err();
        assert!(matches!(error, Error::Closed), "{error:?}");
    });
}

#[test]
fn a_client_is_shared_and_sent() {
    fn anywhere<T: Send + Sync + 'static>() {}
    anywhere::<Codex>();
    anywhere::<AsyncCodex>();
    anywhere::<codex_app_server_sdk::Thread>();
    anywhere::<codex_app_server_sdk::TurnHandle>();
    anywhere::<codex_app_server_sdk::AsyncTurnStream>();
    anywhere::<Error>();
}
