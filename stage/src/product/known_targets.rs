//! The targets that need no file in `platforms/`: what is known of each without asking anybody.
//!
//! These are the targets of Rust in tier 1 and 2 that have a wheel tag or a name in Node.js, and of
//! tier 3 those that tools publish npm packages for (esbuild, Biome). One more stands for universal
//! programs for macOS: [`UNIVERSAL2`]. A target is described by what other people look at:
//!
//! - Triples, `cfg`s and tiers are those of `rustc --print target-list`, `--print cfg` and
//!   <https://doc.rust-lang.org/rustc/platform-support.html>.
//! - Names of systems and CPUs are the values of `process.platform` and `process.arch` of Node.js,
//!   which npm, pnpm and Yarn compare with `os` and `cpu`.
//! - CPUs of wheel tags are those that PyPI takes (see `audit/wheel/platform_tag.rs`). It takes none
//!   for `loongarch64` and for MIPS, and for ARM of the sixth generation `linux_armv6l` alone.
//! - Machine numbers are `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE and the magic number
//!   of XCOFF.
//! - Runners are the machines that GitHub hosts for everybody (docs.github.com, "GitHub-hosted
//!   runners"). A target that has none is staged on Linux: staging starts no program.
//!
//! Left out, although they have a tag or a name: iOS, where no program starts another (PEP 730);
//! `x86_64-unknown-linux-gnuasan`, which has the `cfg` of the target without the sanitizer;
//! `riscv64a23-unknown-linux-gnu`, whose programs look like those of `riscv64gc` and do not run where
//! the tag promises it; and what has neither: x32, 32-bit PowerPC, SPARC.

mod matching;
mod table;
mod target;

pub use matching::{all, known, matches, of};
pub use target::{Abi, KnownCpu, KnownNpm, KnownTarget, KnownWheel, TagFamily, UNIVERSAL2};

#[cfg(test)]
mod tests;
