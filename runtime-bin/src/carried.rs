//! The runtime that this build carries: the payload of `payload.rs`, with its manifest read.

use std::fmt;
use std::sync::OnceLock;

use crate::embedded::Payload;
use crate::error::Error;
use crate::manifest::Bundle;
use crate::part::Part;
use crate::payload::{PAYLOAD, PRODUCT};

/// A payload whose manifest has been read.
pub(crate) struct Carried {
    pub(crate) bundle: Bundle<'static>,
    pub(crate) parts: Vec<Part>,
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried")
            .field("version", &self.bundle.version)
            .field("target", &self.bundle.target)
            .field("files", &self.bundle.files.len())
            .field("size", &self.bundle.size)
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

impl Carried {
    /// Reads the manifest as far as the files. No byte of a part is touched.
    pub(crate) fn read(manifest: &'static str, parts: Vec<Part>) -> Result<Self, Error> {
        let bundle = Bundle::parse(manifest).map_err(Error::Payload)?;
        Ok(Self { bundle, parts })
    }

    /// The payload of this build, read once per process.
    pub(crate) fn of_this_build() -> Result<Option<&'static Self>, Error> {
        static CARRIED: OnceLock<Carried> = OnceLock::new();
        let Some(payload) = &PAYLOAD else {
            return Ok(None);
        };
        if let Some(carried) = CARRIED.get() {
            return Ok(Some(carried));
        }
        let carried = Self::read((payload.manifest)(), parts(payload))?;
        if carried.bundle.version != PRODUCT.version {
            return Err(Error::Payload(format!(
                "its manifest is of version {}, the crate of {}",
                carried.bundle.version, PRODUCT.version
            )));
        }
        Ok(Some(CARRIED.get_or_init(|| carried)))
    }
}

/// Lists the parts of a payload, in order.
fn parts(payload: &Payload) -> Vec<Part> {
    #[cfg(feature = "embed")]
    let parts = (0..).map_while(payload.part).map(Part::Memory);
    #[cfg(not(feature = "embed"))]
    let parts = (0..)
        .map_while(payload.path)
        .map(|path| Part::File(path.as_ref()));
    parts.collect()
}

/// The target triple of this build, as near as `cfg` tells.
pub(crate) fn target() -> String {
    let arch = std::env::consts::ARCH;
    let env = if cfg!(target_env = "musl") {
        "musl"
    } else if cfg!(target_env = "msvc") {
        "msvc"
    } else {
        "gnu"
    };
    match std::env::consts::OS {
        "linux" => format!("{arch}-unknown-linux-{env}"),
        "macos" => format!("{arch}-apple-darwin"),
        "windows" => format!("{arch}-pc-windows-{env}"),
        os => format!("{arch}-unknown-{os}"),
    }
}
