//! Independent work on several threads.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Applies `work` to every item on up to `jobs` threads, and keeps the order.
///
/// If several items fail, returns the error of the first one: a wrong input gives the same error
/// every time.
pub(crate) fn map<T: Sync, R: Send, E: Send>(
    jobs: NonZeroUsize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    map_with(jobs, items, || (), |(), item| work(item))
}

/// Like [`map`]; each thread makes a `tool` once and uses it for all of its items.
pub(crate) fn map_with<T: Sync, W, R: Send, E: Send>(
    jobs: NonZeroUsize,
    items: &[T],
    tool: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = jobs.get().min(items.len());
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results: Vec<Mutex<Option<Result<R, E>>>> =
        items.iter().map(|_| Mutex::new(None)).collect();
    // Items are taken in order: once one has failed, all before it are done or being done.
    let worker = || {
        let mut tool = tool();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), Some(slot)) = (items.get(index), results.get(index)) else {
                break;
            };
            let result = work(&mut tool, item);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(result);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(worker);
        }
        worker();
    });
    results
        .into_iter()
        .filter_map(|slot| slot.into_inner().ok().flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOBS: NonZeroUsize = NonZeroUsize::new(4).unwrap();

    #[test]
    fn results_keep_the_order_of_their_items() {
        let items: Vec<u32> = (0..1000).collect();
        let doubled = map(JOBS, &items, |item| Ok::<_, ()>(item * 2)).unwrap();
        assert_eq!(
            doubled,
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        assert_eq!(map(JOBS, &[], |(): &()| Ok::<_, ()>(())), Ok(vec![]));
    }

    #[test]
    fn the_first_error_wins_whichever_thread_meets_it() {
        let items: Vec<u32> = (0..1000).collect();
        for _ in 0..20 {
            let result = map(
                JOBS,
                &items,
                |item| if *item >= 500 { Err(*item) } else { Ok(()) },
            );
            assert_eq!(result, Err(500));
        }
    }
}
