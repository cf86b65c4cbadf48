//! When an answer leaves. What is closed lengthens the lists that are gone through for whoever may not know of it, by some
//! microseconds: their answers leave at the next beat, so that no clock tells of it.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, Instant},
};

use super::{Caller, Scope};
use crate::error::Result;

const BEAT: Duration = Duration::from_millis(1);
/// What is left of it is a few microseconds, by what lies in the processor's caches: among so many they are hard to tell.
const SCATTER_US: u64 = 250;

/// The answer, at about the first beat after it is there; at once for who sees everything.
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
        sleep_until(begun + length + scatter()).await;
    }
}

/// By chance: each of these states hashes otherwise.
fn scatter() -> Duration {
    let bits = RandomState::new().build_hasher().finish();
    Duration::from_micros(bits % SCATTER_US)
}

/// By the system's own clock, to some fifty microseconds: the runtime's ticks once a millisecond, and would make two of it.
async fn sleep_until(end: Instant) {
    let asleep = move || std::thread::sleep(end.saturating_duration_since(Instant::now()));
    if tokio::task::spawn_blocking(asleep).await.is_err() {
        // The process ends, and takes on no more work.
        tokio::time::sleep_until(end.into()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::Error;

    /// How long it takes, at the quickest of some tries.
    async fn quickest(caller: &Caller, refused: bool) -> [Duration; 2] {
        let answer = || async move {
            if refused {
                Err(Error::not_found())
            } else {
                Ok(())
            }
        };
        let mut least = [Duration::MAX; 2];
        for _ in 0..20 {
            let begun = Instant::now();
            let _ = on_the_beat(caller, answer()).await;
            let between = Instant::now();
            let _ = refused_on_the_beat(caller, answer()).await;
            least[0] = least[0].min(between - begun);
            least[1] = least[1].min(between.elapsed());
        }
        least
    }

    #[tokio::test]
    async fn only_staff_s_answers_leave_before_the_beat() {
        let staff = Caller {
            scope: Scope::Everything,
            ..Caller::public()
        };
        let waits = |times: [Duration; 2]| times.map(|time| time >= BEAT);
        for refused in [false, true] {
            assert_eq!(waits(quickest(&staff, refused).await), [false, false]);
        }
        let public = Caller::public();
        assert_eq!(waits(quickest(&public, false).await), [true, false]);
        assert_eq!(waits(quickest(&public, true).await), [true, true]);
    }

    #[test]
    fn no_two_beats_are_alike() {
        let scattered: BTreeSet<Duration> = (0..100).map(|_| scatter()).collect();
        assert!(scattered.len() > 10);
        assert!(scattered.iter().all(|by| *by < BEAT));
    }
}
