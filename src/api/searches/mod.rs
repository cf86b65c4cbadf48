//! `/v1/searches`: searches that somebody keeps, and the feed of what each finds.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post,
    web::{Data, Json, Path},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::Created,
    auth::Signed,
    etag::{self, IfMatch},
    idempotency::once,
    json::Body,
    materials::Asked,
    page::{Listing, Page, PageParams},
    problem::Problem,
    query,
    time::time,
    units::NoFilter,
};
use crate::{
    access::Caller,
    app::App,
    db::saved_searches::Model,
    error::{Code, Error, Result},
    index::Search,
    language::{Language, Texts},
    organise::searches::{self, SearchInput},
    terms::SearchId,
};

mod atom;
mod feed;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(one)
        .service(change)
        .service(remove)
        .service(feed::feed);
}

/// A search that somebody keeps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SearchView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: SearchId,
    /// Counts what its owner changes.
    pub version: i32,
    /// What it is called, in each language.
    pub name: Texts,
    /// The parameters of `GET /v1/materials`.
    pub query: String,
    /// Where what it finds is listed.
    pub url: String,
    /// Where a feed reader follows it (Atom, RFC 4287). Without a token the feed shows what is public to whoever knows its
    /// address; with its owner's token what the owner may see.
    pub feed_url: String,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its owner changed it last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl SearchView {
    fn of(row: Model, app: &App) -> Self {
        let base = app.config.public_url.as_deref().unwrap_or_default();
        Self {
            id: row.id,
            version: row.version,
            url: listed_at(base, &row.query),
            feed_url: format!("{base}/v1/searches/{}/feed", row.id),
            name: row.name,
            query: row.query,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}

/// Where the search is answered.
fn listed_at(base: &str, query: &str) -> String {
    format!("{base}/v1/materials?{query}")
}

/// What the query asks for, with as many items, and the languages in which it wants them.
///
/// # Errors
/// As the search itself says.
fn search(
    app: &App,
    caller: &Caller,
    query: &str,
    limit: usize,
) -> Result<(Search, Vec<Language>)> {
    let asked: Asked = query::read(&query::pairs(query)?)?;
    let languages = asked.languages()?;
    let search = asked.search(caller, &app.config.time_zone, limit, None)?;
    Ok((search, languages))
}

/// A query that could not be asked is not kept.
fn can_be_asked(app: &App, caller: &Caller, query: &str) -> Result<()> {
    match search(app, caller, query, 1) {
        Err(Error::Refused(refusal)) if refusal.code == Code::BadRequest => {
            Err(Error::invalid("/query", refusal.detail))
        }
        other => other.map(|_| ()),
    }
}

/// The searches that the caller keeps
///
/// The newest first.
#[utoipa::path(
    tag = "searches",
    operation_id = "list_searches",
    params(PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of searches", body = Page<SearchView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/searches")]
async fn list(
    app: Data<App>,
    Signed(caller): Signed,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<SearchView>>> {
    let rows = searches::list(app.db.read(), &caller, listing.after()?, listing.rows()).await?;
    let view = |row| SearchView::of(row, &app);
    Ok(Json(listing.page(rows, |row| row.id, view)?))
}

/// Keep a search
///
/// It is the account's own, and held against what a search takes.
#[utoipa::path(
    tag = "searches",
    operation_id = "save_search",
    request_body = SearchInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the same request again")),
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The search", body = SearchView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[post("/v1/searches")]
async fn create(
    app: Data<App>,
    Signed(caller): Signed,
    request: HttpRequest,
    body: Body<SearchInput>,
) -> Result<HttpResponse> {
    let input = body.value;
    can_be_asked(&app, &caller, &input.query)?;
    once(&app, &caller, &request, &body.sent, async |tx| {
        let row = searches::create(tx, &caller, input).await?;
        Created::versioned(
            format!("/v1/searches/{}", row.id),
            row.version,
            &SearchView::of(row, &app),
        )
    })
    .await
}

/// One search
#[utoipa::path(
    tag = "searches",
    operation_id = "get_search",
    params(("id" = Uuid, Path, description = "The search")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The search", body = SearchView),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "The caller keeps no such search", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/searches/{id}")]
async fn one(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<SearchId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let row = searches::one(app.db.read(), &caller, *id).await?;
    etag::show(&request, row.version, &SearchView::of(row, &app))
}

/// Change a search
///
/// A JSON merge patch (RFC 7396) over what `POST` takes.
#[utoipa::path(
    tag = "searches",
    operation_id = "update_search",
    request_body(content = SearchInput, content_type = "application/merge-patch+json", description = "What is to change"),
    params(
        ("id" = Uuid, Path, description = "The search"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made for, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The search as it is now", body = SearchView),
        (status = 412, description = "It has changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[patch("/v1/searches/{id}")]
async fn change(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<SearchId>,
    IfMatch(expected): IfMatch,
    request: HttpRequest,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    let fits = |version| expected.holds(version);
    let (row, after) = searches::patched(&tx, &caller, *id, fits, &body.sent).await?;
    can_be_asked(&app, &caller, &after.query)?;
    let row = searches::update(&tx, row, after).await?;
    app.commit(tx).await?;
    etag::show(&request, row.version, &SearchView::of(row, &app))
}

/// Forget a search
///
/// Its feed ends with it.
#[utoipa::path(
    tag = "searches",
    operation_id = "delete_search",
    params(
        ("id" = Uuid, Path, description = "The search"),
        ("If-Match" = Option<String>, Header, description = "The version that is meant, such as `\"v3\"`"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[delete("/v1/searches/{id}")]
async fn remove(
    app: Data<App>,
    Signed(caller): Signed,
    id: Path<SearchId>,
    IfMatch(expected): IfMatch,
) -> Result<HttpResponse> {
    let tx = app.db.begin().await?;
    searches::delete(&tx, &caller, *id, |version| expected.holds(version)).await?;
    app.commit(tx).await?;
    Ok(HttpResponse::NoContent().finish())
}
