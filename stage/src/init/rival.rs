//! Which of two archives for one target a product is made of.

use super::archive::{plain_name, without_suffixes};
use super::words::Words;

/// Chooses between two archives for one target by their names. Returns whether it is the first one, and why
/// the other one is left out. `None`: nothing says which it is. `product` is the product's name.
pub fn choose(first: &str, second: &str, product: Option<&str>) -> Option<(bool, String)> {
    let is_of_product = |name: &str| {
        let plain = plain_name(without_suffixes(name));
        product.is_some_and(|product| plain.eq_ignore_ascii_case(product))
    };
    match (is_of_product(first), is_of_product(second)) {
        (true, false) => return Some((true, of_another_product(second))),
        (false, true) => return Some((false, of_another_product(first))),
        _ => {}
    }
    let more = |name: &str, other: &str| {
        let words = more_words(name, other)?;
        Some(format!(
            "{other} is for the same target, and has no `{words}` in its name; to take this one, name it \
             in `release.assets` of the target's file in platforms/"
        ))
    };
    let second_left = more(second, first).map(|why| (true, why));
    second_left.or_else(|| more(first, second).map(|why| (false, why)))
}

fn of_another_product(name: &str) -> String {
    let plain = plain_name(without_suffixes(name));
    format!("it is of another product, `{plain}`")
}

/// Returns what a name has more than another one, if it has all of its words: `baseline`, `extended`.
/// `None` if that says something of a target.
fn more_words(name: &str, other: &str) -> Option<String> {
    let mut more = parts(name);
    for part in parts(other) {
        let at = more.iter().position(|own| *own == part)?;
        more.remove(at);
    }
    let more = more.join("-");
    (!more.is_empty() && !Words::of(&more).says_something()).then_some(more)
}

/// The words of a name. `amd64v3`, of Go, is `amd64` and `v3`; `v1` is what every such CPU has.
fn parts(name: &str) -> Vec<String> {
    let lower = without_suffixes(name).to_ascii_lowercase();
    let lower = lower
        .replace("amd64v1", "amd64")
        .replace("amd64v", "amd64-v");
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_one_is_taken() {
        for (first, second, product, is_first) in [
            (
                "bun-linux-x64-baseline.zip",
                "bun-linux-x64.zip",
                None,
                Some(false),
            ),
            (
                "bun-linux-x64.zip",
                "bun-linux-x64-profile.zip",
                None,
                Some(true),
            ),
            (
                "hugo_0.140.0_linux-amd64.tar.gz",
                "hugo_extended_0.140.0_linux-amd64.tar.gz",
                None,
                Some(true),
            ),
            (
                "t_linux_amd64v1.tar.gz",
                "t_linux_amd64v3.tar.gz",
                None,
                Some(true),
            ),
            (
                "t-x86_64_v3-linux.gz",
                "t-x86_64-linux.gz",
                None,
                Some(false),
            ),
            (
                "deno-x86_64-apple-darwin.zip",
                "denort-x86_64-apple-darwin.zip",
                Some("deno"),
                Some(true),
            ),
            ("deno-mac-x64.zip", "denort-mac-x64.zip", None, None),
            ("a-mac-x64.zip", "b-mac-x64.zip", Some("c"), None),
            // What says something of the target is for the bytes to decide.
            ("t-linux-x64.zip", "t-linux-x64-musl.zip", None, None),
            ("t-x64.tar.gz", "t-x64.zip", None, None),
        ] {
            let chosen = choose(first, second, product);
            assert_eq!(chosen.map(|(first, _)| first), is_first, "{first} {second}");
        }
        let (_, why) = choose("a-x64.zip", "a-x64-debug.zip", None).unwrap();
        assert!(
            why.starts_with("a-x64.zip is for the same target, and has no `debug` in its name")
        );
    }
}
