//! More like a material: by words in whichever script, and photos by their looks, too.

use std::sync::Arc;

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{asked::languages, showing_page, view::MaterialView};
use crate::{
    api::{
        auth::Anyone,
        page::{Listing, Page, PageParams},
        problem::Problem,
    },
    app::App,
    db::records::Record,
    describe,
    error::Result,
    index::Alike,
    search,
    terms::MaterialId,
};

/// Why a material is like another one.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LikenessView {
    /// From 0 to 1: how much of what the other one says, by the words that tell the most of it, stands in this one, too.
    pub words: f64,
    /// From 0 to 1: how alike the two photos look; 1 for the same picture. There where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<f64>,
}

impl From<Alike> for LikenessView {
    fn from(alike: Alike) -> Self {
        let share = |thousandths: u32| f64::from(thousandths) / 1000.0;
        Self {
            words: share(alike.words),
            looks: alike.looks.map(share),
        }
    }
}

/// How the materials are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Languages in the order of preference, between commas: adds `localized`.
    lang: Option<String>,
}

/// More like a material
///
/// Those that the caller may see, the most alike first. Each says why in its `likeness`: the sum of its members is the
/// order.
#[utoipa::path(
    tag = "materials",
    operation_id = "find_similar_materials",
    params(("id" = Uuid, Path, description = "The material that the others are like"), Wanted, PageParams),
    responses(
        (status = 200, description = "A page of what is alike", body = Page<MaterialView>),
        (status = 404, description = "There is none that the caller may know of", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was withdrawn; with `notice` and `replaced_by`", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/materials/{id}/similar")]
pub async fn similar(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<MaterialId>,
    listing: Listing<Wanted>,
) -> Result<Json<Page<MaterialView>>> {
    let languages = languages(listing.filter.lang.as_deref())?;
    let (after, limit) = (listing.after()?, listing.size());
    let record = describe::read(app.db.read(), &caller, *id).await?;
    let (found, next) = search::alike(&app, &caller, record, limit, after).await?;
    let (records, why): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let showing = showing_page(&app, &caller, &records, languages).await?;
    let view = |(record, alike): (Arc<Record>, Alike)| MaterialView {
        likeness: Some(alike.into()),
        ..showing.view(&record)
    };
    Ok(Json(Page {
        items: records.into_iter().zip(why).map(view).collect(),
        next_cursor: next.map(|next| listing.cursor(&next)).transpose()?,
    }))
}
