//! Speaks HTML: pages of what a caller may see, made from templates (`templates/`), that work without scripts and on an
//! old phone. In come a visit (who, by which door, in which language) and an id; out comes a page. Nothing here asks for
//! more than `access` shows; `api` serves what is made here.

mod figures;
mod frame;
mod item;
mod kit;
mod kits;
mod material;
mod message;
mod tongue;
mod words;

use std::fmt::Write;

use askama::Template;

use crate::{
    access::Caller,
    app::App,
    bundle::Outlined,
    error::{Error, Result},
    language::Language,
    terms::{KitId, MaterialId},
};

pub use frame::style_source;
pub use kit::kit;
pub use kits::kits;
pub use material::material;
pub use message::{failure, password};
pub use tongue::Tongue;

/// A page, ready to be sent.
#[derive(Debug)]
pub struct Page {
    pub html: String,
    pub tongue: Tongue,
}

/// By which door somebody came in: bytes are behind the same.
#[derive(Debug, Clone, Copy)]
pub enum Door<'a> {
    /// What is open to everybody.
    Open,
    /// A link, by its secret.
    Link(&'a str),
}

/// For whom a page is made.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The language that stands in the address.
    pub asked: Option<Tongue>,
    /// The one that the browser prefers.
    pub accepted: Option<Tongue>,
    /// What is known of the reader beside that.
    pub known: Option<Language>,
    /// The page's own address, without its query.
    pub path: String,
}

/// Who comes to see something.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub door: Door<'a>,
    pub reader: &'a Reader,
}

impl Door<'_> {
    /// Pinned to its layout: a download of it goes on in any program.
    fn archive(self, kit: KitId, archive: &Outlined) -> String {
        let (files, version) = (archive.files.as_str(), archive.version());
        let kit = match self {
            Self::Open => format!("/kits/{kit}"),
            Self::Link(secret) => format!("/k/{secret}"),
        };
        format!("{kit}/archive?files={files}&version={version}")
    }

    /// Where a material has its page.
    fn page(self, material: MaterialId) -> String {
        match self {
            Self::Open => format!("/materials/{material}"),
            Self::Link(secret) => format!("/k/{secret}/materials/{material}"),
        }
    }

    /// What the addresses of a material's files begin with.
    fn bytes(self, material: MaterialId) -> String {
        match self {
            Self::Open => format!("/v1/materials/{material}"),
            Self::Link(secret) => format!("/k/{secret}/materials/{material}"),
        }
    }
}

impl Reader {
    /// The language of a page that is in these itself.
    fn tongue<'l>(&self, its_own: impl IntoIterator<Item = &'l Language>) -> Tongue {
        let known = self.known.as_ref().and_then(Tongue::of);
        let asked = self.asked.or(self.accepted).or(known);
        asked
            .or_else(|| its_own.into_iter().find_map(Tongue::of))
            .unwrap_or(Tongue::English)
    }

    /// An address that keeps the language that was asked for.
    fn to(&self, path: &str, query: &[(&str, String)]) -> String {
        let lang = self.asked.map(|tongue| ("lang", tongue.tag().to_owned()));
        addressed(path, query.iter().cloned().chain(lang))
    }
}

fn addressed<'a>(path: &str, query: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut address = path.to_owned();
    for (at, (name, value)) in query.into_iter().enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        write!(address, "{name}={value}").expect("a String takes every write");
    }
    address
}

fn rendered(template: &impl Template, tongue: Tongue) -> Result<Page> {
    let html = template.render();
    let html = html.map_err(|error| Error::internal("a page", error))?;
    Ok(Page { html, tongue })
}
