//! The symbols that a file takes from others, as far as a policy forbids them.
//!
//! A large library has a hundred thousand symbols, and only the names that policies know say
//! anything of a tag. So no other name is kept.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use object::elf::{FileHeader32, FileHeader64, SHN_UNDEF, STB_WEAK};
use object::read::elf::{FileHeader, Sym};
use object::{Endianness, pod};

use super::dynamic::{Dynamic, Strings, SymbolTable};
use super::layout::Layout;
use crate::facts::image::{Image, Stop};
use crate::policy::{MANYLINUX, MUSLLINUX};

const SYMBOLS: &str = "the table of symbols";
const NAMES: &str = "the names of symbols";

/// Bytes that are read at once: a multiple of the size of a symbol of either class.
const WINDOW: u64 = 48 << 10;

static FORBIDDEN: LazyLock<BTreeSet<&[u8]>> = LazyLock::new(|| {
    let symbols = MANYLINUX
        .forbidden_symbols()
        .chain(MUSLLINUX.forbidden_symbols());
    symbols.map(str::as_bytes).collect()
});

/// Returns those undefined symbols of a file that some policy forbids, sorted.
pub(super) fn forbidden(
    image: &Image<'_>,
    layout: &Layout,
    dynamic: &Dynamic,
) -> Result<Vec<String>, Stop> {
    let (Some(table), Some(strings)) = (dynamic.symbols, dynamic.strings) else {
        return Ok(Vec::new());
    };
    if dynamic.needed.is_empty() {
        return Ok(Vec::new());
    }
    let endian = layout.header.endian;
    let names = if layout.header.is_64_bit {
        undefined::<FileHeader64<Endianness>>(image, endian, table, strings)?
    } else {
        undefined::<FileHeader32<Endianness>>(image, endian, table, strings)?
    };
    among(image, strings, &names)
}

/// Returns where in the table of names the names of undefined symbols begin. A weak reference
/// needs nothing.
fn undefined<H: FileHeader<Endian = Endianness>>(
    image: &Image<'_>,
    endian: Endianness,
    table: SymbolTable,
    strings: Strings,
) -> Result<BTreeSet<u64>, Stop> {
    let mut names = BTreeSet::new();
    let mut read = 0;
    while read < table.most {
        let size = WINDOW.min(table.most - read);
        let window = image.bytes(SYMBOLS, table.offset + read, size)?;
        let whole = window.len() - window.len() % size_of::<H::Sym>();
        let symbols = pod::slice_from_all_bytes::<H::Sym>(&window[..whole]).unwrap_or_default();
        for symbol in symbols {
            let name = u64::from(symbol.st_name(endian));
            // What has no name in the table is not a symbol: the table ended before.
            if name >= strings.size {
                return Ok(names);
            }
            if symbol.st_shndx(endian) == SHN_UNDEF && symbol.st_bind() != STB_WEAK {
                names.insert(name);
            }
        }
        read += size;
    }
    Ok(names)
}

/// Returns the forbidden ones among names.
fn among(image: &Image<'_>, strings: Strings, names: &BTreeSet<u64>) -> Result<Vec<String>, Stop> {
    /// Most names of symbols that follow each other are read with it at once.
    const PAGE: u64 = 4096;
    let longest = FORBIDDEN.iter().map(|name| name.len()).max();
    let longest = longest.unwrap_or_default() as u64 + 1;
    let mut found = BTreeSet::new();
    let (mut start, mut page) = (0, Vec::new());
    for &at in names {
        let end = strings.size.min(at + longest);
        if end > start + page.len() as u64 {
            let size = PAGE.min(strings.size - at);
            (start, page) = (at, image.bytes(NAMES, strings.offset + at, size)?);
        }
        let rest = page.get(usize::try_from(at - start).unwrap_or(usize::MAX)..);
        let name = rest.and_then(|rest| rest.split(|&byte| byte == 0).next());
        if let Some(name) = name.and_then(|name| FORBIDDEN.get(name)) {
            found.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::facts::elf::testing::Sample;
    use crate::facts::testing::facts;

    fn forbidden(sample: &Sample) -> Vec<String> {
        match facts(&sample.bytes()).unwrap() {
            Some(Facts::Elf(elf)) => elf.forbidden_symbols,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn forbidden_symbols_are_found_in_each_class_and_byte_order() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let sample = Sample::new(wide, big);
            assert_eq!(forbidden(&sample), ["inflate_table", "zcalloc"]);
        }
    }

    #[test]
    fn other_symbols_are_not() {
        let mut sample = Sample::new(true, false);
        // Global, weak, global and defined, local; then names that begin or end like one.
        for (name, info, section) in [
            ("inflate_table", 0x20, 0),
            ("inflate_table", 0x10, 7),
            ("inflate_tabl", 0x10, 0),
            ("inflate_tables", 0x10, 0),
            ("", 0x10, 0),
        ] {
            sample.symbols = vec![(name, info, section)];
            assert_eq!(forbidden(&sample), [""; 0], "{name} {info} {section}");
        }
        sample.symbols = vec![("inflate_table", 0x12, 0)];
        assert_eq!(forbidden(&sample), ["inflate_table"]);
        sample.needed.clear();
        assert_eq!(forbidden(&sample), [""; 0]);
    }

    #[test]
    fn every_symbol_of_a_large_table_is_seen() {
        let mut sample = Sample::new(true, false);
        sample.symbols = vec![("printf", 0x12, 0); 5000];
        sample.symbols.push(("_tr_init", 0x12, 0));
        assert_eq!(forbidden(&sample), ["_tr_init"]);
        // Names further apart than one read takes.
        let long = "x".repeat(4000).leak();
        sample.symbols = vec![
            ("_tr_init", 0x12, 0),
            (long, 0x12, 0),
            ("gzflags", 0x12, 0),
            (long, 0x12, 0),
            ("z_errmsg", 0x12, 0),
        ];
        assert_eq!(forbidden(&sample), ["_tr_init", "gzflags", "z_errmsg"]);
    }

    #[test]
    fn a_name_at_the_end_of_a_read_is_whole() {
        let longest = "pthread_setattr_default_np";
        let mut sample = Sample::new(true, false);
        for len in 4060..4100 {
            sample.symbols = vec![("x".repeat(len).leak(), 0x12, 0), (longest, 0x12, 0)];
            assert_eq!(forbidden(&sample), [longest], "{len}");
        }
    }

    #[test]
    fn a_table_ends_where_names_end() {
        let mut sample = Sample::new(true, false);
        sample.symbols.insert(0, ("printf", 0x12, 0));
        sample.unnamed_symbol = true;
        assert_eq!(forbidden(&sample), [""; 0]);
    }
}
