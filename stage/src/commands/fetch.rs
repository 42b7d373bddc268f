//! `stage fetch`

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use crate::commands::cli::{Download, Fetch};
use crate::commands::failure::Advised;
use crate::commands::report;
use crate::commands::report::transfers::Transfers;
use crate::commands::report::{Report, Table};
use crate::fetch::{Fetched, Request, fetch};
use crate::product::Product;
use crate::product::{Platform, Selection, SelectionError};
use crate::staging::Private;
use crate::version::ReleaseVersion;

/// The name of the cache of downloads.
pub(super) const DOWNLOADS: &str = "downloads";

pub fn run(arguments: &Fetch, report: &Report) -> anyhow::Result<()> {
    let product = super::common::product(arguments.product.clone())?;
    fetch_runtimes(arguments, &product, report).with_context(|| {
        let (version, out) = (&arguments.release_tag, arguments.out.display());
        format!("cannot fetch {version} into {out}")
    })
}

fn fetch_runtimes(arguments: &Fetch, product: &Product, report: &Report) -> Result<(), Advised> {
    let Fetch { out, download, .. } = arguments;
    let start = Instant::now();
    let version = product.parse_version(&arguments.release_tag)?;
    let platforms = platforms(&arguments.platform_tag, product)?;
    let private = Private::open(out)?;
    let cache = super::common::cache(DOWNLOADS, arguments.no_cache);
    let request = Request {
        jobs: arguments.jobs,
        ..request(product, &version, &platforms, download, cache.as_deref())
    };
    let transfers = Transfers::new(report);
    let fetched = fetch(&request, &private.scratch(), out, &transfers)?;
    drop(transfers);
    show(&fetched, report);
    report.summary(&format!(
        "fetched {} {} into {} in {:.1} s",
        product.identity.title,
        version.upstream(),
        out.display(),
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// What to fetch, as the options say; one file after the other.
pub(super) fn request<'a>(
    product: &'a Product,
    version: &'a ReleaseVersion,
    platforms: &'a [&'a Platform],
    download: &'a Download,
    cache: Option<&'a Path>,
) -> Request<'a> {
    Request {
        product,
        version,
        platforms,
        base: download.base_url.as_ref(),
        jobs: NonZeroUsize::MIN,
        cache,
        allow_unverified: download.allow_unverified,
        retries: download.retries,
        silence: Duration::from_secs(download.timeout),
    }
}

/// The platforms that values of `--platform-tag` name; all if there are none.
fn platforms<'a>(
    values: &[String],
    product: &'a Product,
) -> Result<Vec<&'a Platform>, SelectionError> {
    let mut named = Vec::new();
    for value in values {
        let selection = Selection::parse(std::slice::from_ref(value), product)?;
        named.extend(selection.map(|selection| &*selection.platform.target));
    }
    let all = product.platforms.iter();
    let wanted = |platform: &&Platform| named.is_empty() || named.contains(&&*platform.target);
    Ok(all.filter(wanted).collect())
}

/// Reports what is there now.
fn show(fetched: &[Fetched], report: &Report) {
    let mut table = Table::new(&["file", "size", "verified by", "from", "sha256"]);
    for file in fetched {
        let data = json!({
            "type": "file",
            "target": file.platform.target,
            "path": file.path,
            "size": file.size,
            "sha256": file.sha256,
            "verified_by": file.verified_by,
            "from": file.origin,
        });
        let word = |field: &str| data[field].as_str().unwrap_or_default().to_owned();
        let row = [
            file.name.clone(),
            report::size(file.size),
            word("verified_by"),
            word("from"),
            file.sha256.to_string(),
        ];
        table.row(row, data);
    }
    report.table(&table);
}
