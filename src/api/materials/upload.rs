//! Bytes arrive over HTTP: as a form, or as a text that is written here.

use std::pin::Pin;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    post, put,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{shown_now, view::MaterialView};
use crate::{
    access::Caller,
    api::{
        answer::Created,
        auth::Staff,
        etag::{self, IfMatch},
        idempotency::{self, Begun},
        json::Body,
        multipart::{File, Form},
        problem::Problem,
    },
    app::App,
    db::records,
    description::Description,
    error::{Code, Error, Result},
    language::Texts,
    patch,
    terms::MaterialId,
    upload::{self, Arrival, Arriving},
};

/// An upload as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a form that is read as it streams")]
struct UploadForm {
    /// The description; before the file.
    metadata: Option<Description>,
    /// The bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A corrected original as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a form that is read as it streams")]
struct OriginalForm {
    /// What is told of it; before the file.
    metadata: Option<Correction>,
    /// The bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What is told of a corrected original.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Correction {
    /// What was wrong, for readers, in each language.
    correction_note: Texts,
}

/// A text that is written here.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "the document of a body whose members are read apart"
)]
struct TextInput {
    /// The text, in Markdown.
    text: String,
    #[serde(flatten)]
    description: Description,
}

/// Files that somebody is about to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInput {
    /// Up to 1,000 of them.
    files: Vec<upload::Asked>,
}

/// Which of them are there already.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// In the order asked.
    files: Vec<KnownView>,
}

/// Whether a file is there already.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownView {
    /// As it was asked.
    sha256: String,
    /// Whether the caller's units have it.
    known: bool,
    /// The materials that hold it.
    #[schema(value_type = Vec<Uuid>)]
    materials: Vec<MaterialId>,
}

/// The body of an upload, of either sort.
pub enum Sent {
    Form(Box<Form>),
    Text(Value),
}

impl FromRequest for Sent {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if actix_web::HttpMessage::content_type(request).starts_with("multipart/") {
            let form = Form::from_request(request, payload);
            return Box::pin(async move { Ok(Self::Form(Box::new(form.await?))) });
        }
        let body = Body::<Value>::from_request(request, payload);
        Box::pin(async move { Ok(Self::Text(body.await?.sent)) })
    }
}

