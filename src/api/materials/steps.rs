//! A material's way to its readers and back, and another attempt of the machine.

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{one::change_of, shown_now, view::MaterialView};
use crate::{
    api::{
        auth::Signed,
        etag::{self, IfMatch},
        json::Body,
        problem::Problem,
    },
    app::App,
    description::publication::Step,
    error::Result,
    language::Texts,
    publish::{self, Wish},
    terms::{MaterialId, Status},
};

/// A step that is to be taken.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionInput {
    /// Where to: `draft`, `in_review`, `published`, `withdrawn`, and from there to `draft`; also from `in_review` back to `draft`.
    pub to: Status,
    /// Why; for staff alone.
    #[serde(default)]
    pub reason: Option<String>,
    /// A merge patch over the description that is laid on first, in the same step.
    #[serde(default)]
    #[schema(value_type = Option<crate::description::Description>)]
    pub patch: Option<Value>,
    /// What readers are told about a withdrawal, in each language.
    #[serde(default)]
    pub notice: Texts,
    /// The material that takes the place of one that is withdrawn.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub replaced_by: Option<MaterialId>,
}

impl TransitionInput {
    fn step(&self) -> Step {
        Step {
            account: None,
            reason: self.reason.clone(),
            notice: self.notice.clone(),
            replaced_by: self.replaced_by,
        }
    }
}

/// Take a step
///
/// To where it stands already: 200, and nothing changes. Publishing needs an audience, and the thumbnail to be there.
#[utoipa::path(
    tag = "materials",
    operation_id = "move_material",
    params(
        ("id" = Uuid, Path, description = "The material"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    request_body = TransitionInput,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The material as it is now", body = MaterialView),
        (status = 409, description = "There is no such step from here; `allowed` names those that there are", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nobody could see it", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/materials/{id}/transitions")]
pub async fn transition(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<MaterialId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<TransitionInput>,
) -> Result<HttpResponse> {
    let (to, step) = (Some(body.value.to), body.value.step());
    let change = body.value.patch.map(change_of).transpose();
    let change = change.map_err(|error| error.under("/patch"))?;
    publish::carry_out(&app, &caller, *id, Wish { change, to, step }, |version| {
        expected.holds(version)
    })
    .await?;
    let view = shown_now(&app, &caller, *id).await?;
    etag::show(&request, view.version, &view)
}

/// Make the renditions again
#[utoipa::path(
    tag = "materials",
    operation_id = "reprocess_material",
    params(("id" = Uuid, Path, description = "The material")),
    security(("bearer" = [])),
    responses(
        (status = 202, description = "It is queued", body = MaterialView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/materials/{id}/reprocess")]
pub async fn reprocess(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<MaterialId>,
) -> Result<HttpResponse> {
    crate::render::ask_again(&app, &caller, *id).await?;
    let view = shown_now(&app, &caller, *id).await?;
    Ok(HttpResponse::Accepted().json(view))
}
