//! An upload that goes on: how far it is, and who is at it.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    error::Result,
    terms::{AccountId, BlobId, MaterialId, UploadId, UploadState},
};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row has the columns that it has"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UploadId,
    pub account_id: AccountId,
    /// None: a part of another upload.
    pub material_id: Option<MaterialId>,
    pub blob_id: BlobId,
    pub state: UploadState,
    pub partial: bool,
    /// The uploads that it is put together of.
    pub parts: Option<Json>,
    /// In bytes; none: not known yet.
    pub length: Option<i64>,
    /// How many bytes the store has, and was acknowledged.
    pub received: i64,
    /// As the client sent it.
    pub metadata: String,
    /// None until the first bytes told.
    pub media_type: Option<String>,
    /// The first bytes in base64, until they tell what it is.
    pub head: Option<String>,
    /// `storage::Kept`; none: nothing came yet.
    pub kept: Option<Json>,
    pub holder: Option<Uuid>,
    pub holder_until: Option<i64>,
    pub wanted: bool,
    pub torn: bool,
    pub stored: bool,
    /// Why it was ended before its end, in words for people.
    pub problem: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether every byte is there.
    pub fn is_whole(&self) -> bool {
        self.length == Some(self.received)
    }

    /// Whether it waited too long. What is whole waits for nothing.
    pub fn is_late(&self) -> bool {
        self.expires_at < super::now() && (self.partial || !self.is_whole())
    }
}

/// Those that bytes may still come for, or are being put together.
pub fn open() -> Condition {
    Condition::all().add(Column::State.is_in([UploadState::Receiving, UploadState::Joining]))
}

/// Of the blobs those that uploads are going to be.
pub async fn coming(
    connection: &impl ConnectionTrait,
    blobs: impl IntoIterator<Item = BlobId>,
) -> Result<Vec<BlobId>> {
    let found = Entity::find()
        .select_only()
        .column(Column::BlobId)
        .filter(open())
        .filter(Column::BlobId.is_in(blobs));
    Ok(found.into_tuple().all(connection).await?)
}

/// Ends what is on its way to a material that goes.
pub async fn end_of(tx: &DatabaseTransaction, material: MaterialId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(UploadState::Ended.to_value()))
        .filter(Column::MaterialId.eq(material))
        .filter(open())
        .exec(tx)
        .await?;
    Ok(())
}
