//! The connection: one task that writes, one that reads, and one that sees to it that all of them and the
//! process end together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::answers::Answers;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::is_delta;
use crate::json::Json;
use crate::message::{self, Message, Outgoing};
use crate::process;
use crate::process::{Pipes, Process};
use crate::queue::Queue;
use crate::router::Router;
use crate::stderr::Tail;

/// Messages that wait to be written. Whoever sends more waits.
const OUTGOING: usize = 64;
/// A buffer that has held a longer line is given back.
const KEEP_BUFFER: usize = 1 << 20;
/// While deltas come faster than this, a blocking client reads them so much later: many at once take a third
/// of the time that they take one by one, and nobody sees the difference. It never delays an answer that
/// somebody waits for. The thread sleeps, since tokio would wake up for each of them; so this is for a runtime
/// that has nothing else to do.
const GATHER: Duration = Duration::from_millis(1);
/// How long what is left in a pipe is read after the process has ended. Only where another process holds
/// the other end does this run out.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// A process that runs, and the way to talk to it. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) router: Arc<Router>,
    outgoing: mpsc::Sender<Vec<u8>>,
    request_timeout: Duration,
    close: watch::Sender<bool>,
    closed: watch::Receiver<bool>,
}

/// Something that is kept while a connection exists.
pub(crate) type Keep = Option<mpsc::Sender<()>>;

impl Connection {
    /// Finds the runtime and starts it.
    pub(crate) async fn start(config: &Config, keep: Keep) -> Result<Self> {
        let here = tokio::runtime::Handle::try_current()
            .map_err(|error| Error::NoTokio(error.to_string()))?;
        let codex_bin = config.codex_bin.clone();
        let located = here
            .spawn_blocking(move || process::locate(codex_bin.as_deref()))
            .await;
        // It cannot be joined only if tokio is shut down.
        let runtime = located.map_err(|_| Error::Closed)??;
        let (
            process,
            Pipes {
                stdin,
                stdout,
                stderr,
            },
        ) = process::start(&runtime, config)?;

        let router = Arc::new(Router::default());
        let (outgoing, lines) = mpsc::channel(OUTGOING);
        let (close, closing) = watch::channel(false);
        let (done, closed) = watch::channel(false);
        let answers = Answers::new(config.handler.clone(), outgoing.clone());
        let tail = Tail::default();
        // Only a blocking client has something to keep: a runtime of its own.
        let gathers = keep.is_some();
        let reader = read(stdout, config.max_message, router.clone(), answers, gathers);
        let supervisor = Supervisor {
            process,
            router: router.clone(),
            writer: tokio::spawn(write(stdin, lines)),
            reader: tokio::spawn(reader),
            stderr: tokio::spawn(tail.clone().fill(stderr)),
            tail,
            grace: config.close_timeout,
            _done: done,
            _keep: keep,
        };
        tokio::spawn(supervisor.run(closing));
        let request_timeout = config.request_timeout;
        Ok(Self {
            router,
            outgoing,
            request_timeout,
            close,
            closed,
        })
    }

    /// Sends a request and waits for the answer.
    pub(crate) async fn request(&self, method: &str, params: impl Serialize) -> Result<Json> {
        self.send(method, params, None, self.request_timeout).await
    }

    /// The same, of a request whose answer names a turn: its notifications go to the queue.
    pub(crate) async fn send(
        &self,
        method: &str,
        params: impl Serialize,
        turn: Option<Arc<Queue>>,
        at_most: Duration,
    ) -> Result<Json> {
        let mut expected = self.router.expect(method, turn)?;
        let line = line(
            method,
            &Outgoing {
                id: Some(expected.id),
                method,
                params: Some(params),
            },
        )?;
        let answered = async {
            // If nobody takes it, the connection is about to end, which is the answer.
            let _ = self.outgoing.send(line).await;
            (&mut expected.answer).await
        };
        match tokio::time::timeout(at_most, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => Err(Error::TimedOut {
                what: method.to_owned(),
                after: at_most,
            }),
        }
    }

    /// Sends a request whose answer nobody waits for, unless so much waits to be written that there is no
    /// use in it.
    pub(crate) fn post(&self, method: &str, params: impl Serialize) -> Result<()> {
        let id = Some(self.router.expect(method, None)?.id);
        let line = line(
            method,
            &Outgoing {
                id,
                method,
                params: Some(params),
            },
        )?;
        self.outgoing.try_send(line).map_err(|_| Error::Closed)
    }

