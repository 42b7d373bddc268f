//! The symbols that a file takes from others, as far as a policy forbids them.
//!
//! A large library has a million symbols, and only the names that policies know say anything of a
//! tag. So no other name is kept: where these few stand in the table of names is found first, and
//! then which symbols have a name that begins there. Both tables are read once and in pieces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use object::elf::{FileHeader32, FileHeader64, SHN_UNDEF, STB_WEAK};
use object::read::elf::{FileHeader, Sym};
use object::{Endianness, pod};

use super::dynamic::{Dynamic, Strings, SymbolTable};
use super::layout::Layout;
use crate::facts::image::{Image, Stop};
use crate::policy::{MANYLINUX, MUSLLINUX, musl_functions};

const SYMBOLS: &str = "the table of symbols";
const NAMES: &str = "the names of symbols";

/// Bytes that are read at once: a multiple of the size of a symbol of either class.
const WINDOW: u64 = 48 << 10;

/// Most places of names that are remembered. A linker writes a name once, so there are as many as
/// there are names; only a table that was made to keep us busy has more.
const MAX_PLACES: usize = 1 << 16;

/// The names that policies forbid, from their ends: names in a table share their ends.
static FORBIDDEN: LazyLock<BTreeMap<[u8; 2], Vec<&str>>> = LazyLock::new(|| {
    let symbols = MANYLINUX
        .forbidden_symbols()
        .chain(MUSLLINUX.forbidden_symbols())
        .chain(musl_functions());
    let mut by_end: BTreeMap<[u8; 2], Vec<&str>> = BTreeMap::new();
    for symbol in symbols.collect::<BTreeSet<_>>() {
        if let Some(end) = symbol.as_bytes().last_chunk() {
            by_end.entry(*end).or_default().push(symbol);
        }
    }
    by_end
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
    let places = places(image, strings)?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let endian = layout.header.endian;
    let found = if layout.header.is_64_bit {
        undefined::<FileHeader64<Endianness>>(image, endian, table, strings, &places)?
    } else {
        undefined::<FileHeader32<Endianness>>(image, endian, table, strings, &places)?
    };
    Ok(found.into_iter().map(str::to_owned).collect())
}

/// Returns where in the table of names a forbidden name begins, be it the end of a longer one.
fn places(image: &Image<'_>, strings: Strings) -> Result<BTreeMap<u64, &'static str>, Stop> {
    let mut places = BTreeMap::new();
    // The end of what was read, in which the name that goes on begins.
    let mut rest: Vec<u8> = Vec::new();
    let mut read = 0;
    while read < strings.size {
        let size = WINDOW.min(strings.size - read);
        let window = image.window(NAMES, strings.offset + read, bytes(size))?;
        read += size;
        rest.extend(window);
        let mut start = 0;
        while let Some(len) = rest[start..].iter().position(|&byte| byte == 0) {
            let end = start + len;
            let name = &rest[start..end];
            let like = name.last_chunk().and_then(|end| FORBIDDEN.get(end));
            for symbol in like.into_iter().flatten() {
                if name.ends_with(symbol.as_bytes()) && places.len() < MAX_PLACES {
                    let from_end = (rest.len() - end + symbol.len()) as u64;
                    places.insert(read - from_end, *symbol);
                }
            }
            start = end + 1;
        }
        rest.drain(..start);
        // Of a longer name only the end can be one of ours.
        rest.drain(..rest.len().saturating_sub(bytes(WINDOW)));
    }
    Ok(places)
}

/// Returns those undefined symbols whose names are at one of the places. A weak reference needs
/// nothing.
fn undefined<H: FileHeader<Endian = Endianness>>(
    image: &Image<'_>,
    endian: Endianness,
    table: SymbolTable,
    strings: Strings,
    places: &BTreeMap<u64, &'static str>,
) -> Result<BTreeSet<&'static str>, Stop> {
    let mut found = BTreeSet::new();
    let mut read = 0;
    while read < table.most {
        let size = WINDOW.min(table.most - read);
        let window = image.window(SYMBOLS, table.offset + read, bytes(size))?;
        let whole = window.len() - window.len() % size_of::<H::Sym>();
        let symbols = pod::slice_from_all_bytes::<H::Sym>(&window[..whole]).unwrap_or_default();
        for symbol in symbols {
            let name = u64::from(symbol.st_name(endian));
            // What has no name in the table is not a symbol: the table ended before.
            if name >= strings.size {
                return Ok(found);
            }
            if symbol.st_shndx(endian) == SHN_UNDEF && symbol.st_bind() != STB_WEAK {
                found.extend(places.get(&name));
            }
        }
        read += size;
    }
    Ok(found)
}

/// A number of bytes that is at most [`WINDOW`].
fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or_default()
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
    fn tables_may_be_larger_than_all_that_is_kept() {
        let mut sample = Sample::new(true, false);
        // 24 bytes each, and names that share no bytes.
        let names = (0..700_000).map(|number| &*format!("symbol{number}").leak());
        sample.symbols = names.map(|name| (name, 0x12, 0)).collect();
        sample.symbols.push(("_tr_init", 0x12, 0));
        assert_eq!(forbidden(&sample), ["_tr_init"]);
    }

    #[test]
    fn a_name_may_be_the_end_of_another() {
        let mut sample = Sample::new(true, false);
        sample.symbols = vec![("my_zcalloc", 0x12, 1), ("zcalloc", 0x12, 0)];
        sample.shares_names = true;
        assert_eq!(forbidden(&sample), ["zcalloc"]);
        sample.symbols.pop();
        assert_eq!(forbidden(&sample), [""; 0]);
    }

    #[test]
    fn a_table_ends_where_names_end() {
        let mut sample = Sample::new(true, false);
        sample.symbols.insert(0, ("printf", 0x12, 0));
        sample.unnamed_symbol = true;
        assert_eq!(forbidden(&sample), [""; 0]);
    }
}
