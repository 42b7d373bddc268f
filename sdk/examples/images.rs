//! A question about pictures.
//!
//!     cargo run --example images -- screen.png https://example.org/design.png

use codex_app_server_sdk::{Codex, Error, InputItem, Sandbox, ThreadOptions};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}\nhelp: {}", error.help());
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let mut input = vec![InputItem::text("What is in these pictures?")];
    input.extend(std::env::args().skip(1).map(|picture| {
        if picture.starts_with("https://") || picture.starts_with("data:") {
            InputItem::image(picture)
        } else {
            InputItem::local_image(picture)
        }
    }));

    let codex = Codex::new()?;
    let thread = codex.thread_start(ThreadOptions::new().sandbox(Sandbox::ReadOnly))?;
    println!("{}", thread.run(input)?.final_response.unwrap_or_default());
    Ok(())
}
