#![no_main]

use libfuzzer_sys::fuzz_target;
use native_claims::ObjectFormat;
use stage_fuzz::check_object;

fuzz_target!(|data: &[u8]| check_object(ObjectFormat::Pe, &[b"MZ"], data));
