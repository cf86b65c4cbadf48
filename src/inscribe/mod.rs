//! Write the description into the files. Comes in: a material whose description changed. Goes out: its pictures with the
//! new one in them, some kilobytes for all of them together; no pixel is read or written, and readers have the former
//! ones until the new ones are there. What is joined of pieces gets its SHA-256 later.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Set,
};

use crate::{
    app::App,
    db::{
        records::{self, Segment},
        rendition_segments::{self, Model as Row},
        renditions,
    },
    description::files::{self, Piece},
    error::{Error, Result},
    jobs::{self, Job},
    media::{Inscribed, Inscription},
    storage::{self, Sealed},
    terms::{BlobId, MaterialId, RenditionId, RenditionState},
};

mod digest;

pub use digest::digest;

/// Long after what anybody waits for.
const LATER: i32 = 9;

/// Pictures with a new description around them.
#[derive(Debug)]
pub struct Anew {
    material: MaterialId,
    inscription: Inscription,
    /// What was written, for all of them; none where nothing is new.
    text: Option<Sealed>,
    pictures: Vec<Picture>,
}

#[derive(Debug)]
struct Picture {
    id: RenditionId,
    was: Vec<Row>,
    /// None: the same bytes as before.
    pieces: Option<Vec<Piece>>,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct Kept {
    /// Whether any row changed.
    pub changed: bool,
    /// Blobs that nothing may need any more.
    pub spare: Vec<BlobId>,
}

/// Writes what is new. Touches no row.
pub async fn write(app: &App, material: MaterialId) -> Result<Anew> {
    let connection = app.db.read();
    let record = records::one(connection, material).await?;
    let inscription = files::inscription(&record, &app.config);
    let originals = [Some(record.original), record.pending];
    let rows = originals
        .into_iter()
        .flatten()
        .flat_map(|one| one.renditions);
    let (mut pictures, mut new) = (Vec::new(), Vec::new());
    for row in rows.filter(|row| row.state == RenditionState::Ready) {
        let Some(frame) = files::frame(&row)? else {
            continue;
        };
        let was = segments(connection, row.id).await?;
        let picture = pixels(&was)?;
        let text = files::around(&inscription, &frame, &picture);
        let is_new = former(app, &was).await? != text;
        if is_new {
            new.push((text, picture));
        }
        let pieces = is_new.then(Vec::new);
        pictures.push(Picture {
            id: row.id,
            was,
            pieces,
        });
    }
    let text = if new.is_empty() {
        None
    } else {
        let (sealed, laid) = files::lay_out(&app.storage, new).await?;
        let places = pictures
            .iter_mut()
            .filter_map(|picture| picture.pieces.as_mut());
        for (place, pieces) in places.zip(laid) {
            *place = pieces;
        }
        Some(sealed)
    };
    Ok(Anew {
        material,
        inscription,
        text,
        pictures,
    })
}

/// Lets readers have them. Where the description changed once more meanwhile, whoever changed it asked for this again.
pub async fn keep(app: &App, tx: &DatabaseTransaction, anew: Anew) -> Result<Kept> {
    let mut kept = Kept::default();
    let written = anew.text.as_ref().map(|sealed| sealed.id);
    let record = records::one(tx, anew.material).await?;
    if files::inscription(&record, &app.config) != anew.inscription {
        kept.spare.extend(written);
        return Ok(kept);
    }
    let mut joined = false;
    for picture in anew.pictures {
        let row = renditions::Entity::find_by_id(picture.id).one(tx).await?;
        // One that was made again meanwhile has its description already.
        let Some(row) = row.filter(|row| row.state == RenditionState::Ready) else {
            continue;
        };
        if segments(tx, row.id).await? != picture.was {
            continue;
        }
        kept.changed |= picture.pieces.is_some() || row.of_version != record.row.version;
        let mut row = row.into_active_model();
        row.of_version = Set(record.row.version);
        if let (Some(mut pieces), Some(sealed)) = (picture.pieces, &anew.text) {
            let blob = sealed.share(tx).await?;
            for piece in pieces
                .iter_mut()
                .filter(|piece| piece.segment.blob == sealed.id)
            {
                piece.segment.blob = blob;
            }
            row.size = Set(files::length(&pieces).cast_signed());
            row.crc32 = Set(i64::from(files::checksum(&pieces)));
            row.sha256 = Set(None);
            kept.spare
                .extend(files::point(tx, picture.id, &pieces).await?);
            joined = true;
        }
        row.update(tx).await?;
    }
    kept.spare.extend(written);
    if joined {
        let material = anew.material;
        jobs::enqueue_once(tx, &Job::Digest { material }, LATER).await?;
    }
    Ok(kept)
}

async fn segments(
    connection: &impl sea_orm::ConnectionTrait,
    rendition: RenditionId,
) -> Result<Vec<Row>> {
    Ok(rendition_segments::Entity::find()
        .filter(rendition_segments::Column::RenditionId.eq(rendition))
        .order_by_asc(rendition_segments::Column::Position)
        .all(connection)
        .await?)
}

/// The pieces that are the picture.
fn pixels(rows: &[Row]) -> Result<Vec<Piece>> {
    let piece = |row: &Row| {
        let crc32 = u32::try_from(row.crc32?)
            .map_err(|error| Error::internal("a checksum in the database", error));
        Some(crc32.map(|crc32| Piece {
            segment: segment(row),
            crc32,
            is_picture: true,
        }))
    };
    rows.iter().filter_map(piece).collect()
}

fn segment(row: &Row) -> Segment {
    Segment {
        blob: row.blob_id,
        offset: row.start.cast_unsigned(),
        length: row.length.cast_unsigned(),
    }
}

/// What is written around the picture so far.
async fn former(app: &App, rows: &[Row]) -> Result<Inscribed> {
    let mut former = Inscribed {
        head: Vec::new(),
        tail: Vec::new(),
    };
    let mut seen = false;
    for row in rows {
        if row.crc32.is_some() {
            seen = true;
            continue;
        }
        let place = if seen {
            &mut former.tail
        } else {
            &mut former.head
        };
        let piece = std::iter::once(storage::Piece::Segment(segment(row)));
        let mut bytes = std::pin::pin!(storage::stream(app.storage.clone(), piece));
        while let Some(bytes) = futures_util::TryStreamExt::try_next(&mut bytes).await? {
            place.extend_from_slice(&bytes);
        }
    }
    Ok(former)
}
