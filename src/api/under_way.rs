//! Bytes that are on their way end when whoever gets them may not have them any more: a material was withdrawn, a link or
//! a token taken back, an embargo set. Looked at between pieces, and not more often than need be.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};

use crate::error::Result;

/// For how long what was closed may still go on.
const LOOK: Duration = Duration::from_secs(1);

/// The same bytes, for as long as `holds` finds nothing against it.
pub fn watched<S, F>(
    bytes: S,
    holds: impl Fn() -> F + 'static,
) -> impl Stream<Item = Result<Bytes>> + 'static
where
    S: Stream<Item = Result<Bytes>> + 'static,
    F: Future<Output = Result<()>> + 'static,
{
    let begun = (Box::pin(bytes), Instant::now(), holds);
    stream::try_unfold(begun, async |(mut bytes, mut looked, holds)| {
        let Some(piece) = bytes.try_next().await? else {
            return Ok(None);
        };
        if looked.elapsed() >= LOOK {
            holds().await?;
            looked = Instant::now();
        }
        Ok(Some((piece, (bytes, looked, holds))))
    })
}
