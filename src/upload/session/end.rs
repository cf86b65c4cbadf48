//! The end of an upload that did not come to its end: by the client, by its first bytes, or by the clock. Its material
//! goes with it, since it never had anything to show.

use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, ModelTrait, QueryFilter,
    sea_query::Expr,
};

use super::{finish::end_parts, one, row};
use crate::{
    access::Caller,
    app::App,
    db::{
        blobs, kit_items, log, materials, originals,
        uploads::{Column, Entity, Model, open},
    },
    description,
    error::{Code, Error, Result},
    jobs,
    terms::{AccountId, MaterialId, Processing, Thing, UploadId, UploadState},
};

/// Ends it (tus 1.0.0, termination), whoever is at it. What has become a material stays one.
///
/// # Errors
/// Not found, gone.
pub async fn end(app: &App, caller: &Caller, id: UploadId) -> Result<()> {
    let upload = one(app.db.read(), caller, id).await?;
    if upload.partial && upload.state == UploadState::Joining {
        let words = "This part is being put together with others; end what they become.";
        return Err(Error::refused(Code::Conflict, words));
    }
    if upload.state != UploadState::Finished {
        return over(app, &upload, UploadState::Ended, caller.account, None).await;
    }
    app.storage.discard(upload.blob_id).await?;
    let tx = app.db.begin_small().await?;
    Entity::delete_by_id(id).exec(&tx).await?;
    Ok(tx.commit().await?)
}

/// Ends it because nobody can use what comes.
pub(super) async fn refuse(app: &App, upload: &Model, why: &Error) -> Result<()> {
    let (by, why) = (Some(upload.account_id), why.to_string());
    over(app, upload, UploadState::Ended, by, Some(why)).await
}

/// Brings to its end what is open; the bytes go when nobody can be at them any more.
pub(super) async fn over(
    app: &App,
    upload: &Model,
    state: UploadState,
    by: Option<AccountId>,
    problem: Option<String>,
) -> Result<()> {
    let tx = app.db.begin().await?;
    let now = row(&tx, upload.id).await?;
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.to_value()))
        .col_expr(Column::Problem, Expr::value(problem.clone()))
        .filter(Column::Id.eq(upload.id))
        .filter(open())
        .exec(&tx)
        .await?;
    if ended.rows_affected == 1 {
        end_parts(&tx, &now).await?;
    }
    if let (1, Some(material)) = (ended.rows_affected, now.material_id) {
        forget(&tx, material, by, problem.as_deref()).await?;
    }
    app.commit(tx).await?;
    app.holds.ask(upload.id);
    Ok(())
}

async fn forget(
    tx: &DatabaseTransaction,
    material: MaterialId,
    by: Option<AccountId>,
    problem: Option<&str>,
) -> Result<()> {
    let Some(row) = materials::Entity::find_by_id(material).one(tx).await? else {
        return Ok(());
    };
    let original = originals::Entity::find_by_id((material, 1)).one(tx).await?;
    if original.is_none_or(|original| original.processing != Processing::Receiving) {
        return Ok(());
    }
    jobs::cancel(tx, material, 0).await?;
    let blobs = description::forget(tx, material).await?;
    blobs::Entity::delete_many()
        .filter(blobs::Column::Id.is_in(blobs))
        .exec(tx)
        .await?;
    kit_items::Entity::delete_many()
        .filter(kit_items::Column::MaterialId.eq(material))
        .exec(tx)
        .await?;
    let mut entry = log::Entry::new(Thing::Material, material.0, row.version + 1, "deleted");
    entry.account_id = by;
    entry.unit_id = Some(row.unit_id);
    let reason = match problem {
        Some(problem) => format!("its upload was ended: {problem}"),
        None => "its upload was ended".to_owned(),
    };
    entry.reason = Some(reason);
    row.delete(tx).await?;
    log::append(tx, vec![entry]).await
}
