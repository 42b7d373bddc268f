//! Local headers and data descriptors (sections 4.3.7 and 4.3.9), which must say what the central
//! directory says.

use super::central::Entry;
use super::fault::ZipFault;
use super::fields::{Extra, Fields};
use super::record::read;
use crate::error::Fault;
use crate::source::ReadAt;

const FIXED_LEN: usize = 30;

impl Entry {
    /// Reads the local header of an entry that the central directory describes, compares the two
    /// and notes where the data begin. Returns where they end.
    pub(super) fn read_local_header(
        &mut self,
        source: &impl ReadAt,
        raw_name: &[u8],
    ) -> Result<u64, Fault> {
        let mut fixed = [0; FIXED_LEN];
        read(source, &mut fixed, self.header_offset)?;
        let mut fields = Fields(&fixed);
        if fields.u32()? != u32::from_le_bytes(*b"PK\x03\x04") {
            return Err(ZipFault::Signature("local header").into());
        }
        // It may be lower here: some writers learn that they need zip64 later.
        let _version = fields.u16()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        let _modified = fields.u32()?;
        let crc32 = fields.u32()?;
        let compressed_size = fields.u32()?;
        let size = fields.u32()?;
        let name_len = usize::from(fields.u16()?);
        let extra_len = usize::from(fields.u16()?);

        agree(name_len == raw_name.len(), "name")?;
        let mut rest = vec![0; name_len + extra_len];
        read(source, &mut rest, self.header_offset + FIXED_LEN as u64)?;
        let (name, extra) = rest.split_at(name_len);
        agree(name == raw_name, "name")?;
        agree(flags == self.flags, "flags")?;
        agree(method == self.method.number(), "compression method")?;
        let extra = Extra::parse(extra)?;
        extra.check_name(name)?;
        self.zip64 |= extra.has_zip64();

        // Before a data descriptor the values may be left out, in the header or in its zip64 field.
        let extent = extra.extent(size, compressed_size, 0)?;
        let same =
            |local: u64, central: u64| local == central || (self.data_descriptor && local == 0);
        agree(same(crc32.into(), self.crc32.into()), "checksum (CRC-32)")?;
        agree(same(extent.size, self.size), "size")?;
        agree(
            same(extent.compressed_size, self.compressed_size),
            "compressed size",
        )?;

        self.data_offset = self.header_offset + (FIXED_LEN + rest.len()) as u64;
        Ok(self
            .data_offset
            .checked_add(self.compressed_size)
            .ok_or(ZipFault::Overlap)?)
    }

    /// Checks what lies between the end of the data and `next`, where the next thing in the file
    /// begins: nothing, or the data descriptor that the flags announce. Its length tells which of
    /// its four forms it has.
    pub(super) fn check_descriptor(
        &self,
        source: &impl ReadAt,
        data_end: u64,
        next: u64,
    ) -> Result<(), Fault> {
        let room = next.checked_sub(data_end).ok_or(ZipFault::Overlap)?;
        if !self.data_descriptor {
            return if room == 0 {
                Ok(())
            } else {
                Err(ZipFault::Gap(room).into())
            };
        }
        let (signed, wide) = match room {
            12 => (false, false),
            16 => (true, false),
            20 => (false, true),
            24 => (true, true),
            _ => return Err(ZipFault::Descriptor.into()),
        };
        let mut bytes = [0; 24];
        let bytes = &mut bytes[..usize::try_from(room).unwrap_or_default()];
        read(source, bytes, data_end)?;
        let mut fields = Fields(bytes);
        let size = |fields: &mut Fields<'_>| {
            if wide {
                fields.u64()
            } else {
                fields.u32().map(u64::from)
            }
        };
        let right = (!signed || fields.bytes(4)? == b"PK\x07\x08")
            && fields.u32()? == self.crc32
            && size(&mut fields)? == self.compressed_size
            && size(&mut fields)? == self.size;
        if right {
            Ok(())
        } else {
            Err(ZipFault::Descriptor.into())
        }
    }
}

fn agree(same: bool, what: &'static str) -> Result<(), ZipFault> {
    if same {
        Ok(())
    } else {
        Err(ZipFault::HeadersDisagree(what))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Header, Member, fault, read, zip};
    use super::*;

    #[test]
    fn a_local_header_that_says_otherwise_is_refused() {
        let with = |change: fn(&mut Header)| {
            fault(&zip(&[
                Member::deflated("name", b"content").with(|m| change(&mut m.local))
            ]))
        };
        let about = ZipFault::HeadersDisagree;
        assert_eq!(with(|h| h.name = b"eman".to_vec()), about("name"));
        assert_eq!(with(|h| h.name = b"longer".to_vec()), about("name"));
        assert_eq!(with(|h| h.flags = 2), about("flags"));
        assert_eq!(with(|h| h.method = 0), about("compression method"));
        assert_eq!(with(|h| h.crc32 ^= 1), about("checksum (CRC-32)"));
        assert_eq!(with(|h| h.size += 1), about("size"));
        assert_eq!(with(|h| h.size = 0), about("size"));
        assert_eq!(with(|h| h.compressed_size -= 1), about("compressed size"));
        assert_eq!(
            with(|h| h.signature = *b"PK\x03\x05"),
            ZipFault::Signature("local header")
        );
        assert_eq!(with(|h| h.extra = vec![1]), ZipFault::ExtraField);
    }

    #[test]
    fn the_version_in_a_local_header_changes_nothing() {
        let member = Member::deflated("name", b"content").with(|m| m.local.version = 45);
        assert_eq!(read(&zip(&[member])).unwrap().len(), 1);
    }

    #[test]
    fn a_data_descriptor_has_four_forms() {
        for (signed, wide) in [(false, false), (true, false), (false, true), (true, true)] {
            let member = || Member::deflated("a", b"content").with_descriptor(signed, wide);
            assert_eq!(
                read(&zip(&[
                    member(),
                    member().with(|m| m.both(|h| h.name = b"b".to_vec()))
                ]))
                .unwrap()
                .len(),
                2
            );
            let length = member().descriptor.len();
            for index in 0..length {
                let lying = member().with(|m| m.descriptor[index] ^= 1);
                assert_eq!(fault(&zip(&[lying])), ZipFault::Descriptor, "byte {index}");
            }
            let short = member().with(|m| m.descriptor.truncate(length - 1));
            assert_eq!(fault(&zip(&[short])), ZipFault::Descriptor);
            let missing = member().with(|m| m.descriptor.clear());
            assert_eq!(fault(&zip(&[missing])), ZipFault::Descriptor);
        }
    }

    #[test]
    fn values_may_be_left_out_only_before_a_descriptor() {
        let repeated = Member::stored("a", b"content")
            .with_descriptor(true, false)
            .with(|m| {
                (m.local.crc32, m.local.size, m.local.compressed_size) =
                    (m.central.crc32, m.central.size, m.central.compressed_size);
            });
        assert_eq!(
            read(&zip(std::slice::from_ref(&repeated))).unwrap().len(),
            1
        );
        let lying = repeated.with(|m| m.local.size = 3);
        assert_eq!(fault(&zip(&[lying])), ZipFault::HeadersDisagree("size"));
        // What Info-ZIP writes to a pipe: all ones, and a zip64 field of zeros.
        let piped = Member::deflated("a", b"content")
            .with_descriptor(true, true)
            .with(|m| {
                (m.local.size, m.local.compressed_size) = (u32::MAX, u32::MAX);
                m.local.extra = [&[1, 0, 16, 0][..], &[0; 16]].concat();
            });
        assert_eq!(read(&zip(&[piped])).unwrap().len(), 1);
    }
}
