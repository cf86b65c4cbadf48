//! The log of changes with its counter and epoch, the feed, the queue, and what repeated requests were answered.

use sea_orm_migration::{
    DbErr, SchemaManager,
    schema::{
        big_integer, big_integer_null, integer, integer_null, json, json_null, string, string_null,
        text, text_null, uuid, uuid_null,
    },
    sea_query::{Expr, Query},
};

use super::{Shapes, index, table};

pub fn shapes() -> Shapes {
    Shapes {
        tables: vec![
            // One row for each counter, such as that of the log; a transaction takes the next number as its last statement.
            table(
                "counters",
                &["name"],
                vec![string("name"), big_integer("value")],
            ),
            // What is one for the whole installation, such as the log's epoch and the key that seals cursors.
            table(
                "properties",
                &["name"],
                vec![string("name"), string("value")],
            ),
            table(
                "log",
                &["number"],
                vec![
                    big_integer("number"),
                    big_integer("at"),
                    string("thing"),
                    uuid("thing_id"),
                    integer("version"),
                    string("action"),
                    uuid_null("account_id"),
                    json("changed"),
                    text_null("reason"),
                    json_null("detail"),
                ],
            ),
            table(
                "feed",
                &["seq"],
                vec![
                    big_integer("seq"),
                    big_integer("at"),
                    string("audience"),
                    string("type"),
                    uuid("thing_id"),
                    integer("version"),
                    json("changed"),
                ],
            ),
            table(
                "jobs",
                &["id"],
                vec![
                    uuid("id"),
                    string("kind"),
                    json("payload"),
                    uuid("material_id"),
                    string("state"),
                    integer("priority"),
                    integer("attempts"),
                    big_integer("run_at"),
                    uuid_null("lease"),
                    big_integer_null("lease_until"),
                    text_null("problem"),
                    big_integer("created_at"),
                ],
            ),
            table(
                "idempotency",
                &["account_id", "route", "key"],
                vec![
                    uuid("account_id"),
                    string("route"),
                    string("key"),
                    big_integer("at"),
                    string_null("digest"),
                    // Null while the first request is in flight.
                    integer_null("status"),
                    text_null("answer"),
                    text("location"),
                ],
            ),
        ],
        indexes: vec![
            index("log", &["thing_id", "number"]),
            index("feed", &["audience", "seq"]),
            index("jobs", &["state", "priority", "run_at"]),
            index("jobs", &["material_id"]),
            index("idempotency", &["at"]),
        ],
    }
}

/// The counters start at 0; everything else is made by the first start.
pub async fn first_rows(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for counter in ["log", "feed"] {
        let mut insert = Query::insert();
        insert
            .into_table("counters")
            .columns(["name", "value"])
            .values_panic([Expr::val(counter), Expr::val(0_i64)]);
        manager.exec_stmt(insert).await?;
    }
    Ok(())
}
