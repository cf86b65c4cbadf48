//! What a database says when it does not do what was asked: it is away, it is full, or the statement is wrong.

use std::io;

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::error::Error;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let away = match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Some(Away::Busy),
            DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => away(inner),
            _ => None,
        };
        match away {
            Some(Away::Full) => {
                let full = io::Error::new(io::ErrorKind::StorageFull, error);
                Self::unavailable("the database", full)
            }
            Some(Away::Busy) => Self::unavailable("the database", error),
            None => Self::internal("the database", error),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match away(&error) {
            Some(_) => Self::unavailable("the database", error),
            None => Self::internal("the database", error),
        }
    }
}

enum Away {
    Full,
    /// It passes.
    Busy,
}

fn away(error: &sqlx::Error) -> Option<Away> {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Away::Busy),
        sqlx::Error::Database(said) => said
            .code()
            .and_then(|code| of_state(&code))
            .or_else(|| of_words(said.message())),
        other => of_words(&other.to_string()),
    }
}

/// By the state that `PostgreSQL` gives (Appendix A of its documentation).
fn of_state(code: &str) -> Option<Away> {
    match code {
        // No room on the disk.
        "53100" => Some(Away::Full),
        // Serialisation, deadlock, a lock that was not to be had.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" => Some(Away::Busy),
        // Connections, resources, an operator who stops or starts it; a standby that does not write.
        _ if ["08", "53", "57P", "25006"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Some(Away::Busy)
        }
        _ => None,
    }
}

/// By what `SQLite` says.
fn of_words(message: &str) -> Option<Away> {
    if message.contains("disk is full") {
        return Some(Away::Full);
    }
    let passing = ["database is locked", "disk I/O error", "unable to open"];
    let is_passing = passing.iter().any(|words| message.contains(words));
    is_passing.then_some(Away::Busy)
}
