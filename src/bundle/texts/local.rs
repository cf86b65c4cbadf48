//! A moment by the clock of the office, with how far that is from UTC (RFC 3339): whoever reads it need not reckon.

use std::{cmp::Ordering, fmt};

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde::{Serialize, Serializer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    pub at: Timestamp,
    offset: Offset,
}

impl Local {
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        Self {
            at,
            offset: zone.to_offset(at),
        }
    }

    /// As people read it; to the second where it must be.
    pub fn shown(self, in_seconds: bool) -> String {
        let seconds = if in_seconds { ":%S" } else { "" };
        let at = self.at.to_zoned(TimeZone::fixed(self.offset));
        at.strftime(&format!("%Y-%m-%d %H:%M{seconds} (UTC%:z)"))
            .to_string()
    }

    /// For what must not be done before it: a minute too early is too early.
    pub fn deadline(self) -> String {
        self.shown(self.at.as_second() % 60 != 0)
    }

    /// As names of files have it.
    pub fn in_name(self) -> String {
        let seconds = if self.at.as_second() % 60 == 0 {
            ""
        } else {
            ".%S"
        };
        let at = self.at.to_zoned(TimeZone::fixed(self.offset));
        at.strftime(&format!("%Y-%m-%d %H.%M{seconds} %z"))
            .to_string()
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.display_with_offset(self.offset).fmt(f)
    }
}

impl Ord for Local {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl PartialOrd for Local {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Local {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
