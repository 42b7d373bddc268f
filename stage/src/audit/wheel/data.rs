//! What a path in a wheel says of the file.

/// Whether the file is there for tests to read: it is never run where the wheel is installed.
pub(super) fn is_for_tests(path: &str) -> bool {
    const TESTS: [&str; 7] = [
        "test",
        "tests",
        "testing",
        "testdata",
        "test_data",
        "fixtures",
        "test_files",
    ];
    let (directories, _) = path.rsplit_once('/').unwrap_or_default();
    let mut directories = directories.split('/');
    directories.any(|directory| TESTS.contains(&&*directory.to_ascii_lowercase()))
}

/// Whether the file says something of the wheel.
pub(super) fn is_metadata(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    top.ends_with(".dist-info")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_tests_are_known_by_their_directories() {
        for path in [
            "a/tests/x.so",
            "test/x",
            "a/Fixtures/b/x",
            "a/testdata/x.exe",
        ] {
            assert!(is_for_tests(path), "{path}");
        }
        for path in ["a/x.so", "tests", "a/test", "contest/x", "a/tests.so", ""] {
            assert!(!is_for_tests(path), "{path}");
        }
    }
}
