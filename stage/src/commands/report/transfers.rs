//! What is seen of downloads: a bar for each file, and one for all together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Report;
use crate::fetch::Events;

/// Bars that go away when the work is done, and lines above them that stay.
pub struct Transfers<'a> {
    report: &'a Report,
    bars: MultiProgress,
    total: ProgressBar,
    files: Mutex<BTreeMap<String, ProgressBar>>,
}

impl<'a> Transfers<'a> {
    /// Bars that are only seen on a terminal, by people.
    #[must_use]
    pub fn new(report: &'a Report) -> Self {
        let bars = MultiProgress::with_draw_target(report.target());
        let total = bars.add(bar("", "{decimal_bytes_per_sec}, {eta} left"));
        Self {
            report,
            bars,
            total,
            files: Mutex::default(),
        }
    }

    /// Changes the bar of a file, and that of all to the sum of them.
    fn update(&self, name: &str, change: impl FnOnce(&ProgressBar)) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let file = files.entry(name.to_owned()).or_insert_with(|| {
            let file = self.bars.insert_before(&self.total, bar(name, "{prefix}"));
            file.set_length(0);
            file
        });
        change(file);
        let lengths = files.values().filter_map(ProgressBar::length);
        self.total.set_length(lengths.sum());
        self.total
            .set_position(files.values().map(ProgressBar::position).sum());
    }
}

impl Events for Transfers<'_> {
    fn size(&self, name: &str, bytes: u64) {
        self.update(name, |file| file.set_length(bytes));
    }

    fn position(&self, name: &str, bytes: u64) {
        self.update(name, |file| file.set_position(bytes));
    }

    fn note(&self, text: &str) {
        self.bars.suspend(|| self.report.summary(text));
    }

    fn warning(&self, text: &str) {
        self.bars.suspend(|| self.report.warning(text));
    }
}

impl Drop for Transfers<'_> {
    fn drop(&mut self) {
        // Nobody is left to look at them.
        let _ = self.bars.clear();
    }
}

/// A bar, and what follows it: the names come last, where a narrow terminal cuts them off.
fn bar(name: &str, after: &str) -> ProgressBar {
    let template =
        format!("{{bar:24}} {{decimal_bytes:>9}} of {{decimal_total_bytes:>9}}  {after}");
    let style = ProgressStyle::with_template(&template);
    // It is drawn where the others are, once it is one of them.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(name.to_owned());
    bar
}
