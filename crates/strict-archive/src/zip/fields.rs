use super::fault::ZipFault;

/// Takes little-endian numbers off the front of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ZipFault> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or(ZipFault::RecordTruncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u16(&mut self) -> Result<u16, ZipFault> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ZipFault> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, ZipFault> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], ZipFault> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(ZipFault::RecordTruncated)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// The sizes and the offset of an entry, once the zip64 extra field has had its say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) size: u64,
    pub(super) compressed_size: u64,
    /// Where the local header begins; 0 in a local header, which does not say.
    pub(super) offset: u64,
}

/// What the extra fields of a header say (section 4.5).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extra<'a> {
    /// The body of the zip64 field (0x0001).
    zip64: Option<&'a [u8]>,
    /// The name in the Info-ZIP Unicode path field (0x7075).
    unicode_path: Option<&'a [u8]>,
}

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// Stands for "see the zip64 field" in a size or an offset.
pub(super) const SEE_ZIP64: u32 = u32::MAX;

impl<'a> Extra<'a> {
    /// Parses all extra fields of a header. Those that describe times, owners and padding are
    /// passed over.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, ZipFault> {
        let mut fields = Fields(bytes);
        let mut extra = Self::default();
        while !fields.0.is_empty() {
            let malformed = |_| ZipFault::ExtraField;
            let id = fields.u16().map_err(malformed)?;
            let length = fields.u16().map_err(malformed)?;
            let body = fields.bytes(length.into()).map_err(malformed)?;
            let known = match id {
                ZIP64 => &mut extra.zip64,
                UNICODE_PATH => &mut extra.unicode_path,
                _ => continue,
            };
            if known.replace(body).is_some() {
                return Err(ZipFault::ExtraField);
            }
        }
        Ok(extra)
    }

    /// Whether a zip64 field is there, needed or not.
    pub(super) fn has_zip64(&self) -> bool {
        self.zip64.is_some()
    }

    /// Puts the values of the zip64 field (section 4.5.3) where the header says so, in the order of
    /// the header. Readers differ in what they make of a surplus, so the field must hold these and
    /// no more, unless it says all that the header says again: some writers do, and no reader is
    /// led astray.
    pub(super) fn extent(
        &self,
        size: u32,
        compressed: u32,
        offset: u32,
    ) -> Result<Extent, ZipFault> {
        let mut zip64 = Fields(self.zip64.unwrap_or_default());
        let mut resolve = |value: u32| match (value, self.zip64) {
            (SEE_ZIP64, Some(_)) => zip64.u64().map_err(|_| ZipFault::Zip64Field),
            (value, _) => Ok(value.into()),
        };
        let extent = Extent {
            size: resolve(size)?,
            compressed_size: resolve(compressed)?,
            offset: resolve(offset)?,
        };
        if !zip64.0.is_empty() {
            let mut again = Fields(self.zip64.unwrap_or_default());
            for value in [extent.size, extent.compressed_size, extent.offset] {
                if !again.0.is_empty() && again.u64() != Ok(value) {
                    return Err(ZipFault::Zip64Field);
                }
            }
            if !again.0.is_empty() {
                return Err(ZipFault::Zip64Field);
            }
        }
        Ok(extent)
    }

    /// Checks that the Unicode path field, which overrides the name for some readers, names the
    /// same.
    pub(super) fn check_name(&self, name: &[u8]) -> Result<(), ZipFault> {
        match self.unicode_path {
            // One byte of version and four of the name's CRC come before it.
            Some(body) if body.get(5..) != Some(name) => Err(ZipFault::UnicodePath),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip64_values_are_taken_in_order_and_none_is_left() {
        let body: Vec<u8> = [
            [1, 0, 16, 0].to_vec(),
            5_u64.to_le_bytes().to_vec(),
            6_u64.to_le_bytes().to_vec(),
        ]
        .concat();
        let extra = Extra::parse(&body).unwrap();
        let extent = |size, compressed_size, offset| {
            Ok(Extent {
                size,
                compressed_size,
                offset,
            })
        };
        assert_eq!(extra.extent(SEE_ZIP64, SEE_ZIP64, 7), extent(5, 6, 7));
        assert_eq!(extra.extent(SEE_ZIP64, 7, SEE_ZIP64), extent(5, 7, 6));
        assert_eq!(extra.extent(SEE_ZIP64, 7, 8), Err(ZipFault::Zip64Field));
        assert_eq!(extra.extent(1, 2, 3), Err(ZipFault::Zip64Field));
        assert_eq!(extra.extent(5, 6, 7), extent(5, 6, 7));
        assert_eq!(extra.extent(SEE_ZIP64, 6, 7), extent(5, 6, 7));
        assert_eq!(extra.extent(5, SEE_ZIP64, 7), Err(ZipFault::Zip64Field));
        assert_eq!(extra.extent(6, 5, 7), Err(ZipFault::Zip64Field));
        assert_eq!(
            extra.extent(SEE_ZIP64, SEE_ZIP64, SEE_ZIP64),
            Err(ZipFault::Zip64Field)
        );
        assert_eq!(
            Extra::default().extent(1, 2, SEE_ZIP64),
            extent(1, 2, SEE_ZIP64.into())
        );
    }

    #[test]
    fn malformed_and_repeated_fields_are_refused() {
        assert!(Extra::parse(&[0x55, 0x54, 1, 0, 9]).is_ok());
        for bytes in [
            &[1][..],
            &[1, 0, 0],
            &[1, 0, 9, 0, 1],
            &[0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 1, 0, 0, 0],
        ] {
            assert_eq!(
                Extra::parse(bytes).unwrap_err(),
                ZipFault::ExtraField,
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_second_name_must_be_the_first() {
        let extra = Extra::parse(&[0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, b'a']).unwrap();
        assert_eq!(extra.check_name(b"a"), Ok(()));
        assert_eq!(extra.check_name(b"b"), Err(ZipFault::UnicodePath));
    }
}
