//! Figures for Prometheus: requests and how long they took, by verb, route pattern and status; and whatever else the
//! steps count with the crate `metrics`. The recorder is one for the process, made by the first server.

use std::{sync::OnceLock, time::Duration};

use actix_web::{HttpResponse, get, http::Method, web::Data};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::problem::Problem;
use crate::{
    app::App,
    db::{counters, originals, uploads},
    error::{Error, Result},
    jobs,
    terms::Processing,
};

/// In seconds: from a thumbnail out of the cache to an hour's download.
const BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0,
];

/// How often what was observed is folded into the buckets when nobody asks.
const UPKEEP: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Copy)]
enum Sort {
    Counter,
    Gauge,
    Histogram,
}

/// Every figure, and what it says; the README has them, too.
const FIGURES: [(Sort, &str, &str); 15] = [
    (
        Sort::Counter,
        "jarchi_http_requests_total",
        "Answers, by verb, route and status",
    ),
    (
        Sort::Histogram,
        "jarchi_http_request_duration_seconds",
        "How long answers took until their first byte",
    ),
    (
        Sort::Counter,
        "jarchi_bytes_in_total",
        "Bytes of files that came in",
    ),
    (
        Sort::Counter,
        "jarchi_bytes_out_total",
        "Bytes of files that went out",
    ),
    (
        Sort::Counter,
        "jarchi_answers_broken_total",
        "Answers that broke off on their way, since what they were made of failed",
    ),
    (Sort::Gauge, "jarchi_jobs", "Jobs in the queue, by state"),
    (
        Sort::Gauge,
        "jarchi_jobs_oldest_seconds",
        "How long the first job that is due has waited",
    ),
    (Sort::Histogram, "jarchi_job_seconds", "How long jobs took"),
    (
        Sort::Counter,
        "jarchi_leases_lost_total",
        "Jobs taken over from workers that gave no sign of life",
    ),
    (
        Sort::Gauge,
        "jarchi_originals_failed",
        "Originals of which something could not be made",
    ),
    (
        Sort::Gauge,
        "jarchi_uploads_open",
        "Uploads that bytes may still come for",
    ),
    (
        Sort::Gauge,
        "jarchi_index_lag_changes",
        "Changes that this node's index has not taken in",
    ),
    (
        Sort::Histogram,
        "jarchi_storage_seconds",
        "How long the store took, by what was asked of it",
    ),
    (
        Sort::Counter,
        "jarchi_storage_errors_total",
        "What the store did not do, by what was asked of it",
    ),
    (
        Sort::Counter,
        "jarchi_scans_total",
        "Originals scanned for malware, by verdict",
    ),
];

/// Counters that come with labels, and are there once something was counted.
const LABELLED: [&str; 3] = [
    "jarchi_http_requests_total",
    "jarchi_storage_errors_total",
    "jarchi_scans_total",
];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The process's figures.
pub fn recorder() -> Result<&'static PrometheusHandle> {
    let made = RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?;
        let recorder = builder.install_recorder().ok()?;
        describe();
        Some(recorder)
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

/// Counts bytes that go out.
pub fn sent(bytes: usize) {
    metrics::counter!("jarchi_bytes_out_total").increment(bytes as u64);
}

/// Counts an answer whose bytes could not be had to their end.
pub fn broke_off() {
    metrics::counter!("jarchi_answers_broken_total").increment(1);
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
pub async fn figures(app: Data<App>) -> Result<HttpResponse> {
    if app.config.metrics_listen.is_some() {
        return Err(Error::not_found());
    }
    render(&app).await
}

/// The figures at an address of their own.
#[get("/metrics")]
pub async fn figures_apart(app: Data<App>) -> Result<HttpResponse> {
    render(&app).await
}

async fn render(app: &App) -> Result<HttpResponse> {
    // Where the database is away, the rest is told all the same.
    if let Err(error) = look(app).await {
        tracing::warn!(%error, "the figures of the database are those of before");
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(recorder()?.render()))
}

/// What is counted when somebody asks.
#[expect(clippy::cast_precision_loss, reason = "figures for charts")]
async fn look(app: &App) -> Result<()> {
    let queue = jobs::standing(&app.db).await?;
    metrics::gauge!("jarchi_jobs", "state" => "waiting").set(queue.waiting as f64);
    metrics::gauge!("jarchi_jobs", "state" => "running").set(queue.running as f64);
    metrics::gauge!("jarchi_jobs_oldest_seconds").set(queue.oldest_ms as f64 / 1000.0);
    let failed = originals::Column::Processing.eq(Processing::Failed);
    let failed = originals::Entity::find()
        .filter(failed)
        .count(app.db.read());
    metrics::gauge!("jarchi_originals_failed").set(failed.await? as f64);
    let open = uploads::Entity::find()
        .filter(uploads::open())
        .count(app.db.read());
    metrics::gauge!("jarchi_uploads_open").set(open.await? as f64);
    let changes = counters::last(app.db.read(), "log").await?;
    let known = app.index.mark().map_or(0, |mark| mark.number);
    metrics::gauge!("jarchi_index_lag_changes").set((changes - known).max(0) as f64);
    Ok(())
}

/// Says what each figure is.
fn describe() {
    for (sort, name, words) in FIGURES {
        match sort {
            // It is there from the start: who watches its rate sees the first event, too.
            Sort::Counter if !LABELLED.contains(&name) => {
                metrics::describe_counter!(name, words);
                metrics::counter!(name).absolute(0);
            }
            Sort::Counter => metrics::describe_counter!(name, words),
            Sort::Gauge => metrics::describe_gauge!(name, words),
            Sort::Histogram => metrics::describe_histogram!(name, words),
        }
    }
}
