use crate::audit::wheel::name::FileName;
use crate::contents::Contents;

/// Where METADATA is, and what it has to fit.
pub(in crate::audit::wheel) struct MetadataPlace<'a> {
    /// Its path.
    pub path: &'a str,
    /// The directory it is in.
    pub dist_info: &'a str,
    /// The file name, if METADATA lies where that asks for it.
    pub name: Option<&'a FileName>,
    /// The wheel.
    pub contents: &'a Contents,
}
