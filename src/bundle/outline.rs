//! What is said of a kit as a whole to who sees the same of it: how large its archives are, and what those of its
//! materials that are published have in common. It is small where the archives' layouts are large, and rests on the same.

use std::{collections::HashSet, sync::Arc};

use sea_orm::ConnectionTrait;

use super::{Archive, Asked, Files, Withdrawn, archive::archive, basis::Basis, gather::gather};
use crate::{
    access::Caller,
    config::Config,
    db::records::Record,
    error::Result,
    language::Texts,
    terms::{KitId, MaterialId, Status},
};

/// Of a kit, as it was at one moment.
#[derive(Debug)]
pub struct Outline {
    /// Whole, one of each sort, in the order of `Files::ALL`.
    pub archives: Vec<Outlined>,
    pub common: Common,
}

/// An archive by its outside.
#[derive(Debug, Clone)]
pub struct Outlined {
    pub files: Files,
    /// In bytes.
    pub size: u64,
    /// How many files it holds, what is generated included.
    pub entries: usize,
    /// In its quotes.
    pub etag: String,
}

/// What the published materials of a kit that somebody sees have in common.
#[derive(Debug, Default)]
pub struct Common {
    /// Which they are, in the kit's order.
    pub shown: Vec<MaterialId>,
    /// Each of their terms of use once, in the order in which they come.
    pub usage_terms: Vec<Texts>,
    /// The same of their credits, without the blanks around them.
    pub credits: Vec<String>,
    /// The first and the last of their embargoes that lie ahead, in milliseconds since 1970.
    pub embargoes: Option<(i64, i64)>,
    /// Whether one of them has none.
    pub has_open: bool,
    /// What was taken back from whoever sees the rest.
    pub withdrawn: Vec<Withdrawn>,
}

/// What they have in common, while it is gathered.
#[derive(Default)]
pub(super) struct Gleaner {
    common: Common,
    usage_terms: HashSet<Texts>,
    credits: HashSet<String>,
}

/// The outline of a kit, by what the connection sees.
///
/// # Errors
/// As `reach` says of the kit.
pub async fn outline(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    config: &Config,
    id: KitId,
) -> Result<Outline> {
    let (outline, _) = outlined(connection, caller, config, id, |_, _, _| {}).await?;
    Ok(outline)
}

/// The same with what it rests on. One archive after the other is laid out for it, and given to `each`: together they
/// would take three times the memory.
pub(super) async fn outlined(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    config: &Config,
    id: KitId,
    mut each: impl FnMut(Asked, Archive, &Arc<Basis>),
) -> Result<(Outline, Arc<Basis>)> {
    let whole = Asked::whole();
    let mut gathered = gather(connection, caller, config, id, &whole).await?;
    let mut archives = Vec::with_capacity(whole.len());
    // The one that is asked for most comes last: what has no room is what came before.
    for (place, asked) in whole.into_iter().enumerate().rev() {
        let archive = archive(&mut gathered, place, &asked, caller, config)?;
        archives.push(Outlined::of(&archive));
        each(asked, archive, &gathered.basis);
        // It computes for long: others have their turn.
        tokio::task::yield_now().await;
    }
    archives.reverse();
    let common = gathered.common;
    Ok((Outline { archives, common }, gathered.basis))
}

impl Outlined {
    fn of(archive: &Archive) -> Self {
        let layout = &archive.layout;
        Self {
            files: archive.files,
            size: layout.size(),
            entries: layout.entries().len(),
            etag: layout.etag().to_owned(),
        }
    }

    /// The entity tag without its quotes: what pins a URL to the layout.
    pub fn version(&self) -> &str {
        self.etag.trim_matches('"')
    }
}

impl Outline {
    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        const TEXTS: usize = 1024;
        const CREDIT: usize = 64;
        let common = &self.common;
        let credits = common.credits.iter().map(|credit| CREDIT + credit.len());
        size_of_val(common.shown.as_slice())
            + (common.usage_terms.len() + common.withdrawn.len()) * TEXTS
            + credits.sum::<usize>()
            + TEXTS
    }
}

impl Gleaner {
    /// One that is seen at the moment `now`.
    pub fn add(&mut self, record: &Record, now: i64) {
        let row = &record.row;
        if row.status != Status::Published {
            return;
        }
        let common = &mut self.common;
        common.shown.push(row.id);
        let ahead = row.embargo_until.filter(|until| *until > now);
        common.has_open |= ahead.is_none();
        common.embargoes = match (common.embargoes, ahead) {
            (Some((first, last)), Some(until)) => Some((first.min(until), last.max(until))),
            (none, until) => none.or(until.map(|until| (until, until))),
        };
        if !self.usage_terms.contains(&row.usage_terms) {
            self.usage_terms.insert(row.usage_terms.clone());
            common.usage_terms.push(row.usage_terms.clone());
        }
        let credit = row.credit.as_deref().unwrap_or_default().trim();
        if !credit.is_empty() && !self.credits.contains(credit) {
            self.credits.insert(credit.to_owned());
            common.credits.push(credit.to_owned());
        }
    }

    pub fn finish(self, withdrawn: Vec<Withdrawn>) -> Common {
        Common {
            withdrawn,
            ..self.common
        }
    }
}
