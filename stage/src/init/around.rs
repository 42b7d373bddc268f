//! What is known of a project beside its archives: the manifest of its language, and its repository.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::known::Known;
use crate::base::regular;
use crate::product::{LicenseExpression, WebUrl};

/// What the files around the archives say.
#[derive(Debug, Default)]
pub struct Around {
    /// An SPDX expression.
    pub license: Option<Known>,
    /// The address of the repository.
    pub repository: Option<Known>,
}

/// Most bytes of a manifest or of git's configuration that are read.
const MOST: u64 = 1 << 20;

/// Looks in a folder and in the one above it, and for git in all above it.
#[must_use]
pub fn look(folder: &Path) -> Around {
    let folder = fs_err::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut around = Around::default();
    for place in folder.ancestors().take(2) {
        for (name, read) in MANIFESTS {
            let path = place.join(name);
            let Some(text) = text(&path) else { continue };
            let Manifest {
                license,
                repository,
            } = read(&text).unwrap_or_default();
            let from = shown(&folder, &path);
            let license = license.map(|license| license.replace('/', " OR "));
            let license = license.filter(|license| license.parse::<LicenseExpression>().is_ok());
            let known = |value| Known::new(value, from.clone());
            around.license = around.license.or(license.map(known));
            let repository = repository.and_then(|address| page_of(&address));
            around.repository = around.repository.or(repository.map(known));
        }
    }
    if around.repository.is_none() {
        around.repository = git(&folder);
    }
    around
}

/// What a manifest says.
#[derive(Default)]
struct Manifest {
    license: Option<String>,
    repository: Option<String>,
}

type ReadManifest = fn(&str) -> Option<Manifest>;

/// The manifests, and how each is read.
const MANIFESTS: [(&str, ReadManifest); 3] = [
    ("Cargo.toml", cargo),
    ("package.json", npm),
    ("pyproject.toml", python),
];

fn cargo(text: &str) -> Option<Manifest> {
    let toml: toml::Table = text.parse().ok()?;
    let field = |name: &str| {
        let package = toml
            .get("package")
            .and_then(|package| package.get(name)?.as_str());
        let workspace = || toml.get("workspace")?.get("package")?.get(name)?.as_str();
        package.or_else(workspace).map(str::to_owned)
    };
    Some(Manifest {
        license: field("license"),
        repository: field("repository"),
    })
}

fn npm(text: &str) -> Option<Manifest> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let repository = json.get("repository");
    let repository =
        repository.and_then(|value| value.as_str().or_else(|| value.get("url")?.as_str()));
    Some(Manifest {
        license: json
            .get("license")
            .and_then(|value| value.as_str())
            .map(str::to_owned),
        repository: repository.map(|address| match address.split_once(':') {
            // npm's short forms.
            Some(("github", path)) => format!("https://github.com/{path}"),
            Some(("gitlab", path)) => format!("https://gitlab.com/{path}"),
            None if address.matches('/').count() == 1 => format!("https://github.com/{address}"),
            _ => address.to_owned(),
        }),
    })
}

fn python(text: &str) -> Option<Manifest> {
    let toml: toml::Table = text.parse().ok()?;
    let project = toml.get("project")?;
    let license = project.get("license");
    let license = license.and_then(|value| value.as_str().or_else(|| value.get("text")?.as_str()));
    let urls = project.get("urls").and_then(toml::Value::as_table);
    let repository = urls.and_then(|urls| {
        const NAMES: [&str; 4] = ["repository", "source", "sourcecode", "github"];
        let named = |name: &str| {
            let plain = name.to_ascii_lowercase().replace([' ', '-', '_'], "");
            NAMES.contains(&&*plain)
        };
        urls.iter().find(|(name, _)| named(name))?.1.as_str()
    });
    Some(Manifest {
        license: license.map(str::to_owned),
        repository: repository.map(str::to_owned),
    })
}

/// Reads the address of `origin` in the nearest repository.
fn git(folder: &Path) -> Option<Known> {
    let (place, config) = folder.ancestors().find_map(|place| {
        let config = git_config(&place.join(".git"))?;
        Some((place, config))
    })?;
    let text = text(&config)?;
    let mut in_origin = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin = line.replace(' ', "") == "[remote\"origin\"]";
        } else if let Some((key, value)) = line.split_once('=')
            && in_origin
            && key.trim() == "url"
        {
            let page = page_of(value.trim().trim_matches('"'))?;
            return Some(Known::new(page, shown(folder, &place.join(".git/config"))));
        }
    }
    None
}

