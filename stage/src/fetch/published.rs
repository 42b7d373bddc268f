//! A release of which no product says anything: where it is, and what it has.
//!
//! Its answer was written by somebody else. So no address in it is followed to another host than the
//! one that the user named, and no name in it becomes a path.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;

use super::address::shown;
use super::error::{FetchError, FetchFault, all_or};
use super::fetcher::prune;
use super::http::Http;
use super::listing::{Asset, Listing};
use super::place::{Placer, RemoteFile};
use super::plan::{API_ANSWER, BYTES};
use super::request::Events;
use super::retry::Patience;
use super::token::Token;
use super::transfer::Expected;
use crate::base::parallel;
use crate::product::{ApiUrl, DownloadUrl, FileName, WebUrl};

/// GitHub's API: the only host that is sent a token.
const GITHUB_API: &str = "https://api.github.com";

/// How many files are downloaded at once.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// GitHub's pages and downloads.
const GITHUB: &str = "https://github.com";

/// The address of a release.
#[derive(Clone, Debug)]
pub struct ReleaseUrl {
    /// The address at the API.
    api: Url,
    /// The address at the API of all releases of the repository.
    releases: String,
    /// Owner and name of a repository on GitHub.
    on_github: Option<String>,
}

/// A text that is not the address of a release.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "expected the page of a repository or of a release on GitHub, or the address of a release API: \
     https://HOST/…/repos/OWNER/NAME/releases/tags/TAG"
)]
pub struct ReleaseUrlError;

impl FromStr for ReleaseUrl {
    type Err = ReleaseUrlError;

    fn from_str(text: &str) -> Result<Self, ReleaseUrlError> {
        let url = Url::parse(text).map_err(|_| ReleaseUrlError)?;
        let web = matches!(url.scheme(), "http" | "https");
        if !web || !url.username().is_empty() || url.password().is_some() {
            return Err(ReleaseUrlError);
        }
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_matches('/').to_owned();
        let parts = path.split('/').collect::<Vec<_>>();
        let (releases, rest) = if origin == GITHUB || origin == "https://www.github.com" {
            let [owner, name, rest @ ..] = &parts[..] else {
                return Err(ReleaseUrlError);
            };
            let name = name.strip_suffix(".git").unwrap_or(name);
            let releases = format!("{GITHUB_API}/repos/{owner}/{name}/releases");
            let rest = match rest {
                [] | ["releases"] | ["releases", "latest"] => vec!["latest"],
                ["releases", "tag", tag @ ..] if !tag.is_empty() => [&["tags"], tag].concat(),
                _ => return Err(ReleaseUrlError),
            };
            (releases, rest)
        } else {
            let repos = parts.iter().rposition(|part| *part == "repos");
            let at = repos.ok_or(ReleaseUrlError)?;
            let (owner, name, rest) = match &parts[at..] {
                [_, owner, name, rest @ ..] if !owner.is_empty() && !name.is_empty() => {
                    (owner, name, rest)
                }
                _ => return Err(ReleaseUrlError),
            };
            let before = [&[&*origin], &parts[..at]].concat().join("/");
            let releases = format!("{before}/repos/{owner}/{name}/releases");
            let rest = match rest {
                [] | ["releases"] | ["releases", "latest"] => vec!["latest"],
                ["releases", "tags", tag @ ..] if !tag.is_empty() => [&["tags"], tag].concat(),
                ["releases", id] if id.chars().all(|c| c.is_ascii_digit()) => vec![*id],
                _ => return Err(ReleaseUrlError),
            };
            (releases, rest)
        };
        // The slash of a tag is part of its name.
        let rest = match &rest[..] {
            ["tags", tag @ ..] => format!("tags/{}", tag.join("%2F")),
            other => other.join("/"),
        };
        let api = Url::parse(&format!("{releases}/{rest}")).map_err(|_| ReleaseUrlError)?;
        let on_github = releases.strip_prefix(&format!("{GITHUB_API}/repos/"));
        let on_github = on_github.and_then(|path| path.strip_suffix("/releases"));
        Ok(Self {
            api,
            on_github: on_github.map(str::to_owned),
            releases,
        })
    }
}

/// How a release is read.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// The cache of downloads; `None` for no cache.
    pub cache: Option<&'a Path>,
    /// How often to retry after a try that made no progress.
    pub retries: u32,
    /// How long to wait for a server that sends nothing.
    pub silence: Duration,
    /// The most bytes of a file.
    pub most: u64,
    /// Who is told what happens.
    pub events: &'a dyn Events,
}

