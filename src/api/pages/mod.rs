//! Pages for people: what is open to everybody (`/`, `/kits/{id}`, `/materials/{id}`), and a kit behind a link
//! (`/k/{secret}`). They ignore parameters that they do not know, answer failures with pages, too, and tell nobody where
//! somebody came from. `portal` makes them; they are no part of the API, and not in its document.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Data, Path, PayloadConfig, ServiceConfig},
};

mod answer;
mod archive;
mod guest;
mod link;

pub use guest::Passed;

use crate::{
    access::Caller,
    app::App,
    bundle::Kept,
    error::{Code, Error},
    portal::{self, Door, Visit},
    terms::{KitId, MaterialId},
};
use answer::{Keeping, answered, asked, reader};

/// The longest form, in bytes: a password and what surrounds it.
const LONGEST_FORM: usize = 4096;

pub fn routes(config: &mut ServiceConfig) {
    let wrong = || web::to(async |request: HttpRequest| wrong_verb(&request));
    config
        .service(web::resource("/").get(kits).default_service(wrong()))
        .service(
            web::resource("/kits/{id}")
                .get(kit)
                .default_service(wrong()),
        )
        .service(
            web::resource("/kits/{id}/archive")
                .get(archive::open)
                .default_service(wrong()),
        )
        .service(
            web::resource("/materials/{id}")
                .get(material)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}")
                .app_data(PayloadConfig::new(LONGEST_FORM))
                .get(link::page)
                .post(link::unlock)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}/acknowledgement")
                .app_data(PayloadConfig::new(LONGEST_FORM))
                .post(link::acknowledge)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}/archive")
                .get(link::whole)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}/materials/{id}")
                .get(link::material)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}/materials/{id}/original")
                .get(link::original)
                .default_service(wrong()),
        )
        .service(
            web::resource("/k/{secret}/materials/{id}/renditions/{name}")
                .get(link::rendition)
                .default_service(wrong()),
        );
}

async fn kits(app: Data<App>, request: HttpRequest) -> HttpResponse {
    let reader = reader(&request, None);
    let caller = Caller::public();
    let visit = Visit {
        app: &app,
        caller: &caller,
        door: Door::Open,
        reader: &reader,
    };
    let after = asked(&request, "after").and_then(|id| id.parse().ok());
    let sought = asked(&request, "q");
    let page = portal::kits(visit, sought, after.map(KitId)).await;
    answered(&app, &request, &reader, page, Keeping::Open)
}

async fn kit(
    app: Data<App>,
    kept: Data<Kept>,
    id: Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let reader = reader(&request, None);
    let caller = Caller::public();
    let visit = Visit {
        app: &app,
        caller: &caller,
        door: Door::Open,
        reader: &reader,
    };
    let page = match id.parse() {
        Ok(id) => {
            let page = portal::kit(visit, &kept, KitId(id), number(&request)).await;
            if page.is_ok() {
                app.ledger.viewed(KitId(id), None);
            }
            page
        }
        Err(_) => Err(Error::not_found()),
    };
    answered(&app, &request, &reader, page, Keeping::Open)
}

async fn material(app: Data<App>, id: Path<String>, request: HttpRequest) -> HttpResponse {
    let reader = reader(&request, None);
    let caller = Caller::public();
    let visit = Visit {
        app: &app,
        caller: &caller,
        door: Door::Open,
        reader: &reader,
    };
    let page = match id.parse() {
        Ok(id) => portal::material(visit, MaterialId(id)).await,
        Err(_) => Err(Error::not_found()),
    };
    answered(&app, &request, &reader, page, Keeping::Open)
}

/// Which page of several; the first where nothing sensible is said.
fn number(request: &HttpRequest) -> usize {
    let said = asked(request, "page").and_then(|number| number.parse().ok());
    said.unwrap_or(1)
}

fn wrong_verb(request: &HttpRequest) -> HttpResponse {
    let allowed = match request.match_pattern().as_deref() {
        Some("/k/{secret}") => "GET, HEAD, POST",
        Some("/k/{secret}/acknowledgement") => "POST",
        _ => "GET, HEAD",
    };
    let words = format!(
        "{} is not among the verbs here: {allowed}.",
        request.method()
    );
    let mut response = HttpResponse::from_error(Error::refused(Code::MethodNotAllowed, words));
    let value = header::HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, value);
    response
}
