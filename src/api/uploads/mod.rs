//! `/v1/uploads`: tus 1.0.0, for files that come over bad lines. A file for what a client says in its headers, one for the
//! beginning of an upload, one for the bytes.

use actix_web::{
    HttpRequest, HttpResponse, delete,
    dev::{ServiceRequest, ServiceResponse},
    get,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    options, patch,
    web::{Data, Json, Path, Payload},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    auth::Staff,
    page::{Listing, Page, PageParams},
    problem::Problem,
};
use crate::{
    app::App,
    db::uploads::Model,
    error::{Error, Result},
    terms::{UploadId, UploadState},
    upload::session,
};

mod body;
mod create;
mod headers;
mod view;

use headers::{PartHeaders, Resumable};
use view::UploadView;

const PATH: &str = "/v1/uploads";
const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration,concatenation";

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const MATERIAL: HeaderName = HeaderName::from_static("jarchi-material");

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create::create)
        .service(protocol)
        .service(show)
        .service(append)
        .service(remove);
}

/// Clients behind proxies that let no PATCH through send its name in a header (tus 1.0.0, `X-HTTP-Method-Override`).
pub fn override_method(request: &mut ServiceRequest) {
    if request.method() != Method::POST || !request.path().starts_with(PATH) {
        return;
    }
    let named = request.headers().get("x-http-method-override");
    let method = named.and_then(|name| Method::from_bytes(name.as_bytes()).ok());
    if let Some(method) = method {
        request.head_mut().method = method;
    }
}

/// Every answer says which protocol it speaks; one that did not understand, which versions there are.
pub fn sign(answer: &mut ServiceResponse) {
    if !answer.request().path().starts_with(PATH) {
        return;
    }
    let is_refused = answer.status() == StatusCode::PRECONDITION_FAILED;
    let headers = answer.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    if is_refused {
        let name = HeaderName::from_static("tus-version");
        headers.insert(name, HeaderValue::from_static(VERSION));
    }
}

/// No filters.
#[derive(Debug, Default, serde::Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// The caller's unfinished uploads
///
/// The oldest first.
#[utoipa::path(
    tag = "uploads",
    operation_id = "list_uploads",
    params(PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of uploads", body = Page<UploadView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/uploads")]
