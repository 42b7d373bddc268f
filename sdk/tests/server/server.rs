//! A server that answers as a real one does, but for what its scenario changes.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::scenario::{Happening, Scenario, Stage};
use crate::system;

struct Server {
    scenario: Scenario,
    threads: usize,
    turns: usize,
    /// The requests that are answered later.
    held: Vec<(Value, String)>,
    /// The thread and the turn in which it asked something.
    asked_in: Option<(String, String)>,
}

/// Serves until stdin ends.
pub fn serve(scenario: Scenario) {
    let mut server = Server {
        scenario,
        threads: 0,
        turns: 0,
        held: Vec::new(),
        asked_in: None,
    };
    server.reach(Stage::Start);
    match server.scenario {
        Scenario::Stays => system::stay(),
        Scenario::StaysWithChild(port) => {
            system::stay();
            system::start_connected(port);
        }
        _ => {}
    }
    for line in std::io::stdin().lock().lines() {
        // A stdin that this server has closed can fail instead of ending.
        let Ok(line) = line else { break };
        server.take(&serde_json::from_str(&line).expect("the client writes JSON"));
    }
    if matches!(
        server.scenario,
        Scenario::Stays | Scenario::StaysWithChild(_) | Scenario::At(_, Happening::ClosesStdin)
    ) {
        system::hang();
    }
}

fn write(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        // The client has gone.
        std::process::exit(1);
    }
}

fn send(message: &Value) {
    write(format!("{message}\n").as_bytes());
}

fn answer(id: &Value, result: &Value) {
    send(&json!({"id": id, "result": result}));
}

fn refuse(id: &Value, error: &Value) {
    send(&json!({"id": id, "error": error}));
}

fn notify(method: &str, params: &Value) {
    send(&json!({"method": method, "params": params}));
}

/// A text at this place of a message.
fn text_at<'a>(params: &'a Value, pointer: &str) -> &'a str {
    let text = params.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("there is no {pointer} in {params}"))
}

/// What an answer says of a turn that has begun.
fn begun(turn: &str) -> Value {
    json!({"turn": {"id": turn, "status": "inProgress", "items": []}})
}

fn started(thread: &str, turn: &str) {
    let params = json!({"threadId": thread, "turn": {"id": turn, "status": "inProgress"}});
    notify("turn/started", &params);
}

fn delta(thread: &str, turn: &str, text: &str) {
    let params = json!({"threadId": thread, "turnId": turn, "itemId": "m", "delta": text});
    notify("item/agentMessage/delta", &params);
}

fn item(thread: &str, turn: &str, item: &Value) {
    let params = json!({"threadId": thread, "turnId": turn, "item": item});
    notify("item/completed", &params);
}

impl Server {
    /// Something may happen at this stage.
    fn reach(&self, stage: Stage) {
        let Scenario::At(at, happening) = &self.scenario else {
            return;
        };
        if *at != stage {
            return;
        }
        match happening {
            Happening::Dies => {
                eprintln!("the last words");
                system::die();
            }
            Happening::Hangs => system::hang(),
            Happening::Exits => {
                eprintln!("\u{1b}[31mERROR\u{1b}[0m no disk");
                std::process::exit(3);
            }
            Happening::Says(bytes) => write(bytes),
            Happening::ClosesStdin => system::close_stdin(),
            Happening::ClosesStdout => {
                system::close_stdout();
                system::hang();
            }
        }
    }

    fn take(&mut self, message: &Value) {
        let (method, id) = (&message["method"], &message["id"]);
        let Some(method) = method.as_str() else {
            return self.answered(message);
        };
        if id.is_null() {
            return;
        }
        if self.scenario == Scenario::Shapeless(method.to_owned()) {
            return answer(id, &json!({"other": 1}));
        }
        let params = &message["params"];
        match method {
            "initialize" => self.initialize(id, params),
            "thread/start" => self.thread_start(id),
            "thread/archive" => self.thread_archive(id, params),
            "turn/start" => self.turn_start(id, params),
            "turn/interrupt" => self.turn_interrupt(id, params),
            "turn/steer" if matches!(self.scenario, Scenario::Open { .. }) => {
                let turn = text_at(params, "/expectedTurnId");
                answer(id, &json!({"turnId": turn}));
                self.end(
                    text_at(params, "/threadId"),
                    turn,
                    text_at(params, "/input/0/text"),
                );
            }
            _ => refuse(id, &json!({"code": -32601, "message": "unknown method"})),
        }
    }

