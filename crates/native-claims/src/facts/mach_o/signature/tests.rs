//! Programs that are signed in the test, rightly and wrongly.

use std::io::{Cursor, Read, Seek, SeekFrom};

use super::{PageHasher, PageHashes, Signature};
use crate::facts::mach_o::testing::{Sample, Signer, aligned, blob};
use crate::facts::{Facts, read_signed};

const REQUIREMENTS: (u32, u32) = (2, 0xfade_0c01);
const ENTITLEMENTS: (u32, u32) = (5, 0xfade_7171);
const ENTITLEMENTS_DER: (u32, u32) = (7, 0xfade_7172);
const CERTIFICATE: (u32, u32) = (0x1_0000, 0xfade_0b01);

fn part((slot, magic): (u32, u32), content: &[u8]) -> (u32, Vec<u8>) {
    (slot, blob(magic, content))
}

/// What is known of the signatures of a file: the same, whether its pages were hashed before or not.
fn signatures(bytes: &[u8]) -> Vec<Signature> {
    let mut pages = PageHasher::default();
    pages.update(bytes);
    let [hashed, unhashed] = [pages.finish(), PageHashes::default()].map(|pages| {
        let facts = read_signed(&mut Cursor::new(bytes), &pages);
        let Ok(Some(Facts::MachO(mach_o))) = facts else {
            panic!("{facts:?}")
        };
        let slices = mach_o.slices.into_iter();
        slices.map(|slice| slice.signature).collect::<Vec<_>>()
    });
    assert_eq!(hashed, unhashed);
    hashed
}

fn signature(bytes: &[u8]) -> Signature {
    let [signature] = &signatures(bytes)[..] else {
        panic!()
    };
    signature.clone()
}

