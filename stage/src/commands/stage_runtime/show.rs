//! What is told of the artifacts.

use serde_json::json;

use crate::commands::report::{self, Report, Table};
use crate::package::Made;
use crate::product::Product;

/// Reports what was made.
pub(super) fn show(product: &Product, made: &[Made], report: &Report) {
    let mut table = Table::new(&["artifact", "size", "of limit", "ratio", "time"]);
    for Made {
        artifact,
        content_size,
        elapsed,
        ..
    } in made
    {
        let limit = artifact.kind.limits(product).in_force();
        let share = limit.map(|limit| report::share(artifact.size, limit));
        let ratio = (*content_size > 0).then(|| report::share(artifact.size, *content_size));
        let seconds = elapsed.as_secs_f64();
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let row = [
            artifact.path.clone(),
            report::size(artifact.size),
            share.map_or_else(|| "-".to_owned(), percent),
            ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
            format!("{seconds:.2} s"),
        ];
        table.row(
            row,
            json!({
                "type": "artifact",
                "kind": artifact.kind,
                "path": artifact.path,
                "size": artifact.size,
                "sha256": artifact.sha256,
                "limit": limit,
                "share": share,
                "ratio": ratio,
                "seconds": seconds,
            }),
        );
    }
    report.table(&table);
}
