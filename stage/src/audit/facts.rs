//! stub
use crate::container::ReadAt;
/// stub
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Facts;
/// stub
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// stub
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
/// stub
pub fn begins_like_an_object(_: &[u8]) -> bool {
    false
}
/// stub
pub fn read(_: &impl ReadAt) -> Result<Option<Facts>, Error> {
    Ok(None)
}
