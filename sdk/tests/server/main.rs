//! An app-server that misbehaves as it is told: by the variable `SCENARIO`, a name and its arguments.
//!
//! It takes the arguments of `codex` and knows enough of the protocol for a turn, whose answer is
//! `echo: ` and what was said. A scenario changes something of that; `scenario.rs` lists them.

mod scenario;
mod server;
mod system;

use scenario::Scenario;

fn main() {
    let told = std::env::var("SCENARIO").unwrap_or_else(|_| "normal".to_owned());
    match Scenario::parse(&told) {
        Some(Scenario::Connected(port)) => system::stay_connected(port),
        Some(scenario) => server::serve(scenario),
        None => panic!("there is no scenario {told:?}"),
    }
}