    /// An answer to a request of this server's.
    fn answered(&mut self, message: &Value) {
        let Some((thread, turn)) = self.asked_in.take() else {
            return;
        };
        assert_eq!(message["id"], "request");
        let mut message = message.clone();
        message.as_object_mut().expect("it has an id").remove("id");
        self.message(&thread, &turn, &message.to_string());
        self.completed(&thread, &turn, "completed", &json!({}));
    }

    fn initialize(&self, id: &Value, params: &Value) {
        self.reach(Stage::Initialize);
        if self.scenario == Scenario::Unknown {
            let params = json!({"turnId": 7, "threadId": ["x"]});
            send(&json!({"method": "news/flash", "params": params, "more": 1}));
            send(&json!({"method": "news/nothing"}));
        }
        let name = text_at(params, "/clientInfo/name");
        let version = std::env::var("VERSION").unwrap_or_else(|_| "0.163.0".to_owned());
        let agent = format!("{name}/{version} (Test 1; x) none");
        answer(id, &json!({"userAgent": agent, "codexHome": "/h"}));
    }

    fn thread_start(&mut self, id: &Value) {
        self.reach(Stage::Thread);
        match self.scenario {
            Scenario::Code(code) => {
                let error = json!({"code": code, "message": "no", "data": {"why": "x"}});
                return refuse(id, &error);
            }
            Scenario::AsksForEver => {
                let params = json!({"x": "y".repeat(100)});
                for id in 0..100_000 {
                    send(&json!({"id": id, "method": "item/tool/call", "params": params}));
                }
                system::hang();
            }
            Scenario::Duplicates => {
                let other = id.as_i64().expect("the client counts") + 1000;
                answer(&json!(other), &json!({"thread": {"id": "of nobody"}}));
                answer(&json!("a string"), &json!({}));
                refuse(&Value::Null, &json!({"code": -32700, "message": "what?"}));
                self.new_thread(id);
            }
            _ => {}
        }
        self.new_thread(id);
    }

    fn new_thread(&mut self, id: &Value) {
        self.threads += 1;
        let thread = format!("thread-{}", self.threads);
        answer(id, &json!({"thread": {"id": thread}}));
    }

    fn thread_archive(&mut self, id: &Value, params: &Value) {
        let Scenario::Reorders(count) = self.scenario else {
            return answer(id, &json!({}));
        };
        let thread = text_at(params, "/threadId").to_owned();
        self.held.push((id.clone(), thread));
        if self.held.len() == count {
            for (id, thread) in self.held.drain(..).rev() {
                let message = format!("about {thread}");
                refuse(&id, &json!({"code": -32602, "message": message}));
            }
        }
    }

    fn turn_start(&mut self, id: &Value, params: &Value) {
        let (thread, text) = (
            text_at(params, "/threadId"),
            text_at(params, "/input/0/text"),
        );
        match &mut self.scenario {
            Scenario::Overloaded(left) if *left > 0 => {
                *left -= 1;
                let data = json!({"codexErrorInfo": "server_overloaded"});
                let error = json!({"code": -32001, "message": "too busy", "data": data});
                return refuse(id, &error);
            }
            Scenario::EarlyEnd => {
                self.message("t", "turn-1", "over");
                self.completed("t", "turn-1", "completed", &json!({}));
                return answer(id, &begun("turn-1"));
            }
            Scenario::Joined | Scenario::JoinedLate => return self.join(id, text),
            _ => {}
        }
        self.turns += 1;
        let turn = format!("turn-{}", self.turns);
        self.begin(id, thread, &turn);
        self.middle(thread, &turn, text);
        match self.scenario {
            // It ends with the answer to what was asked.
            Scenario::Asks => {}
            Scenario::Open { .. } if text != "end" => {}
            _ => self.end(thread, &turn, text),
        }
    }

    /// One more input to the turn that there is.
    fn join(&mut self, id: &Value, text: &str) {
        let late = self.scenario == Scenario::JoinedLate;
        if late && text == "end" {
            self.end("t", "turn", "late");
            return answer(id, &begun("turn"));
        }
        self.turns += 1;
        answer(id, &begun("turn"));
        delta("t", "turn", text);
        if text == "end" {
            self.end("t", "turn", &self.turns.to_string());
        }
    }

