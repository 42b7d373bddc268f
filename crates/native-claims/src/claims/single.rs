use crate::tag::{PlatformTag, System};

/// Returns the tags of one CPU that a tag of a wheel stands for: itself, or for `universal2` those
/// of both its CPUs. Empty for a tag that promises nothing native code could break, as those of plain
/// `linux` promise no C library.
#[must_use]
pub fn single(tag: &str) -> Vec<PlatformTag> {
    let parsed = |text: &str| text.parse().ok();
    let Some(version) = tag.strip_suffix("_universal2") else {
        let tag = parsed(tag).filter(|tag: &PlatformTag| tag.system() != System::Linux);
        return tag.into_iter().collect();
    };
    let x86 = parsed(&format!("{version}_x86_64"));
    // There is no arm64 before macOS 11, whatever the tag says for both.
    let arm = parsed(&format!("{version}_arm64")).or_else(|| parsed("macosx_11_0_arm64"));
    x86.into_iter().chain(arm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_for_two_cpus_stands_for_two_tags() {
        let single = |tag| {
            let tags = single(tag);
            tags.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            single("macosx_10_10_universal2"),
            ["macosx_10_10_x86_64", "macosx_11_0_arm64"]
        );
        assert_eq!(
            single("macosx_12_0_universal2"),
            ["macosx_12_0_x86_64", "macosx_12_0_arm64"]
        );
        assert_eq!(single("win_amd64"), ["win_amd64"]);
        assert_eq!(single("any"), [""; 0]);
        assert_eq!(single("linux_armv6l"), [""; 0]);
    }
}