/// Upload
///
/// A form with `metadata` (JSON, first) and `file`, or JSON with `text`. The answer comes as soon as the bytes are on the
/// disk; they are examined and rendered behind it.
#[utoipa::path(
    tag = "materials",
    operation_id = "upload_material",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    request_body(content(
        (UploadForm = "multipart/form-data"),
        (TextInput = "application/json"),
    )),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The material", body = MaterialView),
        (status = 415, description = "No text, photo, sound or film that Jarchi takes", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/materials")]
pub async fn create(
    app: Data<App>,
    Staff(caller): Staff,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse> {
    let (metadata, arrival) = match sent {
        Sent::Form(form) => from_form(&app, &caller, *form).await?,
        Sent::Text(body) => from_text(&app, &caller, body).await?,
    };
    let ticket = match idempotency::begin(&app, &caller, &request).await? {
        Begun::Done(done) => {
            app.storage.remove(arrival.sealed.id).await?;
            return done.again(&idempotency::digest(
                &metadata,
                Some(&arrival.sealed.sha256),
            ));
        }
        Begun::Go(ticket) => ticket,
    };
    let digest = idempotency::digest(&metadata, Some(&arrival.sealed.sha256));
    let (description, said) = described(&metadata)?;
    let mut created = None;
    let keep = async |tx: &sea_orm::DatabaseTransaction, received: &upload::Received| {
        let record = records::one(tx, received.id).await?;
        let version = record.row.version;
        let mut view = super::showing(&app, &caller, &[], true, Vec::new())
            .await?
            .view(&record);
        view.duplicates.clone_from(&received.duplicates);
        let answer = Created::versioned(format!("/v1/materials/{}", received.id), version, &view)?;
        ticket.finish(tx, &digest, &answer).await?;
        created = Some(answer);
        Ok(())
    };
    upload::material(&app, &caller, arrival, description, said, keep).await?;
    ticket.done();
    let created = created.ok_or_else(|| Error::internal("an upload", "it was not answered"))?;
    Ok(created.respond())
}

/// Which files are there already
#[utoipa::path(
    tag = "materials",
    operation_id = "check_uploads",
    request_body = CheckInput,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "For each file whether the caller's units have it", body = CheckView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/uploads/check")]
pub async fn check(
    app: Data<App>,
    Staff(caller): Staff,
    body: Body<CheckInput>,
) -> Result<Json<CheckView>> {
    let files = body.value.files;
    if files.len() > 1000 {
        return Err(Error::invalid("/files", "are more than 1,000"));
    }
    let known = upload::known(app.db.read(), &caller, &files).await?;
    let view = |(file, materials): (upload::Asked, Vec<MaterialId>)| KnownView {
        sha256: file.sha256,
        known: !materials.is_empty(),
        materials,
    };
    Ok(Json(CheckView {
        files: files.into_iter().zip(known).map(view).collect(),
    }))
}

/// Send a corrected original
///
/// Readers keep the former one until the new one is ready; if it fails, the former stays. Of what is published it is a
/// correction: whoever took it is sent a notice once the new one is there.
#[utoipa::path(
    tag = "materials",
    operation_id = "replace_original",
    params(
        ("id" = Uuid, Path, description = "The material"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    request_body(content = OriginalForm, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The material, with `pending_original`", body = MaterialView),
        (status = 409, description = "It is of another kind", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[put("/v1/materials/{id}/original")]
pub async fn replace(
    app: Data<App>,
    Staff(caller): Staff,
    id: Path<MaterialId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    upload::may_replace(app.db.read(), &caller, *id).await?;
    let said = form.metadata().await?;
    let said = said.as_ref().map(patch::read::<Option<Correction>>);
    let said = said.transpose()?.flatten();
    let note = said.unwrap_or_default().correction_note;
    let arrival = received(&app, form.file().await?).await?;
    let fits = |version| expected.holds(version);
    upload::replace(&app, &caller, *id, arrival, note, fits).await?;
    let view = shown_now(&app, &caller, *id).await?;
    etag::show(&request, view.version, &view)
}

async fn from_form(app: &App, caller: &Caller, mut form: Form) -> Result<(Value, Arrival)> {
    let metadata = form
        .metadata()
        .await?
        .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    // Before the first byte of the file: nobody sends four gigabytes to learn of a slip in a caption.
    upload::acceptable(app.db.read(), caller, &described(&metadata)?.0).await?;
    let arrival = received(app, form.file().await?).await?;
    Ok((metadata, arrival))
}

async fn from_text(app: &App, caller: &Caller, mut body: Value) -> Result<(Value, Arrival)> {
    let text = body
        .as_object_mut()
        .and_then(|members| members.shift_remove("text"));
    let Some(Value::String(text)) = text else {
        return Err(Error::invalid("/text", "is missing, or is not a string"));
    };
    upload::acceptable(app.db.read(), caller, &described(&body)?.0).await?;
    let arrival = Arrival::of_text(app, text).await?;
    Ok((body, arrival))
}

async fn received(app: &App, mut file: File) -> Result<Arrival> {
    let mut arriving = Arriving::begin(app, file.expected).await?;
    while let Some(piece) = file.piece().await? {
        arriving.write(piece).await?;
    }
    arriving.end(file.filename.as_deref()).await
}

/// The description, and the fields that were sent.
fn described(metadata: &Value) -> Result<(Description, Vec<String>)> {
    match metadata {
        Value::Null => Ok((Description::default(), Vec::new())),
        Value::Object(members) => {
            let said = members.keys().cloned().collect();
            Ok((patch::read(metadata)?, said))
        }
        _ => Err(Error::refused(
            Code::BadRequest,
            "The metadata is a JSON object.",
        )),
    }
}
