//! What `stage init` prints: what it took from where, what it could not know, and what comes next.

use std::path::Path;

use serde_json::json;
use strict_archive::escaped_sentence;

use crate::commands::report::Report;
use crate::init::{ProductFiles, Proposal, Source, TAG};

/// All that is printed.
pub(super) struct Shown<'a> {
    pub folder: &'a Path,
    pub proposal: &'a Proposal<'a>,
    pub files: &'a ProductFiles,
    pub passed_over: &'a [(String, String)],
    pub source: Source,
}

impl Shown<'_> {
    pub fn show(&self, report: &Report) {
        self.taken(report);
        self.left_out(report);
        for note in &self.proposal.notes {
            report.warning(note);
        }
        for (path, _) in &self.files.texts {
            let path = self.folder.join(path).display().to_string();
            report.result(
                &format!("wrote {}", escaped_sentence(&path)),
                &json!({"type": "written", "path": path}),
            );
        }
        self.open(report);
        self.next(report);
    }

    fn taken(&self, report: &Report) {
        let proposal = self.proposal;
        let fields = [
            ("name", &proposal.name),
            ("license", &proposal.license),
            ("repository", &proposal.repository),
        ];
        for (field, known) in fields {
            if let Some(known) = known {
                take(report, field, &known.value, &known.from);
            }
        }
        if !proposal.commands.is_empty() {
            let count = proposal.archives.len();
            let from = if count == 1 {
                "the archive".to_owned()
            } else {
                format!("all {count} archives")
            };
            take(report, "commands", &proposal.commands.join(", "), &from);
        }
        for assigned in &proposal.archives {
            take(report, "target", assigned.target.triple, &assigned.from);
        }
        if let Some(bin) = &self.files.npm_bin {
            let from = "npm itself runs programs of the name of the first command";
            take(report, "command in npm", bin, from);
        }
        if let Some((package, why)) = self.files.import_package() {
            take(report, "import package", package, why);
        }
        if let Some((release, from)) = &proposal.release {
            take(report, "release tag", &release.tag, from);
        }
        for (file, _) in &proposal.license_files {
            let from = proposal.archives.iter().map(|assigned| assigned.archive);
            let mut from =
                from.filter(|archive| archive.licenses.iter().any(|(name, _)| name == file));
            let from = from.next().map_or("an archive", |archive| &archive.name);
            take(report, "licence file", file, from);
        }
    }

    fn left_out(&self, report: &Report) {
        for (name, reason) in self.proposal.left_out.iter().chain(self.passed_over) {
            report.result(
                &escaped_sentence(&format!("left out: {name}: {reason}")),
                &json!({"type": "left-out", "name": name, "reason": reason}),
            );
        }
    }

    /// What nobody knows yet.
    fn open(&self, report: &Report) {
        let proposal = self.proposal;
        for field in proposal.missing() {
            let reason = proposal.reasons.iter().find(|(reason, _)| *reason == field);
            let reason = reason.map(|(_, reason)| &**reason);
            let reason = reason.unwrap_or("neither the archives nor the folder say it");
            let option = match field {
                "commands" => String::new(),
                field => {
                    format!(", or delete stage.toml and run `stage init` again with --{field}")
                }
            };
            let help = format!("fill in its line in stage.toml{option}");
            report.result(
                &escaped_sentence(&format!("not known: {field}: {reason}; {help}")),
                &json!({"type": "unknown", "field": field, "reason": reason, "help": help}),
            );
        }
        for mistake in &self.files.mistakes {
            report.result(
                &escaped_sentence(&format!("to correct: {mistake}")),
                &json!({"type": "mistake", "message": mistake}),
            );
        }
        if proposal.release.is_none() {
            let (field, reason) = ("release tag", "no name says a version");
            let help = format!("put it in the place of {TAG}, or use --release-tag");
            report.result(
                &format!("not known: {field}: {reason}; {help}"),
                &json!({"type": "unknown", "field": field, "reason": reason, "help": help}),
            );
        }
    }

    fn next(&self, report: &Report) {
        let product = self.files.product.as_ref();
        let commands = crate::init::commands(self.proposal, product, self.folder, self.source);
        let ready = product.is_some()
            && self.proposal.missing().is_empty()
            && self.files.mistakes.is_empty();
        let heading = match (ready, self.source) {
            (false, _) => "next, when stage.toml is filled in:",
            (true, Source::Elsewhere) => "next, where the archives of the release are:",
            (true, _) => "next:",
        };
        let mut text = heading.to_owned();
        for command in &commands {
            text.push_str("\n  ");
            text.push_str(&escaped_sentence(command));
        }
        report.result(
            &text,
            &json!({"type": "next", "ready": ready, "commands": commands}),
        );
    }
}

fn take(report: &Report, field: &str, value: &str, from: &str) {
    report.result(
        &escaped_sentence(&format!("{field}: {value} (from {from})")),
        &json!({"type": "taken", "field": field, "value": value, "from": from}),
    );
}
