//! A runtime of the user's own, in place of the embedded one: how distributions, NixOS and people who
//! work on the runtime itself use programs that carry one.

use std::path::{Path, PathBuf};

use crate::embedded::Product;
use crate::error::BadOverride;
use crate::fs;
use crate::manifest;
use crate::metadata;
use crate::sys;

/// A runtime that the user brought.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) entrypoint: PathBuf,
    /// What is known of it, if it lies in a package directory.
    pub(crate) package: Option<Package>,
}

/// A package directory.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) dir: PathBuf,
    pub(crate) path_dir: Option<PathBuf>,
    pub(crate) version: String,
}

/// How far above an executable its package directory may be.
const MAX_DEPTH: usize = 8;

/// Finds the runtime at a path: a package directory, or an executable, in one or not.
pub(crate) fn open(product: &Product, path: &Path) -> Result<Own, BadOverride> {
    let path = &fs::at("look at", path, std::path::absolute(path))?;
    if fs::metadata(path)?.is_dir() {
        let (entrypoint, package) =
            read_package(product, path)?.ok_or(BadOverride::NoMetadata(product.metadata_file))?;
        let metadata = fs::metadata(&entrypoint).map_err(BadOverride::from);
        return match metadata {
            Err(BadOverride::Missing) => Err(BadOverride::NoEntrypoint(entrypoint)),
            Ok(metadata) if !sys::is_executable(&metadata) => {
                Err(BadOverride::NotExecutable(entrypoint))
            }
            metadata => metadata.map(|_| Own {
                entrypoint,
                package: Some(package),
            }),
        };
    }
    if !sys::is_executable(&fs::metadata(path)?) {
        return Err(BadOverride::NotExecutable(path.clone()));
    }
    // As it was given, and where it really lies: `~/.local/bin` is full of links into packages.
    let real = std::fs::canonicalize(path).ok();
    for executable in [Some(path), real.as_ref()].into_iter().flatten() {
        for dir in executable.ancestors().skip(1).take(MAX_DEPTH) {
            if let Ok(Some((entrypoint, package))) = read_package(product, dir)
                && entrypoint == *executable
            {
                return Ok(Own {
                    entrypoint,
                    package: Some(package),
                });
            }
        }
    }
    Ok(Own {
        entrypoint: path.clone(),
        package: None,
    })
}

