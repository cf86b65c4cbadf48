//! The kits that a caller may see, the newest first, narrowed by words of their titles and summaries, by event, and by a
//! material that lies in them. Words are met as search meets them, in whichever script; there are few kits, so they are
//! read one handful after the other instead of being kept in an index.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::{Kit, kit};
use crate::{
    access::Caller,
    db::{self, events, kit_items, kits, materials},
    error::Result,
    language::{Form, Texts, asked_forms, meet, tokens},
    terms::{EventId, KitId, MaterialId},
};

/// How many rows are read at once while titles are looked through.
const HANDFUL: u64 = 500;

/// What narrows the list; alternatives within one, all of them together.
#[derive(Debug, Default)]
pub struct Filter {
    pub q: Option<String>,
    pub events: Vec<EventId>,
    pub materials: Vec<MaterialId>,
}

/// At most `limit` kits that come after the one that is named.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    filter: &Filter,
    mut after: Option<KitId>,
    limit: u64,
) -> Result<Vec<Kit>> {
    let words = words(filter.q.as_deref().unwrap_or_default());
    let wanted = condition(caller, filter);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let handful = if words.is_empty() { limit } else { HANDFUL };
    let mut found: Vec<kits::Model> = Vec::new();
    loop {
        let mut next = kits::Entity::find().filter(wanted.clone());
        if let Some(after) = after {
            next = next.filter(kits::Column::Id.lt(after));
        }
        let rows = next
            .order_by_desc(kits::Column::Id)
            .limit(handful)
            .all(connection)
            .await?;
        after = rows.last().map(|row| row.id);
        let exhausted = (rows.len() as u64) < handful;
        found.extend(
            rows.into_iter()
                .filter(|row| says([&row.title, &row.summary], &words)),
        );
        if exhausted || found.len() >= most {
            found.truncate(most);
            return kit::load(connection, found).await;
        }
    }
}

/// An event or a material that the caller may not see narrows the list to nothing, as one that never was does.
fn condition(caller: &Caller, filter: &Filter) -> Condition {
    let now = db::now();
    let mut wanted = Condition::all().add(caller.sees(kits::Column::Id, kits::Column::UnitId, now));
    if !filter.events.is_empty() {
        let seen = events::Entity::find()
            .select_only()
            .column(events::Column::Id)
            .filter(events::Column::Id.is_in(filter.events.iter().copied()))
            .filter(caller.sees_event(events::Column::Id, events::Column::UnitId))
            .into_query();
        wanted = wanted.add(kits::Column::EventId.in_subquery(seen));
    }
    if !filter.materials.is_empty() {
        let seen = materials::Entity::find()
            .select_only()
            .column(materials::Column::Id)
            .filter(materials::Column::Id.is_in(filter.materials.iter().copied()))
            .filter(caller.sees(materials::Column::Id, materials::Column::UnitId, now))
            .into_query();
        let holding = kit_items::Entity::find()
            .select_only()
            .column(kit_items::Column::KitId)
            .filter(kit_items::Column::MaterialId.in_subquery(seen))
            .into_query();
        wanted = wanted.add(kits::Column::Id.in_subquery(holding));
    }
    wanted
}

/// The forms of each word that was asked for.
fn words(q: &str) -> Vec<Vec<Form>> {
    q.split_whitespace()
        .map(asked_forms)
        .filter(|forms| !forms.is_empty())
        .collect()
}

/// Whether each word stands in one of the texts, in one language or another.
fn says<const N: usize>(texts: [&Texts; N], words: &[Vec<Form>]) -> bool {
    let has = |texts: &Texts, asked: &[Form]| {
        texts.iter().any(|(language, text)| {
            tokens(text, Some(language)).any(|written| meet(asked, &written).is_some())
        })
    };
    let mut words = words.iter();
    words.all(|asked| texts.iter().any(|texts| has(texts, asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_met_in_either_script_and_with_endings() {
        let title = Texts::from([
            ("uz-Cyrl", "Ахборот хизматлари ҳафталиги"),
            ("en", "Week of the press services"),
        ]);
        for q in [
            "",
            "axborot",
            "axborot xizmati",
            "press service",
            "ахборот week",
        ] {
            assert!(says([&title], &words(q)), "{q}");
        }
        for q in ["budget", "axborot budget"] {
            assert!(!says([&title], &words(q)), "{q}");
        }
    }
}
