//! What a server can be told to do.

/// The stages of a turn at which something can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Start,
    Initialize,
    Thread,
    Request,
    Answer,
    Delta,
    Item,
}

/// What happens at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The process is killed, after its last words.
    Dies,
    /// It does nothing any more.
    Hangs,
    /// It ends as a program does that has given up.
    Exits,
    /// It writes something that is not a message.
    Says(Vec<u8>),
    /// It hears nothing more, and finishes what it is at.
    ClosesStdin,
    /// It says nothing more, and does not end.
    ClosesStdout,
}

/// What differs from a server that does as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing.
    Normal,
    At(Stage, Happening),
    /// It writes a line in pieces.
    Pieces,
    /// It sends a delta of so many bytes.
    Large(usize),
    /// It sends so many deltas, of so many bytes each, in turns that are told to `flood`.
    Flood(usize, usize),
    /// It answers so many requests in the opposite order.
    Reorders(usize),
    /// It answers twice, and what nobody has asked.
    Duplicates,
    /// It says what no client knows yet.
    Unknown,
    /// It tells of a turn before it has said that there is one.
    Early,
    /// It has done a turn before it says that there is one.
    EarlyEnd,
    /// It is too busy for so many turns.
    Overloaded(usize),
    /// It sends the request that it was told, and says with what it was answered.
    Asks,
    /// It sends requests and never reads an answer.
    AsksForEver,
    /// Everything said in a thread is one turn, which ends when it is told so.
    Joined,
    /// The same, and it ends just before the answer to what ends it, with a message of 2 MiB.
    JoinedLate,
    /// Its turns go on until they are interrupted. If it is `mute`, it then says nothing, as the real
    /// one does of a turn that has ended.
    Open {
        mute: bool,
    },
    /// It does not end when its stdin does.
    Stays,
    /// The same, and so does a child, which keeps a connection to this port.
    StaysWithChild(u16),
    /// That child.
    Connected(u16),
    /// It tells how it was started.
    Environment,
    /// It answers a `thread/start` with this code.
    Code(i64),
    /// Its turns fail, for this reason.
    Fails(String),
    /// Its turns end with this text.
    Answers(String),
    /// What this method answers lacks what it should have.
    Shapeless(String),
}

impl Scenario {
    /// Reads a name and its arguments. `None` if there is no such scenario.
    pub fn parse(told: &str) -> Option<Self> {
        let words: Vec<&str> = told.split_whitespace().collect();
        Some(match words[..] {
            ["normal"] => Self::Normal,
            ["dies", stage] => Self::At(Stage::parse(stage)?, Happening::Dies),
            ["hangs", stage] => Self::At(Stage::parse(stage)?, Happening::Hangs),
            ["exits", stage] => Self::At(Stage::parse(stage)?, Happening::Exits),
            ["says", what, stage] => Self::At(Stage::parse(stage)?, Happening::Says(bytes(what)?)),
            ["closes-stdin", stage] => Self::At(Stage::parse(stage)?, Happening::ClosesStdin),
            ["closes-stdout", stage] => Self::At(Stage::parse(stage)?, Happening::ClosesStdout),
            ["pieces"] => Self::Pieces,
            ["large", size] => Self::Large(size.parse().ok()?),
            ["flood", count, size] => Self::Flood(count.parse().ok()?, size.parse().ok()?),
            ["reorders", count] => Self::Reorders(count.parse().ok()?),
            ["duplicates"] => Self::Duplicates,
            ["unknown"] => Self::Unknown,
            ["early"] => Self::Early,
            ["early-end"] => Self::EarlyEnd,
            ["overloaded", count] => Self::Overloaded(count.parse().ok()?),
            ["asks"] => Self::Asks,
            ["asks-for-ever"] => Self::AsksForEver,
            ["joined"] => Self::Joined,
            ["joined-late"] => Self::JoinedLate,
            ["open"] => Self::Open { mute: false },
            ["open", "mute"] => Self::Open { mute: true },
            ["stays"] => Self::Stays,
            ["stays-with-child", port] => Self::StaysWithChild(port.parse().ok()?),
            ["connected", port] => Self::Connected(port.parse().ok()?),
            ["environment"] => Self::Environment,
            ["code", code] => Self::Code(code.parse().ok()?),
            ["fails", reason] => Self::Fails(reason.to_owned()),
            ["answers", ..] => Self::Answers(words[1..].join(" ")),
            ["shapeless", method] => Self::Shapeless(method.to_owned()),
            _ => return None,
        })
    }
}

impl Stage {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "initialize" => Self::Initialize,
            "thread" => Self::Thread,
            "request" => Self::Request,
            "answer" => Self::Answer,
            "delta" => Self::Delta,
            "item" => Self::Item,
            _ => return None,
        })
    }
}

/// What is not a message.
fn bytes(what: &str) -> Option<Vec<u8>> {
    Some(match what {
        "words" => b"hello, world\n".to_vec(),
        "bytes" => b"\xff\xfe\x00\n".to_vec(),
        "empty" => b"\n".to_vec(),
        "number" => b"17\n".to_vec(),
        "array" => b"[]\n".to_vec(),
        "object" => b"{}\n".to_vec(),
        "deep" => format!("{{\"params\":{}\n", "[".repeat(100_000)).into_bytes(),
        "twice" => b"{\"id\":1,\"id\":1,\"result\":{}}\n".to_vec(),
        "nothing" => b"{\"id\":1}\n".to_vec(),
        "half" => b"{\"id\":1,\"res".to_vec(),
        _ => return None,
    })
}
