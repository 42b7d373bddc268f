//! Says what programs are for: `cargo run --example origin -- FILE...`

use native_claims::facts::{self, Identity};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args_os().skip(1) {
        let mut file = fs_err::File::open(&path)?;
        let what = match facts::origin(&mut file) {
            Ok(Identity::Program(origin)) => format!("a program for {origin}"),
            Ok(Identity::Unfit(what)) => what,
            Ok(Identity::Other) => "something else".to_owned(),
            Err(error) => error.to_string(),
        };
        println!("{}: {what}", path.display());
    }
    Ok(())
}
