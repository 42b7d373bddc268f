use std::fmt::{self, Display, Formatter, Write as _};

/// Shows bytes from an archive to a person.
///
/// Control characters, the marks that reorder text on a terminal and bytes that are no UTF-8 are
/// written as escapes, and what is longer than a line is cut. Error texts print names from an
/// archive through this and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

/// Characters shown before the rest is cut.
const SHOWN: usize = 160;

/// The same for a text that may be long: a sentence with names in it.
#[must_use]
pub fn escaped_sentence(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        // A String takes everything that is written to it.
        let _ = write_escaped(&mut escaped, c);
    }
    escaped
}

fn write_escaped(out: &mut impl fmt::Write, c: char) -> fmt::Result {
    if c.is_control() || reorders_text(c) {
        write!(out, "{}", c.escape_default())
    } else {
        out.write_char(c)
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let mut room = SHOWN;
        for piece in self.0.utf8_chunks() {
            for c in piece.valid().chars() {
                if room == 0 {
                    return out.write_char('…');
                }
                room -= 1;
                write_escaped(out, c)?;
            }
            for byte in piece.invalid() {
                if room == 0 {
                    return out.write_char('…');
                }
                room -= 1;
                write!(out, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Whether `c` is invisible and changes how its neighbours are laid out (Unicode's bidirectional
/// controls, line and paragraph separators, zero-width characters).
fn reorders_text(c: char) -> bool {
    let ranges = [
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{2069}',
        '\u{feff}'..='\u{feff}',
    ];
    ranges.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_never_sees_control_characters() {
        let shown = |bytes: &[u8]| Escaped(bytes).to_string();
        assert_eq!(shown(b"bin/codex"), "bin/codex");
        assert_eq!(shown("größe".as_bytes()), "größe");
        assert_eq!(shown(b"a\x1b[2Jb\n\0"), "a\\u{1b}[2Jb\\n\\u{0}");
        assert_eq!(shown("a\u{202e}b".as_bytes()), "a\\u{202e}b");
        assert_eq!(shown(b"a\xff\xfeb"), "a\\xff\\xfeb");
    }

    #[test]
    fn a_long_name_is_cut() {
        let shown = Escaped(&[b'x'; 5000]).to_string();
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_too() {
        let shown = Escaped(&[0xff; 5000]).to_string();
        assert_eq!(shown.chars().count(), SHOWN * r"\xff".len() + 1);
    }

    #[test]
    fn a_sentence_is_escaped_and_not_cut() {
        let long = "x".repeat(5000);
        assert_eq!(escaped_sentence(&long), long);
        assert_eq!(escaped_sentence("a\x1b[2Jb"), "a\\u{1b}[2Jb");
    }
}
