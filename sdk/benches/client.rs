//! What the client costs, beside the server that it talks to. scripts/bench-sdk runs it, and measures the
//! published Python SDK in the same way; it prints lines of a name and seconds.
//!
//! CPU time is that of this process, as Linux counts it for each thread; none ends in between.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use codex_app_server_sdk::protocol::Method;
use codex_app_server_sdk::{AsyncCodex, Codex, ThreadOptions};
use serde_json::{Value, json};

const ROUND_TRIPS: u32 = 1000;
const STARTS: usize = 15;

/// A request that the server has nothing to do for.
enum NoOp {}

impl Method for NoOp {
    const NAME: &'static str = "thread/loaded/list";
    type Params = Value;
    type Result = Value;
}

fn main() {
    starting();
    round_trips_alone();
    let codex = Codex::new().unwrap();
    let nothing = json!({});
    for _ in 0..10 {
        codex.request::<NoOp>(&nothing).unwrap();
    }
    let start = Clock::now();
    for _ in 0..ROUND_TRIPS {
        codex.request::<NoOp>(&nothing).unwrap();
    }
    start.report("round trip", ROUND_TRIPS);

    let thread = codex.thread_start(ThreadOptions::new()).unwrap();
    let mut events = 0;
    let start = Clock::now();
    for notification in thread.turn("deltas 10000").unwrap().stream() {
        let _ = notification.unwrap().event();
        events += 1;
    }
    start.report("10,000 deltas", 1);
    assert!(events > 10_000, "{events}");
    drop((codex, thread));

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let codex = AsyncCodex::new();
        for _ in 0..10 {
            codex.request::<NoOp>(&nothing).await.unwrap();
        }
        let start = Clock::now();
        for _ in 0..ROUND_TRIPS {
            codex.request::<NoOp>(&nothing).await.unwrap();
        }
        start.report("async round trip", ROUND_TRIPS);
        let thread = codex.thread_start(ThreadOptions::new()).await.unwrap();
        let turn = thread.turn("deltas 10000").await.unwrap();
        let mut stream = turn.stream();
        let start = Clock::now();
        while let Some(notification) = stream.next().await {
            let _ = notification.unwrap().event();
        }
        start.report("async 10,000 deltas", 1);
        codex.close().await.unwrap();
    });
}

/// From nothing to a client that is ready, and the same without a client: by turns, since a machine is not
/// always as fast.
fn starting() {
    let (mut bare, mut client) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begin = Instant::now();
        let server = Bare::start();
        bare.push(begin.elapsed());
        server.end();
        let begin = Instant::now();
        let codex = Codex::new().unwrap();
        client.push(begin.elapsed());
        codex.close().unwrap();
    }
    for (name, times) in [
        ("start alone", &mut bare),
        ("start with client", &mut client),
    ] {
        times.sort();
        println!("{name}\twall\t{}", times[STARTS / 2].as_secs_f64());
    }
}

/// What no client can do without: one system call to write a line, and one to read the answer.
fn round_trips_alone() {
    let mut server = Bare::start();
    for _ in 0..10 {
        server.request(NoOp::NAME, &json!({}));
    }
    let start = Clock::now();
    for _ in 0..ROUND_TRIPS {
        server.request(NoOp::NAME, &json!({}));
    }
    start.report("round trip alone", ROUND_TRIPS);
    server.end();
}

/// An app-server without a client.
struct Bare {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: String,
}

impl Bare {
    fn start() -> Self {
        let runtime = codex_cli_bin::locate().unwrap();
        let mut process = runtime
            .command()
            .args(["app-server", "--listen", "stdio://"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            stdin: process.stdin.take().unwrap(),
            stdout: BufReader::new(process.stdout.take().unwrap()),
            process,
            line: String::new(),
        };
        let client = json!({"name": "bench", "version": "0"});
        server.request("initialize", &json!({"clientInfo": client}));
        server
    }

    fn request(&mut self, method: &str, params: &Value) {
        let request = format!("{}\n", json!({"id": 1, "method": method, "params": params}));
        self.stdin.write_all(request.as_bytes()).unwrap();
        while !self.line.starts_with("{\"id\":1,") {
            self.line.clear();
            assert!(self.stdout.read_line(&mut self.line).unwrap() > 0);
        }
        self.line.clear();
    }

    fn end(mut self) {
        drop(self.stdin);
        self.process.wait().unwrap();
    }
}

struct Clock {
    wall: Instant,
    cpu: Duration,
}

impl Clock {
    fn now() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu(),
        }
    }

    fn report(&self, name: &str, times: u32) {
        let (wall, cpu) = (self.wall.elapsed(), cpu().saturating_sub(self.cpu));
        println!("{name}\twall\t{}", (wall / times).as_secs_f64());
        println!("{name}\tcpu\t{}", (cpu / times).as_secs_f64());
    }
}

fn cpu() -> Duration {
    let of_thread = |task: std::io::Result<fs_err::DirEntry>| {
        let schedstat = fs_err::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
        schedstat.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let nanoseconds = fs_err::read_dir("/proc/self/task")
        .unwrap()
        .map(of_thread)
        .sum();
    Duration::from_nanos(nanoseconds)
}
