//! The page of a kit: its story, one button for everything, each material with its picture or player and its file, the
//! terms, and what may not be done. What is under embargo says until when, to those who may see it before.

use std::collections::{BTreeSet, HashSet};

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Door, Page, Visit,
    figures::{self, Moment},
    frame::Frame,
    item::{Item, Maker, Pieces},
    rendered,
    tongue::{Said, Tongue},
};
use crate::{
    access::{Caller, opens_at, reach},
    announce::notices,
    bundle::{self, Common, Files, Kept, Kit, Outlined, Sight, Withdrawn},
    db::{
        feed,
        records::{self, Record},
    },
    error::{Error, Result},
    language::Texts,
    terms::{Contact, KitId, MaterialId},
};

/// So that a page stays light on a slow line: so many items, and so many letters of each of their texts where it would be
/// heavier than that, in bytes.
const ITEMS_A_PAGE: usize = 18;
const HEAVIEST: usize = 50 * 1024;
const LETTERS: [usize; 7] = [1000, 500, 250, 150, 100, 70, 50];
/// What messengers show of a summary, in letters.
const BRIEF: usize = 200;

#[derive(Template)]
#[template(path = "kit.html", config = "src/portal/askama.toml")]
struct KitPage {
    frame: Frame,
    title: Said,
    summary: Option<Said>,
    event: Option<Said>,
    published: Option<Moment>,
    embargo: Option<Held>,
    archives: Vec<Button>,
    /// Until when the link works that somebody came by.
    lasts: Option<Moment>,
    count: usize,
    items: Vec<Item>,
    turns: Turns,
    terms: Vec<Said>,
    credits: Vec<String>,
    withdrawn: Vec<Gone>,
    corrected: Vec<Said>,
    /// Where who came by a link says that they have read of it.
    answer: Option<Answer>,
    contact: Option<Reached>,
}

/// Whom a journalist calls.
struct Reached {
    name: String,
    phone: Option<String>,
    /// Its digits (RFC 3966 section 5.1.1).
    dialled: String,
    email: Option<String>,
}

/// Until when nothing of it may be published, and from when on everything.
struct Held {
    first: Moment,
    last: Option<Moment>,
}

/// The form by which who came by a link says that they have read what this page tells.
struct Answer {
    action: String,
    notices: Vec<Uuid>,
}

/// What was withdrawn, for whoever had it: under which id `captions.csv` and the files themselves have it.
struct Gone {
    /// Its files' names began with it.
    number: String,
    kind: &'static str,
    id: MaterialId,
    at: Option<Moment>,
    said: Said,
}

struct Button {
    href: String,
    words: &'static str,
    size: String,
}

/// Where one turns the page.
struct Turns {
    number: usize,
    of: usize,
    back: Option<String>,
    next: Option<String>,
}

/// What a kit's page is made of.
struct Telling<'a> {
    visit: Visit<'a>,
    kit: &'a Kit,
    tongue: Tongue,
    now: i64,
}

