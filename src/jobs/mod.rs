//! The queue. A job is data, not code: any step may enqueue one in its own transaction, and only `pipeline` knows what
//! is done with it. A worker claims it under a lease, works outside any transaction, and ends it in the transaction that
//! keeps its results. Who loses the lease keeps nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set,
    sea_query::{Expr, LockBehavior, LockType},
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    db::{
        self, Db, blobs,
        carry::{self, Carried},
    },
    error::{Error, Result},
    terms::{BlobId, MaterialId},
};

mod job;
mod rows;

use job::SWEEP;
pub use job::{Job, Lane};
pub use rows::State;

/// How long a worker may keep a job without a sign of life.
pub const LEASE: Duration = Duration::from_secs(30);
/// After so many attempts a job stays visible as failed.
const ATTEMPTS: i32 = 8;
/// What has this priority or a later one keeps nobody waiting: an original is ready without it.
pub const LATE: i32 = 50;
/// Between two attempts at most, in milliseconds.
const LONGEST_PAUSE: i64 = 5 * 60_000;
/// In milliseconds: whoever met a blob in a row has opened it by then.
const GRACE: i64 = 60_000;

/// Wakes the workers of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    pub fn ring(&self) {
        self.0.notify_waiters();
        self.0.notify_one();
    }

    /// Waits for the bell, or for as long as a worker sleeps at most. Whether it rang.
    pub async fn wait(&self, at_most: Duration) -> bool {
        tokio::time::timeout(at_most, self.0.notified())
            .await
            .is_ok()
    }
}

/// A job under the lease of this worker.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: Uuid,
    pub job: Job,
    /// 1 for the first.
    pub attempt: i32,
    /// Milliseconds since 1970.
    pub asked_at: i64,
    lease: Uuid,
}

/// Asks for work; lower priorities go first.
pub async fn enqueue(tx: &DatabaseTransaction, job: &Job, priority: i32) -> Result<()> {
    enqueue_for(tx, job, priority, db::now()).await
}

/// Has blobs removed that were just replaced, when nobody can be about to read them any more. Gives those that nothing
/// ever pointed at: they can go at once.
pub async fn enqueue_sweep(
    tx: &DatabaseTransaction,
    material: MaterialId,
    spare: Vec<BlobId>,
) -> Result<Vec<BlobId>> {
    let known = blobs::known(tx, spare.iter().copied()).await?;
    let unknown = spare.into_iter().filter(|id| !known.contains(id)).collect();
    if !known.is_empty() {
        let job = Job::Sweep {
            material,
            blobs: known,
        };
        enqueue_for(tx, &job, LATE, db::now() + GRACE).await?;
    }
    Ok(unknown)
}

/// The blobs that are going to be removed.
pub async fn swept(connection: &impl ConnectionTrait) -> Result<HashSet<BlobId>> {
    let rows = rows::Entity::find()
        .filter(rows::Column::Kind.eq(SWEEP))
        .all(connection)
        .await?;
    let mut all = HashSet::new();
    for row in rows {
        if let Job::Sweep { blobs, .. } = read(row.payload)? {
            all.extend(blobs);
        }
    }
    Ok(all)
}

/// Carries the queue from one database to another.
///
/// # Errors
/// Internal where fewer jobs arrive than were there.
pub async fn carry(from: &DatabaseConnection, to: &DatabaseTransaction) -> Result<Carried> {
    carry::table::<rows::Entity>(from, to).await
}

/// Asks for work that is not to be done before a time.
pub async fn enqueue_for(
    tx: &DatabaseTransaction,
    job: &Job,
    priority: i32,
    run_at: i64,
) -> Result<()> {
    let payload = payload(job)?;
    let now = db::now();
    let row = rows::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set(job.kind().to_owned()),
        lane: Set(job.lane()),
        payload: Set(payload),
        material_id: Set(job.material()),
        state: Set(State::Waiting),
        priority: Set(priority),
        attempts: Set(0),
        run_at: Set(run_at),
        lease: Set(None),
        lease_until: Set(None),
        problem: Set(None),
        created_at: Set(now),
    };
    rows::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn payload(job: &Job) -> Result<serde_json::Value> {
    serde_json::to_value(job).map_err(|error| Error::internal("a job", error))
}

/// Asks for work, unless the same waits already. What runs has begun before the change that
/// asks now, so it does not count.
pub async fn enqueue_once(tx: &DatabaseTransaction, job: &Job, priority: i32) -> Result<()> {
    let waiting = rows::Entity::find()
        .filter(rows::Column::MaterialId.eq(job.material()))
        .filter(rows::Column::Kind.eq(job.kind()))
        .filter(rows::Column::State.eq(State::Waiting))
        // Whoever claims one meanwhile passes it over until this is committed.
        .lock_exclusive()
        .all(tx)
        .await?;
    let payload = payload(job)?;
    if waiting.iter().any(|row| row.payload == payload) {
        return Ok(());
    }
    enqueue(tx, job, priority).await
}

