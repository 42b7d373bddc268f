//! What an ELF file is as a program.

use object::{Endianness, elf};

use super::super::head::{Head, Program};
use super::super::image::{Image, Stop};
use super::HEADER;
use super::layout::{Header, Layout};
use crate::ObjectFormat;

/// Reads the headers of what begins with the magic of ELF, as [`head`](super::super::head()) does.
pub(in super::super) fn head(image: &Image<'_>) -> Result<Head, Stop> {
    let unfit = |what: &str| Ok(Head::Unfit(what.to_owned()));
    // Class, byte order and machine have the same place in both classes. This comes first: the
    // tables of x32, which is another target, may have sizes that the class does not have.
    let start = image.bytes(HEADER, 0, 20)?;
    let wide = [elf::EM_X86_64, elf::EM_AARCH64].map(|machine| machine.0.to_le_bytes());
    if start[4..6] == [1, 1] && wide.iter().any(|machine| start[18..] == *machine) {
        return unfit("a 32-bit ELF program for a 64-bit CPU");
    }
    let Header {
        kind,
        machine,
        entry,
        sections,
        endian,
        ..
    } = Layout::read(image)?.header;
    image.holds("the section header table", sections.0, sections.1)?;
    match (kind, entry) {
        _ if endian == Endianness::Big => unfit("a big-endian ELF file"),
        (elf::ET_DYN, 0) => unfit("a shared library"),
        (elf::ET_EXEC | elf::ET_DYN, 1..) => Ok(Head::Program(Program {
            format: ObjectFormat::Elf,
            machine: machine.0.into(),
        })),
        _ => unfit("an ELF file that is no program"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::super::head as read;
    use super::super::testing::Sample;
    use super::*;

    fn head(change: impl FnOnce(&mut Sample)) -> Head {
        let mut sample = Sample::new(true, false);
        change(&mut sample);
        read(&mut Cursor::new(sample.bytes())).unwrap()
    }

    #[test]
    fn a_shared_object_with_an_entry_point_is_a_program() {
        let program = Head::Program(Program {
            format: ObjectFormat::Elf,
            machine: 62,
        });
        assert_eq!(head(|_| ()), program);
        let library = head(|sample| sample.entry = 0);
        assert_eq!(library, Head::Unfit("a shared library".to_owned()));
    }

    #[test]
    fn a_program_has_the_class_and_the_byte_order_of_its_target() {
        let unfit = |what: &str| Head::Unfit(what.to_owned());
        let narrow = head(|sample| *sample = Sample::new(false, false));
        assert_eq!(narrow, unfit("a 32-bit ELF program for a 64-bit CPU"));
        let big = head(|sample| *sample = Sample::new(true, true));
        assert_eq!(big, unfit("a big-endian ELF file"));
    }

    #[test]
    fn what_facts_refuse_for_its_size_has_a_head() {
        let endless = head(|sample| sample.endless = true);
        assert!(matches!(endless, Head::Program(_)), "{endless:?}");
    }
}
