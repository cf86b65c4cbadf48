//! Ids: one thing's is never taken for another's.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A newtype around a UUID version 7 (RFC 9562), so that one thing's id is never taken for another's.
macro_rules! id {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        // sea-orm asks every key for this; ours are never made by the database.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

id!(
    MaterialId,
    UnitId,
    EventId,
    KitId,
    AccountId,
    TokenId,
    BlobId,
    RenditionId,
    UploadId,
    LinkId
);

impl BlobId {
    /// When the id was made, in milliseconds since 1970: a UUID version 7 begins with it (RFC 9562 section 5.7).
    pub fn born(self) -> i64 {
        // Forty-eight bits always fit.
        (self.0.as_u128() >> 80) as i64
    }
}