/// The page of a kit; `number` is which of its pages, from 1.
///
/// # Errors
/// As `reach` says of the kit; not found where it has no such page.
pub async fn kit(visit: Visit<'_>, kept: &Kept, id: KitId, number: usize) -> Result<Page> {
    let Sight { outline, rows, now } = kept.outline(visit.app, visit.caller, id).await?;
    let kit = bundle::one(&rows, visit.caller, id).await?;
    let common = &outline.common;
    let (here, of) = turned_to(&common.shown, number)?;
    let items = bundle::some(&rows, visit.caller, &kit, here, now).await?;
    let is_public = reach::kit(&rows, &Caller::public(), id).await.is_ok();
    let shown: Vec<(&Record, &Texts)> = items
        .iter()
        .filter_map(|item| item.record.as_ref().zip(Some(&item.note)))
        .collect();
    let corrections = notices::sent_corrections(&rows, visit.caller, &common.shown).await?;
    let its_own = kit.row.title.iter().chain(kit.row.summary.iter());
    let tongue = visit.reader.tongue(its_own.map(|(language, _)| language));
    let maker = Telling {
        visit,
        kit: &kit,
        tongue,
        now,
    };
    let ids = here.iter().map(|id| id.0);
    let told = feed::corrections(&rows, ids, &visit.caller.audiences).await?;
    let taken = shown
        .iter()
        .filter_map(|(record, _)| Maker::new(visit, tongue, record).taken());
    let pieces = records::segments(&rows, taken).await?;
    let mut page = KitPage {
        frame: maker.frame(number, is_public, &shown),
        title: maker.title(),
        summary: tongue.say(&kit.row.summary),
        event: maker.event(),
        published: maker.published(),
        embargo: maker.embargo(common),
        archives: if common.shown.is_empty() {
            Vec::new()
        } else {
            maker.buttons(&outline.archives)
        },
        lasts: maker.lasts(),
        count: common.shown.len(),
        items: shown
            .iter()
            .map(|(record, note)| maker.item(record, note, common, (&told, &pieces)))
            .collect(),
        turns: maker.turns(number, of),
        terms: distinct(common.usage_terms.iter(), tongue),
        credits: common.credits.clone(),
        withdrawn: common
            .withdrawn
            .iter()
            .map(|gone| maker.gone(gone))
            .collect(),
        corrected: distinct(corrections.iter(), tongue),
        answer: maker.answer(&rows, common).await?,
        contact: kit.row.contact.clone().map(Reached::from),
    };
    page.light(tongue)
}

impl KitPage {
    /// With all that is said of its items, or as much as a slow line bears; all of it, too, where what is said of the kit
    /// makes the page heavy.
    fn light(&mut self, tongue: Tongue) -> Result<Page> {
        let is_light = |page: &Page| page.html.len() <= HEAVIEST;
        let whole = rendered(self, tongue)?;
        if is_light(&whole) {
            return Ok(whole);
        }
        for letters in LETTERS {
            self.items.iter_mut().for_each(|item| item.shorten(letters));
            let page = rendered(self, tongue)?;
            if is_light(&page) {
                return Ok(page);
            }
        }
        Ok(whole)
    }
}

/// What stands on the page of this number, and how many pages there are.
fn turned_to(all: &[MaterialId], number: usize) -> Result<(&[MaterialId], usize)> {
    let of = all.len().div_ceil(ITEMS_A_PAGE).max(1);
    if !(1..=of).contains(&number) {
        return Err(Error::not_found());
    }
    let mut pages = all.chunks(ITEMS_A_PAGE);
    Ok((pages.nth(number - 1).unwrap_or_default(), of))
}

impl From<Contact> for Reached {
    fn from(contact: Contact) -> Self {
        let digits = |letter: &char| letter.is_ascii_digit() || *letter == '+';
        let phone = contact.phone.as_deref().unwrap_or_default();
        Self {
            name: contact.name,
            dialled: phone.chars().filter(digits).collect(),
            phone: contact.phone,
            email: contact.email,
        }
    }
}

