//! The file RECORD: path, digest and size of every file.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::audit::finding::Findings;
use crate::audit::rule::Rule;
use crate::audit::rules;
use crate::contents::{Contents, File};

/// Holds RECORD, at `path` and with this text, against the files of the wheel. `digest_of` gives
/// the digest of a file by another algorithm than SHA-256.
pub(super) fn check(
    path: &str,
    text: Option<&str>,
    contents: &Contents,
    mut digest_of: impl FnMut(Algorithm, &str) -> Option<Vec<u8>>,
    findings: &mut Findings,
) {
    let Some(text) = text else {
        findings.add_at(&rules::wheel::RECORD_MALFORMED, path, "it is not UTF-8");
        return;
    };
    let mut listed = HashSet::new();
    let mut rest = text;
    while !rest.is_empty() {
        let row = match row(&mut rest) {
            Ok(None) => continue,
            Ok(Some(row)) => row,
            Err(reason) => {
                let line = text[..text.len() - rest.len()].lines().count().max(1);
                let detail = format!("line {line}: {reason}");
                findings.add_at(&rules::wheel::RECORD_MALFORMED, path, detail);
                return;
            }
        };
        let [listed_path, digest, size] = row;
        // On Windows the separator may be the one of Windows.
        let listed_path = match listed_path {
            path if path.contains('\\') => Cow::Owned(path.replace('\\', "/")),
            path => path,
        };
        if listed.contains(&listed_path) {
            let detail = "RECORD lists it twice";
            findings.add_at(&rules::wheel::RECORD_REPEATED, &*listed_path, detail);
            continue;
        }
        let (rule, detail): (&'static Rule, _) = match contents.get(&listed_path) {
            None => (
                &rules::wheel::RECORD_SURPLUS,
                Some("RECORD lists it, and the wheel does not have it".to_owned()),
            ),
            Some(_) if is_unsigned(&listed_path, path) => (
                &rules::wheel::RECORD_SELF,
                (!digest.is_empty()).then(|| format!("RECORD gives it the digest {digest:?}")),
            ),
            Some(file) => match check_size(&size, file) {
                Some(detail) => (&rules::wheel::RECORD_SIZE, Some(detail)),
                None => check_digest(&listed_path, &digest, file, &mut digest_of),
            },
        };
        if let Some(detail) = detail {
            findings.add_at(rule, &*listed_path, detail);
        }
        listed.insert(listed_path);
    }
    for (file, _) in contents.iter() {
        let is_signature = file != path && is_unsigned(file, path);
        if !is_signature && !listed.contains(file) {
            let detail = "it is in the wheel, and RECORD does not list it";
            findings.add_at(&rules::wheel::RECORD_MISSING, file, detail);
        }
    }
}

/// Whether a file can have no digest in RECORD: RECORD itself and what signs it.
fn is_unsigned(file: &str, record: &str) -> bool {
    let suffix = file.strip_prefix(record);
    suffix.is_some_and(|suffix| matches!(suffix, "" | ".jws" | ".p7s"))
}

/// What is wrong with the size in RECORD. It may be left out.
fn check_size(size: &str, file: &File) -> Option<String> {
    let same = size.is_empty() || size.parse() == Ok(file.size);
    (!same).then(|| format!("it has {} bytes, and RECORD says {size:?}", file.size))
}

/// A digest that RECORD may have, beside SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha384,
    Sha512,
}

fn check_digest(
    path: &str,
    digest: &str,
    file: &File,
    digest_of: &mut impl FnMut(Algorithm, &str) -> Option<Vec<u8>>,
) -> (&'static Rule, Option<String>) {
    if digest.is_empty() {
        let detail = "RECORD has no digest for it".to_owned();
        return (&rules::wheel::RECORD_UNHASHED, Some(detail));
    }
    let (algorithm, value) = digest.split_once('=').unwrap_or((digest, ""));
    let actual = match algorithm {
        "sha256" => Some(file.sha256.as_bytes().to_vec()),
        "sha384" => digest_of(Algorithm::Sha384, path),
        "sha512" => digest_of(Algorithm::Sha512, path),
        other => {
            let detail = format!("its digest is one of {other:?}");
            return (&rules::wheel::RECORD_WEAK, Some(detail));
        }
    };
    let actual = actual.map(|actual| URL_SAFE_NO_PAD.encode(actual));
    // Some tools leave the padding of base64 there.
    let same = actual.as_deref() == Some(value.trim_end_matches('='));
    let detail = (!same).then(|| {
        let actual = actual.unwrap_or_default();
        format!("its digest is {algorithm}={actual}, and RECORD says {digest}")
    });
    (&rules::wheel::RECORD_HASH, detail)
}

/// Takes a row of three fields off the front of a CSV, or nothing for an empty line.
fn row<'a>(rest: &mut &'a str) -> Result<Option<[Cow<'a, str>; 3]>, &'static str> {
    const COUNT: &str = "it does not have three fields";
    if let Some(after) = rest
        .strip_prefix('\n')
        .or_else(|| rest.strip_prefix("\r\n"))
    {
        *rest = after;
        return Ok(None);
    }
    let first = field(rest)?;
    *rest = rest.strip_prefix(',').ok_or(COUNT)?;
    let second = field(rest)?;
    *rest = rest.strip_prefix(',').ok_or(COUNT)?;
    let third = field(rest)?;
    *rest = match rest
        .strip_prefix('\n')
        .or_else(|| rest.strip_prefix("\r\n"))
    {
        Some(after) => after,
        None if rest.is_empty() => "",
        None => return Err(COUNT),
    };
    Ok(Some([first, second, third]))
}

/// Takes a field, which may be quoted, off the front of a row.
fn field<'a>(rest: &mut &'a str) -> Result<Cow<'a, str>, &'static str> {
    let Some(mut quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        *rest = after;
        return Ok(field.into());
    };
    let mut text = Cow::Borrowed("");
    loop {
        let (before, after) = quoted.split_once('"').ok_or("a quote is not closed")?;
        text += before;
        let Some(after_both) = after.strip_prefix('"') else {
            *rest = after;
            return Ok(text);
        };
        text += "\"";
        quoted = after_both;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(mut text: &str) -> Result<Vec<[String; 3]>, &'static str> {
        let mut rows = Vec::new();
        while !text.is_empty() {
            rows.extend(row(&mut text)?.map(|row| row.map(Cow::into_owned)));
        }
        Ok(rows)
    }

    #[test]
    fn rows_are_those_of_a_csv() {
        let expected = [["a", "b=", "1"], ["c,\"d\"\n", "", ""], ["e", "", ""]];
        let text = "a,b=,1\r\n\"c,\"\"d\"\"\n\",,\n\ne,,";
        assert_eq!(
            rows(text).unwrap(),
            expected.map(|row| row.map(str::to_owned))
        );
        assert_eq!(rows("").unwrap().len(), 0);
        for text in ["a", "a,b", "a,b,c,d", "a,\"b\"x,c", "a\rb,,"] {
            assert_eq!(rows(text), Err("it does not have three fields"), "{text}");
        }
        assert_eq!(rows("\"a,,\n"), Err("a quote is not closed"));
    }
}
