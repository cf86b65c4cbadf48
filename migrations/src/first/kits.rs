//! Press kits and what lies in them.

use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, json, json_null, string, uuid, uuid_null,
};

use super::{Shapes, index, table};

pub fn shapes() -> Shapes {
    Shapes {
        tables: vec![
            table(
                "kits",
                &["id"],
                vec![
                    uuid("id"),
                    integer("version"),
                    uuid("unit_id"),
                    string("status"),
                    json("title"),
                    json("summary"),
                    uuid_null("event_id"),
                    json_null("contact"),
                    big_integer_null("embargo_until"),
                    big_integer_null("available_until"),
                    big_integer_null("published_at"),
                    json("notice"),
                    uuid_null("replaced_by"),
                    uuid("created_by"),
                    big_integer("created_at"),
                    big_integer("updated_at"),
                ],
            ),
            table(
                "kit_items",
                &["kit_id", "material_id"],
                vec![
                    uuid("kit_id"),
                    uuid("material_id"),
                    integer("position"),
                    json("note"),
                ],
            ),
        ],
        indexes: vec![
            index("kits", &["unit_id", "id"]),
            index("kits", &["event_id"]),
            index("kit_items", &["material_id"]),
            index("kit_items", &["kit_id", "position"]),
        ],
    }
}