/// A release, as its API describes it.
pub struct Published {
    /// The tag.
    pub tag: String,
    /// The page of the repository.
    pub repository: Option<String>,
    /// Its files, in the order of the answer.
    pub files: Vec<PublishedFile>,
    url: ReleaseUrl,
    http: Http,
}

/// A file of a release.
#[derive(Debug)]
pub struct PublishedFile {
    /// Its name, as the answer has it.
    pub name: String,
    /// Whether the answer has a digest of it.
    pub has_digest: bool,
    asset: Asset,
}

impl Published {
    /// Asks the API.
    pub fn read(url: &ReleaseUrl, reach: &Reach) -> Result<Self, FetchError> {
        let token = Token::from_environment(Url::parse(GITHUB_API).ok())?;
        let http = Http::new(token, reach.silence)?;
        let mut patience = Patience::new(reach.retries);
        let about = |source| FetchError::Release {
            url: shown(&url.api),
            source,
        };
        let bytes = loop {
            match http.read(&url.api, API_ANSWER) {
                Ok(bytes) => break bytes,
                Err(fault) => {
                    let waited = patience.wait(fault, &shown(&url.api), reach.events);
                    waited.map_err(about)?;
                }
            }
        };
        let listing = Listing::parse(&bytes).map_err(|error| about(FetchFault::Listing(error)))?;
        let named = url.api.path().rsplit_once("/tags/");
        let tag = listing
            .tag_name
            .or(named.map(|(_, tag)| tag.replace("%2F", "/")));
        let page = listing.html_url.and_then(|page| {
            let (repository, _) = page.split_once("/releases/")?;
            repository
                .parse::<WebUrl>()
                .ok()
                .map(|page| page.to_string())
        });
        let on_github = url
            .on_github
            .as_ref()
            .map(|path| format!("{GITHUB}/{path}"));
        let files = listing.assets.into_iter().filter(Asset::is_uploaded);
        Ok(Self {
            tag: tag.unwrap_or_default(),
            repository: on_github.or(page),
            files: files
                .map(|asset| PublishedFile {
                    name: asset.name.clone(),
                    has_digest: asset.digest.is_some(),
                    asset,
                })
                .collect(),
            url: url.clone(),
            http,
        })
    }

    /// Returns whether it is on GitHub: then its repository says where its files are.
    #[must_use]
    pub fn is_on_github(&self) -> bool {
        self.url.on_github.is_some()
    }

    /// Returns the host of the API, if the page of the repository is on another one than its own.
    #[must_use]
    pub fn other_host(&self) -> Option<&str> {
        let page = Url::parse(self.repository.as_ref()?).ok()?;
        let (page, api) = (page.host_str()?, self.url.api.host_str()?);
        let is_same = page == api || api.strip_prefix("api.") == Some(page);
        (!is_same).then_some(api)
    }

    /// Downloads files of it into a directory, a few at a time. Of several files with one name it is the
    /// first.
    pub fn fetch(
        &self,
        names: &[&str],
        out: &Path,
        scratch: &Path,
        reach: &Reach,
    ) -> Result<Vec<PathBuf>, FetchError> {
        let placer = Placer {
            http: &self.http,
            cache: reach.cache,
            retries: reach.retries,
            scratch,
            events: reach.events,
        };
        let first = |name: &&str| self.files.iter().find(|file| file.name == **name);
        let wanted = names.iter().filter_map(first).collect::<Vec<_>>();
        let results = parallel::map(AT_ONCE, &wanted, |file| {
            let path = out.join(&file.name);
            let result = self
                .remote(file, reach.most)
                .and_then(|remote| placer.place(&remote, &path));
            Ok::<_, std::convert::Infallible>(result.map(|_| path))
        });
        prune(reach.cache);
        let mut done = Vec::new();
        let mut failed = Vec::new();
        for (file, result) in wanted
            .iter()
            .zip(results.unwrap_or_else(|never| match never {}))
        {
            match result {
                Ok(path) => done.push(path),
                Err(fault) => failed.push((file.name.clone(), fault)),
            }
        }
        all_or(done, failed)
    }

