//! What stands around every page: its head, the office, the choice of languages; and the one style sheet, which stands in
//! the page itself, so that it is there with the first packet.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{
    Reader, addressed,
    tongue::{Said, Tongue},
    words::Words,
};

const STYLE: &str = include_str!("templates/style.css");

/// The style sheet as a policy names it (CSP Level 3, section 2.3.1).
pub fn style_source() -> &'static str {
    static SOURCE: LazyLock<String> =
        LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE))));
    &SOURCE
}

pub struct Frame {
    pub tongue: Tongue,
    pub words: &'static Words,
    /// Of the window.
    pub title: String,
    /// Whose page it is.
    pub office: Option<Said>,
    /// Where all that is public stands; none behind a link.
    pub home: Option<String>,
    /// Whether search engines may keep it.
    pub open: bool,
    /// What messengers show of it (Open Graph).
    pub card: Vec<(&'static str, String)>,
    pub choices: Vec<Choice>,
    pub style: &'static str,
}

/// A language to switch to.
pub struct Choice {
    pub tag: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

impl Frame {
    pub fn new(reader: &Reader, tongue: Tongue, title: String) -> Self {
        Self::with(reader, tongue, title, &[])
    }

    /// `query` is what of the page's address says which page it is.
    pub fn with(
        reader: &Reader,
        tongue: Tongue,
        title: String,
        query: &[(&'static str, String)],
    ) -> Self {
        let choice = |each: Tongue| {
            let lang = ("lang", each.tag().to_owned());
            Choice {
                tag: each.tag(),
                name: each.name(),
                href: addressed(&reader.path, query.iter().cloned().chain([lang])),
                current: each == tongue,
            }
        };
        Self {
            tongue,
            words: tongue.words(),
            title,
            office: None,
            home: None,
            open: false,
            card: Vec::new(),
            choices: Tongue::ALL.map(choice).into(),
            style: STYLE,
        }
    }
}
