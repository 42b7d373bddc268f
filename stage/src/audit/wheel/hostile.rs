//! Wheels that are cut or changed anywhere: whatever it is, it ends in an audit.

use std::io::{Cursor, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::audit::{Audit, AuditRequest, verify};
use crate::base::digest::Digest;
use crate::product::{Product, ProductSource};
use zip::write::{SimpleFileOptions, ZipWriter};

const METADATA: &str = "Metadata-Version: 2.4\nName: a\nVersion: 1.0\nSummary: A wheel\n\
    License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE\n\
    Classifier: Programming Language :: Rust\nRequires-Python: >=3.8, <4\n\
    Requires-Dist: b[c] (>=1.0); python_version < '4' and (extra == \"d\")\n\
    Provides-Extra: d\nProject-URL: Home, https://example.org\n\
    Description-Content-Type: text/x-rst; charset=UTF-8\n\nSee :pep:`427`.\n";

/// The path and the content of a file.
type Member = (&'static str, Vec<u8>);

fn members() -> Vec<Member> {
    let mut files = vec![
        ("a/__init__.py", "\"\"\"A.\"\"\"\n".to_owned()),
        ("a-1.0.data/scripts/a", "#!python\n".to_owned()),
        ("a-1.0.dist-info/METADATA", METADATA.to_owned()),
        (
            "a-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
        ),
        (
            "a-1.0.dist-info/entry_points.txt",
            "[console_scripts]\na = a:b\n".to_owned(),
        ),
        ("a-1.0.dist-info/licenses/LICENSE", "MIT\n".to_owned()),
        (
            "a-1.0.dist-info/sboms/a.cdx.json",
            r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#.to_owned(),
        ),
    ];
    let rows = files.iter().map(|(path, text)| {
        let digest = URL_SAFE_NO_PAD.encode(Digest::of(text.as_bytes()).as_bytes());
        format!("\"{path}\",sha256={digest},{}\n", text.len())
    });
    let record = rows.collect::<String>() + "a-1.0.dist-info/RECORD,,\n";
    files.push(("a-1.0.dist-info/RECORD", record));
    files
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect()
}

/// A wheel of these files, by their paths.
fn zip(members: &[Member]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in members {
        let mode = if name.contains("scripts") {
            0o755
        } else {
            0o644
        };
        let options = SimpleFileOptions::default().unix_permissions(mode);
        archive.start_file(*name, options).unwrap();
        archive.write_all(data).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Audits each wheel, all of one name.
fn audits(wheels: impl Iterator<Item = Vec<u8>>, mut look: impl FnMut(Vec<Audit>)) {
    let product = Product::load(&ProductSource::BuiltIn).unwrap();
    let request = AuditRequest {
        product: &product,
        jobs: NonZeroUsize::MIN,
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a-1.0-py3-none-any.whl");
    for wheel in wheels {
        fs_err::write(&path, wheel).unwrap();
        look(verify(Path::new(&path), &request).unwrap());
    }
}

#[test]
fn the_wheel_itself_has_no_findings() {
    let wheel = zip(&members());
    audits(std::iter::once(wheel), |audits| {
        let found = audits.iter().flat_map(|audit| &audit.findings);
        let found = found.map(crate::audit::Finding::text).collect::<Vec<_>>();
        assert_eq!(found, [""; 0]);
    });
}

#[test]
fn a_wheel_that_was_cut_anywhere_has_an_error() {
    let wheel = zip(&members());
    let cut = (0..wheel.len()).map(|end| wheel[..end].to_vec());
    audits(cut, |audits| assert!(audits.iter().any(Audit::has_errors)));
}

#[test]
fn a_wheel_with_any_byte_changed_is_audited() {
    let wheel = zip(&members());
    let changed = (0..wheel.len()).flat_map(|index| {
        [0, !wheel[index]].map(|value| {
            let mut wheel = wheel.clone();
            wheel[index] = value;
            wheel
        })
    });
    // Times and versions are bytes that nothing depends on.
    audits(changed, |audits| assert_eq!(audits.len(), 1));
}

/// What is inside is looked at too, when the archive is right and says so. RECORD is left out: it
/// may say anything of its own size.
#[test]
fn a_file_with_any_byte_changed_is_a_finding() {
    let members = members();
    let files = members.iter().enumerate();
    let files = files.filter(|(_, (name, _))| !name.ends_with("RECORD"));
    let changed = files.flat_map(|(file, (_, data))| {
        let members = &members;
        (0..data.len()).flat_map(move |index| {
            [b'\n', b'"', 0xff].into_iter().filter_map(move |value| {
                let mut members = members.clone();
                let before = std::mem::replace(&mut members[file].1[index], value);
                (before != value).then(|| zip(&members))
            })
        })
    });
    audits(changed, |audits| {
        assert!(audits.iter().any(|audit| !audit.findings.is_empty()));
    });
}
