//! `Debug` of lists that may have as many elements as a runtime has files.

use std::fmt;

/// The elements that are shown.
const SHOWN: usize = 5;

/// Shows the first elements of a list, and its length if there are more.
pub(crate) struct First<'a, T>(pub(crate) &'a [T]);

impl<T: fmt::Debug> fmt::Debug for First<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        list.entries(self.0.iter().take(SHOWN));
        if self.0.len() > SHOWN {
            list.entry(&format_args!("… ({} in all)", self.0.len()));
        }
        list.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::path::PathBuf;

    use crate::prune::Pruned;
    use crate::testing::Scene;
    use crate::verify::{Damage, Damaged};

    /// The most bytes that a public type prints.
    const MOST: usize = 4 << 10;

    #[track_caller]
    fn short(value: &dyn Debug) -> String {
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            assert!(text.len() <= MOST, "{} bytes: {text}", text.len());
        }
        format!("{value:?}")
    }

    #[test]
    fn a_runtime_shows_where_it_is_and_nothing_of_its_payload() {
        let scene = Scene::new();
        let runtime = scene.locate().unwrap();
        let text = short(&runtime);
        let entrypoint = format!("{:?}", runtime.entrypoint());
        assert!(
            text.contains(&entrypoint) && text.contains("\"1.2.3\""),
            "{text}"
        );
        let text = short(&scene.carried);
        assert!(
            text.contains("files: 5") && text.contains("parts: 2"),
            "{text}"
        );
        let bytes = match scene.carried.parts[0] {
            crate::part::Part::Memory(bytes) => bytes.len(),
            crate::part::Part::File(_) => unreachable!("the payload of the tests is in memory"),
        };
        assert_eq!(
            short(&scene.carried.parts[0]),
            format!("Memory({bytes} bytes)")
        );
        short(&scene.carried.bundle);
        short(&scene.locator);
    }

    #[test]
    fn a_report_of_a_runtime_of_many_files_shows_the_first() {
        let scene = Scene::new();
        let mut report = scene.locate().unwrap().verify().unwrap();
        assert!(short(&report).contains("damaged: []"));
        report.damaged = (0..70_000)
            .map(|index| Damaged {
                path: PathBuf::from(format!("lib/{index}")),
                damage: Damage::Content,
            })
            .collect();
        let text = short(&report);
        assert!(text.contains("lib/4") && !text.contains("lib/5"), "{text}");
        assert!(text.contains("… (70000 in all)"), "{text}");
        let paths = || {
            (0..10_000)
                .map(|index| PathBuf::from(format!("{index}")))
                .collect()
        };
        let pruned = Pruned {
            removed: paths(),
            in_use: paths(),
        };
        assert!(short(&pruned).contains("… (10000 in all)"));
    }
}
