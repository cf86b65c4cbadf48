//! When an answer leaves. What is closed lengthens the lists that are gone through for whoever may not know of it, by some
//! microseconds: their answers leave at the next beat, so that no clock tells of it.

use std::time::Duration;

use tokio::time::Instant;

use super::{Caller, Scope};
use crate::error::Result;

const BEAT: Duration = Duration::from_micros(500);

/// The answer, at the first beat after it is there; at once for who sees everything.
pub async fn on_the_beat<T>(caller: &Caller, answer: impl Future<Output = Result<T>>) -> Result<T> {
    let begun = Instant::now();
    let answer = answer.await;
    next(caller, begun).await;
    answer
}

/// The same of refusals; what may be had is there at once.
pub async fn refused_on_the_beat<T>(
    caller: &Caller,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    let begun = Instant::now();
    let answer = answer.await;
    if answer.is_err() {
        next(caller, begun).await;
    }
    answer
}

async fn next(caller: &Caller, begun: Instant) {
    if caller.scope != Scope::Everything {
        let beats = begun.elapsed().as_micros() / BEAT.as_micros() + 1;
        let length = BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX));
        tokio::time::sleep_until(begun + length).await;
    }
}
