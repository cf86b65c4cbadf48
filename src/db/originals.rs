//! An original: the bytes that came in, and how far the machine is with them.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait,
};

use crate::terms::{BlobId, MaterialId, Processing, Verdict};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "originals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub material_id: MaterialId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub blob_id: BlobId,
    pub filename: String,
    pub media_type: String,
    pub facts: Option<Json>,
    pub embedded: Option<Json>,
    pub processing: Processing,
    pub progress: f64,
    pub problem: Option<String>,
    pub created_at: i64,
    /// What is written in a corrected original that has not taken its place yet; the material holds what readers read.
    pub text: Option<String>,
    /// None where nothing scans for malware.
    pub scan: Option<Verdict>,
    /// What was found, or why it was not scanned.
    pub scan_detail: Option<String>,
    /// When it was scanned, or tried last.
    pub scanned_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// Whether its bytes are kept from everybody but staff, until a scanner has called them clean.
    pub fn is_withheld(&self) -> bool {
        matches!(self.scan, Some(Verdict::Infected | Verdict::NotScanned))
    }
}

impl ActiveModelBehavior for ActiveModel {}
