//! `/v1/changes`: the feed for partners who mirror the archive, paged or waited for.

use std::time::Duration;

use actix_web::{
    HttpRequest, get,
    web::{Data, Json},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, time};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    auth::Anyone,
    materials::{MaterialView, progress::Stopping, showing},
    page::{self, MOST, Seal},
    problem::Problem,
    query,
    time::time,
};
use crate::{
    access::{self, Caller},
    announce::{self, Change, Filter, Found, From, Place},
    app::App,
    db::{self, records},
    error::{Code, Error, Result},
    language::Texts,
    terms::{MaterialId, Thing},
};

/// In seconds.
const LONGEST_WAIT: u64 = 30;
const USUAL: u64 = 50;
/// So many wait at once in a process.
static PLACES: Semaphore = Semaphore::const_new(5_000);

/// From where on, and how much.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// The cursor of the last change that is known, of the same filters; `now`: what comes from here on. Without it: all
    /// that there is, one entry for each thing.
    after: Option<String>,
    /// How many changes at most, from 1 to 200; 50 where nothing is said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// How many seconds to wait for a change where there is none, from 0 to 30.
    #[param(minimum = 0, maximum = 30, default = 0)]
    wait: Option<u64>,
    /// `material`: each material as it is now, beside its entry.
    #[param(inline)]
    include: Option<Include>,
}

/// What may be nested.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Include {
    Material,
}

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesView {
    /// The changes, in order.
    pub changes: Vec<ChangeView>,
    /// What to send as `after` for what follows; it lasts.
    pub next_cursor: String,
    /// Whether more is there already.
    pub more: bool,
}

