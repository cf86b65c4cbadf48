//! How far the machine is with a material, told while it goes on: server-sent events (HTML Living Standard, section 9.2).
//! An event is two lines of text, so they are written here. The database is asked twice a second for each who watches,
//! and who they are every few seconds; there are only so many of them.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Bytes, Data, Path},
};
use futures_util::stream;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::files::ProcessingView;
use crate::{
    access::{self, Caller, reach},
    api::{auth::Signed, problem::Problem},
    app::App,
    db::{self, records},
    error::{Code, Error, Result},
    terms::{MaterialId, Processing},
};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// After so long a silence a line without a meaning keeps the connection, and shows whether it still is one.
const SILENCE: Duration = Duration::from_secs(15);

/// A token that was revoked watches no longer than this, nor does anybody a material that went out of their sight.
const TRUST: Duration = Duration::from_secs(10);
/// So many streams at once, whoever watches.
static PLACES: Semaphore = Semaphore::const_new(100);

/// True once the server is to end: whoever watches is let go.
pub struct Stopping(pub watch::Receiver<bool>);

/// Follow the processing of a material
///
/// Server-sent events: `processing` carries what the material's `processing` says, at once and whenever it has changed;
/// the stream ends when it is `ready` or `failed`. For staff of the unit.
#[utoipa::path(
    tag = "materials",
    operation_id = "watch_material",
    params(("id" = Uuid, Path, description = "The material")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/progress")]
pub async fn follow(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<MaterialId>,
    stopping: Data<Stopping>,
) -> Result<HttpResponse> {
    let place = PLACES.try_acquire().map_err(|_| {
        let words = "Too many are watching just now: ask for the material itself meanwhile.";
        Error::refused(Code::Busy, words)
    })?;
    let mut watcher = Watcher {
        app,
        caller,
        id: *id,
        _place: place,
        trusted: None,
        stopping: stopping.0.clone(),
        told: String::new(),
        is_over: false,
    };
    let first = watcher.look().await?;
    let events = stream::unfold((first, watcher), |(event, mut watcher)| async move {
        let event = match event {
            Some(event) => event,
            None => watcher.next().await?,
        };
        Some((Ok::<_, Infallible>(event), (None, watcher)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Keeps the compressor away, which would hold events back; the word itself is taken out at the edge.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(events))
}

struct Watcher {
    app: Data<App>,
    caller: Caller,
    id: MaterialId,
    _place: SemaphorePermit<'static>,
    /// When it was last seen that the caller may watch.
    trusted: Option<Instant>,
    stopping: watch::Receiver<bool>,
    /// The last event's data.
    told: String,
    is_over: bool,
}

impl Watcher {
    /// The next event, or a sign of life; `None` at the end, and where the material is not to be seen any more: who asks
    /// again is told why.
    async fn next(&mut self) -> Option<Bytes> {
        let began = Instant::now();
        while !self.is_over && began.elapsed() < SILENCE {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = self.stopping.wait_for(|stop| *stop) => return None,
            }
            if let Some(event) = self.look().await.ok()? {
                return Some(event);
            }
        }
        (!self.is_over).then(|| Bytes::from_static(b":\n\n"))
    }

    /// An event, where something has changed.
    async fn look(&mut self) -> Result<Option<Bytes>> {
        if self.trusted.is_none_or(|at| at.elapsed() >= TRUST) {
            self.trust().await?;
        }
        let newest = records::newest(self.app.db.read(), self.id).await?;
        let (original, made) = newest.ok_or_else(Error::not_found)?;
        self.is_over = matches!(original.processing, Processing::Ready | Processing::Failed);
        let data = serde_json::to_string(&ProcessingView::of(&original, &made))
            .map_err(|error| Error::internal("an event", error))?;
        if data == self.told {
            return Ok(None);
        }
        self.told = data;
        Ok(Some(
            format!("event: processing\ndata: {}\n\n", self.told).into(),
        ))
    }

    /// Looks anew who the caller is, and whether the material is theirs to watch.
    async fn trust(&mut self) -> Result<()> {
        let caller = access::again(&self.app.db, &self.caller, db::now()).await?;
        let row = reach::material(self.app.db.read(), &caller, self.id).await?;
        if !caller.sees_inside(row.unit_id) {
            let words = "How far a material is, is for the staff of its unit.";
            return Err(Error::refused(Code::Forbidden, words));
        }
        (self.caller, self.trusted) = (caller, Some(Instant::now()));
        Ok(())
    }
}
