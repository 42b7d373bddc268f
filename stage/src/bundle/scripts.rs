//! Wheels that install executables as scripts: those of `stage` itself, and what maturin and others make
//! of native programs. The directories of the wheel say what each file is.

use std::path::Path;

use super::error::Error;
use super::executable::layout_path;
use super::place;
use super::request::OpenRequest;
use super::tree::{Tree, TreeFile};
use crate::base::files;
use crate::product::Product;

/// Returns the runtime in a wheel: its scripts and what they bring for the system, by the paths that an
/// archive would have. `None` if the wheel has no scripts, or code that is not the package of the product.
pub(super) fn unwrap(
    tree: &Tree,
    runtime: &Path,
    request: &OpenRequest<'_>,
) -> Result<Option<Tree>, Error> {
    let stem = place::dist_info(tree).and_then(|dir| dir.strip_suffix(".dist-info"));
    let Some(stem) = stem.filter(|_| tree.links.is_empty()) else {
        return Ok(None);
    };
    let scripts = format!("{stem}.data/scripts");
    if !tree
        .files
        .iter()
        .any(|file| file.path.below(&scripts).is_some())
    {
        return Ok(None);
    }
    let dir = tree.dir.with_file_name("wheel");
    let mut taken = Vec::new();
    for file in &tree.files {
        let path = file.path.as_str();
        let Some(place) = place_of(path, stem, request.product) else {
            return Ok(None);
        };
        if let Place::Runtime(place) = place {
            taken.push((file, layout_path(runtime, place)?));
        }
    }
    let mut moved = Vec::with_capacity(taken.len());
    for (file, path) in taken {
        let to = path.in_dir(&dir);
        files::place(&file.path.in_dir(&tree.dir), &to).map_err(Error::Scratch)?;
        moved.push(TreeFile {
            path,
            ..file.clone()
        });
    }
    moved.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(Tree {
        dir,
        files: moved,
        links: Vec::new(),
    }))
}

/// What a file of a wheel is.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// One of the runtime, with this path.
    Runtime(&'a str),
    /// One of the wheel's own.
    Wheel,
}

/// Returns what a file of a wheel is; `None` if that is not known.
fn place_of<'a>(path: &'a str, stem: &str, product: &Product) -> Option<Place<'a>> {
    let (top, rest) = path.split_once('/')?;
    if let Some(directory) = top.strip_prefix(stem) {
        return match directory {
            ".data" => {
                let (scheme, rest) = rest.split_once('/')?;
                matches!(scheme, "scripts" | "data").then_some(Place::Runtime(rest))
            }
            ".dist-info" => Some(license(rest, product).map_or(Place::Wheel, Place::Runtime)),
            _ => None,
        };
    }
    (*top == *product.wheel.import_package).then_some(Place::Wheel)
}

/// Returns the path of a licence of the runtime, of a file in the directory of metadata.
fn license<'a>(path: &'a str, product: &Product) -> Option<&'a str> {
    let path = path.strip_prefix("licenses/")?;
    // Those of the product come from its folder.
    let mut own = product.license_files.keys();
    if own.any(|name| name.eq_ignore_ascii_case(path)) {
        return None;
    }
    Some(path.strip_prefix("runtime/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::ProductSource;

    #[test]
    fn the_directory_says_what_a_file_is() {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        product.license_files = [("LICENSE".to_owned(), String::new())].into();
        for (path, expected) in [
            ("a-1.data/scripts/a", Some(Place::Runtime("a"))),
            (
                "a-1.data/data/share/man/man1/a.1",
                Some(Place::Runtime("share/man/man1/a.1")),
            ),
            ("a-1.dist-info/METADATA", Some(Place::Wheel)),
            ("a-1.dist-info/licenses/LICENSE", Some(Place::Wheel)),
            (
                "a-1.dist-info/licenses/LICENSE-MIT",
                Some(Place::Runtime("LICENSE-MIT")),
            ),
            (
                "a-1.dist-info/licenses/runtime/LICENSE",
                Some(Place::Runtime("LICENSE")),
            ),
            ("codex_cli_bin/__init__.py", Some(Place::Wheel)),
            ("other/__init__.py", None),
            ("a.pth", None),
            ("a-1.data/purelib/a.py", None),
            ("a-1.data/scripts", None),
        ] {
            assert_eq!(place_of(path, "a-1", &product), expected, "{path}");
        }
    }
}