/// Reads the metadata of a package directory: its entrypoint, and what it is. `None` where there is
/// no metadata.
fn read_package(product: &Product, dir: &Path) -> Result<Option<(PathBuf, Package)>, BadOverride> {
    let file = dir.join(product.metadata_file);
    let text = match fs::read_to_string(&file).map_err(BadOverride::from) {
        Ok(text) => text,
        Err(BadOverride::Missing) => return Ok(None),
        Err(error) => return Err(error),
    };
    let unusable = |why: String| BadOverride::Metadata {
        file: file.clone(),
        why,
    };
    let fields = metadata::strings(&text).map_err(|why| unusable(why.to_owned()))?;
    let get = |name: &str| Some(&fields.iter().find(|(key, _)| key == name)?.1);
    let need = |name: &str| get(name).ok_or_else(|| unusable(format!("has no string {name:?}")));
    let below = |name: &str, path: &String| match manifest::relative_path(path) {
        Some(path) => Ok(fs::join(dir, path)),
        None => Err(unusable(format!("has a {name:?} that leads out of it"))),
    };
    let entrypoint = below(product.entrypoint_field, need(product.entrypoint_field)?)?;
    let version = need(product.version_field)?.clone();
    let path_dir = get(product.path_dir_field).map(|path| below(product.path_dir_field, path));
    let path_dir = path_dir.transpose()?.filter(|dir| dir.is_dir());
    Ok(Some((
        entrypoint,
        Package {
            dir: dir.to_owned(),
            path_dir,
            version,
        },
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    static PRODUCT: Product = Product {
        metadata_file: "tool-package.json",
        ..crate::payload::PRODUCT
    };

    const METADATA: &[u8] =
        br#"{"version":"9.9.9","entrypoint":"bin/command","pathDir":"tool-path"}"#;

    fn package() -> Dir {
        let dir = Dir::new();
        dir.write("p/tool-package.json", 0o644, METADATA);
        dir.write("p/bin/command", 0o755, b"");
        dir.write("p/bin/helper", 0o755, b"");
        dir.write("p/tool-path/rg", 0o755, b"");
        dir
    }

    fn fails(path: &Path) -> String {
        open(&PRODUCT, path).unwrap_err().to_string()
    }

    #[test]
    fn finds_the_package_from_its_directory_and_from_its_executable() {
        let dir = package();
        for path in ["p", "p/bin/command", "p/bin/../bin/command"] {
            let own = open(&PRODUCT, &dir.join(path)).unwrap();
            let package = own.package.unwrap();
            assert_eq!(package.version, "9.9.9");
            assert_eq!(package.path_dir.unwrap().file_name().unwrap(), "tool-path");
            assert!(own.entrypoint.ends_with("bin/command") && own.entrypoint.is_absolute());
        }
    }

    #[test]
    #[cfg(unix)]
    fn finds_the_package_behind_a_link() {
        let dir = package();
        let link = dir.join("link");
        std::os::unix::fs::symlink("p/bin/command", &link).unwrap();
        let own = open(&PRODUCT, &link).unwrap();
        assert_eq!(
            own.entrypoint,
            std::fs::canonicalize(dir.join("p/bin/command")).unwrap()
        );
        assert_eq!(own.package.unwrap().version, "9.9.9");
    }

    #[test]
    fn an_executable_that_is_not_the_entrypoint_is_taken_alone() {
        let dir = package();
        for path in ["p/bin/helper", "p/tool-path/rg"] {
            let own = open(&PRODUCT, &dir.join(path)).unwrap();
            assert_eq!(own.entrypoint, dir.join(path));
            assert!(own.package.is_none());
        }
    }

    #[test]
    fn a_package_without_a_path_dir() {
        let dir = package();
        std::fs::remove_dir_all(dir.join("p/tool-path")).unwrap();
        assert!(
            open(&PRODUCT, &dir.join("p"))
                .unwrap()
                .package
                .unwrap()
                .path_dir
                .is_none()
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let dir = package();
        assert_eq!(fails(&dir.join("nothing")), "there is nothing there");
        assert_eq!(
            fails(&dir.join("p/bin/command/x")),
            "there is nothing there"
        );
        assert!(fails(Path::new("")).starts_with("cannot "));
        let text = "a directory without tool-package.json is not a package directory";
        assert_eq!(fails(&dir), text);
        #[cfg(unix)]
        assert!(fails(&dir.join("p/tool-package.json")).ends_with(" is not executable"));
        for (metadata, why) in [
            ("", "is not a JSON object"),
            ("{}", "has no string \"entrypoint\""),
            (
                r#"{"entrypoint":"bin/command"}"#,
                "has no string \"version\"",
            ),
            (
                r#"{"entrypoint":"bin/command","version":1}"#,
                "has no string \"version\"",
            ),
            (
                r#"{"entrypoint":"../x","version":"1"}"#,
                "has a \"entrypoint\" that leads out of it",
            ),
        ] {
            dir.write("p/tool-package.json", 0o644, metadata.as_bytes());
            assert!(fails(&dir.join("p")).ends_with(why), "{metadata}");
        }
        dir.write("p/tool-package.json", 0o644, b"\xff");
        assert!(fails(&dir.join("p")).contains("tool-package.json"));
        dir.write("p/tool-package.json", 0o644, METADATA);
        #[cfg(unix)]
        {
            crate::testing::chmod(&dir.join("p/bin/command"), 0o644);
            assert!(fails(&dir.join("p")).ends_with("command is not executable"));
        }
        std::fs::remove_file(dir.join("p/bin/command")).unwrap();
        assert!(fails(&dir.join("p")).ends_with("command is missing"));
    }
}