async fn list(
    app: Data<App>,
    Staff(caller): Staff,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<UploadView>>> {
    let found =
        session::unfinished(app.db.read(), &caller, listing.after()?, listing.rows()).await?;
    Ok(Json(listing.page(
        found,
        |upload| upload.id,
        |upload| UploadView::of(&app.config, &upload),
    )?))
}

/// What this server can do
///
/// In headers: the version of the protocol, its extensions, the largest file, the digests for parts.
#[utoipa::path(
    tag = "uploads",
    operation_id = "describe_uploads",
    responses(
        (status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, `Tus-Checksum-Algorithm`"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[options("/v1/uploads")]
async fn protocol(app: Data<App>) -> HttpResponse {
    let most = session::limit(app.config.max_upload_size);
    HttpResponse::NoContent()
        .insert_header(("tus-version", VERSION))
        .insert_header(("tus-extension", EXTENSIONS))
        .insert_header(("tus-max-size", most.to_string()))
        .insert_header(("tus-checksum-algorithm", headers::ALGORITHMS))
        .finish()
}

/// How far an upload is
///
/// `HEAD` is what tus asks for: where to go on stands in `Upload-Offset`. A request that is just sending into this upload
/// is asked to end first, so that a client which comes back is not blocked by its own dead connection; to look on, use
/// the list.
#[utoipa::path(
    tag = "uploads",
    operation_id = "get_upload",
    params(("id" = Uuid, Path, description = "The upload")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Where it stands, also in headers", body = UploadView),
        (status = 404, description = "The caller has none of this id", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was ended, or waited too long", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/uploads/{id}")]
async fn show(app: Data<App>, Staff(caller): Staff, id: Path<UploadId>) -> Result<HttpResponse> {
    session::one(app.db.read(), &caller, *id).await?;
    session::settled(&app, *id).await?;
    let upload = session::one(app.db.read(), &caller, *id).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    for (name, value) in standing(&upload) {
        answer.insert_header((name, value));
    }
    if !upload.metadata.is_empty() {
        answer.insert_header(("upload-metadata", upload.metadata.as_str()));
    }
    match upload.length {
        Some(length) => answer.insert_header(("upload-length", length.to_string())),
        None => answer.insert_header(("upload-defer-length", "1")),
    };
    if let Some(concat) = view::concat(&app.config, &upload)? {
        answer.insert_header(("upload-concat", concat));
    }
    Ok(answer.json(UploadView::of(&app.config, &upload)))
}

/// Send the next bytes
///
/// With `Upload-Offset`, and `Content-Type: application/offset+octet-stream`. What came before the line broke is kept;
/// with `Upload-Checksum`, the part counts whole or not at all. The material is made by the last byte.
#[utoipa::path(
    tag = "uploads",
    operation_id = "append_to_upload",
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    params(("id" = Uuid, Path, description = "The upload"), PartHeaders),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Taken; `Upload-Offset` says where it stands now"),
        (status = 412, description = "Another version of tus is spoken", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The upload stands elsewhere", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was ended, or waited too long", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The bytes reach past its length", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "No text, photo, sound or film that Jarchi takes; the upload is ended", body = Problem, content_type = "application/problem+json"),
        (status = 423, description = "Another request is at it, and does not let go", body = Problem, content_type = "application/problem+json"),
        (status = 460, description = "The bytes do not have the checksum; none was taken", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/uploads/{id}")]
async fn append(
    app: Data<App>,
    Staff(caller): Staff,
    _protocol: Resumable,
    id: Path<UploadId>,
    part: PartHeaders,
    payload: Payload,
) -> Result<HttpResponse> {
    let upload = body::pour(&app, &caller, *id, part, payload).await?;
    let mut answer = HttpResponse::NoContent();
    for (name, value) in standing(&upload) {
        answer.insert_header((name, value));
    }
    Ok(answer.finish())
}

/// End an upload
///
/// What came of it goes, and its material with it. One that has become a material is forgotten; the material stays.
#[utoipa::path(
    tag = "uploads",
    operation_id = "delete_upload",
    params(("id" = Uuid, Path, description = "The upload"), ("Tus-Resumable" = String, Header, description = "`1.0.0`")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is over"),
        (status = 412, description = "Another version of tus is spoken", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The caller has none of this id", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It is over already", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/uploads/{id}")]
async fn remove(
    app: Data<App>,
    Staff(caller): Staff,
    _protocol: Resumable,
    id: Path<UploadId>,
) -> Result<HttpResponse> {
    session::end(&app, &caller, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What every answer about an upload says: where it stands, until when it waits, which material it is for.
fn standing(upload: &Model) -> Vec<(HeaderName, String)> {
    let mut said = Vec::new();
    // What is put together of parts has no offset until it is (tus 1.0.0, concatenation).
    if upload.state != UploadState::Joining {
        said.push((OFFSET, upload.received.to_string()));
    }
    if upload.state == UploadState::Receiving {
        let name = HeaderName::from_static("upload-expires");
        said.push((name, view::http_date(upload.expires_at)));
    }
    if let Some(material) = upload.material_id {
        said.push((MATERIAL, material.to_string()));
    }
    said
}

fn joined(request: &HttpRequest, name: &str) -> Result<Option<String>> {
    let mut values = Vec::new();
    for value in request.headers().get_all(name) {
        let words = format!("The header {name} is not readable.");
        let text = value
            .to_str()
            .map_err(|_| Error::refused(crate::error::Code::BadRequest, words))?;
        values.push(text.trim().to_owned());
    }
    Ok((!values.is_empty()).then(|| values.join(",")))
}
