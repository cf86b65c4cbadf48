//! Who is calling, what they may do in which unit, and the one rule of what they may see. Every query that can show a
//! trace of a material, a kit or an event takes its condition from here; every act asks a method of [`Caller`] first.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{
    db::{audiences, early_withdrawals, kit_items, visibility},
    error::{Code, Error, Result},
    terms::{AccountId, KitId, LinkId, Role, Status, TokenId, UnitId},
};

mod beat;
mod by_link;
mod callers;
mod identify;
pub mod reach;
mod windows;

pub use beat::on_the_beat;
pub use by_link::by_link;
pub use callers::Callers;
pub use identify::{again, below, hash, identify};
pub use windows::{Term, opens_at, refresh};

/// Somebody who asks: the public, a reader, or staff.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: Option<AccountId>,
    pub token: Option<TokenId>,
    pub name: Option<String>,
    /// None: the public.
    pub role: Option<Role>,
    pub unit: Option<UnitId>,
    /// Where this caller is staff.
    pub scope: Scope,
    /// What is published to one of these is open to the caller.
    pub audiences: Vec<String>,
    pub expires_at: Option<i64>,
    /// The link by which the caller came in, which opens one kit and nothing else.
    pub pass: Option<Pass>,
}

/// What a link opens: a kit, and what lies in it.
#[derive(Debug, Clone)]
pub struct Pass {
    pub link: LinkId,
    pub kit: KitId,
    /// The units whose embargoes do not hold for who has the link.
    pub lifts: Scope,
    /// When it was made, in milliseconds since 1970.
    pub since: i64,
}

/// All that decides what somebody sees: who has the same standing sees the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    scope: Scope,
    audiences: Vec<String>,
    /// What a link opens, and whose embargoes it lifts since when.
    pass: Option<(KitId, Scope, i64)>,
}

/// The units whose drafts and inner life somebody sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    Nothing,
    Units(Vec<UnitId>),
    Everything,
}

impl Scope {
    pub fn has(&self, unit: UnitId) -> bool {
        match self {
            Self::Nothing => false,
            Self::Units(units) => units.contains(&unit),
            Self::Everything => true,
        }
    }
}

impl Caller {
    pub fn public() -> Self {
        Self {
            account: None,
            token: None,
            name: None,
            role: None,
            unit: None,
            scope: Scope::Nothing,
            audiences: vec!["public".to_owned()],
            expires_at: None,
            pass: None,
        }
    }

    pub fn standing(&self) -> Standing {
        let pass = self.pass.as_ref();
        Standing {
            scope: self.scope.clone(),
            audiences: self.audiences.clone(),
            pass: pass.map(|pass| {
                let since = if self.lifts_any() { pass.since } else { 0 };
                (pass.kit, pass.lifts.clone(), since)
            }),
        }
    }

    pub fn is_staff(&self) -> bool {
        self.role >= Some(Role::Contributor)
    }

    /// Whether drafts, processing and history of the unit are this caller's to see.
    pub fn sees_inside(&self, unit: UnitId) -> bool {
        self.scope.has(unit)
    }

    /// The account, for what is written down.
    pub fn account(&self) -> Result<AccountId> {
        self.account
            .ok_or_else(|| Error::refused(Code::Unauthenticated, "This needs a token."))
    }

    /// Bring new material into the unit.
    pub fn may_upload(&self, unit: UnitId) -> Result<()> {
        self.needs(Role::Contributor, unit, "upload into this unit")
    }

    /// Describe, replace or delete what is not published; contributors their own alone.
    pub fn may_change(&self, unit: UnitId, owner: AccountId, status: Status) -> Result<()> {
        if matches!(status, Status::Published | Status::Withdrawn) {
            return self.may_publish(unit);
        }
        self.needs(Role::Contributor, unit, "change this")?;
        if self.role == Some(Role::Contributor) && self.account != Some(owner) {
            return Err(forbidden(
                "Contributors change what they uploaded themselves.",
            ));
        }
        Ok(())
    }

    /// Publish, withdraw, change what is published, make kits.
    pub fn may_publish(&self, unit: UnitId) -> Result<()> {
        self.needs(
            Role::Editor,
            unit,
            "publish or change what is published in this unit",
        )
    }

    pub fn may_create_events(&self, unit: UnitId) -> Result<()> {
        self.needs(Role::Contributor, unit, "create events in this unit")
    }

