//! Texts that are filled in.

/// Replaces, in one pass, the first text of each pair by the second. If two begin at the same place,
/// replaces the longer one. What was put in is not looked at again: it may be anybody's text.
#[must_use]
pub fn replace_all<A: AsRef<str>, B: AsRef<str>>(text: &str, pairs: &[(A, B)]) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let pairs = pairs.iter().map(|(old, new)| (old.as_ref(), new.as_ref()));
        let here = pairs.filter(|(old, _)| rest.starts_with(old));
        let (length, new) = match here.max_by_key(|(old, _)| old.len()) {
            Some((old, new)) => (old.len(), new),
            None => (next.len_utf8(), &rest[..next.len_utf8()]),
        };
        result.push_str(new);
        rest = &rest[length..];
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_replaced_in_one_pass_the_longest_first() {
        let pairs = [("a", "b"), ("b", "a"), ("ab", "aXb")];
        assert_eq!(replace_all("a b ab ü", &pairs), "b a aXb ü");
    }

    #[test]
    fn what_was_put_in_stays_as_it_is() {
        let pairs = [("@a@", "@b@"), ("@b@", "c")];
        assert_eq!(replace_all("@a@ @b@ @x@ @", &pairs), "@b@ c @x@ @");
    }
}
