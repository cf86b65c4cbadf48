//! Units, accounts, their tokens and audiences, the codes of the office, what people did.

use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, json, json_null, string, string_null, uuid, uuid_null,
};

use super::{Shapes, index, table};

pub fn shapes() -> Shapes {
    Shapes {
        tables: vec![
            table(
                "units",
                &["id"],
                vec![
                    uuid("id"),
                    integer("version"),
                    uuid_null("parent_id"),
                    json("name"),
                    json("defaults"),
                    big_integer("created_at"),
                ],
            ),
            table(
                "accounts",
                &["id"],
                vec![
                    uuid("id"),
                    string("name"),
                    string("role"),
                    uuid("unit_id"),
                    big_integer("created_at"),
                ],
            ),
            // Of materials, kits, events and accounts alike.
            table(
                "audiences",
                &["thing_id", "audience"],
                vec![uuid("thing_id"), string("audience")],
            ),
            table(
                "tokens",
                &["id"],
                vec![
                    uuid("id"),
                    uuid("account_id"),
                    string("name"),
                    // SHA-256 of the token, in hexadecimal: the token itself is shown once and kept nowhere.
                    string("hash"),
                    big_integer("created_at"),
                    big_integer_null("expires_at"),
                    big_integer_null("revoked_at"),
                ],
            ),
            table(
                "vocabularies",
                &["name", "code"],
                vec![
                    string("name"),
                    string("code"),
                    json("label"),
                    integer("position"),
                ],
            ),
            table(
                "audit",
                &["id"],
                vec![
                    uuid("id"),
                    big_integer("at"),
                    uuid_null("account_id"),
                    uuid_null("token_id"),
                    uuid_null("unit_id"),
                    string("action"),
                    string_null("thing"),
                    uuid_null("thing_id"),
                    string_null("address"),
                    // What makes two rows one: an hour's downloads of one version, a day's uses from one address.
                    string_null("once"),
                    json_null("detail"),
                ],
            ),
        ],
        indexes: vec![
            index("units", &["parent_id"]),
            index("tokens", &["hash"]).unique().to_owned(),
            index("tokens", &["account_id"]),
            index("audit", &["unit_id", "id"]),
            index("audit", &["once"]).unique().to_owned(),
        ],
    }
}