    fn begin(&self, id: &Value, thread: &str, turn: &str) {
        self.reach(Stage::Request);
        match self.scenario {
            Scenario::Pieces => {
                let line = format!("{}\n", json!({"id": id, "result": begun(turn)}));
                let (start, rest) = line.as_bytes().split_at(7);
                let (middle, rest) = rest.split_at(23);
                let (end, newline) = rest.split_at(rest.len() - 1);
                for piece in [start, middle, end, newline] {
                    write(piece);
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            Scenario::Early => {
                started(thread, turn);
                self.message(thread, turn, "early");
                started(thread, "other");
                answer(id, &begun(turn));
            }
            _ => {
                answer(id, &begun(turn));
                started(thread, turn);
            }
        }
        self.reach(Stage::Answer);
    }

    fn middle(&mut self, thread: &str, turn: &str, text: &str) {
        match self.scenario {
            Scenario::Large(size) => delta(thread, turn, &"x".repeat(size)),
            Scenario::Flood(count, size) => {
                let flood = "x".repeat(size);
                for _ in 0..if text == "flood" { count } else { 0 } {
                    delta(thread, turn, &flood);
                }
            }
            Scenario::Unknown => unknown(thread, turn),
            Scenario::Asks => {
                let (method, more) = text.split_once(' ').unwrap_or((text, "{}"));
                let mut params = json!({"threadId": thread, "turnId": turn, "itemId": "i"});
                let more: BTreeMap<String, Value> =
                    serde_json::from_str(more).expect("it is an object");
                params.as_object_mut().expect("it is one").extend(more);
                self.asked_in = Some((thread.to_owned(), turn.to_owned()));
                send(&json!({"id": "request", "method": method, "params": params}));
            }
            _ => {
                delta(thread, turn, "echo: ");
                delta(thread, turn, text);
            }
        }
        self.reach(Stage::Delta);
    }

    fn end(&self, thread: &str, turn: &str, text: &str) {
        let text = match &self.scenario {
            Scenario::Unknown => {
                return self.completed(thread, turn, "dreamed", &json!({"mood": "good"}));
            }
            Scenario::Fails(reason) => {
                self.message(thread, turn, "so far");
                let error = json!({"message": "it went wrong", "codexErrorInfo": reason});
                return self.completed(thread, turn, "failed", &json!({"error": error}));
            }
            Scenario::Answers(text) => text.clone(),
            Scenario::Environment => how_it_was_started(),
            _ => format!("echo: {text}"),
        };
        self.message(thread, turn, &text);
        self.completed(thread, turn, "completed", &json!({}));
    }

    fn message(&self, thread: &str, turn: &str, text: &str) {
        let id = format!("m-{turn}");
        let message = json!({"type": "agentMessage", "id": id, "text": text, "phase": null});
        item(thread, turn, &message);
        self.reach(Stage::Item);
    }

    fn completed(&self, thread: &str, turn: &str, status: &str, more: &Value) {
        let mut about = json!({"id": turn, "status": status});
        let more = more.as_object().expect("it is one").clone();
        about.as_object_mut().expect("it is one").extend(more);
        let params = match &self.scenario {
            Scenario::Shapeless(method) if method == "turn/completed" => {
                json!({"threadId": thread, "turnId": turn, "turn": []})
            }
            Scenario::JoinedLate => {
                about["padding"] = "x".repeat(2 << 20).into();
                json!({"threadId": thread, "turn": about})
            }
            _ => json!({"threadId": thread, "turn": about}),
        };
        notify("turn/completed", &params);
    }

    fn turn_interrupt(&self, id: &Value, params: &Value) {
        if self.scenario == (Scenario::Open { mute: true }) {
            return;
        }
        answer(id, &json!({}));
        let (thread, turn) = (text_at(params, "/threadId"), text_at(params, "/turnId"));
        self.completed(thread, turn, "interrupted", &json!({}));
    }
}

/// What no client knows yet, and an item with more in it than one knows.
fn unknown(thread: &str, turn: &str) {
    let ids = json!({"threadId": thread, "turnId": turn});
    let with = |name: &str, value: Value| {
        let mut params = ids.clone();
        params[name] = value;
        params
    };
    notify("turn/newThing", &with("value", json!([1])));
    item(
        thread,
        turn,
        &json!({"type": "hologram", "id": "h", "depth": 3}),
    );
    item(
        thread,
        turn,
        &json!({"type": "commandExecution", "id": "c", "command": "ls", "status": "pondered", "shiny": true}),
    );
    let usage = with("tokenUsage", json!("many"));
    notify("thread/tokenUsage/updated", &usage);
}

/// The arguments, the directory, the variables and the process group of this process, as JSON.
fn how_it_was_started() -> String {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .collect();
    let arguments: Vec<String> = std::env::args_os().skip(1).map(text).collect();
    let dir = std::env::current_dir().expect("there is one");
    json!({"argv": arguments, "cwd": dir, "env": variables, "group": system::leads_a_group()})
        .to_string()
}
