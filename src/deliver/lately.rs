//! Renditions that were handed over lately. A page of thumbnails asks for the same few hundred again and again, and what
//! may be had of each takes a dozen questions to the rows: the answer holds until anything is written, or something
//! opens or closes. Only where no other process writes; elsewhere each request asks the rows.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use quick_cache::{Weighter, sync::Cache};

use super::file::{self, Delivery};
use crate::{
    access::Caller,
    app::App,
    db::{self, State},
    error::Result,
    storage::{Piece, stream},
    terms::{MaterialId, TokenId},
};

/// Bytes of all that is kept, and of one rendition that is kept whole; and about what the rest of each takes.
const ROOM: u64 = 16 << 20;
const SMALL: u64 = 64 << 10;
const BESIDE: u64 = 1 << 10;

/// Cheap to clone.
#[derive(Clone)]
pub struct Lately(Arc<Cache<Key, Held, Weight>>);

/// Who asked, and for what. Whoever came by a link is not among them.
type Key = (Option<TokenId>, MaterialId, String);

#[derive(Clone)]
struct Held {
    delivery: Arc<Delivery>,
    state: State,
    holds: Range<i64>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Held> for Weight {
    fn weight(&self, _: &Key, held: &Held) -> u64 {
        let bytes = held.delivery.at_hand.as_ref().map_or(0, Bytes::len);
        bytes as u64 + BESIDE
    }
}

impl Default for Lately {
    fn default() -> Self {
        let about = usize::try_from(ROOM / SMALL).unwrap_or_default();
        Self(Arc::new(Cache::with_weighter(about, ROOM, Weight)))
    }
}

impl Lately {
    /// A rendition of the original that readers have.
    ///
    /// # Errors
    /// As for [`super::rendition()`].
    pub async fn rendition(
        &self,
        app: &App,
        caller: &Caller,
        id: MaterialId,
        name: &str,
    ) -> Result<Delivery> {
        if caller.pass.is_some() {
            return rendition(app, caller, id, name).await;
        }
        let key = (caller.token, id, name.to_owned());
        if let Some(held) = self.0.get(&key)
            && app.db.is_still(held.state)
            && held.holds.contains(&db::now())
        {
            return Ok(Delivery::clone(&held.delivery));
        }
        let state = app.db.at_rest();
        let (mut delivery, holds) = file::rendition(app, caller, id, name).await?;
        if let Some(state) = state.filter(|state| app.db.is_still(*state)) {
            delivery.at_hand = at_hand(app, &delivery).await?;
            let held = Held {
                delivery: Arc::new(delivery.clone()),
                state,
                holds,
            };
            self.0.insert(key, held);
        }
        Ok(delivery)
    }
}

/// A rendition of the original that readers have.
///
/// # Errors
/// Not found where there is none of that name, or not yet; as `reach` says of the material.
pub async fn rendition(app: &App, caller: &Caller, id: MaterialId, name: &str) -> Result<Delivery> {
    let (delivery, _) = file::rendition(app, caller, id, name).await?;
    Ok(delivery)
}

/// The bytes, where they are few.
async fn at_hand(app: &App, delivery: &Delivery) -> Result<Option<Bytes>> {
    if delivery.size > SMALL {
        return Ok(None);
    }
    let pieces = delivery.segments.clone().into_iter().map(Piece::Segment);
    let mut bytes = BytesMut::new();
    let mut read = std::pin::pin!(stream(app.storage.clone(), pieces));
    while let Some(piece) = read.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes.freeze()))
}
