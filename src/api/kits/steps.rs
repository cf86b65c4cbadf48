//! A kit on its way to its readers: what would be missing, and the steps of review, publication and withdrawal.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{KitView, MaterialReference, shown};
use crate::{
    api::{
        auth::{Editor, Staff},
        etag::{self, IfMatch},
        json::Body,
        page::{Listing, Page, PageParams},
        problem::Problem,
    },
    app::App,
    bundle::{self, Kept, KitTransitionInput, Missing, Why},
    error::Result,
    terms::KitId,
};

/// An item that readers would not have.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingView {
    /// The material.
    pub material: MaterialReference,
    /// Everything that stands in the way.
    pub reasons: Vec<Why>,
}

/// Whose view is asked about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct ReadinessFilter {
    /// An audience; each of the kit's own where none is named.
    audience: Option<String>,
}

/// What would be missing in a kit, and why
///
/// For staff of its unit.
#[utoipa::path(
    tag = "kits",
    operation_id = "get_kit_readiness",
    params(("id" = Uuid, Path, description = "The kit"), ReadinessFilter, PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The items that readers would not have", body = Page<MissingView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/kits/{id}/readiness")]
pub async fn readiness(
    app: Data<App>,
    Staff(caller): Staff,
    id: Path<KitId>,
    listing: Listing<ReadinessFilter>,
) -> Result<Json<Page<MissingView>>> {
    let after: Option<usize> = listing.after()?;
    let kit = bundle::one(app.db.read(), &caller, *id).await?;
    let audience = listing.filter.audience.clone();
    let missing = bundle::readiness(app.db.read(), &caller, &kit, audience).await?;
    let rows = usize::try_from(listing.rows()).unwrap_or(usize::MAX);
    let left = (1..).zip(missing).skip(after.unwrap_or(0)).take(rows);
    let view = |(_, missing)| MissingView::from(missing);
    Ok(Json(listing.page(
        left.collect(),
        |(place, _): &(usize, Missing)| *place,
        view,
    )?))
}

/// Take a step with a kit
///
/// Draft → in review → published → withdrawn → draft, and in review → draft; to where it stands nothing changes. With
/// `"items": "publish"` the drafts in it are published in the same step, with the kit's audiences and embargo. For
/// editors.
#[utoipa::path(
    tag = "kits",
    operation_id = "step_kit",
    request_body = KitTransitionInput,
    params(
        ("id" = Uuid, Path, description = "The kit"),
        ("If-Match" = Option<String>, Header, description = "The version that the step is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The kit as it is now", body = KitView),
        (status = 409, description = "No such step from here (`allowed` names those that are), or drafts that cannot be published (`items` lists them)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nobody could see it, or a field is at fault", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/kits/{id}/transitions")]
pub async fn transition(
    app: Data<App>,
    kept: Data<Kept>,
    Editor(caller): Editor,
    id: Path<KitId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<KitTransitionInput>,
) -> Result<HttpResponse> {
    bundle::transition(
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

impl From<Missing> for MissingView {
    fn from(missing: Missing) -> Self {
        Self {
            material: MaterialReference::of(&missing.item),
            reasons: missing.why,
        }
    }
}