    /// Where a file is. With a token it is asked for at the API, which serves private releases too.
    fn remote(&self, file: &PublishedFile, most: u64) -> Result<RemoteFile, FetchFault> {
        let PublishedFile { name, asset, .. } = file;
        let here = |url: &Url| url.origin() == self.url.api.origin();
        let at_api = asset.url().filter(here);
        let private = at_api.clone().filter(|url| self.http.has_token_for(url));
        let on_github = self.url.on_github.as_ref();
        let on_github = on_github.and_then(|path| {
            let template = format!("{GITHUB}/{path}/releases/download/{{tag}}/{{asset}}");
            let template = template.parse::<DownloadUrl>().ok()?;
            Some(template.of(&self.tag, name))
        });
        let url = private
            .or(on_github)
            .or(asset.download_url().filter(here))
            .or(at_api);
        let host = self.url.api.host_str().unwrap_or_default();
        Ok(RemoteFile {
            name: name
                .parse::<FileName>()
                .map_err(|_| FetchFault::NotInRelease(name.clone()))?
                .to_string(),
            url: url.ok_or_else(|| FetchFault::Elsewhere(host.to_owned()))?,
            accept: BYTES,
            expected: Expected {
                sha256: asset.digest,
                size: Some(asset.size).filter(|size| *size <= most),
                most,
            },
        })
    }

    /// Returns `release.download-url` and `release.api-url` of a product, for a release that is not on
    /// GitHub. `None` if files are not where one pattern says.
    #[must_use]
    pub fn addresses(&self) -> Option<(String, String)> {
        if self.url.on_github.is_some() {
            return None;
        }
        let api = format!("{}/tags/{{tag}}", self.url.releases);
        api.parse::<ApiUrl>().ok()?;
        let named = |file: &&PublishedFile| file.name.parse::<FileName>().is_ok();
        let url = self.files.iter().find(named)?.asset.download_url()?;
        let base = url
            .as_str()
            .strip_suffix(&format!("/{}", url.path_segments()?.next_back()?))?;
        let base = base.strip_suffix(&format!("/{}", base.rsplit('/').next()?))?;
        let template = format!("{base}/{{tag}}/{{asset}}");
        let download = template.parse::<DownloadUrl>().ok()?;
        let fits = self
            .files
            .iter()
            .all(|file| file.asset.download_url() == Some(download.of(&self.tag, &file.name)));
        fits.then_some((template, api))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_addresses_of_apis_name_a_release() {
        for (text, api) in [
            (
                "https://github.com/o/n",
                "https://api.github.com/repos/o/n/releases/latest",
            ),
            (
                "https://github.com/o/n.git/",
                "https://api.github.com/repos/o/n/releases/latest",
            ),
            (
                "https://github.com/o/n/releases/",
                "https://api.github.com/repos/o/n/releases/latest",
            ),
            (
                "https://github.com/o/n/releases/tag/v1.2",
                "https://api.github.com/repos/o/n/releases/tags/v1.2",
            ),
            (
                "https://github.com/o/n/releases/tag/cli/v1.2",
                "https://api.github.com/repos/o/n/releases/tags/cli%2Fv1.2",
            ),
            (
                "https://api.github.com/repos/o/n/releases/tags/v1",
                "https://api.github.com/repos/o/n/releases/tags/v1",
            ),
            (
                "https://api.github.com/repos/o/n",
                "https://api.github.com/repos/o/n/releases/latest",
            ),
            (
                "http://127.0.0.1:8000/repos/o/n/releases/tags/v1",
                "http://127.0.0.1:8000/repos/o/n/releases/tags/v1",
            ),
            (
                "https://host/api/v1/repos/o/n/releases/12?x#y",
                "https://host/api/v1/repos/o/n/releases/12",
            ),
        ] {
            let url: ReleaseUrl = text.parse().unwrap();
            assert_eq!(url.api.as_str(), api, "{text}");
            assert_eq!(url.on_github.is_some(), api.starts_with(GITHUB_API));
        }
    }

    #[test]
    fn what_names_no_release_is_refused() {
        for text in [
            "",
            "o/n",
            "https://github.com/o",
            "https://github.com/o/n/tree/main",
            "https://github.com/o/n/releases/tag/",
            "https://host/o/n/releases/tag/v1",
            "https://host/repos/o",
            "https://me:secret@github.com/o/n",
            "file:///repos/o/n",
            "ftp://host/repos/o/n/releases/tags/v1",
        ] {
            assert!(text.parse::<ReleaseUrl>().is_err(), "{text}");
        }
    }
}
