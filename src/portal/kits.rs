//! The list of the kits that are open to everybody, the newest first, a page at a time.

use askama::Template;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    Page, Visit,
    figures::{self, Moment},
    frame::Frame,
    item::{Maker, Picture},
    rendered,
    tongue::{Said, Tongue},
};
use crate::{
    access::opens_at,
    bundle::{self, Filter, Kit},
    db::{records::Record, units},
    error::Result,
    language::Texts,
    terms::KitId,
};

const KITS_A_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "kits.html", config = "src/portal/askama.toml")]
struct KitsPage {
    frame: Frame,
    kits: Vec<Card>,
    /// What was looked for; empty: nothing.
    sought: String,
    /// The language that the form keeps, where one was asked for.
    lang: Option<&'static str>,
    first: Option<String>,
    next: Option<String>,
}

struct Card {
    href: String,
    title: Said,
    summary: Option<Said>,
    office: Option<Said>,
    day: Option<Moment>,
    cover: Option<Picture>,
}

/// The kits whose titles have the words, after the one that is named; all of them where there are no words.
pub async fn kits(visit: Visit<'_>, sought: Option<String>, after: Option<KitId>) -> Result<Page> {
    let connection = visit.app.db.read();
    let limit = KITS_A_PAGE as u64 + 1;
    let sought = sought.unwrap_or_default().trim().to_owned();
    let filter = Filter {
        q: Some(sought.clone()),
        ..Filter::default()
    };
    let mut kits = bundle::list(connection, visit.caller, &filter, after, limit).await?;
    let more = kits.len() > KITS_A_PAGE;
    kits.truncate(KITS_A_PAGE);
    let tongue = visit.reader.tongue([]);
    let last = kits.last().filter(|_| more).map(|kit| kit.row.id);
    let mut covers = bundle::covers(connection, visit.caller, &kits).await?;
    let cards = kits
        .iter()
        .map(|kit| card(visit, tongue, kit, covers.remove(&kit.row.id).as_ref()))
        .collect();
    let reader = visit.reader;
    let words = (!sought.is_empty()).then(|| ("q", escaped(&sought)));
    let after = after.map(|id| ("after", id.to_string()));
    let query: Vec<_> = words.clone().into_iter().chain(after.clone()).collect();
    let to = |after: Option<(&'static str, String)>| {
        let query: Vec<_> = words.clone().into_iter().chain(after).collect();
        reader.to("/", &query)
    };
    let mut frame = Frame::with(reader, tongue, tongue.words().kits.to_owned(), &query);
    frame.office = office(connection).await?.and_then(|name| tongue.say(&name));
    frame.home = Some(reader.to("/", &[]));
    frame.open = true;
    frame.card = vec![
        ("og:type", "website".into()),
        ("og:title", tongue.words().kits.into()),
    ];
    let page = KitsPage {
        frame,
        kits: cards,
        lang: reader.asked.map(Tongue::tag),
        first: after.map(|_| to(None)),
        next: last.map(|id| to(Some(("after", id.to_string())))),
        sought,
    };
    rendered(&page, tongue)
}

/// What the topmost unit is called: the one that all others are of, where there is one.
async fn office(connection: &impl ConnectionTrait) -> Result<Option<Texts>> {
    let topmost = units::Entity::find()
        .filter(units::Column::ParentId.is_null())
        .order_by_asc(units::Column::Id);
    Ok(topmost.one(connection).await?.map(|unit| unit.name))
}

/// As a query holds it.
fn escaped(words: &str) -> String {
    utf8_percent_encode(words, NON_ALPHANUMERIC).to_string()
}

fn card(visit: Visit<'_>, tongue: Tongue, kit: &Kit, cover: Option<&Record>) -> Card {
    let row = &kit.row;
    let day = opens_at(row.published_at, row.embargo_until);
    let day = day.and_then(|at| Timestamp::from_millisecond(at).ok());
    let title = tongue.say(&row.title).unwrap_or_else(|| Said {
        text: tongue.words().kit.to_owned(),
        lang: None,
    });
    let cover = cover.and_then(|record| Maker::new(visit, tongue, record).picture());
    Card {
        href: visit.reader.to(&format!("/kits/{}", row.id), &[]),
        title,
        summary: tongue.say(&row.summary),
        office: tongue.say(&kit.unit.name),
        day: day.map(|at| figures::date(at, &visit.app.config.time_zone, tongue)),
        // What it shows stands in the title beside it.
        cover: cover.map(|picture| Picture {
            alt: Said {
                text: String::new(),
                lang: None,
            },
            ..picture
        }),
    }
}
