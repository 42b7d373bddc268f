use std::fmt;

/// A version of the core metadata: `2.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MetadataVersion(u8, u8);

impl MetadataVersion {
    /// The first version with licence files in a place of their own.
    pub const LICENSES: Self = Self(2, 4);

    /// The newest version that PyPI is known to take.
    const PYPI: Self = Self(2, 5);

    /// Reads a version that is known.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "1.0" => Self(1, 0),
            "1.1" => Self(1, 1),
            "1.2" => Self(1, 2),
            // It was withdrawn and is in use. Tools that wrote it wrote what 2.1 then had.
            "2.0" | "2.1" => Self(2, 1),
            "2.2" => Self(2, 2),
            "2.3" => Self(2, 3),
            "2.4" => Self(2, 4),
            "2.5" => Self(2, 5),
            // It brought no field.
            "2.6" => Self(2, 6),
            _ => return None,
        })
    }

    /// Whether PyPI was not known to take it when this was written.
    pub fn is_new(self) -> bool {
        self > Self::PYPI
    }
}

impl fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// A field of METADATA.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub since: MetadataVersion,
    /// Whether it may be there several times.
    pub repeats: bool,
}

impl Field {
    pub fn find(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.is_called(name))
    }

    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

const fn once(name: &'static str, major: u8, minor: u8) -> Field {
    Field {
        name,
        since: MetadataVersion(major, minor),
        repeats: false,
    }
}

const fn many(name: &'static str, major: u8, minor: u8) -> Field {
    Field {
        repeats: true,
        ..once(name, major, minor)
    }
}

/// Every field, with the version that brought it.
pub(super) const FIELDS: [Field; 33] = [
    once("Metadata-Version", 1, 0),
    once("Name", 1, 0),
    once("Version", 1, 0),
    many("Platform", 1, 0),
    many("Supported-Platform", 1, 1),
    once("Summary", 1, 0),
    once("Description", 1, 0),
    once("Description-Content-Type", 2, 1),
    once("Keywords", 1, 0),
    once("Home-page", 1, 0),
    once("Download-URL", 1, 1),
    once("Author", 1, 0),
    once("Author-email", 1, 0),
    once("Maintainer", 1, 2),
    once("Maintainer-email", 1, 2),
    once("License", 1, 0),
    once("License-Expression", 2, 4),
    // It is of 2.4, but setuptools wrote it years before, and the index lets that be.
    many("License-File", 1, 0),
    many("Classifier", 1, 1),
    many("Requires", 1, 1),
    many("Provides", 1, 1),
    many("Obsoletes", 1, 1),
    many("Requires-Dist", 1, 2),
    many("Provides-Dist", 1, 2),
    many("Obsoletes-Dist", 1, 2),
    once("Requires-Python", 1, 2),
    many("Requires-External", 1, 2),
    many("Project-URL", 1, 2),
    many("Provides-Extra", 2, 1),
    many("Dynamic", 2, 2),
    many("Import-Name", 2, 5),
    many("Import-Namespace", 2, 5),
    // Of the withdrawn 2.0; old tools write it.
    many("Setup-Requires-Dist", 2, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_were_published() {
        let known = [
            "1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6",
        ];
        for text in known {
            assert_eq!(MetadataVersion::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "1", "1.3", "2.7", "2.4.0", " 2.4", "3.0"] {
            assert_eq!(MetadataVersion::parse(text), None);
        }
        let new = known.map(|text| MetadataVersion::parse(text).unwrap().is_new());
        assert_eq!(new.iter().position(|is_new| *is_new), Some(known.len() - 1));
        assert!(MetadataVersion::parse("2.0") < MetadataVersion::parse("2.2"));
    }
}
