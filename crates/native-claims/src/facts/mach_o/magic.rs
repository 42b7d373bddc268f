/// Java classes have the magic of universal files. Where those have a count, these have a version,
/// of which 45 was the first.
const FIRST_JAVA_VERSION: u32 = 45;

/// Whether a Mach-O file begins like this.
pub(in crate::facts) fn begins(head: &[u8]) -> bool {
    match head.first_chunk::<8>() {
        Some([0xca, 0xfe, 0xba, 0xbe | 0xbf, count @ ..]) => {
            u32::from_be_bytes(*count) < FIRST_JAVA_VERSION
        }
        Some([0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]) => true,
        _ => false,
    }
}
