//! What projects publish beside the archives of their programs.

/// What files are, by the ends of their names and by parts of them, in lower case. The first one counts.
const KINDS: [Kind; 11] = [
    Kind {
        what: "a list of digests",
        ends: &[
            ".sha256",
            ".sha512",
            ".sha1",
            ".md5",
            ".sha256sum",
            ".sha512sum",
            ".b3",
            ".blake3",
            ".sha256.txt",
            ".digest",
            ".sum",
        ],
        parts: &[
            "checksums",
            "sha256sum",
            "sha512sum",
            "sha1sum",
            "shasums",
            "md5sum",
            "b2sum",
        ],
    },
    Kind {
        what: "a signature or an attestation",
        ends: &[
            ".sig",
            ".asc",
            ".pem",
            ".crt",
            ".cert",
            ".minisig",
            ".sigstore",
            ".sigstore.json",
            ".bundle",
            ".intoto.jsonl",
            ".att",
            ".provenance",
            ".provenance.json",
            ".gpg",
        ],
        parts: &[],
    },
    Kind {
        what: "a bill of materials",
        ends: &[
            ".spdx",
            ".cdx.json",
            ".cdx.xml",
            ".spdx.json",
            ".cyclonedx.json",
            ".bom.json",
        ],
        parts: &["sbom.", ".sbom"],
    },
    Kind {
        what: "a package of a system",
        ends: &[
            ".deb",
            ".rpm",
            ".apk",
            ".msi",
            ".msix",
            ".msixbundle",
            ".pkg",
            ".dmg",
            ".appimage",
            ".snap",
            ".flatpak",
            ".pkg.tar.zst",
            ".pkg.tar.xz",
            ".archlinux",
            ".ipk",
        ],
        parts: &[],
    },
    Kind {
        what: "a Python wheel",
        ends: &[".whl"],
        parts: &[],
    },
    Kind {
        what: "a package of another ecosystem",
        ends: &[".crate", ".gem", ".nupkg", ".vsix", ".jar", ".wasm"],
        parts: &[],
    },
    Kind {
        what: "information for debuggers",
        ends: &[".pdb", ".dsym.zip", ".dsym.tar.gz", ".debug"],
        parts: &["-debuginfo", "-symbols", "debug-symbols"],
    },
    Kind {
        what: "an installer",
        ends: &["-installer.exe", "-setup.exe", "_setup.exe"],
        parts: &[],
    },
    Kind {
        what: SOURCE,
        ends: &[],
        parts: &[],
    },
    Kind {
        what: "of a compression that stage does not read; it reads .tar.gz, .tar.xz, .tar.zst, .zip, .gz, \
               .xz and .zst",
        ends: &[
            ".tar.bz2", ".tbz", ".tbz2", ".7z", ".rar", ".bz2", ".tar", ".br", ".lzma", ".lz",
            ".lz4", ".z", ".cab",
        ],
        parts: &[],
    },
    Kind {
        what: TEXT,
        ends: &[
            ".sh",
            ".ps1",
            ".bat",
            ".cmd",
            ".rb",
            ".py",
            ".js",
            ".json",
            ".jsonl",
            ".yaml",
            ".yml",
            ".toml",
            ".lock",
            ".md",
            ".markdown",
            ".txt",
            ".rst",
            ".adoc",
            ".html",
            ".pdf",
            ".xml",
            ".csv",
            ".log",
            ".1",
            ".cfg",
            ".ini",
        ],
        parts: &[],
    },
];

/// A kind of file that is no archive of a program.
struct Kind {
    what: &'static str,
    ends: &'static [&'static str],
    parts: &'static [&'static str],
}

const SOURCE: &str = "an archive of the source";
const TEXT: &str = "a text or a script";

/// Returns what a file is that is no archive of a program, by its name; `None` if it may be one.
#[must_use]
pub fn reason(name: &str) -> Option<&'static str> {
    if name.starts_with('.') {
        return Some("a hidden file");
    }
    let lower = name.to_ascii_lowercase();
    let is = |kind: &&Kind| {
        kind.ends.iter().any(|end| lower.ends_with(end))
            || kind.parts.iter().any(|part| lower.contains(part))
            || (kind.what == SOURCE && is_source(&lower))
            || (kind.what == TEXT && is_text(&lower))
    };
    KINDS.iter().find(is).map(|kind| kind.what)
}

/// Names of texts without a suffix.
fn is_text(lower: &str) -> bool {
    const TEXTS: [&str; 8] = [
        "readme",
        "license",
        "licence",
        "copying",
        "unlicense",
        "notice",
        "authors",
        "changelog",
    ];
    TEXTS.iter().any(|text| {
        let rest = lower.strip_prefix(text);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('-') && !rest.contains('.')))
    })
}

/// cargo-dist's name, and what people call such archives.
fn is_source(lower: &str) -> bool {
    let stem = lower.split(".tar").next().unwrap_or(lower);
    let stem = stem.strip_suffix(".zip").unwrap_or(stem);
    let stem = stem.strip_suffix(".tgz").unwrap_or(stem);
    stem != lower
        && (stem == "source"
            || [
                "-src",
                "_src",
                ".src",
                "-source",
                "_source",
                ".source",
                "-sources",
                "-vendor",
                "-vendored",
                "-source-code",
            ]
            .iter()
            .any(|end| stem.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_beside_the_archives_is_told_from_them() {
        for name in [
            "checksums.txt",
            "tool_1.2.3_checksums.txt",
            "SHA256SUMS",
            "tool.tar.gz.sha256",
            "tool.sig",
            "dist-manifest.json",
            "tool-installer.sh",
            "tool-installer.ps1",
            "tool.rb",
            "source.tar.gz",
            "tool-1.2-src.tar.gz",
            "tool_1.2_amd64.deb",
            "tool.x86_64.rpm",
            "tool.msi",
            "tool.tar.gz.sbom.json",
            "tool.tar.gz.sbom",
            "tool-1-py3-none-any.whl",
            "tool.tar.bz2",
            "tool.7z",
            ".DS_Store",
            "LICENSE",
            "LICENSE-MIT",
            "README.md",
            "tool.pdb",
            "multiple.intoto.jsonl",
            "stage.toml",
        ] {
            assert!(reason(name).is_some(), "{name}");
        }
        for name in [
            "tool-x86_64-unknown-linux-gnu.tar.gz",
            "tool.zip",
            "tool.tar.zst",
            "tool.tar.xz",
            "tool-linux.xz",
            "tool-linux-amd64",
            "tool.exe",
            "tool-linux.gz",
            "source-map-linux.tar.gz",
            "license-tool-linux.tar.gz",
            "tool-1.2.3.tgz",
        ] {
            assert_eq!(reason(name), None, "{name}");
        }
    }
}