impl Telling<'_> {
    /// Where nothing was said of it, that it must not be used any more.
    fn gone(&self, gone: &Withdrawn) -> Gone {
        let words = self.tongue.words();
        let at = gone.at.and_then(|at| Timestamp::from_millisecond(at).ok());
        Gone {
            number: format!("{:02}", gone.number),
            kind: words.kind(gone.kind),
            id: gone.material,
            at: at.map(|at| figures::moment(at, &self.visit.app.config.time_zone, self.tongue)),
            said: self.tongue.say(&gone.notice).unwrap_or_else(|| Said {
                text: words.withdrawn_says.to_owned(),
                lang: None,
            }),
        }
    }

    fn title(&self) -> Said {
        let said = self.tongue.say(&self.kit.row.title);
        said.unwrap_or_else(|| Said {
            text: self.tongue.words().kit.to_owned(),
            lang: None,
        })
    }

    fn frame(&self, number: usize, is_public: bool, shown: &[(&Record, &Texts)]) -> Frame {
        let reader = self.visit.reader;
        let query = (number > 1).then(|| ("page", number.to_string()));
        let query: Vec<_> = query.into_iter().collect();
        let title = self.title().text;
        let mut frame = Frame::with(reader, self.tongue, title, &query);
        frame.office = self.tongue.say(&self.kit.unit.name);
        if matches!(self.visit.door, Door::Open) {
            frame.home = Some(reader.to("/", &[]));
            frame.open = true;
        }
        frame.card = self.card(is_public, shown);
        frame
    }

    /// Messengers fetch a page, keep what it says of itself, and show it to whoever sees the address: so it says nothing
    /// but what is open to everybody; `shown` is what stands on the page.
    fn card(&self, is_public: bool, shown: &[(&Record, &Texts)]) -> Vec<(&'static str, String)> {
        let words = self.tongue.words();
        if !is_public {
            return vec![
                ("og:type", "website".into()),
                ("og:title", words.kit.into()),
            ];
        }
        let mut card = vec![
            ("og:type", "article".to_owned()),
            ("og:title", self.title().text),
        ];
        card.extend(
            self.tongue
                .word(&self.kit.unit.name)
                .map(|name| ("og:site_name", name)),
        );
        let summary = self.tongue.word(&self.kit.row.summary);
        card.extend(summary.map(|words| ("og:description", words.chars().take(BRIEF).collect())));
        let config = &self.visit.app.config;
        // What is no whole address means nothing to who reads it elsewhere.
        if config.public_url.is_none() {
            return card;
        }
        card.push(("og:url", config.url(&format!("/kits/{}", self.kit.row.id))));
        let public = Caller::public();
        let mut open = shown.iter().filter(|(record, _)| {
            public.sees_windows(record.row.unit_id, &record.visible, self.now)
        });
        let seen = Visit {
            caller: &public,
            door: Door::Open,
            ..self.visit
        };
        let picture = open.find_map(|(record, _)| Maker::new(seen, self.tongue, record).picture());
        card.extend(picture.into_iter().flat_map(|picture| {
            [
                ("og:image", config.url(&picture.src)),
                (
                    "og:image:alt",
                    picture.alt.text.chars().take(BRIEF).collect(),
                ),
            ]
        }));
        card
    }

    fn event(&self) -> Option<Said> {
        let (event, audiences) = self.kit.event.as_ref()?;
        let seen = self.visit.caller.sees_event_row(event.unit_id, audiences);
        let mut said = self.tongue.say(&event.name).filter(|_| seen)?;
        let day = event
            .starts_at
            .and_then(|at| Timestamp::from_millisecond(at).ok());
        if let Some(day) = day {
            let zone = &self.visit.app.config.time_zone;
            said.text = format!(
                "{}, {}",
                said.text,
                figures::date(day, zone, self.tongue).text
            );
        }
        Some(said)
    }

    /// None while its embargo lasts: the banner says that.
    fn published(&self) -> Option<Moment> {
        let at = opens_at(self.kit.row.published_at, self.kit.row.embargo_until)?;
        let at = Timestamp::from_millisecond(at)
            .ok()
            .filter(|_| at <= self.now)?;
        let zone = &self.visit.app.config.time_zone;
        Some(figures::date(at, zone, self.tongue))
    }

    /// From when to when the embargoes of all that is here end, where all of it is under one, by its own or the kit's.
    fn held(&self, common: &Common) -> Option<(i64, i64)> {
        let Some(kit) = self.kit.row.embargo_until.filter(|at| *at > self.now) else {
            return common.embargoes.filter(|_| !common.has_open);
        };
        let (first, last) = common.embargoes.unwrap_or((kit, kit));
        let first = if common.has_open { kit } else { first };
        Some((first.max(kit), last.max(kit)))
    }

    fn embargo(&self, common: &Common) -> Option<Held> {
        let (first, last) = self.held(common)?;
        Some(Held {
            first: self.deadline(first)?,
            last: self.deadline(last).filter(|_| last > first),
        })
    }

    fn deadline(&self, at: i64) -> Option<Moment> {
        let (at, zone) = (Timestamp::from_millisecond(at).ok()?, self.zone());
        Some(figures::deadline(at, zone, self.tongue))
    }

    fn zone(&self) -> &TimeZone {
        &self.visit.app.config.time_zone
    }

    async fn answer(&self, rows: &impl ConnectionTrait, common: &Common) -> Result<Option<Answer>> {
        let Door::Link(secret) = self.visit.door else {
            return Ok(None);
        };
        let gone = common.withdrawn.iter().map(|gone| gone.material);
        let told: HashSet<Uuid> = gone
            .chain(common.shown.iter().copied())
            .map(|id| id.0)
            .collect();
        let notices =
            notices::unread(rows, self.visit.caller, |thing| told.contains(&thing)).await?;
        let path = format!("/k/{secret}/acknowledgement");
        Ok((!notices.is_empty()).then(|| Answer {
            action: self.visit.reader.to(&path, &[]),
            notices,
        }))
    }

    fn lasts(&self) -> Option<Moment> {
        self.visit.caller.pass.as_ref()?;
        let until = Timestamp::from_millisecond(self.visit.caller.expires_at?).ok()?;
        Some(figures::moment(
            until,
            &self.visit.app.config.time_zone,
            self.tongue,
        ))
    }

    fn item(
        &self,
        record: &Record,
        note: &Texts,
        common: &Common,
        (told, pieces): (&[feed::Model], &Pieces),
    ) -> Item {
        let maker = Maker::new(self.visit, self.tongue, record);
        let mut item = maker.item(note, pieces);
        item.corrections = maker.corrections(told);
        // Where the banner says as much of all of them, it is not said of each.
        let is_told = self.held(common).is_some_and(|(first, last)| first == last);
        let until = maker.held(self.kit.row.embargo_until);
        item.embargo = until.filter(|_| !is_told);
        // Where they differ, it is said which are whose.
        if common.usage_terms.len() > 1 {
            item.facts.extend(maker.terms());
        }
        let path = self.visit.door.page(record.row.id);
        item.page = Some(self.visit.reader.to(&path, &[]));
        item
    }

    /// Everything first; what is the same under another name is left out, and so is what is smaller in name alone.
    fn buttons(&self, archives: &[Outlined]) -> Vec<Button> {
        let words = self.tongue.words();
        let labels = [
            (Files::Press, words.everything),
            (Files::Web, words.smaller),
            (Files::Original, words.originals),
        ];
        let mut met = BTreeSet::new();
        let archive = |files| archives.iter().find(|archive| archive.files == files);
        let most = archive(Files::Press).map_or(0, |archive| archive.size);
        let buttons = labels.into_iter().filter_map(|(files, words)| {
            let archive = archive(files)?;
            let size = archive.size;
            let is_new = met.insert(archive.version().to_owned());
            (is_new && (files != Files::Web || size < most)).then(|| Button {
                href: self.visit.door.archive(self.kit.row.id, archive),
                words,
                size: figures::size(size, self.tongue),
            })
        });
        buttons.collect()
    }

    fn turns(&self, number: usize, of: usize) -> Turns {
        let reader = self.visit.reader;
        let to = |number: usize| reader.to(&reader.path, &[("page", number.to_string())]);
        Turns {
            number,
            of,
            back: (number > 1).then(|| to(number - 1)),
            next: (number < of).then(|| to(number + 1)),
        }
    }
}

/// Each text once, in the order in which they come.
fn distinct<'t>(texts: impl Iterator<Item = &'t Texts>, tongue: Tongue) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    for said in texts.filter_map(|texts| tongue.say(texts)) {
        if !found.contains(&said) {
            found.push(said);
        }
    }
    found
}
