//! What is behind a link: the kit's page, its archive, and the bytes of what lies in it. Each request asks anew whether
//! the link holds.

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::{Bytes, Data, Path},
};

use super::{
    answer::{
        Keeping, answered, asked, discreet, explained, failed, may_be_tried_again, reader,
        reads_pages, shown,
    },
    archive,
    guest::{self, Entry, Guest, Passed},
    number,
};
use crate::{
    access,
    announce::notices,
    api::{
        materials::bytes::{self, Download, Wanted},
        page::Seal,
        query,
    },
    app::App,
    bundle::Kept,
    db::{self, links},
    deliver,
    error::{Code, Error, Result},
    language::Language,
    portal::{self, Door, Visit},
    terms::MaterialId,
};

const FORM: &str = "Form realm=\"kit\"";
const BASIC: &str = "Basic realm=\"kit\", charset=\"UTF-8\"";

/// The kit's page, or the form that asks for the password.
pub async fn page(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    kept: Data<Kept>,
    secret: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    match guest::enter(&app, &seal, &passed, &request, &secret).await {
        Ok(Entry::Open(guest)) => {
            let reader = reader(&request, speaks(&guest.link));
            let visit = Visit {
                app: &app,
                caller: &guest.caller,
                door: Door::Link(&secret),
                reader: &reader,
            };
            let page = Box::pin(portal::kit(
                visit,
                &kept,
                guest.link.kit_id,
                number(&request),
            ))
            .await;
            if page.is_ok() {
                app.ledger.viewed(guest.link.kit_id, Some(guest.link.id));
                count(&app, &guest).await;
            }
            answered(&app, &request, &reader, page, Keeping::Closed)
        }
        Ok(Entry::Asks { link, wrong }) => asks(&app, &request, &link, wrong, None),
        Err(error) => refused(&app, &request, error),
    }
}

/// The password, from the form: the cookie, and back to the page.
pub async fn unlock(
    app: Data<App>,
    seal: Data<Seal>,
    secret: Path<String>,
    request: HttpRequest,
    body: Result<Bytes, ActixError>,
) -> HttpResponse {
    let link = match access::by_link(&app.db, &secret, db::now()).await {
        Ok((link, _)) => link,
        Err(error) => return refused(&app, &request, error),
    };
    let Ok(password) = body.map_err(|_| ()).map(|body| password(&body)) else {
        let words = "This is longer than any password.";
        return refused(&app, &request, Error::refused(Code::TooLarge, words));
    };
    match guest::right(&app, &request, &link, &password).await {
        Ok(true) => back(&app, &seal, &request, &link, &secret)
            .unwrap_or_else(|error| refused(&app, &request, error)),
        Ok(false) => asks(&app, &request, &link, true, None),
        Err(error) if may_be_tried_again(&error) => {
            asks(&app, &request, &link, false, Some(&error))
        }
        Err(error) => refused(&app, &request, error),
    }
}

/// What was taken back or corrected is known here: the editor sees that, and back to the page.
pub async fn acknowledge(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    secret: Path<String>,
    request: HttpRequest,
    body: Result<Bytes, ActixError>,
) -> HttpResponse {
    behind(&app, &seal, &passed, &request, &secret, async |guest| {
        let body = body.map_err(|_| {
            let words = "This is longer than any such form.";
            Error::refused(Code::TooLarge, words)
        })?;
        let read = fields(&body, "notice");
        let read = read.iter().filter_map(|id| id.parse().ok()).collect();
        notices::acknowledge_by_link(&app, &guest.caller, read).await?;
        let answer = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, page_of(&request, &secret)))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .finish();
        Ok(answer)
    })
    .await
}

/// The archive.
pub async fn whole(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    kept: Data<Kept>,
    secret: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    behind(&app, &seal, &passed, &request, &secret, async |guest| {
        let kit = guest.link.kit_id;
        let answer = archive::given(&app, &kept, &guest.caller, kit, &request).await?;
        if answer.status() == StatusCode::OK {
            count(&app, guest).await;
        }
        Ok(answer)
    })
    .await
}

