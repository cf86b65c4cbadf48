//! The page of one material: of what is open to everybody, and of what lies in the kit behind a link.

use askama::Template;
use sea_orm::EntityTrait;

use super::{
    Door, Page, Visit,
    frame::Frame,
    item::{Item, Maker},
    rendered,
    tongue::{Said, Tongue},
};
use crate::{
    access::reach,
    db::{
        feed, kits,
        records::{self, Record},
    },
    error::Result,
    language::Texts,
    terms::{Kind, MaterialId},
};

/// What of a text is shown, in letters: a page is to come over a slow line.
const LONGEST: usize = 10_000;

#[derive(Template)]
#[template(path = "material.html", config = "src/portal/askama.toml")]
struct MaterialPage {
    frame: Frame,
    /// The kit's page, for who came by its link.
    back: Option<String>,
    title: Said,
    item: Item,
    /// Of a text, to be read here.
    text: Option<Said>,
    terms: Option<Said>,
    credit: Option<String>,
}

/// The page of a material.
///
/// # Errors
/// As `reach` says of it.
pub async fn material(visit: Visit<'_>, id: MaterialId) -> Result<Page> {
    let connection = visit.app.db.read();
    reach::material(connection, visit.caller, id).await?;
    let record = records::one(connection, id).await?;
    let its_own = record.headline.iter().chain(record.caption.iter());
    let tongue = visit.reader.tongue(its_own.map(|(language, _)| language));
    let maker = Maker::new(visit, tongue, &record);
    let pieces = records::segments(connection, maker.taken()).await?;
    let mut item = maker.item(&Texts::default(), &pieces);
    let told = feed::corrections(connection, [id.0], &visit.caller.audiences).await?;
    item.corrections = maker.corrections(&told);
    if let Some(pass) = &visit.caller.pass {
        let kit = kits::Entity::find_by_id(pass.kit).one(connection).await?;
        item.embargo = maker.held(kit.and_then(|kit| kit.embargo_until));
    }
    let title = item.heading.take().unwrap_or_else(|| Said {
        text: item.kind.to_owned(),
        lang: None,
    });
    let page = MaterialPage {
        frame: frame(&maker, &record, &title),
        back: match visit.door {
            Door::Open => None,
            Door::Link(secret) => Some(visit.reader.to(&format!("/k/{secret}"), &[])),
        },
        title,
        item,
        text: text(&record, tongue),
        terms: tongue.say(&record.row.usage_terms),
        credit: record.row.credit.clone(),
    };
    rendered(&page, tongue)
}

/// What messengers are told of what is not open to everybody: as little as of the kit.
fn closed(tongue: Tongue) -> Vec<(&'static str, String)> {
    vec![
        ("og:type", "website".into()),
        ("og:title", tongue.words().kit.into()),
    ]
}

/// The beginning of a text in its own language; the whole of it is in its file.
fn text(record: &Record, tongue: Tongue) -> Option<Said> {
    let row = &record.row;
    let whole = row.text.as_deref().map(str::trim);
    let is_read = row.kind == Some(Kind::Text) && !record.original.row.is_withheld();
    let whole = whole.filter(|text| is_read && !text.is_empty())?;
    let mut said = Said {
        text: whole.to_owned(),
        lang: row.language.clone().filter(|tag| tag != tongue.tag()),
    };
    said.shorten(LONGEST);
    Some(said)
}

fn frame(maker: &Maker<'_>, record: &Record, title: &Said) -> Frame {
    let (visit, tongue): (Visit, Tongue) = (maker.visit, maker.tongue);
    let mut frame = Frame::new(visit.reader, tongue, title.text.clone());
    frame.office = tongue.say(&record.unit.name);
    if matches!(visit.door, Door::Link(_)) {
        frame.card = closed(tongue);
        return frame;
    }
    frame.home = Some(visit.reader.to("/", &[]));
    frame.open = true;
    frame.card = vec![
        ("og:type", "article".to_owned()),
        ("og:title", title.text.clone()),
    ];
    let config = &visit.app.config;
    if config.public_url.is_some() {
        frame.card.push(("og:url", config.url(&visit.reader.path)));
        let picture = maker.picture();
        frame
            .card
            .extend(picture.map(|picture| ("og:image", config.url(&picture.src))));
    }
    frame
}
