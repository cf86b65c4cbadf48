//! Tells the readers of one thing what became of it: what they were told last is held against what they have at a moment.
//! Safe to do again: where nothing is new, nothing is written.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    super::{FOREVER, counters, visibility, withdrawals},
    COUNTER, Column, Entity, Model, Seen,
    announced::{self, Digests},
    news::{self, News},
    standing::{self, Standing},
};
use crate::{
    error::Result,
    terms::{KitId, MaterialId, Status, Thing, Turn, Words},
};

/// What its readers had, have, and are to be told.
struct Case<'a> {
    state: &'a announced::Model,
    standing: &'a Standing,
    /// What they were told last.
    told: Vec<Model>,
    had: Vec<String>,
    has: Vec<String>,
    news: News,
    moment: i64,
}

/// Before the windows of a thing are written anew: what time has done to its readers by now is told first.
pub async fn passed(tx: &DatabaseTransaction, id: Uuid) -> Result<()> {
    let now = super::super::now();
    while let Some(state) = announced::Entity::find_by_id(id).one(tx).await?
        && state.due_at <= now
    {
        settle(tx, state.thing, id, state.due_at).await?;
    }
    Ok(())
}

/// Tells the readers of a thing what they do not know yet, as it is at a moment.
pub async fn settle(tx: &DatabaseTransaction, thing: Thing, id: Uuid, moment: i64) -> Result<()> {
    let state = announced::Entity::find_by_id(id).one(tx).await?;
    let windows = visibility::Entity::find()
        .filter(visibility::Column::ThingId.eq(id))
        .order_by_asc(visibility::Column::Audience)
        .all(tx)
        .await?;
    if state.is_none() && windows.is_empty() {
        return Ok(());
    }
    let Some(standing) = Standing::of(tx, thing, id).await? else {
        announced::Entity::delete_by_id(id).exec(tx).await?;
        return Ok(());
    };
    let state = state.unwrap_or_else(|| announced::Model {
        thing_id: id,
        thing,
        due_at: FOREVER,
        number: 0,
        original: standing.original,
        items: Digests::default(),
    });
    let told = open_rows(tx, id).await?;
    let former: Vec<String> = told.iter().map(|row| row.audience.clone()).collect();
    let is_open = |w: &&visibility::Model| w.visible_from <= moment && moment < w.visible_until;
    let open = windows.iter().filter(is_open);
    let present: Vec<String> = open.map(|window| window.audience.clone()).collect();
    let mut case = Case {
        state: &state,
        standing: &standing,
        told,
        had: former,
        has: present,
        news: News::default(),
        moment,
    };
    let next = Box::pin(case.tell(tx)).await?;
    let due_at = next_boundary(&windows, moment);
    announced::keep(tx, announced::Model { due_at, ..next }).await
}

