//! The bill of materials of an artifact: [CycloneDX 1.6](https://cyclonedx.org/docs/1.6/json/), as JSON.
//!
//! It lists every file of the runtime with its SHA-256, so that a scanner finds a file by its digest
//! in any package. Python packages have a standard place for it
//! ([PEP 770](https://peps.python.org/pep-0770/)); in the others it lies beside the package's own
//! metadata.
//!
//! The same input gives the same bytes. So it contains no time, and its serial number is made
//! from its content, as a UUID of version 8 ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.8)).

use std::fmt::Write as _;

use serde::Serialize;

use super::input::Input;
use crate::base::digest::Digest;
use crate::base::hashed::Hashed;
use crate::bundle::BundleFile;
use crate::product::{AuthorParts, LicenseExpression};

/// The name of the file, in an ecosystem that has no standard place for it.
pub const FILE: &str = "sbom.cdx.json";

/// The suffix of every file of this kind.
pub const SUFFIX: &str = ".cdx.json";

/// An artifact, as its ecosystem names it.
pub struct Subject<'a> {
    /// The package's name.
    pub name: &'a str,
    /// Its version, as the ecosystem spells it.
    pub version: String,
    /// Its [package URL](https://github.com/package-url/purl-spec).
    pub purl: String,
    /// Package URLs of the packages that carry parts of the runtime for it.
    pub parts: Vec<String>,
}

/// Returns the package URL of a Python package: of one file of a release, by its name.
pub fn pypi_purl(distribution: &str, version: &str, file: &str) -> String {
    let name = distribution.to_lowercase().replace(['_', '.'], "-");
    format!(
        "pkg:pypi/{name}@{}?file_name={}",
        encoded(version),
        encoded(file)
    )
}

/// Returns the package URL of an npm package.
pub fn npm_purl(package: &str, version: &str) -> String {
    let name = package.split('/').map(encoded).collect::<Vec<_>>();
    format!("pkg:npm/{}@{}", name.join("/"), encoded(version))
}

/// Returns the package URL of a crate.
pub fn cargo_purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{}@{}", encoded(name), encoded(version))
}

/// Percent-encodes a part of a package URL.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// Returns the text of an artifact's bill of materials.
pub fn text(input: &Input, subject: &Subject) -> Result<Vec<u8>, serde_json::Error> {
    let files = input.bundle.files().iter();
    let files = files.map(|file: &BundleFile| (file.path.as_str(), file.sha256));
    text_of(input, subject, files)
}

/// Returns the same for an artifact that carries these files of the runtime, by the names that they
/// have in it.
pub fn text_of<'a>(
    input: &'a Input,
    subject: &'a Subject,
    files: impl Iterator<Item = (&'a str, Digest)>,
) -> Result<Vec<u8>, serde_json::Error> {
    let identity = &input.product.identity;
    let licenses = [License {
        expression: &identity.license,
    }];
    let reference = |kind, url| ExternalReference { kind, url };
    let runtime_version = input.version.upstream();
    let runtime_ref = format!("{}@{runtime_version}", &*identity.name);
    let files = files.map(|(name, content)| File {
        kind: "file",
        name,
        hashes: [Hash {
            algorithm: "SHA-256",
            content,
        }],
    });
    let references = [
        ("vcs", Some(&identity.repository)),
        ("website", Some(&identity.homepage)),
        ("issue-tracker", identity.issues.as_ref()),
    ];
    let runtime = Component {
        kind: "application",
        bom_ref: &runtime_ref,
        name: &identity.title,
        version: &runtime_version,
        authors: identity
            .authors
            .iter()
            .map(|author| {
                let AuthorParts { name, email } = AuthorParts::parse(author);
                let name = (!name.is_empty()).then_some(name);
                Author { name, email }
            })
            .collect(),
        licenses: Some(&licenses),
        purl: None,
        external_references: references
            .into_iter()
            .filter_map(|(kind, url)| Some(reference(kind, &**url?)))
            .collect(),
        components: files.collect(),
    };
    let part = |purl| Component {
        kind: "library",
        bom_ref: purl,
        name: purl
            .rsplit_once('/')
            .and_then(|(_, rest)| rest.split('@').next())
            .unwrap_or(purl),
        version: &subject.version,
        purl: Some(purl),
        ..Component::default()
    };
    let mut bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata {
            tools: Tools {
                components: [Component {
                    kind: "application",
                    bom_ref: "stage",
                    name: "stage",
                    version: env!("CARGO_PKG_VERSION"),
                    ..Component::default()
                }],
            },
            component: Component {
                kind: "library",
                bom_ref: &subject.purl,
                name: subject.name,
                version: &subject.version,
                licenses: Some(&licenses),
                purl: Some(&subject.purl),
                ..Component::default()
            },
        },
        components: std::iter::once(runtime)
            .chain(subject.parts.iter().map(|purl| part(purl)))
            .collect(),
        dependencies: [Dependency {
            reference: &subject.purl,
            depends_on: std::iter::once(&*runtime_ref)
                .chain(subject.parts.iter().map(String::as_str))
                .collect(),
        }],
    };
    // A runtime may have many files: their list is serialised twice, but held in memory once.
    let mut hashed = Hashed::new(std::io::sink());
    serde_json::to_writer(&mut hashed, &bom)?;
    let (length, digest) = hashed.finish().map_err(serde_json::Error::io)?;
    bom.serial_number = Some(serial_number(digest));
    // With room for the serial number: a text that grows takes twice the memory.
    let mut text = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 100);
    serde_json::to_writer(&mut text, &bom)?;
    text.push(b'\n');
    Ok(text)
}

/// Returns a UUID of version 8: bits of a digest, and the bits that mark the version.
fn serial_number(digest: Digest) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = "urn:uuid:".to_owned();
    for (index, byte) in bytes.iter().enumerate() {
        let hyphen = if matches!(index, 4 | 6 | 8 | 10) {
            "-"
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{hyphen}{byte:02x}");
    }
    text
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: [Dependency<'a>; 1],
}

#[derive(Serialize)]
struct Metadata<'a> {
    tools: Tools<'a>,
    component: Component<'a>,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Component<'a>; 1],
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    licenses: Option<&'a [License<'a>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

#[derive(Serialize)]
struct License<'a> {
    expression: &'a LicenseExpression,
}

#[derive(Serialize)]
struct ExternalReference<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    hashes: [Hash; 1],
}

#[derive(Serialize)]
struct Hash {
    #[serde(rename = "alg")]
    algorithm: &'static str,
    content: Digest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    depends_on: Vec<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_encoded() {
        assert_eq!(
            npm_purl("@openai/codex", "1.2.3-linux-x64"),
            "pkg:npm/%40openai/codex@1.2.3-linux-x64"
        );
        assert_eq!(
            pypi_purl("A_name.d", "1.2.3a1", "a_name_d-1.2.3a1-py3-none-a.b.whl"),
            "pkg:pypi/a-name-d@1.2.3a1?file_name=a_name_d-1.2.3a1-py3-none-a.b.whl"
        );
        assert_eq!(cargo_purl("a-b", "1.2.3"), "pkg:cargo/a-b@1.2.3");
    }

    #[test]
    fn a_serial_number_is_a_uuid_of_version_8() {
        assert_eq!(
            serial_number(Digest::from([0xff; 32])),
            "urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff"
        );
    }
}