    pub fn may_manage_events(&self, unit: UnitId) -> Result<()> {
        self.needs(Role::Editor, unit, "change events of this unit")
    }

    /// Issue a token of the role in the unit: editors those below their own right, administrators all.
    pub fn may_issue(&self, role: Role, unit: UnitId) -> Result<()> {
        if role >= Role::Editor {
            return self.needs_admin();
        }
        self.needs(Role::Editor, unit, "issue tokens in this unit")
    }

    /// Some part of search is for those who work on the archive.
    pub fn needs_staff(&self) -> Result<()> {
        if self.is_staff() {
            Ok(())
        } else {
            Err(self.denied("This is for staff."))
        }
    }

    pub fn needs_admin(&self) -> Result<()> {
        if self.role == Some(Role::Admin) {
            Ok(())
        } else {
            Err(self.denied("This is for administrators."))
        }
    }

    fn needs(&self, role: Role, unit: UnitId, what: &str) -> Result<()> {
        if self.role >= Some(role) && self.scope.has(unit) {
            Ok(())
        } else {
            Err(self.denied(&format!("You may not {what}.")))
        }
    }

    fn denied(&self, words: &str) -> Error {
        if self.role.is_none() {
            return Error::refused(Code::Unauthenticated, "This needs a token.");
        }
        forbidden(words)
    }

    /// The rule: a thing is seen by staff of its unit, and by whom one of its windows is open now; who came by a link sees
    /// what lies in its kit alone, and of that some before its time. `thing` and `unit` are the columns of the row that
    /// is asked for.
    pub fn sees<T: ColumnTrait, U: ColumnTrait>(&self, thing: T, unit: U, now: i64) -> Condition {
        let open = self.open(thing, now);
        let mut seen = inside(&self.scope, unit).add(is_any(open));
        if let Some(pass) = &self.pass
            && pass.lifts != Scope::Nothing
        {
            let early = self.windows(thing, now);
            let lifted = Condition::all().add(inside(&pass.lifts, unit));
            seen = seen.add(lifted.add(is_any(early)));
        }
        self.reaches(thing).add(seen)
    }

    /// A wider rule for what lies in a kit that is reached, for whom no unit's drafts are seen: it needs no unit, and by a
    /// link that lifts some units' embargoes it lets those of all of them pass.
    pub fn may_see<T: ColumnTrait>(&self, thing: T, now: i64) -> Condition {
        let lifts = |pass: &Pass| pass.lifts != Scope::Nothing;
        let windows = if self.pass.as_ref().is_some_and(lifts) {
            self.windows(thing, now)
        } else {
            self.open(thing, now)
        };
        Condition::all().add(is_any(windows))
    }

    /// What somebody who came by a link can have to do with at all: the kit, and what lies in it.
    fn reaches<T: ColumnTrait>(&self, thing: T) -> Condition {
        let Some(pass) = &self.pass else {
            return Condition::all();
        };
        let items = kit_items::Entity::find()
            .filter(kit_items::Column::KitId.eq(pass.kit))
            .filter(is(kit_items::Column::MaterialId, thing));
        let within = Condition::any().add(thing.eq(pass.kit.0));
        Condition::all().add(within.add(is_any(items)))
    }

    /// A thing's windows of the caller's audiences that are open.
    fn open<T: ColumnTrait>(&self, thing: T, now: i64) -> Select<visibility::Entity> {
        let begun = visibility::Column::VisibleFrom.lte(now);
        self.windows(thing, now).filter(begun)
    }

    /// A thing's windows of the caller's audiences that have not closed, whether they are open yet or not.
    fn windows<T: ColumnTrait>(&self, thing: T, now: i64) -> Select<visibility::Entity> {
        visibility::Entity::find()
            .filter(is(visibility::Column::ThingId, thing))
            .filter(visibility::Column::Audience.is_in(self.audiences.iter().map(String::as_str)))
            .filter(visibility::Column::VisibleUntil.gt(now))
    }

    /// The rule for events: seen by staff of the unit, and by whom one of its audiences fits.
    pub fn sees_event<T: ColumnTrait, U: ColumnTrait>(&self, event: T, unit: U) -> Condition {
        let fitting = audiences::Entity::find()
            .filter(is(audiences::Column::ThingId, event))
            .filter(audiences::Column::Audience.is_in(self.audiences.iter().map(String::as_str)));
        inside(&self.scope, unit).add(is_any(fitting))
    }

