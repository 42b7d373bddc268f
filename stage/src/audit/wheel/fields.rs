/// Fields in the form of an email's header, as METADATA and WHEEL have them.
///
/// They are read as Python's `email` reads them, since pip and the indexes do: a line that is no
/// field ends them, and the text after the first blank line is the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderFields<'a> {
    list: Vec<(&'a str, String)>,
    /// What follows the fields.
    pub body: &'a str,
    /// The number of the line, from 1, that is neither a field nor blank.
    pub fault: Option<usize>,
}

impl<'a> HeaderFields<'a> {
    pub fn parse(text: &'a str) -> Self {
        let mut read = Self::default();
        let mut rest = text;
        for number in 1.. {
            if rest.is_empty() {
                break;
            }
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                read.body = after;
                break;
            }
            if !read.take(line) {
                (read.body, read.fault) = (rest, Some(number));
                break;
            }
            rest = after;
        }
        read
    }

    /// Takes a line, if it is a field or goes on with one.
    fn take(&mut self, line: &'a str) -> bool {
        if line.starts_with([' ', '\t']) {
            let Some((_, value)) = self.list.last_mut() else {
                return false;
            };
            value.push('\n');
            value.push_str(line);
            return true;
        }
        match line.split_once(':') {
            Some((name, value)) if is_name(name) => {
                self.list.push((name, value.trim().to_owned()));
                true
            }
            _ => false,
        }
    }

    /// Names and values, in their order. A value of several lines has them as they are.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &str)> {
        self.list
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The values of a field, whose name is compared without regard to case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The first value of a field.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_up_to_the_blank_line() {
        let fields =
            HeaderFields::parse("Name: a\r\nLICENSE: one\n  two\n\tthree\nName:b\n\nBody: x\n\ny");
        let all = fields.iter().collect::<Vec<_>>();
        let license = ("LICENSE", "one\n  two\n\tthree");
        assert_eq!(all, [("Name", "a"), license, ("Name", "b")]);
        assert!(fields.all("name").eq(["a", "b"]));
        assert_eq!(fields.first("License"), Some(license.1));
        assert_eq!((fields.body, fields.fault), ("Body: x\n\ny", None));
    }

    #[test]
    fn a_line_that_is_no_field_ends_them() {
        for (text, line, body) in [
            (
                "Name: a\nno field\nVersion: 1\n",
                2,
                "no field\nVersion: 1\n",
            ),
            (" folded", 1, " folded"),
            ("a b: c", 1, "a b: c"),
            (": c", 1, ": c"),
            ("ä: c", 1, "ä: c"),
        ] {
            let fields = HeaderFields::parse(text);
            assert_eq!((fields.fault, fields.body), (Some(line), body));
        }
        assert_eq!(HeaderFields::parse(""), HeaderFields::default());
    }
}
