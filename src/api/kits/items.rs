//! What lies in a kit: put in, taken out. Their order and notes are changed with the kit itself.

use actix_web::{
    HttpRequest, HttpResponse, delete, post,
    web::{Data, Path},
};

use super::view::{KitView, shown};
use crate::{
    api::{
        auth::Editor,
        etag::{self, IfMatch},
        json::Body,
        problem::Problem,
    },
    app::App,
    bundle::{self, AddInput, Kept},
    error::Result,
    terms::{KitId, MaterialId},
};

/// Put materials into a kit
///
/// For editors. A kit holds 50,000 materials at most.
#[utoipa::path(
    tag = "kits",
    operation_id = "add_kit_items",
    request_body = AddInput,
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The kit as it is now", body = KitView),
        (status = 422, description = "A material is unknown, withdrawn, named twice or there already", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/kits/{id}/items")]
pub async fn add(
    app: Data<App>,
    kept: Data<Kept>,
    Editor(caller): Editor,
    id: Path<KitId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<AddInput>,
) -> Result<HttpResponse> {
    bundle::add(
        &app,
        &caller,
        *id,
        |version| expected.holds(version),
        body.value,
    )
    .await?;
    let view = shown(&app, &kept, &caller, *id).await?;
    etag::show(&request, view.summary.version, &view)
}

/// Take a material out of a kit
///
/// For editors. The material itself stays as it is.
#[utoipa::path(
    tag = "kits",
    operation_id = "remove_kit_item",
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("material" = Uuid, Path, description = "The material"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is not in the kit any more"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/kits/{id}/items/{material}")]
pub async fn remove(
    app: Data<App>,
    Editor(caller): Editor,
    path: Path<(KitId, MaterialId)>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse> {
    let (id, material) = path.into_inner();
    bundle::remove(
        &app,
        &caller,
        id,
        |version| expected.holds(version),
        material,
    )
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
