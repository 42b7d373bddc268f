//! What a user says to an agent.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::brief::{Brief, brief_debug};

/// One part of an input.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[non_exhaustive]
pub enum InputItem {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// An image by its URL, which may be a `data:` URL.
    Image {
        /// The URL.
        url: String,
    },
    /// An image in a file. The app-server reads it: a relative path begins at its working directory.
    LocalImage {
        /// The file.
        path: PathBuf,
    },
    /// A skill that the agent is to use.
    Skill {
        /// Its name.
        name: String,
        /// Its `SKILL.md`.
        path: PathBuf,
    },
    /// Something that the text mentions by name, such as an app.
    Mention {
        /// The name.
        name: String,
        /// Where it is, such as `app://…`.
        path: String,
    },
}

brief_debug! { enum InputItem {
    Text { text },
    Image { url },
    LocalImage { path },
    Skill { name, path },
    Mention { name, path },
} }

impl InputItem {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// An image by its URL, which may be a `data:` URL.
    pub fn image(url: impl Into<String>) -> Self {
        Self::Image { url: url.into() }
    }

    /// An image in a file.
    pub fn local_image(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        Self::LocalImage { path }
    }

    /// A skill, by its name and its `SKILL.md`.
    pub fn skill(name: impl Into<String>, path: impl AsRef<Path>) -> Self {
        let (name, path) = (name.into(), path.as_ref().to_owned());
        Self::Skill { name, path }
    }

    /// Something that the text mentions by name.
    pub fn mention(name: impl Into<String>, path: impl Into<String>) -> Self {
        let (name, path) = (name.into(), path.into());
        Self::Mention { name, path }
    }
}

/// What a turn starts with: text, or several parts.
///
/// ```
/// use codex_app_server_sdk::{Input, InputItem};
///
/// let plain = Input::from("Explain this repository.");
/// let parts = Input::from([
///     InputItem::text("What is wrong with this screen?"),
///     InputItem::local_image("screen.png"),
/// ]);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Input(Vec<InputItem>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&Brief(&self.0)).finish()
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        InputItem::text(text).into()
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        InputItem::text(text).into()
    }
}

impl From<&String> for Input {
    fn from(text: &String) -> Self {
        InputItem::text(text).into()
    }
}

impl From<InputItem> for Input {
    fn from(item: InputItem) -> Self {
        Self(vec![item])
    }
}

impl From<Vec<InputItem>> for Input {
    fn from(items: Vec<InputItem>) -> Self {
        Self(items)
    }
}

impl<const N: usize> From<[InputItem; N]> for Input {
    fn from(items: [InputItem; N]) -> Self {
        Self(items.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_have_the_names_of_the_wire() {
        let input = Input::from([
            InputItem::text("look"),
            InputItem::image("data:image/png;base64,AA=="),
            InputItem::local_image("a.png"),
            InputItem::skill("review", "skills/review/SKILL.md"),
            InputItem::mention("Mail", "app://mail"),
        ]);
        assert_eq!(
            serde_json::to_value(input).unwrap(),
            json!([
                {"type": "text", "text": "look"},
                {"type": "image", "url": "data:image/png;base64,AA=="},
                {"type": "localImage", "path": "a.png"},
                {"type": "skill", "name": "review", "path": "skills/review/SKILL.md"},
                {"type": "mention", "name": "Mail", "path": "app://mail"},
            ])
        );
    }
}
