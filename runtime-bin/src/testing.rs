//! What the tests share: a payload made on the spot, and directories that go away.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

use crate::digest;
use crate::embedded::Embedded;
use crate::manifest::FRAME;

/// The files of the runtime that most tests use: several frames, no byte, spaces, and a script that
/// can be run.
pub(crate) fn tree() -> Vec<(String, u32, Vec<u8>)> {
    let script = b"#!/bin/sh\necho \"runtime $*\"\n".to_vec();
    let large = (0..2u64 << 20)
        .step_by(128)
        .flat_map(|n| [n.to_le_bytes(); 72].concat())
        .collect();
    let file = |path: &str, mode, content| (path.to_owned(), mode, content);
    vec![
        file("bin/codex", 0o755, script),
        file("bin/large", 0o755, large),
        file("codex-package.json", 0o644, b"{}\n".to_vec()),
        file("codex-path/rg", 0o755, b"#!/bin/sh\nexit 0\n".to_vec()),
        file("codex-resources/an empty file", 0o644, Vec::new()),
    ]
}

/// A payload with that tree, over two parts.
pub(crate) fn embedded(version: &str) -> &'static Embedded {
    let (manifest, parts) = payload(version, &tree());
    let parts = parts.into_iter().map(|part| &*part.leak()).collect();
    Box::leak(Box::new(Embedded::read(manifest.leak(), parts).unwrap()))
}

/// The manifest and the parts of a payload, as the packager makes them.
pub(crate) fn payload(version: &str, tree: &[(String, u32, Vec<u8>)]) -> (String, Vec<Vec<u8>>) {
    let mut head = format!(
        "payload 1\nversion {version}\ntarget test-target\nentrypoint bin/codex\npath-dir codex-path\n"
    );
    let mut frames = Vec::new();
    for (path, mode, content) in tree {
        let hash = digest::hex(&Sha256::digest(content));
        writeln!(head, "file {mode:o} {} {hash} {path}", content.len()).unwrap();
        for content in content.chunks(usize::try_from(FRAME).unwrap()) {
            let mut frame = vec![0; zstd_safe::compress_bound(content.len())];
            let length = zstd_safe::compress(&mut frame[..], content, 3).unwrap();
            frame.truncate(length);
            let hash = digest::hex(&Sha256::digest(content));
            frames.push((
                format!("frame {} {} {hash}\n", content.len(), frame.len()),
                frame,
            ));
        }
    }
    let mut parts = Vec::new();
    for frames in frames.chunks(frames.len().div_ceil(2).max(1)) {
        let part: Vec<u8> = frames
            .iter()
            .flat_map(|(_, frame)| frame.iter().copied())
            .collect();
        writeln!(head, "part {}", part.len()).unwrap();
        head.extend(frames.iter().map(|(line, _)| line.as_str()));
        parts.push(part);
    }
    (head, parts)
}

/// A new directory, removed with everything in it when the test is over.
#[derive(Debug)]
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("codex-cli-bin-test-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl std::ops::Deref for Dir {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
