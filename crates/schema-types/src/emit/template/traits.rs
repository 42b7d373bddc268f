/// A request that a client sends, such as `thread/start`.
pub trait Method {
    /// The name on the wire.
    const NAME: &'static str;
    /// What is sent.
    type Params: serde::Serialize;
    /// What the server answers.
    type Result: serde::de::DeserializeOwned;
}

/// A request that the server sends, such as `item/commandExecution/requestApproval`.
pub trait ServerRequest {
    /// The name on the wire.
    const NAME: &'static str;
    /// What is asked.
    type Params: serde::de::DeserializeOwned;
    /// What the client answers.
    type Result: serde::Serialize;
}

/// A notification that the server sends, such as `turn/completed`.
pub trait ServerNotification {
    /// The name on the wire.
    const NAME: &'static str;
    /// What it says.
    type Params: serde::de::DeserializeOwned;
}
