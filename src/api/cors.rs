//! Pages of other origins (the Fetch standard, section 3.2): the origins that the settings name may call the API from a
//! browser, with a token in `Authorization` and never with cookies; all others are told nothing.

use actix_web::{
    Error as ActixError, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use crate::app::App;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, if-range, range, \
    tus-resumable, upload-checksum, upload-concat, upload-defer-length, upload-length, upload-metadata, upload-offset, \
    x-http-method-override";
const EXPOSED: &str = "accept-ranges, allow, content-disposition, content-range, etag, jarchi-material, location, \
    repr-digest, retry-after, tus-extension, tus-max-size, tus-resumable, tus-version, upload-concat, \
    upload-defer-length, upload-expires, upload-length, upload-offset, x-request-id";
/// How long a browser need not ask again, in seconds.
const MAX_AGE: &str = "600";

pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let known = is_known(&request, &origin);
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = if known && preflight {
        request.into_response(preflight_answer())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let headers = answer.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
    Ok(answer)
}

fn is_known(request: &ServiceRequest, origin: &HeaderValue) -> bool {
    let origins = request
        .app_data::<Data<App>>()
        .map_or(&[][..], |app| &app.config.cors_origins);
    origins
        .iter()
        .any(|known| known == "*" || known.as_bytes() == origin.as_bytes())
}

fn preflight_answer() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}
