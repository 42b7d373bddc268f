//! Reads a field of the metadata file of a package directory.
//!
//! The file is one flat JSON object, and three of its strings are wanted, by those users who bring a
//! runtime of their own. A JSON library would be the largest dependency of this crate; what follows
//! reads the whole object strictly, skips over any value, and refuses what is not JSON, so that
//! nothing is taken for a field that only looks like one.

/// The strings among the fields of a JSON object.
pub(crate) fn strings(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut json = Json {
        rest: text.as_bytes(),
    };
    let mut found = Vec::new();
    json.object(&mut |json, key| {
        if json.peek() == Some(b'"') {
            found.push((key, json.string()?));
            Some(())
        } else {
            json.value(DEPTH)
        }
    })
    .and_then(|()| json.peek().is_none().then_some(found))
    .ok_or("is not a JSON object")
}

/// How deep a value may be nested: deeper than any metadata, far less deep than the stack.
const DEPTH: usize = 16;

struct Json<'a> {
    rest: &'a [u8],
}

impl Json<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes a punctuation mark.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.rest = &self.rest[1..])
    }

    fn object(&mut self, field: &mut dyn FnMut(&mut Self, String) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        self.sequence(b'}', &mut |json| {
            let key = json.string()?;
            json.take(b':')?;
            field(json, key)
        })
    }

    /// Comma-separated things, up to the closing mark.
    fn sequence(&mut self, close: u8, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' => self.object(&mut |json, _| json.value(deeper)),
            b'[' => {
                self.take(b'[')?;
                self.sequence(b']', &mut |json| json.value(deeper))
            }
            _ => self.scalar(),
        }
    }

    /// A number or one of the three words.
    fn scalar(&mut self) -> Option<()> {
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = self.rest.iter().take_while(|byte| inside(byte)).count();
        let (scalar, rest) = self.rest.split_at(length);
        self.rest = rest;
        let scalar = str::from_utf8(scalar).ok()?;
        let number = || {
            // Rust's floating-point numbers are a superset: JSON has no sign `+`, no bare point, no words.
            scalar.starts_with(|c: char| c == '-' || c.is_ascii_digit())
                && scalar.ends_with(|c: char| c.is_ascii_digit())
                && scalar.parse::<f64>().is_ok()
        };
        (matches!(scalar, "true" | "false" | "null") || number()).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return String::from_utf8(text).ok(),
                b'\\' => {
                    let c = self.escape()?;
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..0x20 => return None,
                byte => text.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            c @ (b'"' | b'\\' | b'/') => c.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = self.hex4()?;
                if let high @ 0xd800..0xdc00 = unit {
                    // The first half of a pair; a second half alone is no `char` either.
                    let follows = self.next()? == b'\\' && self.next()? == b'u';
                    let low = self
                        .hex4()
                        .filter(|low| follows && (0xdc00..0xe000).contains(low))?;
                    unit = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(unit)?
            }
            _ => return None,
        })
    }

    fn hex4(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| {
            Some(value << 4 | char::from(self.next()?).to_digit(16)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, name: &str) -> Option<String> {
        let fields = strings(text).ok()?;
        fields
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    #[test]
    fn reads_the_strings_of_an_object() {
        let text = r#" { "layoutVersion" : 1 , "version":"1.2.3","x":[{"version":"no"},-1.5e3,true,null],
            "pathDir":"a\/b \"\u00e9\ud83d\ude00" } "#;
        assert_eq!(get(text, "version").unwrap(), "1.2.3");
        assert_eq!(get(text, "pathDir").unwrap(), "a/b \"é😀");
        assert_eq!(get(text, "layoutVersion"), None);
        assert_eq!(strings("{}").unwrap(), []);
    }

    #[test]
    fn refuses_what_is_not_an_object() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(99), "]".repeat(99));
        for bad in [
            "",
            "[]",
            "\"version\"",
            "{",
            "{}x",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":\"b}",
            "{\"a\":01x}",
            "{\"a\":nan}",
            "{\"a\":+1}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\ud800\\u0041\"}",
            "{\"a\":\"\\udc00\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":1.}",
            "{\"a\":-}",
            "{\"a\":\"\\u00\"}",
            &deep,
        ] {
            assert!(strings(bad).is_err(), "{bad}");
        }
    }
}
