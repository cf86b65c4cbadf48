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
pub(super) const FIRST: i32 = 0;

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
        let kept = arrival.sealed.share(&tx).await?;
        let duplicates = duplicates(&tx, caller, kept).await?;
        let (row, entry) = create(&tx, caller, description, said).await?;
        let id = row.id;
        let (filename, media_type) = (arrival.filename, arrival.media_type);
        original(&tx, id, 1, kept, filename, media_type).await?;
        let received = Received { id, duplicates };
        within(&tx, &received).await?;
        log::append(&tx, vec![entry]).await?;
        Ok((received, kept))
    };
    match made.await {
        Ok((received, kept)) => {
            app.commit(tx).await?;
            if kept != file {
                app.drop_blob(file).await;
            }
            Ok(received)
        }
        Err(error) => {
            tx.rollback().await?;
            app.drop_blob(file).await;
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

/// A material without an original, as the caller describes it.
pub(super) async fn create(
    tx: &DatabaseTransaction,
    caller: &Caller,
    mut description: Description,
    said: Vec<String>,
) -> Result<(materials::Model, log::Entry)> {
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
    description::save(tx, row.clone()).await?;
    let mut entry = log::Entry::new(Thing::Material, id.0, 1, "created");
    entry.account_id = caller.account;
    Ok((row, entry))
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
    filename: String,
    media_type: &str,
) -> Result<()> {
    let mut row = coming(material, number, blob, filename);
    row.media_type = Set(media_type.to_owned());
    row.processing = Set(Processing::Queued);
    originals::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    jobs::enqueue(tx, &Job::Examine { material, number }, FIRST).await
}

/// An original whose bytes have not come.
pub(super) fn coming(
    material: MaterialId,
    number: i32,
    blob: BlobId,
    filename: String,
) -> originals::ActiveModel {
    originals::ActiveModel {
        material_id: Set(material),
        number: Set(number),
        blob_id: Set(blob),
        filename: Set(filename),
        media_type: Set("application/octet-stream".to_owned()),
        facts: Set(None),
        embedded: Set(None),
        processing: Set(Processing::Receiving),
        progress: Set(0.0),
        problem: Set(None),
        created_at: Set(db::now()),
        text: Set(None),
        scan: Set(None),
        scan_detail: Set(None),
        scanned_at: Set(None),
    }
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