    /// Sends a notification.
    pub(crate) async fn notify(&self, method: &str) -> Result<()> {
        let line = line(
            method,
            &Outgoing::<()> {
                id: None,
                method,
                params: None,
            },
        )?;
        // As above: who asks for something next learns why.
        let _ = self.outgoing.send(line).await;
        Ok(())
    }

    /// Ends the process, and waits until it has ended.
    pub(crate) async fn close(&self) {
        self.close.send_replace(true);
        // The other side never says anything: it goes.
        let _ = self.closed.clone().wait_for(|closed| *closed).await;
    }
}

fn line(method: &str, message: &impl Serialize) -> Result<Vec<u8>> {
    message::line(message).map_err(|error| Error::Params {
        method: method.to_owned(),
        why: error.to_string(),
    })
}

/// Writes lines until there are none, or nobody reads them.
async fn write(mut stdin: ChildStdin, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        // On Windows, tokio writes on another thread, and what becomes of that is the answer to a flush.
        let written = async {
            stdin.write_all(&line).await?;
            stdin.flush().await
        };
        if written.await.is_err() {
            return;
        }
    }
}

/// Reads lines until there are none, or one that is not of the protocol: then it says what is wrong.
async fn read(
    stdout: ChildStdout,
    longest: usize,
    router: Arc<Router>,
    mut answers: Answers,
    gathers: bool,
) -> Result<(), String> {
    let mut stdout = BufReader::with_capacity(64 << 10, stdout);
    let mut line = Vec::new();
    let most = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    let (mut delta, mut filled) = (false, Instant::now());
    loop {
        if !stdout.buffer().contains(&b'\n') {
            router.wake();
            if gathers && delta && filled.elapsed() < GATHER && !router.is_asked() {
                std::thread::sleep(GATHER);
            }
            filled = Instant::now();
        }
        line.clear();
        if line.capacity() > KEEP_BUFFER {
            line = Vec::new();
        }
        let read = (&mut stdout).take(most).read_until(b'\n', &mut line).await;
        if read.is_err() || line.is_empty() {
            return Ok(());
        }
        if line.pop_if(|last| *last == b'\n').is_none() {
            if line.len() > longest {
                return Err(format!("a message of more than {longest} bytes"));
            }
            // The process ended in the middle of a line, or closed its stdout there.
            return Ok(());
        }
        delta = false;
        match Message::parse(&line)? {
            Message::Answer(id, answer) => router.answer(id, answer),
            Message::Notification { method, params } => {
                delta = is_delta(&method);
                router.notify(&method, params);
            }
            Message::Request { id, method, params } => answers.answer(id, &method, params)?,
            Message::Stray => {}
        }
    }
}

/// Everything that belongs to a process. Dropped with the tokio runtime, it leaves nothing behind.
struct Supervisor {
    process: Process,
    router: Arc<Router>,
    writer: JoinHandle<()>,
    reader: JoinHandle<Result<(), String>>,
    stderr: JoinHandle<()>,
    tail: Tail,
    grace: Duration,
    /// Goes when all is done.
    _done: watch::Sender<bool>,
    _keep: Keep,
}

impl Supervisor {
    async fn run(mut self, mut closing: watch::Receiver<bool>) {
        let mut asked = false;
        let mut read = None;
        tokio::select! {
            // Both that somebody says so and that nobody can any longer.
            _ = closing.wait_for(|close| *close) => asked = true,
            _ = self.process.ended() => {}
            result = &mut self.reader => read = Some(result),
            _ = &mut self.writer => {}
        }
        self.writer.abort();
        let wrong = match &read {
            Some(Ok(Err(wrong))) => Some(wrong.clone()),
            _ => None,
        };
        let status = self.process.end(self.grace).await;
        if read.is_none() {
            // What it said last counts: it may be the end of a turn, or why it gave up.
            if let Ok(Ok(Err(wrong))) = tokio::time::timeout(LEFTOVERS, &mut self.reader).await
                && !asked
            {
                self.router.end(&Error::Protocol(wrong));
            }
        }
        let _ = tokio::time::timeout(LEFTOVERS, &mut self.stderr).await;
        let error = match (asked, wrong, status) {
            (true, ..) => Error::Closed,
            (_, Some(wrong), _) => Error::Protocol(wrong),
            (_, None, None) => Error::Protocol(
                "it closed its stdin or stdout, went on running, and was killed".to_owned(),
            ),
            (_, None, status) => Error::Ended {
                status,
                stderr: self.tail.text(),
            },
        };
        self.router.end(&error);
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.writer.abort();
        self.reader.abort();
        self.stderr.abort();
        self.router.end(&Error::Closed);
    }
}