/// Why the signature of a file does not hold, in words.
fn fault(bytes: &[u8]) -> String {
    match signature(bytes) {
        Signature::Broken(fault) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

fn signed(signer: Signer) -> Sample {
    Sample {
        signer: Some(signer),
        ..Sample::arm64()
    }
}

/// A signer with a certificate and all parts.
fn developer() -> Signer {
    Signer {
        flags: 0x1_0000,
        parts: vec![
            part(REQUIREMENTS, &[0; 4]),
            part(ENTITLEMENTS, b"<plist/>"),
            part(ENTITLEMENTS_DER, &[0x70, 0]),
            part(CERTIFICATE, b"of a developer"),
        ],
        ..Signer::default()
    }
}

#[test]
fn what_was_signed_is_intact() {
    let code = Sample::arm64().bytes();
    assert_eq!(signature(&code), Signature::Intact);
    for hashes in [
        vec![1],
        vec![2],
        vec![3],
        vec![4],
        vec![1, 2],
        vec![2, 1, 4],
    ] {
        for shift in [12, 14, 0, 5] {
            for version in [0x2_0001, 0x2_0100, 0x2_0200, 0x2_0300, 0x2_0400, 0x2_0500] {
                let sample = signed(Signer {
                    hashes: hashes.clone(),
                    shift,
                    version,
                    ..Signer::default()
                });
                let found = signature(&sample.bytes());
                assert_eq!(found, Signature::Intact, "{hashes:?} {shift} {version:x}");
            }
        }
    }
    for (wide, big) in [(true, true), (false, false), (false, true)] {
        let found = signature(&Sample::new(wide, big).bytes());
        assert_eq!(found, Signature::Intact);
    }
    // Those that end with a page, and one byte more and less.
    let len = code.len() as u64;
    for more in 4096 - len % 4096 - 1..=4096 - len % 4096 + 1 {
        let mut sample = Sample::arm64();
        sample.code += usize::try_from(more).unwrap();
        assert_eq!(signature(&sample.bytes()), Signature::Intact);
    }
    let mut sample = signed(developer());
    sample.plist = b"<plist>1</plist>".to_vec();
    assert_eq!(signature(&sample.bytes()), Signature::Intact);
}

#[test]
fn every_byte_before_the_signature_is_covered() {
    for (hash, shift) in [(2, 12), (2, 14), (1, 12), (4, 0)] {
        let sample = signed(Signer {
            hashes: vec![hash],
            shift,
            ..Signer::default()
        });
        let bytes = sample.bytes();
        let code = bytes.len() - 4096 * 3;
        for at in [code, 4096 * 2, 4096 * 2 - 1, 4096 * 3] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let said = fault(&bytes);
            assert!(said.contains("was signed, the first at byte"), "{said}");
        }
    }
    let mut bytes = Sample::arm64().bytes();
    for at in [5000, 5001, 9000] {
        bytes[at] ^= 1;
    }
    assert_eq!(
        fault(&bytes),
        "2 of its 4 pages are not what was signed, the first at byte 4096"
    );
    bytes[5000] ^= 1;
    bytes[5001] ^= 1;
    assert_eq!(
        fault(&bytes),
        "1 of its 4 pages is not what was signed, the first at byte 8192"
    );
}

#[test]
fn the_best_list_of_hashes_counts() {
    // The list with SHA-1 is wrong, and the system goes by the other.
    let mut bytes = signed(Signer {
        hashes: vec![1, 2],
        ..Signer::default()
    })
    .bytes();
    let at = |bytes: &[u8], nth: usize| {
        let magic = 0xfade_0c02_u32.to_be_bytes();
        let places = bytes.windows(4).enumerate();
        let mut places = places.filter(|(_, window)| *window == magic);
        places.nth(nth).unwrap().0
    };
    let sha1 = at(&bytes, 0);
    let end = |bytes: &[u8], at: usize| {
        let len = u32::from_be_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        at + len as usize
    };
    let last = end(&bytes, sha1) - 1;
    bytes[last] ^= 1;
    assert_eq!(signature(&bytes), Signature::Intact);
    let last = end(&bytes, at(&bytes, 1)) - 1;
    bytes[last] ^= 1;
    assert!(fault(&bytes).starts_with("1 of its 4 pages"));
    let twice = signed(Signer {
        hashes: vec![2, 2],
        ..Signer::default()
    });
    assert_eq!(
        fault(&twice.bytes()),
        "it has two lists of hashes of one kind"
    );
}

#[test]
fn nothing_may_lie_behind_the_signature_or_outside_of_it() {
    let mut bytes = Sample::arm64().bytes();
    bytes.push(0);
    assert_eq!(fault(&bytes), "1 bytes lie behind the signature");
    bytes.extend([1; 99]);
    assert_eq!(fault(&bytes), "100 bytes lie behind the signature");
    let short = signed(Signer {
        limit: Some(4096),
        ..Signer::default()
    });
    let said = fault(&short.bytes());
    assert!(
        said.starts_with("it covers the first 4096 bytes, and it lies at byte"),
        "{said}"
    );
    let long = signed(Signer {
        limit: Some(1 << 20),
        ..Signer::default()
    });
    let said = fault(&long.bytes());
    assert_eq!(said, "its list of hashes is shorter than what it covers");
    // The segment does not reach it.
    let mut bytes = Sample::arm64().bytes();
    let at = bytes.windows(10).position(|window| window == b"__LINKEDIT");
    let size = at.unwrap() + 16 + 24;
    bytes[size] -= 1;
    assert_eq!(fault(&bytes), "it is outside of the segment __LINKEDIT");
}

#[test]
fn parts_of_the_signature_are_what_was_signed() {
    for (slot, name) in [
        (2, "the part with requirements"),
        (5, "the part with entitlements"),
        (7, "the part with entitlements in DER"),
        (1, "the property list in it"),
    ] {
        let mut sample = signed(Signer {
            falsely: vec![slot],
            ..developer()
        });
        sample.plist = b"<plist/>".to_vec();
        assert_eq!(
            fault(&sample.bytes()),
            format!("{name} is not what was signed")
        );
        // That of a directory beside it, and its resources.
        if slot == 1 {
            sample.signer.as_mut().unwrap().falsely = vec![1, 3];
            assert_eq!(signature(&sample.bytes()), Signature::Intact);
            continue;
        }
        let missing = signed(Signer {
            falsely: vec![slot],
            ..Signer::default()
        });
        assert_eq!(
            fault(&missing.bytes()),
            format!("{name} was signed and is not there")
        );
    }
    // What is of no use is not asked for, and what is has to be signed.
    for (kind, is_intact) in [
        (REQUIREMENTS, true),
        (ENTITLEMENTS, false),
        (ENTITLEMENTS_DER, false),
    ] {
        let unsealed = signed(Signer {
            parts: vec![part(kind, b"content")],
            seals: false,
            ..Signer::default()
        });
        let found = signature(&unsealed.bytes());
        assert_eq!(found == Signature::Intact, is_intact, "{found:?}");
    }
}

#[test]
fn a_certificate_is_asked_for_unless_it_is_ad_hoc() {
    let of = |flags, certificate: Option<&[u8]>| {
        let parts = certificate.map(|certificate| part(CERTIFICATE, certificate));
        let parts = parts.into_iter().collect();
        let signer = Signer {
            flags,
            parts,
            ..Signer::default()
        };
        signature(&signed(signer).bytes())
    };
    for (flags, certificate) in [
        (2, None),
        (2, Some(&b""[..])),
        (0x2_0002, None),
        (0x1_0000, Some(b"of somebody")),
        (0, Some(b"of somebody")),
    ] {
        assert_eq!(of(flags, certificate), Signature::Intact);
    }
    for (flags, certificate) in [(0, None), (0x1_0000, None), (0, Some(&b""[..]))] {
        let Signature::Broken(fault) = of(flags, certificate) else {
            panic!("{flags}")
        };
        let said = "it has no certificate, and does not say that it is ad hoc";
        assert_eq!(fault.to_string(), said);
    }
}

#[test]
fn each_slice_has_a_signature_of_its_own() {
    let intel = Sample {
        code: 9000,
        ..Sample::new(true, false)
    };
    let mut unsigned = Sample::new(true, false);
    unsigned.signer = None;
    for to in [1, 4096, 1 << 14] {
        for slices in [
            [intel.bytes(), Sample::arm64().bytes()],
            [Sample::arm64().bytes(), intel.bytes()],
        ] {
            let mut file = aligned(false, to, &slices);
            assert_eq!(signatures(&file), [Signature::Intact, Signature::Intact]);
            let last = file.len() - slices[1].len() + 5000;
            file[last] ^= 1;
            let found = signatures(&file);
            assert_eq!(found[0], Signature::Intact);
            assert!(matches!(found[1], Signature::Broken(_)));
        }
        let file = aligned(true, to, &[unsigned.bytes(), Sample::arm64().bytes()]);
        assert_eq!(signatures(&file), [Signature::Absent, Signature::Intact]);
    }
}

#[test]
fn objects_and_symbols_need_none() {
    for kind in [1, 10] {
        let mut sample = Sample::arm64();
        (sample.kind, sample.signer) = (kind, None);
        assert_eq!(signature(&sample.bytes()), Signature::Absent);
        // What a tool left of the one of its program is about that.
        let mut sample = Sample::arm64();
        sample.kind = kind;
        let mut bytes = sample.bytes();
        bytes[4096] ^= 1;
        assert_eq!(signature(&bytes), Signature::Unchecked);
    }
}

/// Counts what is read.
struct Counted<'a> {
    bytes: Cursor<&'a [u8]>,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[test]
fn pages_that_were_hashed_are_not_read_again() {
    let mut sample = Sample::arm64();
    sample.code = 8 << 20;
    let bytes = sample.bytes();
    let read = |pages: &PageHashes| {
        let mut file = Counted {
            bytes: Cursor::new(&bytes),
            count: 0,
        };
        read_signed(&mut file, pages).unwrap();
        file.count
    };
    let mut pages = PageHasher::default();
    pages.update(&bytes);
    assert!(read(&pages.finish()) < 1 << 20);
    let all = bytes.len() as u64;
    let count = read(&PageHashes::default());
    assert!((all..all + (2 << 20)).contains(&count), "{count}");
}

#[test]
fn hostile_numbers_are_faults() {
    let bytes = Sample::arm64().bytes();
    let at = bytes
        .windows(4)
        .position(|window| window == 0xfade_0cc0_u32.to_be_bytes())
        .unwrap();
    let directory = at + 20;
    let changed = |place: usize, value: u32| {
        let mut bytes = bytes.clone();
        bytes[place..place + 4].copy_from_slice(&value.to_be_bytes());
        fault(&bytes)
    };
    let parts = "its table of parts is damaged";
    let outside = "a part of it lies outside of it";
    let damaged = "its list of hashes is damaged";
    let short = "its list of hashes is shorter than what it covers";
    for (place, value, said) in [
        (at, 0, "it does not begin like a signature"),
        (at, 0xfade_0c01, "it does not begin like a signature"),
        (at + 4, u32::MAX, "it is longer than its place"),
        (at + 4, 0, parts),
        (at + 8, u32::MAX, parts),
        (at + 8, 0, "it has no list of hashes"),
        (at + 12, 3, "it has no list of hashes"),
        (at + 16, u32::MAX, outside),
        (directory, 0, damaged),
        (directory + 4, u32::MAX, outside),
        (directory + 4, 7, outside),
        (directory + 4, 43, damaged),
        // The hashes: their place, the number of special ones and of all.
        (directory + 16, u32::MAX, damaged),
        (directory + 16, 0, damaged),
        (directory + 24, u32::MAX, damaged),
        (directory + 28, u32::MAX, damaged),
        (directory + 28, 3, short),
        // Their size, their kind and that of a page.
        (directory + 36, 0xff02_000c, damaged),
        (directory + 36, 0x0002_000c, damaged),
        (
            directory + 36,
            0x2009_000c,
            "its list of hashes is of an unknown kind",
        ),
        (directory + 36, 0x2002_0020, "its pages are too large"),
        (directory + 36, 0x2002_00ff, "its pages are too large"),
        // The limit: all bits of the wide one.
        (directory + 56, u32::MAX, short),
    ] {
        assert_eq!(changed(place, value), said, "{place} {value:x}");
    }
    // Pages of two gigabytes: there is one.
    let said = changed(directory + 36, 0x2002_001f);
    assert!(said.starts_with("1 of its 1 pages is not"), "{said}");
}