    /// The same for an event that is already at hand.
    pub fn sees_event_row(&self, unit: UnitId, audiences: &[String]) -> bool {
        self.scope.has(unit)
            || audiences
                .iter()
                .any(|audience| self.audiences.contains(audience))
    }

    /// Whether the caller had what was withdrawn from this audience of theirs before its time: by a link that was there by
    /// then, and lifts the embargoes of that unit.
    pub fn had_early(&self, withdrawal: &early_withdrawals::Model, unit: UnitId) -> bool {
        let pass = self.pass.as_ref();
        pass.is_some_and(|pass| pass.since <= withdrawal.at && pass.lifts.has(unit))
    }

    /// Whether the caller may have had something before its time.
    pub fn lifts_any(&self) -> bool {
        let lifts = |pass: &Pass| pass.lifts != Scope::Nothing;
        self.pass.as_ref().is_some_and(lifts)
    }

    /// Whether the caller sees anything that is under embargo.
    pub fn sees_early(&self) -> bool {
        self.scope != Scope::Nothing || self.lifts_any()
    }

    fn lifts(&self, unit: UnitId) -> bool {
        self.pass.as_ref().is_some_and(|pass| pass.lifts.has(unit))
    }

    /// The same for a thing whose windows are already at hand; by a link, for what lies in its kit.
    pub fn sees_windows(&self, unit: UnitId, windows: &[visibility::Model], now: i64) -> bool {
        let lifted = self.lifts(unit);
        self.scope.has(unit)
            || windows.iter().any(|window| {
                (lifted || window.visible_from <= now)
                    && now < window.visible_until
                    && self.audiences.contains(&window.audience)
            })
    }
}

fn inside<U: ColumnTrait>(scope: &Scope, unit: U) -> Condition {
    match scope {
        Scope::Nothing => Condition::any(),
        Scope::Units(units) => Condition::any().add(unit.is_in(units.iter().copied())),
        Scope::Everything => Condition::any().add(always()),
    }
}

/// Whether there is such a row, asked for each row of the query around it: as a list, SQLite would read all of them first,
/// and by the time that this took one could tell how many there are.
fn is_any<E: EntityTrait>(rows: Select<E>) -> SimpleExpr {
    let one = rows.select_only().expr(Expr::val(1));
    Expr::exists(one.into_query())
}

/// A column of such a row, and one of the row around it.
fn is<I: ColumnTrait, O: ColumnTrait>(inner: I, outer: O) -> SimpleExpr {
    Expr::col(inner.as_column_ref()).equals(outer.as_column_ref())
}

fn always() -> SimpleExpr {
    Expr::val(1).eq(1)
}

fn forbidden(words: &str) -> Error {
    Error::refused(Code::Forbidden, words)
}

#[cfg(test)]
mod tests {
    use sea_orm::EntityTrait;

    use super::*;
    use crate::{
        db::{events, kits, materials, tests::goes_through},
        terms::{EventId, KitId, MaterialId},
    };

    #[tokio::test]
    async fn the_rule_looks_at_one_row_however_many_are_open() {
        let by_link = Caller {
            pass: Some(Pass {
                link: LinkId(uuid::Uuid::nil()),
                kit: KitId(uuid::Uuid::nil()),
                lifts: Scope::Everything,
                since: 0,
            }),
            ..Caller::public()
        };
        for caller in [Caller::public(), by_link] {
            let (id, unit) = (materials::Column::Id, materials::Column::UnitId);
            let material = materials::Entity::find_by_id(MaterialId(uuid::Uuid::nil()));
            let material = goes_through(material.filter(caller.sees(id, unit, 0))).await;
            let (id, unit) = (kits::Column::Id, kits::Column::UnitId);
            let kit = kits::Entity::find_by_id(KitId(uuid::Uuid::nil()));
            let kit = goes_through(kit.filter(caller.sees(id, unit, 0))).await;
            let (id, unit) = (events::Column::Id, events::Column::UnitId);
            let event = events::Entity::find_by_id(EventId(uuid::Uuid::nil()));
            let event = goes_through(event.filter(caller.sees_event(id, unit))).await;
            for plan in [material, kit, event] {
                assert!(plan.contains("(thing_id=? AND audience=?)"), "{plan}");
                assert!(!plan.contains("LIST"), "{plan}");
            }
        }
    }
}
