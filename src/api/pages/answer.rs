//! Pages as answers: their language, who may keep them, what a browser may do with them, and failures in the same style.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use crate::{
    api::{client, etag::joined, problem, query},
    app::App,
    deliver::conditions::if_none_match,
    error::{Code, Error, Result},
    language::Language,
    portal::{self, Page, Reader, Tongue},
};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Everybody, as long as they ask whether it still holds.
    Open,
    /// Nobody: it stands behind a link.
    Closed,
}

/// For whom a page is made; `known` is what is known of the reader's language beside what the request says.
pub fn reader(request: &HttpRequest, known: Option<Language>) -> Reader {
    let accepted = joined(request, &header::ACCEPT_LANGUAGE);
    Reader {
        asked: Tongue::chosen(asked(request, "lang").as_deref(), None),
        accepted: Tongue::chosen(None, accepted.as_deref()),
        known,
        path: request.path().to_owned(),
    }
}

/// A parameter of the address, where it is there; what is not UTF-8 is not.
pub fn asked(request: &HttpRequest, name: &str) -> Option<String> {
    let pairs = query::pairs(request.query_string()).ok()?;
    let found = pairs.into_iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

/// Whether the client shows pages to somebody.
pub fn reads_pages(request: &HttpRequest) -> bool {
    joined(request, &header::ACCEPT).is_some_and(|accepted| accepted.contains("text/html"))
}

/// The page, or another that says why there is none.
pub fn answered(
    app: &App,
    request: &HttpRequest,
    reader: &Reader,
    page: Result<Page>,
    keeping: Keeping,
) -> HttpResponse {
    match page {
        Ok(page) => shown(app, request, page, StatusCode::OK, keeping),
        Err(error) => failed(app, request, reader, error, keeping),
    }
}

/// A page with its status.
pub fn shown(
    app: &App,
    request: &HttpRequest,
    page: Page,
    status: StatusCode,
    keeping: Keeping,
) -> HttpResponse {
    let is_open = keeping == Keeping::Open;
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&page.html)[..16]));
    let has_it = is_open && status == StatusCode::OK && {
        let condition = joined(request, &header::IF_NONE_MATCH);
        !if_none_match(condition.as_deref(), Some(&etag))
    };
    let status = if has_it {
        StatusCode::NOT_MODIFIED
    } else {
        status
    };
    let mut response = HttpResponse::build(status);
    if is_open && (has_it || status == StatusCode::OK) {
        response.insert_header((header::ETAG, etag));
    }
    let mut response = if has_it {
        response.finish()
    } else {
        response
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_LANGUAGE, page.tongue.tag()))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy(app)))
            .body(page.html)
    };
    let (cache, vary) = if is_open {
        ("no-cache", "Accept-Language")
    } else {
        (
            "private, no-store",
            "Accept-Language, Cookie, Authorization",
        )
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    discreet(&mut response, keeping);
    response
}

/// Whoever is sent on learns of no address here; and what stands behind a link is in no search engine.
pub fn discreet(response: &mut HttpResponse, keeping: Keeping) {
    let headers = response.headers_mut();
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if keeping == Keeping::Closed {
        headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    }
}

/// A page that says what went wrong, with the status and the headers that the API gives it.
pub fn failed(
    app: &App,
    request: &HttpRequest,
    reader: &Reader,
    error: Error,
    keeping: Keeping,
) -> HttpResponse {
    let things = request.path().split('/').nth(1);
    let things = things.filter(|things| matches!(*things, "kits" | "materials"));
    let Ok(page) = portal::failure(reader, &error, things) else {
        return HttpResponse::from_error(error);
    };
    let mut response = shown(app, request, page, error.status_code(), keeping);
    explained(&mut response, request, &error);
    response
}

/// What is ours is logged, and when to come back is said, as the API does it.
pub fn explained(response: &mut HttpResponse, request: &HttpRequest, error: &Error) {
    let id = client::request_id(request);
    problem::log(error, &id);
    let told = problem::answer(error, &id);
    if let Some(seconds) = told.headers().get(header::RETRY_AFTER) {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.clone());
    }
}

/// Too many attempts, or too many at once: what a form can say beside itself.
pub fn may_be_tried_again(error: &Error) -> bool {
    matches!(error.code(), Some(Code::TooManyRequests | Code::Busy))
}

/// Nothing runs, nothing is fetched from elsewhere, nothing frames the page. Where the office has public bytes read from
/// the store itself, pictures come from there.
fn policy(app: &App) -> String {
    let media = if app.config.storage_redirects {
        "'self' https: http:"
    } else {
        "'self'"
    };
    let style = portal::style_source();
    format!(
        "default-src 'none'; style-src {style}; img-src {media}; media-src {media}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}
