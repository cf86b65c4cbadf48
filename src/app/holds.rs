//! Who is at which upload in this process: a client that comes back asks its own dead connection to let go.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

use crate::terms::UploadId;

/// Who holds each upload, and how to ask for it.
type Held = HashMap<UploadId, (Uuid, watch::Sender<bool>)>;

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Holds(Arc<Mutex<Held>>);

impl Holds {
    /// Whoever holds it now hears when somebody else waits for it.
    pub fn hold(&self, id: UploadId, holder: Uuid) -> watch::Receiver<bool> {
        let (tell, told) = watch::channel(false);
        self.map(|holds| holds.insert(id, (holder, tell)));
        told
    }

    /// Asks whoever holds it here to let go.
    pub fn ask(&self, id: UploadId) {
        self.map(|holds| {
            if let Some((_, holder)) = holds.get(&id) {
                holder.send_replace(true);
            }
        });
    }

    /// Asks everybody: the process is about to end.
    pub fn ask_all(&self) {
        self.map(|holds| {
            for (_, holder) in holds.values() {
                holder.send_replace(true);
            }
        });
    }

    /// It is let go by this holder; another one may have it by now.
    pub fn release(&self, id: UploadId, holder: Uuid) {
        self.map(|holds| {
            if holds.get(&id).is_some_and(|(known, _)| *known == holder) {
                holds.remove(&id);
            }
        });
    }

    fn map<T>(&self, act: impl FnOnce(&mut Held) -> T) -> T {
        // Nothing panics while it is locked, and the map is whole between two calls.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
