//! How long the store takes, and how often it fails, by what is asked of it.

use std::time::Instant;

use crate::error::Result;

pub async fn timed<T>(operation: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let started = Instant::now();
    let done = work.await;
    let labels = [("operation", operation)];
    metrics::histogram!("jarchi_storage_seconds", &labels).record(started.elapsed());
    if done.is_err() {
        metrics::counter!("jarchi_storage_errors_total", &labels).increment(1);
    }
    done
}
