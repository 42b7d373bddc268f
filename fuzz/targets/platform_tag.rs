//! A tag is printed as it was read; a set of them is sorted, of one machine, and stays the same when
//! it is printed and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use native_claims::{PlatformTag, WheelTags};

fuzz_target!(|text: &str| {
    match text.parse::<PlatformTag>() {
        Ok(tag) => {
            assert_eq!(tag.to_string(), text);
            assert!(tag.same_kind(&tag) && tag.same_machine(&tag));
            // It is a field of a file name.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            assert!(text.bytes().all(plain), "{text:?}");
            assert!(tag.cpu().len() < text.len());
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
    match text.parse::<WheelTags>() {
        Ok(tags) => {
            let printed = tags.to_string();
            assert_eq!(printed.parse::<WheelTags>().unwrap(), tags);
            assert!(
                tags.iter().is_sorted_by(|one, next| one < next),
                "{printed}"
            );
            assert!(tags.iter().all(|tag| tag.same_machine(tags.first())));
            assert!(
                text.split('.')
                    .all(|tag| tags.iter().any(|kept| kept.to_string() == tag))
            );
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
});
