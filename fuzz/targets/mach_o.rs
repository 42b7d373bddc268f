#![no_main]

use libfuzzer_sys::fuzz_target;
use native_claims::ObjectFormat;
use stage_fuzz::check_object;

fuzz_target!(|data: &[u8]| check_object(ObjectFormat::MachO, &MAGICS, data));

/// Both widths in both byte orders, and both widths of a file for several CPUs.
const MAGICS: [&[u8]; 6] = [
    b"\xfe\xed\xfa\xce",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
];
