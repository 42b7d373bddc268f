//! The compressed content of a runtime, from the cache or made now.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::bundle::Bundle;
use crate::commands::cli::{Compression, StageRuntime};
use crate::commands::common;
use crate::commands::report::Report;
use crate::compress::{self, Compressed, Encoding, Options};
use crate::package::Task;
use crate::record::Effort;
use crate::staging::Staging;

/// Compresses what the tasks need. A cache that cannot be used costs time, never the artifacts.
pub(super) fn compress(
    bundle: &Bundle,
    tasks: &[Task],
    arguments: &StageRuntime,
    jobs: NonZeroUsize,
    staging: &Staging,
    report: &Report,
) -> Result<Compressed, compress::CompressError> {
    let mut encodings = Vec::new();
    for task in tasks {
        encodings.push(match task {
            Task::Wheel(_) | Task::Npm => Encoding::Deflate,
            Task::Crates => Encoding::Zstd,
        });
    }
    let cache = common::cache("compressed", arguments.no_cache);
    let scratch = staging.scratch();
    let run = |cache: Option<&PathBuf>| {
        let total = bundle.files().iter().map(|file| file.size).sum();
        let progress = report.progress(total);
        let cache = cache.map(PathBuf::as_path);
        let options = Options {
            effort: effort(arguments.compression),
            jobs,
            cache,
            scratch: &scratch,
        };
        compress::compress(bundle, &encodings, &options, &|file, bytes| {
            progress.advance(file.path.as_str(), bytes);
        })
    };
    match (run(cache.as_ref()), &cache) {
        (Err(compress::CompressError::Cache(error)), Some(cache)) => {
            let cache = cache.display();
            report.warning(&format!("going on without the cache in {cache}: {error}"));
            run(None)
        }
        (result, _) => result,
    }
}

/// Returns the effort that `--compression` asks for.
pub(super) fn effort(compression: Compression) -> Effort {
    match compression {
        Compression::Fast => Effort::Fast,
        Compression::Default => Effort::Default,
        Compression::Best => Effort::Best,
    }
}
