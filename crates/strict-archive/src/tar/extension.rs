//! The headers that extend the one after them: pax records (`x`), and GNU's long names (`L`) and
//! long links (`K`).

use super::fault::TarFault;
use super::header::MAX_OCTAL_SIZE;

/// What the extended headers before an entry say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    path: Option<Vec<u8>>,
    link_path: Option<Vec<u8>>,
    size: Option<u64>,
    any: bool,
}

impl Extensions {
    /// Whether there was any.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Takes a GNU long name, which ends with a NUL.
    pub(super) fn add_long_name(&mut self, body: &[u8]) -> Result<(), TarFault> {
        self.any = true;
        set(&mut self.path, c_string(body).to_owned(), "name")
    }

    /// Takes a GNU long link target, which ends with a NUL.
    pub(super) fn add_long_link(&mut self, body: &[u8]) -> Result<(), TarFault> {
        self.any = true;
        set(
            &mut self.link_path,
            c_string(body).to_owned(),
            "link target",
        )
    }

    /// Takes the records of a pax header. Times, owners and what is not of the standard change
    /// nothing here.
    pub(super) fn add_pax(&mut self, body: &[u8]) -> Result<(), TarFault> {
        self.any = true;
        let mut broken = false;
        for record in records(body) {
            let (key, value) = record?;
            if holds_record(value) || (broken && matches!(key, b"path" | b"linkpath" | b"size")) {
                return Err(TarFault::PaxLine);
            }
            // What splits the header at newlines may miss every record after such a value.
            broken |= value.contains(&b'\n');
            match key {
                b"path" => set(&mut self.path, value.to_owned(), "name")?,
                b"linkpath" => set(&mut self.link_path, value.to_owned(), "link target")?,
                b"size" => set(&mut self.size, decimal(value).ok_or(TarFault::Pax)?, "size")?,
                key if key.starts_with(b"GNU.sparse.") => return Err(TarFault::Sparse),
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks a pax header that is for all entries: it may say nothing that this reader heeds.
    pub(super) fn check_global(body: &[u8]) -> Result<(), TarFault> {
        for record in records(body) {
            let (key, value) = record?;
            if holds_record(value) {
                return Err(TarFault::PaxLine);
            }
            match key {
                b"path" => return Err(TarFault::Global("name")),
                b"linkpath" => return Err(TarFault::Global("link target")),
                b"size" => return Err(TarFault::Global("size")),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn name(&mut self, plain: Vec<u8>) -> Vec<u8> {
        self.path.take().unwrap_or(plain)
    }

    pub(super) fn link_name(&mut self, plain: Vec<u8>) -> Vec<u8> {
        self.link_path.take().unwrap_or(plain)
    }

    /// The size of the entry whose header says `plain`. A pax size may differ where the header
    /// cannot hold it: readers that overlook it take the content of the entry for headers, which is
    /// how archives with two readings are made.
    pub(super) fn size(&self, plain: u64) -> Result<u64, TarFault> {
        match self.size {
            Some(pax) if pax != plain && pax <= MAX_OCTAL_SIZE => {
                Err(TarFault::SizesDisagree { pax, plain })
            }
            Some(pax) => Ok(pax),
            None => Ok(plain),
        }
    }
}

fn set<T>(field: &mut Option<T>, value: T, what: &'static str) -> Result<(), TarFault> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(TarFault::Twice(what)),
    }
}

fn c_string(body: &[u8]) -> &[u8] {
    body.strip_suffix(b"\0").unwrap_or(body)
}

/// The records of a pax header: `LENGTH KEY=VALUE\n`, the length that of the record as a whole.
fn records(mut body: &[u8]) -> impl Iterator<Item = Result<(&[u8], &[u8]), TarFault>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let Some((record, rest)) = record(body) else {
            body = &[];
            return Some(Err(TarFault::Pax));
        };
        body = rest;
        Some(Ok(record))
    })
}

/// A key and a value.
type Record<'a> = (&'a [u8], &'a [u8]);

fn record(body: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let space = body.iter().position(|&byte| byte == b' ')?;
    let length = usize::try_from(decimal(&body[..space])?).ok()?;
    let (record, rest) = body.split_at_checked(length)?;
    let pair = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|&byte| byte == b'=')?;
    if equals == 0 {
        return None;
    }
    Some(((&pair[..equals], &pair[equals + 1..]), rest))
}

/// Whether a line of a value, other than its first, is a record by itself. A value may hold newlines,
/// and readers that split the header at newlines take such a line for a record.
fn holds_record(value: &[u8]) -> bool {
    let lines = value.split(|&byte| byte == b'\n').skip(1);
    lines.into_iter().any(|line| {
        let line = [line, b"\n"].concat();
        record(&line).is_some_and(|(_, rest)| rest.is_empty())
    })
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    fn pax(body: &[u8]) -> Result<Extensions, TarFault> {
        let mut extensions = Extensions::default();
        extensions.add_pax(body)?;
        Ok(extensions)
    }

    #[test]
    fn records_that_matter_are_taken_and_others_passed_over() {
        let body = [
            record("path", "a=b"),
            record("size", "12345"),
            record("linkpath", "c/d/e"),
            record("mtime", "1.123456789"),
        ];
        let mut extensions = pax(&body.concat()).unwrap();
        assert_eq!(extensions.size(12345), Ok(12345));
        assert_eq!(extensions.name(b"x".to_vec()), b"a=b");
        assert_eq!(extensions.link_name(b"x".to_vec()), b"c/d/e");
    }

    #[test]
    fn malformed_records_are_refused() {
        for body in [
            &b"x"[..],
            b"\0",
            b"8 path=a",
            b"99 path=a\n",
            b"1 path=a\n",
            b"0 path=a\n",
            b"5 =ab\n",
            b"9 pathab\n",
            b"+9 path=a\n",
            b"99999999999999999999999 path=a\n",
            b"10 size=-1\n",
            b"8 size=\n",
        ] {
            assert_eq!(
                pax(body),
                Err(TarFault::Pax),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let path = record("path", "a");
        assert_eq!(
            pax(&[&path[..], &path].concat()),
            Err(TarFault::Twice("name"))
        );
        assert_eq!(pax(&record("GNU.sparse.major", "1")), Err(TarFault::Sparse));
        for inner in ["x\n9 path=b", "x\n9 path=b\ny"] {
            let outer = record("comment", inner);
            assert_eq!(pax(&outer), Err(TarFault::PaxLine));
            assert_eq!(Extensions::check_global(&outer), Err(TarFault::PaxLine));
        }
        let harmless = record("SCHILY.xattr.user.x", "x\n9 paths=b\n\n11 path=b\n");
        assert!(pax(&[&path[..], &harmless].concat()).is_ok());
        for key in ["path", "linkpath", "size"] {
            let after = [&harmless[..], &record(key, "7")].concat();
            assert_eq!(pax(&after), Err(TarFault::PaxLine));
        }
        let mut both = pax(&path).unwrap();
        assert_eq!(both.add_long_name(b"b\0"), Err(TarFault::Twice("name")));
        let size = pax(&record("size", "7")).unwrap();
        assert_eq!(
            size.size(0),
            Err(TarFault::SizesDisagree { pax: 7, plain: 0 })
        );
        assert_eq!(
            pax(&record("size", "99999999999")).unwrap().size(0),
            Ok(99_999_999_999)
        );
        assert_eq!(
            Extensions::check_global(&path),
            Err(TarFault::Global("name"))
        );
        for (key, what) in [("linkpath", "link target"), ("size", "size")] {
            let fault = TarFault::Global(what);
            assert_eq!(Extensions::check_global(&record(key, "7")), Err(fault));
        }
        assert_eq!(Extensions::check_global(&record("comment", "x")), Ok(()));
    }
}
