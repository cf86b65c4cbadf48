//! `/v1/searches/{id}/feed`: what a kept search finds, the newest first, for whoever reads the feed.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header},
    web::{Data, Path},
};
use sha2::{Digest, Sha256};

use super::{atom, listed_at, search};
use crate::{
    api::{
        auth::Anyone, etag::joined, materials::showing_page, problem::Problem, query::Params,
        time::time, units::NoFilter,
    },
    app::App,
    deliver::conditions::if_none_match,
    error::Result,
    index::{Search, Sort},
    organise::searches,
    search::find,
    terms::SearchId,
};

/// How many a feed shows.
const ENTRIES: usize = 50;

/// What a kept search finds, as a feed
///
/// Atom (RFC 4287), the newest first. Without a token: what is public. With the token of its owner: what the owner may see.
#[utoipa::path(
    tag = "searches",
    operation_id = "get_search_feed",
    params(("id" = Uuid, Path, description = "The search")),
    responses(
        (status = 200, description = "The feed", body = String, content_type = "application/atom+xml"),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is no such search, or it is another account's", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/searches/{id}/feed")]
pub async fn feed(
    app: Data<App>,
    Anyone(caller): Anyone,
    id: Path<SearchId>,
    _query: Params<NoFilter>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let saved = searches::followed(app.db.read(), &caller, *id).await?;
    let (search, languages) = search(&app, &caller, &saved.query, ENTRIES)?;
    let newest = Search {
        sort: Sort::Newest,
        facets: Vec::new(),
        highlight: false,
        ..search
    };
    let found = find(&app, &caller, newest).await?;
    let (records, _): (Vec<_>, Vec<_>) = found.items.into_iter().unzip();
    let showing = showing_page(&app, &caller, &records, languages.clone()).await?;
    let base = app.config.public_url.as_deref().unwrap_or_default();
    let document = atom::document(&atom::Feed {
        id: saved.id.0,
        title: saved.name,
        updated: time(saved.updated_at),
        own_url: format!("{base}/v1/searches/{}/feed", saved.id),
        list_url: listed_at(base, &saved.query),
        base,
        languages: &languages,
        entries: records.iter().map(|record| showing.view(record)).collect(),
    })?;
    Ok(answer(&request, document, caller.account.is_none()))
}

fn answer(request: &HttpRequest, document: Vec<u8>, public: bool) -> HttpResponse {
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&document)[..16]));
    let condition = joined(request, &header::IF_NONE_MATCH);
    let is_new = if_none_match(condition.as_deref(), Some(&etag));
    let mut response = HttpResponse::build(if is_new {
        StatusCode::OK
    } else {
        StatusCode::NOT_MODIFIED
    });
    let cache = if public {
        "no-cache"
    } else {
        "private, no-cache"
    };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Authorization"));
    if !is_new {
        return response.finish();
    }
    response
        .content_type("application/atom+xml; charset=utf-8")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(document)
}