/// Where the configuration of a `.git` is: in it, or where a work tree or a submodule says.
fn git_config(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.join("config"));
    }
    let text = text(git)?;
    let to = git.parent()?.join(text.strip_prefix("gitdir:")?.trim());
    let common = to.join("commondir");
    let to = match self::text(&common) {
        Some(common) => to.join(common.trim()),
        None => to,
    };
    Some(to.join("config"))
}

/// Returns the page of a repository, of any address that git or a manifest has for it. A name and a
/// password in it are left out.
#[must_use]
pub fn page_of(address: &str) -> Option<String> {
    let address = address.strip_prefix("git+").unwrap_or(address);
    let short = address.split_once(':').filter(|(host, path)| {
        !address.contains("://") && host.contains('@') && !path.starts_with('/')
    });
    let page = if let Some((host, path)) = short {
        // git@github.com:owner/name.git
        format!("https://{}/{path}", host.rsplit('@').next()?)
    } else {
        let mut url = Url::parse(address).ok()?;
        let host = url.host_str()?.to_owned();
        match url.scheme() {
            "https" | "http" => {
                url.set_username("").ok()?;
                url.set_password(None).ok()?;
                url.set_query(None);
                url.set_fragment(None);
                url.to_string()
            }
            "ssh" | "git" => format!("https://{host}{}", url.path()),
            _ => return None,
        }
    };
    let page = page.trim_end_matches('/');
    let page = page.strip_suffix(".git").unwrap_or(page).to_owned();
    page.parse::<WebUrl>().is_ok().then_some(page)
}

/// Reads a small text; `None` if there is none.
fn text(path: &Path) -> Option<String> {
    String::from_utf8(regular::read(path, MOST).ok()?).ok()
}

/// A path as it is seen from a folder.
fn shown(folder: &Path, path: &Path) -> String {
    let above = folder.ancestors().position(|above| path.starts_with(above));
    let up = above.unwrap_or_default();
    let root = folder.ancestors().nth(up).unwrap_or(folder);
    let inside = path.strip_prefix(root).unwrap_or(path);
    let shown = Path::new(&"../".repeat(up)).join(inside);
    shown.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_repository_is_that_of_its_page() {
        for address in [
            "https://github.com/owner/name",
            "https://github.com/owner/name.git",
            "https://github.com/owner/name/",
            "git+https://github.com/owner/name.git",
            "git@github.com:owner/name.git",
            "ssh://git@github.com/owner/name.git",
            "git+ssh://git@github.com/owner/name.git",
            "git://github.com/owner/name.git",
            "https://me:secret@github.com/owner/name.git",
            "https://token@github.com/owner/name?tab=readme#x",
        ] {
            assert_eq!(
                page_of(address).as_deref(),
                Some("https://github.com/owner/name"),
                "{address}"
            );
        }
        for address in [
            "",
            "/srv/git/name.git",
            "../name",
            "file:///srv/git/name",
            "C:\\name",
            "name",
        ] {
            assert_eq!(page_of(address), None, "{address}");
        }
    }

    #[test]
    fn manifests_say_licence_and_repository() {
        let is = |manifest: Option<Manifest>| {
            let Manifest {
                license,
                repository,
            } = manifest.unwrap();
            assert_eq!(license.as_deref(), Some("MIT"));
            assert_eq!(
                page_of(&repository.unwrap()).as_deref(),
                Some("https://github.com/o/n")
            );
        };
        is(cargo(
            "[package]\nlicense = \"MIT\"\nrepository = \"https://github.com/o/n\"",
        ));
        is(cargo(
            "[workspace.package]\nlicense = \"MIT\"\nrepository = \"https://github.com/o/n\"\n[package]\nlicense.workspace = true",
        ));
        is(npm(r#"{"license": "MIT", "repository": "github:o/n"}"#));
        is(npm(r#"{"license": "MIT", "repository": "o/n"}"#));
        is(npm(
            r#"{"license": "MIT", "repository": {"url": "git+https://github.com/o/n.git"}}"#,
        ));
        is(python(
            "[project]\nlicense = \"MIT\"\nurls.Source = \"https://github.com/o/n\"",
        ));
        is(python(
            "[project]\nlicense = {text = \"MIT\"}\nurls.\"Source Code\" = \"https://github.com/o/n\"",
        ));
        for read in [cargo, npm, python] {
            assert!(read("{[").is_none());
        }
    }
}
