//! Figures for Prometheus: requests and how long they took, by verb, route pattern and status; and whatever else the
//! steps count with the crate `metrics`. The recorder is one for the process, made by the first server.

use std::{sync::OnceLock, time::Duration};

use actix_web::{HttpResponse, get, http::Method};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::problem::Problem;
use crate::error::{Error, Result};

/// In seconds: from a thumbnail out of the cache to an hour's download.
const BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0,
];

/// How often what was observed is folded into the buckets when nobody asks.
const UPKEEP: Duration = Duration::from_secs(15);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The process's figures.
pub fn recorder() -> Result<&'static PrometheusHandle> {
    let made = RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?;
        builder.install_recorder().ok()
    });
    made.as_ref()
        .ok_or_else(|| Error::internal("the metrics", "another recorder was installed before"))
}

/// Folds what was observed into the buckets from time to time, for as long as the runtime lives.
pub async fn keep_up() {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Some(recorder) = RECORDER.get().and_then(Option::as_ref) {
            recorder.run_upkeep();
        }
    }
}

/// Counts an answer.
pub fn count(method: &Method, route: String, status: u16, took: Duration) {
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("jarchi_http_requests_total", &labels).increment(1);
    metrics::histogram!("jarchi_http_request_duration_seconds", &labels).record(took);
}

/// The figures, in Prometheus' text format.
///
/// Where `JARCHI_METRICS_LISTEN` names an address of its own, they are there and not here.
#[utoipa::path(
    tag = "process",
    responses(
        (status = 200, description = "The figures", content_type = "text/plain", body = String),
        (status = 404, description = "They have an address of their own", body = Problem, content_type = "application/problem+json"),
    )
)]
#[get("/metrics")]
pub async fn figures(app: actix_web::web::Data<crate::app::App>) -> Result<HttpResponse> {
    if app.config.metrics_listen.is_some() {
        return Err(Error::not_found());
    }
    render()
}

/// The figures at an address of their own.
#[get("/metrics")]
pub async fn figures_apart() -> Result<HttpResponse> {
    render()
}

fn render() -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(recorder()?.render()))
}
