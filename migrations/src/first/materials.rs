//! Materials and their texts, the events that they belong to, and who may see what.

use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, json, json_null, string, string_null,
    text, text_null, uuid, uuid_null,
};

use sea_orm_migration::sea_query::TableCreateStatement;

use super::{Shapes, index, table};

pub fn shapes() -> Shapes {
    Shapes {
        tables: vec![
            events(),
            table(
                "materials",
                &["id"],
                vec![
                    uuid("id"),
                    integer("version"),
                    uuid("unit_id"),
                    string_null("kind"),
                    string_null("genre"),
                    string("status"),
                    string_null("language"),
                    json("alt_text"),
                    json("keywords"),
                    json("persons"),
                    json_null("place"),
                    string_null("creator"),
                    string_null("credit"),
                    string_null("source"),
                    json("copyright"),
                    json("usage_terms"),
                    string_null("license"),
                    big_integer_null("taken_at"),
                    uuid_null("event_id"),
                    integer_null("rating"),
                    string_null("pick"),
                    text_null("text"),
                    // The fields that people wrote: what the file says about itself never replaces them.
                    json("said"),
                    big_integer_null("embargo_until"),
                    big_integer_null("available_until"),
                    big_integer_null("published_at"),
                    json("notice"),
                    uuid_null("replaced_by"),
                    integer("current_original"),
                    uuid("created_by"),
                    big_integer("created_at"),
                    big_integer("updated_at"),
                ],
            ),
            table(
                "material_texts",
                &["material_id", "field", "language"],
                vec![
                    uuid("material_id"),
                    string("field"),
                    string("language"),
                    text("text"),
                    string("origin"),
                ],
            ),
            table(
                "material_relations",
                &["material_id", "kind", "other_id"],
                vec![
                    uuid("material_id"),
                    string("kind"),
                    uuid("other_id"),
                    integer("position"),
                ],
            ),
            // Who may see what: every read asks these rows. Half-open: from <= now < until.
            table(
                "visibility",
                &["thing_id", "audience"],
                vec![
                    uuid("thing_id"),
                    string("audience"),
                    big_integer("visible_from"),
                    big_integer("visible_until"),
                ],
            ),
            // To whom a thing was open when it was withdrawn: they get 410 and the notice, all others 404.
            table(
                "withdrawals",
                &["thing_id", "audience"],
                vec![uuid("thing_id"), string("audience")],
            ),
        ],
        indexes: vec![
            index("events", &["unit_id"]),
            index("materials", &["unit_id", "id"]),
            index("materials", &["event_id"]),
            index("material_relations", &["other_id"]),
            index("visibility", &["audience", "thing_id"]),
        ],
    }
}

fn events() -> TableCreateStatement {
    table(
        "events",
        &["id"],
        vec![
            uuid("id"),
            integer("version"),
            uuid("unit_id"),
            json("name"),
            string("kind"),
            big_integer_null("starts_at"),
            big_integer_null("ends_at"),
            json_null("place"),
            json("summary"),
            json_null("contact"),
            uuid("created_by"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ],
    )
}
