//! What the bytes of a package say, against what the package claims.
//!
//! An artifact is read once ([`crate::contents`]): names, modes, digests, what each executable says of
//! itself ([`native_claims::facts`]) and the text of its metadata. Rules then look at that, and what they have
//! against it are findings. Nothing of an artifact is executed or unpacked, so this works for
//! every platform on any of them.
//!
//! There is a file for each kind of artifact, with its rules: `wheel`, `npm`, `krate`,
//! `runtime`; `staged` is what the artifacts of a staging directory have to be together.
//! What a rule is called and what is said about it is in the tables of [`rules`].
//!
//! Decided against: a score; rules that can be configured (a finding can be allowed by name, and
//! then everybody sees that it was); repairing anything.

mod archive;
mod common;
mod elf;
mod error;
mod finding;
mod kind;
mod krate;
mod libraries;
mod limits;
mod links;
mod npm;
mod of_kind;
mod outcome;
mod request;
mod rule;
pub mod rules;
mod runtime;
mod sbom;
mod signature;
mod staged;
mod subject;
pub mod tags;
pub mod true_tags;
mod verify;
mod wheel;
pub mod wheels;
mod zipped;

pub use error::AuditError;
pub use finding::{Finding, Findings};
pub use kind::SubjectKind;
pub use links::copied_links;
pub use of_kind::{audit_artifact, audit_written};
pub use outcome::Audit;
pub use request::AuditRequest;
pub use rule::{Rule, Severity};
pub use verify::verify;
