//! Hold the rows against the store and the store against the rows. Every blob is read to its last byte, every pointer is
//! followed, and what nothing points at is named. Nothing is changed, and nothing is gathered: findings are handed out
//! as they are made, so that the size of an archive costs time alone. What changes meanwhile under a running server is
//! asked for twice before it is called a fault.

use std::fmt;

use sea_orm::DatabaseConnection;

use crate::{
    db,
    error::Result,
    storage::Storage,
    terms::{BlobId, MaterialId},
};

mod blobs;
mod originals;
mod renditions;
pub mod repair;
mod spare;

/// How many rows are asked for at once.
const PAGE: u64 = 500;
/// What is younger and has nothing that points at it may be on its way in, where somebody is writing.
const IN_FLIGHT_MS: i64 = 60 * 60 * 1000;

const A_DAY_MS: i64 = 24 * IN_FLIGHT_MS;

/// What is verified.
#[derive(Debug)]
pub struct Archive {
    pub rows: DatabaseConnection,
    pub storage: Storage,
    /// Whether another process is writing to it.
    pub in_use: bool,
    /// Whether many may be: nobody knows how long each takes.
    pub is_shared: bool,
}

/// What is seen on the way.
#[derive(Debug)]
pub enum Seen {
    /// So many blobs of so many bytes together are about to be read.
    Ahead {
        blobs: u64,
        bytes: u64,
    },
    /// So many bytes of them were read since.
    Read(u64),
    /// All blobs up to this one were read.
    Upto(BlobId),
    Fault(Fault),
}

/// What is wrong.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// A blob's row says what its bytes do not; or, where not even that is certain, they could not be read.
    Blob {
        blob: BlobId,
        is: String,
        is_certain: bool,
    },
    /// An original has no bytes to show.
    Original {
        material: MaterialId,
        number: i32,
        is: String,
    },
    /// A rendition is not what its row says.
    Rendition {
        material: MaterialId,
        number: i32,
        name: String,
        is: String,
    },
    /// Nothing points at this blob; of so many bytes.
    Spare { blob: BlobId, size: u64 },
    /// The beginning of a blob that nobody goes on with.
    Unfinished(BlobId),
    /// A file or an object in the store that is no blob.
    Stranger(String),
}

/// How much was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub blobs: u64,
    /// Of the blobs, in bytes.
    pub bytes: u64,
    pub originals: u64,
    pub renditions: u64,
    /// Blobs that nothing points at yet, where somebody is writing, or any more, which are about to be removed.
    pub in_flight: u64,
}

/// Verifies everything, but the bytes of the blobs up to `after`, which were read before.
///
/// # Errors
/// Unavailable where the database or the store as a whole does not answer; a blob that cannot be read is a fault.
pub async fn verify(
    archive: &Archive,
    after: Option<BlobId>,
    seen: &mut impl FnMut(Seen),
) -> Result<Tally> {
    let mut tally = Tally::default();
    blobs::check(archive, after, &mut tally, seen).await?;
    originals::check(archive, &mut tally, seen).await?;
    renditions::check(archive, &mut tally, seen).await?;
    spare::check(archive, &mut tally, seen).await?;
    Ok(tally)
}

impl Archive {
    /// Whether something of this age, in milliseconds since 1970, may be on its way in.
    fn in_flight(&self, born: i64) -> bool {
        let lasts = if self.is_shared {
            A_DAY_MS
        } else {
            IN_FLIGHT_MS
        };
        self.in_use && db::now() - born < lasts
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blob { blob, is, .. } => write!(f, "blob {blob}: {is}"),
            Self::Original {
                material,
                number,
                is,
            } => write!(f, "original {number} of material {material}: {is}"),
            Self::Rendition {
                material,
                number,
                name,
                is,
            } => write!(
                f,
                "rendition {name} of original {number} of material {material}: {is}"
            ),
            Self::Spare { blob, size } => {
                write!(f, "blob {blob}: nothing needs its {size} bytes")
            }
            Self::Unfinished(blob) => {
                write!(
                    f,
                    "blob {blob}: only its beginning is there, and nobody goes on with it"
                )
            }
            Self::Stranger(name) => write!(f, "{name}: no blob, and not ours"),
        }
    }
}
