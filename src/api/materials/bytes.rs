//! The bytes of originals and renditions.

use std::{ops::Range, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Caller,
    api::{
        auth::Anyone, bytes::Bytes, client, etag::joined, limits, problem::Problem, query::Params,
        under_way::watched,
    },
    app::App,
    db::records::cut,
    deliver::{self, Delivery, Lately, conditions::if_match},
    error::{Code, Error, Result},
    language::filenames::content_disposition,
    storage::{Piece, stream},
    terms::MaterialId,
};

/// How long an address at the store itself lasts.
const LASTING: Duration = Duration::from_mins(1);

/// How the bytes are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// With 1, a browser keeps the file rather than shows it.
    #[param(inline)]
    pub download: Option<Download>,
    /// The bytes that are meant, as their entity tag names them, without its quotes. Where others have taken their place, a
    /// range is refused, and whoever asks for the whole is sent to those: no two are mixed, whichever program resumes.
    pub version: Option<String>,
}

/// What a browser does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Download {
    #[serde(rename = "0")]
    Show,
    #[serde(rename = "1")]
    Keep,
}

/// The original
///
/// Byte for byte as it came in. An original that tells more than readers are to know is for the staff of its unit,
/// unless the office opens it: a photo, and a film or a recording that says where it was taken.
#[utoipa::path(
    tag = "bytes",
    operation_id = "get_original",
    params(("id" = Uuid, Path, description = "The material"), Wanted),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "A range of them", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 303, description = "Others have taken the place of those that `version` names"),
        (status = 304, description = "They are as `If-None-Match` says"),
        (status = 307, description = "They are read from the store, where the office has it so; the address lasts a minute"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/original")]
pub async fn original(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<MaterialId>,
    wanted: Params<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let delivery = deliver::original(&app, &caller, *id).await?;
    answer(&app, &caller, delivery, &wanted.0, &request).await
}

/// A rendition
#[utoipa::path(
    tag = "bytes",
    operation_id = "get_rendition",
    params(
        ("id" = Uuid, Path, description = "The material"),
        ("name" = String, Path, description = "Such as `thumb`, `large`, `press`, `web`, `preview`, `text`"),
        Wanted,
    ),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "A range of them", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 303, description = "Others have taken the place of those that `version` names"),
        (status = 304, description = "They are as `If-None-Match` says"),
        (status = 307, description = "They are read from the store, where the office has it so; the address lasts a minute"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/renditions/{name}")]
pub async fn rendition(
    app: Data<App>,
    Anyone(caller): Anyone,
    path: Path<(MaterialId, String)>,
    wanted: Params<Wanted>,
    lately: Data<Lately>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (id, name) = path.into_inner();
    let delivery = lately.rendition(&app, &caller, id, &name).await?;
    answer(&app, &caller, delivery, &wanted.0, &request).await
}

/// The answer with the delivery's bytes, for as long as they are the caller's to have.
pub async fn answer(
    app: &App,
    caller: &Caller,
    delivery: Delivery,
    wanted: &Wanted,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    if let Some(answer) = wanted.moved(&delivery, request)? {
        return Ok(answer);
    }
    let attachment = wanted.download == Some(Download::Keep);
    if let Some(answer) = elsewhere(app, &delivery, attachment, request).await? {
        return Ok(answer);
    }
    limits::check_bytes(app, request)?;
    let etag = format!("\"{}\"", delivery.tag());
    // A page of somebody else's must not run under our name: its bytes are a text, to be kept.
    let is_page = delivery.media_type == "text/html";
    let (storage, segments, at_hand) = (app.storage.clone(), delivery.segments, delivery.at_hand);
    let handover = delivery.handover.filter(|_| !client::is_headless(request));
    let (ledger, counter) = (app.ledger.clone(), limits::Counter::of(app, request));
    let (app, caller, id) = (app.clone(), caller.clone(), delivery.material);
    let bytes = Bytes {
        size: delivery.size,
        etag,
        sha256: delivery.sha256,
        media_type: if is_page {
            "text/plain".to_owned()
        } else {
            delivery.media_type
        },
        filename: delivery.filename,
        attachment: attachment || is_page,
        public: !delivery.private,
        ranges: true,
    };
    let read = move |range: Range<u64>| {
        let begins = range.start == 0;
        let pieces = match &at_hand {
            Some(bytes) => vec![Piece::Bytes(part(bytes, &range))],
            None => cut(&segments, range)
                .into_iter()
                .map(Piece::Segment)
                .collect(),
        };
        let (app, caller) = (app.clone(), caller.clone());
        let bytes = counter.counted(stream(storage.clone(), pieces.into_iter()));
        let bytes = watched(bytes, move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { deliver::still(&app, &caller, id).await }
        });
        ledger.hand_over(handover.clone(), begins, bytes)
    };
    bytes.answer(request, read).await
}

impl Wanted {
    /// Where the bytes are by now that took the place of those that are meant, for who asks for all of them.
    ///
    /// # Errors
    /// A failed precondition for who asks for a range, or for other bytes.
    fn moved(&self, delivery: &Delivery, request: &HttpRequest) -> Result<Option<HttpResponse>> {
        let Some(meant) = &self.version else {
            return Ok(None);
        };
        let tag = delivery.tag();
        if *meant == tag {
            return Ok(None);
        }
        let condition = joined(request, &header::IF_MATCH);
        let is_these = if_match(condition.as_deref(), Some(&format!("\"{tag}\"")));
        if client::goes_on(request) || !is_these {
            return Err(Error::refused(
                Code::PreconditionFailed,
                "The file has changed since this address was given: begin anew without a range.",
            ));
        }
        let keep = if self.download == Some(Download::Keep) {
            "download=1&"
        } else {
            ""
        };
        let now = format!("{}?{keep}version={tag}", request.path());
        let answer = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, now))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .finish();
        Ok(Some(answer))
    }
}

/// The range of bytes that are all there.
fn part(bytes: &bytes::Bytes, range: &Range<u64>) -> bytes::Bytes {
    let at = |place: u64| usize::try_from(place).map_or(bytes.len(), |at| at.min(bytes.len()));
    bytes.slice(at(range.start)..at(range.end))
}

/// Sends a client to the store itself, where the settings say so: for what is open to everybody, and lies there in one
/// piece. The address outlives a withdrawal by as long as it lasts.
async fn elsewhere(
    app: &App,
    delivery: &Delivery,
    attachment: bool,
    request: &HttpRequest,
) -> Result<Option<HttpResponse>> {
    // Who has it already is told so here.
    let is_asked = !request.headers().contains_key(header::IF_NONE_MATCH);
    let is_open = app.config.storage_redirects && !delivery.private && is_asked;
    let Some(blob) = delivery.whole().filter(|_| is_open) else {
        return Ok(None);
    };
    let disposition = content_disposition(&delivery.filename, attachment);
    let media_type = &delivery.media_type;
    if media_type == "text/html" {
        return Ok(None);
    }
    let address = app
        .storage
        .presigned(blob, LASTING, media_type, &disposition);
    let address = address.await?;
    let handover = delivery.handover.clone();
    let handover = handover.filter(|_| address.is_some() && !client::is_headless(request));
    if let Some(handover) = handover {
        app.ledger.handed_over(handover, delivery.size).await;
    }
    Ok(address.map(|address| {
        HttpResponse::TemporaryRedirect()
            .insert_header((header::LOCATION, address))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish()
    }))
}
