use super::fault::ZipFault;
use crate::error::Fault;
use crate::source::ReadAt;

/// Reads part of a record: the end of the file inside of it is a fault of the archive, not of the
/// system.
pub(super) fn read(source: &impl ReadAt, buffer: &mut [u8], offset: u64) -> Result<(), Fault> {
    if offset
        .checked_add(buffer.len() as u64)
        .is_none_or(|end| end > source.size())
    {
        return Err(ZipFault::RecordTruncated.into());
    }
    Ok(source.read_exact_at(buffer, offset)?)
}
