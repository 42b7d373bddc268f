//! Nothing is left: processes, threads and file descriptors are counted before and after everything that
//! can happen to a client, and a program that is killed takes its server with it.
//!
//! It has a `main` of its own, since the threads of a test harness would be counted too, and since it runs
//! itself as the program that is killed.

#[cfg(target_os = "linux")]
#[path = "support.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

/// Only Linux says without further tools what a process holds.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use codex_app_server_sdk::{AsyncCodex, Codex, Config, Result, ThreadOptions};
    use tokio::runtime::Builder;

    use super::support::{config, limit};

    /// Says that this process is the one that is killed, and how it uses the client.
    const CHILD: &str = "SDK_TEST_CHILD";

    pub fn main() {
        if let Ok(kind) = std::env::var(CHILD) {
            return child(&kind);
        }
        // What is made once for a process and kept.
        blocking("normal");
        asynchronous("normal");

        for scenario in [
            "normal",
            "open",
            "stays",
            "fails other",
            "shapeless turn/start",
            "asks-for-ever",
            "dies start",
            "dies initialize",
            "dies thread",
            "dies request",
            "dies answer",
            "dies delta",
            "exits initialize",
            "exits delta",
            "hangs start",
            "hangs thread",
            "hangs answer",
            "says words start",
            "says words delta",
            "says half thread",
            "closes-stdout thread",
            "closes-stdin item",
            "large 50000000",
        ] {
            for (way, work) in WAYS {
                let before = count();
                let begin = Instant::now();
                work(scenario);
                settles(before, &format!("{scenario}, {way}"));
                assert!(
                    begin.elapsed() < limit(Duration::from_secs(20)),
                    "{scenario}, {way}"
                );
            }
        }
        // The same client many times over.
        let before = count();
        for _ in 0..20 {
            blocking("normal");
        }
        assert_eq!(
            count(),
            before,
            "when the last handle is gone, so is everything else"
        );

        for kind in ["blocking", "asynchronous"] {
            for signal in ["-KILL", "-INT", "-TERM"] {
                dies_with_its_parent(kind, signal);
            }
        }
        println!("nothing leaks");
    }

    type Way = (&'static str, fn(&str));

    const WAYS: [Way; 6] = [
        ("blocking", blocking),
        ("closed", closed),
        ("asynchronous", asynchronous),
        ("closed while it starts", closed_while_it_starts),
        ("with its runtime", with_its_runtime),
        ("in a panic", in_a_panic),
    ];

    /// A turn, as far as it goes. The server may fail at any point, which is what is tested.
    fn turn(codex: &Codex) {
        if let Ok(thread) = codex.thread_start(ThreadOptions::new())
            && let Ok(turn) = thread.turn("end")
        {
            let _ = turn.stream().next();
        }
    }

    async fn turn_async(codex: &AsyncCodex) {
        if let Ok(thread) = codex.thread_start(ThreadOptions::new()).await
            && let Ok(turn) = thread.turn("end").await
        {
            let _ = turn.stream().next().await;
        }
    }

    /// Short limits, for the servers that let every one of them pass.
    fn impatient(scenario: &str) -> Config {
        config(scenario)
            .start_timeout(Duration::from_millis(600))
            .request_timeout(Duration::from_millis(300))
            .close_timeout(Duration::from_millis(100))
    }

    fn client(scenario: &str) -> Result<Codex> {
        Codex::with(impatient(scenario))
    }

    fn blocking(scenario: &str) {
        if let Ok(codex) = client(scenario) {
            turn(&codex);
        }
    }

    fn closed(scenario: &str) {
        if let Ok(codex) = client(scenario) {
            turn(&codex);
            codex.close().unwrap();
        }
    }

    fn asynchronous(scenario: &str) {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let codex = AsyncCodex::with(impatient(scenario));
            // A caller that loses patience leaves nothing behind either.
            let _ = tokio::time::timeout(Duration::from_secs(1), turn_async(&codex)).await;
            drop(codex);
            // The process ends by itself, in the background.
            let begin = Instant::now();
            while !children(std::process::id()).is_empty() {
                assert!(
                    begin.elapsed() < limit(Duration::from_secs(5)),
                    "{scenario}"
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }

    fn closed_while_it_starts(scenario: &str) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let codex = AsyncCodex::with(impatient(scenario));
            let first = codex.clone();
            let first = tokio::spawn(async move { turn_async(&first).await });
            let begin = Instant::now();
            // As soon as there is a process, which takes longer to answer; some end before they are seen.
            while children(std::process::id()).is_empty() && !first.is_finished() {
                assert!(
                    begin.elapsed() < limit(Duration::from_secs(5)),
                    "{scenario}"
                );
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            codex.close().await.unwrap();
            assert_eq!(count().children, 0, "{scenario}");
            first.await.unwrap();
        });
    }

    fn with_its_runtime(scenario: &str) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let codex = AsyncCodex::with(impatient(scenario));
        runtime.block_on(async {
            let _ = tokio::time::timeout(Duration::from_millis(300), turn_async(&codex)).await;
        });
        drop(runtime);
        drop(codex);
    }

    fn in_a_panic(scenario: &str) {
        std::panic::set_hook(Box::new(|_| ()));
        let result = catch_unwind(AssertUnwindSafe(|| {
            let codex = client(scenario);
            if let Ok(codex) = &codex {
                turn(codex);
            }
            panic!("on purpose");
        }));
        let _ = std::panic::take_hook();
        assert!(result.is_err());
    }

    /// What a process holds.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Count {
        children: usize,
        threads: usize,
        files: usize,
    }

    fn count() -> Count {
        let entries = |dir: &str| fs_err::read_dir(dir).unwrap().count();
        Count {
            children: children(std::process::id()).len(),
            threads: entries("/proc/self/task"),
            files: entries("/proc/self/fd"),
        }
    }

    /// Back to what it was, a little later at most: threads need a moment to go.
    fn settles(before: Count, what: &str) {
        let begin = Instant::now();
        while count() != before {
            assert!(
                begin.elapsed() < limit(Duration::from_secs(5)),
                "{what}: {before:?}, {:?}",
                count()
            );
            sleep(Duration::from_millis(5));
        }
    }

    /// The children of a process, those included that have ended and that nobody has waited for.
    fn children(of: u32) -> Vec<u32> {
        let mut found = Vec::new();
        for entry in fs_err::read_dir("/proc").unwrap() {
            let Ok(process) = entry.unwrap().file_name().to_string_lossy().parse() else {
                continue;
            };
            if stat(process).is_some_and(|(_, parent)| parent == of) {
                found.push(process);
            }
        }
        found
    }

    /// The state of a process, and its parent.
    fn stat(process: u32) -> Option<(char, u32)> {
        let stat = fs_err::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
    }

    /// The process that is killed: it has a turn that never ends.
    fn child(kind: &str) {
        if kind == "blocking" {
            let codex = Codex::with(config("open")).unwrap();
            let turn = codex
                .thread_start(ThreadOptions::new())
                .unwrap()
                .turn("x")
                .unwrap();
            println!("ready");
            turn.run().unwrap();
        } else {
            let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let codex = AsyncCodex::with(config("open"));
                let thread = codex.thread_start(ThreadOptions::new()).await.unwrap();
                let turn = thread.turn("x").await.unwrap();
                println!("ready");
                turn.run().await.unwrap();
            });
        }
    }

    /// Starts a program that dies of signals: a shell has what it starts in the background ignore SIGINT, and
    /// that is inherited.
    const WITH_SIGNALS: &str = "import os, signal, sys; \
        signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])";

    fn dies_with_its_parent(kind: &str, signal: &str) {
        let mut program = Command::new("python3")
            .args(["-c", WITH_SIGNALS])
            .arg(std::env::current_exe().unwrap())
            .env(CHILD, kind)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        let servers = children(program.id());
        assert_eq!(servers.len(), 1, "{kind}");
        send(signal, &program);
        program.wait().unwrap();
        let begin = Instant::now();
        // Nobody may be there to wait for an orphan: a zombie has ended.
        while servers
            .iter()
            .any(|server| stat(*server).is_some_and(|(state, _)| state != 'Z'))
        {
            assert!(
                begin.elapsed() < limit(Duration::from_secs(5)),
                "{kind} {signal}: {servers:?}"
            );
            sleep(Duration::from_millis(5));
        }
    }

    fn send(signal: &str, to: &Child) {
        let sent = Command::new("kill")
            .arg(signal)
            .arg(to.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }
}