/// The page of what lies in the kit.
pub async fn material(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> HttpResponse {
    let (secret, id) = path.into_inner();
    behind(&app, &seal, &passed, &request, &secret, async |guest| {
        let id = MaterialId(id.parse().map_err(|_| Error::not_found())?);
        let reader = reader(&request, speaks(&guest.link));
        let visit = Visit {
            app: &app,
            caller: &guest.caller,
            door: Door::Link(&secret),
            reader: &reader,
        };
        let page = Box::pin(portal::material(visit, id)).await?;
        Ok(shown(&app, &request, page, StatusCode::OK, Keeping::Closed))
    })
    .await
}

/// An original.
pub async fn original(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> HttpResponse {
    let (secret, id) = path.into_inner();
    behind(&app, &seal, &passed, &request, &secret, async |guest| {
        let id = MaterialId(id.parse().map_err(|_| Error::not_found())?);
        let delivery = deliver::original(&app, &guest.caller, id).await?;
        bytes::answer(&app, &guest.caller, delivery, &wanted(&request), &request).await
    })
    .await
}

/// A rendition.
pub async fn rendition(
    app: Data<App>,
    seal: Data<Seal>,
    passed: Data<Passed>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
) -> HttpResponse {
    let (secret, id, name) = path.into_inner();
    behind(&app, &seal, &passed, &request, &secret, async |guest| {
        let id = MaterialId(id.parse().map_err(|_| Error::not_found())?);
        let delivery = deliver::rendition(&app, &guest.caller, id, &name).await?;
        bytes::answer(&app, &guest.caller, delivery, &wanted(&request), &request).await
    })
    .await
}

/// Bytes for whom the link lets in; failures as pages for who reads pages, and as problems for programs.
async fn behind(
    app: &App,
    seal: &Seal,
    passed: &Data<Passed>,
    request: &HttpRequest,
    secret: &str,
    bytes: impl AsyncFnOnce(&Guest) -> Result<HttpResponse>,
) -> HttpResponse {
    let answer = match guest::enter(app, seal, passed, request, secret).await {
        Ok(Entry::Open(guest)) => bytes(&guest).await,
        Ok(Entry::Asks { link, wrong }) => return asks(app, request, &link, wrong, None),
        Err(error) => Err(error),
    };
    match answer {
        Ok(mut answer) => {
            discreet(&mut answer, Keeping::Closed);
            answer
        }
        Err(error) if reads_pages(request) => refused(app, request, error),
        Err(error) => {
            let mut answer = HttpResponse::from_error(error);
            discreet(&mut answer, Keeping::Closed);
            answer
        }
    }
}

/// The form. A browser is asked by it, a program by HTTP Basic.
fn asks(
    app: &App,
    request: &HttpRequest,
    link: &links::Model,
    wrong: bool,
    fault: Option<&Error>,
) -> HttpResponse {
    let mut reader = reader(request, speaks(link));
    // Wherever somebody stands behind the link, the form leads to its page.
    let secret = request.match_info().get("secret").unwrap_or_default();
    reader.path = format!("/k/{secret}");
    let page = match portal::password(&reader, fault, wrong) {
        Ok(page) => page,
        Err(error) => return HttpResponse::from_error(error),
    };
    let unknown = StatusCode::UNAUTHORIZED;
    let status = fault.map_or(unknown, ResponseError::status_code);
    let mut answer = shown(app, request, page, status, Keeping::Closed);
    if let Some(error) = fault {
        explained(&mut answer, request, error);
    } else {
        let challenge = if reads_pages(request) { FORM } else { BASIC };
        let challenge = HeaderValue::from_static(challenge);
        let headers = answer.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

fn refused(app: &App, request: &HttpRequest, error: Error) -> HttpResponse {
    let reader = reader(request, None);
    failed(app, request, &reader, error, Keeping::Closed)
}

/// 303 to the page, which is then asked for with the cookie.
fn back(
    app: &App,
    seal: &Seal,
    request: &HttpRequest,
    link: &links::Model,
    secret: &str,
) -> Result<HttpResponse> {
    let mut answer = HttpResponse::SeeOther()
        .insert_header((header::LOCATION, page_of(request, secret)))
        .insert_header((header::SET_COOKIE, guest::cookie(app, seal, link, secret)?))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .finish();
    discreet(&mut answer, Keeping::Closed);
    Ok(answer)
}

/// In the language that was asked for.
fn page_of(request: &HttpRequest, secret: &str) -> String {
    let language = reader(request, None).asked;
    let query = language.map_or_else(String::new, |tongue| format!("?lang={}", tongue.tag()));
    format!("/k/{secret}{query}")
}

fn password(body: &[u8]) -> String {
    let mut given = fields(body, "password").into_iter();
    given.next().unwrap_or_default()
}

/// The values of a field of the form (`application/x-www-form-urlencoded`).
fn fields(body: &[u8], name: &str) -> Vec<String> {
    let body = std::str::from_utf8(body).unwrap_or_default();
    let pairs = query::pairs(body).unwrap_or_default();
    let own = pairs.into_iter().filter(|(known, _)| known == name);
    own.map(|(_, value)| value).collect()
}

/// Counting is for the staff: nobody is kept from a page by it.
async fn count(app: &App, guest: &Guest) {
    if let Err(error) = links::used(&app.db, guest.link.id).await {
        tracing::error!(%error, link = %guest.link.id, "a use of a link was not counted");
    }
}

fn wanted(request: &HttpRequest) -> Wanted {
    let keeps = asked(request, "download").as_deref() == Some("1");
    Wanted {
        download: keeps.then_some(Download::Keep),
        version: asked(request, "version"),
    }
}

fn speaks(link: &links::Model) -> Option<Language> {
    link.recipient.as_ref()?.language.clone()
}
