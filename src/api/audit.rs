//! `/v1/audit`: who did what.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Bytes, Data, Json},
};
use futures_util::{TryStreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    auth::Editor,
    client,
    page::{Listing, Page, PageParams},
    problem::{self, Problem},
    query::Params,
    reference::AccountReference,
    time::time,
};
use crate::{
    access::Caller,
    app::App,
    error::{Error, Result},
    organise::audit::{self, AuditFilter, Deed},
};

/// Lines that are read at once.
const LINES: u64 = 500;

/// Something that somebody did, or was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeedView {
    /// Its id.
    pub id: Uuid,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was done, such as `sign_in`, `refused`, `download`, `published`.
    pub action: String,
    /// Who did it; null where nobody was known.
    #[schema(required = true)]
    pub account: Option<AccountReference>,
    /// The token that was used, where that is known.
    #[schema(required = true)]
    pub token: Option<Uuid>,
    /// What it was done to.
    #[schema(required = true)]
    pub thing: Option<ThingReference>,
    /// The address that it was done from, where that is known.
    #[schema(required = true)]
    pub address: Option<String>,
    /// More about it: the version and the fields of a change, the request that was refused.
    #[schema(value_type = Option<Object>, required = true)]
    pub detail: Option<Value>,
}

/// A thing of any sort.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThingReference {
    /// `material`, `kit`, `event`, `unit`, `account`, `token` or `link`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(export);
}

/// Who did what
///
/// Sign-ins (a token's first use from an address in 24 hours), refusals (401 and 403, one row an hour for the same),
/// changes, and downloads. For editors what concerns their units, for administrators all. The newest first.
#[utoipa::path(
    tag = "office",
    operation_id = "list_audit",
    params(AuditFilter, PageParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A page of deeds", body = Page<DeedView>),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/audit")]
async fn list(
    app: Data<App>,
    Editor(caller): Editor,
    listing: Listing<AuditFilter>,
) -> Result<Json<Page<DeedView>>> {
    let found = audit::list(
        app.db.read(),
        &caller,
        &listing.filter,
        listing.after()?,
        listing.rows(),
    )
    .await?;
    Ok(Json(listing.page(
        found,
        |deed| deed.row.id,
        DeedView::from,
    )?))
}

/// Export the audit
///
/// Everything that the filters leave, as JSON lines: one deed a line, as in the list, the newest first.
#[utoipa::path(
    tag = "office",
    operation_id = "export_audit",
    params(AuditFilter),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The deeds", body = String, content_type = "application/jsonl"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/v1/audit/export")]
async fn export(
    app: Data<App>,
    request: HttpRequest,
    Editor(caller): Editor,
    Params(filter): Params<AuditFilter>,
) -> Result<HttpResponse> {
    let id = client::request_id(&request);
    let first = lines(&app, &caller, &filter, None).await?;
    let pages = stream::try_unfold(Some(first), move |page| {
        let (app, caller, filter) = (app.clone(), caller.clone(), filter.clone());
        async move {
            let Some((text, last)) = page else {
                return Result::<_>::Ok(None);
            };
            let next = match last {
                Some(last) => Some(lines(&app, &caller, &filter, Some(last)).await?),
                None => None,
            };
            Ok(Some((Bytes::from(text), next)))
        }
    });
    // Once lines are on their way nobody else can say that they broke off.
    let pages = pages.inspect_err(move |error| problem::log(error, &id));
    Ok(HttpResponse::Ok()
        .content_type("application/jsonl")
        .streaming(Box::pin(pages)))
}

/// A page of lines, and the id that the next one begins after; none after the last.
async fn lines(
    app: &App,
    caller: &Caller,
    filter: &AuditFilter,
    after: Option<Uuid>,
) -> Result<(String, Option<Uuid>)> {
    let found = audit::list(app.db.read(), caller, filter, after, LINES).await?;
    let last = found.last().map(|deed| deed.row.id);
    let last = last.filter(|_| found.len() as u64 == LINES);
    let mut text = String::new();
    for deed in found {
        let line = serde_json::to_string(&DeedView::from(deed));
        text.push_str(&line.map_err(|error| Error::internal("the audit", error))?);
        text.push('\n');
    }
    Ok((text, last))
}

impl From<Deed> for DeedView {
    fn from(deed: Deed) -> Self {
        let Deed { row, account } = deed;
        Self {
            id: row.id,
            at: time(row.at),
            action: row.action,
            account: account.as_ref().map(AccountReference::from),
            token: row.token_id.map(|token| token.0),
            thing: row
                .thing
                .zip(row.thing_id)
                .map(|(kind, id)| ThingReference { kind, id }),
            address: row.address,
            detail: row.detail,
        }
    }
}