/// What became of a material or a kit in the caller's view. Clients skip types and members that they do not know.
#[allow(
    clippy::option_option,
    reason = "a material that was not asked for is left out, one that is gone is null"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// What to send as `after` for what follows this one.
    pub cursor: String,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `material.` or `kit.`, and `published`, `updated`, `corrected`, `withdrawn` or `removed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The material's or the kit's.
    pub id: Uuid,
    /// The version that it had then.
    pub version: i32,
    /// Which fields are new in what was updated or corrected, such as `caption.en`, `original`, `items`.
    pub changed: Vec<String>,
    /// What is said of a withdrawal or a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Texts>,
    /// With `include=material`: the material as it is now; null where the caller does not have it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<MaterialView>)]
    pub material: Option<Option<Box<MaterialView>>>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Follow what becomes of the archive
///
/// One entry for each change of what the caller has, in order; nothing is missed or told twice to who keeps the cursor.
/// Staff are told what is open to any audience. Without `after` it begins with a full copy: one entry for each thing.
/// What a filter names is a view of its own: what begins to fit is `published`, what ceases to is `removed`.
#[utoipa::path(
    tag = "partners",
    operation_id = "list_changes",
    params(Wanted, Filter),
    responses(
        (status = 200, description = "A page of changes", body = ChangesView),
        (status = 410, description = "`cursor-expired`: the archive was restored since; begin again without `after`", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/changes")]
async fn list(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    seal: Data<Seal>,
    stopping: Data<Stopping>,
) -> Result<Json<ChangesView>> {
    let asked = Asked::of(&request, &seal)?;
    let found = announce::read(&app, &caller, &asked.filter, asked.from, asked.limit).await?;
    let found = if found.changes.is_empty() && !found.more && !asked.wait.is_zero() {
        Box::pin(waited(&app, &caller, &asked, found, &stopping)).await?
    } else {
        found
    };
    asked.view(&app, &caller, &seal, found).await.map(Json)
}

/// A request, read.
struct Asked {
    filter: Filter,
    from: From,
    limit: usize,
    wait: Duration,
    include: bool,
    /// What its cursors are bound to.
    query: [u8; 16],
}

impl Asked {
    fn of(request: &HttpRequest, seal: &Seal) -> Result<Self> {
        let pairs = query::pairs(request.query_string())?;
        let own = ["after", "limit", "wait", "include"];
        let (wanted, filters): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(name, _)| own.contains(&name.as_str()));
        let wanted: Wanted = query::read(&wanted)?;
        let filter: Filter = query::read(&filters)?;
        let limit = within("limit", wanted.limit.unwrap_or(USUAL), 1, MOST)?;
        let wait = within("wait", wanted.wait.unwrap_or(0), 0, LONGEST_WAIT)?;
        let query = page::digest(request.path(), filters);
        Ok(Self {
            filter,
            from: match wanted.after.as_deref() {
                None => From::Everything,
                Some("now") => From::Now,
                Some(cursor) => From::Place(seal.open(cursor, &query)?),
            },
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            wait: Duration::from_secs(wait),
            include: wanted.include.is_some(),
            query,
        })
    }

    async fn view(
        &self,
        app: &App,
        caller: &Caller,
        seal: &Seal,
        found: Found,
    ) -> Result<ChangesView> {
        let materials = if self.include {
            Some(Included::of(app, caller, &found.changes).await?)
        } else {
            None
        };
        let cursor = |place: Place| seal.close(&place, &self.query);
        let mut changes = Vec::with_capacity(found.changes.len());
        for change in found.changes {
            changes.push(ChangeView {
                cursor: cursor(change.place)?,
                at: time(change.at),
                kind: format!("{}.{}", change.thing.as_str(), change.turn.as_str()),
                id: change.id,
                version: change.version,
                material: materials
                    .as_ref()
                    .filter(|_| change.thing == Thing::Material)
                    .map(|included| included.view(change.id)),
                changed: change.changed,
                notice: change.notice,
            });
        }
        Ok(ChangesView {
            changes,
            next_cursor: cursor(found.next)?,
            more: found.more,
        })
    }
}

fn within(name: &str, value: u64, least: u64, most: u64) -> Result<u64> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let words = format!("The parameter “{name}” is not from {least} to {most}.");
    Err(Error::refused(Code::BadRequest, words))
}

/// Waits for a change that is the caller's to know.
async fn waited(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    mut found: Found,
    stopping: &Stopping,
) -> Result<Found> {
    let _place = PLACES.try_acquire().map_err(|_| {
        let words = "Too many are waiting just now: ask again in a moment.";
        Error::refused(Code::Busy, words)
    })?;
    let audiences = asked.filter.audiences(caller)?;
    let until = time::Instant::now() + asked.wait;
    let mut stop = stopping.0.clone();
    loop {
        tokio::select! {
            () = app.news.past(&audiences, found.next.number()) => {}
            () = time::sleep_until(until) => return Ok(found),
            _ = stop.wait_for(|stop| *stop) => return Ok(found),
        }
        // A token may have been revoked meanwhile.
        let caller = access::again(&app.db, caller, db::now()).await?;
        let from = From::Place(found.next);
        found = announce::read(app, &caller, &asked.filter, from, asked.limit).await?;
        if !found.changes.is_empty() || found.more {
            return Ok(found);
        }
    }
}

/// The materials of a page, as the caller sees them now.
struct Included(std::collections::HashMap<Uuid, MaterialView>);

impl Included {
    async fn of(app: &App, caller: &Caller, changes: &[Change]) -> Result<Self> {
        let mut ids: Vec<MaterialId> = changes
            .iter()
            .filter(|change| change.thing == Thing::Material)
            .map(|change| MaterialId(change.id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut records = records::brief(app.db.read(), &ids).await?;
        let now = db::now();
        records.retain(|record| caller.sees_windows(record.row.unit_id, &record.visible, now));
        let showing = showing(app, caller, &records, false, Vec::new()).await?;
        let views = records.iter().map(|record| showing.view(record));
        Ok(Self(views.map(|view| (view.id.0, view)).collect()))
    }

    fn view(&self, id: Uuid) -> Option<Box<MaterialView>> {
        self.0.get(&id).cloned().map(Box::new)
    }
}
