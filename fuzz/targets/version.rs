#![no_main]

use libfuzzer_sys::fuzz_target;
use stage_fuzz::check_versions;

fuzz_target!(|text: &str| check_versions(text));
