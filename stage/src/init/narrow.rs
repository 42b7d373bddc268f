//! Leaves out the targets that packages cannot tell from others: a registry has one package for a machine.

use std::path::Path;

use super::error::InitError;
use super::target::Assigned;
use super::try_out::try_out;
use crate::product::known_targets::{self, UNIVERSAL2};

/// Leaves out archives, and says why. Whether two targets can be told apart is what a product of both
/// says when it is loaded.
pub(super) fn narrow(
    archives: &mut Vec<Assigned<'_>>,
    scratch: &Path,
) -> Result<Vec<(String, String)>, InitError> {
    let mut left_out = Vec::new();
    let mut kept: Vec<&'static str> = Vec::new();
    for triple in in_order(archives) {
        kept.push(triple);
        if loads(&kept, scratch)? {
            continue;
        }
        kept.pop();
        let mut like = None;
        for other in &kept {
            if !loads(&[other, triple], scratch)? {
                like = Some(*other);
                break;
            }
        }
        let why = match like {
            Some(like) => format!("packages for {triple} cannot be told from those for {like}"),
            None => format!("no package can be made for {triple}"),
        };
        let dropped = archives.extract_if(.., |assigned| assigned.target.triple == triple);
        left_out.extend(dropped.map(|assigned| (assigned.archive.name.clone(), why.clone())));
    }
    Ok(left_out)
}

/// The targets, those first that are meant more often.
fn in_order(archives: &[Assigned<'_>]) -> Vec<&'static str> {
    let mut triples = archives
        .iter()
        .map(|assigned| assigned.target.triple)
        .collect::<Vec<_>>();
    let order = |triple: &str| known_targets::all().position(|target| target.triple == triple);
    let macos = triples
        .iter()
        .filter(|triple| triple.ends_with("apple-darwin"));
    // It stands for both CPUs, where one of them has no archive of its own.
    let universal_first = macos.count() < 3;
    triples.sort_by_key(|triple| (!(universal_first && *triple == UNIVERSAL2), order(triple)));
    triples
}

fn loads(targets: &[&str], scratch: &Path) -> Result<bool, InitError> {
    // Triples are words.
    let text = format!(
        "[product]\nname = \"a\"\nlicense = \"MIT\"\nrepository = \"https://example.org\"\n\
         targets = {targets:?}\n"
    );
    Ok(try_out(&text, &[], scratch)?.1.is_ok())
}
