//! An upload begins, and may bring its first bytes along.

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    post,
    web::{Data, Payload},
};
use utoipa::IntoParams;

use super::{
    body,
    headers::{self, Resumable},
    standing,
    view::{self, UploadView},
};
use crate::{
    api::{answer::Created, auth::Staff, idempotency::once, problem::Problem},
    app::App,
    error::{Error, Result},
    upload::session::{self, Wanted},
};

/// What a creation says.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the document of headers that are read apart")]
struct CreateHeaders {
    /// `1.0.0`
    #[param(rename = "Tus-Resumable")]
    resumable: String,
    /// How many bytes will come.
    #[param(rename = "Upload-Length")]
    length: Option<u64>,
    /// `1`: the length is told later, with a part.
    #[param(rename = "Upload-Defer-Length")]
    deferred: Option<u64>,
    /// Keys with values in base64: `filename` (or `name`), and `metadata` (the JSON of the description). Other keys, such as
    /// the `filetype` that many clients send, are given back as they came and say nothing here: the bytes tell.
    #[param(rename = "Upload-Metadata")]
    metadata: Option<String>,
    /// `partial`, or `final;` and the addresses of partial uploads.
    #[param(rename = "Upload-Concat")]
    concat: Option<String>,
    /// Makes it safe to send the same request again.
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// Begin an upload that goes on
///
/// The material exists from now on, in `receiving`, and can be described while its bytes travel; `Jarchi-Material` names
/// it, and `Location` says where to send them. A body with `Content-Type: application/offset+octet-stream` is its
/// beginning.
#[utoipa::path(
    tag = "uploads",
    operation_id = "create_upload",
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The first bytes, or none"),
    params(CreateHeaders),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The upload", body = UploadView, headers(
            ("Location" = String, description = "Where to send the bytes"),
            ("Upload-Offset" = u64, description = "How many are there; not where the upload is put together of parts"),
            ("Upload-Expires" = String, description = "Until when it waits for the next of them (RFC 9110 section 5.6.7)"),
            ("Jarchi-Material" = Uuid, description = "The material that it becomes; not where it is a part"),
            ("Tus-Resumable" = String, description = "`1.0.0`"),
        )),
        (status = 412, description = "Another version of tus is spoken", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Longer than a file may be", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Of no length, or the description has faults", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/uploads")]
pub async fn create(
    app: Data<App>,
    Staff(caller): Staff,
    _protocol: Resumable,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse> {
    let wanted = headers::wanted(&request)?;
    let first = headers::of_body(&request)?;
    let sent = document(&wanted);
    let mut made = None;
    let answer = once(&app, &caller, &request, &sent, async |tx| {
        let upload = session::create(&app, tx, &caller, wanted).await?;
        made = Some(upload.id);
        let said = standing(&upload)
            .into_iter()
            .map(|(name, value)| (name.as_str().to_owned(), value))
            .collect();
        let location = view::url(&app.config, upload.id);
        Created::plain(location, said, &UploadView::of(&app.config, &upload))
    });
    let mut answer = answer.await?;
    let Some(id) = made.filter(|_| headers::brings_bytes(&request)) else {
        return Ok(answer);
    };
    let upload = match body::pour(&app, &caller, id, first, payload).await {
        Ok(upload) => upload,
        // It is over, and there is nothing to go on with.
        Err(error) if session::one(app.db.read(), &caller, id).await.is_err() => return Err(error),
        // The client has to learn where it is, and how much of it is there.
        Err(_) => session::one(app.db.read(), &caller, id).await?,
    };
    for (name, value) in standing(&upload) {
        if let Ok(value) = value.parse() {
            answer.headers_mut().insert(name, value);
        }
    }
    let view = UploadView::of(&app.config, &upload);
    let body = serde_json::to_vec(&view).map_err(|error| Error::internal("an upload", error))?;
    Ok(answer.set_body(BoxBody::new(body)))
}

/// What makes a creation the same as another.
fn document(wanted: &Wanted) -> serde_json::Value {
    serde_json::json!({
        "length": wanted.length,
        "metadata": wanted.metadata,
        "concat": format!("{:?}", wanted.concat),
    })
}