/// What the audiences were told of a thing and holds still.
pub(super) async fn open_rows(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Model>> {
    let found = Entity::find()
        .filter(Column::ThingId.eq(id))
        .filter(Column::Until.eq(FOREVER))
        .order_by_asc(Column::Audience);
    Ok(found.all(connection).await?)
}

fn next_boundary(windows: &[visibility::Model], moment: i64) -> i64 {
    let each = windows
        .iter()
        .flat_map(|window| [window.visible_from, window.visible_until]);
    each.filter(|at| *at > moment).min().unwrap_or(FOREVER)
}

impl Case<'_> {
    /// Writes what is new. Gives how far the readers have been told by then.
    async fn tell(&mut self, tx: &DatabaseTransaction) -> Result<announced::Model> {
        let (id, thing) = (self.state.thing_id, self.state.thing);
        let entries = news::happened(tx, id, self.state.number).await?;
        let stay: Vec<String> = self
            .had
            .iter()
            .filter(|audience| self.has.contains(audience))
            .cloned()
            .collect();
        let mut next = self.state.clone();
        let mut is_whole = true;
        if !stay.is_empty() {
            let news = news::of(tx, self.state, self.standing, &entries, &stay).await?;
            is_whole = news.is_some();
            self.news = news.unwrap_or_default();
        }
        if thing == Thing::Kit {
            let items = standing::items(tx, KitId(id), &self.has, self.moment).await?;
            let former = &self.state.items.0;
            self.news.add("items", |audience| {
                former.get(audience) != items.0.get(audience)
            });
            next.items = items;
        }
        let moved = self.had.iter().any(|audience| !self.has.contains(audience))
            || self.has.iter().any(|audience| !self.had.contains(audience));
        if moved || stay.iter().any(|audience| self.news.is_for(audience)) {
            self.write(tx, &self.had).await?;
        } else if self.standing.status == Status::Withdrawn
            && entries.iter().any(|entry| entry.action == "withdrawn")
        {
            // What was said of the withdrawal was put right.
            let former = withdrawals::Entity::find()
                .filter(withdrawals::Column::ThingId.eq(id))
                .order_by_asc(withdrawals::Column::Audience);
            let former = former.all(tx).await?.into_iter();
            let former: Vec<String> = former.map(|row| row.audience).collect();
            self.write(tx, &former).await?;
        }
        if moved && thing == Thing::Material {
            announced::mark_kits(tx, MaterialId(id), self.moment).await?;
        }
        if is_whole {
            next.number = match entries.last() {
                Some(last) => last.number,
                None => self.state.number,
            };
            next.original = self.standing.original;
        }
        Ok(next)
    }

    /// One number for all: a row for each audience that had the thing or has it now.
    async fn write(&self, tx: &DatabaseTransaction, had: &[String]) -> Result<()> {
        let mut all = had.to_vec();
        all.extend(
            self.has
                .iter()
                .filter(|audience| !had.contains(audience))
                .cloned(),
        );
        if all.is_empty() {
            return Ok(());
        }
        let former = self.told.first().and_then(|row| row.after.clone());
        let former = former.unwrap_or_else(|| self.standing.seen.clone());
        let before = seen(former, had);
        let after = seen(self.standing.seen.clone(), &self.has);
        let seq = counters::next(tx, COUNTER).await?;
        Entity::update_many()
            .col_expr(Column::Until, Expr::value(seq))
            .filter(Column::ThingId.eq(self.state.thing_id))
            .filter(Column::Until.eq(FOREVER))
            .exec(tx)
            .await?;
        let rows = all.into_iter().map(|audience| {
            let turn = self.turn(had, &audience);
            Model {
                until: if self.has.contains(&audience) {
                    FOREVER
                } else {
                    seq
                },
                turn,
                seq,
                at: self.moment,
                thing: self.state.thing,
                thing_id: self.state.thing_id,
                version: self.standing.version,
                changed: Words(match turn {
                    Turn::Updated | Turn::Corrected => self.news.to(&audience).to_vec(),
                    _ => Vec::new(),
                }),
                notice: match turn {
                    Turn::Withdrawn => Some(self.standing.notice.clone()),
                    Turn::Corrected => self.news.corrected.clone(),
                    _ => None,
                },
                before: before.clone(),
                after: after.clone(),
                audience,
            }
            .into_active_model()
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }

    fn turn(&self, had: &[String], audience: &String) -> Turn {
        match (had.contains(audience), self.has.contains(audience)) {
            (false, _) => Turn::Published,
            (true, false) if self.standing.status == Status::Withdrawn => Turn::Withdrawn,
            (true, false) => Turn::Removed,
            (true, true) if self.news.corrected.is_some() => Turn::Corrected,
            (true, true) if self.news.is_for(audience) => Turn::Updated,
            (true, true) => Turn::Unchanged,
        }
    }
}

/// None: nobody has it.
fn seen(of: Seen, audiences: &[String]) -> Option<Seen> {
    (!audiences.is_empty()).then(|| Seen {
        audiences: audiences.to_vec(),
        ..of
    })
}