/// Takes the next job of a lane: one whose lease has run out, else the first that is due. Workers do not wait for each
/// other: each passes over what another is just taking.
pub async fn claim(db: &Db, lane: Lane) -> Result<Option<Claimed>> {
    let now = db::now();
    let ready = [expired(lane, now), due(lane, now)];
    let mut is_any = false;
    for find in &ready {
        is_any |= find.clone().one(db.read()).await?.is_some();
    }
    if !is_any {
        return Ok(None);
    }
    let tx = db.begin_fleeting().await?;
    for find in ready {
        let free = find.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        if let Some(row) = free.one(&tx).await? {
            if row.state == State::Running {
                metrics::counter!("jarchi_leases_lost_total").increment(1);
            }
            let claimed = take(&tx, row, now).await?;
            tx.commit().await?;
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

fn expired(lane: Lane, now: i64) -> Select<rows::Entity> {
    rows::Entity::find()
        .filter(rows::Column::State.eq(State::Running))
        .filter(rows::Column::LeaseUntil.lt(now))
        .filter(rows::Column::Lane.eq(lane))
        .order_by_asc(rows::Column::Priority)
}

fn due(lane: Lane, now: i64) -> Select<rows::Entity> {
    rows::Entity::find()
        .filter(rows::Column::State.eq(State::Waiting))
        .filter(rows::Column::RunAt.lte(now))
        .filter(rows::Column::Lane.eq(lane))
        .order_by_asc(rows::Column::Priority)
        .order_by_asc(rows::Column::RunAt)
        .order_by_asc(rows::Column::Id)
}

async fn take(tx: &DatabaseTransaction, row: rows::Model, now: i64) -> Result<Claimed> {
    let lease = Uuid::now_v7();
    let attempt = row.attempts + 1;
    rows::Entity::update_many()
        .col_expr(rows::Column::State, Expr::value(State::Running.to_value()))
        .col_expr(rows::Column::Attempts, Expr::value(attempt))
        .col_expr(rows::Column::Lease, Expr::value(lease))
        .col_expr(rows::Column::LeaseUntil, Expr::value(now + lease_ms()))
        .filter(rows::Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(Claimed {
        id: row.id,
        job: read(row.payload)?,
        attempt,
        asked_at: row.created_at,
        lease,
    })
}

impl Claimed {
    /// A sign of life. False: the lease is lost, and so is the work.
    pub async fn extend(&self, db: &Db) -> Result<bool> {
        let tx = db.begin_fleeting().await?;
        let update = self.mine().col_expr(
            rows::Column::LeaseUntil,
            Expr::value(db::now() + lease_ms()),
        );
        let held = update.exec(&tx).await?.rows_affected == 1;
        tx.commit().await?;
        Ok(held)
    }

    /// Ends the job together with its results.
    ///
    /// # Errors
    /// Unavailable where the lease is lost: roll back, somebody else is at it.
    pub async fn done(&self, tx: &DatabaseTransaction) -> Result<()> {
        let deleted = rows::Entity::delete_many()
            .filter(rows::Column::Id.eq(self.id))
            .filter(rows::Column::Lease.eq(self.lease))
            .exec(tx)
            .await?;
        if deleted.rows_affected == 1 {
            Ok(())
        } else {
            Err(Error::unavailable("the queue", "the lease was lost"))
        }
    }

    /// Whether there is another attempt after this one failed in a way that may pass.
    pub fn may_try_again(&self) -> bool {
        self.attempt < ATTEMPTS
    }

    /// Puts the job back, to be tried after a pause that grows with each attempt.
    pub async fn try_later(&self, tx: &DatabaseTransaction, problem: &str) -> Result<()> {
        let pause = 1_000_i64 << self.attempt.clamp(0, 16);
        self.try_after(tx, problem, Ord::min(pause, LONGEST_PAUSE))
            .await
    }

    /// The same after a pause of so many milliseconds.
    pub async fn try_after(
        &self,
        tx: &DatabaseTransaction,
        problem: &str,
        pause: i64,
    ) -> Result<()> {
        self.put_back(tx, db::now() + pause, Some(problem)).await
    }

    /// Puts the job back untouched: this worker is stopping.
    pub async fn give_back(&self, tx: &DatabaseTransaction) -> Result<()> {
        self.uncount(tx).await?;
        self.put_back(tx, db::now(), None).await
    }

    /// Leaves the job to others for so many milliseconds: this worker cannot do it, which is no attempt.
    pub async fn leave(&self, tx: &DatabaseTransaction, why: &str, pause: i64) -> Result<()> {
        self.uncount(tx).await?;
        self.put_back(tx, db::now() + pause, Some(why)).await
    }

    async fn uncount(&self, tx: &DatabaseTransaction) -> Result<()> {
        let update = self
            .mine()
            .col_expr(rows::Column::Attempts, Expr::value(self.attempt - 1));
        update.exec(tx).await?;
        Ok(())
    }

    async fn put_back(
        &self,
        tx: &DatabaseTransaction,
        run_at: i64,
        problem: Option<&str>,
    ) -> Result<()> {
        self.mine()
            .col_expr(rows::Column::State, Expr::value(State::Waiting.to_value()))
            .col_expr(rows::Column::RunAt, Expr::value(run_at))
            .col_expr(
                rows::Column::Problem,
                Expr::value(problem.map(str::to_owned)),
            )
            .exec(tx)
            .await?;
        Ok(())
    }

    fn mine(&self) -> sea_orm::UpdateMany<rows::Entity> {
        rows::Entity::update_many()
            .filter(rows::Column::Id.eq(self.id))
            .filter(rows::Column::Lease.eq(self.lease))
    }
}

/// Drops what is still asked for originals of the material after number `kept`; whoever is at it loses the lease.
pub async fn cancel(tx: &DatabaseTransaction, material: MaterialId, kept: i32) -> Result<()> {
    let later = of(tx, material, i32::MAX)
        .await?
        .into_iter()
        .filter(|(_, job)| job.number().is_some_and(|number| number > kept))
        .map(|(id, _)| id);
    rows::Entity::delete_many()
        .filter(rows::Column::Id.is_in(later))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many jobs of an original are still to be done.
pub async fn open(
    connection: &impl ConnectionTrait,
    material: MaterialId,
    number: i32,
) -> Result<usize> {
    before(connection, material, number, i32::MAX).await
}

/// How many of them are waited for.
pub async fn awaited(
    connection: &impl ConnectionTrait,
    material: MaterialId,
    number: i32,
) -> Result<usize> {
    before(connection, material, number, LATE).await
}

async fn before(
    connection: &impl ConnectionTrait,
    material: MaterialId,
    number: i32,
    priority: i32,
) -> Result<usize> {
    let all = of(connection, material, priority).await?;
    // A verdict is waited for by whoever publishes, not by the original.
    let is_of_original =
        |(_, job): &&(Uuid, Job)| job.number() == Some(number) && job.lane() == Lane::Work;
    Ok(all.iter().filter(is_of_original).count())
}

/// The jobs of a material that come before a priority.
async fn of(
    connection: &impl ConnectionTrait,
    material: MaterialId,
    priority: i32,
) -> Result<Vec<(Uuid, Job)>> {
    let rows = rows::Entity::find()
        .filter(rows::Column::MaterialId.eq(material))
        .filter(rows::Column::Priority.lt(priority))
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, read(row.payload)?)))
        .collect()
}

fn read(payload: serde_json::Value) -> Result<Job> {
    serde_json::from_value(payload).map_err(|error| Error::internal("a job", error))
}

/// How many jobs of a priority have not been begun yet.
pub async fn waiting(db: &Db, priority: i32) -> Result<u64> {
    let found = rows::Entity::find()
        .filter(rows::Column::Priority.eq(priority))
        .filter(rows::Column::Attempts.eq(0));
    Ok(found.count(db.read()).await?)
}

/// How the queue stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub waiting: u64,
    pub running: u64,
    /// How long the first of those that are due has waited, in milliseconds.
    pub oldest_ms: i64,
}

pub async fn standing(db: &Db) -> Result<Standing> {
    let now = db::now();
    let of_state = |state| rows::Entity::find().filter(rows::Column::State.eq(state));
    let oldest = of_state(State::Waiting)
        .filter(rows::Column::RunAt.lte(now))
        .order_by_asc(rows::Column::RunAt)
        .one(db.read())
        .await?;
    Ok(Standing {
        waiting: of_state(State::Waiting).count(db.read()).await?,
        running: of_state(State::Running).count(db.read()).await?,
        oldest_ms: oldest.map_or(0, |row| now - row.run_at),
    })
}

/// Frees every job. Only for who knows that no other worker lives: the one process of the embedded mode, at its start.
pub async fn release_all(db: &Db) -> Result<()> {
    let tx = db.begin().await?;
    rows::Entity::update_many()
        .col_expr(rows::Column::State, Expr::value(State::Waiting.to_value()))
        .col_expr(rows::Column::RunAt, Expr::value(db::now()))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

fn lease_ms() -> i64 {
    i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tests::goes_through;

    #[tokio::test]
    async fn a_claim_passes_no_other_lane_and_sorts_nothing() {
        let plan = goes_through(due(Lane::Scans, 0)).await;
        assert!(plan.contains("(state=? AND lane=?)"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
