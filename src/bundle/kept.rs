//! Archives that were laid out lately. A download that goes on, and one that is fetched in many pieces, ask for the same
//! layout again and again, and it is made of the rows of up to ten thousand materials. Rights are asked each time: of the
//! kit by its rule, of what lies in it by what the layout rests on.

use std::sync::Arc;

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

use super::{Archive, Asked, archive::laid_out, basis::Basis};
use crate::{
    access::{Caller, Standing, reach},
    app::App,
    db,
    error::Result,
    terms::KitId,
};

/// In bytes, about.
const ROOM: u64 = 64 << 20;
/// How many there are of the usual size.
const USUAL: usize = 1_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct Kept(Arc<Cache<Key, Arc<Held>, Weight>>);

/// Who sees the same of a kit gets the same archive.
type Key = (Standing, KitId, Asked);

struct Held {
    archive: Arc<Archive>,
    basis: Basis,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Held>> for Weight {
    fn weight(&self, _: &Key, held: &Arc<Held>) -> u64 {
        held.archive.weight()
    }
}

impl Default for Kept {
    fn default() -> Self {
        // One shard: a large archive may take most of the room.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(USUAL)
            .weight_capacity(ROOM)
            .shards(1)
            .build()
            .expect("both capacities are given");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self(Arc::new(Cache::with_options(
            options, Weight, hasher, lifecycle,
        )))
    }
}

impl Kept {
    /// The archive that is asked for. Those who ask at the same time wait for one layout, and share it.
    ///
    /// # Errors
    /// As `reach` says of the kit; a bad request where a material is asked for that the caller does not have in it.
    pub async fn archive(
        &self,
        app: &App,
        caller: &Caller,
        id: KitId,
        asked: &Asked,
    ) -> Result<Arc<Archive>> {
        let connection = app.db.read();
        reach::kit(connection, caller, id).await?;
        let key = (caller.standing(), id, asked.clone());
        loop {
            let place = match self.0.get_value_or_guard_async(&key).await {
                Ok(held) if held.basis.stands(connection, db::now()).await? => {
                    return Ok(Arc::clone(&held.archive));
                }
                Ok(fallen) => {
                    self.0.remove_if(&key, |held| Arc::ptr_eq(held, &fallen));
                    continue;
                }
                Err(place) => place,
            };
            let rows = app.db.snapshot().await?;
            let (archive, basis) = laid_out(&rows, caller, &app.config, id, asked).await?;
            let archive = Arc::new(archive);
            if archive.is_settled() {
                let held = Held {
                    archive: Arc::clone(&archive),
                    basis,
                };
                // Where there is no room, it is not kept.
                drop(place.insert(Arc::new(held)));
            }
            return Ok(archive);
        }
    }
}
