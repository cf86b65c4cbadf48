//! Archives that were laid out lately. A download that goes on, one that is fetched in many pieces, and a page that names
//! its archives ask for the same layout again and again, and it is made of the rows of up to ten thousand materials. Rights
//! are asked each time: of the kit by its rule, of what lies in it by what the layout rests on.

use std::sync::Arc;

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

use super::{
    Archive, Asked,
    archive::{is_open, laid_out},
    basis::Basis,
};
use crate::{
    access::{self, Caller, Standing, on_the_beat, reach},
    app::App,
    db,
    error::{Error, Result},
    terms::KitId,
};

/// In bytes, about.
const ROOM: u64 = 64 << 20;
/// How many there are of the usual size.
const USUAL: usize = 1_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct Kept(Arc<Cache<Key, Arc<Laid>, Weight>>);

/// Who sees the same of a kit gets the same archive.
type Key = (Standing, KitId, Asked);

/// An archive, what it rests on, and for whom it was laid out.
#[derive(Debug)]
pub struct Laid {
    pub archive: Archive,
    basis: Arc<Basis>,
    standing: Standing,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Laid>> for Weight {
    fn weight(&self, _: &Key, laid: &Arc<Laid>) -> u64 {
        laid.archive.weight()
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
    /// The archive that is asked for.
    ///
    /// # Errors
    /// As `reach` says of the kit; a bad request where a material is asked for that the caller does not have in it.
    pub async fn archive(
        &self,
        app: &App,
        caller: &Caller,
        id: KitId,
        asked: &Asked,
    ) -> Result<Arc<Laid>> {
        let [only] = self.all(app, caller, id, [asked.clone()]).await?;
        Ok(only)
    }

    /// The whole archive of each sort, as this caller would get it.
    ///
    /// # Errors
    /// As `reach` says of the kit.
    pub async fn archives(&self, app: &App, caller: &Caller, id: KitId) -> Result<[Arc<Laid>; 3]> {
        self.all(app, caller, id, Asked::whole()).await
    }

    /// Those who ask at the same time wait for one layout, and share it.
    async fn all<const N: usize>(
        &self,
        app: &App,
        caller: &Caller,
        id: KitId,
        asked: [Asked; N],
    ) -> Result<[Arc<Laid>; N]> {
        let connection = app.db.read();
        reach::kit(connection, caller, id).await?;
        let keys = asked.clone().map(|asked| (caller.standing(), id, asked));
        loop {
            let place = match self.0.get_value_or_guard_async(&keys[0]).await {
                Ok(first) => {
                    if let Some(all) = self.standing(app, &keys).await? {
                        return Ok(all);
                    }
                    self.0.remove_if(&keys[0], |laid| Arc::ptr_eq(laid, &first));
                    continue;
                }
                Err(place) => place,
            };
            let rows = app.db.snapshot().await?;
            let laid = Box::pin(laid_out(&rows, caller, &app.config, id, &asked));
            let (archives, basis) = on_the_beat(caller, laid).await?;
            drop(rows);
            let basis = Arc::new(basis);
            let laid = archives.into_iter().map(|archive| {
                Arc::new(Laid {
                    archive,
                    basis: Arc::clone(&basis),
                    standing: caller.standing(),
                })
            });
            let all: Vec<Arc<Laid>> = laid.collect();
            // Where there is no room, none is kept.
            if all.iter().all(|laid| laid.archive.is_settled()) {
                for (key, laid) in keys.iter().zip(&all).skip(1) {
                    self.0.insert(key.clone(), Arc::clone(laid));
                }
                drop(place.insert(Arc::clone(&all[0])));
            }
            let whole = <[Arc<Laid>; N]>::try_from(all);
            return whole.map_err(|_| Error::internal("archives", "fewer than were asked for"));
        }
    }

    /// All of them, where all are there and stand.
    async fn standing<const N: usize>(
        &self,
        app: &App,
        keys: &[Key; N],
    ) -> Result<Option<[Arc<Laid>; N]>> {
        let there: Option<Vec<Arc<Laid>>> = keys.iter().map(|key| self.0.get(key)).collect();
        let Some(all) = there else {
            return Ok(None);
        };
        for laid in &all {
            if !laid.basis.stands(app.db.read(), db::now()).await? {
                return Ok(None);
            }
        }
        Ok(<[Arc<Laid>; N]>::try_from(all).ok())
    }
}

impl Laid {
    /// Whether the kit and all of the materials are still the caller's to have, for bytes that are on their way.
    ///
    /// # Errors
    /// Not found or withdrawn where one of them is not; as `access` says of the token or the link.
    pub async fn still(&self, app: &App, caller: &Caller) -> Result<()> {
        let (connection, now) = (app.db.read(), db::now());
        let caller = access::again(&app.db, caller, now).await?;
        let is_the_same = caller.standing() == self.standing;
        if is_the_same && self.basis.stands(connection, now).await? {
            return Ok(());
        }
        let is_open = is_open(connection, &caller, &self.archive).await?;
        is_open.then_some(()).ok_or_else(Error::not_found)
    }
}
