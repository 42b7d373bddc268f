//! The text of a product's files. Values go through TOML's own writer, and comments are escaped: no
//! name of a file can add a line.

use std::fmt::Write as _;

use strict_archive::escaped_sentence;

use super::assets::Assets;
use super::known::Known;
use super::proposal::Proposal;
use crate::product::{NpmCommand, toml_literal};

/// What a field looks like that nobody knows.
const EXAMPLES: [(&str, &str); 3] = [
    ("name", "tool"),
    ("license", "MIT"),
    ("repository", "https://github.com/OWNER/NAME"),
];

/// What stands in the place of a field that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// A comment with an example.
    Comments,
    /// An example, to see whether the rest is right.
    Examples,
}

/// Returns the text of stage.toml.
#[must_use]
pub fn stage_toml(proposal: &Proposal<'_>, assets: &Assets, gaps: Gaps) -> String {
    let count = proposal.archives.len();
    let mut text = format!(
        "# Written by `stage init` from {}. Everything that is not here has a default.\n\n[product]\n",
        if count == 1 {
            "one archive".to_owned()
        } else {
            format!("{count} archives")
        }
    );
    let fields = [&proposal.name, &proposal.license, &proposal.repository];
    for ((field, example), known) in EXAMPLES.into_iter().zip(fields) {
        scalar(&mut text, field, known.as_ref(), example, gaps);
    }
    if proposal.has_readme {
        text.push_str("readme = \"README.md\"\n");
    }
    text.push_str("targets = [\n");
    for assigned in &proposal.archives {
        let comment = comment(&assigned.from);
        let target = toml_literal(assigned.target.triple);
        // A String takes everything that is written to it.
        let _ = writeln!(text, "    {target}, # {comment}");
    }
    text.push_str("]\n");
    let name = proposal.name.as_ref().map(|name| &*name.value);
    match &proposal.commands[..] {
        [] => text.push_str("# ? commands = [\"tool\"]\n"),
        // The default.
        [command] if Some(&**command) == name => {}
        commands => {
            let _ = writeln!(
                text,
                "# The executables that all archives have.\ncommands = {}",
                list(commands)
            );
        }
    }
    let release = proposal.release.as_ref();
    if let Some((release, from)) = release
        && let Some(prefix) = &release.prefix
        // The default takes tags with `v` and without.
        && !matches!(&**prefix, "v" | "")
    {
        let _ = writeln!(
            text,
            "# What stands before the version in the tag {}, from {}.\ntag-prefixes = {}",
            comment(&release.tag),
            comment(from),
            list(std::slice::from_ref(prefix))
        );
    }
    if let Some(bin) = npm_bin(proposal) {
        let _ = writeln!(
            text,
            "\n[npm]\n# npm itself runs programs of the name of the first command.\nbin = {}",
            toml_literal(&bin)
        );
    }
    let Assets { patterns, .. } = assets;
    if !patterns.is_empty() || proposal.addresses.is_some() {
        text.push_str("\n[release]\n");
    }
    if let Some((download, api)) = &proposal.addresses {
        let _ = writeln!(
            text,
            "# From the release.\ndownload-url = {}\napi-url = {}",
            toml_literal(download),
            toml_literal(api)
        );
    }
    if !patterns.is_empty() {
        let _ = writeln!(
            text,
            "# The names of the archives.\nassets = {}",
            list(patterns)
        );
    }
    text
}

/// Returns the name of the first command in npm, where it cannot be its own.
#[must_use]
pub fn npm_bin(proposal: &Proposal<'_>) -> Option<String> {
    let name = proposal.name.as_ref().map(|name| &name.value);
    let first = proposal.commands.first().or(name)?;
    let other = format!("{first}-bin");
    let good = |name: &str| name.parse::<NpmCommand>().is_ok();
    (!good(first) && good(&other)).then_some(other)
}

/// Returns the text of the file of a target whose archive has a name of its own.
#[must_use]
pub fn platform_toml(asset: &str) -> String {
    format!(
        "# The archive of this target has a name that no pattern in stage.toml gives.\n\
         [release]\nassets = {}\n",
        list(&[asset.to_owned()])
    )
}

fn scalar(text: &mut String, field: &str, known: Option<&Known>, example: &str, gaps: Gaps) {
    let mark = match gaps {
        Gaps::Comments => "# ? ",
        Gaps::Examples => "",
    };
    let _ = match known {
        Some(Known { value, from }) => {
            writeln!(
                text,
                "# From {}.\n{field} = {}",
                comment(from),
                toml_literal(value)
            )
        }
        None => writeln!(text, "{mark}{field} = {}", toml_literal(example)),
    };
}

fn comment(text: &str) -> String {
    escaped_sentence(text)
}

fn list(texts: &[String]) -> String {
    let texts = texts
        .iter()
        .map(|text| toml_literal(text))
        .collect::<Vec<_>>();
    format!("[{}]", texts.join(", "))
}
