//! HTTP: the one door to actix-web and utoipa. The router is the specification: what is registered in `routes` is
//! served and documented in one, and there is no other list. Handlers extract, make one call and shape its answer; what
//! holds for all of them happens in `edge`.

use std::{net::TcpListener, os::unix::net::UnixListener, time::Duration};

use actix_web::{
    HttpServer,
    dev::Server,
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use tokio::sync::watch;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt, UtoipaApp, service_config::ServiceConfig};

use crate::{
    access::Callers,
    app::App,
    bundle::Kept,
    deliver::Lately,
    error::{Error, Result},
    organise::audit::SignIns,
};

use materials::progress::Stopping;

mod accounts;
mod answer;
mod audit;
mod auth;
mod bytes;
mod changes;
mod client;
mod cors;
mod docs;
mod edge;
mod etag;
mod events;
mod health;
mod idempotency;
mod json;
mod kits;
mod limits;
mod materials;
mod me;
mod metrics;
mod multipart;
mod notices;
mod page;
mod pages;
mod problem;
mod query;
mod reference;
mod routes;
mod searches;
mod specification;
mod time;
mod tokens;
mod under_way;
mod units;
mod uploads;
mod vocabularies;

/// How long a client may take to send the head of a request; bodies are watched piece by piece.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long what runs may go on when the server is told to stop.
const STOP_WITHIN: u64 = 25;
/// Handlers wait for the database and the disk; a few threads carry many of them, and each costs memory at rest.
const MOST_THREADS: usize = 4;

/// Every route, in the order of the document.
fn routes(config: &mut ServiceConfig) {
    config
        .configure(materials::routes)
        .configure(uploads::routes)
        .configure(searches::routes)
        .configure(kits::routes)
        .configure(changes::routes)
        .configure(notices::routes)
        .configure(events::routes)
        .configure(units::routes)
        .configure(vocabularies::routes)
        .configure(me::routes)
        .configure(tokens::routes)
        .configure(accounts::routes)
        .configure(audit::routes)
        .service(health::healthz)
        .service(health::readyz)
        .service(metrics::figures)
        .service(docs::document);
}

/// The routes and their shapes, as the router makes them.
pub fn openapi() -> OpenApi {
    let app: UtoipaApp<_> = actix_web::App::new().into_utoipa_app();
    let (_, document) = app
        .openapi(specification::frame())
        .configure(routes)
        .split_for_parts();
    document
}

/// The specification as it lies in the repository: JSON, indented, with a line's end.
pub fn openapi_json() -> Result<String> {
    let text = serde_json::to_string_pretty(&specification::finished(&openapi())?)
        .map_err(|error| Error::internal("the specification", error))?;
    Ok(text + "\n")
}

/// Serves the API to the public and, over the socket in the data folder, to commands, on the threads of actix-web, until
/// the server is told to stop. To be awaited in a runtime of tokio.
pub fn serve(
    app: App,
    public: Option<TcpListener>,
    commands: UnixListener,
    stop: watch::Receiver<bool>,
) -> Result<Server> {
    metrics::recorder()?;
    tokio::spawn(metrics::keep_up());
    let document = Data::new(docs::Document(openapi_json()?));
    let routes_known = Data::new(routes::Routes::of(&openapi()));
    let seal = Data::new(page::Seal::new(app.cursor_key.clone()));
    let sign_ins = Data::new(SignIns::default());
    let passed = Data::new(pages::Passed::default());
    let (callers, lately) = (Data::new(Callers::default()), Data::new(Lately::default()));
    let kept = Data::new(Kept::default());
    let stopping = Data::new(Stopping(stop));
    let app = Data::new(app);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(document.clone())
            .app_data(routes_known.clone())
            .app_data(seal.clone())
            .app_data(sign_ins.clone())
            .app_data(passed.clone())
            .app_data(callers.clone())
            .app_data(lately.clone())
            .app_data(kept.clone())
            .app_data(stopping.clone())
            .app_data(web::PathConfig::default().error_handler(|_, _| Error::not_found().into()))
            .into_utoipa_app()
            .configure(routes)
            .into_app()
            .service(docs::redirect)
            .service(docs::page())
            .configure(pages::routes)
            .default_service(web::to(routes::unknown))
            .wrap(from_fn(auth::recognise))
            .wrap(Compress::default())
            .wrap(from_fn(cors::share))
            .wrap(from_fn(edge::attend))
    });
    let server = server
        .workers(threads())
        .client_request_timeout(HEAD_WITHIN)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(STOP_WITHIN)
        .disable_signals()
        .listen_uds(commands)
        .map_err(|error| Error::unavailable("the socket in the data folder", error))?;
    let server = match public {
        Some(listener) => server
            .listen(listener)
            .map_err(|error| Error::unavailable("the listening address", error))?,
        None => server,
    };
    Ok(server.run())
}

fn threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    processors.min(MOST_THREADS)
}

/// Serves `/metrics` alone, for `JARCHI_METRICS_LISTEN`.
pub fn serve_metrics(app: App, listener: TcpListener) -> Result<Server> {
    metrics::recorder()?;
    let app = Data::new(app);
    let server = HttpServer::new(move || {
        let figures = actix_web::App::new().app_data(app.clone());
        figures.service(metrics::figures_apart)
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .map_err(|error| Error::unavailable("the listening address of the metrics", error))?;
    Ok(server.run())
}
