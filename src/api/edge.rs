//! What happens to every request and every answer, outside of all handlers: the request gets its name, HEAD is asked as
//! GET and answered without its body, whatever failed becomes a problem document, and one line in the log, a count and
//! a refusal in the audit are written.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use actix_web::{
    Error as ActixError, HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use bytes::Bytes;

use super::{
    auth::Known,
    client::{self, RequestId},
    problem, uploads,
};
use crate::{app::App, error::Error, organise::audit};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the compressor and the framework say of a body that is replaced.
const OF_THE_BODY: [HeaderName; 4] = [
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::VARY,
];

/// The outermost middleware.
pub async fn attend(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let started = Instant::now();
    let RequestId(id) = client::recognise(&request);
    uploads::override_method(&mut request);
    let method = request.method().clone();
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
        client::mark_headless(&request);
    }
    let answer = next.call(request).await?.map_into_boxed_body();
    let mut answer = explained(answer, &id);
    uploads::sign(&mut answer);
    finish_headers(&mut answer, &id);
    refused(&answer, &method).await;
    account_for(&answer, &method, &id, started);
    Ok(if method == Method::HEAD {
        answer.map_body(|_, body| headless(&body))
    } else {
        answer
    })
}

/// Failures as problem documents that name the request.
fn explained(answer: ServiceResponse, id: &str) -> ServiceResponse {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer;
    }
    let foreign;
    let error = match answer.response().error() {
        Some(error) => {
            foreign = problem::foreign(error);
            error.as_error::<Error>().unwrap_or(&foreign)
        }
        None if is_written(&answer) => return answer,
        None => {
            foreign = problem::of_status(status, status.canonical_reason().unwrap_or("It failed."));
            &foreign
        }
    };
    problem::log(error, id);
    let mut told = problem::answer(error, id);
    for (name, value) in answer.headers() {
        // What a handler or the framework said beside the body stays, such as Allow.
        if !told.headers().contains_key(name) && !OF_THE_BODY.contains(name) {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    let (request, _) = answer.into_parts();
    ServiceResponse::new(request, told)
}

/// A page or a problem that a handler wrote itself.
fn is_written(answer: &ServiceResponse) -> bool {
    let content_type = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| !value.starts_with("text/plain"))
}

fn finish_headers(answer: &mut ServiceResponse, id: &str) {
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        // A proxy that compresses makes an entity tag a weak one, and `If-Match` takes none of those (RFC 9110 section
        // 13.1.1; RFC 9111 section 5.2.2.6 forbids it to).
        let cache = if headers.contains_key(header::ETAG) {
            "private, no-cache, no-transform"
        } else {
            "private, no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    }
    // `identity` only kept the compressor away (RFC 9110 section 8.4.1 reserves the word).
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| value == "identity")
    {
        headers.remove(header::CONTENT_ENCODING);
    }
}

/// A refusal goes into the audit, once an hour for each who is refused the same.
async fn refused(answer: &ServiceResponse, method: &Method) {
    if !matches!(
        answer.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return;
    }
    let request = answer.request();
    let Some(app) = request.app_data::<Data<App>>() else {
        return;
    };
    let known = request.extensions().get::<Known>().copied();
    let refusal = audit::Refused {
        account: known.and_then(|known| known.account),
        token: known.and_then(|known| known.token),
        address: client::address(request),
        what: format!("{method} {}", request.match_pattern().unwrap_or_default()),
        status: answer.status().as_u16(),
    };
    if let Err(error) = audit::refused(&app.db, refusal).await {
        tracing::error!(%error, "a refusal is missing in the audit");
    }
}

/// One line and one count; by the route's pattern, so that ids make no series of their own.
fn account_for(answer: &ServiceResponse, method: &Method, id: &str, started: Instant) {
    let request = answer.request();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let account = request
        .extensions()
        .get::<Known>()
        .and_then(|known| known.account);
    let status = answer.status().as_u16();
    let took = started.elapsed();
    tracing::info!(
        request_id = id,
        %method,
        route,
        status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        account = account.map(tracing::field::display),
        "answered"
    );
    super::metrics::count(method, route, status, took);
}

/// The body of an answer to HEAD: the size that GET would have, and no byte.
struct Headless(BodySize);

fn headless(body: &BoxBody) -> BoxBody {
    BoxBody::new(Headless(body.size()))
}

impl MessageBody for Headless {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
