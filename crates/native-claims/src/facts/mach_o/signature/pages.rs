//! Hashes of the pages of a file, which its signature has a list of.

use sha2::{Digest as _, Sha256};

use super::super::magic;

/// Bytes of a page. Linkers and most signers use this size.
pub(super) const PAGE: usize = 4096;

/// The SHA-256 of each page of a Mach-O file: of 4096 bytes each, from its first byte on. Of another
/// file there are none.
///
/// Takes 32 bytes of memory for each page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageHashes(Vec<[u8; 32]>);

/// Takes the hashes of pages while a file streams past, so that its signature can be checked without
/// a second reading.
#[derive(Clone, Debug, Default)]
pub struct PageHasher {
    /// The first bytes, until they tell what the file is.
    head: Vec<u8>,
    is_mach_o: Option<bool>,
    /// What the last page has so far, if it is not complete.
    begun: Sha256,
    /// Bytes of that page.
    len: usize,
    hashes: Vec<[u8; 32]>,
}

/// Bytes that tell what a file is.
const HEAD: usize = 8;

impl PageHasher {
    /// Takes the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        match self.is_mach_o {
            Some(true) => self.hash(bytes),
            Some(false) => {}
            None => {
                let missing = HEAD - self.head.len();
                let (head, rest) = bytes.split_at(bytes.len().min(missing));
                self.head.extend_from_slice(head);
                if self.head.len() == HEAD {
                    self.is_mach_o = Some(magic::begins(&self.head));
                    let head = std::mem::take(&mut self.head);
                    self.update(&head);
                    self.update(rest);
                }
            }
        }
    }

    fn hash(&mut self, mut bytes: &[u8]) {
        if self.len > 0 {
            let (rest, next) = bytes.split_at(bytes.len().min(PAGE - self.len));
            self.begun.update(rest);
            self.len += rest.len();
            if self.len < PAGE {
                return;
            }
            self.hashes.push(self.begun.finalize_reset().into());
            self.len = 0;
            bytes = next;
        }
        let (pages, rest) = bytes.as_chunks::<PAGE>();
        let hash = |page| <[u8; 32]>::from(Sha256::digest(page));
        self.hashes.extend(pages.iter().map(hash));
        self.begun.update(rest);
        self.len = rest.len();
    }

    /// Returns the hashes of the complete pages.
    #[must_use]
    pub fn finish(mut self) -> PageHashes {
        // It grew by doubling, and it is kept.
        self.hashes.shrink_to_fit();
        PageHashes(self.hashes)
    }
}

impl PageHashes {
    /// Returns whether there are none: the file is not a Mach-O file, or has not a page.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the hash of the complete page that begins at a byte of the file.
    pub(super) fn get(&self, at: u64) -> Option<&[u8; 32]> {
        let page = PAGE as u64;
        let index = usize::try_from(at / page).ok()?;
        self.0.get(index).filter(|_| at.is_multiple_of(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                assert_eq!(pages.get(at as u64), Some(&expected), "{piece}");
            }
            // The last one is not complete, and the others begin elsewhere.
            assert_eq!(pages.get(3 * PAGE as u64), None);
            assert_eq!(pages.get(5), None);
            // Another file is not hashed.
            assert!(hashed(&file[1..]).is_empty() && hashed(&[]).is_empty());
        }
    }
}
