//! Passes on the results of parallel work, in the order of the work.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes results in any order and passes them to a consumer in the order of their numbers.
///
/// Results that come early wait here, at most `room` of them. A thread that brings one more waits
/// until its number is near, so memory is bounded however uneven the work is.
pub struct InOrder<T, C> {
    state: Mutex<State<T, C>>,
    progress: Condvar,
    room: usize,
}

struct State<T, C> {
    next: usize,
    early: BTreeMap<usize, T>,
    consumer: C,
    stopped: bool,
}

impl<T, E, C: FnMut(T) -> Result<(), E>> InOrder<T, C> {
    pub fn new(room: usize, consumer: C) -> Self {
        let state = State {
            next: 0,
            early: BTreeMap::new(),
            consumer,
            stopped: false,
        };
        Self {
            state: Mutex::new(state),
            progress: Condvar::new(),
            room,
        }
    }

    /// Brings the result with this number. Returns `false` if the work was stopped meanwhile.
    ///
    /// If the consumer fails, the work stops at once: a later result would reach the consumer out
    /// of order.
    pub fn submit(&self, number: usize, result: T) -> Result<bool, E> {
        let mut state = self.lock();
        while !state.stopped && number >= state.next + self.room {
            state = self
                .progress
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return Ok(false);
        }
        state.early.insert(number, result);
        let state = &mut *state;
        while let Some(result) = state.early.remove(&state.next) {
            state.next += 1;
            if let Err(error) = (state.consumer)(result) {
                state.stopped = true;
                self.progress.notify_all();
                return Err(error);
            }
        }
        self.progress.notify_all();
        Ok(true)
    }

    /// Does a thread's share of the work. If it panics, the work stops: no thread may wait for a
    /// result that nobody will bring.
    pub fn share<R>(&self, share: impl FnOnce() -> R) -> R {
        catch_unwind(AssertUnwindSafe(share)).unwrap_or_else(|panic| {
            self.stop();
            resume_unwind(panic)
        })
    }

    /// Stops the work: nothing more is passed on, and waiting threads return.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.progress.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T, C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_arrive_in_order_from_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            let next = AtomicUsize::new(0);
            let in_order = InOrder::new(threads, |number| {
                seen.push(number);
                Ok::<_, Infallible>(())
            });
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= 500 {
                                break;
                            }
                            assert!(in_order.submit(number, number).unwrap());
                        }
                    });
                }
            });
            drop(in_order);
            assert!(seen.iter().copied().eq(0..500));
        }
    }

    #[test]
    fn nothing_follows_a_result_that_the_consumer_failed_on() {
        let mut seen = Vec::new();
        let in_order = InOrder::new(3, |number| {
            seen.push(number);
            if number == 1 { Err("full") } else { Ok(()) }
        });
        assert_eq!(in_order.submit(2, 2), Ok(true));
        assert_eq!(in_order.submit(0, 0), Ok(true));
        assert_eq!(in_order.submit(1, 1), Err("full"));
        assert_eq!(in_order.submit(3, 3), Ok(false));
        drop(in_order);
        assert_eq!(seen, [0, 1]);
    }

    #[test]
    fn a_thread_that_panics_leaves_nobody_waiting() {
        let in_order = InOrder::new(1, |()| Ok::<_, Infallible>(()));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| in_order.share(|| in_order.submit(5, ()).unwrap()));
            let failing = scope.spawn(|| in_order.share(|| panic!("as a test")));
            assert!(failing.join().is_err());
            assert!(!waiting.join().unwrap());
        });
    }

    #[test]
    fn whoever_waits_returns_when_the_work_is_stopped() {
        let in_order = InOrder::new(1, |()| Ok::<_, Infallible>(()));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| in_order.submit(5, ()).unwrap());
            in_order.stop();
            assert!(!waiting.join().unwrap());
        });
    }
}
