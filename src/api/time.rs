//! Times: milliseconds since 1970 in the database, RFC 3339 in UTC on the wire.

use jiff::Timestamp;

/// The moment; the farthest one that can be written for what lies beyond.
pub fn time(ms: i64) -> Timestamp {
    let farthest = if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_millisecond(ms).unwrap_or(farthest)
}
