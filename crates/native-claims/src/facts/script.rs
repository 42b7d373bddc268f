//! Scripts (`execve(2)`): the line that names an interpreter.

use serde::Serialize;

/// A text that a system runs by another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Script {
    /// The interpreter, as the kernel takes it. One that ends in a carriage return, from a file
    /// with the line ends of Windows, is found nowhere.
    pub interpreter: String,
    /// The one argument that the interpreter gets before the script.
    pub argument: Option<String>,
}

/// What begins with `head`, the first bytes of a file, if that is a script.
///
/// Linux looks at 256 bytes; of a longer line it takes what it sees.
pub(super) fn parse(head: &[u8]) -> Option<Script> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let line = head
        .strip_prefix(b"#!")?
        .split(|&byte| byte == b'\n')
        .next()?;
    let line = &line[line.iter().take_while(|byte| blank(byte)).count()..];
    let name = line.split(blank).next()?;
    // `#![…]` is an attribute of Rust, and a zero byte is in no text.
    if name.is_empty() || name.starts_with(b"[") || line.contains(&0) {
        return None;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let argument = line[name.len()..].trim_ascii();
    Some(Script {
        interpreter: text(name),
        argument: (!argument.is_empty()).then(|| text(argument)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_and_its_argument_are_found() {
        for (text, interpreter, argument) in [
            ("#!/bin/sh", "/bin/sh", None),
            ("#! /bin/sh -e\nexit", "/bin/sh", Some("-e")),
            (
                "#!/usr/bin/env  -S node --x \n",
                "/usr/bin/env",
                Some("-S node --x"),
            ),
            ("#!python\n", "python", None),
            ("#!/bin/sh\r\n", "/bin/sh\r", None),
        ] {
            let script = parse(text.as_bytes()).unwrap();
            assert_eq!(script.interpreter, interpreter);
            assert_eq!(script.argument.as_deref(), argument);
        }
    }

    #[test]
    fn other_texts_are_no_scripts() {
        for text in [
            "#!",
            "#!\n/bin/sh",
            "#![no_std]\n",
            "# !/bin/sh",
            "#!/bin\0sh\n",
            "",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
