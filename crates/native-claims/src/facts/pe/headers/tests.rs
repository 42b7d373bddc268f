use std::io::Cursor;

use super::*;
use crate::facts::pe::testing::Sample;
use crate::facts::testing::{cut, damage, facts, fault};
use crate::facts::{Facts, FactsError, Origin};

fn pe(bytes: &[u8]) -> Pe {
    match facts(bytes).unwrap() {
        Some(Facts::Pe(pe)) => pe,
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_is_read_in_both_kinds() {
    for wide in [true, false] {
        let found = pe(&Sample::new(wide).bytes());
        assert_eq!((found.cpu, found.is_64_bit), (Cpu::X86_64, wide));
        assert!(!found.dll && !found.managed && found.signed);
        assert_eq!(found.subsystem, 3);
        assert_eq!(found.os_version.to_string(), "6.0");
        assert_eq!(found.subsystem_version.to_string(), "6.2");
        assert_eq!(found.imports, ["KERNEL32.dll", "VCRUNTIME140.dll"]);
        assert_eq!(found.delay_imports, ["later.dll"]);
    }
}

#[test]
fn a_library_without_imports_and_signature_is_one() {
    let mut sample = Sample::new(true);
    sample.flags = 0x2002;
    sample.machine = 0xaa64;
    sample.directories = 1;
    let found = pe(&sample.bytes());
    assert_eq!(
        (found.cpu, found.dll, found.signed),
        (Cpu::Aarch64, true, false)
    );
    assert_eq!((found.imports.len(), found.delay_imports.len()), (0, 0));
}

#[test]
fn a_section_that_is_not_in_the_file_may_have_any_size() {
    let mut sample = Sample::new(true);
    sample.directories = 1;
    let mut bytes = sample.bytes();
    let mut names = bytes.windows(8);
    let section = names.position(|name| name == b".rdata\0\0").unwrap();
    // Its size in the file, and its offset.
    bytes[section + 16..section + 20].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    assert!(fault(&bytes).contains("and a section would end at byte"));
    bytes[section + 20..section + 24].fill(0);
    assert_eq!(pe(&bytes).cpu, Cpu::X86_64);
}

#[test]
fn dotnet_code_is_known_by_its_header() {
    let mut sample = Sample::new(true);
    sample.managed = true;
    assert!(pe(&sample.bytes()).managed);
}

#[test]
fn hybrid_code_of_arm_is_known_by_its_metadata() {
    for (wide, size, pointer, expected) in [
        (true, 0x140, 0x4000, true),
        (true, 0xd0, 0x4000, true),
        // As of all other programs.
        (true, 0x140, 0, false),
        // From before the field was there.
        (true, 0xc8, 0x4000, false),
        (false, 0x140, 0x4000, false),
    ] {
        let mut sample = Sample::new(wide);
        sample.load_config = Some((size, pointer));
        assert_eq!(
            pe(&sample.bytes()).hybrid,
            expected,
            "{size:#x} {pointer:#x}"
        );
    }
    assert!(!pe(&Sample::new(true).bytes()).hybrid);
}

#[test]
fn the_machine_of_a_program_may_be_a_hybrid_one() {
    for (machine, load_config, managed, text) in [
        (0x8664, None, false, "Windows on x86_64"),
        (0x8664, Some((0x140, 0x4000)), false, "Windows on arm64ec"),
        (0xaa64, None, false, "Windows on aarch64"),
        (0xaa64, Some((0x140, 0x4000)), false, "Windows on aarch64"),
        (0x14c, None, true, "Windows on x86"),
    ] {
        let mut sample = Sample::new(machine != 0x14c);
        (sample.machine, sample.load_config, sample.managed) = (machine, load_config, managed);
        let found = crate::facts::origin(&mut Cursor::new(sample.bytes())).unwrap();
        let Identity::Program(origin) = &found else {
            panic!("{found:?}")
        };
        assert_eq!(origin.to_string(), text);
        let Origin::Pe(pe) = origin else {
            panic!("{found:?}")
        };
        let is_hybrid = load_config.is_some();
        assert_eq!(
            (pe.machine, pe.hybrid, pe.managed),
            (machine.into(), is_hybrid, managed)
        );
    }
    let mut sample = Sample::new(true);
    sample.flags = 0x2002;
    let found = crate::facts::origin(&mut Cursor::new(sample.bytes())).unwrap();
    assert_eq!(found, Identity::Unfit("a DLL".to_owned()));
}

#[test]
fn addresses_of_delayed_libraries_may_be_absolute() {
    let mut sample = Sample::new(false);
    sample.delay_is_relative = false;
    assert_eq!(pe(&sample.bytes()).delay_imports, ["later.dll"]);
}

#[test]
fn other_files_with_its_magic_are_none() {
    let mut dos = vec![0; 256];
    dos[..2].copy_from_slice(b"MZ");
    for text in [&b"MZ"[..], &b"MZ and then some text".repeat(9), &dos] {
        assert_eq!(facts(text).unwrap(), None);
    }
}

#[test]
fn damage_is_an_error_or_another_fact_and_never_a_panic() {
    for wide in [true, false] {
        let bytes = Sample::new(wide).bytes();
        damage(&bytes);
        cut(&bytes, 64);
    }
}

#[test]
fn what_is_wrong_is_said() {
    let changed = |change: fn(&mut Sample)| {
        let mut sample = Sample::new(true);
        change(&mut sample);
        fault(&sample.bytes())
    };
    for (text, part) in [
        (
            fault(&Sample::new(true).bytes()[..70]),
            "the PE header would end at byte 88",
        ),
        (
            changed(|sample| sample.magic = 0x107),
            "its optional header is of no kind",
        ),
        (
            changed(|sample| sample.imports_moved = 1 << 20),
            "the import table lies at address 0x101",
        ),
        (
            changed(|sample| sample.name_moved = 1 << 20),
            "the name of a library lies at address 0x101",
        ),
        (
            changed(|sample| sample.signature_size = 99),
            "and the signature would end at byte",
        ),
    ] {
        assert!(
            text.starts_with("it begins as a PE file and is damaged: "),
            "{text}"
        );
        assert!(text.contains(part), "{text}");
    }
}

/// A table that fills its section and never ends, of names that are all the longest.
#[test]
fn a_table_without_an_end_costs_no_more_than_the_budget() {
    let mut sample = Sample::new(true);
    sample.filler = Some(8 << 20);
    match facts(&sample.bytes()) {
        Err(FactsError::Damaged { damage, .. }) => assert_eq!(damage, Damage::OverBudget),
        other => panic!("{other:?}"),
    }
}
