//! Where in the schema something stands.

use std::fmt;
use std::rc::Rc;

/// A JSON pointer that shares its beginning with its neighbours': the schema may have names of
/// megabytes with a million things below them.
#[derive(Debug, Clone, Default)]
pub struct Place(Option<Rc<(Place, String)>>);

/// A longer name is cut in messages.
const MOST_CHARACTERS: usize = 80;

impl Place {
    /// The place that a reference such as `#/definitions/Thread` names.
    pub fn of_reference(reference: &str) -> Self {
        Self::default().join(reference)
    }

    /// A place below this one.
    pub fn join(&self, segment: &str) -> Self {
        let segment = segment.chars().take(MOST_CHARACTERS).collect();
        Self(Some(Rc::new((self.clone(), segment))))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_deref() {
            None => Ok(()),
            Some((Self(None), segment)) => f.write_str(segment),
            Some((parent, segment)) => write!(f, "{parent}/{segment}"),
        }
    }
}

/// Where it stands makes no difference to what a schema says.
impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
