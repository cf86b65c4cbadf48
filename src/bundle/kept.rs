//! What was laid out lately. A download that goes on, one that is fetched in many pieces, and a page that names its
//! archives ask for the same layout again and again, and it is made of the rows of up to fifty thousand materials. Several
//! large layouts find no room; their outlines do, and are all that views and pages need. Rights are asked each time: of the
//! kit by its rule, of what lies in it by what the layout rests on.

use std::{hash::Hash, sync::Arc};

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use sea_orm::DatabaseTransaction;

use super::{
    Archive, Asked, Outline,
    archive::{archive, is_open},
    basis::Basis,
    gather::gather,
    outline::outlined,
};
use crate::{
    access::{self, Caller, Standing, on_the_beat, reach},
    app::App,
    db,
    error::{Error, Result},
    terms::KitId,
};

/// In bytes, about; the layout of a kit of fifty thousand has room, or each piece of its archive would take seconds.
const ROOM: u64 = 192 << 20;
const ROOM_OF_OUTLINES: u64 = 16 << 20;
/// How many there are of the usual size.
const USUAL: usize = 1_000;

type Archives = Arc<Cache<(Standing, KitId, Asked), Arc<Laid>, Weight>>;

/// Cheap to clone. Who sees the same of a kit gets the same.
#[derive(Clone)]
pub struct Kept {
    archives: Archives,
    outlines: Arc<Cache<(Standing, KitId), Arc<Outlines>, Weight>>,
}

/// An archive, what it rests on, and for whom it was laid out.
#[derive(Debug)]
pub struct Laid {
    pub archive: Archive,
    basis: Arc<Basis>,
    standing: Standing,
}

/// An outline, and what it rests on.
struct Outlines {
    outline: Arc<Outline>,
    basis: Arc<Basis>,
}

/// A kit's outline, and the moment at which it holds.
pub struct Sight {
    pub outline: Arc<Outline>,
    /// What is there at that moment.
    pub rows: DatabaseTransaction,
    /// In milliseconds since 1970.
    pub now: i64,
}

#[derive(Clone)]
struct Weight;

impl<K> Weighter<K, Arc<Laid>> for Weight {
    fn weight(&self, _: &K, laid: &Arc<Laid>) -> u64 {
        laid.archive.weight()
    }
}

impl<K> Weighter<K, Arc<Outlines>> for Weight {
    fn weight(&self, _: &K, kept: &Arc<Outlines>) -> u64 {
        (kept.outline.weight() + kept.basis.weight()) as u64
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            archives: cache(ROOM),
            outlines: cache(ROOM_OF_OUTLINES),
        }
    }
}

fn cache<K: Eq + Hash, V: Clone>(room: u64) -> Arc<Cache<K, V, Weight>>
where
    Weight: Weighter<K, V>,
{
    // One shard: a large one may take most of the room.
    let options = OptionsBuilder::new()
        .estimated_items_capacity(USUAL)
        .weight_capacity(room)
        .shards(1)
        .build()
        .expect("both capacities are given");
    let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
    Arc::new(Cache::with_options(options, Weight, hasher, lifecycle))
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
    ) -> Result<Arc<Laid>> {
        let connection = app.db.read();
        reach::kit(connection, caller, id).await?;
        let key = (caller.standing(), id, asked.clone());
        loop {
            let place = match self.archives.get_value_or_guard_async(&key).await {
                Ok(laid) if laid.basis.stands(connection, db::now()).await? => return Ok(laid),
                Ok(former) => {
                    self.archives
                        .remove_if(&key, |laid| Arc::ptr_eq(laid, &former));
                    continue;
                }
                Err(place) => place,
            };
            let rows = app.db.snapshot().await?;
            let only = std::slice::from_ref(asked);
            let laid = async {
                let gathered = gather(&rows, caller, &app.config, id, only);
                let mut gathered = Box::pin(gathered).await?;
                let archive = archive(&mut gathered, 0, asked, caller, &app.config)?;
                Ok(Arc::new(Laid {
                    archive,
                    basis: gathered.basis,
                    standing: caller.standing(),
                }))
            };
            let laid = on_the_beat(caller, laid).await?;
            // Where there is no room, it is not kept.
            if laid.archive.is_settled() {
                drop(place.insert(Arc::clone(&laid)));
            }
            return Ok(laid);
        }
    }

    /// The archive as it was laid out before the last embargo in it ended, where that is the version: a download that was
    /// begun before, by who sees what is under embargo, goes on.
    ///
    /// # Errors
    /// As for an archive.
    pub async fn former(
        &self,
        app: &App,
        caller: &Caller,
        id: KitId,
        asked: &Asked,
        version: &str,
    ) -> Result<Option<Arc<Laid>>> {
        let now = self.archive(app, caller, id, asked).await?;
        let Some(turned) = now.basis.turned().filter(|_| caller.sees_early()) else {
            return Ok(None);
        };
        let before = Asked {
            told_at: Some(turned - 1),
            ..asked.clone()
        };
        let former = self.archive(app, caller, id, &before).await?;
        Ok((former.archive.version() == version).then_some(former))
    }

    /// The kit's outline, with the moment at which it holds. The archives that are laid out for it are kept, too, where
    /// there is room.
    ///
    /// # Errors
    /// As `reach` says of the kit.
    pub async fn outline(&self, app: &App, caller: &Caller, id: KitId) -> Result<Sight> {
        reach::kit(app.db.read(), caller, id).await?;
        let key = (caller.standing(), id);
        loop {
            match self.outlines.get_value_or_guard_async(&key).await {
                Ok(kept) => {
                    let (rows, now) = (app.db.snapshot().await?, db::now());
                    if kept.basis.stands(&rows, now).await? {
                        let outline = Arc::clone(&kept.outline);
                        return Ok(Sight { outline, rows, now });
                    }
                    self.outlines.remove_if(&key, |it| Arc::ptr_eq(it, &kept));
                }
                Err(place) => {
                    let rows = app.db.snapshot().await?;
                    let outlined = Box::pin(self.outlined(&rows, app, caller, id));
                    let (kept, is_settled) = on_the_beat(caller, outlined).await?;
                    let (outline, now) = (Arc::clone(&kept.outline), kept.basis.now());
                    if is_settled {
                        drop(place.insert(kept));
                    }
                    return Ok(Sight { outline, rows, now });
                }
            }
        }
    }

    /// The outline, and whether it stays as it is while nothing changes.
    async fn outlined(
        &self,
        rows: &DatabaseTransaction,
        app: &App,
        caller: &Caller,
        id: KitId,
    ) -> Result<(Arc<Outlines>, bool)> {
        let mut is_settled = true;
        let each = |asked, archive: Archive, basis: &Arc<Basis>| {
            if !archive.is_settled() {
                is_settled = false;
                return;
            }
            let laid = Laid {
                archive,
                basis: Arc::clone(basis),
                standing: caller.standing(),
            };
            self.archives
                .insert((caller.standing(), id, asked), Arc::new(laid));
        };
        let (outline, basis) = outlined(rows, caller, &app.config, id, each).await?;
        let outline = Arc::new(outline);
        Ok((Arc::new(Outlines { outline, basis }), is_settled))
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
