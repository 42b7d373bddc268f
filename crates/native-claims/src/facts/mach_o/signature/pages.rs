//! Hashes of the pages of a file, which its signature has a list of.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::plan::{self, Plan};

/// The SHA-256 of each page of a Mach-O file, from its first byte on. Of another file there are none.
///
/// Takes 32 bytes of memory for each page, which has 4096 bytes or more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageHashes {
    /// Bytes of a page.
    page: u64,
    hashes: Vec<[u8; 32]>,
}

/// Takes the hashes of pages while a file streams past, so that its signature can be checked without
/// a second reading.
#[derive(Clone, Debug, Default)]
pub struct PageHasher {
    state: State,
    /// What the last page has so far, if it is not complete.
    begun: Sha256,
    /// Bytes of that page.
    len: usize,
    hashes: Vec<[u8; 32]>,
}

#[derive(Clone, Debug)]
enum State {
    /// The first bytes, until they tell what the file is.
    Head(Vec<u8>),
    MachO(Plan),
    Other,
}

impl Default for State {
    fn default() -> Self {
        Self::Head(Vec::new())
    }
}

impl PageHasher {
    /// Takes the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::MachO(plan) => {
                let page = page_size(plan);
                self.hash(bytes, page);
            }
            State::Other => {}
            State::Head(head) => {
                let (first, rest) = bytes.split_at(bytes.len().min(plan::HEAD - head.len()));
                head.extend_from_slice(first);
                let is_other = head.len() >= 8 && Plan::of(&head[..8]).is_none();
                if is_other || head.len() == plan::HEAD {
                    self.decide();
                    self.update(rest);
                }
            }
        }
    }

    /// Says what the file is by the bytes that are there, and hashes them.
    fn decide(&mut self) {
        if let State::Head(head) = &mut self.state {
            let head = std::mem::take(head);
            self.state = Plan::of(&head).map_or(State::Other, State::MachO);
            self.update(&head);
        }
    }

    fn hash(&mut self, mut bytes: &[u8], page: usize) {
        if self.len > 0 {
            let (rest, next) = bytes.split_at(bytes.len().min(page - self.len));
            self.begun.update(rest);
            self.len += rest.len();
            if self.len < page {
                return;
            }
            self.hashes.push(self.begun.finalize_reset().into());
            self.len = 0;
            bytes = next;
        }
        let pages = bytes.chunks_exact(page);
        let rest = pages.remainder();
        self.hashes
            .extend(pages.map(|page| <[u8; 32]>::from(Sha256::digest(page))));
        self.begun.update(rest);
        self.len = rest.len();
    }

    /// Returns where the signature lies, as far as the bytes so far tell: in a file for one CPU. With
    /// what lies before it on its page, it is what is read of such a file beside its first bytes.
    #[must_use]
    pub fn signature(&self) -> Option<Range<u64>> {
        match &self.state {
            State::MachO(plan) => {
                let Range { start, end } = plan.signature.clone()?;
                Some(start / plan.page * plan.page..end)
            }
            State::Head(_) | State::Other => None,
        }
    }

    /// Returns the hashes of the complete pages.
    #[must_use]
    pub fn finish(mut self) -> PageHashes {
        self.decide();
        let page = match &self.state {
            State::MachO(plan) => plan.page,
            State::Head(_) | State::Other => 0,
        };
        // They grew by doubling, and they are kept.
        self.hashes.shrink_to_fit();
        let hashes = self.hashes;
        PageHashes { page, hashes }
    }
}

fn page_size(plan: &Plan) -> usize {
    usize::try_from(plan.page).unwrap_or(usize::MAX)
}

impl PageHashes {
    /// Returns whether there are none: the file is not a Mach-O file, or has not a page.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Returns the hash of the page of a size that begins at a byte of the file.
    pub(super) fn get(&self, at: u64, page: u64) -> Option<&[u8; 32]> {
        if page != self.page || !at.is_multiple_of(page) {
            return None;
        }
        self.hashes.get(usize::try_from(at / page).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::mach_o::testing::{Sample, Signer};

    const PAGE: usize = 4096;

    #[test]
    fn pages_do_not_depend_on_the_pieces_that_a_file_comes_in() {
        let mut file = vec![0xcf, 0xfa, 0xed, 0xfe];
        file.extend((4..3 * PAGE + 100).map(|at| u8::try_from(at % 251).unwrap()));
        for piece in [1, 7, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 50, file.len()] {
            let hashed = |file: &[u8]| {
                let mut pages = PageHasher::default();
                for bytes in file.chunks(piece) {
                    pages.update(bytes);
                }
                pages.finish()
            };
            let pages = hashed(&file);
            for index in 0..3 {
                let at = index * PAGE;
                let expected: [u8; 32] = Sha256::digest(&file[at..at + PAGE]).into();
                assert_eq!(pages.get(at as u64, 4096), Some(&expected), "{piece}");
            }
            // The last one is not complete, and the others begin elsewhere.
            assert_eq!(pages.get(3 * PAGE as u64, 4096), None);
            assert_eq!(pages.get(5, 4096), None);
            // Another file is not hashed.
            assert!(hashed(&file[1..]).is_empty() && hashed(&[]).is_empty());
        }
    }

    #[test]
    fn the_room_of_the_signature_tells_the_size_of_a_page() {
        for (shift, page) in [(12, 4096), (14, 16384), (15, 32768)] {
            let sample = Sample {
                code: 4 << 20,
                signer: Some(Signer {
                    shift,
                    ..Signer::default()
                }),
                ..Sample::arm64()
            };
            let file = sample.bytes();
            for piece in [1000, 100_000, file.len()] {
                let mut pages = PageHasher::default();
                for bytes in file.chunks(piece) {
                    pages.update(bytes);
                }
                let place = pages.signature().unwrap();
                assert_eq!((place.start % page, place.end), (0, file.len() as u64));
                let expected: [u8; 32] =
                    Sha256::digest(&file[..usize::try_from(page).unwrap()]).into();
                let pages = pages.finish();
                assert_eq!(pages.get(0, page), Some(&expected));
                assert_eq!(pages.get(0, 2 * page), None);
            }
        }
    }
}
