//! From a stored file to a material: its blob shared with whoever has the same bytes, its first description, its first
//! job, in one transaction.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Set,
};

use super::Arrival;
use crate::{
    access::Caller,
    app::App,
    db::{self, log, materials, originals, units},
    description::{self, Description},
    error::{Error, Result},
    jobs::{self, Job},
    language::Texts,
    terms::{
        AccountId, BlobId, MaterialId, Origin, Persons, Processing, Status, Thing, UnitId, Words,
    },
};

/// Examining goes before rendering: it tells what there is.
const FIRST: i32 = 0;

/// What became of an upload.
#[derive(Debug, Clone)]
pub struct Received {
    pub id: MaterialId,
    /// Materials of the caller's units with the same bytes.
    pub duplicates: Vec<MaterialId>,
}

/// Makes a material of what arrived. `said` are the fields that the uploader sent: what the file says about itself never
/// replaces them. `within` runs in the same transaction, once the material is there.
///
/// # Errors
/// Forbidden where the caller may not upload into the unit; invalid, naming the fields. The stored file is taken back.
pub async fn material(
    app: &App,
    caller: &Caller,
    arrival: Arrival,
    description: Description,
    said: Vec<String>,
    within: impl AsyncFnOnce(&DatabaseTransaction, &Received) -> Result<()>,
) -> Result<Received> {
    let (file, tx) = (arrival.sealed.id, app.db.begin().await?);
    let made = async {
        let (received, kept, entry) = create(&tx, caller, arrival, description, said).await?;
        within(&tx, &received).await?;
        log::append(&tx, vec![entry]).await?;
        Ok((received, kept))
    };
    match made.await {
        Ok((received, kept)) => {
            app.commit(tx).await?;
            if kept != file {
                app.storage.remove(file).await?;
            }
            Ok(received)
        }
        Err(error) => {
            tx.rollback().await?;
            app.storage.remove(file).await?;
            Err(error)
        }
    }
}

/// Whether an upload with this description would be taken, before its bytes come.
pub async fn acceptable(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    description: &Description,
) -> Result<()> {
    caller.may_upload(unit_for(caller, description)?)?;
    description::check(connection, caller, &Description::default(), description).await
}

async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    arrival: Arrival,
    mut description: Description,
    said: Vec<String>,
) -> Result<(Received, BlobId, log::Entry)> {
    let unit = unit_for(caller, &description)?;
    caller.may_upload(unit)?;
    let unit_row = units::Entity::find_by_id(unit)
        .one(tx)
        .await?
        .ok_or_else(|| Error::invalid("/unit", "is not there"))?;
    if description.audiences.is_empty() && !said.iter().any(|name| name == "audiences") {
        description.audiences = unit_row.defaults.audiences;
    }
    description.unit = Some(unit);
    description::check(tx, caller, &Description::default(), &description).await?;

    let blob = arrival.sealed.share(tx).await?;
    let duplicates = duplicates(tx, caller, blob).await?;
    let mut row = blank(unit, caller.account()?);
    row.said = Words(said);
    let id = row.id;
    materials::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    description::apply(
        tx,
        &mut row,
        &Description::default(),
        &description,
        Origin::Human,
    )
    .await?;
    description::save(tx, row).await?;
    original(tx, id, 1, blob, &arrival).await?;
    let mut entry = log::Entry::new(Thing::Material, id.0, 1, "created");
    entry.account_id = caller.account;
    Ok((Received { id, duplicates }, blob, entry))
}

fn unit_for(caller: &Caller, description: &Description) -> Result<UnitId> {
    let own = description.unit.or(caller.unit);
    own.ok_or_else(|| Error::invalid("/unit", "is not named, and the account has none"))
}

/// An original under its number, queued to be examined.
pub(super) async fn original(
    tx: &DatabaseTransaction,
    material: MaterialId,
    number: i32,
    blob: BlobId,
    arrival: &Arrival,
) -> Result<()> {
    let row = originals::ActiveModel {
        material_id: Set(material),
        number: Set(number),
        blob_id: Set(blob),
        filename: Set(arrival.filename.clone()),
        media_type: Set(arrival.media_type.to_owned()),
        facts: Set(None),
        embedded: Set(None),
        processing: Set(Processing::Queued),
        progress: Set(0.0),
        problem: Set(None),
        created_at: Set(db::now()),
        text: Set(None),
        scan: Set(None),
        scan_detail: Set(None),
        scanned_at: Set(None),
    };
    originals::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    jobs::enqueue(tx, &Job::Examine { material, number }, FIRST).await
}

async fn duplicates(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    blob: BlobId,
) -> Result<Vec<MaterialId>> {
    let same = originals::Entity::find()
        .filter(originals::Column::BlobId.eq(blob))
        .all(connection)
        .await?;
    let inside = materials::Entity::find()
        .filter(materials::Column::Id.is_in(same.iter().map(|original| original.material_id)))
        .order_by_asc(materials::Column::Id)
        .all(connection)
        .await?;
    Ok(inside
        .iter()
        .filter(|row| caller.sees_inside(row.unit_id))
        .map(|row| row.id)
        .collect())
}

fn blank(unit: UnitId, account: AccountId) -> materials::Model {
    let now = db::now();
    materials::Model {
        id: MaterialId::new(),
        version: 1,
        unit_id: unit,
        kind: None,
        genre: None,
        status: Status::Draft,
        language: None,
        alt_text: Texts::default(),
        keywords: Words::default(),
        persons: Persons::default(),
        place: None,
        creator: None,
        credit: None,
        source: None,
        copyright: Texts::default(),
        usage_terms: Texts::default(),
        license: None,
        taken_at: None,
        event_id: None,
        rating: None,
        poster_at_ms: None,
        pick: None,
        text: None,
        said: Words::default(),
        embargo_until: None,
        available_until: None,
        published_at: None,
        notice: Texts::default(),
        replaced_by: None,
        current_original: 1,
        created_by: account,
        created_at: now,
        updated_at: now,
    }
}
